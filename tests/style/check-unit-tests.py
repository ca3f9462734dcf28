#!/usr/bin/python3
"""Every program of tests/unit, and every fuzz target with its corpus, is run by `meson test`."""
import json
import pathlib
import subprocess
import sys

from source import finish, root

folder = pathlib.Path(sys.argv[2]).parent
listed = json.loads(subprocess.run(["meson", "introspect", "--tests", folder], check=True, capture_output=True).stdout)


def registered(suite):
    """Names of the programs in a suite."""
    return {pathlib.Path(test["cmd"][0]).name for test in listed if any(s.endswith(suite) for s in test["suite"])}


units = {path.stem for path in root().glob("tests/unit/test-*.c")} - registered("unit")
targets = {f"replay-{path.name}" for path in root().glob("tests/fuzz/corpus/*")} - registered("fuzz-replay")
finish([f"tests/unit/{name}.c is not registered in meson.build" for name in sorted(units)] +
       [f"tests/fuzz: {name} is not registered in meson.build" for name in sorted(targets)])
