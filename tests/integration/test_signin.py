"""Signing in: the device flow, whoever follows it, what ends it, and who came back."""
import json
import time

import pytest
from asking import ask, gaps, get, login, session_of, sign_in, until_count, until_state, whoami
from home import wait_for

DEVICE, REFRESH = "CreateToken:device_code", "CreateToken:refresh_token"


@pytest.fixture
def corp(home):
    """A home whose daemon runs and knows the session corp; nobody is signed in."""
    home.configure()
    home.start_daemon()
    return home


# The client's registration.

def test_the_registration_asks_for_scopes_and_is_used_again(corp, practice):
    sign_in(corp)
    sign_in(corp, force=True)
    registrations = practice.requests("RegisterClient")
    assert [one["body"]["scopes"] for one in registrations] == [["sso:account:access"]]
    assert practice.count("StartDeviceAuthorization") == 2


def test_configured_scopes_are_asked_for_beside_the_one_that_is_always_needed(home, practice):
    home.write_aws_config(f"[sso-session corp]\nsso_start_url = {practice.start_url}\nsso_region = us-east-1\n"
                          "sso_registration_scopes = codewhisperer:completions\n")
    home.start_daemon()
    sign_in(home)
    assert set(practice.requests("RegisterClient")[0]["body"]["scopes"]) == {
        "sso:account:access", "codewhisperer:completions"}


def test_a_registration_that_ends_soon_is_not_used_again(corp, practice):
    practice.set(client_life=14 * 60)
    sign_in(corp)
    sign_in(corp, force=True)
    assert practice.count("RegisterClient") == 2


def test_a_client_that_aws_has_forgotten_is_registered_once_more(corp, practice):
    sign_in(corp)
    practice.revoke("client")
    done = sign_in(corp, force=True)
    assert (done["user"], practice.count("RegisterClient")) == ("alice@example.com", 2)


def test_a_client_that_aws_never_knows_is_registered_once_and_no_more(corp, practice):
    practice.fault("StartDeviceAuthorization", "status", times=None, status=401, code="InvalidClientException")
    assert "corp" in login(corp).refusal("Unavailable").message
    assert practice.count("RegisterClient") == 1
    login(corp).refusal("Unavailable")
    assert practice.count("RegisterClient") == 2


# The pace of polling, and when it ends.

def test_the_interval_is_kept_from_the_first_poll_on(corp, practice):
    practice.set(interval=2)
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    until_count(practice, DEVICE, 1)
    practice.approve(code)
    asked.reply()
    between = gaps(practice, "StartDeviceAuthorization", DEVICE)
    assert len(between) == 2 and min(between) >= 2, between


@pytest.mark.all
def test_slow_down_slows_down_for_good(corp, practice):
    practice.set(slow_down=1)
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    until_count(practice, DEVICE, 2, timeout=12)
    practice.approve(code)
    asked.reply()
    between = gaps(practice, DEVICE)
    assert len(between) == 2 and min(between) >= 6, between


def test_a_poll_that_gets_lost_is_not_sent_again_before_its_time(corp, practice):
    practice.fault(DEVICE, "drop", after=1)
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    until_count(practice, DEVICE, 2)
    practice.approve(code)
    asked.reply()
    between = gaps(practice, DEVICE)
    assert min(between) >= 1, between


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 400, "code": "AuthorizationPendingException", "times": None},
    {"kind": "delay", "seconds": 12},
    pytest.param({"kind": "drop", "times": None}, marks=pytest.mark.all),
], ids=["pending", "silence", "dropped"])
def test_a_sign_in_ends_at_its_own_deadline(corp, practice, fault):
    practice.set(device_life=2)
    practice.fault(DEVICE, **fault)
    asked = login(corp)
    error = asked.refusal("LoginRequired")
    assert 1.5 < asked.seconds < 3.5
    assert "corp" in error.message and "sso_region" in error.message and "iamic-login" in error.message
    assert session_of(corp)["state"] == "signed_out"


def test_aws_says_that_the_code_has_expired(corp, practice):
    practice.fault(DEVICE, "status", status=400, code="ExpiredTokenException")
    error = login(corp).refusal("LoginRequired")
    assert "in time" in error.message and "iamic-login" in error.message


def test_a_person_says_no(corp, practice):
    asked = login(corp)
    practice.deny(asked.until_stage("waiting")["code"])
    assert "denied" in asked.refusal("Denied").message
    assert session_of(corp)["state"] == "signed_out"


