"""iamic configure: from nothing to a working profile at a terminal, without one, and what it does to the file."""
import json
import os
import pathlib
import re
import socket
import stat
import subprocess

import botocore.configloader
import pytest
from home import wait_for
from screen import screen_of
from terminal import Terminal

ACCOUNT, ROLE = "012345678901", "ReadOnly"
ROLE_OPTIONS = ("--account-id", ACCOUNT, "--role-name", ROLE)
SESSION = ("--sso-session", "corp")
OTHER_FILE = """# mine
[default]
region = eu-central-1   # with a comment that is part of it

[profile old]
  sso_start_url: https://old.awsapps.com/start
s3 =
    max_concurrent_requests = 20
; the end
"""


class Dialogue(Terminal):
    """A person who waits for a question before she answers it, each time the next one."""

    def __init__(self, home, *words, **options):
        super().__init__(home, "configure", *words, **options)
        self.seen, self.columns = 0, options.get("columns", 80)

    def ask(self, pattern, timeout=15):
        """Waits for a question that has not been there before, whatever its colour."""
        def look():
            self.read(0.05)
            return re.compile(pattern).search(self.plain(), self.seen)
        self.seen = wait_for(look, timeout, lambda: f"no {pattern!r} in {self.plain()[self.seen:]!r}").end()

    def plain(self):
        return re.sub(r"\x1b\[\d*m", "", self.text)

    def answer(self, pattern, text="", key="\r"):
        self.ask(pattern)
        self.type(text + key)

    def lines(self):
        """What stands on the screen at the end."""
        return screen_of(self.text, self.columns)


@pytest.fixture
def corp(home, practice):
    """A session that is configured and signed in to."""
    home.configure()
    home.sign_in()
    return home


def described(home, *more):
    """Options that describe the practice Identity Center as a new session."""
    practice = home.practice
    return (*SESSION, "--sso-start-url", practice.start_url, "--sso-region", practice.region, *more)


def line(home, account=ACCOUNT, role=ROLE, session="corp"):
    return (f"credential_process = {home.program('iamic-credential-process')} --sso-session {session} "
            f"--account-id {account} --role-name {role}")


def section(home):
    return (f"[sso-session corp]\nsso_start_url = {home.practice.start_url}\nsso_region = {home.practice.region}\n"
            "sso_registration_scopes = sso:account:access\n")


def files(home):
    """All that is in ~/.aws, with modes."""
    return {str(path.relative_to(home.path)): (stat.S_IMODE(path.lstat().st_mode),
                                               None if path.is_dir() else path.read_bytes())
            for path in (home.path / ".aws").rglob("*")}


def read_by_botocore(path):
    return botocore.configloader.load_config(str(path))


# At a terminal.


@pytest.mark.quick
def test_from_nothing_to_a_working_profile(home, practice):
    practice.auto_approve()
    person = Dialogue(home, LANG="C.UTF-8")
    person.answer("start URL of your access portal: ", practice.start_url)
    person.ask(r"region of your Identity Center: us-east-1 \(its page says so\)\r\n")
    person.answer(r"name for this sign-in \[localhost\]: ", "corp")
    person.answer(r"account: .*\n> 1  Development +111122223333", "payr")
    person.answer(r"role: .*\n> 1  Billing", "2")
    person.answer(r"name for the profile \[ReadOnly-012345678901\]: ", "dev")
    person.answer(r"region for AWS calls \(Enter: none\): ", "eu-west-1")
    assert person.finish() == 0, person.text
    assert person.lines()[-7:-1] == [
        f"account: Payroll {ACCOUNT} payroll@example.com", "role: ReadOnly",
        "name for the profile [ReadOnly-012345678901]: dev", "region for AWS calls (Enter: none): eu-west-1",
        f"written to {home.aws_config}: session 'corp', profile 'dev'",
        "try it:   aws sts get-caller-identity --profile dev"]
    assert home.aws_config.read_text() == f"{section(home)}\n[profile dev]\n{line(home)}\nregion = eu-west-1\n"
    assert {name: mode for name, (mode, _) in files(home).items()} == {".aws/config": 0o600}
    assert stat.S_IMODE((home.path / ".aws").stat().st_mode) == 0o700
    identity = home.aws("sts", "get-caller-identity", "--profile", "dev")
    assert identity.status == 0 and json.loads(identity.out)["Account"] == ACCOUNT, identity


def test_a_start_url_that_leads_nowhere_is_asked_for_again(home, practice):
    practice.set(vanity="https://evil.example/start")
    person = Dialogue(home)
    person.answer("start URL of your access portal: ", f"{practice.url}/vanity")
    person.ask(r"looking at https://localhost:\d+/vanity")
    person.ask("which is no access portal of AWS's")
    person.answer("start URL of your access portal: ", practice.start_url)
    person.answer("name for this sign-in", key="\x03")
    assert person.finish() == 130
    assert not [row for row in person.lines() if "looking at" in row]


