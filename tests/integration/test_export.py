"""iamic export and iamic exec: credentials of a role as text, and in the environment of another program."""
import json
import os
import pathlib
import signal

import pytest

from scripted_agent import ScriptedAgent

ACCOUNT, ROLE = "012345678901", "ReadOnly"
BY_ROLE = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
MEMBERS = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
           "AWS_SESSION_TOKEN": "SessionToken", "AWS_CREDENTIAL_EXPIRATION": "Expiration"}
FOREIGN = {"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "f", "AWS_SESSION_TOKEN": "f",
           "AWS_SECURITY_TOKEN": "f", "AWS_CREDENTIAL_EXPIRATION": "f", "AWS_DEFAULT_PROFILE": "f",
           "AWS_ACCOUNT_ID": "f", "AWS_CREDENTIAL_SCOPE": "f",
           "AWS_CONTAINER_CREDENTIALS_FULL_URI": "f", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "f",
           "AWS_CONTAINER_AUTHORIZATION_TOKEN": "f", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "f",
           "AWS_WEB_IDENTITY_TOKEN_FILE": "f", "AWS_ROLE_ARN": "f", "AWS_ROLE_SESSION_NAME": "f", "IAMIC_PROFILE": "f"}


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    return home


def export(person, *words, **options):
    return person.run("iamic", "export", *words, prints_credentials=True, **options)


def execute(person, *words, **options):
    return person.run("iamic", "exec", *words, prints_credentials=True, **options)


def document(person):
    """What the shim answers: all else must say the same."""
    return json.loads(person.credential_process(*BY_ROLE).out)


@pytest.mark.parametrize("form", ["process", "env", "env-no-export", "powershell", "windows-cmd"])
def test_each_format_is_the_aws_clis_line_for_line(person, form):
    """But for the time's ending; Debian's AWS CLI has no format for fish yet."""
    ours = export(person, "--profile", "dev", "--format", form)
    theirs = person.run("/usr/bin/aws", "configure", "export-credentials", "--format", form, "--profile", "dev",
                        prints_credentials=True)
    assert (ours.status, ours.err, theirs.status) == (0, "", 0), (ours.err, theirs.err)
    assert ours.out == theirs.out.replace("+00:00", "Z") and document(person)["SecretAccessKey"] in ours.out


@pytest.mark.quick
def test_the_usual_format_is_that_of_process(person):
    kept = document(person)
    result = export(person, *BY_ROLE)
    assert list(json.loads(result.out)) == ["Version", *MEMBERS.values()]
    assert result.out.startswith('{\n  "Version": 1,')
    assert json.loads(result.out) == {name: value for name, value in kept.items() if name != "AccountId"}


def test_fish_gets_its_own_form(person):
    kept = document(person)
    assert export(person, "--format", "fish", "--profile", "dev").out.splitlines() == [
        f'set -gx {variable} "{kept[member]}"' for variable, member in MEMBERS.items()]


def test_what_is_exported_works_in_a_shell_and_is_gone_after_unset(person):
    iamic = person.program("iamic")
    script = (f'eval "$({iamic} export --format env --profile dev)"; aws --endpoint-url {person.practice.url} '
              f'--region us-east-1 sts get-caller-identity --query Account --output text; '
              f'eval "$({iamic} export --unset)"; env | grep -c "^AWS_[ASC][EC]"')
    result = person.run("/bin/bash", "-c", script)
    assert result.out == f"{ACCOUNT}\n0\n", result


@pytest.mark.parametrize("form, line", [
    ("env", "unset AWS_SESSION_TOKEN"), ("env-no-export", "unset AWS_SESSION_TOKEN"),
    ("fish", "set -e AWS_SESSION_TOKEN"), ("windows-cmd", "set AWS_SESSION_TOKEN="),
    ("powershell", "Remove-Item -ErrorAction SilentlyContinue Env:AWS_SESSION_TOKEN")])
def test_unset_needs_no_daemon(bare_home, form, line):
    result = bare_home.iamic("export", "--unset", "--format", form)
    assert (result.status, result.err) == (0, "")
    assert len(result.out.splitlines()) == len(MEMBERS) and line in result.out.splitlines()
    assert not bare_home.daemon_pids()


@pytest.mark.parametrize("words, said", [
    (["--format", "json"], "'json' is none of process, env"),
    (["--unset", "--format", "process"], "'--unset' needs the '--format' of a shell"),
    (["--unset", "--profile", "dev"], "'--unset' is about no role"),
    (["--profile", "dev", "--account-id", ACCOUNT], "'--profile' stands alone"),
    (["extra"], "unexpected argument 'extra'"),
])
def test_export_used_wrongly(bare_home, words, said):
    result = bare_home.iamic("export", *words)
    assert (result.status, result.out) == (2, "") and said in result.err, result


