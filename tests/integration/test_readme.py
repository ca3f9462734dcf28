"""README says what is so: its transcripts are what a terminal shows, and what it names is there."""
import pathlib
import re

import pytest
import transcripts
import varlink

from terminal import Terminal

pytestmark = pytest.mark.once

README = transcripts.README.read_text()


def test_the_transcripts_are_what_a_terminal_shows():
    readme, now = transcripts.fresh()
    assert len(transcripts.CONSOLE.findall(readme)) > 0
    assert now == readme, "tests/lib/transcripts.py --write makes them anew:\n" + transcripts.difference(readme, now)


def test_the_files_that_it_names_are_there():
    names = re.findall(r"`(?:\./)?((?:src|include|tests|packaging|man)/[\w./-]*)`", README)
    assert len(names) > 20
    assert [name for name in names if not (varlink.ROOT / name).exists()] == []
    tour = README.partition("## A tour")[2].partition("\n## ")[0]
    for line in re.findall(r"^\d+\. (.*)$", tour, re.MULTILINE):
        folder = re.search(r"`((?:src|include)/\w+)/", line)[1]
        for name in re.findall(r"`([\w-]+\.(?:[ch]|varlink))`", line):
            assert (varlink.ROOT / folder / name).exists(), f"{folder}/{name}"


def test_the_commands_that_it_names_are_there(bare_home):
    known = set(re.findall(r"^  ([a-z]+)(?: |$)", bare_home.iamic("help").out, re.MULTILINE))
    named = set(re.findall(r"(?:`|^|\$ )iamic ([a-z]+)", README, re.MULTILINE))
    assert len(named) > 5
    assert named - known == set()


def test_what_it_writes_into_a_shells_file_works_where_debian_starts_shells(home):
    """A login shell, as over SSH and under WSL: there the person's folder of programs is found last."""
    blocks = re.findall(r"(?<=^```\n).*?(?=^```$)", README, re.MULTILINE | re.DOTALL)
    path = re.search(r"^export PATH=.*\n", "".join(blocks), re.MULTILINE)[0]
    below = [block for block in blocks if "iamic init bash" in block]
    assert len(below) == 1
    home.configure({"dev": ("012345678901", "ReadOnly")})
    home.write(".profile", pathlib.Path("/etc/skel/.profile").read_text())
    home.write(".bashrc", path + pathlib.Path("/etc/skel/.bashrc").read_text() + below[0])
    (home.path / ".local").mkdir(exist_ok=True)
    (home.path / ".local/bin").symlink_to(home.prefix / "bin")
    terminal = Terminal(home, "-l", program="/usr/bin/bash", columns=200)
    terminal.until(r"[#$] $")
    terminal.type("iamic use dev\n")
    assert not re.search(r"bash: ", terminal.until(r"\n[^\n]*dev [^\n]*[#$] $"))
    terminal.type("exit\n")
    assert terminal.finish() == 0
