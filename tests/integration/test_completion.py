"""What iamic offers to who presses Tab, and what bash, zsh and fish themselves make of it."""
import json
import os
import re
import shlex

import pytest

from shells import ACCOUNT, ROLE, SHELLS, at_terminal, evaluate, with_shell
from terminal import Terminal


@pytest.fixture
def person(home):
    return with_shell(home)


@pytest.fixture
def signed_in(person):
    person.sign_in()
    return person


# What is offered.

def offered(person, *words, **env):
    result = person.iamic("complete", "--", *words, env=env)
    assert (result.status, result.err) == (0, ""), result
    return [line.split("\t")[0] for line in result.out.splitlines()]


@pytest.mark.parametrize("words, expected", [
    (["log"], ["login", "logout", "log"]),
    (["complet"], ["completion"]),
    (["--"], ["--help", "--version"]),
    (["login", "--p"], ["--profile", "--port"]),
    (["login", "--profile", "de"], ["dev", "demo"]),
    (["login", "--profile=de"], ["--profile=dev", "--profile=demo"]),
    (["login", ""], ["corp"]),
    (["login", "--timeout", ""], []),
    (["logout", "--profile", "dev", "c"], ["corp"]),
    (["use", "pr"], ["prod"]), (["use", "it"], ["it's odd"]), (["use", "dev", ""], []), (["use", "--", "--"], []),
    (["use", "--", "d"], ["dev", "demo"]), (["use", "--clear", "d"], ["dev", "demo"]),
    (["export", "--format", "env"], ["env", "env-no-export"]),
    (["console", "cloudt"], ["cloudtrail"]), (["console", "--region", ""], ["us-east-1"]),
    (["init", ""], ["bash", "zsh", "fish"]),
    (["help", "who"], ["whoami"]),
    (["exec", "--profile", "p"], ["prod"]), (["exec", "--pr"], ["--profile"]),
    (["unlock", "--move-to", "f"], ["file"]),
    (["admin", "g"], ["groups", "grant"]), (["admin", "--h"], ["--help"]), (["admin", "nonsense", ""], []),
    (["help", "admin", "u"], ["users"]), (["help", "login", ""], []), (["admin", "grant", "--user"], ["--user-name"]),
    (["admin", "grant", "--policy", "S"], ["SecurityAudit", "SupportUser", "SystemAdministrator"]),
    (["admin", "users", "--profile", "de"], ["dev", "demo"]),
    (["nonsense", ""], []), ([], None),
])
def test_what_is_offered_without_a_daemon(person, words, expected):
    found = offered(person, *words)
    assert found == expected if expected is not None else "login" in found
    assert not person.daemon_pids()


@pytest.mark.parametrize("words, said", [
    (["exec", ""], "command 2"), (["exec", "ls", "--"], "command 2"), (["exec", "--", "--pro"], "command 3"),
    (["exec", "--profile", "prod", "--server", "ls", "-l", ""], "command 5"),
    (["exec", "--profile=prod", "--", "ls", "a", ""], "command 4"),
    (["unlock", "--move-to", "/usr"], "files"),
])
def test_what_the_shell_knows_better_is_left_to_it(person, words, said):
    assert person.iamic("complete", "--", *words).out == f"\t{said}\n"


def test_accounts_and_roles_are_those_of_the_person(signed_in):
    accounts = json.loads(signed_in.iamic("accounts", "--json").out)["accounts"]
    assert offered(signed_in, "roles", "") == [row["accountId"] for row in accounts]
    assert offered(signed_in, "whoami", "--account-id", ACCOUNT[:4]) == [
        row["accountId"] for row in accounts if row["accountId"].startswith(ACCOUNT[:4])]
    lines = signed_in.iamic("complete", "--", "roles", ACCOUNT).out
    assert lines == f"{ACCOUNT}\t{next(row['accountName'] for row in accounts if row['accountId'] == ACCOUNT)}\n"
    assert ROLE in offered(signed_in, "whoami", "--account-id", ACCOUNT, "--role-name", "")
    for words in (["assignments"], ["grant", "--target-account"]):
        assert offered(signed_in, "admin", *words, ACCOUNT[:4]) == [ACCOUNT]
    assert ROLE in offered(signed_in, "whoami", f"--account-id={ACCOUNT}", "--role-name", "")