def test_the_second_time_little_is_asked(corp):
    corp.write_aws_config(corp.aws_config.read_text() + "\n[profile first]\nregion = eu-west-3\n")
    person = Dialogue(corp)
    person.answer(r"account: .*\n> 1  ", "\x1b[B\x1bOB")  # the one without a name is the last
    person.ask(r"role: ReadOnly \(the only one\)")
    person.answer(r"\[ReadOnly-999988887777\]: ")
    person.answer(r"region for AWS calls \[eu-west-3\]: ")
    assert person.finish() == 0, person.text
    assert "already signed in to 'corp'" in person.text and "nothing to do" not in person.text
    assert corp.aws_config.read_text().endswith(
        f"\n[profile ReadOnly-999988887777]\n{line(corp, '999988887777')}\nregion = eu-west-3\n")


def test_among_several_sessions_one_is_chosen_or_described(corp, practice):
    practice.set(auto_approve=True, start_page="")
    corp.write_aws_config(section(corp) + "\n[sso-session other]\nsso_start_url = https://o.awsapps.com/start\n"
                          "sso_region = eu-west-1\n")
    person = Dialogue(corp, *ROLE_OPTIONS, "--profile", "p", "--region", "eu-west-1")
    person.answer(r"session: .*\n> 1  corp *\r\n  2  other *\r\n  3  \(a new one\)", "new")
    person.answer("portal: ", practice.start_url.replace("https://", ""))
    person.answer(r"Center \[us-east-1\]: ", "moon")
    person.answer(r"'moon' is not a region[\s\S]*Center \[us-east-1\]: ")
    person.answer(r"sign-in \[localhost\]: ", "corp")
    person.answer(r"'corp' is there already[\s\S]*sign-in \[localhost\]: ", "a]b")
    person.answer(r"cannot be the name of a session[\s\S]*sign-in \[localhost\]: ")
    assert person.finish() == 0, person.text
    assert "sign in:  iamic-login localhost\r\n" in person.text
    profiles = read_by_botocore(corp.aws_config)
    assert set(profiles["sso_sessions"]) == {"corp", "other", "localhost"}
    assert profiles["profiles"]["p"]["credential_process"].endswith(" --sso-session localhost "
                                                                    f"--account-id {ACCOUNT} --role-name {ROLE}")


QUESTIONS = [("portal: ", None), ("Center: ", "us-east-1"), ("sign-in .*: ", "corp"), ("left", None),
             ("account: ", "payroll"), ("role: ", "read"), ("profile .*: ", "dev"), ("calls .*: ", "eu-west-1")]


@pytest.mark.parametrize("stop", range(len(QUESTIONS)))
def test_ctrl_c_leaves_nothing_written(home, practice, stop):
    practice.set(start_page="")
    person = Dialogue(home)
    for number, (pattern, text) in enumerate(QUESTIONS[:stop + 1]):
        person.ask(pattern)
        if number == stop:
            person.type("\x03")
        elif pattern == "left":
            practice.approve()
        else:
            person.type((text or practice.start_url) + "\r")
    assert person.finish() == 130, person.text
    assert "cancelled" in person.text and not (home.path / ".aws").exists(), person.text


def test_a_sign_in_that_is_denied_leaves_nothing_written(home, practice):
    person = Dialogue(home, *described(home))
    person.until("left")
    practice.deny()
    assert person.finish() == 4, person.text
    assert "nothing was written: is us-east-1 the region of your Identity Center?" in person.text
    assert not (home.path / ".aws").exists()


def test_no_accounts_is_an_error_that_says_whom_to_ask(corp, practice):
    practice.set(accounts=[])
    before = files(corp)
    person = Dialogue(corp)
    assert person.finish() == 4, person.text
    assert "no accounts are assigned to you in session 'corp': ask whoever" in person.text
    assert files(corp) == before


def test_a_menu_of_hundreds(corp, practice):
    practice.set(accounts=[{"accountId": f"{number:012}", "accountName": f"Team {number}", "roles": ["ReadOnly"]}
                           for number in range(300)])
    person = Dialogue(corp, "--role-name", ROLE, "--profile", "p", "--region", "eu-west-1")
    person.ask(r"1 of 300")
    person.type("\x1b[6~\x1b[6~\x1b[F")
    person.ask(r"300 of 300")
    assert sum(line[:1] in "> " and "Team" in line for line in person.lines()) == 12, person.lines()
    person.type("team 29x\r")
    person.ask("account: team 29x\r\n  nothing matches")
    person.type("\x7f7\r")
    assert person.finish() == 0, person.text
    assert "account: Team 297 000000000297\r\n" in person.text


HOSTILE = "\x1b[31m\x1b]0;owned\x07\u202eevil\x9b2J\r\n[profile evil]"


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_what_accounts_are_called_moves_no_cursor_and_is_not_written(corp, practice, term):
    practice.set(accounts=[{"accountId": ACCOUNT, "accountName": HOSTILE, "emailAddress": HOSTILE, "roles": [ROLE]},
                           {"accountId": "111122223333", "accountName": "Good", "roles": [ROLE]}])
    person = Dialogue(corp, "--profile", "p", "--region", "eu-west-1", term=term)
    person.answer("account.*: .*" if term == "xterm" else "number or part of it", "evil")
    assert person.finish() == 0, person.text
    assert any(line.startswith("account: ?[31m") for line in person.lines())
    assert b"evil" not in corp.aws_config.read_bytes() and "evil" not in read_by_botocore(corp.aws_config)["profiles"]


