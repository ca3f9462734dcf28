"""What iamic does for shells: use and prompt; in bash, zsh and fish themselves."""
import json
import os
import re
import shlex
import time

import pytest
import varlink

from home import wait_for
from scripted_agent import session
from shells import ACCOUNT, ROLE, SHELLS, at_terminal, evaluate, run_in, with_shell


@pytest.fixture
def person(home):
    return with_shell(home)


@pytest.fixture
def signed_in(person):
    person.sign_in()
    return person


# use

@pytest.mark.parametrize("shell", SHELLS)
def test_use_changes_the_shell_that_asks(person, shell):
    result = run_in(person, shell, "iamic use dev; printf '<%s>' \"$AWS_PROFILE\" \"$AWS_ACCESS_KEY_ID\"; "
                                   "iamic use --clear; printf '<%s>' \"$AWS_PROFILE\"",
                    env={"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "f"})
    assert (result.status, result.out, result.err) == (0, "<dev><><>", ""), result


@pytest.mark.parametrize("shell", SHELLS)
def test_taking_away_what_is_not_there_is_no_failure(person, shell):
    result = run_in(person, shell, "iamic use --clear")
    assert (result.status, result.out, result.err) == (0, "", ""), result


@pytest.mark.parametrize("shell, set_up", [("bash", "set -eu; IFS=:"), ("zsh", "set -eu; IFS=:"),
                                           ("zsh", "setopt ksh_arrays sh_word_split no_unset; IFS=e")])
def test_a_shell_may_be_set_to_anything(person, shell, set_up):
    """Split otherwise, the words would not show that help is asked for, and a program's help be run as a script."""
    result = run_in(person, shell, f"{set_up}; iamic use dev --help; iamic use dev; printf '<%s>\\n' \"$AWS_PROFILE\"; "
                                   "iamic use -- --help || true; iamic use nope || true")
    assert (result.out[-len("<dev>\n"):], result.out[:16]) == ("<dev>\n", "usage: iamic use"), result
    assert [line.split(" is not in ")[0] for line in result.err.splitlines()] == [
        "iamic: profile '--help'", "iamic: profile 'nope'"], result


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


@pytest.mark.parametrize("path, line, file", [
    ("/bin/bash", evaluate("bash", "init"), "~/.bashrc"), ("/usr/bin/zsh", evaluate("zsh", "init"), "~/.zshrc"),
    ("/usr/bin/fish", evaluate("fish", "init"), "~/.config/fish/config.fish"),
    ("/bin/tcsh", evaluate("bash", "init"), "~/.bashrc"), ("", evaluate("bash", "init"), "~/.bashrc")])
def test_use_without_the_function_says_what_to_write_where(bare_home, path, line, file):
    result = bare_home.iamic("use", "dev", env={"SHELL": path})
    assert result.status == 2 and f": write '{line}' into {file}, and type it here" in result.err, result


@pytest.mark.parametrize("shell", SHELLS)
def test_use_without_a_name_lets_a_person_pick(person, shell):
    terminal = at_terminal(person, shell, evaluate(shell, "init"))
    terminal.type("iamic use\n")
    terminal.until("profile: ")
    terminal.type("demo\r")
    terminal.until("profile: .*demo")
    terminal.type("echo now:$AWS_PROFILE\n")
    terminal.until(r"[\r\n]now:demo")
    terminal.type("exit\n")
    assert terminal.finish() == 0


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


@pytest.mark.parametrize("shell, set_up", [
    ("bash", "PS1='$(command iamic prompt)> '"), ("zsh", "setopt prompt_subst; PS1='$(command iamic prompt)> '"),
    ("fish", "function fish_prompt; printf '%s> ' (iamic prompt); end")])
def test_a_shells_prompt_is_never_an_older_profiles(person, shell, set_up):
    person.env.update({"IAMIC_PROFILE": "outer", "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"})  # of iamic exec
    terminal = at_terminal(person, shell, set_up, evaluate(shell, "init"))
    terminal.until("outer ended> ")
    for profile in ("dev", "demo"):
        terminal.type(f"iamic use {profile}\n")
        terminal.until(rf"{profile}( signed out)?> ")
    terminal.type("iamic use nope\n")
    terminal.until("profile 'nope' is not in [^>]*demo( signed out)?> ")
    terminal.type(f"echo status {'$status' if shell == 'fish' else '$?'}\n")
    terminal.until(r"[\r\n]status 7")  # as it was before the prompt
    terminal.type("exit\n")
    assert terminal.finish() == 0


def test_a_stuck_daemon_does_not_stop_the_prompt(person):
    daemon = person.start_daemon()
    os.kill(daemon.pid, 19)
    try:
        result = person.iamic("prompt", env={"AWS_PROFILE": "dev"})
    finally:
        os.kill(daemon.pid, 18)
    assert (result.out, result.err) == ("dev\n", "") and result.seconds < 1, result
