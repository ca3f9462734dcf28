"""packaging/quickstart: the first command of README, run as a person would, and what it leaves behind."""
import os
import pathlib
import re
import subprocess

import pytest
import varlink
from home import comm, has_ended

QUICKSTART = varlink.ROOT / "packaging/quickstart"
BUILD = varlink.ROOT / "build/quickstart"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def run(bare_home):
    """run(word, …): quickstart in the environment of a person with a home of their own."""
    bare_home.write(".aws/config", "[profile mine]\nregion = eu-west-1\n")
    bare_home.write(".config/iamic/config", "store = nonsense\n")

    def run(*words, **env):
        return bare_home.run(QUICKSTART, *words, timeout=500, env=env)
    return run


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leftovers():
    return [*BUILD.glob("home.*"), *pathlib.Path("/tmp").glob("iamic-quickstart.*")]


def test_the_practice_run_ends_with_a_role_and_leaves_nothing(bare_home, run):
    before, old = content(bare_home.path), set(leftovers())
    result = run(AWS_PROFILE="mine", AWS_ACCESS_KEY_ID="AKIAWRONG", IAMIC_SOCKET="/nowhere")
    assert result.status == 0, result
    headings = re.findall(r"^== (.*)$", result.out, re.MULTILINE)
    assert headings == ["Packages", "Building iamic", "A practice Identity Center",
                        "The daemon starts with the first command", "Signing in, once", "What alice may use",
                        "The AWS CLI, through credential_process", "Done"]
    assert re.search(r'"Arn": "arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\w+/', result.out)
    assert content(bare_home.path) == before
    assert set(leftovers()) == old
    assert bare_home.daemon_pids() == []


def test_keep_leaves_it_running_and_says_how_to_use_and_end_it(bare_home, run):
    result = run("--keep")
    assert result.status == 0, result
    assert "needs that shell's AWS_ENDPOINT_URL and" in result.out
    environment = re.search(r"^  \. (\S+)$", result.out, re.MULTILINE)[1]
    end = re.search(r"^  (kill (\d+) (\d+); rm -r .*)$", result.out, re.MULTILINE)
    pids = [int(end[2]), int(end[3])]
    try:
        assert comm(pids[0]) == "iamicd"
        used = subprocess.run(["/bin/bash", "-c", f"shopt -s expand_aliases; . {environment}\n"
                               "iamic status && aws --profile quickstart sts get-caller-identity &&\n"
                               "iamic logout && { iamic-login & } && approve && wait $!"],
                              env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60)
        assert used.returncode == 0, used.stderr
        assert "assumed-role/AWSReservedSSO_" in used.stdout
        assert re.search(r"^signed in to 'practice' as alice@example.com,", used.stdout, re.MULTILINE), used.stdout
        assert end[1] in pathlib.Path(environment).read_text()
    finally:
        subprocess.run(["/bin/sh", "-c", end[1]], check=True)
    assert all(has_ended(pid, 5) for pid in pids)
    assert not os.path.exists(environment)


def test_for_real_it_signs_in_at_home_and_adds_a_profile(home, practice):
    """The practice server plays the company; Debian's AWS CLI can be told so only on its command line."""
    practice.auto_approve()
    home.write(".local/bin/aws", f'#!/bin/sh\nexec /usr/bin/aws --endpoint-url {practice.url} "$@"\n', mode=0o755)
    home.write_aws_config("[profile mine]\nregion = eu-west-1\n")
    words = ("--start-url", practice.start_url, "--sso-region", practice.region, "--profile", "work")

    result = home.run(QUICKSTART, *words, timeout=500)
    assert result.status == 0, result
    assert re.search(r'"Arn": "arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_\w+/', result.out)
    config = home.aws_config.read_text()
    assert config.startswith("[profile mine]\nregion = eu-west-1\n\n[sso-session localhost]\n")
    assert f"credential_process = {home.path}/.local/bin/iamic-credential-process --sso-session" in config
    assert not re.search("sso_|region =", config.partition("[profile work]")[2])

    again = home.run(QUICKSTART, *words, timeout=500)
    assert again.status == 0, again
    assert home.aws_config.read_text() == config
    assert practice.count("StartDeviceAuthorization") == 1


def test_a_configuration_that_cannot_be_written_ends_it_at_once(bare_home, run):
    bare_home.aws_config.unlink()
    bare_home.aws_config.symlink_to(bare_home.path / "nowhere/config")
    result = run("--start-url", "https://corp.awsapps.com/start", "--sso-region", "eu-west-1")
    assert result.status == 7 and "Added" not in result.out and "Building" not in result.out, result
    assert result.err.startswith(f"quickstart: {bare_home.aws_config} cannot be written: add this to it"), result
    assert "\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" in result.err, result


@pytest.mark.parametrize("words, says", [
    (["--start-url", "https://corp.awsapps.com/start"], "needs --sso-region"),
    (["--sso-region", "eu-west-1"], "needs --start-url"),
    (["--start-url", "http://corp.awsapps.com/start", "--sso-region", "eu-west-1"], "begins with https://"),
    (["--start-url", "https://corp.awsapps.com/start", "--sso-region", "Ireland"], "no region: Ireland"),
    (["--start-url"], "needs a value"),
    (["--account-id", "123"], "12 digits"),
    (["--profile", "a b"], "no spaces"),
    (["--verbose"], "unknown word '--verbose': see ./packaging/quickstart --help"),
    (["extra"], "unknown word 'extra'"),
])
def test_wrong_usage_is_refused_before_anything_happens(run, words, says):
    result = run(*words)
    assert result.status == 2
    assert says in result.err
    assert "==" not in result.out
