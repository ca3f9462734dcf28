#!/usr/bin/python3
"""Every program of tests/unit is run by `meson test`, and meson names no other."""
import json
import pathlib
import subprocess
import sys

from source import finish, root

folder = pathlib.Path(sys.argv[2]).parent
listed = json.loads(subprocess.run(["meson", "introspect", "--tests", folder], check=True, capture_output=True).stdout)
registered = {pathlib.Path(test["cmd"][0]).name for test in listed if any(s.endswith("unit") for s in test["suite"])}
written = {path.stem for path in root().glob("tests/unit/test-*.c")}
finish([f"tests/unit/{name}.c is not registered in meson.build" for name in sorted(written - registered)])
