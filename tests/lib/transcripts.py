#!/usr/bin/python3
"""README's transcripts are what the programs print: every command in its console blocks is typed into a terminal, in an
empty home, against a practice Identity Center; and its configuration is what was written there.

  tests/lib/transcripts.py [--prefix DIR]            compares; exit status 1 and a diff if README says something else
  tests/lib/transcripts.py [--prefix DIR] --write    writes README anew
"""
import argparse
import difflib
import pathlib
import re
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "lib")]
sys.dont_write_bytecode = True

from home import PREFIX, Home  # noqa: E402
from practice.client import Practice  # noqa: E402
from screen import screen_of  # noqa: E402
from terminal import Terminal  # noqa: E402

README = TESTS.parent / "README.md"
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
WRITTEN = re.compile(r"(?<=^```ini\n)\[sso-session .*?(?=^```$)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
COLUMNS = 120
DEADLINE = 60

# What a person types where a command asks: the end of the question, and the answer.
ANSWERS = {"iamic configure": [
    ("portal: ", "{start_url}"), (r"sign-in \[.*\]: ", "corp"), ("account: ", "payroll"),
    ("role: ", "read"), (r"profile \[.*\]: ", "dev"), (r"calls \(.*\): ", "eu-west-1")]}
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
# What only practice has, as it is with the company of README.
PORTAL = "https://d-1234567890.awsapps.com/start"
PRACTICE = [
    (r"https://localhost:\d+/start", PORTAL), (r"https://localhost:\d+/", f"{PORTAL}/#/"),
    (r"(?<=sign-in )\[localhost\]", "[sso]"), (r"  network    AWS_(?:ENDPOINT_URL|CA_BUNDLE)=.*\n", ""),
]


class Person:
    """Who types README's commands into a terminal of a home, reads what it asks, and approves every code."""

    def __init__(self, home):
        self.home = home
        home.write("bin/aws", AWS.format(url=home.practice.url), mode=0o755)
        self.env = {"PATH": f"{home.path}/bin:{home.prefix}/bin:/usr/bin:/bin", "NO_COLOR": "1", "AWS_PAGER": ""}

    def type(self, line):
        """Runs a line to its end; gives what the terminal then shows."""
        terminal = Terminal(self.home, "-c", f"cd; {line}", program="/bin/sh", columns=COLUMNS, **self.env)
        answers, asked, approved = list(ANSWERS.get(line, [])), 0, set()
        ends = time.monotonic() + DEADLINE
        while terminal.read(0.1):
            for code in set(CODE.findall(terminal.text)) - approved:
                self.home.practice.approve(code)
                approved.add(code)
            if answers and re.search(answers[0][0], terminal.text[asked:]):
                asked = len(terminal.text)
                terminal.type(answers.pop(0)[1].format(start_url=self.home.practice.start_url) + "\r")
            assert time.monotonic() < ends, f"{line}: no end after {terminal.text!r}"
        terminal.finish()
        return "\n".join(screen_of(terminal.text, COLUMNS)).rstrip() + "\n"


def as_in_readme(home, text):
    """The same on every day, on every machine, and in every company."""
    for here, there in [(str(home.path), "/home/you"), (str(home.runtime), "/run/user/1000"),
                        (str(home.prefix), "/home/you/.local")]:
        text = text.replace(here, there)
    for pattern, replacement in EVERY_TIME + PRACTICE:
        text = re.sub(pattern, replacement, text)
    return text


def played(readme, home):
    """README with its transcripts made anew, and with the file that was written on the way."""
    person = Person(home)

    def play(block):
        commands = re.findall(r"^\$ (.*)$", block[0], re.MULTILINE)
        return "".join(f"$ {line}\n{as_in_readme(home, person.type(line))}" for line in commands)
    readme = CONSOLE.sub(play, readme)
    return WRITTEN.sub(lambda _: as_in_readme(home, home.aws_config.read_text()), readme)


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
