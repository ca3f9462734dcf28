"""The command line against a stand-in for the daemon, which says what a real one says rarely, late or never."""
import json
import os
import pathlib
import re
import select
import signal
import socket
import threading
import time
import urllib.parse

import pytest

from home import wait_for
from practice.client import Visitor
from scripted_agent import (CODE, URL, account, done, envelope, fails, in_seconds, registering, session, stages,
                            status, waiting)
from screen import screen_of
from terminal import Terminal

NOW = "2026-01-31T12:00:00Z"


# The command line itself.


@pytest.mark.quick
def test_help_and_version_ask_nobody(cli):
    for words in (["help"], ["--help"], ["help", "login"], ["version"], ["--version"], ["login", "--help"]):
        result = cli.iamic(*words)
        assert result.status == 0 and result.out and not result.err, result
        assert all(len(line) < 80 for line in result.out.splitlines()), result
    assert cli.iamic("version").out == cli.iamic("status", "--version").out
    assert re.fullmatch(r"iamic \d+\.\d+\.\d+\n", cli.iamic("version").out)
    assert not cli.agent.calls


def test_the_list_of_commands_has_each_ones_help(cli):
    verbs = re.findall(r"^  ([a-z]+) ", cli.iamic("help").out, re.MULTILINE)
    page = (cli.prefix / "share/man/man1/iamic.1").read_text()
    assert sorted(verbs) == sorted(re.findall(r"^\.SS ([a-z]+)", page, re.MULTILINE))
    of_admin = re.findall(r"^  ([a-z-]+) ", cli.iamic("admin", "--help").out, re.MULTILINE)
    assert len(of_admin) > 3
    for way in [[verb] for verb in verbs] + [["admin", verb] for verb in of_admin if verb[0] != "-"]:
        verb = " ".join(way)
        assert cli.iamic("help", *way).out == cli.iamic(*way, "--help").out
        assert cli.iamic(*way, "--help").out.startswith(f"usage: iamic {verb} [OPTION]...")
        assert re.search(r"\nexample: .*\biamic .*\n\Z", cli.iamic(*way, "--help").out), verb
        assert all(len(line) <= 80 for line in cli.iamic(*way, "--help").out.splitlines()), verb
    for program in ("iamicd", "iamic-login", "iamic-credential-process"):
        text = cli.run(program, "--help").out
        assert re.search("^[Ee]xample: ", text, re.MULTILINE), text
        assert all(len(line) <= 80 for line in text.splitlines()), text
    assert cli.run("iamic-login", "--help").out.startswith("usage: iamic-login [OPTION]... [SESSION]\n")


def test_without_a_command_its_usage_is_an_error_that_names_each_of_them(cli):
    bare, help = cli.iamic(), cli.iamic("help").out
    assert (bare.status, bare.out) == (2, ""), bare
    usage, _, *groups, _, hint = bare.err.splitlines()
    assert usage == help.splitlines()[0] and "'iamic help'" in hint
    assert all(len(line) < 80 for line in bare.err.splitlines()), bare
    shown = {}
    for block in help.split("\n\n")[2:-1]:
        heading, *lines = block.splitlines()
        shown[heading.rstrip(":")] = [line.split()[0] for line in lines]
    assert {line[2:].split("  ")[0]: line[2:].split("  ", 1)[1].strip().split(", ") for line in groups} == shown
    assert sorted(sum(shown.values(), [])) == sorted(re.findall(r"^  ([a-z]+) ", help, re.MULTILINE))
    assert not cli.agent.calls


@pytest.mark.parametrize("words", [["admin"], ["admin", "--"]])
def test_without_a_verb_of_its_own_a_commands_help_is_an_error(cli, words):
    bare = cli.iamic(*words)
    assert (bare.status, bare.out, bare.err) == (2, "", cli.iamic("admin", "--help").out), bare
    assert not cli.agent.calls


@pytest.mark.parametrize("columns", [80, 100])
def test_help_is_the_same_on_a_terminal_that_has_room_for_it(cli, columns):
    for verb in re.findall(r"^  ([a-z]+) ", cli.iamic("help").out, re.MULTILINE):
        terminal = Terminal(cli, verb, "--help", columns=columns)
        assert terminal.finish() == 0
        assert terminal.text.replace("\r\n", "\n") == cli.iamic(verb, "--help").out, verb


@pytest.mark.parametrize("words, said", [
    (["frobnicate"], "unknown command 'frobnicate': see 'iamic --help'"),
    (["-h"], "unknown option '-h': see 'iamic --help'"),
    (["help", "frobnicate"], "unknown command 'frobnicate': see 'iamic --help'"),
    (["acounts"], "unknown command 'acounts', perhaps 'accounts': see 'iamic --help'"),
    (["help", "logn"], "unknown command 'logn', perhaps 'login': see 'iamic --help'"),
    (["--hlep"], "unknown option '--hlep', perhaps 'help': see 'iamic --help'"),
    (["status", "--jsno"], "unknown option '--jsno', perhaps '--json': see 'iamic status --help'"),
    (["whoami", "--rolename=x"], "unknown option '--rolename', perhaps '--role-name': see 'iamic whoami --help'"),
    (["status", "--frobnicate"], "unknown option '--frobnicate': see 'iamic status --help'"),
    (["--profile", "dev", "whoami"], "option '--profile' stands behind a command, not before it: see 'iamic --help'"),
    (["log", "a"], "unexpected argument 'a': see 'iamic log --help'"),
    (["whoami", "dev"], "unexpected argument 'dev', a profile is named with --profile: see 'iamic whoami --help'"),
    (["status", "--profile", "p", "corp"], "contradict"),
    (["status", ""], "empty"),
    (["status", "\udcff"], "not UTF-8"),
    (["status", "--check", "--json"], "'--check'"),
    (["status", "--min", "30m"], "'--min' belongs to '--check'"),
    (["status", "--check", "--min", "soon"], "'soon'"),
    (["login", "--device", "--browser"], "contradict"),
    (["login", "--all", "corp"], "contradict"),
    (["login", "--profile", "p", "corp"], "contradict"),
    (["login", "--timeout", "0"], "'0'"),
    (["login", "--port", "65536"], "'65536'"),
    (["login", "--port", "8400"], "'--port' belongs to '--browser'"),
    (["login", "--device", "--port", "8400"], "'--port' belongs to '--browser'"),
    (["logout", "--all", "corp"], "contradict"),
    (["logout", "--all", "--profile", "p"], "contradict"),
    (["logout", "--profile", "p", "corp"], "contradict"),
    (["roles", "12345"], "12 digits"),
    (["accounts", "--profile", "p", "--sso-session", "s"], "contradict"),
    (["whoami", "--account-id", "111122223333"], "'--role-name'"),
    (["whoami", "--account-id", "11112222333", "--role-name", "Admin"], "12 digits"),
    (["whoami", "--account-id", "1111222233334", "--role-name", "Admin"], "12 digits"),
    (["whoami", "--profile", "p", "--role-name", "Admin", "--account-id", "111122223333"], "'--profile'"),
    (["whoami", "--sso-session", "s"], "'--sso-session'"),
    (["whoami", "--role-name", "a b"], "'a b'"),
    (["admin", "usres"], "unknown command 'usres', perhaps 'users': see 'iamic admin --help'"),
    (["admin", "--json"], "unknown option '--json': see 'iamic admin --help'"),
    (["admin", "users", "--jsno"], "unknown option '--jsno', perhaps '--json': see 'iamic admin users --help'"),
    (["help", "admin", "usres"], "unknown command 'usres', perhaps 'users': see 'iamic admin --help'"),
    (["help", "login", "x"], "unknown command 'x': see 'iamic login --help'"),
    (["whoami", "--x\033[2Jy"], "'--x?[2Jy'"),
    (["whoami", "a" * 5000], "see 'iamic whoami --help'"),
])
def test_wrong_usage_is_said_in_one_line_and_asks_nobody(cli, words, said):
    fails(cli.iamic(*words), 2, said)
    assert not cli.agent.calls


