"""What comes from elsewhere (AWS, files, the environment, arguments) never moves a cursor, turns a line around or adds
one; and terminals, locales and pipes of every kind get output that fits them."""
import os
import re
import unicodedata

import pytest

import varlink
from scripted_agent import account, done, fails, session, stages, status, waiting
from terminal import Terminal

# Clear the screen, set the title, C0, DEL, C1 (a CSI in one byte), every bidi control.
HOSTILE = ("x\033[2J\033]0;t\007\b\r\n\t\x7f\x85\x9b2K"
           "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NEVER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PLAIN = ["--account-id", "012345678901", "--role-name", "ReadOnly"]
ROLE = ["--sso-session", "corp", "--account-id", "012345678901", "--role-name", "ReadOnly"]
WIDE = "\u6771\u4eac\u672c\u793e"  # four characters, eight columns


def tame(result, lines_of_error=None):
    for text in (result.out, result.err):
        assert not NEVER.search(text), repr(text)
    if lines_of_error is not None:
        assert result.err.count("\n") == lines_of_error, result
    return result


# What AWS and the daemon say.

def hostile_status():
    return status(session(HOSTILE, startUrl=HOSTILE, region=HOSTILE, lastError=HOSTILE, state="signed_out"),
                  socket=HOSTILE, version=HOSTILE, network={"HTTPS_PROXY": HOSTILE, HOSTILE: "x"}, warnings=[HOSTILE],
                  store={"kind": HOSTILE, "state": HOSTILE, "protects": HOSTILE},
                  roles=[{"session": HOSTILE, "accountId": "012345678901", "roleName": HOSTILE, "expires": None}],
                  shares=[{"name": HOSTILE, "profiles": [HOSTILE], "until": None}])


def test_no_part_of_a_status_is_printed_raw(cli):
    cli.agent.answers["Status"] = hostile_status()
    result = tame(cli.iamic("status"), lines_of_error=2)
    assert result.status == 0 and result.out.count("x?[2J?]0;t") > 8, result
    assert "iamic-login 'x?[2J" in result.out


@pytest.mark.parametrize("words", [["accounts"], ["roles"], ["roles", "000000000001"], ["whoami", *ROLE]])
def test_no_name_of_aws_is_printed_raw(cli, words):
    cli.agent.answers.update({
        "ListAccounts": {"accounts": [account(1, accountName=HOSTILE, emailAddress=HOSTILE)]},
        "ListRoles": {"roles": [{"accountId": "000000000001", "roleName": HOSTILE}]},
        "Call": {"status": 200, "body": '{"Account":"1","Arn":"\\u001b[2J\\u202e","UserId":"\\r\\n\\u009b"}'}})
    result = tame(cli.iamic(*words), lines_of_error=0)
    assert result.status == 0 and "?" in result.out
    assert result.out.count("\n") == (3 if words[0] == "whoami" else 1), result


@pytest.mark.parametrize("words", [["status"], ["login"], ["logout", "corp"], ["accounts"], ["roles"], ["unlock"],
                                   ["whoami", *ROLE]])
def test_no_error_of_the_daemon_is_printed_raw(cli, words):
    def refuse(call):
        call.send({"error": "io.iamic.Agent.Denied", "parameters": {"message": HOSTILE}})
    cli.agent.answers.update(dict.fromkeys(["ListAccounts", "ListRoles", "Call", "Login", "Logout", "Unlock"], refuse))
    if words == ["status"]:
        cli.agent.answers["Status"] = refuse
    result = tame(cli.iamic(*words), lines_of_error=1)
    assert result.status == 4 and result.err.startswith("iamic: x?[2J?]0;t"), result


@pytest.mark.parametrize("words", [["status"], ["accounts"], ["doctor"], ["prompt"], ["login"], ["logout", "corp"],
                                   ["export", *ROLE], ["console", "--print", *ROLE], ["use", "--shell", "bash", "x"],
                                   ["import", "corp"], ["configure", "--adopt", HOSTILE], ["configure", *PLAIN],
                                   ["unlock", "--move-to", HOSTILE], ["exec", *ROLE, "--", "/usr/bin/true"]])
@pytest.mark.parametrize("error", [None, "Config", "LoginRequired"])
def test_no_command_passes_on_what_it_was_told(cli, words, error):
    """Whatever a daemon says, of a kind that it never would."""
    path = cli.write_aws_config(f"[sso-session corp]\nsso_start_url = https://x.example/{chr(0x202e)}\n"
                                "sso_region = us-east-1\n")
    told = {name: HOSTILE for name in (
        "url", "hint", "warning", "user", "session", "stage", "code", "openUrl", "verificationUri", "AccessKeyId",
        "SecretAccessKey", "SessionToken", "Expiration", "body", "message")}

    def tell(call):
        more = {"sessions": [HOSTILE], "accounts": [account(1, accountName=HOSTILE)], "roles": [], "Version": 1}
        if error:
            call.send({"error": f"io.iamic.Agent.{error}", "parameters": told})
        else:
            call.send({"parameters": {**told, **more, "status": 200}})
    cli.agent.answers = dict.fromkeys(cli.agent.answers | dict.fromkeys(varlink.AGENT.methods), tell)
    cli.agent.answers["Status"] = {**hostile_status(), "configFile": str(path)}
    result = cli.iamic(*words, env={"AWS_CONFIG_FILE": path})
    tame(result)


def test_nothing_of_a_sign_in_is_printed_raw(cli):
    cli.agent.answers["Login"] = stages(waiting(code="A\033[2J\u202e"), done(user=HOSTILE, warning=HOSTILE))
    result = tame(cli.iamic("login", "--no-browser"), lines_of_error=1)
    assert "code:    A?[2J?\n" in result.out and "as x?[2J" in result.out, result


def test_names_of_the_practice_server_reach_nobody_raw(home, practice):
    home.configure()
    practice.set(accounts=[{"accountId": "012345678901", "accountName": HOSTILE, "emailAddress": HOSTILE,
                            "roles": ["ReadOnly"]}])
    home.sign_in()
    assert tame(home.iamic("accounts"), 0).status == 0
    practice.fault("GetRoleCredentials", "status", status=403, code="ForbiddenException", message=HOSTILE)
    other = [*ROLE[:-1], "Other"]
    assert tame(home.iamic("whoami", *other), 1).status == 4
    practice.fault("GetRoleCredentials", "status", status=418, code=HOSTILE, message=HOSTILE)
    assert tame(home.credential_process(*other), 1).status == 5
    practice.fault("ListAccounts", "status", status=418, code=HOSTILE, message=HOSTILE)
    assert tame(home.iamic("accounts"), 1).status == 5


OTHER = [*ROLE[:-1], "Other"]
SHOWN = "x?[2J"  # what is left of it

XML = ("GetCallerIdentity", "AssumeRole")  # which has no C0
# What AWS refuses to do, with words of its own that are passed on.
REFUSING = [
    ("ListAccounts", 418, ["accounts"]), ("ListAccounts", 418, ["profiles"]), ("ListAccountRoles", 418, ["roles"]),
    ("ListAccountRoles", 418, ["roles", "012345678901"]), ("ListAccountRoles", 418, ["profiles", "--write"]),
    ("GetRoleCredentials", 418, ["whoami", *OTHER]), ("GetRoleCredentials", 418, ["export", *OTHER]),
    ("GetRoleCredentials", 418, ["exec", *OTHER, "--", "/usr/bin/true"]),
    ("GetRoleCredentials", 418, ["console", "--print", *OTHER]),
    ("GetRoleCredentials", 418, ["token", "eks", "--cluster-name", "c", *OTHER]),
    ("GetCallerIdentity", 403, ["whoami", *ROLE]), ("GetSigninToken", 403, ["console", "--print", *ROLE]),
    ("AssumeRole", 403, ["whoami", *ROLE, "--role-arn", "arn:aws:iam::111122223333:role/Deploy"]),
    ("StartDeviceAuthorization", 418, ["login", "--force"]), ("DescribeTrails", 403, ["doctor", *ROLE])]


def test_what_aws_refuses_with_is_passed_on_tamely_by_every_command(home, practice):
    home.configure()
    for operation, status, words in REFUSING:
        if home.iamic("status", "--check").status != 0:
            home.sign_in()
        said = re.sub("[\0-\x1f]", "", HOSTILE) if operation in XML else HOSTILE
        practice.fault(operation, "status", times=None, status=status, code="Odd", message=said)
        result = tame(home.iamic(*words, env={"PATH": "/nonexistent"}))
        assert re.search(r"x(\?\[2J|\[2J\]0;t\?\?\?2K)", result.out + result.err), (operation, result)
        if "doctor" not in words:
            assert result.status in (4, 5, 125) and result.err.splitlines()[-1].startswith("iamic: "), result
        practice.clear_faults()


def test_names_of_an_account_are_tame_in_what_doctor_finds(home, practice):
    home.configure()
    practice.set(account={"root_mfa": True, "root_keys": 0, "session_duration": f"PT8H{HOSTILE}", "refuse": [],
                          "instance_status": HOSTILE, "trails": [{"name": HOSTILE, "logging": True}]})
    home.sign_in()
    admin = ["--sso-session", "corp", "--account-id", "111122223333", "--role-name", "Administrator"]
    result = tame(home.iamic("doctor", *admin, env={"PATH": "/nonexistent"}), lines_of_error=0)
    assert result.out.count(SHOWN) == 3, result


@pytest.mark.parametrize("words", [["whoami"], ["configure", "--profile", "p", "--region", "eu-west-1"]])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_names_of_the_practice_server_are_tame_where_one_is_picked(home, practice, words, term):
    home.configure()
    practice.set(accounts=[
        {"accountId": f"{n:012d}", "accountName": f"{n}{HOSTILE}", "emailAddress": HOSTILE, "roles": ["ReadOnly"]}
        for n in (1, 2)])
    home.sign_in()
    before = home.aws_config.read_bytes()
    terminal = Terminal(home, *words, term=term)
    terminal.until(r"2x\?\[2J")
    terminal.type("000000000002\r")
    assert terminal.finish() == 0, terminal.text
    own = re.sub(r"\033\[[0-9;]*[A-Za-z]|[\r\n]", "", terminal.text)  # what iamic itself moves the cursor with
    assert not NEVER.search(own), repr(own)
    assert "\033[2J" not in terminal.text, repr(terminal.text)
    assert SHOWN.encode() not in home.aws_config.read_bytes().removeprefix(before)


# Arguments, files, the environment.

@pytest.mark.parametrize("words", [
    [HOSTILE], ["help", HOSTILE], ["status", HOSTILE], ["status", f"--{HOSTILE}"], ["status", "--min", HOSTILE],
    ["login", HOSTILE, HOSTILE], ["login", "--port", HOSTILE], ["roles", HOSTILE], ["whoami", "--role-arn", HOSTILE],
    ["whoami", "--account-id", HOSTILE], ["whoami", "--role-name", HOSTILE], ["whoami", "--profile", HOSTILE]])
def test_no_argument_is_printed_raw(cli, words):
    cli.agent.answers["ListAccounts"] = {"accounts": []}
    result = tame(cli.iamic(*words), lines_of_error=1)
    assert result.status in (2, 4, 7) and result.out == "" and result.err.startswith("iamic: "), result


@pytest.mark.parametrize("words", [[HOSTILE], [f"--{HOSTILE}"], ["--account-id", HOSTILE], ["--timeout", HOSTILE],
                                   ["--role-arn", HOSTILE], ["--profile", HOSTILE]])
def test_no_argument_of_the_shim_is_printed_raw(home, words):
    home.configure()
    result = tame(home.credential_process(*words), lines_of_error=1)
    assert result.status in (2, 7) and result.out == "", result


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_CONFIG_FILE", "IAMIC_LOGIN", "IAMIC_SOCKET", "HOME",
                                  "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "IAMIC_STORE",
                                  "AWS_ENDPOINT_URL", "HTTPS_PROXY", "LANG", "TERM"])
