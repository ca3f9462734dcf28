"""A person at a terminal who names no role picks one: by profile, account name, account id or role."""
import json
import re

import pytest
from scripted_agent import done, session, status
from terminal import Terminal

ACCOUNTS = [("111122223333", "Payroll"), ("444455556666", "Development"), ("777788889999", "\033[2JSandbox")]
CONFIG = """[sso-session corp]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
[profile dev]
sso_session = corp
sso_account_id = 444455556666
sso_role_name = Admin
"""
WHOAMI = {"status": 200, "body": '{"Account":"1","Arn":"arn:aws:sts::1:assumed-role/x/y","UserId":"u"}'}


@pytest.fixture
def person(cli):
    """Two roles in each of three accounts, one of them with a profile."""
    path = cli.write_aws_config(CONFIG)
    cli.env["AWS_CONFIG_FILE"] = str(path)
    cli.used = []
    cli.agent.answers.update({
        "Status": lambda call: call.reply(status(session(), configFile=str(path), roles=cli.used)),
        "ListAccounts": {"accounts": [{"accountId": id, "accountName": name} for id, name in ACCOUNTS]},
        "ListRoles": lambda call: call.reply({"roles": [
            {"accountId": call.parameters["accountId"], "roleName": name} for name in ("Admin", "ReadOnly")]}),
        "Log": {"file": None, "problem": None}, "Call": WHOAMI})
    return cli


def picked(person, keys, **options):
    """The target of the call that followed."""
    terminal = Terminal(person, "whoami", **options)
    terminal.until("role")
    terminal.type(keys)
    assert terminal.finish() == 0, repr(terminal.text)
    return person.agent.parameters_of("Call")[-1]["target"]


@pytest.mark.parametrize("keys, target", [
    ("dev\r", {"profile": "dev"}),
    ("payroll read\r", {"session": "corp", "accountId": "111122223333", "roleName": "ReadOnly"}),
    ("777788889999 adm\r", {"session": "corp", "accountId": "777788889999", "roleName": "Admin"}),
])
def test_a_role_is_found_by_any_of_its_names(person, keys, target):
    assert picked(person, keys) == target


def test_the_one_used_last_is_first_then_those_with_a_profile(person):
    assert picked(person, "\r") == {"profile": "dev"}
    person.used = [{"session": "corp", "accountId": id, "roleName": "ReadOnly", "expires": None}
                   for id in ("777788889999", "111122223333")]
    assert picked(person, "\r") == {"session": "corp", "accountId": "777788889999", "roleName": "ReadOnly"}


def test_what_was_used_before_is_known_from_the_log(person, tmp_path):
    """Overnight, or over a logout, the daemon's memory forgets; those that it holds are newer than any line."""
    lines = [{"session": "corp", "accountId": account, "roleName": role} for account, role in (
        ("444455556666", "ReadOnly"), ("777788889999", "Admin"), ("000000000000", "Gone"))]
    log = tmp_path / "log"
    log.write_text("no line of ours\n" + "".join(json.dumps(line) + "\n" for line in lines))
    person.agent.answers["Log"] = {"file": str(log), "problem": None}
    person.used = [{"session": "corp", "accountId": "111122223333", "roleName": "ReadOnly", "expires": None}]
    terminal = Terminal(person, "whoami", term="dumb")
    terminal.until(r"it \[1\]: ")
    assert re.findall(r"^  \d  +(.*?) *\r$", terminal.text, re.MULTILINE)[:4] == [
        "-    ReadOnly  Payroll      111122223333", "-    Admin     ?[2JSandbox  777788889999",
        "-    ReadOnly  Development  444455556666", "dev  Admin     Development  444455556666"]
    terminal.type("\x03")
    assert terminal.finish() == 130


def test_an_account_that_cannot_be_listed_keeps_the_others_from_nobody(person):
    def roles(call):
        account = call.parameters["accountId"]
        if account == "111122223333":
            call.error("Unavailable", message="AWS is busy: try again")
        else:
            call.reply({"roles": [{"accountId": account, "roleName": "Admin"}]})
    person.agent.answers["ListRoles"] = roles
    assert picked(person, "sandbox\r") == {"session": "corp", "accountId": "777788889999", "roleName": "Admin"}
    person.agent.answers["ListAccounts"] = {"accounts": [{"accountId": "111122223333", "accountName": "Payroll"}]}
    terminal = Terminal(person, "whoami")
    assert terminal.finish() == 5 and terminal.text.endswith("iamic: AWS is busy: try again\r\n"), repr(terminal.text)


@pytest.mark.parametrize("term, columns", [("xterm", 80), ("xterm", 20), ("dumb", 80)])
def test_the_picker_fits_every_terminal_and_shows_nothing_raw(person, term, columns):
    assert picked(person, "dev\r", term=term, columns=columns) == {"profile": "dev"}
    terminal = Terminal(person, "whoami", term=term, columns=columns)
    terminal.until("role")
    assert "\033[2JSandbox" not in terminal.text
    terminal.type("\x03")
    assert terminal.finish() == 130 and terminal.text.rstrip().endswith("iamic: cancelled"), repr(terminal.text)


def test_who_names_a_role_is_not_asked(person):
    for words, env in ((["--profile", "dev"], {}), ([], {"AWS_PROFILE": "dev"})):
        terminal = Terminal(person, "whoami", *words, **env)
        assert terminal.finish() == 0 and not person.agent.parameters_of("ListAccounts"), repr(terminal.text)
    person.write_aws_config(CONFIG.replace("[profile dev]", "[default]"))
    assert Terminal(person, "whoami").finish() == 0
    assert person.agent.parameters_of("Call")[-1]["target"] == {"profile": "default"}
    assert not person.agent.parameters_of("ListAccounts")