@pytest.mark.parametrize("role", ["a\x1b[31mb", "a b", "a'b", "$(id)", "x" * 33])
def test_a_role_that_is_called_otherwise_than_roles_are_is_not_written(corp, practice, role):
    practice.set(accounts=[{"accountId": ACCOUNT, "accountName": "A", "roles": [role]}])
    before = files(corp)
    person = Dialogue(corp)
    assert person.finish() in (4, 5), person.text
    person.lines()
    assert files(corp) == before


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_twenty_columns_and_terminals_that_cannot_move_their_cursor(corp, term):
    person = Dialogue(corp, columns=20, term=term)
    person.answer("1  Development" if term == "xterm" else "it \\[1\\]: ", "payroll")
    person.answer("1  Billing" if term == "xterm" else "it \\[1\\]: ", "1")
    person.answer("Billing-012345678901\\]: ", "devv\x7f")
    person.answer("none\\): ", "eu-west-11\x7f")
    assert person.finish() == 0, person.text
    assert line(corp, role="Billing") in corp.aws_config.read_text() and "[profile dev]" in corp.aws_config.read_text()
    assert all(len(line) <= 20 for line in person.lines())
    if term == "dumb":
        assert "\x1b" not in person.text.replace("\r\n", "\n"), repr(person.text)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_an_answer_that_is_taken_back_whole_leaves_its_line(corp, term):
    person = Dialogue(corp, "--account-id", ACCOUNT, "--role-name", ROLE, term=term)
    person.answer("name for the profile .*: ", "開発x\x15dev")
    person.answer("region .*: ", "moon\x15eu-west-1")
    assert person.finish() == 0, person.text
    assert [line for line in person.lines() if "moon" in line or "開発" in line] == []
    assert "region for AWS calls (Enter: none): eu-west-1" in person.lines()


def test_a_dumb_terminal_lists_what_matches_until_it_is_one(corp):
    person = Dialogue(corp, "--profile", "p", "--region", "eu-west-1", term="dumb", NO_COLOR="1")
    person.answer(r"  3  - +999988887777[\s\S]*it \[1\]: ", "example")
    person.answer(r"several match 'example'[\s\S]*it \[1\]: ", "nobody")
    person.answer(r"nothing matches 'nobody'[\s\S]*it \[1\]: ", "111122223333")
    person.answer(r"role, number or part of it \[1\]: ", "power")
    assert person.finish() == 0, person.text
    assert line(corp, "111122223333", "Power+User") in corp.aws_config.read_text()


# Without a terminal.


def test_with_all_options_nothing_is_asked_of_anyone(home, practice):
    result = home.iamic("configure", *described(home, *ROLE_OPTIONS), "--profile", "my dev", "--region", "eu-west-1",
                        "--output", "json", "--sso-registration-scopes", "sso:account:access,q:chat")
    assert (result.status, result.err) == (
        0, "iamic: warning: not every SDK reads a profile with blanks in its name\n"), result
    assert result.out.endswith("sign in:  iamic-login corp\ntry it:   aws sts get-caller-identity --profile 'my dev'\n")
    assert home.aws_config.read_text() == (
        section(home)[:-1] + ",q:chat\n\n[profile 'my dev']\n" + line(home)
        + "\nregion = eu-west-1\noutput = json\n")
    assert practice.requests() == []
    home.sign_in()
    assert home.aws("sts", "get-caller-identity", "--profile", "my dev").status == 0


def test_who_is_signed_in_is_not_sent_to_sign_in(corp):
    result = corp.iamic("configure", *ROLE_OPTIONS, "--profile", "dev", "--region", "eu-west-1")
    assert result.out == (f"written to {corp.aws_config}: profile 'dev'\n"
                          "try it:   aws sts get-caller-identity --profile dev\n"), result


def test_what_it_says_to_try_works_without_a_region_too(corp, practice):
    result = corp.iamic("configure", *ROLE_OPTIONS, "--profile", "dev")
    assert result.status == 0, result
    line = result.out.splitlines()[-1]
    assert line == f"try it:   aws sts get-caller-identity --profile dev --region {practice.region}", result
    identity = corp.aws(*line.split()[3:])
    assert identity.status == 0 and json.loads(identity.out)["Account"] == ACCOUNT, identity
    corp.env["AWS_DEFAULT_REGION"] = "eu-west-1"
    again = corp.iamic("configure", *ROLE_OPTIONS, "--profile", "dev2")
    assert again.out.endswith("try it:   aws sts get-caller-identity --profile dev2\n"), again