# Errors of the daemon.


@pytest.mark.parametrize("name, code", [("Internal", 1), ("LoginRequired", 3), ("Denied", 4), ("Unavailable", 5),
                                        ("TimedOut", 6), ("Config", 7), ("StoreUnavailable", 8), ("Locked", 9)])
@pytest.mark.parametrize("words", [["status"], ["status", "--check"], ["login"], ["accounts"], ["whoami"]])
def test_each_error_has_its_exit_status(cli, name, code, words):
    more = {"session": "corp"} if name == "LoginRequired" else {}
    # A lent socket denies Status, too: what it is asked next says whether there is more to it.
    cli.agent.answers["Status"] = cli.agent.answers["Call"] = (
        lambda call: call.error(name, message="it is 'so'", **more))
    fails(cli.iamic(*words), code, "iamic: it is 'so'\n")


def test_a_daemon_that_is_not_there_or_talks_nonsense_is_status_5(cli):
    cli.agent.answers["Status"] = lambda call: call.connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\0")
    fails(cli.iamic("status"), 5)
    cli.agent.answers["Status"] = lambda call: call.connection.shutdown(socket.SHUT_RDWR)
    fails(cli.iamic("status"), 5)
    fails(cli.iamic("status", env={"IAMIC_SOCKET": "/nonexistent/socket"}), 5, "/nonexistent/socket")
    fails(cli.iamic("status", env={"IAMIC_SOCKET": "/" + "x" * 107}), 7)


def test_a_message_cannot_move_the_cursor(cli):
    cli.agent.answers["Status"] = lambda call: call.send(
        {"error": "io.iamic.Agent.Denied", "parameters": {"message": "a\033[2J\u202eb\nc"}})
    fails(cli.iamic("status"), 4, "a?[2J?b?c")


# Status.


@pytest.mark.quick
def test_status_for_programs_has_exactly_the_promised_members(cli):
    role = {"session": "corp", "accountId": "111122223333", "roleName": "Admin", "roleArn": None,
            "expires": in_seconds(1000)}
    share = {"name": "box", "profiles": ["dev"]}
    cli.agent.answers["Status"] = status(session(lastError="x", sessionEnds=NOW), session("other", state="signed_out"),
                                         roles=[role], shares=[share], network={"HTTPS_PROXY": "http://proxy:3128"})
    out = json.loads(cli.iamic("status", "--json").out)
    assert list(out) == ["version", "pid", "socket", "store", "sessions", "roles", "shares", "network"]
    assert list(out["sessions"][0]) == ["name", "startUrl", "region", "state", "signedInAt", "expires", "refreshAt",
                                        "sessionEnds", "lastError"]
    assert out["sessions"][1]["lastError"] is None and out["sessions"][1]["sessionEnds"] is None
    assert out["roles"] == [role] and out["shares"] == [{**share, "until": None}]
    assert out["store"] == {"kind": "memory", "state": "ready", "protects": "nothing is kept on disk",
                            "lastError": None}
    assert out["network"] == {"HTTPS_PROXY": "http://proxy:3128"} and out["pid"] == 4711


def test_status_for_people_says_how_long_and_what_next(cli):
    cli.agent.answers["Status"] = status(
        session(expires=in_seconds(3030), sessionEnds=in_seconds(4 * 3600 + 100),
                signedInAt=in_seconds(-3 * 3600 - 100)),
        session("my corp", state="signed_out", expires=None, refreshAt=None, lastError="refused"),
        roles=[{"session": "corp", "accountId": "111122223333", "roleName": "Admin", "expires": in_seconds(2530)}],
        stale=True, network={"HTTPS_PROXY": "http://proxy:3128"})
    out = cli.iamic("status").out
    for text in ("iamicd 0.1.0, process 4711", "to use it: kill 4711", "memory, ready",
                 "nothing is kept on disk", "HTTPS_PROXY=http://proxy:3128", "session 'corp': signed in",
                 "(3 h 1 min ago)", "(in 50 min)", "renewed at", "(in 4 h 1 min), from earlier sessions",
                 "session 'my corp': signed out",
                 "last error refused", "run: iamic-login 'my corp'", "111122223333  Admin  ", "(in 42 min)"):
        assert text in out, (text, out)


@pytest.mark.parametrize("store, shown, following", [
    ("loading", "not known yet, the store is being read", None),
    ("locked", "not known, the store is locked", "run: iamic unlock"),
    ("failing", "not known, what is stored cannot be read", "the store is asked again by whatever needs the sign-in"),
])
def test_status_for_people_while_the_store_has_not_told(cli, store, shown, following):
    error = None if store == "loading" else "a reason"
    answer = status(session(state="loading", expires=None, refreshAt=None, lastError=error))
    answer["store"] = {"kind": "secret-service", "state": store, "protects": "from thieves", "lastError": error}
    cli.agent.answers["Status"] = answer
    out = cli.iamic("status").out
    assert f"session 'corp': {shown}\n" in out and "signed out" not in out
    assert out.count("  last error a reason\n") == (2 if error else 0)
    assert [line[13:] for line in out.splitlines() if line.startswith("  next ")] == ([following] if following else [])


def test_a_length_that_is_written_down_is_not_called_experience(cli):
    cli.write_config("session_length = 4h\n")
    cli.agent.answers["Status"] = status(session(sessionEnds=in_seconds(3700)))
    assert "(in 1 h 1 min), from session_length" in cli.iamic("status").out


@pytest.mark.parametrize("members, text", [
    ({"state": "locked", "expires": None, "refreshAt": None}, "next       run: iamic unlock\n"),
    ({"refreshAt": None}, "next       when the token ends, run: iamic-login corp\n"),
    ({"state": "signing_in", "expires": None, "refreshAt": None}, "to see the address: iamic-login corp\n"),
    ({"signedInAt": in_seconds(600)}, "(now)\n"),  # AWS's clock is ahead of ours
])
def test_status_for_people_in_other_states(cli, members, text):
    cli.agent.answers["Status"] = status(session(**members))
    assert text in cli.iamic("status").out


def test_status_of_one_session_shows_that_one(cli):
    cli.agent.answers["Status"] = status(session("a"), session("b"), roles=[
        {"session": name, "accountId": "111122223333", "roleName": "Admin"} for name in "ab"])
    out = json.loads(cli.iamic("status", "b", "--json").out)
    assert [row["name"] for row in out["sessions"]] == ["b"] and [row["session"] for row in out["roles"]] == ["b"]
    fails(cli.iamic("status", "c"), 7, "session 'c' is not in /nonexistent/config, which has: 'a', 'b'\n")