@pytest.mark.parametrize("words", [["iamic", "login", "--timeout", "1"], ["iamic", "whoami"],
                                   ["iamic-credential-process", "--timeout", "2"]])
def test_no_variable_is_printed_raw(bare_home, name, words):
    bare_home.write_aws_config("")
    tame(bare_home.run(*words, env={name: HOSTILE}))
    tame(bare_home.run(*words, env={name: f"{bare_home.path}/{HOSTILE}"}))
    bare_home.stop_daemons()


def test_a_file_with_a_hostile_name_is_named_tamely(home):
    home.write(f"{HOSTILE}/iamic/config", "store = nonsense\n")
    result = tame(home.iamic("accounts", env={"XDG_CONFIG_HOME": home.path / HOSTILE}), lines_of_error=1)
    assert result.status == 7 and "/iamic/config:1: store must be " in result.err, result


def test_a_hostile_line_of_the_configuration_is_shown_tamely(home):
    home.write_aws_config(f"[profile x]\nsso_session = {HOSTILE.replace(chr(10), '').replace(chr(13), '')}\n"
                          "sso_account_id = 012345678901\nsso_role_name = ReadOnly\n")
    assert tame(home.iamic("whoami", "--profile", "x"), 1).status == 7
    assert tame(home.credential_process("--profile", "x"), 1).status == 7


