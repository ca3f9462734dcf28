"""README's commands on a Debian 12 that has nothing but itself: no compiler, no Python, no sudo."""
import pathlib
import re
import shlex
import shutil

import debian
import pytest
import varlink

pytestmark = [pytest.mark.all, pytest.mark.timeout(2400)]

README = (varlink.ROOT / "README.md").read_text()
INSTALL = re.search(r"^## Install\n+```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[1]
# A person with sudo, who says yes when apt-get asks, on a system that has been started once.
PERSON = """
[ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef >/etc/machine-id
apt-get update -q && apt-get install -q --yes --no-install-recommends sudo
useradd --create-home --shell /bin/bash you
echo 'you ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/you
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/yes
cp -r /srv/iamic /home/you && chown -R you: /home/you
"""


def not_in_a_checkout(folder, names):
    """Build folders and what tools leave."""
    return [name for name in names if name in (".git", "__pycache__")
            or name.startswith("build") and (pathlib.Path(folder) / name).is_dir()]


@pytest.fixture
def fresh(bare_debian, tmp_path):
    """A bare system with a copy of the tree in it; fresh(COMMAND) runs a command there as root."""
    system = debian.copy(bare_debian, tmp_path / "system")
    shutil.copytree(varlink.ROOT, system / "srv/iamic", ignore=not_in_a_checkout)
    yield lambda command: debian.run(system, f"cd /srv/iamic; {command}")
    shutil.rmtree(system)


def test_quickstart_and_the_tests_need_nothing_that_they_do_not_install(fresh):
    transcript = fresh("./packaging/quickstart")
    assert re.search(r'"Arn": "arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\w+/', transcript)
    again = fresh("./packaging/quickstart")
    assert "assumed-role/AWSReservedSSO_" in again and "Installing" not in again
    assert re.search(r"^\d+ passed, 0 failed$", fresh("./tests/run --quick"), re.MULTILINE)


def test_a_person_installs_it_and_sees_what_readme_shows(fresh):
    """As README says, twice, and as root in between; the transcripts are compared in the person's own home."""
    def as_you(command):
        return fresh("exec su --login you -c " + shlex.quote(f"set -e; cd iamic\n{command}"))
    fresh(PERSON)
    assert "iamic " in as_you(f"{INSTALL}\niamic --version")
    assert "iamic " in fresh(INSTALL.replace("sudo ", "") + "\niamic --version; test -x $HOME/.local/bin/iamicd")
    fresh("./packaging/packages install quickstart")
    as_you(f"{INSTALL}\nfor time in first second; do tests/lib/transcripts.py --prefix ~/.local; done")