@pytest.mark.parametrize("members, words, code", [
    ({}, [], 0),
    ({"state": "refreshing"}, [], 0),
    ({"state": "signing_in"}, [], 0),
    ({"state": "signed_out", "expires": None, "refreshAt": None}, [], 3),
    ({"state": "signing_in", "expires": None, "refreshAt": None}, [], 3),
    ({"state": "ready", "expires": NOW}, [], 3),
    ({"state": "locked"}, [], 3),
    ({}, ["--min", "8h"], 0),
    ({"refreshAt": None}, ["--min", "30m"], 0),
    ({"refreshAt": None}, ["--min=1h"], 3),
    ({"sessionEnds": None}, ["--min", "8h"], 0),
    ({"sessionEnds": "SOON"}, ["--min", "30m"], 3),
    ({"sessionEnds": "SOON"}, ["--min", "10m"], 0),
])
def test_check_says_by_its_exit_status_alone_whether_one_is_signed_in(cli, members, words, code):
    members = {name: in_seconds(1200) if value == "SOON" else value for name, value in members.items()}
    cli.agent.answers["Status"] = status(session(**members))
    result = cli.iamic("status", "--check", *words)
    assert (result.status, result.out, result.err) == (code, "", ""), result


def test_check_of_all_sessions_wants_all_of_them(cli):
    cli.agent.answers["Status"] = status(session("a"), session("b", state="signed_out", expires=None))
    assert cli.iamic("status", "--check").status == 3
    assert cli.iamic("status", "--check", "a").status == 0


@pytest.mark.parametrize("words", [["status", "corp"], ["status", "--check", "corp"], ["login", "--all"], ["logout"]])
def test_where_no_session_is_configured_every_verb_says_what_to_write(cli, words):
    cli.agent.answers["Status"] = {**status(), "sessions": []}
    text = "no session is configured in /nonexistent/config: run 'iamic configure'\n"
    fails(cli.iamic(*words), 7, f"iamic: {text}")
    result = cli.iamic("status")
    assert result.status == 0 and text in result.out, result


def test_check_of_no_session_at_all_is_as_silent_as_any_other(cli):
    cli.agent.answers["Status"] = {**status(), "sessions": []}
    result = cli.iamic("status", "--check")
    assert (result.status, result.out, result.err) == (3, "", ""), result


def test_check_waits_for_a_store_that_is_being_read(cli):
    answers = [status(session(state="loading", expires=None, refreshAt=None))] * 3 + [status()]
    cli.agent.answers["Status"] = lambda call: call.reply(answers.pop(0))
    assert cli.iamic("status", "--check").status == 0
    assert not answers


def test_watch_prints_what_changed_and_ends_on_ctrl_c(cli):
    first = status(session(expires=in_seconds(3000)))
    last = status(session(state="signed_out", expires=None, refreshAt=None))
    sequence = [first, first]
    cli.agent.answers["Status"] = lambda call: call.reply(sequence.pop() if sequence else last)
    watch = cli.spawn("iamic", "status", "--watch", "--json")
    watch.until(r"\n.*signed_out.*\n", timeout=15)
    watch.send_signal(signal.SIGINT)
    result = watch.finish()
    assert result.status == 130, result
    assert [json.loads(line)["sessions"][0]["state"] for line in result.out.splitlines()] == ["ready", "signed_out"]


def test_watch_ends_when_nobody_reads_any_more(cli):
    result = cli.run("/bin/sh", "-c", f"{cli.program('iamic')} status --watch | head -n 1")
    assert result.out == "iamicd 0.1.0, process 4711\n" and result.err == "" and result.seconds < 10, result


# Lists.


@pytest.mark.quick
def test_rows_are_printed_as_their_pages_arrive(cli):
    printed = threading.Event()

    def pages(call):
        assert call.more
        call.reply({"accounts": [account(1)]}, continues=True)
        call.reply({"accounts": [account(2)]}, continues=True)
        assert printed.wait(10)
        call.reply({"accounts": [account(3, accountName=None, emailAddress=None)]})
    cli.agent.answers["ListAccounts"] = pages
    listing = cli.spawn("iamic", "accounts")
    listing.until("000000000002 .*\n")
    printed.set()
    result = listing.finish()
    assert result.status == 0 and result.out == (
        "000000000001  Account 1  aws-1@example.com\n"
        "000000000002  Account 2  aws-2@example.com\n"
        "000000000003  -          -\n"), result
    assert cli.agent.parameters_of("ListAccounts") == [{}]


def test_a_list_for_programs_is_one_document_of_all_pages(cli):
    def pages(call):
        call.reply({"accounts": [account(1)]}, continues=True)
        call.reply({"accounts": [account(2, accountName="Z\u00fcrich \u009b2J\u202e\033", emailAddress=None)]})
    cli.agent.answers["ListAccounts"] = pages
    result = cli.iamic("accounts", "--json")
    assert json.loads(result.out) == {"accounts": [
        account(1), account(2, accountName="Z\u00fcrich \u009b2J\u202e\033", emailAddress=None)]}
    assert "Z\u00fcrich" in result.out and result.out.replace("\n", "").isprintable(), result


def test_no_name_can_move_the_cursor_or_add_a_line(cli):
    hostile = account(1, accountName="\033[2J\u202e\nroot", emailAddress="\x9b")
    cli.agent.answers["ListAccounts"] = {"accounts": [hostile]}
    assert cli.iamic("accounts").out == "000000000001  ?[2J??root  ?\n"


def test_an_error_on_a_later_page_fails_behind_the_rows_that_came(cli):
    def pages(call):
        call.reply({"accounts": [account(1)]}, continues=True)
        call.error("LoginRequired", session="corp", message="session 'corp' is signed out: run 'iamic-login corp'")
    cli.agent.answers["ListAccounts"] = pages
    result = cli.iamic("accounts")
    assert result.status == 3 and result.out.startswith("000000000001"), result
    assert result.err == "iamic: session 'corp' is signed out: run 'iamic-login corp'\n", result
    result = cli.iamic("accounts", "--json")
    assert result.status == 3 and result.out == "", result


def test_roles_of_one_account_or_of_all(cli):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(1), account(2)]}
    cli.agent.answers["ListRoles"] = lambda call: call.reply(
        {"roles": [{"accountId": call.parameters["accountId"], "roleName": name} for name in ("Admin", "ReadOnly")]})
    assert cli.iamic("roles", "000000000007").out == "000000000007  Admin\n000000000007  ReadOnly\n"
    assert not cli.agent.parameters_of("ListAccounts")
    assert cli.iamic("roles").out.splitlines() == ["000000000001  Admin", "000000000001  ReadOnly",
                                                   "000000000002  Admin", "000000000002  ReadOnly"]
    assert json.loads(cli.iamic("roles", "000000000007", "--json").out) == {"roles": [
        {"accountId": "000000000007", "roleName": "Admin"}, {"accountId": "000000000007", "roleName": "ReadOnly"}]}


def test_an_empty_list_is_no_error_and_says_so(cli):
    cli.agent.answers["ListAccounts"] = {"accounts": []}
    result = cli.iamic("accounts")
    assert result.status == 0 and result.out == "" and "no accounts" in result.err, result
    assert json.loads(cli.iamic("accounts", "--json").out) == {"accounts": []}


# Which session is meant.

AWS_CONFIG = """
[sso-session corp]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
[sso-session other]
sso_start_url = https://d-0987654321.awsapps.com/start
sso_region = us-east-1
[profile dev]
sso_session = other
sso_account_id = 111122223333
sso_role_name = Admin
[profile legacy]
sso_start_url = https://legacy.awsapps.com/start#/
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Admin
[profile plain]
region = us-east-1
"""


@pytest.fixture
def configured(cli):
    path = cli.write_aws_config(AWS_CONFIG)
    cli.env["AWS_CONFIG_FILE"] = str(path)
    cli.agent.answers["Status"] = status(session("corp"), session("other"), configFile=str(path))
    cli.agent.answers["ListAccounts"] = {"accounts": []}
    return cli


