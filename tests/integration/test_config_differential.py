"""Our reader and editor of AWS's configuration beside botocore: made-up files, and both must read the same or both
refuse; and what we change is what botocore sees changed.

The unit tests of both, called with a file, print what they made of it. Left out on purpose: [DEFAULT], a header
without ']' but with '=', and NUL, where iamic is stricter.
"""
import random
import subprocess
import urllib.parse

import botocore.configloader
import botocore.exceptions
import pytest

from home import PREFIX

READER = PREFIX.parent / "tests/test-config"
EDITOR = PREFIX.parent / "tests/test-config_edit"
FILES_EACH = 400

LINES = """
[profile a]|[profile b]|[default]|[profile default]|[sso-session s]|[sso-session "s"]|[ profile a ]|[foo]|[profile  a]
[profile 'x y']|[profile x y]|[profile a\\ b]|[profiles q]|[profile "a]|[profile a]]|[profile a]#c|[profile a] [b]|[]]
[services v]|["profile" a]|[profile ""]|[profile a\\]|[profile \u00e9]|[sso-session t]|[profile
x = 1|x=|y: 2|X = 3|y =|z = a = b|z : c : d|w|w = # c|v = 1 ; c|# c|; c||k\t=\tv|k2 = \u00a0v\u3000|\u00e9 = 1|=|k 6 = v
k5 = "q"|sso_session = s|sso_start_url = https://h/#/|credential_process = "/a b/c" --d 'e'
""".strip().replace("\n", "|").split("|")
INDENTS = ["", "", "", "", " ", "  ", "\t", "   ", "\u00a0", "\u3000 ", "\u2028"]
TAILS = ["", "", "", " ", "\t", "\u00a0"]
ENDS = ["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n"]
BYTES = [0x80, 0xFF, 0xC2, 0x3D, 0x20, 0x5D, 0x0D, 0x09]


def made_up_file(dice):
    text = dice.choice(["", "", "[profile a]\n", "[default]\n"])
    for _ in range(dice.randint(1, 14)):
        text += dice.choice(INDENTS) + dice.choice(LINES) + dice.choice(TAILS) + dice.choice(ENDS)
    if dice.random() < 0.2:
        text = text.rstrip("\r\n")
    if dice.random() < 0.05:
        text = "\ufeff" + text
    data = text.encode()
    if dice.random() < 0.1:
        at = dice.randrange(len(data) + 1)
        data = data[:at] + bytes([dice.choice(BYTES)]) + data[at:]
    return data


def read_by_botocore(path):
    """(profiles, sessions), or None. Nested blocks count for whether it is refused, and are compared as text."""
    try:
        botocore.configloader.load_config(path)
        raw = botocore.configloader.raw_config_parse(path, parse_subsections=False)
    except botocore.exceptions.ConfigParseError:
        return None
    sections = botocore.configloader.build_profile_map(raw)
    return sections["profiles"], sections["sso_sessions"]


def read_by_iamic(path):
    out = subprocess.run([READER, path], check=True, capture_output=True, text=True).stdout
    if out.startswith("refused "):
        assert out.startswith("refused cfg:"), "a refusal says where"
        return None
    kinds = {"0": {}, "1": {}, "2": {}}
    keys = None
    for line in out.splitlines():
        word, first, second = line.split(" ")
        if word == "section":
            keys = kinds[first].setdefault(urllib.parse.unquote(second), {})
        else:
            keys[urllib.parse.unquote(first)] = urllib.parse.unquote(second[1:])
    return kinds["0"], kinds["1"]


@pytest.mark.parametrize("seed", range(4))
def test_both_read_the_same(tmp_path, seed):
    dice = random.Random(seed)
    path = str(tmp_path / "config")
    accepted = 0
    for _ in range(FILES_EACH):
        data = made_up_file(dice)
        with open(path, "wb") as file:
            file.write(data)
        expected = read_by_botocore(path)
        assert read_by_iamic(path) == expected, data
        accepted += expected is not None
    assert FILES_EACH // 10 < accepted < FILES_EACH - FILES_EACH // 10, "files of both kinds are needed"


KINDS = {"0": 0, "1": 1}  # where read_by_botocore() gives them: profiles, sessions
NAMES = ["a", "b", "default", "x y", "s", "t", "new-one"]
VALUES = ["1", "v#c", "https://h/#/", "\u00e9 b", "'/a b' --c d", "a = b", "[x]"]


def made_up_edits(dice):
    """{(kind, name): {key: value, or None to take it away}}, or None to remove the section."""
    edits = {}
    for _ in range(dice.randint(1, 3)):
        kind = dice.choice("01")
        names = NAMES[:4] + NAMES[6:] if kind == "0" else NAMES[4:]
        keys = dice.sample(["x", "y", "w", "k2", "sso_session", "new_key"], dice.randint(1, 3))
        changes = {key: dice.choice([*VALUES, None]) for key in keys}
        edits[kind, dice.choice(names)] = changes if dice.random() < 0.8 else None
    return edits


def as_words(edits):
    for (kind, name), changes in edits.items():
        yield f"{kind}:{name}"
        yield from ["-"] if changes is None else [key if value is None else f"{key}={value}"
                                                  for key, value in changes.items()]


def apply(edits, sections):
    """What botocore should read afterwards."""
    for (kind, name), changes in edits.items():
        found = sections[KINDS[kind]]
        if changes is None:
            found.pop(name, None)
        elif name in found or any(value is not None for value in changes.values()):
            section = found.setdefault(name, {})
            for key, value in changes.items():
                section.pop(key, None)
                section.update({} if value is None else {key: value})
    return sections


@pytest.mark.parametrize("seed", range(4))
def test_what_we_change_is_what_botocore_sees_changed(tmp_path, seed):
    dice = random.Random(seed)
    path, edited = tmp_path / "config", tmp_path / "edited"
    changed = refused = 0
    for _ in range(FILES_EACH):
        data, edits = made_up_file(dice), made_up_edits(dice)
        path.write_bytes(data)
        before = read_by_botocore(str(path))
        done = subprocess.run([EDITOR, path, *as_words(edits)], capture_output=True, check=False)
        if before is None:
            assert done.returncode == 7 and done.stdout == b"" and done.stderr.startswith(b"cfg:"), (data, done)
            refused += 1
            continue
        assert done.returncode == 0, (data, edits, done.stderr)
        edited.write_bytes(done.stdout)
        assert read_by_botocore(str(edited)) == apply(edits, before), (data, edits, done.stdout)
        kept = [line for line in done.stdout.splitlines() if line in data.splitlines()]
        comments = [line for line in data.splitlines() if line.strip()[:1] in (b"#", b";")]
        if None not in edits.values():
            assert [line for line in kept if line in comments] == comments, (data, edits, done.stdout)
        assert not data or data[-1:] in b"\r\n" or done.stdout[-1:] not in (b"\r", b"\n") or done.stdout == b"", data
        changed += done.stdout != data
    assert changed > FILES_EACH // 5 and refused > FILES_EACH // 10, "files of both kinds are needed"
