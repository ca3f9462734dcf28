"""README's two commands on a Debian 12 that has nothing but itself: no compiler, no Python, no sudo."""
import pathlib
import re
import shutil

import debian
import pytest
import varlink

pytestmark = [pytest.mark.all, pytest.mark.timeout(2400)]


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