def test_status_is_that_of_a_profiles_session(configured):
    out = configured.iamic("status", "--profile", "dev").out
    assert "session 'other'" in out and "session 'corp'" not in out, out
    assert configured.iamic("status", "--check", "--profile", "dev").status == 0
    fails(configured.iamic("status", "--profile", "nope"), 7, "'nope' is not in ", "'dev'")
    fails(configured.iamic("status", "dev"), 7, "'dev' is a profile in ", ", not a session: say --profile dev")


@pytest.mark.parametrize("words, profile, wanted", [
    ([], None, {}),
    ([], "dev", {"session": "other"}),
    ([], "plain", {}),
    ([], "unknown", {}),
    (["--profile", "dev"], "legacy", {"session": "other"}),
    (["--profile", "legacy"], None, {"session": "https://legacy.awsapps.com/start#/"}),
    (["--sso-session", "corp"], "dev", {"session": "corp"}),
])
def test_the_session_is_named_or_the_profiles_or_left_to_the_daemon(configured, words, profile, wanted):
    result = configured.iamic("accounts", *words, env={"AWS_PROFILE": profile})
    assert result.status == 0, result
    assert configured.agent.parameters_of("ListAccounts") == [wanted]


def test_a_profile_that_is_named_must_be_there_and_have_a_session(configured):
    fails(configured.iamic("accounts", "--profile", "unknown"), 7, "unknown")
    fails(configured.iamic("accounts", "--profile", "plain"), 7, "plain")
    assert not configured.agent.parameters_of("ListAccounts")


def test_another_configuration_file_than_the_daemons_is_said(configured):
    result = configured.iamic("accounts", "--json", env={"AWS_CONFIG_FILE": "/elsewhere/config"})
    assert result.status == 0 and json.loads(result.out) == {"accounts": []}
    assert re.fullmatch(r"iamic: warning: the daemon reads '\S+', but .* '/elsewhere/config'\n", result.err), result
    link = configured.path / "link"
    link.symlink_to(configured.aws_config)
    assert configured.iamic("status", env={"AWS_CONFIG_FILE": link}).err == ""
    assert configured.iamic("status", env={"AWS_CONFIG_FILE": "~/.aws/config"}).err == ""
    assert configured.iamic("status", env={"AWS_CONFIG_FILE": None}).err == ""


def test_a_profile_of_the_environment_that_is_not_there_is_said(configured):
    result = configured.iamic("accounts", "--json", env={"AWS_PROFILE": "dve"})
    assert result.status == 0 and json.loads(result.out) == {"accounts": []}
    assert re.fullmatch(r"iamic: warning: AWS_PROFILE: profile 'dve' is not in \S+: name one that is, with --profile: "
                        r"'dev', 'legacy', 'plain'\n", result.err), result
    assert configured.iamic("accounts", env={"AWS_PROFILE": "plain"}).err.count("\n") == 1  # no accounts
    assert "dve" not in configured.iamic("accounts", "--profile", "dev", env={"AWS_PROFILE": "dve"}).err


def test_a_sign_in_under_way_is_not_called_signed_out(configured):
    signed_out = {"session": "corp", "message": "session 'corp' is signed out: run 'iamic-login corp'"}
    configured.agent.answers["ListAccounts"] = lambda call: call.error("LoginRequired", **signed_out)
    configured.agent.answers["Call"] = configured.agent.answers["ListAccounts"]
    fails(configured.iamic("accounts"), 3, "iamic: session 'corp' is signed out: run 'iamic-login corp'\n")
    configured.agent.answers["Status"] = status(session("corp", state="signing_in"),
                                                configFile=str(configured.aws_config))
    for words in (["accounts"], ["whoami", "--profile", "dev"]):
        fails(configured.iamic(*words), 3, "session 'corp': a sign-in is under way", "run 'iamic-login corp'")


def test_an_account_is_known_by_its_name_too(cli):
    names = "開発 環境", "Same", "same", None
    cli.agent.answers["ListAccounts"] = {"accounts": [
        {"accountId": f"00000000000{n}", "accountName": name} for n, name in enumerate(names)]}
    cli.agent.answers["ListRoles"] = lambda call: call.reply(
        {"roles": [{"accountId": call.parameters["accountId"], "roleName": "Admin"}]})
    assert cli.iamic("roles", "開発 環境").out == "000000000000  Admin\n"
    fails(cli.iamic("roles", "SAME"), 2,
          "several accounts have the name 'SAME': give the id of one, of '000000000001', '000000000002'")
    fails(cli.iamic("roles", "Other"), 4, "no account of yours has the id or the name 'Other': 'iamic accounts' lists")
    assert len(cli.agent.parameters_of("ListRoles")) == 1


def test_roles_of_an_account_that_is_not_assigned_name_the_list(cli):
    cli.agent.answers["ListRoles"] = lambda call: call.error("Denied", message="not assigned to you, or unknown")
    fails(cli.iamic("roles", "000000000001"), 4, "or unknown; 'iamic accounts' lists those that are assigned\n")


# Warnings of the daemon, and what another environment than its own may be the cause of.


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["login"], ["login", "--all"], ["accounts"],
                                   ["roles"], ["whoami"]])
def test_warnings_of_the_daemon_are_shown_once_each(cli, words):
    cli.agent.answers["Status"] = status(warnings=["/etc/iamic: \033[2Jbroken", "key 'colour' is not known"])
    cli.agent.answers.update(Login=done(), ListAccounts={"accounts": [account(1)]}, ListRoles={"roles": [
        {"accountId": "000000000001", "roleName": "Admin"}]}, Call={"status": 200, "body": json.dumps(IDENTITY)})
    result = cli.iamic(*words)
    assert result.status == 0, result
    assert result.err == ("iamic: warning: /etc/iamic: ?[2Jbroken\niamic: warning: key 'colour' is not known\n"), result
    if "--json" in words:
        assert "warnings" not in json.loads(result.out)


NOT_REACHABLE = "https://oidc.us-east-1.amazonaws.com: not reachable: Failed to connect: check the network"


def network_warnings(cli, network, words=("accounts",), **env):
    """What the lines behind the error are."""
    cli.agent.answers["Status"] = status(network=network)
    for method in ("Login", "ListAccounts", "Call"):
        cli.agent.answers[method] = lambda call: call.error("Unavailable", message=NOT_REACHABLE)
    result = cli.iamic(*words, env=env)
    first, *rest = result.err.splitlines()
    assert result.status == 5 and first == f"iamic: {NOT_REACHABLE}", result  # the daemon said it all
    return rest


@pytest.mark.quick
@pytest.mark.parametrize("words", [["login"], ["login", "--all"], ["accounts"], ["whoami"]])
def test_a_network_error_names_the_variables_that_the_daemon_has_otherwise(cli, words):
    network = {"HTTPS_PROXY": "http://127.0.0.1:9", "AWS_ENDPOINT_URL": "https://localhost:1"}
    warnings = network_warnings(cli, network, words, AWS_ENDPOINT_URL="https://localhost:1", AWS_CA_BUNDLE="/x/ca.pem")
    assert len(warnings) == 1 and warnings[0].startswith("iamic: warning: the daemon's environment is "), warnings
    assert "for HTTPS_PROXY, AWS_CA_BUNDLE: 'kill 4711' ends it" in warnings[0], warnings


