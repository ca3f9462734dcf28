#!/usr/bin/python3
"""Each installed program links what README's table says and nothing else, and is hardened."""
import pathlib
import re
import subprocess
import sys

from source import finish

LIBRARIES = {
    "jansson": "libjansson.so.4",
    "libcrypto": "libcrypto.so.3",
    "inih": "libinih.so.1",
    "libcurl": "libcurl.so.4",
    "libsystemd": "libsystemd.so.0",
    "libsecret": "libsecret-1.so.0",
    "gio": "libgio-2.0.so.0",
    "gobject": "libgobject-2.0.so.0",
    "glib": "libglib-2.0.so.0",
}
LIBC = re.compile(r"libc\.so\.6|ld-linux.*\.so\.\d|linux-vdso.*")

# program: what it links
PROGRAMS = {
    "bin/iamicd": {"jansson", "libcrypto", "inih", "libcurl", "libsystemd"},
    "bin/iamic": {"jansson", "inih"},
    "bin/iamic-login": {"jansson", "inih"},
    "bin/iamic-credential-process": set(),
    "libexec/iamic/store-secret-service": {"jansson", "libsecret", "gio", "gobject", "glib"},
    "libexec/iamic/store-file": {"jansson", "libcrypto"},
}


def readelf(option, path):
    return subprocess.run(["readelf", "--wide", option, path], check=True, capture_output=True, text=True).stdout


def problems_of(name, path):
    must = {LIBRARIES[known] for known in PROGRAMS[name]}
    dynamic, header, segments = readelf("--dynamic", path), readelf("--file-header", path), readelf("--segments", path)
    linked = {library for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic) if not LIBC.fullmatch(library)}
    for library in sorted(linked - must):
        yield f"{name} links {library}"
    for library in sorted(must - linked):
        yield f"{name} does not link {library}"
    if not re.search(r"Type:\s+DYN", header):
        yield f"{name} is not position independent"
    if "GNU_RELRO" not in segments or not re.search(r"BIND_NOW|FLAGS_1.*NOW", dynamic):
        yield f"{name} has no full RELRO"
    if not re.search(r"GNU_STACK.* RW ", segments):
        yield f"{name} has an executable stack"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield f"{name} has a search path for libraries"


def check(prefix):
    for name in PROGRAMS:
        path = prefix / name
        if path.exists():
            yield from problems_of(name, path)
        else:
            yield f"{name} is not installed"
    for path in [*prefix.glob("bin/*"), *prefix.glob("libexec/iamic/*")]:
        name = str(path.relative_to(prefix))
        if name not in PROGRAMS:
            yield f"{name} is installed, but the table of programs does not name it"


finish(list(check(pathlib.Path(sys.argv[2]))))
