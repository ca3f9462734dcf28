#!/usr/bin/python3
"""Lines as .editorconfig has them, and nothing in the tree that only means something on one machine or one day."""
import re

from source import files, finish, root

WIDEST = {".c": 110, ".h": 110, ".py": 120}
TEXT = (".c", ".h", ".py", ".md", ".build", ".txt", ".sh", ".varlink", ".1", ".5", ".7", ".8", "")
# Written so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.$}])/(?:work|root)/")
LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")


def check(path, name):
    text = path.read_text()
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    for n, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() and not name.endswith(".md"):
            yield f"{name}:{n}: white space at the end"
        if len(line.expandtabs(8)) > WIDEST.get(path.suffix, 1000):
            yield f"{name}:{n}: wider than {WIDEST[path.suffix]} columns"
        if path.suffix == ".py" and "\t" in line:
            yield f"{name}:{n}: a tab in Python"
        if MACHINE.search(line):
            yield f"{name}:{n}: a path of one machine"
        if LATER.search(line):
            yield f"{name}:{n}: something left for later"


top = root()
finish([problem for path in files(top, ".", suffixes=TEXT) for problem in check(path, str(path.relative_to(top)))])