def test_a_second_tab_asks_the_daemon_alone(signed_in):
    practice = signed_in.practice
    before = practice.count("ListAccounts"), practice.count("ListAccountRoles")
    for words in (("whoami", "--account-id", ""), ("whoami", "--account-id", ACCOUNT, "--role-name", "")):
        assert offered(signed_in, *words) == offered(signed_in, *words) != []
    assert (practice.count("ListAccounts"), practice.count("ListAccountRoles")) == tuple(n + 1 for n in before)


def test_where_there_are_several_sessions_the_profile_in_use_says_whose_accounts(signed_in):
    signed_in.write_aws_config(f"{signed_in.aws_config.read_text()}\n[sso-session other]\n"
                               "sso_start_url = https://other.awsapps.com/start\nsso_region = eu-west-1\n")
    assert offered(signed_in, "roles", "") == [] and offered(signed_in, "roles", "", AWS_PROFILE="dev") != []


def test_nobody_signed_in_is_no_reason_to_begin_a_sign_in(person):
    person.write_config("on_demand = code\n")
    person.start_daemon()
    assert offered(person, "roles", "") == [] and offered(person, "use", "pr") == ["prod"]
    assert person.practice.count("StartDeviceAuthorization") == 0


def test_a_stuck_daemon_holds_up_nobody(person):
    daemon = person.start_daemon()
    os.kill(daemon.pid, 19)
    try:
        result = person.iamic("complete", "--", "use", "pr")
    finally:
        os.kill(daemon.pid, 18)
    assert (result.out, result.err) == ("prod\n", "") and result.seconds < 1, result


def test_names_that_cannot_be_typed_are_not_offered(signed_in, practice):
    practice.set(accounts=[{"accountId": "111122223333", "accountName": "e\033[2Jvil\tname", "emailAddress": "a@b.c",
                            "roles": ["A"]}])
    assert signed_in.iamic("complete", "--", "roles", "").out == "111122223333\te?[2Jvil?name\n"


def test_every_option_is_offered(person):
    for way in [[verb] for verb in offered(person, "")] + [["admin", verb] for verb in offered(person, "admin", "")]:
        in_help = re.findall(r"^  --([a-z-]+)", person.iamic(*way, "--help").out, re.MULTILINE)
        assert offered(person, *way, "--") == [f"--{name}" for name in in_help], way


# The shells themselves.

NAMES = ["it's odd", "a:b c", "a:b:c", "dollar$HOME", 'quote"d', "back\\slash", "日本 語", "star*", "$(touch x)",
         "~tilde", "x=y z", "two words", "!bang", "tick`x`", "dev@corp", "dev@home", "brace{a,b}", "per%cent"]
# What is typed before the Tab, in any shell, and the profile that it becomes.
TYPED = {"it": "it's odd", "it\\'": "it's odd", '"it\'': "it's odd", "'a:b ": "a:b c", '"a:b ': "a:b c",
         "a:b:": "a:b:c", "a:b\\ ": "a:b c", "dol": "dollar$HOME", "dollar\\$": "dollar$HOME",
         "'dollar$": "dollar$HOME", '"dol': "dollar$HOME", "quo": 'quote"d', "'quo": 'quote"d', '"quo': 'quote"d',
         "back": "back\\slash", '"back': "back\\slash", "日": "日本 語", "st": "star*", "\\$": "$(touch x)",
         "'$(": "$(touch x)", "\\~": "~tilde", "x": "x=y z", "x=": "x=y z", "two\\ ": "two words",
         "'two ": "two words", "\\!": "!bang", "tick": "tick`x`", "dev@c": "dev@corp", "bra": "brace{a,b}",
         "per": "per%cent"}
SET_UP = {"bash": ":", "zsh": "autoload -Uz compinit; compinit -u -D", "fish": ":"}
SHOW = {"bash": "iamic() { printf '<%s>' \"$@\"; echo end; }", "zsh": "iamic() { printf '<%s>' \"$@\"; echo end; }",
        "fish": "function iamic; printf '<%s>' $argv; echo end; end"}


class Line:
    """A shell in which 'iamic' says what words it was called with."""

    def __init__(self, home, shell, *set_up):
        self.terminal = at_terminal(home, shell, SET_UP[shell], *set_up, evaluate(shell, "completion"), SHOW[shell])

    def words(self, typed):
        """Of the line that has been typed, where a tab is the key."""
        before = len(self.terminal.text)
        self.terminal.type(f"{typed}\n")
        self.terminal.until(rf"(?s)\A.{{{before}}}.*<[^\r\n]*>end")
        return re.findall("<([^\r\n]*)>end", self.terminal.text[before:])[-1].split("><")

    def end(self):
        self.terminal.type("exit\n")
        assert self.terminal.finish() == 0