def test_the_wrong_region_is_explained(home, practice):
    home.write_aws_config("[sso-session corp]\nsso_start_url = https://elsewhere.awsapps.com/start\n"
                          "sso_region = us-east-1\n")
    home.start_daemon()
    error = login(home).refusal("Config")
    assert "corp" in error.message and "sso_region" in error.message


def test_iamic_login_ends_with_a_status_that_says_why(corp, practice):
    for fault, status in (({"kind": "status", "status": 400, "code": "AccessDeniedException"}, 4),
                          ({"kind": "status", "status": 400, "code": "ExpiredTokenException"}, 3),
                          ({"kind": "garbage"}, 5), (None, 6)):
        if fault:
            practice.fault(DEVICE, **fault)
        result = corp.run("iamic-login", "corp", *([] if fault else ["--timeout", "1"]))
        assert result.status == status, result
        assert result.err.count("\n") == 1 and result.err.startswith("iamic: "), result


# Whoever follows it.

def test_the_stages_come_in_order_and_then_nobody_asks_again(corp, practice):
    asked = login(corp)
    practice.approve(asked.until_stage("waiting")["code"])
    asked.reply()
    assert [reply["stage"] for reply in asked.replies] == ["registering", "waiting", "done"]
    assert {reply["session"] for reply in asked.replies} == {"corp"}
    waiting, done = asked.replies[1:]
    assert waiting["code"] in waiting["openUrl"] and waiting["openUrl"].startswith(waiting["verificationUri"])
    assert waiting["deadline"] and done["expires"] and done["user"] == "alice@example.com"
    polls = practice.count(DEVICE)
    time.sleep(1.5)
    assert practice.count(DEVICE) == polls


def test_an_address_without_the_code_in_it_is_as_good(corp, practice):
    practice.set(verification="plain")
    asked = login(corp)
    waiting = asked.until_stage("waiting")
    assert waiting["openUrl"] == waiting["verificationUri"]
    practice.approve(waiting["code"])
    asked.reply()


def test_without_more_there_is_one_reply(corp, practice):
    practice.auto_approve()
    reply = ask(corp, "Login", session="corp").reply()
    assert (reply["stage"], reply["user"]) == ("done", "alice@example.com")


def test_a_second_login_joins_the_first_and_sees_the_same_address(corp, practice):
    first = login(corp)
    address = first.until_stage("waiting")["openUrl"]
    second, forced = login(corp), login(corp, force=True)
    assert second.until_stage("waiting")["openUrl"] == forced.until_stage("waiting")["openUrl"] == address
    practice.approve()
    for asked in (first, second, forced):
        assert asked.reply()["user"] == "alice@example.com"
    assert (practice.count("StartDeviceAuthorization"), practice.count("Logout")) == (1, 0)


def test_fifty_logins_are_one_sign_in(corp, practice):
    practice.set(latency=0.1)
    asked = [login(corp) for _ in range(50)]
    practice.approve(asked[0].until_stage("waiting")["code"])
    assert {one.reply()["user"] for one in asked} == {"alice@example.com"}
    for operation in ("RegisterClient", "StartDeviceAuthorization", "GetCallerIdentity"):
        assert practice.count(operation) == 1, operation


def test_a_sign_in_goes_on_when_its_client_goes_away(corp, practice):
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    asked.leave()
    practice.approve(code)
    until_state(corp, "ready")


def test_time_that_runs_out_for_one_client_does_not_end_the_sign_in(corp, practice):
    asked = login(corp, timeoutMs=1200)
    waiting = asked.until_stage("waiting")
    assert "corp" in asked.refusal("TimedOut").message and 1.1 < asked.seconds < 2
    second = login(corp)
    assert second.until_stage("waiting")["code"] == waiting["code"]
    practice.approve(waiting["code"])
    second.reply()


def test_a_client_that_leaves_at_any_stage_does_no_harm(corp, practice):
    practice.set(latency=0.05)
    for stage in ("registering", "waiting"):
        asked = login(corp)
        asked.until_stage(stage)
        asked.leave()
        corp.call("CancelLogin", session="corp")
        until_state(corp, "signed_out")
    practice.set(latency=0)
    practice.fault("GetCallerIdentity", "delay", seconds=2)
    asked = login(corp)
    practice.approve(asked.until_stage("waiting")["code"])
    until_count(practice, "GetCallerIdentity", 1)
    asked.leave()
    assert session_of(corp)["state"] == "ready"


# Cancelling.