def test_the_same_once_more_writes_nothing(home):
    words = ("configure", *described(home, *ROLE_OPTIONS), "--profile", "dev")
    assert home.iamic(*words).status == 0
    before, inode = files(home), home.aws_config.stat().st_ino
    again = home.iamic(*words)
    assert again.status == 0 and f"nothing to do: {home.aws_config} says that already\n" in again.err, again
    assert files(home) == before and home.aws_config.stat().st_ino == inode


@pytest.mark.parametrize("words, status, text", [
    ((), 2, "there is no terminal to ask at: give --account-id and --role-name"),
    (("--account-id", ACCOUNT), 2, "there is no terminal"),
    (ROLE_OPTIONS, 2, "there is no terminal to ask at: give --sso-start-url, --sso-region"),
    ((*ROLE_OPTIONS, "--sso-start-url", "https://x.portal.eu-west-1.app.aws", "--sso-region", "us-east-1"), 7,
     "the start URL is of region eu-west-1, not of us-east-1"),
    (("--account-id", "12345678901"), 2, "12 digits"),
    (("--sso-start-url", "ftp://x"), 2, "not an https:// address"),
    (("--sso-region", "moon"), 2, "not a region"),
    (("--output", "xml"), 2, "is none of json"),
    (("--adopt", "a", "--adopt-all"), 2, "contradict each other"),
    (("--adopt", "a", "--region", "eu-west-1"), 2, "takes everything from the profile"),
    (("--adopt", "nobody"), 7, "profile 'nobody' is not in"),
])
def test_what_is_missing_or_wrong_is_said(home, words, status, text):
    result = home.iamic("configure", *words)
    assert result.status == status and text in result.err and result.out == "", result
    assert result.err.count("\n") == 1 and not (home.path / ".aws").exists(), result


def test_the_region_is_read_from_the_address_where_it_shows(home):
    result = home.iamic("configure", *ROLE_OPTIONS, "--sso-start-url", "https://acme.portal.eu-west-1.app.aws",
                        "--profile", "default", "--region", "us-west-2")
    assert result.status == 0 and result.out.endswith("try it:   aws sts get-caller-identity\n"), result
    assert home.aws_config.read_text() == (
        "[sso-session acme]\nsso_start_url = https://acme.portal.eu-west-1.app.aws\nsso_region = eu-west-1\n"
        f"sso_registration_scopes = sso:account:access\n\n[default]\n{line(home, session='acme')}\n"
        "region = us-west-2\n")


@pytest.mark.parametrize("page, status, said", [
    ('<script id="env" type="application/json">{"region":"eu-west-1"}</script>', 0,
     "iamic: region of your Identity Center: eu-west-1 (its page says so)\n"),
    ('<meta name="region" content="eu-west-1.evil.example/">', 2, "neither the start URL nor its page shows"),
    ("", 2, "neither the start URL nor its page shows the region: give it with --sso-region"),
])
def test_the_region_is_read_from_the_page_where_it_shows(home, practice, page, status, said):
    practice.set(start_page=page)
    result = home.iamic("configure", *SESSION, "--sso-start-url", practice.start_url, *ROLE_OPTIONS, "--profile", "p")
    assert result.status == status and said in result.err, result
    assert not home.aws_config.exists() if status else "\nsso_region = eu-west-1\n" in home.aws_config.read_text()


def test_whoever_signs_in_elsewhere_first_has_the_same_page(home, practice):
    practice.set(identity_provider=True, start_page='<meta name="region" content="eu-west-1"/>')
    result = home.iamic("configure", *SESSION, "--sso-start-url", practice.start_url, *ROLE_OPTIONS, "--profile", "p")
    assert result.status == 0 and "\nsso_region = eu-west-1\n" in home.aws_config.read_text(), result


def test_a_region_that_is_given_is_held_against_the_page(home, practice):
    practice.set(start_page='<meta name="region" content="eu-west-1"/>')
    result = home.iamic("configure", *described(home, *ROLE_OPTIONS), "--profile", "p", "--region", "eu-west-1")
    assert (result.status, result.err) == (
        0, "iamic: warning: the page of the start URL names region eu-west-1, not us-east-1: if signing in fails, that "
        "is why\n"), result
    assert "\nsso_region = us-east-1\n" in home.aws_config.read_text()


def test_a_companys_own_address_is_followed_to_aws_once(home, practice):
    practice.set(vanity="https://acme.portal.eu-west-1.app.aws/?from=vanity#/")
    words = ("configure", *ROLE_OPTIONS, "--profile", "p", "--sso-start-url", f"{practice.url}/vanity#/")
    result = home.iamic(*words)
    assert result.status == 0 and "that leads to https://acme.portal.eu-west-1.app.aws\n" in result.out, result
    session = read_by_botocore(home.aws_config)["sso_sessions"]["acme"]
    assert (session["sso_start_url"], session["sso_region"]) == ("https://acme.portal.eu-west-1.app.aws", "eu-west-1")
    assert practice.count("Vanity") == 1


