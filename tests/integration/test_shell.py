"""What iamic does for shells: use, prompt, completion; in bash, zsh and fish themselves."""
import json
import os
import re
import shlex
import time

import pytest
import varlink

from home import wait_for
from scripted_agent import session
from terminal import Terminal

ACCOUNT, ROLE = "012345678901", "ReadOnly"
PROFILES = {"dev": (ACCOUNT, ROLE), "demo": (ACCOUNT, ROLE), "it's odd": (ACCOUNT, ROLE), "prod": (ACCOUNT, ROLE)}
SHELLS = ["bash", "zsh", "fish"]
ADDRESS = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}
EVALUATE = {"bash": 'eval "$(iamic {0} bash)"', "zsh": 'eval "$(iamic {0} zsh)"', "fish": "iamic {0} fish | source"}


@pytest.fixture
def person(home):
    home.configure({shlex.quote(name): role for name, role in PROFILES.items()})
    home.env["PATH"] = f"{home.prefix}/bin:/usr/bin:/bin"
    return home


@pytest.fixture
def signed_in(person):
    person.sign_in()
    return person


def run_in(person, shell, script, **options):
    return person.run(f"/usr/bin/{shell}", *ADDRESS[shell], f"{EVALUATE[shell].format('init')}\n{script}", **options)


# use