def test_variables_that_are_the_same_are_not_named(cli):
    assert network_warnings(cli, {}) == []
    network = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost", "AWS_CA_BUNDLE": "/x/ca.pem"}
    same = {"https_proxy": "http://alice:hunter2@proxy:3128", "no_proxy": "localhost", "AWS_CA_BUNDLE": "/x/ca.pem"}
    assert network_warnings(cli, network, **same) == []
    assert "for NO_PROXY:" in network_warnings(cli, network, **{**same, "no_proxy": "other"})[0]
    cli.write_config("https_proxy = http://proxy:3128\n")
    assert network_warnings(cli, {"HTTPS_PROXY": "http://proxy:3128"}, HTTPS_PROXY="http://elsewhere") == []


def test_status_shows_that_the_environments_differ(cli):
    cli.agent.answers["Status"] = status(network={"NO_PROXY": "localhost"})
    assert "values for NO_PROXY: 'kill 4711'" in cli.iamic("status").err
    assert cli.iamic("status", "--json").err == cli.iamic("status", "--check").err == ""


# Logout, whoami.


def test_logout_names_the_session_and_only_all_means_all(configured):
    configured.agent.answers["Logout"] = {"sessions": ["other"], "warning": "the portal did not answer"}
    result = configured.iamic("logout", env={"AWS_PROFILE": "dev"})
    assert result.status == 0 and result.out == "signed out of 'other'\n", result
    assert result.err == "iamic: warning: the portal did not answer\n"
    configured.iamic("logout", "corp")
    configured.iamic("logout", "--all")
    configured.iamic("logout", "--profile", "dev")
    assert configured.agent.parameters_of("Logout") == [{"session": "other"}, {"session": "corp"}, {},
                                                        {"session": "other"}]
    fails(configured.iamic("logout"), 2, "several sessions, name one: 'corp', 'other'")
    configured.agent.answers["Logout"] = {"sessions": []}
    assert configured.iamic("logout", "corp").out == "nothing to do: not signed in to 'corp'\n"
    assert configured.iamic("logout", "--all").out == "nothing to do: not signed in\n"


def test_logout_finds_the_only_session(cli):
    cli.agent.answers["Logout"] = {"sessions": ["corp"]}
    assert cli.iamic("logout").out == "signed out of 'corp'\n"
    assert cli.agent.parameters_of("Logout") == [{"session": "corp"}]


IDENTITY = {"Account": "111122223333", "Arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/alice",
            "UserId": "AROAEXAMPLE:alice"}


@pytest.mark.quick
def test_whoami_asks_sts_with_the_target(configured):
    configured.agent.answers["Call"] = {"status": 200, "body": json.dumps({**IDENTITY, "More": "ignored"})}
    result = configured.iamic("whoami", "--json", "--profile", "dev")
    assert json.loads(result.out) == IDENTITY and result.out.startswith('{\n  "Account"'), result
    assert configured.agent.parameters_of("Call") == [
        {"target": {"profile": "dev"}, "service": "sts", "operation": "GetCallerIdentity", "body": "{}"}]
    out = configured.iamic("whoami").out
    assert all(value in out for value in IDENTITY.values()), out


@pytest.mark.parametrize("words, profile, target", [
    ([], None, {"profile": "default"}),
    ([], "dev", {"profile": "dev"}),
    (["--account-id", "111122223333", "--role-name", "Admin"], None,
     {"accountId": "111122223333", "roleName": "Admin"}),
    (["--account-id", "111122223333", "--role-name", "Admin"], "dev",
     {"session": "other", "accountId": "111122223333", "roleName": "Admin"}),
    (["--sso-session", "corp", "--account-id", "111122223333", "--role-name", "Admin"], "dev",
     {"session": "corp", "accountId": "111122223333", "roleName": "Admin"}),
    (["--role-arn", "arn:aws:iam::111122223333:role/Other"], "dev",
     {"profile": "dev", "roleArn": "arn:aws:iam::111122223333:role/Other"}),
    (["--sso-session", "corp", "--role-arn", "arn:aws:iam::111122223333:role/Other"], "dev",
     {"session": "corp", "roleArn": "arn:aws:iam::111122223333:role/Other"}),
    (["--profile", "dev", "--role-arn", "arn:aws:iam::111122223333:role/Other"], None,
     {"profile": "dev", "roleArn": "arn:aws:iam::111122223333:role/Other"}),
])
def test_whoami_names_what_was_named(configured, words, profile, target):
    configured.agent.answers["Call"] = {"status": 200, "body": json.dumps(IDENTITY)}
    assert configured.iamic("whoami", *words, env={"AWS_PROFILE": profile}).status == 0
    assert configured.agent.parameters_of("Call")[0]["target"] == target


def test_whoami_takes_the_only_session_for_an_arn_alone(cli):
    arn = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"
    cli.agent.answers["Call"] = {"status": 200, "body": json.dumps(IDENTITY)}
    assert cli.iamic("whoami", "--role-arn", arn).status == 0
    assert cli.agent.parameters_of("Call")[0]["target"] == {"session": "corp", "roleArn": arn}
    cli.agent.answers["Status"] = status(session("a"), session("b"))
    fails(cli.iamic("whoami", "--role-arn", arn), 2, "several sessions")


@pytest.mark.parametrize("reply", [{"status": 200, "body": "<xml/>"}, {"status": 200, "body": "{}"},
                                   {"status": 500, "body": ""}])
def test_whoami_refuses_a_reply_that_is_none(cli, reply):
    cli.agent.answers["Call"] = reply
    fails(cli.iamic("whoami"), 5)


# Signing in.


@pytest.mark.quick
def test_login_shows_code_address_and_warning_and_who_came_back(cli):
    cli.agent.answers["Login"] = stages(registering(), waiting(), waiting(), done(warning="not bob"))
    result = cli.run("iamic-login", "corp")
    assert result.status == 0, result
    assert re.fullmatch(
        r"signing in to 'corp'\n"
        rf"code: +{CODE}\n"
        rf"address: {re.escape(URL)}\n"
        r" +or https://device\.sso\.us-east-1\.amazonaws\.com/, and enter the code\n"
        rf"approve only if the page shows {CODE} and you started this\n"
        r"signed in to 'corp' as alice, token valid until .* \(in (59 min|1 h)\)\n", result.out), result
    assert result.err == "iamic: warning: not bob\n", result
    assert cli.agent.parameters_of("Login") == [{"session": "corp"}]


