#!/usr/bin/python3
"""Approve a sign-in at a practice Identity Center, as a person does in the browser."""

import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

from practice.client import Practice  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", metavar="FILE", help="what serve.py has printed")
    parser.add_argument("code", nargs="?", metavar="CODE", help="otherwise that of whatever sign-in waits")
    given = parser.parse_args()
    try:
        practice = Practice(json.loads(pathlib.Path(given.place).read_text().splitlines()[0]))
        print(f"approved {practice.approve(given.code)}")
    except (OSError, ValueError, LookupError, AssertionError) as error:
        raise SystemExit(f"not approved: {error}")


if __name__ == "__main__":
    main()
