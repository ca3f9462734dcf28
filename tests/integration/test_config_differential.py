"""Our reader of AWS's configuration beside botocore's: made-up files, and both must read the same or both refuse.

The unit test of the reader, called with a file, prints what it read. Left out on purpose: [DEFAULT], a header
without ']' but with '=', and NUL, where iamic is stricter (DESIGN 4).
"""
import random
import subprocess
import urllib.parse

import botocore.configloader
import botocore.exceptions
import pytest

from home import PREFIX

READER = PREFIX.parent / "tests/test-config"
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
