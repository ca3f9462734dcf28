"""packaging/packages, with stand-ins for Debian's tools: nothing is installed here."""
import os
import pathlib
import subprocess
import tempfile

import pytest

PACKAGES = pathlib.Path(__file__).resolve().parents[2] / "packaging/packages"
# Another uid if we are root, root of a user namespace if we are not.
NOT_ROOT = ["/usr/bin/setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"] if os.geteuid() == 0 else []
ROOT = [] if os.geteuid() == 0 else ["/usr/bin/unshare", "--user", "--map-root-user"]


class System:
    """A folder of stand-ins that is all of PATH."""

    def __init__(self, folder):
        self.folder, self.env = pathlib.Path(folder), {"PATH": folder}
        self.folder.chmod(0o777)
        for tool in ("bash", "env"):
            (self.folder / tool).symlink_to(f"/usr/bin/{tool}")
        self.program("apt-get", 'echo "apt-get $*" >>"${0%/*}/log"')
        self.has()

    def program(self, name, text):
        (self.folder / name).write_text("#!/bin/bash\n" + text)
        (self.folder / name).chmod(0o755)

    def has(self, *packages, provided=""):
        """provided: what an installed package says that it provides."""
        self.program("dpkg-query", f'''
            case ${{!#}} in
            --showformat=*) echo 'config-files bash'; echo 'installed {provided}' ;;
            *) [[ " {" ".join(packages)} " == *" ${{!#}} "* ]] && echo installed ;;
            esac''')

    def has_sudo(self, wants_password=False):
        ask = "exit 1" if wants_password else "exit 0"
        self.program("sudo", f'[[ $1 != -n ]] || {ask}\necho "sudo $1" >>"${{0%/*}}/log"; exec "$@"')

    def installs(self):
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def system():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield System(folder)


def run(system, *words, user=()):
    """The script comes by stdin, for another user may not be able to read the tree."""
    done = subprocess.run([*user, "/bin/bash", "-s", "--", *words], env=system.env, input=PACKAGES.read_text(),
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def names(*purposes):
    return subprocess.run([PACKAGES, "list", *purposes], check=True, capture_output=True, text=True).stdout.split()


def test_every_purpose_has_packages_and_an_unknown_one_is_wrong_usage(system):
    for purpose in ("build", "quickstart", "test", "test-all"):
        assert names(purpose)
    status, _, err = run(system, "list", "party")
    assert status == 2 and "usage" in err
    assert run(system, "install")[0] == 2


def test_nothing_happens_when_everything_is_there(system):
    system.has(*names("build"))
    assert run(system, "install", "build") == (0, "", "")
    assert system.installs() == []


def test_what_another_package_provides_is_not_installed(system):
    wanted = names("build")
    system.has(*wanted[2:], provided=f"other, {wanted[0]} (= 1), {wanted[1]}")
    assert run(system, "install", "build") == (0, "", "")
    system.has(*wanted[2:], provided=f"{wanted[0]}, {wanted[1]}-dev")
    status, _, err = run(system, "install", "build", user=ROOT)
    assert status == 0, err
    assert system.installs()[1].endswith(f" -q {wanted[1]}")


def test_whoever_is_not_root_uses_sudo_for_what_is_missing(system):
    wanted = names("build", "quickstart")
    system.has(*wanted[2:])
    system.has_sudo()
    status, _, err = run(system, "install", "build", "quickstart", user=NOT_ROOT)
    assert status == 0, err
    assert system.installs() == [
        "sudo env", "apt-get update -q",
        f"apt-get install --no-install-recommends --yes -q {wanted[0]} {wanted[1]}"]


def test_without_root_and_sudo_the_line_for_root_is_printed(system):
    wanted = names("build")
    system.has(*wanted[1:])
    status, _, err = run(system, "install", "build", user=NOT_ROOT)
    assert status == 2
    assert f"  apt-get update && apt-get install --no-install-recommends --yes {wanted[0]}\n" in err
    assert system.installs() == []


def test_where_nobody_can_type_a_password_sudo_is_not_waited_for(system):
    system.has(*names("build")[1:])
    system.has_sudo(wants_password=True)
    status, _, err = run(system, "install", "build", user=NOT_ROOT)
    assert status == 2 and "  apt-get update && apt-get install " in err, err
    assert system.installs() == []


def test_root_needs_no_sudo(system):
    wanted = names("build")
    system.has(*wanted[1:])
    status, _, err = run(system, "install", "build", user=ROOT)
    assert status == 0, err
    assert system.installs()[1].endswith(f" {wanted[0]}")
