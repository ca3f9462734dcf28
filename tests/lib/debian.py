"""Trees of a Debian 12 that has nothing but itself, and commands in them as root.

The mounts that a command needs are in a namespace of its own: they end with it, whatever happens to it.
"""
import pathlib
import re
import shutil
import subprocess

IN_THE_TREE = r"""
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -ec "$2"
"""


def bootstrap(tree):
    """A bare system below `tree`: no compiler, no Python, no sudo."""
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", tree, mirror()], check=True,
                   stdout=subprocess.DEVNULL)
    # Nobody needs these trees after a power cut.
    (tree / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")
    for name in ("resolv.conf", "hosts"):
        shutil.copy(pathlib.Path("/etc") / name, tree / "etc")


def mirror():
    """Where this system gets its packages from."""
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("debian*")]
    listed = "\n".join(path.read_text() for path in lists if path.exists())
    found = re.search(r"^(?:URIs:|deb)\s+(?:\[.*\]\s+)?(\S+://\S+)", listed, re.MULTILINE)
    assert found, f"no source of packages in {', '.join(map(str, lists))}"
    return found[1]


def copy(tree, place):
    subprocess.run(["cp", "-a", tree, place], check=True)
    return place


def run(tree, command):
    """Runs a shell's command in the tree; gives what it printed."""
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", IN_THE_TREE,
                           "bash", tree, command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-8000:]
    return done.stdout
