"""The files that the manual shows as examples are taken by the programs as they are printed."""
import json
import re
import subprocess
import textwrap

import pytest
import varlink

pytestmark = pytest.mark.once


def files_of(page):
    """The files in the section with the examples, as a reader copies them."""
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "300", "HOME": "/nonexistent"}
    text = subprocess.run(["man", "--local-file", varlink.ROOT / "man" / page], env=env, check=True,
                          capture_output=True, text=True).stdout
    section = re.search(r"^EXAMPLES?\n(.*?)^[A-Z]", re.sub(r".\x08", "", text), re.MULTILINE | re.DOTALL)[1]
    blocks = re.findall(r"(?:^ {8,}.*\n|^\n)+", section, re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in blocks if "=" in block]


@pytest.mark.parametrize("text", files_of("iamic-config.5"))
def test_a_configuration_of_the_manual_is_read_without_a_word(bare_home, text):
    bare_home.write_config(text)
    result = bare_home.iamic("status", "--json")
    assert (result.status, result.err) == (0, ""), result
    status = json.loads(result.out)
    named = re.findall(r"^\[session (.*)\]\nstart_url", text, re.MULTILINE)
    assert [session["name"] for session in status["sessions"]] == named


def test_the_profile_of_the_manual_is_understood(bare_home):
    text, = (text for text in files_of("iamic-credential-process.1") if "[profile dev]" in text)
    bare_home.write_aws_config(text)
    result = bare_home.credential_process("--profile", "dev")
    assert (result.status, result.err) == (3, "iamic: session 'corp' is signed out: run 'iamic-login corp'\n"), result
