#!/usr/bin/python3
"""Every page of the manual can be set without a warning and cuts no word, refers to pages that there are, tells every
exit status, and has an example of every command, which the programs would understand."""
import os
import re
import subprocess
import sys

from source import finish, root

SECTIONS = {"1": ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS|COMMANDS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"],
            "8": ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"],
            "5": ["NAME", "DESCRIPTION", "EXAMPLES?", "SEE ALSO"],
            "7": ["NAME", "DESCRIPTION", "EXAMPLES?", "SEE ALSO"]}
# Pages of programs that end with any of the statuses that programs share, but for these.
EVERY_STATUS = {"iamic.1": set(), "iamic-login.1": {125}, "iamic-credential-process.1": {125, 130}}
NEEDS_NO_EXAMPLE = {"help", "version"}
GROUPS = [["admin"]]  # commands that have commands of their own
# Where a shell would take it for a command.
BEFORE = r"(?:^ +(?:\$ )?|\|\| |&& |\$\()(?:[A-Z_]+=\S+ )*(?:command )?"
PROGRAM = BEFORE + r"(iamic(?:-login|-credential-process)?|iamicd)(?![-/.\w(])"


def typeset(path, columns=300):
    """(the page as a reader sees it, what the typesetter complains of)"""
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": str(columns), "HOME": "/nonexistent"}
    done = subprocess.run(["man", "--warnings", "--local-file", path], env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    return re.sub(r".\x08", "", done.stdout), done.stderr.strip()


def section(text, name):
    found = re.search(rf"^(?:{name})\n(.*?)(?=^[A-Z]|\Z)", text, re.MULTILINE | re.DOTALL)
    return found and found[1]


def shared_statuses(top):
    text = (top / "include/iamic/protocol.h").read_text()
    return {0, *(int(number) for number in re.findall(r"\bIAMIC_EXIT_\w+\s*=?\s*(\d+)", text))}


def options_of(prefix, program, words):
    """What --help lists, or None where it fails."""
    done = subprocess.run([prefix / "bin" / program, *words, "--help"], env={"HOME": "/nonexistent"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return set(re.findall(r"--[a-z][a-z-]*", done.stdout)) if done.returncode == 0 else None


def commands(examples):
    """(program, words) of every call in the text; what belongs to another program is left out."""
    for line in examples.splitlines():
        for found in re.finditer(PROGRAM, line):
            words = re.split(r" -- |[|;&)]|\s#|  ", line[found.end():])[0].split()
            yield found[1], words


def what_is_wrong_in(examples, prefix):
    for program, words in commands(examples):
        verb = words[:1 + (words[:1] in GROUPS)] if program == "iamic" else []
        options = options_of(prefix, program, verb)
        if options is None:
            yield f"has an example of {program} {' '.join(verb)}, which there is not"
            continue
        used = {word.partition("=")[0].strip("'\"") for word in words if word.startswith("--")}
        for option in sorted(used - options):
            yield f"has an example of {program} {' '.join(verb)} with {option}, which it does not know"


def check_page(path, pages, statuses, prefix):
    text, complaint = typeset(path)
    if complaint:
        yield complaint
    for line in typeset(path, columns=80)[0].splitlines():
        if line.endswith("\N{HYPHEN}"):
            yield f"cuts a word: {line.strip()}"
    for name in SECTIONS[path.suffix[1:]]:
        if section(text, name) is None:
            yield f"has no section {name.replace('?', '').replace('|', ' or ')}"
    for page, number in re.findall(r"\b(iamic[a-z-]*)\((\d)\)", text):
        if f"{page}.{number}" not in pages:
            yield f"refers to {page}({number}), which there is not"
    if path.name in EVERY_STATUS:
        told = {int(number) for number in re.findall(r"(?<![\w.-])\d+(?= )", section(text, "EXIT STATUS") or "")}
        for status in sorted(statuses - told - EVERY_STATUS[path.name]):
            yield f"does not tell of the exit status {status}"
    yield from what_is_wrong_in(section(text, "EXAMPLES?") or "", prefix)
    if path.name == "iamic.1":
        examples = commands(section(text, "EXAMPLES") or "")
        shown = {words[0] for program, words in examples if program == "iamic" and words}
        for verb in sorted(verbs(prefix) - shown - NEEDS_NO_EXAMPLE):
            yield f"has no example of iamic {verb}"


def verbs(prefix):
    done = subprocess.run([prefix / "bin/iamic", "help"], env={"HOME": "/nonexistent"}, capture_output=True, text=True)
    return set(re.findall(r"^  ([a-z]+)(?: |$)", done.stdout, re.MULTILINE))


def check(top, prefix):
    paths = sorted((top / "man").glob("*.[0-9]"))
    for path in paths:
        for problem in check_page(path, {one.name for one in paths}, shared_statuses(top), prefix):
            yield f"man/{path.name}: {problem}"


os.environ.pop("MANPAGER", None)
top = root()
finish(list(check(top, top / sys.argv[2])))