def test_without_a_terminal_nobody_is_asked(person):
    person.agent.answers["Call"] = lambda call: call.error("Config", message="profile 'default' is not there")
    assert person.iamic("whoami").status == 7
    assert not person.agent.parameters_of("ListAccounts")


def test_who_is_signed_out_is_told_so(person):
    person.agent.answers["ListAccounts"] = lambda call: call.error(
        "LoginRequired", session="corp", message="session 'corp' is signed out: run 'iamic-login corp'")
    terminal = Terminal(person, "whoami")
    assert terminal.finish() == 3 and "iamic-login corp" in terminal.text, repr(terminal.text)


def test_who_may_use_nothing_is_told_whom_to_ask(person):
    person.agent.answers["ListAccounts"] = {"accounts": []}
    terminal = Terminal(person, "whoami")
    assert terminal.finish() == 4 and "ask whoever administers" in terminal.text, repr(terminal.text)


def test_the_picker_with_the_real_daemon(home):
    home.configure()
    home.sign_in()
    terminal = Terminal(home, "whoami")
    terminal.until("role")
    terminal.type("payroll readonly\r")
    assert terminal.finish() == 0 and "012345678901" in terminal.text, repr(terminal.text)
    assert home.iamic("logout").status == 0
    home.sign_in()
    again = Terminal(home, "whoami")
    again.until(r"> 1  -  ReadOnly +Payroll")
    again.type("\r")
    assert again.finish() == 0, repr(again.text)


def test_while_many_accounts_are_listed_a_terminal_shows_how_far_it_is(home, practice):
    practice.set(latency=0.2, accounts=[{"accountId": f"{n:012}", "accountName": f"A{n}", "roles": ["ReadOnly"]}
                                        for n in range(12)])
    home.configure()
    home.sign_in()
    terminal = Terminal(home, "whoami")
    terminal.until(r"\d of 12 accounts \[")
    terminal.until(r">  1  -  ReadOnly")
    terminal.type("a11\r")
    assert terminal.finish() == 0 and "000000000011" in terminal.text, repr(terminal.text)
    asked = practice.count("ListAccountRoles")
    again = Terminal(home, "whoami")
    again.until(r">  1  -  ReadOnly +A11")
    again.type("\x03")
    assert again.finish() == 130 and practice.count("ListAccountRoles") == asked, "what was listed lately will do"


@pytest.mark.parametrize("sessions, code, text", [
    ([], 7, "no session is configured in {path}: run 'iamic configure'"),
    (["a", "b"], 3, "all sessions are signed out: run 'iamic-login SESSION', with one of: 'a', 'b'"),
])
def test_where_there_is_nothing_to_pick_from_the_reason_is_said(person, sessions, code, text):
    path = person.env["AWS_CONFIG_FILE"]
    out = [session(name, state="signed_out", expires=None) for name in sessions]
    person.agent.answers["Status"] = {**status(configFile=path), "sessions": out}
    terminal = Terminal(person, "whoami")
    assert terminal.finish() == code, repr(terminal.text)
    assert terminal.text.rstrip().endswith(f"iamic: {text.format(path=path)}"), repr(terminal.text)
    assert not person.agent.parameters_of("ListAccounts")


def use(person, keys, **options):
    """What the shell is told that asks for a profile, and what its person is shown."""
    terminal = Terminal(person, "use", "--shell", "bash", **options)
    terminal.until("profile: ")
    terminal.type(keys)
    return terminal.finish(), terminal.text


def test_a_profile_is_picked_where_use_names_none(person):
    person.write_aws_config(f"""{CONFIG}
[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
[profile deploy]
role_arn = arn:aws:iam::999988887777:role/team/Deploy
source_profile = dev
""")
    for keys, profile in (("keys\r", "keys"), ("9999\r", "deploy"), ("admin\r", "dev"), ("\r", "dev")):
        status, text = use(person, keys)
        assert status == 0 and f"AWS_PROFILE='{profile}'" in text, repr(text)
    assert "AWS_PROFILE='keys'" in use(person, "\r", AWS_PROFILE="keys")[1], "Enter alone changes nothing"
    status, text = use(person, "\x03")
    assert status == 130 and "AWS_PROFILE=" not in text, repr(text)


def test_use_says_that_nobody_is_signed_in(person):
    assert "signed out" not in use(person, "dev\r")[1]
    path = person.env["AWS_CONFIG_FILE"]
    person.agent.answers["Status"] = status(session(state="signed_out"), configFile=path)
    assert "signed out" not in use(person, "dev\r")[1], "the AWS CLI's own sign-in is used"
    role = "--sso-session corp --account-id 444455556666 --role-name Admin"
    person.write_aws_config(f"{CONFIG}[profile ours]\ncredential_process = /x/iamic-credential-process {role}\n")
    assert "iamic: session 'corp' is signed out: run 'iamic-login corp'\r\n" in use(person, "ours\r")[1]


def test_who_names_none_of_several_sessions_picks_one_to_sign_in_to(person):
    path = person.env["AWS_CONFIG_FILE"]
    person.agent.answers["Status"] = status(session(), session("other", state="signed_out"), configFile=path)
    person.agent.answers["Login"] = done()
    for keys, name in (("\r", "other"), ("corp\r", "corp")):
        terminal = Terminal(person, "login")
        terminal.until("> 2  other .* signed out")
        terminal.type(keys)
        assert terminal.finish() == 0, repr(terminal.text)
        assert person.agent.parameters_of("Login")[-1]["session"] == name
    assert person.iamic("login").status == 0 and "session" not in person.agent.parameters_of("Login")[-1]
