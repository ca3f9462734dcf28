"""README's two commands on a Debian 12 that has nothing but itself: no compiler, no Python, no sudo."""
import pathlib
import re
import shutil
import subprocess

import pytest
import varlink

pytestmark = [pytest.mark.all, pytest.mark.timeout(2400)]

# The mounts are in a namespace of their own: they end with the command, whatever happens to it.
IN_THE_SYSTEM = r"""
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -ec "cd /srv/iamic; $2"
"""


def mirror():
    """Where this system gets its packages from."""
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("debian*")]
    listed = "\n".join(path.read_text() for path in lists if path.exists())
    found = re.search(r"^(?:URIs:|deb)\s+(?:\[.*\]\s+)?(\S+://\S+)", listed, re.MULTILINE)
    return found[1] if found else "http://deb.debian.org/debian"


def not_in_a_checkout(folder, names):
    """Build folders and what tools leave."""
    return [name for name in names if name in (".git", "__pycache__")
            or name.startswith("build") and (pathlib.Path(folder) / name).is_dir()]


@pytest.fixture
def fresh(tmp_path):
    """A bare system with a copy of the tree in it; fresh(COMMAND) runs a command there as root."""
    system = tmp_path / "system"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", system, mirror()], check=True,
                   stdout=subprocess.DEVNULL)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(pathlib.Path("/etc") / name, system / "etc")
    shutil.copytree(varlink.ROOT, system / "srv/iamic", ignore=not_in_a_checkout)

    def run(command):
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", IN_THE_SYSTEM,
                               "bash", system, command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout[-8000:]
        return done.stdout

    yield run
    shutil.rmtree(system)


def test_quickstart_and_the_tests_need_nothing_that_they_do_not_install(fresh):
    transcript = fresh("./packaging/quickstart")
    assert re.search(r'"Arn": "arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\w+/', transcript)
    again = fresh("./packaging/quickstart")
    assert "assumed-role/AWSReservedSSO_" in again and "Installing" not in again
    assert re.search(r"^\d+ passed, 0 failed$", fresh("./tests/run --quick"), re.MULTILINE)