@pytest.mark.parametrize("cut", ["byte by byte", "two in one write", "one and a half"])
def test_stages_arrive_however_they_are_cut(cli, cut):
    first, second, third = envelope(registering(), True), envelope(waiting(), True), envelope(done(), False)
    whole = first + second + third
    pieces = {"byte by byte": [whole[i:i + 1] for i in range(len(whole))],
              "two in one write": [first + second, third],
              "one and a half": [first + second[:len(second) // 2], second[len(second) // 2:] + third[:9], third[9:]]}
    cli.agent.answers["Login"] = lambda call: call.send_raw(*pieces[cut])
    result = cli.iamic("login")
    assert result.status == 0 and CODE in result.out and "signed in to 'corp' as alice" in result.out, result


def test_login_with_a_good_token_says_until_when(cli):
    cli.agent.answers["Login"] = done(user=None)
    result = cli.iamic("login")
    assert result.status == 0 and result.err == "", result
    assert re.fullmatch(r"already signed in to 'corp', token valid until .* \(in .*\)\n", result.out)
    assert cli.agent.parameters_of("Login") == [{}]


@pytest.mark.parametrize("words, env, wanted", [
    (["--device"], {}, {"flow": "device"}),
    (["--browser", "--no-browser", "--port", "8400"], {}, {"flow": "browser", "port": 8400}),
    (["--force", "--timeout", "5"], {}, {"force": True, "timeoutMs": 5000}),
    ([], {"IAMIC_LOGIN": "auto"}, {"flow": "auto"}),
    ([], {"IAMIC_LOGIN": "browser"}, {"flow": "browser"}),
    (["--device"], {"IAMIC_LOGIN": "browser"}, {"flow": "device"}),
])
def test_login_asks_for_what_was_asked(cli, words, env, wanted):
    cli.agent.answers["Login"] = done()
    assert cli.iamic("login", *words, env=env).status == 0
    assert cli.agent.parameters_of("Login") == [wanted]


def test_login_refuses_a_flow_that_is_none(cli):
    fails(cli.iamic("login", env={"IAMIC_LOGIN": "magic"}), 7, "IAMIC_LOGIN", "device, browser, auto")


def test_login_to_all_goes_on_after_one_that_failed(configured):
    def answer(call):
        if call.parameters["session"] == "corp":
            call.error("Denied", message="denied in the browser")
        else:
            call.reply(done(session="other"))
    configured.agent.answers["Login"] = answer
    result = configured.iamic("login", "--all")
    assert result.status == 4 and "already signed in to 'other'" in result.out, result
    assert result.err == "iamic: denied in the browser\n"


@pytest.mark.parametrize("address", [
    "http://device.sso.us-east-1.amazonaws.com/", "file:///etc/passwd", "javascript:alert(1)", "--version", "",
    "https://example.com/\033[2J", "https://example.com/\u202e", "https://example.com/ x", "https://user@example.com/",
    "https://example.com/" + "x" * 2048, None])
def test_login_neither_shows_nor_opens_an_address_that_is_not_https(cli, browser, address):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(openUrl=address, verificationUri=None), continues=True)
    cli.agent.answers["CancelLogin"] = {}
    result = cli.iamic("login", "--browser")
    assert cli.agent.parameters_of("CancelLogin") == [{"session": "corp"}]
    assert result.status == 5 and result.out == "signing in to 'corp'\n", result
    assert re.fullmatch("iamic: the address for signing in .*\n", result.err), result
    assert not browser.opened()


def test_login_takes_http_of_this_machine(cli, browser):
    address = "http://127.0.0.1:8080/?user_code=ABCD-EFGH"
    cli.agent.answers["Login"] = browser.then_done(waiting(openUrl=address, verificationUri=None))
    assert cli.iamic("login").status == 0
    assert browser.opened() == [address]


def test_login_ends_with_the_daemons_word(cli):
    for error, code in (("LoginRequired", 3), ("Denied", 4), ("Unavailable", 5), ("TimedOut", 6)):
        def answer(call, error=error):
            call.reply(waiting(), continues=True)
            call.error(error, message="so it is", **({"session": "corp"} if error == "LoginRequired" else {}))
        cli.agent.answers["Login"] = answer
        result = cli.iamic("login")
        assert result.status == code and result.err == "iamic: so it is\n", result


def test_login_does_not_hang_with_a_daemon_that_does(cli):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(), continues=True)
    result = cli.iamic("login", "--timeout", "1")
    assert result.status == 6 and result.seconds < 6 and "took too long" in result.err, result


def test_ctrl_c_takes_the_sign_in_back_on_a_new_connection(cli):
    closed = threading.Event()

    def login(call):
        call.reply(waiting(), continues=True)
        if call.wait_for_close():
            closed.set()

    def cancel(call):
        assert closed.wait(5), "the connection of Login was still open"
        call.reply({})
    cli.agent.answers["Login"], cli.agent.answers["CancelLogin"] = login, cancel
    process = cli.spawn("iamic-login")
    process.until(CODE)
    process.send_signal(signal.SIGINT)
    result = process.finish()
    assert result.status == 130 and result.err == "iamic: cancelled\n", result
    assert cli.agent.parameters_of("CancelLogin") == [{"session": "corp"}]


def test_ctrl_c_ends_it_though_the_daemon_has_gone(cli):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(), continues=True)
    cli.agent.answers["CancelLogin"] = lambda call: None
    process = cli.spawn("iamic-login")
    process.until(CODE)
    process.send_signal(signal.SIGINT)
    assert process.finish(timeout=10).status == 130


# The browser.


class Browser:
    """A command that records what it is asked to open, and answers with an exit status."""

    def __init__(self, home):
        self.home, self.record = home, home.base / "opened"
        self.command = home.base / "browser"
        self.ends_with(0)
        home.env.update(DISPLAY=":99", BROWSER=str(self.command))

    def ends_with(self, code):
        self.command.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>{self.record}\n"
                                f"echo noise; echo noise >&2\nexit {code}\n")
        self.command.chmod(0o755)

    def opened(self):
        return self.record.read_text().splitlines() if self.record.exists() else []

    def then_done(self, *replies):
        """Stages whose last comes when the browser has been opened."""
        def answer(call):
            for reply in replies:
                call.reply(reply, continues=True)
            wait_for(self.opened, 10, lambda: "no browser was opened")
            time.sleep(0.2)
            call.reply(done())
        return answer


@pytest.fixture
def browser(cli):
    return Browser(cli)


@pytest.mark.quick
def test_login_opens_the_browser_once_and_keeps_its_noise_away(cli, browser):
    cli.agent.answers["Login"] = browser.then_done(registering(), waiting(), waiting())
    result = cli.iamic("login")
    assert result.status == 0 and browser.opened() == [URL], result
    assert "noise" not in result.out + result.err and "opening it in the browser" in result.out, result
    assert result.out.index(CODE) < result.out.index(URL) < result.out.index("approve only if the page shows"), result


def test_own_command_wins_and_is_split_without_a_shell(cli, browser):
    cli.write_config(f"browser = {browser.command} --from-file %u\n[session corp]\n"
                     f"browser = '{browser.command}' --for-corp\n")
    for env, wanted in (({}, ["--for-corp", URL]),
                        ({"IAMIC_BROWSER": f"{browser.command} $HOME ; --url=%u"}, ["$HOME", ";", f"--url={URL}"])):
        browser.record.unlink(missing_ok=True)
        cli.agent.answers["Login"] = browser.then_done(waiting())
        assert cli.iamic("login", env=env).status == 0
        assert browser.opened() == wanted


ENCODED = urllib.parse.quote(URL, safe="")


@pytest.mark.parametrize("command, opened", [
    ("-P work %u", ["-P", "work", URL]),
    ('--profile-directory="Profile 1"', ["--profile-directory=Profile 1", URL]),
    ("ext+container:name=At%20work&url=%q", [f"ext+container:name=At%20work&url={ENCODED}"])])
def test_each_session_has_its_browser_profile_or_container(cli, browser, command, opened):
    cli.write_config(f"browser = {browser.command} --usual\n[session corp]\nbrowser = {browser.command} {command}\n")
    for session, wanted in (("corp", opened), ("other", ["--usual", URL])):
        browser.record.unlink(missing_ok=True)
        cli.agent.answers["Login"] = browser.then_done(waiting(session=session))
        assert cli.iamic("login", session).status == 0
        assert browser.opened() == wanted


@pytest.mark.parametrize("programs, display, opened", [
    (["wslview", "rundll32.exe", "xdg-open"], ":0", ["wslview", URL]),
    (["rundll32.exe"], ":0", ["rundll32.exe", "url.dll,FileProtocolHandler", URL]),
    (["rundll32.exe", "xdg-open"], None, ["rundll32.exe", "url.dll,FileProtocolHandler", URL]),
    (["rundll32.exe", "xdg-open"], ":0", ["xdg-open", URL])])