@pytest.mark.parametrize("shell", SHELLS)
def test_use_changes_the_shell_that_asks(person, shell):
    result = run_in(person, shell, "iamic use dev; printf '<%s>' \"$AWS_PROFILE\" \"$AWS_ACCESS_KEY_ID\"; "
                                   "iamic use --clear; printf '<%s>' \"$AWS_PROFILE\"",
                    env={"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "f"})
    assert (result.status, result.out, result.err) == (0, "<dev><><>", ""), result


@pytest.mark.parametrize("shell", SHELLS)
def test_what_use_refuses_changes_nothing(person, shell):
    result = run_in(person, shell, "iamic use nope; echo $AWS_PROFILE", env={"AWS_PROFILE": "dev"})
    assert result.out == "dev\n" and "profile 'nope' is not in " in result.err, result
    assert "which has: " in result.err and "'dev'" in result.err, result


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["it's odd", "$(touch x)", "a\\'b", "-x", "ünï"])
def test_a_profile_is_only_a_name_to_the_shell(person, shell, name):
    person.configure({shlex.quote(name): (ACCOUNT, ROLE)})
    result = run_in(person, shell, "iamic use -- \"$NAME\"; printf '%s' \"$AWS_PROFILE\"", env={"NAME": name})
    assert (result.out, result.err) == (name, ""), result
    assert not (person.path / "x").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_function_passes_everything_else_on(person, shell):
    assert run_in(person, shell, "iamic version").out == person.iamic("version").out
    assert run_in(person, shell, "iamic use --help").out.startswith("usage: iamic use")
    failing = run_in(person, shell, "iamic whoami --no-such-option")
    assert failing.status == 2 and "no-such-option" in failing.err


@pytest.mark.parametrize("words, said", [
    (["use", "dev"], "'iamic use' works through a function of the shell"),
    (["use", "--shell", "tcsh", "dev"], "'tcsh' is not a shell that we know: one of bash, zsh, fish"),
    (["use", "--shell", "bash"], "which profile?"),
    (["use", "--shell", "bash", "--clear", "dev"], "contradict each other"),
    (["init"], "which shell?"), (["init", "tcsh"], "'tcsh'"), (["completion"], "which shell?"),
])
def test_used_wrongly(person, words, said):
    result = person.iamic(*words)
    assert (result.status, result.out) == (2, "") and said in result.err, result


# prompt

def prompt(person, profile="dev", **env):
    result = person.iamic("prompt", env={"AWS_PROFILE": profile, **env})
    assert (result.status, result.err) == (0, ""), result
    return result.out


@pytest.mark.quick
def test_the_prompt_starts_nothing_and_never_complains(person):
    assert prompt(person, None) == "" and prompt(person) == "dev\n"
    assert prompt(person, "unknown") == "unknown\n" and prompt(person, "e\033[2J") == "e?[2J\n"
    person.write_aws_config("broken\n")
    assert prompt(person) == "dev\n" and not person.daemon_pids()


def test_the_prompt_tells_of_the_sign_in(person):
    person.start_daemon()
    wait_for(lambda: prompt(person) == "dev signed out\n", 10, lambda: prompt(person))
    person.sign_in()
    assert prompt(person) == "dev\n"  # no end of this sign-in is known yet
    document = json.loads(person.iamic("prompt", "--json", env={"AWS_PROFILE": "dev"}).out)
    assert document == {"profile": "dev", "session": "corp", "state": "ready", "sessionEnds": None,
                        "credentialsEnd": None}


def test_the_prompt_is_about_the_session_that_a_profile_comes_from(signed_in):
    text = signed_in.aws_config.read_text()
    signed_in.write_aws_config(f"{text}\n[profile above]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/Top\n"
                               f"source_profile = dev\n[profile keys]\naws_access_key_id = AKIA\n")
    signed_in.iamic("logout")
    assert prompt(signed_in, "above") == "above signed out\n" and prompt(signed_in, "keys") == "keys\n"
    session = signed_in.call("ProfileSession", profile="above")["session"]
    assert session == next(one for one in signed_in.call("Status")["sessions"] if one["name"] == "corp")
    with pytest.raises(varlink.VarlinkError, match="profile 'nope' is not in "):
        signed_in.call("ProfileSession", profile="nope")


def test_the_prompt_asks_one_thing_of_one_profile(cli):
    cli.agent.answers["ProfileSession"] = {"session": session(state="signed_out"), "clockAhead": 0}
    cli.write_aws_config("[profile other]\n")
    assert prompt(cli) == "dev signed out\n"
    assert cli.agent.calls == [("ProfileSession", {"profile": "dev"})]


def test_the_prompt_of_an_older_daemon_is_the_profile_alone(cli):
    cli.agent.answers["ProfileSession"] = lambda call: call.send(
        {"error": "org.varlink.service.MethodNotFound", "parameters": {"method": "io.iamic.Agent.ProfileSession"}})
    assert prompt(cli) == "dev\n"


def test_the_prompt_counts_down_to_the_foretold_end(person):
    person.write_config("session_length = 8h\n")
    person.sign_in()
    assert re.fullmatch(r"dev (8h00m|7h59m)\n", prompt(person))
    ends = json.loads(person.iamic("prompt", "--json", env={"AWS_PROFILE": "dev"}).out)["sessionEnds"]
    assert 8 * 3600 - 120 < time.mktime(time.strptime(ends, "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime()) <= 28800


def test_inside_exec_the_credentials_end_counts(signed_in):
    inside = signed_in.run("iamic", "exec", "--profile", "dev", "--", "iamic", "prompt")
    assert re.fullmatch(r"dev (1h00m|59m)\n", inside.out), inside
    assert prompt(signed_in, IAMIC_PROFILE="dev", AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z") == "dev ended\n"


def test_a_stuck_daemon_does_not_stop_the_prompt(person):
    daemon = person.start_daemon()
    os.kill(daemon.pid, 19)
    try:
        result = person.iamic("prompt", env={"AWS_PROFILE": "dev"})
    finally:
        os.kill(daemon.pid, 18)
    assert (result.out, result.err) == ("dev\n", "") and result.seconds < 1, result


# Completion: what is offered, and the shells themselves.

def offered(person, *words):
    result = person.iamic("complete", "--", *words)
    assert (result.status, result.err) == (0, ""), result
    return [line.split("\t")[0] for line in result.out.splitlines()]


@pytest.mark.parametrize("words, expected", [
    (["lo"], ["login", "logout"]),
    (["complet"], ["completion"]),
    (["login", "--p"], ["--profile", "--port"]),
    (["login", "--profile", "de"], ["dev", "demo"]),
    (["login", ""], ["corp"]),
    (["login", "--timeout", ""], []),
    (["logout", "--profile", "dev", "c"], ["corp"]),
    (["use", "pr"], ["prod"]), (["use", "it"], ["it's odd"]),
    (["export", "--format", "env"], ["env", "env-no-export"]),
    (["init", ""], ["bash", "zsh", "fish"]),
    (["help", "who"], ["whoami"]),
    (["exec", "--profile", "p"], ["prod"]),
    (["exec", "--profile", "prod", "--", "--"], []),
    (["exec", "ls", "--"], []),
    (["unlock", "--move-to", "f"], ["file"]),
    (["nonsense", ""], []), ([], None),
])
def test_what_is_offered_without_a_daemon(person, words, expected):
    found = offered(person, *words)
    assert found == expected if expected is not None else "login" in found
    assert not person.daemon_pids()


def test_accounts_and_roles_are_those_of_the_person(signed_in):
    accounts = json.loads(signed_in.iamic("accounts", "--json").out)["accounts"]
    assert offered(signed_in, "roles", "") == [row["accountId"] for row in accounts]
    assert offered(signed_in, "whoami", "--account-id", ACCOUNT[:4]) == [
        row["accountId"] for row in accounts if row["accountId"].startswith(ACCOUNT[:4])]
    lines = signed_in.iamic("complete", "--", "roles", ACCOUNT).out
    assert lines == f"{ACCOUNT}\t{next(row['accountName'] for row in accounts if row['accountId'] == ACCOUNT)}\n"
    assert ROLE in offered(signed_in, "whoami", "--account-id", ACCOUNT, "--role-name", "")


def test_names_that_cannot_be_typed_are_not_offered(signed_in, practice):
    practice.set(accounts=[{"accountId": "111122223333", "accountName": "e\033[2Jvil\tname", "emailAddress": "a@b.c",
                            "roles": ["A"]}])
    assert signed_in.iamic("complete", "--", "roles", "").out == "111122223333\te?[2Jvil?name\n"


def test_every_option_is_offered(person):
    for verb in offered(person, ""):
        in_help = re.findall(r"^  --([a-z-]+)", person.iamic(verb, "--help").out, re.MULTILINE)
        assert offered(person, verb, "--") == [f"--{name}" for name in in_help], verb


BASH = """
try() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _iamic; echo "${COMPREPLY[@]}"; }
try iamic use de; try iamic use it; try iamic-login --pro; complete -p iamic-login
"""


def test_bash_completes(signed_in):
    result = signed_in.run("/bin/bash", "--norc", "-c", EVALUATE["bash"].format("completion") + BASH)
    assert result.err == "" and result.out.splitlines() == [
        "dev demo", "it\\'s\\ odd", "--profile", "complete -o default -F _iamic iamic-login"], result


def test_fish_completes(signed_in):
    script = EVALUATE["fish"].format("completion") + '\ncomplete -C "iamic use de"; complete -C "iamic-login --pro"'
    result = signed_in.run("/usr/bin/fish", "--no-config", "-c", script)
    assert [line.split("\t")[0] for line in result.out.splitlines()] == ["demo", "dev", "--profile"], result


@pytest.mark.parametrize("shell, options, set_up", [
    ("bash", ["--norc", "-i"], EVALUATE["bash"].format("completion")),
    ("zsh", ["-f", "-i"], f"autoload -Uz compinit; compinit -u -D; {EVALUATE['zsh'].format('completion')}"),
])
def test_at_a_terminal_a_tab_completes(signed_in, shell, options, set_up):
    terminal = Terminal(signed_in, *options, program=f"/usr/bin/{shell}", PS1="ready> ")
    terminal.until("ready> ")
    terminal.type(f"{set_up}; echo set''up\n")
    terminal.until("setup")
    terminal.type("iamic whoami --prof\tprod --js\t; echo st''atus $?\n")
    assert '"Account"' in terminal.until("status 0")  # which no half of an option would have brought
    terminal.type("exit\n")
    assert terminal.finish() == 0
