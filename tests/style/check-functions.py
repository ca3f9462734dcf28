#!/usr/bin/python3
"""A function fits on a screen: none has more than 80 lines between its braces. The distribution is printed."""
import re

from source import code, files, finish, line_of, root

LONGEST = 80
FUNCTION = re.compile(r"^\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def lengths(top):
    """[(lines, file:line)] of all functions: the project's style puts their braces into the first column."""
    found = []
    for path in files(top, "src"):
        text = code(path)
        for match in FUNCTION.finditer(text):
            where = f"{path.relative_to(top)}:{line_of(text, match.start())}"
            found.append((match[1].count("\n"), where))
    return sorted(found)


functions = lengths(root())
if functions:
    sizes = [size for size, _ in functions]
    print(f"{len(sizes)} functions: median {sizes[len(sizes) // 2]}, p90 {sizes[len(sizes) * 9 // 10]}, longest "
          f"{sizes[-1]} lines ({functions[-1][1]})")
finish([f"{where}: a function of {size} lines" for size, where in functions if size > LONGEST])