def test_cancel_ends_a_sign_in_that_nobody_follows(corp, practice):
    for _ in range(10):  # whichever of the two connections the daemon looks at first
        asked = login(corp)
        asked.until_stage("waiting")
        asked.leave()
        corp.call("CancelLogin", session="corp")
        assert session_of(corp)["state"] == "signed_out"
    polls = practice.count(DEVICE)
    time.sleep(1.3)
    assert practice.count(DEVICE) == polls


def test_cancel_does_nothing_while_someone_follows(corp, practice):
    first, second = login(corp), login(corp)
    first.until_stage("waiting")
    first.leave()
    corp.call("CancelLogin", session="corp")
    practice.approve(second.until_stage("waiting")["code"])
    second.reply()


def test_cancel_does_nothing_while_a_shim_waits_for_the_sign_in(corp, practice):
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    waiting = get(corp, loginMs=20000)
    time.sleep(0.2)
    asked.leave()
    corp.call("CancelLogin", session="corp")
    assert session_of(corp)["state"] == "signing_in"
    practice.approve(code)
    assert waiting.reply()["AccountId"] == "012345678901"


def test_cancel_counts_no_shim_that_has_gone(corp):
    asked = login(corp)
    asked.until_stage("waiting")
    waiting = [get(corp, loginMs=20000), get(corp, {"roleName": "Billing"}, loginMs=300, timeoutMs=100)]
    time.sleep(0.2)
    waiting[0].leave()
    waiting[1].refusal("LoginRequired")
    asked.leave()
    corp.call("CancelLogin", session="corp")
    assert session_of(corp)["state"] == "signed_out"


def test_cancel_is_harmless_when_there_is_nothing_to_cancel(corp, practice):
    assert corp.call("CancelLogin", session="corp") == {}
    sign_in(corp)
    assert corp.call("CancelLogin", session="corp") == {}
    assert session_of(corp)["state"] == "ready"
    ask(corp, "CancelLogin", session="nobody").refusal("Config")


# Who came back.

def test_who_came_back_is_the_one_who_signed_in_now(corp, practice):
    assert sign_in(corp)["user"] == "alice@example.com"
    get(corp).reply()
    assert sign_in(corp, user="bob@example.com", force=True)["user"] == "bob@example.com"
    assert login(corp).reply()["user"] == "bob@example.com"


def test_credentials_of_an_earlier_sign_in_are_not_given_to_who_came_back(corp):
    sign_in(corp)
    assert whoami(corp).endswith("/alice@example.com")
    sign_in(corp, user="bob@example.com", force=True)
    assert whoami(corp).endswith("/bob@example.com")


@pytest.mark.parametrize("operation,fault", [
    ("GetCallerIdentity", {"kind": "delay", "seconds": 9}),
    pytest.param("ListAccounts", {"kind": "delay", "seconds": 9}, marks=pytest.mark.all),
    pytest.param("GetRoleCredentials", {"kind": "status", "status": 503}, marks=pytest.mark.all),
])
def test_who_came_back_never_delays_the_end_by_more_than_5_s(corp, practice, operation, fault):
    practice.fault(operation, times=None, **fault)
    asked = login(corp)
    practice.approve(asked.until_stage("waiting")["code"])
    until_state(corp, "ready")
    ready = time.monotonic() - asked.began
    assert asked.reply()["user"] is None
    assert asked.seconds - ready < 5.3


@pytest.mark.all
def test_aws_does_not_say_who_came_back(corp, practice):
    practice.auto_approve()
    for operation, fault in (("GetCallerIdentity", {"kind": "status", "status": 403, "code": "AccessDenied"}),
                             ("GetCallerIdentity", {"kind": "garbage"}), ("GetCallerIdentity", {"kind": "missing"}),
                             ("GetRoleCredentials", {"kind": "status", "status": 403, "code": "ForbiddenException"}),
                             ("ListAccountRoles", {"kind": "wrong_type"}), ("ListAccounts", {"kind": "html"})):
        practice.fault(operation, times=None, **fault)
        assert login(corp).reply()["user"] is None, (operation, fault)
        practice.clear_faults()
        corp.call("Logout")


def test_who_came_back_is_found_out_although_the_role_in_use_is_not_theirs(corp, practice):
    sign_in(corp)
    get(corp, {"roleName": "Billing"}).reply()
    practice.set(accounts=[{"accountId": "999988887777", "roles": ["ReadOnly"]}])
    assert sign_in(corp, user="bob@example.com", force=True)["user"] == "bob@example.com"