@pytest.mark.parametrize("shell", SHELLS)
def test_names_are_completed_whatever_is_in_them_and_however_they_are_typed(person, shell):
    person.configure({shlex.quote(name): (ACCOUNT, ROLE) for name in NAMES})
    line = Line(person, shell)
    found = {typed: line.words(f"iamic use {typed}\t") for typed in TYPED}
    assert found == {typed: ["use", profile] for typed, profile in TYPED.items()}
    assert line.words("iamic use --profile=two\t") == ["use", "--profile=two"]  # it has none
    assert line.words("iamic whoami --profile=two\t") == ["whoami", "--profile=two words"]
    assert line.words("iamic whoami --profile=a:b:\t") == ["whoami", "--profile=a:b:c"]
    assert line.words("iamic use dev\t") == ["use", "dev@"]  # and no further
    line.end()
    assert not (person.path / "x").exists()


@pytest.mark.parametrize("shell", [*SHELLS, "bash with bash-completion"])
def test_behind_exec_the_commands_own_words_are_completed(person, shell):
    set_up = ["source /usr/share/bash-completion/bash_completion"] if "with" in shell else []
    person.write("some file", "")
    line = Line(person, shell.split()[0], f"cd {person.path}", *set_up)
    assert line.words("iamic exec -- printen\t") == ["exec", "--", "printenv"]
    assert line.words("iamic exec printen\t") == ["exec", "printenv"]
    assert line.words("iamic exec --profile it\\'s\\ odd -- cat some\t")[-1] == "some file"
    assert line.words(f"iamic exec --profile=dev -- cat {person.path}/so\t")[-1] == f"{person.path}/some file"
    assert line.words(f"iamic unlock --move-to {person.path}/so\t")[-1] == f"{person.path}/some file"
    if shell not in ("bash", "fish"):  # fish has completions for it elsewhere
        assert line.words("iamic exec --profile it\\'s\\ odd nice printen\t")[-2:] == ["nice", "printenv"]
        assert line.words("iamic exec -- iamic use pr\t") == ["exec", "--", "iamic", "use", "prod"]
    line.end()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_that_is_set_to_anything_completes(person, shell):
    options = "" if shell == "bash" else "setopt ksh_arrays sh_word_split; "
    line = Line(person, shell, f"{options}set -eu; IFS=:e")
    assert line.words("iamic use pr\t") == ["use", "prod"] and line.words("iamic use de\t") == ["use", "de"]
    assert line.words("iamic exec printen\t") == ["exec", "printenv"]
    line.end()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_other_name_of_iamic_login_is_completed(person, shell):
    line = Line(person, shell, SHOW[shell].replace("iamic", "iamic-login"))
    assert line.words("iamic-login --pro\tdev c\t") == ["--profile", "dev", "corp"]
    line.end()


def test_zsh_without_compinit_is_told_what_it_lacks(person):
    result = person.run("/usr/bin/zsh", "-f", "-c", evaluate("zsh", "completion"))
    assert (result.status, result.out) == (0, "") and result.err == (
        "iamic: completion in zsh needs compinit: put 'autoload -Uz compinit && compinit' above it in ~/.zshrc\n")


def test_zsh_finds_it_in_a_folder_of_functions(person):
    person.write("functions/_iamic", person.iamic("completion", "zsh").out)
    terminal = at_terminal(person, "zsh", f"fpath=({person.path}/functions $fpath)", SET_UP["zsh"], SHOW["zsh"])
    terminal.type("iamic use pr\t\n")
    terminal.until("<use><prod>end")
    terminal.type("exit\n")
    assert terminal.finish() == 0


def test_what_was_completed_is_what_the_program_takes(signed_in):
    terminal = Terminal(signed_in, "--norc", "-i", program="/usr/bin/bash", PS1="ready> ")
    terminal.until("ready> ")
    terminal.type(f"{evaluate('bash', 'completion')}; echo set''up\n")
    terminal.until(r"[\r\n]setup")
    terminal.type("iamic whoami --prof\tit\t --js\t; echo st''atus $?\n")
    assert '"Account"' in terminal.until("status 0")  # which no half of an option would have brought
    terminal.type("exit\n")
    assert terminal.finish() == 0