def test_no_server_of_this_machine_is_visited_in_the_name_of_whoever_asks(home):
    home.start_daemon()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/delete?all=yes"
        assert home.call("ResolveStartUrl", {"startUrl": url}) == {"startUrl": url, "region": None}
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("leads_to", ["https://evil.example/start", "http://d-1.awsapps.com/start", "/start",
                                      "https://x.awsapps.com@evil.example/", "javascript:alert(1)"])
def test_an_address_that_leads_elsewhere_is_refused(home, practice, leads_to):
    practice.set(vanity=leads_to)
    result = home.iamic("configure", *ROLE_OPTIONS, "--sso-region", "us-east-1", "--sso-start-url",
                        f"{practice.url}/vanity")
    assert result.status == 7 and "which is no access portal of AWS's" in result.err, result
    assert not (home.path / ".aws").exists()


def test_an_address_that_cannot_be_reached_is_said(home):
    result = home.iamic("configure", *ROLE_OPTIONS, "--sso-region", "us-east-1", "--sso-start-url",
                        "https://127.0.0.1:1/start", timeout=30)
    assert result.status == 5 and "127.0.0.1:1" in result.err, result
    assert not (home.path / ".aws").exists()


def test_a_session_that_is_there_is_not_made_another(corp):
    before = files(corp)
    for options in (("--sso-start-url", "https://evil.awsapps.com/start"), ("--sso-region", "eu-west-1")):
        result = corp.iamic("configure", *SESSION, *options, *ROLE_OPTIONS)
        assert result.status == 7 and "corp' is there already with another start URL or region" in result.err, result
    assert files(corp) == before


@pytest.mark.parametrize("keys", ["role_arn = arn:aws:iam::111122223333:role/X\nsource_profile = default",
                                  "aws_access_key_id = AKIA\naws_secret_access_key = x",
                                  "credential_process = /opt/other --x", "login_session = arn:aws:iam::1:user/x"])
def test_a_profile_that_is_there_for_something_else_is_left_alone(corp, keys):
    corp.write_aws_config(f"{section(corp)}[profile p]\n{keys}\n")
    before = files(corp)
    result = corp.iamic("configure", *ROLE_OPTIONS, "--profile", "p")
    assert result.status == 7 and ": profile 'p' is there for something else" in result.err, result
    assert files(corp) == before


def test_keys_that_tools_would_take_instead_are_warned_of(home):
    home.write(".aws/credentials", "[other]\naws_access_key_id = AKIAX\n[dev]\naws_access_key_id = AKIAY\n")
    result = configure(home)
    assert result.status == 0 and "credentials:4 instead of what was written: remove them" in result.err, result
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("name", ["a]b", "a'b", "a\nb", "a#b", "\x1b[31m", " a"])
def test_names_that_others_would_misread_are_refused(corp, name):
    before = files(corp)
    for words in ((*ROLE_OPTIONS, "--profile", name),
                  ("--sso-session", name, "--sso-start-url", "https://x.portal.eu-west-1.app.aws", *ROLE_OPTIONS)):
        result = corp.iamic("configure", *words)
        assert result.status == 7 and "\x1b" not in result.err and result.err.count("\n") == 1, result
    assert files(corp) == before


# The file.


def edited(text, home, newline="\n"):
    """OTHER_FILE, or another, with what configure adds to it."""
    return text + (f"\n{section(home)}\n[profile dev]\n{line(home)}\n").replace("\n", newline)


def configure(home, *more, **options):
    return home.iamic("configure", *described(home, *ROLE_OPTIONS), "--profile", "dev", *more, **options)


@pytest.mark.parametrize("newline, end", [("\n", "\n"), ("\r\n", "\r\n"), ("\n", ""), ("\r\n", "")],
                         ids=["LF", "CRLF", "no final newline", "CRLF, no final newline"])
def test_everything_else_in_the_file_stays_byte_for_byte(home, newline, end):
    text = OTHER_FILE.replace("\n", newline).removesuffix(newline) + newline
    home.write_aws_config("")
    home.aws_config.write_bytes(text.removesuffix(newline).encode() + end.encode())
    before = home.aws_config.read_bytes()
    assert configure(home).status == 0
    assert home.aws_config.read_bytes().decode() == edited(text, home, newline).removesuffix(newline) + end
    assert (home.path / ".aws/config.iamic-backup").read_bytes() == before


def test_a_value_changes_where_it_stands(home):
    home.write_aws_config(f"# a\n{section(home)}# b\n[profile dev]\n  Region=us-east-1\n  sso_session = corp\n"
                          "  sso_account_id = 1\n  cli_pager =\n# c\n[profile z]\nregion = x\n")
    assert configure(home, "--region", "eu-west-1").status == 0
    assert home.aws_config.read_text() == (
        f"# a\n{section(home)}# b\n[profile dev]\n  Region=eu-west-1\n  {line(home)}\n  cli_pager =\n"
        "# c\n[profile z]\nregion = x\n")


