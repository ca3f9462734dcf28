"""Signing in where there is a sign-in already: nothing to do, what can be renewed, and by force."""
import time

import pytest
from asking import TARGET, Relay, ask, get, login, session_of, sign_in, until_count

REFRESH = "CreateToken:refresh_token"
OTHER = ("--sso-session", "corp", "--account-id", TARGET["accountId"], "--role-name", "Billing")
NOT_ENDED = {"kind": "status", "status": 500}


@pytest.fixture
def corp(home):
    """A home whose daemon runs and knows the session corp; nobody is signed in."""
    home.configure()
    home.start_daemon()
    return home


# Nothing to do.

def test_login_with_a_good_token_asks_nobody(corp, practice):
    sign_in(corp)
    before = len(practice.requests())
    asked = login(corp)
    assert asked.reply()["user"] == "alice@example.com"
    assert [reply["stage"] for reply in asked.replies] == ["done"]
    assert len(practice.requests()) == before


def test_the_programs_say_that_there_is_nothing_to_do_and_ask_nobody(home, practice):
    home.configure({"dev": (TARGET["accountId"], TARGET["roleName"])})
    home.sign_in()
    before = len(practice.requests())
    for words in (["iamic-login"], ["iamic-login", "corp"], ["iamic", "login", "--profile", "dev"],
                  ["iamic", "login", "--all"], ["iamic", "login", "--browser"], ["iamic", "login", "--device"]):
        result = home.run(*words)
        assert result.status == 0 and result.out.startswith("already signed in to 'corp'"), result
    assert len(practice.requests()) == before


def test_login_with_an_expired_token_renews_it_silently(corp, practice):
    practice.set(token_life=2)
    sign_in(corp)
    practice.fault(REFRESH, "status", times=2, status=400, code="InvalidRequestException")  # also at its end
    until_count(practice, REFRESH, 2)
    practice.set(token_life=3600)
    time.sleep(0.3)
    asked = login(corp)
    asked.reply()
    assert [reply["stage"] for reply in asked.replies] == ["done"]
    assert asked.seconds < 2, "it has waited for a refresh that comes by itself"
    assert (practice.count(REFRESH), practice.count("StartDeviceAuthorization")) == (3, 1)


def test_login_does_not_wait_for_a_refresh_that_it_does_not_need(corp, practice):
    practice.set(token_life=4)
    sign_in(corp)
    practice.fault(REFRESH, "delay", seconds=3)
    until_count(practice, REFRESH, 1)
    asked = login(corp)
    asked.reply()
    assert asked.seconds < 0.5 and session_of(corp)["state"] == "refreshing"


# By force: what there was is given up when AWS has ended it, or when something better has come.

def test_force_logs_out_once_and_signs_in(corp, practice):
    sign_in(corp)
    old = get(corp).reply()
    asked = login(corp, force=True)
    code = asked.until_stage("waiting")["code"]
    assert get(corp).reply() == old  # roles in use go on meanwhile
    practice.approve(code)
    assert asked.reply().get("warning") is None
    assert (practice.count("Logout"), practice.count("StartDeviceAuthorization")) == (1, 2)


def test_force_signs_in_although_logout_fails(corp, practice):
    practice.auto_approve()
    login(corp).reply()
    for fault in ({"kind": "status", "status": 500}, {"kind": "status", "status": 403, "code": "ForbiddenException"},
                  {"kind": "drop"}, {"kind": "html"}):
        practice.fault("Logout", times=None, **fault)
        done = login(corp, force=True).reply()
        assert done["user"] == "alice@example.com"
        if fault["kind"] != "html":  # its status was 200
            assert "portal session" in done["warning"], fault
        practice.clear_faults()


@pytest.mark.all
def test_force_signs_in_although_logout_is_not_answered(corp, practice):
    sign_in(corp)
    practice.fault("Logout", "delay", seconds=8)
    assert "portal session" in sign_in(corp, force=True)["warning"]