def test_under_wsl_windows_opens_it_else_linux(cli, browser, programs, display, opened):
    for name in programs:
        cli.write(f"bin/{name}", f"#!/bin/sh\nprintf '%s\\n' {name} \"$@\" >>{browser.record}\n", mode=0o755)
    cli.agent.answers["Login"] = browser.then_done(waiting())
    result = cli.iamic("login", env={"WSL_DISTRO_NAME": "Debian", "PATH": cli.path / "bin", "BROWSER": None,
                                     "DISPLAY": display})
    assert result.status == 0 and browser.opened() == opened, result


def test_a_machine_where_nothing_opens_addresses_is_a_notice(cli, browser):
    cli.agent.answers["Login"] = stages(waiting(), done())
    result = cli.iamic("login", env={"BROWSER": None, "PATH": "/nonexistent"})
    assert result.status == 0 and "signed in to 'corp'" in result.out and not browser.opened(), result
    assert re.fullmatch("iamic: no browser opened, .* yourself: cannot start 'xdg-open': No such file.*\n", result.err)


@pytest.mark.parametrize("words, env", [
    (["--no-browser"], {}),
    ([], {"BROWSER": None, "DISPLAY": None}),
    ([], {"DISPLAY": None, "SSH_CONNECTION": "1 2 3 4"}),
    (["--no-browser"], {"IAMIC_BROWSER": "xdg-open"}),
])
def test_no_browser_where_none_is_wanted_or_could_be_seen(cli, browser, words, env):
    cli.agent.answers["Login"] = stages(waiting(), done())
    result = cli.iamic("login", *words, env=env)
    assert result.status == 0 and result.err == "" and not browser.opened(), result
    assert URL in result.out and "browser" not in result.out, result


def test_browser_opens_even_without_a_display_when_asked(cli, browser):
    cli.agent.answers["Login"] = browser.then_done(waiting())
    result = cli.iamic("login", "--browser", env={"DISPLAY": None, "SSH_CONNECTION": "1 2 3 4"})
    assert result.status == 0 and browser.opened() == [URL], result


@pytest.mark.parametrize("command, said", [("/nonexistent/browser", "No such file"), ("'open", "quote")])
def test_a_browser_that_cannot_start_is_a_notice(cli, browser, command, said):
    cli.agent.answers["Login"] = stages(waiting(), done())
    result = cli.iamic("login", env={"IAMIC_BROWSER": command})
    assert result.status == 0 and "signed in to 'corp'" in result.out, result
    assert re.fullmatch(rf"iamic: no browser opened, open the address yourself: .*{said}.*\n", result.err), result


def test_a_browser_that_fails_is_a_notice(cli, browser):
    browser.ends_with(3)
    cli.agent.answers["Login"] = browser.then_done(waiting())
    result = cli.iamic("login")
    assert result.status == 0, result
    assert re.fullmatch(r"iamic: no browser opened, open .* yourself: '\S+browser' failed\n", result.err), result


def test_a_browser_that_stays_holds_up_nobody_and_gets_no_pipe(cli, browser):
    browser.command.write_text(f"#!/bin/sh\nls -l /proc/$$/fd >{browser.record}.fds\necho $1 >>{browser.record}\n"
                               f"echo $$ >{browser.record}.pid; exec sleep 60\n")
    cli.agent.answers["Login"] = browser.then_done(waiting())
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    process = cli.spawn("iamic", "login", pass_fds=[writer])
    os.close(writer)
    try:
        assert process.finish().status == 0
        assert select.select([reader], [], [], 5)[0] and os.read(reader, 1) == b"", "the pipe is still held open"
        fds = pathlib.Path(f"{browser.record}.fds").read_text()
        assert fds.count("/dev/null") == 3 and "socket:" not in fds, fds
        pid = int(pathlib.Path(f"{browser.record}.pid").read_text())
        assert os.getsid(pid) == pid
        os.kill(pid, signal.SIGKILL)
    finally:
        os.close(reader)


def test_a_file_that_others_can_write_names_no_browser(cli, browser):
    cli.write(".config/iamic/config", f"browser = {browser.command} --evil %u\n", mode=0o666)
    cli.agent.answers["Login"] = browser.then_done(waiting())
    result = cli.iamic("login")
    assert result.status == 0 and browser.opened() == [URL], result
    assert "others can write to" in result.err and "chmod" in result.err, result


# Terminals and pipes.


def test_a_terminal_counts_down_on_one_line(cli):
    go_on = threading.Event()

    def login(call):
        call.reply(waiting(), continues=True)
        go_on.wait(10)
        call.reply(done())
    cli.agent.answers["Login"] = login
    terminal = Terminal(cli, "login", "--no-browser", columns=20)
    terminal.until(r"\rwaiting: 9:5\d left.*\rwaiting: 9:5\d left")
    go_on.set()
    assert terminal.finish() == 0
    assert "left\033[K\r\033[Ksigned in to 'corp'\r\n  as alice" in terminal.text, repr(terminal.text)
    assert f"\033[1m{CODE}\033[0m" in terminal.text
    for line in re.findall(r"\r([^\r\n]*left)", terminal.text):
        assert len(line) < 20


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_knows_less_gets_less(cli, term):
    cli.agent.answers["Login"] = stages(registering(), waiting(), done())
    terminal = Terminal(cli, "login", "--no-browser", term=term)
    assert terminal.finish() == 0
    assert "\033" not in terminal.text, repr(terminal.text)
    assert "left" not in terminal.text and "\r" not in terminal.text.replace("\r\n", "\n"), repr(terminal.text)


def test_without_colours_there_are_none(cli):
    cli.agent.answers["Login"] = stages(registering(), waiting(), done())
    terminal = Terminal(cli, "login", "--no-browser", NO_COLOR="1")
    assert terminal.finish() == 0
    assert not re.search(r"\033\[[\d;]*m", terminal.text), repr(terminal.text)


@pytest.mark.parametrize("columns, term", [(80, "xterm"), (20, "xterm"), (80, "dumb")])
def test_ctrl_c_on_the_terminal_cancels(cli, columns, term):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(), continues=True)
    cli.agent.answers["CancelLogin"] = {}
    terminal = Terminal(cli, "login", "--no-browser", columns=columns, term=term)
    terminal.until(r"started\s+this" if term == "dumb" else "9:59 left")  # one column less than what was there
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert "^C" in terminal.text and screen_of(terminal.text, columns)[-2:] == ["iamic: cancelled", ""], terminal.text
    assert cli.agent.parameters_of("CancelLogin") == [{"session": "corp"}]


def test_watch_on_a_terminal_redraws(cli):
    terminal = Terminal(cli, "status", "--watch")
    terminal.until(r"(?s)(\r\n){24}\033\[Hiamicd.*\033\[H(\033\[K\033\[B){24}\033\[Hiamicd")
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert "\033[2J" not in terminal.text, "many terminals would keep every picture to be scrolled back to"
    assert terminal.text.endswith("\r\n"), repr(terminal.text)


def test_a_terminal_shows_that_aws_is_slow(cli):
    def login(call):
        call.reply(registering(), continues=True)
        time.sleep(2.5)
        call.error("Unavailable", message=NOT_REACHABLE)
    cli.agent.answers["Login"] = login
    terminal = Terminal(cli, "login")
    terminal.until(r"\rasking AWS: [12] s")
    assert terminal.finish() == 5
    assert re.search(r"asking AWS: \d s\033\[K\r\033\[Kiamic: https://oidc", terminal.text), repr(terminal.text)


