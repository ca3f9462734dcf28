"""A call that meets a signed-out session, and nobody who has asked to sign in: on_demand, and no storm of sign-ins."""
import re

import pytest
from asking import ask, at_once, get, login, until_count, until_state
from home import wait_for

SHIM = ("--sso-session", "corp", "--account-id", "012345678901", "--role-name", "ReadOnly")
BEGUN = "StartDeviceAuthorization"
INVITATION = re.compile(r"session 'corp' is signed out: open (https://\S+) and approve ([A-Z]{4}-[A-Z]{4}), "
                        "then try again")
PLAIN = "session 'corp' is signed out: run 'iamic-login corp'"


def start(home, how="code", **options):
    home.configure()
    home.write_config(f"on_demand = {how}\n")
    return home.start_daemon(**options)


@pytest.fixture
def corp(home):
    """A home whose daemon runs with on_demand = code; nobody is signed in."""
    start(home)
    return home


def invited(home):
    """Asks once, and gives the code out of the error."""
    return get(home).refusal("LoginRequired").code


def expired(home, practice):
    """Somebody asks, and nobody answers."""
    practice.set(device_life=2)
    assert invited(home)
    until_state(home, "signed_out")


def test_the_error_holds_address_and_code_and_the_next_call_works(corp, practice):
    first = corp.credential_process(*SHIM)
    assert (first.status, first.out, first.err.count("\n")) == (3, "", 1), first
    address, code = INVITATION.search(first.err).groups()
    assert code in address, first
    second = at_once(lambda: get(corp)).refusal("LoginRequired")
    assert (second.openUrl, second.code, "iamic: " + second.message + "\n") == (address, code, first.err)
    practice.approve(code)
    until_state(corp, "ready")
    assert corp.credential_process(*SHIM).status == 0
    assert practice.count(BEGUN) == 1


def test_seventy_five_callers_at_once_and_again_begin_one_sign_in(corp, practice):
    errors = []
    for wave in range(3):  # of one role and of many, while the first sign-in begins and while it waits
        asked = [get(corp, {"roleName": f"Role{n * (wave % 2)}"}) for n in range(75)]
        errors += [one.refusal("LoginRequired") for one in asked]
    assert all(INVITATION.fullmatch(error.message) for error in errors), errors
    assert (len({error.code for error in errors}), practice.count(BEGUN), practice.count("RegisterClient")) == (1, 1, 1)


def test_after_one_that_nobody_answered_none_begins_until_a_person_acts(corp, practice):
    expired(corp, practice)
    for _ in range(30):
        assert at_once(lambda: get(corp)).refusal("LoginRequired").message == PLAIN
    waited = get(corp, loginMs=300).refusal("LoginRequired")
    assert (waited.message, practice.count(BEGUN)) == (PLAIN, 1)
    practice.set(device_life=600)
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    asked.leave()
    ask(corp, "CancelLogin", session="corp").reply()
    assert practice.count(BEGUN) == 2
    assert invited(corp) != code
    assert practice.count(BEGUN) == 3


def test_the_daemons_end_does_not_make_it_the_first_again(corp, practice):
    """With idle_exit, a call every hour would make a sign-in every hour."""
    expired(corp, practice)
    corp.stop_daemons()
    corp.start_daemon()
    assert (get(corp).refusal("LoginRequired").message, practice.count(BEGUN)) == (PLAIN, 1)


def test_a_sign_in_that_was_approved_allows_the_next(corp, practice):
    practice.approve(invited(corp))
    until_state(corp, "ready")
    ask(corp, "Logout", session="corp").reply()
    assert INVITATION.fullmatch(get(corp).refusal("LoginRequired").message)
    assert practice.count(BEGUN) == 2


def test_two_sessions_have_one_sign_in_between_them(home, practice):
    home.write_aws_config("".join(
        f"[sso-session {name}]\nsso_start_url = {practice.start_url}\nsso_region = {practice.region}\n"
        for name in ("corp", "lab")))
    home.write_config("on_demand = code\n")
    home.start_daemon()
    code = invited(home)
    other = get(home, {"session": "lab"}).refusal("LoginRequired")
    assert (other.message, other.code) == ("session 'lab' is signed out: run 'iamic-login lab'", None)
    practice.approve(code)
    until_state(home, "ready")
    assert get(home, {"session": "lab"}).refusal("LoginRequired").code
    assert practice.count(BEGUN) == 2


def test_aws_that_is_slow_makes_the_usual_error_in_the_callers_time(corp, practice):
    practice.fault(BEGUN, "delay", seconds=3)
    asked = get(corp, timeoutMs=500)
    assert asked.refusal("LoginRequired").message == (
        "session 'corp' is being signed in to: to go on, run 'iamic-login corp'")
    assert 0.4 < asked.seconds < 1.5
    assert INVITATION.fullmatch(get(corp).refusal("LoginRequired").message)
    assert practice.count(BEGUN) == 1


def test_a_sign_in_that_aws_did_not_hear_of_was_none(corp, practice):
    practice.fault("RegisterClient", "status", times=None, status=500)
    assert get(corp, timeoutMs=1000).refusal("LoginRequired").code is None
    until_state(corp, "signed_out")
    practice.clear_faults()
    wait_for(lambda: get(corp).ended().error.name == "LoginRequired", 20, lambda: "no sign-in begins")
    assert practice.count(BEGUN) == 1


def test_one_that_aws_refuses_is_not_tried_with_every_call(corp, practice):
    practice.fault(BEGUN, "status", times=None, status=400, code="AccessDeniedException")
    get(corp).ended()
    refused = practice.count(BEGUN)
    for _ in range(10):
        assert at_once(lambda: get(corp)).refusal("LoginRequired").message == PLAIN
    assert practice.count(BEGUN) == refused


def test_who_waits_for_a_person_makes_one_begin_and_is_served(corp, practice):
    waiting = corp.spawn("iamic-credential-process", "--login=20", *SHIM)
    practice.approve()
    result = waiting.finish()
    assert (result.status, practice.count(BEGUN)) == (0, 1), result


def test_iamic_login_joins_the_sign_in_that_began_by_itself(corp, practice):
    code = invited(corp)
    asked = login(corp)
    assert asked.until_stage("waiting")["code"] == code
    practice.approve(code)
    assert asked.reply()["stage"] == "done"
    assert practice.count(BEGUN) == 1


def test_a_session_of_its_own_has_the_key_too_and_the_flow_is_by_code(home, practice):
    home.configure()
    home.write_config("login = browser\n[session corp]\non_demand = code\n")
    home.start_daemon()
    assert INVITATION.fullmatch(get(home).refusal("LoginRequired").message)


def test_without_the_key_none_begins(home, practice):
    home.configure()
    home.start_daemon()
    assert at_once(lambda: get(home)).refusal("LoginRequired").message == PLAIN
    assert get(home, loginMs=300).refusal("LoginRequired").message == PLAIN
    assert practice.count(BEGUN) == 0


def test_a_portal_session_that_ends_under_a_call_makes_one_begin(corp, practice):
    practice.approve(invited(corp))
    until_state(corp, "ready")
    practice.revoke("session")
    error = get(corp).refusal("LoginRequired")
    assert INVITATION.fullmatch(error.message), error
    assert practice.count(BEGUN) == 2
