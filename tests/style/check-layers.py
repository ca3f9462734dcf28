#!/usr/bin/python3
"""An include may only point down: src/{daemon,cli,stores} → src/{aws,ipc} → src/base."""
import re

from source import files, finish, line_of, root

MAY_INCLUDE = {
    "base": {"base"},
    "aws": {"aws", "base"},
    "ipc": {"ipc", "base"},
    "daemon": {"daemon", "aws", "ipc", "base"},
    "cli": {"cli", "aws", "ipc", "base"},
    "stores": {"stores", "aws", "ipc", "base"},
    "shim": {"shim", "ipc", "base"},
}

# The shim links libc alone: of ipc/ and base/ only what is in the libraries without jansson and libcrypto.
SHIM_MAY_NOT = re.compile(r"ipc/(message|client|store_message)\.h|base/(json|secret|log)\.h")
SHIM_SYSTEM = re.compile(r"(curl|openssl|jansson|ini|systemd/)")

# Who repeats a request decides it in one place; who logs is at the end of a chain of errors.
ONLY = {
    "daemon/http.h": (re.compile(r"daemon/(http|http_error|retry|upstream|main_agent)\.[ch]$"),
                      "only the retry module starts requests"),
    "base/log.h": (re.compile(r"(daemon|cli|stores)/|base/log\.c$"), "only daemon/, cli/ and stores/ log"),
}

GENERATED = {"build-config.h", "interface-description.h"} | {
    f"shell-{script}.h" for script in ("init_sh", "init_fish", "completion_bash", "completion_zsh", "completion_fish")}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def complaint(layer, path, quote, name):
    """Why this include is wrong; None if it is right. path is relative to src/."""
    if quote == "<":
        return f"the shim links libc alone, not <{name}>" if layer == "shim" and SHIM_SYSTEM.match(name) else None
    folder, slash, _ = name.partition("/")
    if not slash and name not in GENERATED:
        return f'"{name}" is not qualified with its folder'
    if slash and folder != "iamic" and folder not in MAY_INCLUDE[layer]:
        return f"{layer}/ must not include {folder}/"
    if layer == "shim" and SHIM_MAY_NOT.fullmatch(name):
        return f"the shim links libc alone, {name} needs more"
    if name in ONLY and not ONLY[name][0].search(path):
        return f"{name}: {ONLY[name][1]}"
    return None


def check(top):
    problems = []
    for path in files(top, "src"):
        inside = path.relative_to(top / "src")
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            why = (complaint(inside.parts[0], str(inside), *match.groups()) if inside.parts[0] in MAY_INCLUDE
                   else f"{inside.parts[0]}/ is no layer that README names")
            if why:
                problems.append(f"{path.relative_to(top)}:{line_of(text, match.start())}: {why}")
    for path in files(top, "include"):
        text = path.read_text()
        problems += [f"{path.relative_to(top)}:{line_of(text, match.start())}: include/ holds what crosses processes "
                     f"and includes nothing but <stddef.h>"
                     for match in INCLUDE.finditer(text) if match.groups() != ("<", "stddef.h")]
    return problems


finish(check(root()))