# Widths.

def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("lang", ["C.UTF-8", "C", "POSIX", "xx_YY.nonsense", ""])
def test_wide_and_combining_characters_are_aligned_whatever_the_locale(cli, lang):
    names = [WIDE, "\U0001f680 launch", "Zu\u0308rich", "plain"]
    cli.agent.answers["ListAccounts"] = {"accounts": [account(n, accountName=name) for n, name in enumerate(names)]}
    result = cli.iamic("accounts", env={"LANG": lang, "LC_ALL": None})
    lines = result.out.splitlines()
    assert [line.split("  ")[1] for line in lines] == names
    assert len({columns(line[:line.index("aws-")]) for line in lines}) == 1, result


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_narrow_terminal_breaks_no_cell(cli, term):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(1, accountName="prod"), account(2, accountName=WIDE)]}
    terminal = Terminal(cli, "accounts", columns=20, term=term)
    assert terminal.finish() == 0
    if term == "dumb":
        assert terminal.text.count("\r\n") == 2
    else:
        assert terminal.text == ("000000000001  prod\r\n  aws-1@example.com\r\n"
                                 f"000000000002\r\n  {WIDE}\r\n  aws-2@example.com\r\n"), repr(terminal.text)


def test_a_cell_that_no_line_has_room_for_begins_one(cli):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(1, accountName="p", emailAddress="x" * 30)]}
    terminal = Terminal(cli, "accounts", columns=20)
    assert terminal.finish() == 0 and terminal.text == f"000000000001  p\r\n  {'x' * 30}\r\n", repr(terminal.text)