def test_dry_run_shows_what_patch_would_do(home, tmp_path):
    home.write_aws_config(OTHER_FILE)
    before = files(home)
    shown = configure(home, "--dry-run")
    assert shown.status == 0 and files(home) == before, shown
    copy = tmp_path / "config"
    copy.write_text(OTHER_FILE)
    subprocess.run(["patch", "-s", str(copy)], input=shown.out, text=True, check=True)
    assert configure(home).status == 0
    assert copy.read_text() == home.aws_config.read_text() == edited(OTHER_FILE, home)


def test_dry_run_of_a_new_file_makes_nothing(home):
    shown = configure(home, "--dry-run")
    assert shown.status == 0 and shown.out.startswith(f"--- /dev/null\n+++ {home.aws_config}\n@@ -0,0 +1,"), shown
    assert not (home.path / ".aws").exists()


def test_what_a_symbolic_link_leads_to_is_replaced(home):
    real = home.write("dotfiles/aws-config", OTHER_FILE, mode=0o640)
    (home.path / ".aws").mkdir(mode=0o755)
    home.aws_config.symlink_to("../dotfiles/aws-config")
    assert configure(home).status == 0
    assert home.aws_config.is_symlink() and os.readlink(home.aws_config) == "../dotfiles/aws-config"
    assert real.read_text() == edited(OTHER_FILE, home) and stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in real.parent.iterdir()) == ["aws-config"], "no litter in someone's repository"
    assert stat.S_IMODE((home.path / ".aws").stat().st_mode) == 0o755


def test_owner_and_group_stay(home):
    home.write_aws_config(OTHER_FILE)
    if os.geteuid() == 0:  # only root can give a file away
        os.chown(home.aws_config, 12345, 23456)
    before = home.aws_config.stat()
    assert configure(home).status == 0
    after = home.aws_config.stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid) and after.st_ino != before.st_ino


def test_a_link_that_leads_nowhere_is_said(home):
    (home.path / ".aws").mkdir(mode=0o700)
    home.aws_config.symlink_to("nowhere")
    result = configure(home)
    assert result.status == 7 and "is a symbolic link that leads nowhere" in result.err, result
    assert os.listdir(home.path / ".aws") == ["config"]


def test_for_a_read_only_file_the_sections_are_printed(home):
    home.write_aws_config(OTHER_FILE)
    home.aws_config.chmod(0o444)
    before = files(home)
    result = configure(home, "--region", "eu-west-1")
    assert result.status == 7 and "is read-only, nothing was written: put what is printed" in result.err, result
    assert result.out == f"{section(home)}\n[profile dev]\n{line(home)}\nregion = eu-west-1\n"
    assert files(home) == before


@pytest.mark.parametrize("text, where", [("[profile a]\nx = 1\nx = 2\n", 3), ("[profile a\n", 1), ("x = 1\n", 1),
                                         ("[profile a]\njust text\n", 2), ("\ufeff[profile a]\n", 1),
                                         ("[a]\n[a]\n", 2), ("[profile a]\nx = \0\n", 2)])
def test_a_broken_file_is_refused_with_its_line_and_left_alone(home, text, where):
    home.write_aws_config(text)
    before = files(home)
    for words in (described(home, *ROLE_OPTIONS), ("--adopt-all",), ("--release", "a")):
        result = home.iamic("configure", *words)
        assert result.status == 7 and f"{home.aws_config}:{where}: " in result.err and result.out == "", result
    person = Dialogue(home)
    assert person.finish() == 7 and ":".join((str(home.aws_config), str(where))) in person.text, person.text
    assert files(home) == before


def test_twenty_writers_at_once(home):
    home.start_daemon()
    writers = [home.spawn("iamic", "configure", *described(home, *ROLE_OPTIONS), "--profile", f"p{number}")
               for number in range(20)]
    for writer in writers:
        assert writer.finish().status == 0, writer.result(None)
    found = read_by_botocore(home.aws_config)
    assert set(found["profiles"]) == {f"p{number}" for number in range(20)} and list(found["sso_sessions"]) == ["corp"]
    assert {path.name for path in home.aws_config.parent.iterdir()} == {"config", "config.iamic-backup"}
    assert home.aws_config.read_text().count("[sso-session corp]") == 1


@pytest.mark.parametrize("meanwhile, text", [
    ("[sso-session corp]\nsso_start_url = https://evil.awsapps.com/start\nsso_region = us-east-1\n",
     "session 'corp' is there already with another start URL"),
    ("[profile dev]\nrole_arn = x\n", "profile 'dev' is there for something else"),
    ("[profile dev]\nrole_arn\n", "/.aws/config:2: "),
])
def test_what_has_come_into_the_file_while_a_person_answers_is_not_written_over(home, meanwhile, text):
    person = Dialogue(home, *described(home, *ROLE_OPTIONS), "--profile", "dev")
    person.ask("region for AWS calls")
    home.write_aws_config(meanwhile)
    before = files(home)
    person.type("\r")
    assert person.finish() == 7 and text in person.text, person.text
    assert files(home) == before


