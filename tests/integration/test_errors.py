"""Every message that a person can get: each is in the table, each is brought about by the real programs, is one line
that names the program, has the exit status of its kind, and says what to do next."""
import os
import re

import pytest
from error_table import TABLE
from error_ways import Elsewhere, Said
from messages import ROOT, Sources, pattern, words_of

# What tells a person to do something. A path and the system's word for what is wrong with it say it as well.
NEXT = re.compile(r"\b(run|see|set|unset|write|add|remove|try again|check|name|use|choose|correct|give|say|put|make"
                  r"|save|merge|complete|close|change|allowed|must be|belong|needs?|stands alone|contradict|ask|restart"
                  r"|approve|open the address|is it|expected|chmod|begin|show|print|end|nothing is to be done|which has"
                  r"|leave"
                  r"|No such file|Is a directory|Permission denied|Connection refused|Not a directory"
                  r"|Too many levels)|'(iamic|aws)[ -][^']*'")
ALL = [(path, text, way) for path, messages in TABLE.items() for text, way in messages.items()]
SAID = [case for case in ALL if isinstance(case[2], Said)]


@pytest.fixture(scope="module")
def sources():
    return Sources()


def names(case):
    return f"{case[0].removeprefix('src/')}: {case[1][:60]}"


@pytest.mark.parametrize("case", SAID, ids=names)
def test_each_message_is_brought_about(case, request):
    path, text, way = case
    if os.geteuid() != 0 and "uid %u" in text:
        assert os.stat("/").st_uid != os.geteuid()  # only root can be two people: what is another's is root's here
        return
    result = way.run(request.getfixturevalue(way.world))
    assert result.status == way.status, result
    lines = result.err.splitlines()
    line = next((one for one in lines if re.search(pattern(text).strip(), one)), None)
    assert line, (text, result)
    assert line.startswith("iamic: ") and line.isprintable() and len(line) < 620, line
    if not way.is_notice:
        assert lines[-1] == line and all(one.startswith("iamic: warning: ") for one in lines[:-1]), result
        assert result.out == "" or way.world != "bare_home", result
        assert NEXT.search(line), f"it does not say what to do next: {line}"


def test_each_message_of_the_sources_is_in_the_table(sources):
    """In whatever file of its layer: code is moved more often than its words are changed."""
    known = {(folder(path), text) for path, text, _ in ALL}
    missing = sorted((path, text) for path, text in sources.formats() if (folder(path), text) not in known)
    assert not missing, "not in tests/lib/error_table.py:\n" + "\n".join(f"{path}: {text!r}" for path, text in missing)


def test_each_message_of_the_table_is_in_the_sources(sources):
    made = {(folder(path), text) for path, text in sources.formats()}
    gone = [(path, text) for path, text, _ in ALL
            if (folder(path), text) not in made and not sources.has_literal(folder(path), text)]
    assert not gone, gone


def folder(path):
    return path.rpartition("/")[0]


def test_what_another_test_brings_about_stands_there():
    lost = []
    for path, text, way in ALL:
        if isinstance(way, Elsewhere):
            test = re.sub(r'"\s*\n\s*f?"', "", (ROOT / "tests/integration" / way.test).read_text())
            parts = re.split(r"\W*%\S*\W*|: ", words_of(text))
            words = [way.words] if way.words else [part for part in parts if len(part) > 5]
            lost += [] if any(part in test for part in words) else [f"{path}: {text!r} in {way.test}"]
    assert not lost, "\n".join(lost)


def test_each_reason_for_silence_is_one():
    for path, text, way in ALL:
        assert isinstance(way, (Said, Elsewhere)) or len(way.why.split()) > 2, (path, text)


def test_a_message_that_is_new_is_found(tmp_path):
    """The test above can fail: a source file with one more message has it found."""
    folder = tmp_path / "src/cli"
    folder.mkdir(parents=True)
    (tmp_path / "include").mkdir()
    (folder / "x.c").write_text('#define WHAT "the moon"\n/* error_set(err, K, "not this") */\n'
                                'bool f(void) { return error_set(err, K, is_far ? "%s is far from " WHAT : "near, "\n'
                                '"at %d", a, b); }\n')
    assert Sources(tmp_path).formats() == {("src/cli/x.c", "%s is far from the moon"), ("src/cli/x.c", "near, at %d")}