@pytest.mark.parametrize("words", [["status"], ["accounts"], ["roles"], ["whoami", *ROLE], ["login", "--no-browser"]])
@pytest.mark.parametrize("width", [1, 20, 80])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_every_screen_on_every_terminal(cli, words, width, term):
    cli.agent.answers.update({
        "Status": status(roles=[{"session": "corp", "accountId": "012345678901", "roleName": WIDE, "expires": None}]),
        "ListAccounts": {"accounts": [account(1, accountName=WIDE)]},
        "ListRoles": {"roles": [{"accountId": "000000000001", "roleName": "Admin"}]},
        "Login": stages(waiting(), done()),
        "Call": {"status": 200, "body": '{"Account":"1","Arn":"arn:aws:sts::1:assumed-role/r/n","UserId":"u"}'}})
    terminal = Terminal(cli, *words, columns=width, term=term)
    assert terminal.finish() == 0, repr(terminal.text)
    if term == "dumb":
        assert "\033" not in terminal.text, repr(terminal.text)
    for line in re.split("\r\n|\r", re.sub("\033\\[[0-9;]*m", "", terminal.text)):
        longest = max(map(columns, line.split()), default=0)  # such as an address, which must stay whole
        assert term == "dumb" or width == 1 or columns(line) <= max(width, 13 + longest), (line, terminal.text)


# Pipes.

@pytest.mark.parametrize("words", ["help", "status", "status --json", "accounts", "accounts --json", "roles", "version",
                                   "login --help"])
@pytest.mark.parametrize("trap", ["", "trap '' PIPE;"])
def test_a_closed_pipe_is_no_noise_and_no_success(cli, words, trap):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(n) for n in range(1, 3000)]}
    cli.agent.answers["ListRoles"] = {"roles": [{"accountId": "000000000001", "roleName": "Admin"}]}
    read, write = os.pipe()
    os.close(read)
    program = cli.spawn("/bin/bash", "-c", f"{trap} exec {cli.program('iamic')} {words} >&{write}", pass_fds=[write])
    os.close(write)
    result = program.finish()
    assert result.err == "" and result.out == "" and result.status in ((1,) if trap else (1, -13)), result


def test_the_shim_into_a_full_disk(home):
    home.configure()
    home.sign_in()
    words = f"exec {home.program('iamic-credential-process')} {' '.join(ROLE)}"
    fails(home.run("/bin/sh", "-c", f"{words} >/dev/full"), 1, "cannot write to stdout: No space left on device")