def test_a_key_that_has_come_meanwhile_is_seen(home):
    person = Dialogue(home, *described(home, *ROLE_OPTIONS), "--profile", "dev")
    person.ask("region for AWS calls")
    home.write_aws_config(f"{section(home)}\n[profile dev]\nsso_session = corp\n\n[profile z]\nregion = x\n")
    person.type("eu-west-1\r")
    assert person.finish() == 0, person.text
    assert home.aws_config.read_text() == (
        f"{section(home)}\n[profile dev]\n{line(home)}\nregion = eu-west-1\n\n[profile z]\nregion = x\n")


def test_a_file_is_whole_at_any_instant(home):
    """Whoever reads while others write sees one of the files that were there."""
    home.write_aws_config(OTHER_FILE)
    home.start_daemon()
    writers = [home.spawn("iamic", "configure", *described(home, *ROLE_OPTIONS), "--profile", f"p{number}")
               for number in range(8)]
    while any(writer.poll() is None for writer in writers):
        text = home.aws_config.read_text()
        assert text.startswith(OTHER_FILE) and (text == OTHER_FILE or text.endswith(f"{line(home)}\n")), text
    assert all(writer.finish().status == 0 for writer in writers)


CALLS = "write,fsync,rename,renameat,renameat2,unlink,fchmod,fchown"


def configure_under_strace(home, *options):
    """The same with calls of it made to fail, or to be its last."""
    return home.run("/usr/bin/strace", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", *options,
                    home.program("iamic"), "configure", *described(home, *ROLE_OPTIONS), "--profile", "dev")


@pytest.mark.once
def test_killed_at_any_of_its_calls_the_file_is_the_old_one_or_the_new_one(home):
    home.start_daemon()
    seen = []
    for call in CALLS.split(","):
        for point in range(1, 20):
            home.write_aws_config(OTHER_FILE)
            result = configure_under_strace(home, "-e", f"inject={call}:signal=SIGKILL:when={point}")
            assert home.aws_config.read_text() in (OTHER_FILE, edited(OTHER_FILE, home)), result
            if result.status == 0:
                break
            seen.append(home.aws_config.read_text())
    assert len(seen) > 8 and len(set(seen)) == 2, "it was killed before and after"
    assert configure(home).status == 0
    assert {path.name for path in home.aws_config.parent.iterdir()} == {"config", "config.iamic-backup"}


@pytest.mark.once
@pytest.mark.parametrize("call, error", [("write", "ENOSPC"), ("fsync", "EIO"), ("fchmod", "EPERM"),
                                         ("rename", "EACCES")])
@pytest.mark.parametrize("name", ["config.iamic-new", "config.iamic-backup.new"])
def test_what_cannot_be_written_changes_nothing(home, call, error, name):
    home.write_aws_config(OTHER_FILE)
    result = configure_under_strace(home, "-P", home.aws_config.parent / name, "-e", f"inject={call}:error={error}")
    assert result.status == 1 and "cannot write" in result.err and result.err.count("\n") == 1, result
    assert home.aws_config.read_text() == OTHER_FILE
    assert {path.name for path in home.aws_config.parent.iterdir()} <= {"config", "config.iamic-backup"}


# There and back.


LEGACY = "sso_start_url = {url}\nsso_region = us-east-1\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n"


def test_adopted_profiles_work_and_can_be_released(corp):
    own = "# mine\n[profile dev]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n" \
          "region = eu-west-1\n"
    corp.write_aws_config(f"{section(corp)}\n{own}")
    result = corp.iamic("configure", "--adopt", "dev")
    assert (result.status, result.err) == (0, ""), result
    assert corp.aws_config.read_text() == f"{section(corp)}\n# mine\n[profile dev]\n{line(corp)}\nregion = eu-west-1\n"
    assert corp.aws("sts", "get-caller-identity", "--profile", "dev").status == 0
    again = corp.iamic("configure", "--adopt", "dev")
    assert again.status == 0 and "nothing to do" in again.err, again
    assert corp.iamic("configure", "--release", "dev").status == 0
    assert corp.aws_config.read_text() == f"{section(corp)}\n{own}", "there and back is where one was"
    assert "nothing to do" in corp.iamic("configure", "--release", "dev").err


def test_profiles_of_the_older_form_get_a_session(home, practice):
    practice.auto_approve()
    legacy = LEGACY.format(url=practice.start_url)
    acme = LEGACY.format(url="https://acme.awsapps.com/start")
    home.write_aws_config(f"[profile a]\n{legacy}\n[profile b]\n{legacy}\n[profile c]\nregion = x\n\n[profile d]\n"
                          f"sso_session = nowhere\n\n[profile e]\n{acme}")
    result = home.iamic("configure", "--adopt-all")
    assert result.status == 0 and "not adopted: " in result.err and "'nowhere'" in result.err, result
    assert result.out == f"written to {home.aws_config}: sessions 'localhost', 'acme', profiles 'a', 'b', 'e'\n" \
                         "sign in:  iamic-login localhost\nsign in:  iamic-login acme\n"
    found = read_by_botocore(home.aws_config)
    assert {name: keys["sso_start_url"] for name, keys in found["sso_sessions"].items()} == {
        "localhost": practice.start_url, "acme": "https://acme.awsapps.com/start"}
    assert {name: list(keys) for name, keys in found["profiles"].items()} == {
        "a": ["credential_process"], "b": ["credential_process"], "c": ["region"], "d": ["sso_session"],
        "e": ["credential_process"]}
    assert home.iamic("login", "localhost").status == 0
    assert home.aws("sts", "get-caller-identity", "--profile", "b", "--region", "us-east-1").status == 0
    assert home.iamic("configure", "--release", "b").status == 0
    assert read_by_botocore(home.aws_config)["profiles"]["b"] == {
        "sso_session": "localhost", "sso_account_id": ACCOUNT, "sso_role_name": ROLE}