def test_a_narrow_terminal_breaks_between_words(cli):
    cli.agent.answers["Login"] = stages(registering(), waiting(), done(user="alice@example.com"))
    protects = "nothing is kept on disk, so a sign-in ends with the daemon"
    cli.agent.answers["Status"] = status(store={"kind": "memory", "state": "ready", "protects": protects})
    login, show = Terminal(cli, "login", "--no-browser", columns=40), Terminal(cli, "status", columns=44)
    assert login.finish() == show.finish() == 0
    assert "signed in to 'corp' as\r\n  alice@example.com, token valid until\r\n  " in login.text, repr(login.text)
    broken = f"  protects   nothing is kept on disk, so a\r\n{'':13}sign-in ends with the daemon\r\n"
    assert broken in show.text, repr(show.text)


def test_colours_are_for_terminals_only(cli):
    assert "\033" not in cli.iamic("status", env={"TERM": "xterm"}).out
    terminal = Terminal(cli, "status")
    assert terminal.finish() == 0 and "\033[32msigned in\033[0m" in terminal.text


def test_a_reader_that_has_gone_is_no_complaint(cli):
    cli.agent.answers["ListAccounts"] = lambda call: [call.reply({"accounts": [account(n)]}, continues=n < 2000)
                                                      for n in range(1, 2001)]
    result = cli.run("/bin/sh", "-c", f"{cli.program('iamic')} accounts | head -n 1")
    assert result.out == "000000000001  Account 1  aws-1@example.com\n" and result.err == "", result
    ignoring = f"trap '' PIPE; {cli.program('iamic')} accounts | head -n 1"
    result = cli.run("/bin/sh", "-c", ignoring)
    assert result.err == "", result


@pytest.mark.parametrize("words", ["status", "status --json", "help", "accounts"])
def test_output_that_cannot_be_written_is_an_error(cli, words):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(n) for n in range(1000)]}
    result = cli.run("/bin/sh", "-c", f"{cli.program('iamic')} {words} >/dev/full; echo $?")
    assert result.out == "1\n", result
    assert re.fullmatch(r"iamic: cannot write the output: No space left on device\n", result.err), result


def test_closed_standard_descriptors_do_not_become_the_socket(cli):
    cannot = "iamic: cannot write the output: Bad file descriptor\n"
    for closed, code, err in ((">&-", "1", cannot), ("2>&-", "0", ""), ("<&-", "0", ""), ("<&- >&- 2>&-", "1", "")):
        result = cli.run("/bin/sh", "-c", f"{cli.program('iamic')} status {closed}; echo $?")
        assert (result.out.splitlines()[-1], result.err) == (code, err), result
    assert cli.run("/bin/sh", "-c", f"{cli.program('iamic')} status --check >&-; echo $?").out == "0\n"
    assert not cli.agent.faults


def test_an_odd_locale_breaks_nothing(cli):
    cli.agent.answers["ListAccounts"] = {"accounts": [account(1, accountName="Z\u00fcrich \u6771\u4eac")]}
    for lang in ("C", "C.UTF-8", "xx_YY.nonsense", ""):
        result = cli.iamic("accounts", env={"LANG": lang})
        assert result.status == 0 and "Z\u00fcrich \u6771\u4eac" in result.out, result


# The real daemon, with the practice Identity Center behind it.


@pytest.fixture
def person(home):
    home.configure({"dev": ("012345678901", "ReadOnly")})
    return home


def test_every_verb_with_the_real_daemon(person):
    status = json.loads(person.iamic("status", "--json").out)
    assert [(row["name"], row["state"]) for row in status["sessions"]] == [("corp", "signed_out")]
    assert person.iamic("status", "--check").status == 3
    fails(person.iamic("accounts"), 3, "iamic: session 'corp' is signed out: run 'iamic-login corp'")
    assert "signed in to 'corp' as alice@example.com" in person.sign_in().out
    assert person.iamic("login").out.startswith("already signed in to 'corp'")
    assert person.iamic("status", "--check", "--min", "30m").status == 0

    accounts = json.loads(person.iamic("accounts", "--json").out)["accounts"]
    assert [row["accountId"] for row in accounts] == [line[:12] for line in person.iamic("accounts").out.splitlines()]
    roles = json.loads(person.iamic("roles", "--json").out)["roles"]
    assert {row["accountId"] for row in roles} == {row["accountId"] for row in accounts}
    assert "012345678901  ReadOnly\n" in person.iamic("roles", "012345678901").out

    identity = json.loads(person.iamic("whoami", "--json", env={"AWS_PROFILE": "dev"}).out)
    assert list(identity) == ["Account", "Arn", "UserId"] and identity["Account"] == "012345678901"
    assert identity["Arn"].endswith("/alice@example.com")
    fails(person.iamic("whoami", "--account-id", "012345678901", "--role-name", "Nope"), 4, "'Nope'", "--force")
    fails(person.iamic("whoami"), 7, "'default'")

    assert person.iamic("logout").out == "signed out of 'corp'\n"
    assert person.iamic("status", "--check").status == 3
    fails(person.iamic("whoami", "--profile", "dev"), 3, "iamic-login corp")


def test_the_first_of_fifty_pages_is_printed_before_the_third_is_asked_for(person, practice):
    person.sign_in()
    practice.set(page_size=1, latency=0.2, accounts=[
        {"accountId": f"{n:012d}", "accountName": f"Account {n}", "emailAddress": f"{n}@example.com", "roles": []}
        for n in range(1, 51)])
    before = practice.count("ListAccounts")  # the sign-in asked who came back
    listing = person.spawn("iamic", "accounts")
    listing.until("^000000000001  Account 1 ")
    assert practice.count("ListAccounts") - before <= 2
    result = listing.finish(timeout=40)
    assert result.status == 0 and len(result.out.splitlines()) == 50, result
    assert practice.count("ListAccounts") - before == 50


@pytest.mark.parametrize("words", [["login"], ["login", "--browser"]])
def test_on_a_machine_that_opens_nothing_the_person_opens_the_address(person, practice, words):
    """A display, and not even xdg-open."""
    login = person.spawn("iamic", *words, env={"PATH": "/nonexistent", "DISPLAY": ":99"})
    address = login.until(r"address: (\S+)")[1]
    if "--browser" in words:
        visitor = Visitor(practice)
        visitor.open(address)
        visitor.decide("approve")
    else:
        practice.approve()
    result = login.finish()
    assert result.status == 0 and "signed in to 'corp' as alice@example.com" in result.out, result
    assert result.err == ("iamic: no browser opened, open the address yourself: cannot start 'xdg-open': "
                          "No such file or directory\n"), result
    console = person.iamic("console", "--profile", "dev", env={"PATH": "/nonexistent", "DISPLAY": ":99"})
    assert console.status == 1 and "xdg-open" in console.err and "iamic console --print" in console.err, console


def test_ctrl_c_ends_the_sign_in_unless_another_waits(person, practice):
    first = person.spawn("iamic-login")
    first_code = first.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1]
    second = person.spawn("iamic-login")
    assert second.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1] == first_code
    first.send_signal(signal.SIGINT)
    assert first.finish().status == 130
    assert json.loads(person.iamic("status", "--json").out)["sessions"][0]["state"] == "signing_in"
    second.send_signal(signal.SIGINT)
    assert second.finish().status == 130
    assert json.loads(person.iamic("status", "--json").out)["sessions"][0]["state"] == "signed_out"
    assert practice.count("StartDeviceAuthorization") == 1


def test_a_denied_sign_in_is_status_4(person, practice):
    login = person.spawn("iamic-login")
    practice.deny(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1])
    result = login.finish()
    assert result.status == 4 and re.fullmatch(r"iamic: .*\n", result.err), result
