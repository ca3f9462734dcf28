"""What the style checks share: which files there are, and C without its comments and literals."""
import pathlib
import re
import sys

# A comment, a string or a character: what a rule about code must not look into.
IGNORED = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


NOT_OURS = (".git", "__pycache__", ".pytest_cache")  # .git is a file in a second working tree


def root():
    """The tree to check: the first argument."""
    return pathlib.Path(sys.argv[1]).resolve()


def files(top, *folders, suffixes=(".c", ".h")):
    """Files below the folders, in order, build folders left out."""
    for folder in folders:
        for path in sorted((top / folder).rglob("*")):
            parts = path.relative_to(top).parts
            hidden = any(part in NOT_OURS for part in parts) or any(part.startswith("build") for part in parts[:-1])
            if path.is_file() and not hidden and path.suffix in suffixes:
                yield path


def code(path):
    """The text of a C file with comments and literals blanked; lines and columns stay where they are."""
    return IGNORED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), path.read_text())


def code_with_strings(path):
    """The same with strings left in."""
    return IGNORED.sub(lambda match: match[0] if match[0][0] == '"' else " ", path.read_text())


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(problems):
    """Prints what was found and ends with the matching status."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
