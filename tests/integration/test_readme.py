"""README says what is so: its transcripts are what a terminal shows, and what it names is there."""
import re

import pytest
import transcripts
import varlink

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
