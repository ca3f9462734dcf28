"""The user units as files: where they go, and what systemd has to say about them."""
import json
import re
import shutil
import subprocess

import pytest
import varlink
from home import PREFIX

UNITS = PREFIX / "lib/systemd/user"
STRICT = PREFIX / "share/iamic/strict.conf"

pytestmark = pytest.mark.once


@pytest.fixture
def units(tmp_path):
    """A folder of units like a person's, where strict.conf can be a drop-in."""
    folder = tmp_path / "user"
    shutil.copytree(UNITS, folder)
    (folder / "iamicd.service.d").mkdir()
    return folder


def analyze(units, *words):
    """systemd-analyze for a user's manager: exit status, and all that it said."""
    runtime = units.parent / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(units.parent), "XDG_RUNTIME_DIR": str(runtime), "LANG": "C.UTF-8",
           "MANPATH": str(PREFIX / "share/man"), "SYSTEMD_UNIT_PATH": f"{units}:"}
    done = subprocess.run(["systemd-analyze", "--user", "--no-pager", *words], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def verify(units):
    """An unknown key is a warning, and the exit status 0 nevertheless."""
    return analyze(units, "verify", units / "iamicd.socket", units / "iamicd.service")


def test_systemd_has_nothing_to_say_about_the_units(units):
    assert verify(units) == (0, "")


def test_a_wrong_key_in_a_drop_in_would_be_seen(units):
    (units / "iamicd.service.d/wrong.conf").write_text("[Service]\nNoSuchKey=yes\n")
    assert "NoSuchKey" in verify(units)[1]


def test_the_strict_set_is_right_and_leaves_little_exposed(units):
    shutil.copy(STRICT, units / "iamicd.service.d")
    assert verify(units) == (0, "")
    status, said = analyze(units, "security", "--offline=yes", "--threshold=19", units / "iamicd.service")
    assert status == 0 and float(re.search(r"exposure level for iamicd.service: ([\d.]+)", said)[1]) < 2.0, said


@pytest.mark.parametrize("prefix, home, options, expected", [
    ("/opt/iamic", "/home/alice", [], "/opt/iamic/lib/systemd/user"),
    ("/home/alice/.local", "/home/alice", [], "/home/alice/.local/share/systemd/user"),
    ("/home/alice/.local", "/home/alice/", [], "/home/alice/.local/share/systemd/user"),
    ("/home/alice2/.local", "/home/alice", [], "/home/alice2/.local/lib/systemd/user"),
    ("/usr", "/", [], "/usr/lib/systemd/user"),
    ("/usr", "", [], "/usr/lib/systemd/user"),
    ("/usr", None, [], "/usr/lib/systemd/user"),
    ("/home/alice/.local", "/home/alice", ["-Dsystemduserunitdir=/etc/systemd/user"], "/etc/systemd/user"),
])
def test_units_go_to_where_systemd_looks_below_the_prefix(tmp_path, prefix, home, options, expected):
    """The folder's own rules, in a project that has nothing else."""
    shutil.copytree(varlink.ROOT / "packaging/systemd", tmp_path / "systemd")
    shutil.copy(varlink.ROOT / "meson_options.txt", tmp_path)
    (tmp_path / "meson.build").write_text("project('units')\nbindir = get_option('prefix') / 'bin'\n"
                                          "subdir('systemd')\n")
    env = {"PATH": "/usr/bin:/bin", "HOME": home, "PYTHONDONTWRITEBYTECODE": "1"}
    env = {name: value for name, value in env.items() if value is not None}

    def meson(*words):
        return subprocess.run(["meson", *words], cwd=tmp_path, env=env, check=True, stdout=subprocess.PIPE).stdout

    meson("setup", f"--prefix={prefix}", *options, "build")
    installed = json.loads(meson("introspect", "--installed", "build"))
    assert sorted(installed.values()) == sorted([f"{expected}/iamicd.service", f"{expected}/iamicd.socket",
                                                 f"{prefix}/share/iamic/strict.conf"])
    assert f"ExecStart={prefix}/bin/iamicd\n" in (tmp_path / "build/systemd/iamicd.service").read_text()