def test_who_adopts_profiles_is_told_how_to_sign_in(home, practice):
    profile = "[profile {}]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n"
    home.write_aws_config(section(home) + profile.format("a") + profile.format("b"))
    result = home.iamic("configure", "--adopt-all")
    assert result.out.splitlines()[1:] == [
        "sign in:  iamic-login corp, or where the AWS CLI is signed in: iamic import --wipe corp"], result
    home.sign_in()
    home.write_aws_config(section(home) + profile.format("a"))
    assert home.iamic("configure", "--adopt", "a").out.count("\n") == 1


def test_profiles_that_still_use_the_aws_clis_sign_in_are_named(corp):
    keys = "sso_session = corp\nsso_account_id = 012345678901\nsso_role_name = {}\n"
    corp.write_aws_config(f"{section(corp)}[profile a]\n{keys.format('Billing')}[profile b]\n{keys.format('ReadOnly')}"
                          "[profile broken]\nsso_session = nowhere\n")
    result = corp.iamic("configure", *ROLE_OPTIONS, "--profile", "b", "--region", "eu-west-1")
    assert (result.status, result.err) == (0, "iamic: the AWS CLI's own sign-in is still used by 'a': 'iamic configure "
                                              "--adopt-all' makes them iamic's\n"), result
    corp.write_config("cache = aws-cli\n")
    assert corp.iamic("configure", *ROLE_OPTIONS, "--profile", "b", "--region", "eu-west-2").err == ""


def test_what_cannot_be_adopted_is_said_and_left_alone(corp):
    corp.write_aws_config(f"{section(corp)}\n[profile chain]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = x\n\n"
                          "[profile half]\nsso_session = corp\n\n[profile other]\ncredential_process = /opt/x\n"
                          "sso_session = corp\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n")
    before = files(corp)
    for name, text in (("chain", ":"), ("half", "sso_account_id"), ("other", "another program's"), ("x", "not in")):
        result = corp.iamic("configure", "--adopt", name)
        assert result.status == 7 and text in result.err, result
    assert corp.iamic("configure", "--release", "other").status == 7
    assert files(corp) == before


def test_a_profile_that_says_where_its_session_goes_is_adopted_without_moving_it(corp):
    """Behind iamic's line endpoint_url is for what an SDK calls; a block of its own names the session's service."""
    keys = "[profile dev]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n"
    for lines in (f"endpoint_url = {corp.practice.url}\n", "use_fips_endpoint = true\n"):
        path = corp.write_aws_config(f"{section(corp)}\n{keys}{lines}")
        before = files(corp)
        result = corp.iamic("configure", "--adopt", "dev")
        assert result.status == 7 and f"{path}:" in result.err and lines.split()[0] in result.err, result
        assert files(corp) == before
    corp.stop_daemons()
    del corp.env["AWS_ENDPOINT_URL"]
    corp.write_aws_config(f"{section(corp)}\n{keys}services = here\n[services here]\n" + "".join(
        f"{name} =\n  endpoint_url = {corp.practice.url}\n" for name in ("sso", "sso_oidc")))
    assert corp.credential_process("--profile", "dev").status == 0
    assert corp.iamic("configure", "--adopt", "dev").status == 0
    assert "sso_account_id" not in corp.aws_config.read_text()
    corp.stop_daemons()
    assert corp.credential_process("--profile", "dev").status == 0


def test_a_session_of_iamics_own_file_is_written_down_on_release(home, practice):
    home.write_config(f"[session own]\nstart_url = {practice.start_url}\nregion = us-east-1\n")
    assert home.iamic("configure", *ROLE_OPTIONS, "--profile", "dev").status == 0
    assert home.aws_config.read_text() == f"[profile dev]\n{line(home, session='own')}\n"
    assert home.iamic("configure", "--release", "dev").status == 0
    found = read_by_botocore(home.aws_config)
    assert found["sso_sessions"]["own"]["sso_start_url"] == practice.start_url
    assert found["profiles"]["dev"]["sso_session"] == "own"


def test_it_writes_the_file_that_the_daemon_reads(home, tmp_path):
    elsewhere = pathlib.Path(tmp_path, "elsewhere")
    home.write_config(f"aws_config_file = {elsewhere}\n")
    result = configure(home)
    assert result.status == 0 and f"written to {elsewhere}" in result.out, result
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600 and not (home.path / ".aws").exists()