def test_nobody_knows_who_came_back_without_any_account(corp, practice):
    practice.set(accounts=[])
    assert sign_in(corp)["user"] is None
    assert corp.call("ListAccounts", session="corp") == {"accounts": []}


def test_a_warning_when_someone_else_came_back(home):
    home.configure()
    home.write_config("[session corp]\nuser = alice@example.com\n")
    home.start_daemon()
    assert sign_in(home).get("warning") is None
    warning = sign_in(home, user="bob@example.com", force=True)["warning"]
    assert "alice@example.com" in warning and "bob@example.com" in warning


# Sign-out in the middle of it.

def test_logout_ends_a_sign_in(corp, practice):
    asked, waiting = login(corp), get(corp, loginMs=20000)
    code = asked.until_stage("waiting")["code"]
    assert corp.call("Logout", session="corp")["sessions"] == ["corp"]
    asked.refusal("LoginRequired")
    waiting.refusal("LoginRequired")
    practice.approve(code)
    time.sleep(1.3)
    assert session_of(corp)["state"] == "signed_out" and practice.count(DEVICE) <= 1


# AWS's replies, spoilt.

PASSING = [{"kind": "status", "status": 500}, {"kind": "status", "status": 503}, {"kind": "throttle"}, {"kind": "drop"},
           {"kind": "reset"}, {"kind": "truncate"}, {"kind": "extra"}]
LASTING = [{"kind": kind} for kind in ("garbage", "html", "empty", "wrong_type", "missing")]
LASTING += [{"kind": "oversize", "bytes": 2 << 20}]
STEPS = {"RegisterClient": "RegisterClient", "StartDeviceAuthorization": "StartDeviceAuthorization",
         DEVICE: "CreateToken"}


@pytest.mark.parametrize("operation", ["RegisterClient", "StartDeviceAuthorization"])
def test_passing_trouble_is_got_over(corp, practice, operation):
    practice.set(client_life=60)  # so that each sign-in registers
    for fault in PASSING:
        practice.fault(operation, **fault)
        before = practice.count(operation)
        asked = login(corp)
        asked.until_stage("waiting")
        asked.leave()
        corp.call("CancelLogin", session="corp")
        assert practice.count(operation) - before == (1 if fault["kind"] == "extra" else 2), fault


def test_passing_trouble_while_polling_is_got_over(corp, practice):
    practice.fault(DEVICE, "status", status=500)
    practice.fault(DEVICE, "extra")
    assert sign_in(corp)["user"] == "alice@example.com"


@pytest.mark.parametrize("operation", [name if name != DEVICE else pytest.param(name, marks=pytest.mark.all)
                                       for name in STEPS])
def test_a_reply_that_makes_no_sense_ends_the_sign_in_and_says_which(corp, practice, operation):
    practice.auto_approve()
    for fault in LASTING:
        if fault["kind"] == "oversize" and operation == DEVICE:
            continue  # nothing came, as far as a poll can tell: it asks again, and the code is used up
        practice.fault(operation, **fault)
        error = login(corp).refusal("Unavailable")
        assert "'corp'" in error.message, (fault, error)
        assert fault["kind"] == "oversize" or STEPS[operation] in error.message, (fault, error)
        assert session_of(corp)["state"] == "signed_out"
        assert session_of(corp)["lastError"] in error.message
    assert login(corp).reply()["user"] == "alice@example.com"


@pytest.mark.all
@pytest.mark.parametrize("operation", ["RegisterClient", "StartDeviceAuthorization"])
def test_an_aws_that_stays_broken_ends_the_sign_in_in_time(corp, practice, operation):
    practice.fault(operation, "status", times=None, status=500)
    asked = login(corp)
    error = asked.refusal("Unavailable", timeout=12)
    assert asked.seconds < 11 and "'corp'" in error.message and "try again" in error.message, error


def test_the_sessions_file_may_change_while_a_sign_in_waits(corp, practice):
    asked = login(corp)
    code = asked.until_stage("waiting")["code"]
    corp.write_aws_config(f"[sso-session other]\nsso_start_url = {practice.start_url}\nsso_region = us-east-1\n")
    wait_for(lambda: [one["name"] for one in corp.call("Status")["sessions"]] == ["other"], 5, lambda: "not re-read")
    practice.approve(code)
    asked.reply()
    assert json.dumps(corp.call("Status")["sessions"]).count("ready") == 0