def test_who_is_signed_out_exports_nothing_and_runs_nothing(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    line = "iamic: session 'corp' is signed out: run 'iamic-login corp'\n"
    result = home.iamic("export", "--format", "env", "--profile", "dev")
    assert (result.status, result.out, result.err) == (3, "", line)
    result = home.iamic("exec", "--profile", "dev", "--", "/bin/touch", home.path / "ran")
    assert (result.status, result.out, result.err) == (125, "", line)
    assert not (home.path / "ran").exists()


def environment_in(person, *words, env=None):
    result = execute(person, *words, "--", "/usr/bin/env", "-0", env=env)
    assert (result.status, result.err) == (0, ""), result
    return dict(entry.split("=", 1) for entry in result.out.split("\0") if entry)


def test_the_program_has_these_credentials_and_no_others(person):
    kept, inside = document(person), environment_in(person, "--profile", "dev", env={**FOREIGN, "AWS_PROFILE": "x"})
    for variable, member in MEMBERS.items():
        assert inside.pop(variable) == kept[member]
    assert inside.pop("IAMIC_PROFILE") == "dev"
    assert not set(inside) & {*FOREIGN, "AWS_PROFILE"}
    assert {name: inside.get(name) for name in person.env} == person.env


@pytest.mark.parametrize("words, env, region", [
    ([], {}, "us-east-1"),                                          # the profile's
    ([], {"AWS_REGION": "eu-west-3"}, "eu-west-3"),                 # a person's stays
    (["--region", "ap-south-1"], {"AWS_REGION": "eu-west-3"}, "ap-south-1"),
])
def test_the_region(person, words, env, region):
    assert environment_in(person, "--profile", "dev", *words, env=env)["AWS_REGION"] == region
    if not env:
        assert environment_in(person, *BY_ROLE).get("AWS_REGION") is None


def test_the_aws_cli_runs_in_it(person):
    result = execute(person, "--profile", "dev", "aws", "--endpoint-url", person.practice.url, "sts",
                     "get-caller-identity", timeout=60)
    assert result.status == 0 and json.loads(result.out)["Account"] == ACCOUNT, result


def test_words_are_passed_on_as_they_are(person):
    odd = ["", "--profile", "-x", "a b", "\udcff"]
    result = execute(person, "--profile", "dev", "/usr/bin/printf", "%s|", *odd)
    assert result.status == 0
    written = pathlib.Path(person.processes[-1].out_path).read_bytes()
    assert written == b"|--profile|-x|a b|\xff|"


def test_without_a_program_it_is_a_shell(person):
    shell = person.write("shell", "#!/bin/sh\necho $# $IAMIC_PROFILE\n", 0o700)
    assert execute(person, "--profile", "dev", env={"SHELL": shell}).out == "0 dev\n"
    assert execute(person, "--profile", "dev", env={"SHELL": None}, input="echo $IAMIC_PROFILE").out == "dev\n"


def test_the_programs_status_is_passed_on_and_its_own_failures_are_125(person):
    assert execute(person, "--profile", "dev", "sh", "-c", "exit 3").status == 3
    assert execute(person, "--profile", "dev", "--", "sh", "-c", "kill -9 $$").status == -signal.SIGKILL
    for words, said in ((["no-such-program"], "cannot run 'no-such-program': No such file"), (["/etc"], "'/etc'"),
                        (["dev", "--", "true"], "'dev' is a profile, not a program: say --profile dev"),
                        (["--region", "EU", "true"], "'EU' is not a region"), (["--no", "true"], "unknown option")):
        result = execute(person, "--profile", "dev", *words)
        assert result.status == 125 and said in result.err and result.err.count("\n") == 1, result
    assert person.iamic("exec", "--help").status == 0


def test_an_interrupt_that_is_ignored_stays_ignored(person):
    result = execute(person, "--profile", "dev", "grep", "SigIgn", "/proc/self/status",
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert int(result.out.split()[1], 16) & 1 << (signal.SIGINT - 1), result


def test_no_descriptor_of_ours_is_left_to_the_program(person):
    result = execute(person, "--profile", "dev", "ls", "/proc/self/fd")
    assert result.out.split() == ["0", "1", "2", "3"], result  # 3 is the folder that ls reads


def test_credentials_that_a_shell_would_take_for_more_are_refused(home):
    """No matter who says that they are credentials."""
    home.runtime.joinpath("iamic").mkdir(mode=0o700)
    agent = ScriptedAgent(home.socket)
    kept = {"Version": 1, "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s", "SessionToken": "$(touch x)",
            "Expiration": "2026-01-31T12:00:00Z", "AccountId": ACCOUNT}
    agent.answers["GetCredentials"] = kept
    result = home.iamic("export", "--format", "env", *BY_ROLE)
    assert (result.status, result.out) == (5, "") and "'SessionToken' is missing or malformed" in result.err
    assert "touch" not in result.err and os.listdir(home.path) == []