def test_force_with_an_expired_token_refreshes_logs_out_once_and_signs_in(corp, practice):
    practice.set(token_life=2)
    sign_in(corp)
    practice.fault(REFRESH, "status", times=2, status=400, code="InvalidRequestException")  # also at its end
    until_count(practice, REFRESH, 2)
    practice.set(token_life=3600)
    time.sleep(0.3)
    done = sign_in(corp, force=True)
    assert done.get("warning") is None
    assert [practice.count(operation) for operation in (REFRESH, "Logout", "StartDeviceAuthorization")] == [3, 1, 2]


@pytest.mark.all
def test_force_while_aws_is_away_loses_nothing(home, practice):
    """Neither to the daemon that tried, nor to the next one."""
    home.write_config("store = file\nkey = random\n")
    home.configure()
    sealed = home.path / ".local/state/iamic/sealed"
    with Relay(practice.port) as aws:
        home.env["AWS_ENDPOINT_URL"] = aws.url
        home.sign_in()
        kept, stored = get(home).reply(), sealed.read_bytes()
        aws.cut()
        login = home.iamic("login", "--force", "corp")
        assert login.status == 5 and login.err.count("\n") == 1, login
        assert login.err.startswith("iamic: session 'corp': the old sign-in goes on: "), login
        assert session_of(home)["state"] == "ready" and get(home).reply() == kept and sealed.read_bytes() == stored
    with Relay(practice.port, aws.port):
        home.stop_daemons()
        assert home.credential_process(*OTHER).status == 0
    assert [practice.count(operation) for operation in ("Logout", "StartDeviceAuthorization", REFRESH)] == [0, 1, 0]


@pytest.mark.parametrize("end", ["denied", "cancelled"])
def test_force_that_comes_to_nothing_leaves_what_aws_did_not_end(corp, practice, end):
    sign_in(corp)
    practice.fault("Logout", **NOT_ENDED)
    asked = login(corp, force=True)
    code = asked.until_stage("waiting")["code"]
    waiting = get(corp, {"roleName": "Billing"}, loginMs=20000)
    if end == "denied":
        practice.deny(code)
        assert asked.refusal("Denied").message.startswith("session 'corp': the old sign-in goes on: ")
    else:
        waiting.leave()
        asked.leave()
        ask(corp, "CancelLogin", session="corp").reply()
        waiting = get(corp, {"roleName": "Billing"})
    assert waiting.reply()["AccountId"] == TARGET["accountId"]
    assert session_of(corp)["state"] == "ready" and session_of(corp)["refreshAt"]
    login(corp).reply()
    assert practice.count("StartDeviceAuthorization") == 2


def test_force_that_comes_to_nothing_after_a_logout_leaves_nothing(corp, practice):
    sign_in(corp)
    for answer in ("carried out", "ended before"):
        asked = login(corp, force=True)
        practice.deny(asked.until_stage("waiting")["code"])
        assert "the old sign-in" not in asked.refusal("Denied").message, answer
        get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
        sign_in(corp)
        practice.revoke("session")
    assert practice.count("Logout") == 2


def test_an_old_session_that_had_ended_already_is_no_warning(corp, practice):
    sign_in(corp)
    practice.revoke("session")
    assert sign_in(corp, force=True).get("warning") is None
    assert practice.count("Logout") == 1


def test_a_logout_whose_answer_gets_lost_is_found_out_by_the_next_request(corp, practice):
    sign_in(corp)
    practice.fault("Logout", "drop", processed=True)
    asked = login(corp, force=True)
    practice.deny(asked.until_stage("waiting")["code"])
    asked.refusal("Denied")
    get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
    assert session_of(corp)["state"] == "signed_out"
    sign_in(corp)


def test_logout_during_a_sign_in_ends_the_old_session_that_still_runs(corp, practice):
    sign_in(corp)
    practice.fault("Logout", **NOT_ENDED)
    asked = login(corp, force=True)
    asked.until_stage("waiting")
    assert ask(corp, "Logout", session="corp").reply()["warning"] is None
    asked.refusal("LoginRequired")
    assert practice.count("Logout") == 2 and session_of(corp)["state"] == "signed_out"
    get(corp).refusal("LoginRequired")


def test_force_without_a_token_just_signs_in(corp, practice):
    assert sign_in(corp, force=True)["user"] == "alice@example.com"
    assert practice.count("Logout") == 0
