#!/usr/bin/python3
"""README's transcripts are what the programs print: every command in its console blocks is typed into a terminal, in a
home with the configuration that README shows, against a practice Identity Center.

  tests/lib/transcripts.py [--prefix DIR]            compares; exit status 1 and a diff if README says something else
  tests/lib/transcripts.py [--prefix DIR] --write    writes README anew
"""
import argparse
import difflib
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "lib")]
sys.dont_write_bytecode = True

from home import PREFIX, Home  # noqa: E402
from practice.client import Practice  # noqa: E402

README = TESTS.parent / "README.md"
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
CONFIGURATION = re.compile(r"^```ini\n(\[sso-session .*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
COLUMNS = 100
DEADLINE = 60

# Debian's AWS CLI finds a server by this option alone.
AWS = """#!/bin/sh
exec /usr/bin/aws --endpoint-url {url} "$@"
"""

# What is different each time, as it was on one morning.
ANY_TIME = r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d"      # with its day, if it is another
ANY_SPAN = r"\d+ (?:s|min|h)(?: \d+ min)?"
EVERY_TIME = [
    (CODE.pattern, "BCDF-GHJK"),
    (r"\bprocess \d+", "process 4321"),
    (rf"(since +){ANY_TIME} \((?:now|{ANY_SPAN} ago)\)", r"\g<1>09:12 (1 min ago)"),
    (rf"(renewed at ){ANY_TIME} \(in {ANY_SPAN}\)", r"\g<1>09:57 (in 44 min)"),
    (rf"(?<!renewed at ){ANY_TIME} \(in {ANY_SPAN}\)", "10:12 (in 59 min)"),
]


class Terminal:
    """A person's terminal in a home: what is typed, and what can be read afterwards."""

    def __init__(self, home):
        self.home = home
        home.write("bin/aws", AWS.format(url=home.practice.url), mode=0o755)
        self.env = home.with_env({"PATH": f"{home.path}/bin:{home.prefix}/bin:/usr/bin:/bin", "TERM": "xterm",
                                  "NO_COLOR": "1", "AWS_PAGER": ""})

    def type(self, line):
        """Runs a line to its end; gives what the terminal then shows. A code that appears is approved."""
        near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        process = subprocess.Popen(["/bin/sh", "-c", line], env=self.env, cwd=self.home.path, stdin=far, stdout=far,
                                   stderr=far, start_new_session=True)
        os.close(far)
        try:
            shown = self.read(near, time.monotonic() + DEADLINE)
            process.wait(DEADLINE)
        finally:
            os.close(near)
            process.kill()
            process.wait()
        return "".join(overwritten(one) + "\n" for one in shown.replace("\r\n", "\n").split("\n")[:-1])

    def read(self, near, deadline):
        shown, approved = b"", set()
        while time.monotonic() < deadline:
            try:
                shown += os.read(near, 4096)
            except OSError:         # nobody writes any more
                break
            codes = set(CODE.findall(shown.decode(errors="replace"))) - approved
            for code in codes:
                self.home.practice.approve(code)
            approved |= codes
        return shown.decode()


def overwritten(line):
    """A line as it stands when everything behind a carriage return has been written over what was there."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part):]
    return shown.rstrip()


def as_in_readme(home, text):
    """The same on every day and every machine."""
    for here, there in [(home.practice.url, "https://localhost:4443"), (home.practice.ca, "/home/you/practice/ca.pem"),
                        (str(home.path), "/home/you"), (str(home.runtime), "/run/user/1000"),
                        (str(home.prefix), "/home/you/.local")]:
        text = text.replace(here, there)
    for pattern, replacement in EVERY_TIME:
        text = re.sub(pattern, replacement, text)
    return text


def configure(home, readme):
    """README's own example, with the practice start URL and this prefix."""
    text = CONFIGURATION.search(readme)[1]
    text = re.sub(r"(?<=^sso_start_url = ).*$", home.practice.start_url, text, flags=re.MULTILINE)
    home.write_aws_config(text.replace("/home/you/.local/bin", str(home.prefix / "bin")))


def played(readme, home):
    """README with its transcripts made anew."""
    configure(home, readme)
    terminal = Terminal(home)

    def play(block):
        commands = re.findall(r"^\$ (.*)$", block[0], re.MULTILINE)
        shown = "".join(f"$ {line}\n{as_in_readme(home, terminal.type(line))}" for line in commands)
        return shown.rstrip("\n") + "\n"
    return CONSOLE.sub(play, readme)


def fresh(prefix=PREFIX):
    """(README as it is, README as it would be written now)"""
    readme = README.read_text()
    with tempfile.TemporaryDirectory(prefix="iamic-practice-", dir="/tmp") as state:
        with Practice.start(state) as practice:
            home = Home(practice, prefix)
            try:
                now = played(readme, home)
            finally:
                faults = home.close()
            practice.check()
    assert not faults, faults
    return readme, now


def difference(before, now):
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "README.md", "what is printed", lineterm="")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prefix", type=pathlib.Path, default=PREFIX, help="where iamic is installed")
    parser.add_argument("--write", action="store_true", help="write README instead of comparing")
    given = parser.parse_args()
    before, now = fresh(given.prefix)
    if given.write:
        README.write_text(now)
    elif now != before:
        sys.exit(difference(before, now))


if __name__ == "__main__":
    main()
