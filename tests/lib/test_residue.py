"""The search for secrets in a process finds what is there."""
import json
import secrets
import subprocess

import pytest
from residue import WINDOW, Secrets, scan_as_root


@pytest.fixture
def secret():
    return secrets.token_urlsafe(60)


def test_a_piece_is_found_wherever_it_lies(secret):
    known = Secrets({"token": [secret]})
    text = secret.encode()
    for start in range(WINDOW):
        piece = text[start:start + 2 * WINDOW - 1]
        assert known.found_in(b"a" * start + piece + b"b" * start) == [(0, "token")]
    assert known.found_in(b"\0" + text[7:7 + WINDOW] + b"\0") == [(1, "token")]
    assert known.found_in(text[:WINDOW - 1] + b"\0" + text[WINDOW:2 * WINDOW - 1]) == []


def test_other_text_is_not_found(secret):
    assert Secrets({"token": [secret]}).found_in(secrets.token_urlsafe(100_000).encode()) == []


def test_a_secret_is_found_in_the_process_that_holds_it_and_in_no_other(secret):
    program = ["/usr/bin/python3", "-c", "import sys\nkept = sys.stdin.readline()\nprint(1, flush=True)\n"
               "sys.stdin.readline()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdin.write(secret + "\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "1\n"
        found = scan_as_root(holder.pid, {"token": [secret]})
        other = scan_as_root(holder.pid, {"token": [secrets.token_urlsafe(60)]})
        holder.stdin.close()
    assert {one["name"] for one in found} == {"token"} and other == []
    assert secret[:WINDOW] not in json.dumps(found)
