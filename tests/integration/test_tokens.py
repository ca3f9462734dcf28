"""Keeping the access token: refreshed ahead of its end and after a 401, never lost, never mixed up."""
import json
import time

import pytest
from asking import Relay, ask, at_once, get, login, session_of, sign_in, until_count, until_state, whoami
from home import wait_for

REFRESH = "CreateToken:refresh_token"


@pytest.fixture
def corp(home):
    home.configure()
    home.start_daemon()
    return home


def soon_expired(practice, home):
    """Signed in, with a token whose refresh AWS refused without saying why, and which has expired since."""
    practice.set(token_life=2)
    practice.fault(REFRESH, "status", times=2, status=400, code="InvalidRequestException")  # also at its end
    sign_in(home)
    until_count(practice, REFRESH, 2)
    practice.set(token_life=3600)
    until_state(home, "ready")


# On its timer.

def test_a_token_is_refreshed_at_about_three_quarters_of_its_life(corp, practice):
    practice.set(token_life=8)
    sign_in(corp)
    granted = practice.requests("CreateToken:device_code")[-1]["time"]
    until_count(practice, REFRESH, 1)
    after = practice.requests(REFRESH)[0]["time"] - granted
    assert 4.5 <= after <= 7, after
    until_state(corp, "ready")
    assert session_of(corp)["lastError"] is None


@pytest.mark.parametrize("settings", [{"rotate": False}, {"retire_old_refresh": True}], ids=["kept", "rotated"])
def test_one_refresh_follows_another(corp, practice, settings):
    practice.set(token_life=3, **settings)
    sign_in(corp)
    until_count(practice, REFRESH, 3, timeout=15)
    get(corp).reply()
    assert {request["status"] for request in practice.requests(REFRESH)} == {200}
    used = [request["body"]["refreshToken"] for request in practice.requests(REFRESH)]
    assert len(set(used)) == (1 if settings.get("rotate") is False else len(used))


def test_a_session_without_refresh_token_ends_with_its_token(corp, practice):
    practice.set(token_life=3, refresh=False)
    sign_in(corp)
    served = get(corp).reply()
    assert session_of(corp)["refreshAt"] is None
    until_state(corp, "signed_out", timeout=6)
    assert practice.count(REFRESH) == 0
    assert get(corp).reply() == served
    get(corp, {"roleName": "Billing"}).refusal("LoginRequired")


# After a 401.

def test_a_401_costs_one_refresh_and_nobody_notices(corp, practice):
    sign_in(corp)
    practice.revoke("access")
    before = practice.count("GetRoleCredentials")
    asked = [get(corp) for _ in range(49)] + [ask(corp, "ListAccounts", session="corp")]
    for one in asked:
        one.reply()
    assert practice.count(REFRESH) == 1
    assert practice.count("GetRoleCredentials") - before <= 2


def test_a_401_after_the_refresh_signs_out(corp, practice):
    sign_in(corp)
    practice.fault("GetRoleCredentials", "status", times=None, status=401, code="UnauthorizedException")
    error = get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
    assert "corp" in error.message and "iamic-login" in error.message and error.session == "corp"
    assert session_of(corp)["state"] == "signed_out"
    assert practice.count(REFRESH) == 1
    before = len(practice.requests())
    get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
    assert len(practice.requests()) == before


def test_a_401_of_a_list_costs_one_refresh_too(corp, practice):
    sign_in(corp)
    practice.revoke("access")
    assert len(ask(corp, "ListRoles", session="corp", accountId="111122223333").reply()["roles"]) == 3
    practice.fault("ListAccounts", "status", times=None, status=401, code="UnauthorizedException")
    ask(corp, "ListAccounts", session="corp").refusal("LoginRequired")
    assert practice.count(REFRESH) == 2


def test_each_401_that_comes_after_a_success_is_worth_a_refresh(corp, practice):
    sign_in(corp)
    for n in range(1, 4):
        practice.revoke("access")
        ask(corp, "ListAccounts", session="corp").reply()
        assert practice.count(REFRESH) == n


def test_a_403_says_nothing_about_the_token(corp, practice):
    sign_in(corp)
    error = get(corp, {"roleName": "Nonsense"}).refusal("Denied")
    assert "'Nonsense'" in error.message and "'iamic login --force corp'" in error.message
    get(corp, {"accountId": "222233334444"}).refusal("Denied")
    practice.fault("ListAccounts", "status", status=403, code="ForbiddenException")
    ask(corp, "ListAccounts", session="corp").refusal("Denied")
    assert session_of(corp)["state"] == "ready" and practice.count(REFRESH) == 0


def test_a_401_without_refresh_token_signs_out(corp, practice):
    practice.set(refresh=False)
    sign_in(corp)
    practice.revoke("access")
    get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
    assert session_of(corp)["state"] == "signed_out"


def test_waiting_for_a_sign_in_goes_on_after_a_401(corp, practice):
    practice.set(refresh=False)
    sign_in(corp)
    practice.revoke("access")
    waiting = get(corp, {"roleName": "Billing"}, loginMs=15000)
    until_state(corp, "signed_out")
    sign_in(corp)
    waiting.reply()


# The end of the portal session, and of the client.

def test_the_end_of_the_portal_session_is_heard_once_and_the_token_used_to_its_end(corp, practice):
    practice.set(token_life=10)  # so that there is some of it left after the refresh
    sign_in(corp)
    practice.revoke("refresh")
    wait_for(lambda: "portal session" in (session_of(corp)["lastError"] or ""), 10, lambda: session_of(corp))
    assert session_of(corp)["state"] == "ready"
    served = get(corp, {"roleName": "Billing"}).reply()
    until_state(corp, "signed_out")
    assert practice.count(REFRESH) == 1
    assert get(corp, {"roleName": "Billing"}).reply() == served
    error = get(corp, {"roleName": "ReadOnly", "accountId": "999988887777"}).refusal("LoginRequired")
    assert "iamic-login" in error.message


def test_an_ended_portal_session_with_a_401_signs_out_and_cached_roles_are_served(corp, practice):
    sign_in(corp)
    served = get(corp).reply()
    practice.revoke("session")
    get(corp, {"roleName": "Billing"}).refusal("LoginRequired")
    assert session_of(corp)["state"] == "signed_out" and practice.count(REFRESH) == 1
    assert get(corp).reply() == served


def test_how_long_a_portal_session_has_lasted_is_remembered_for_the_next(corp, practice):
    """Its end is found later than it happened: when it was last seen to work is kept beside that."""
    sign_in(corp)
    practice.set(clock_skew=2 * 3600)
    for _ in range(2):  # the first reply tells the time, by which the token has expired
        ask(corp, "ListAccounts", session="corp").reply()
    assert practice.count(REFRESH) == 1
    practice.revoke("session")
    practice.set(clock_skew=4 * 3600)
    ask(corp, "ListAccounts", session="corp").refusal("LoginRequired")
    history = json.loads((corp.path / ".local/state/iamic/history").read_text())["corp"]
    assert 14300 < history["lengths"][0] < 14500 and 7100 < history["worked"][0] < 7300, history
    sign_in(corp)
    status = session_of(corp)
    assert status["sessionEnds"] and status["state"] == "ready"


def test_login_after_the_end_of_the_portal_session_signs_in_again(corp, practice):
    soon_expired(practice, corp)
    practice.revoke("session")
    assert sign_in(corp, user="bob@example.com")["user"] == "bob@example.com"
    assert practice.count("StartDeviceAuthorization") == 2


def test_a_forgotten_client_signs_out_and_is_registered_anew(corp, practice):
    practice.set(token_life=3)
    sign_in(corp)
    practice.revoke("client")
    until_state(corp, "signed_out")
    assert practice.count(REFRESH) == 1
    assert "client" in session_of(corp)["lastError"]
    sign_in(corp)
    assert practice.count("RegisterClient") == 2


# Refreshes that go wrong.

PASSING = [{"kind": "status", "status": 500}, {"kind": "throttle"}, {"kind": "drop"}, {"kind": "reset"},
           {"kind": "truncate"}, {"kind": "drop", "processed": True}]
LASTING = [{"kind": "status", "status": 400, "code": code} for code in
           ("SlowDownException", "AuthorizationPendingException", "AccessDeniedException", "InvalidRequestException")]
LASTING += [{"kind": kind} for kind in ("garbage", "html", "empty", "wrong_type", "missing")]
LASTING += [{"kind": "oversize", "bytes": 2 << 20}]


def a_role_for_each(practice, faults):
    """Targets that nobody has asked for yet, so that none is served from the cache."""
    practice.set(accounts=[{"accountId": "012345678901", "roles": [f"Role{n}" for n in range(len(faults))]}])
    return [(fault, {"roleName": f"Role{n}"}) for n, fault in enumerate(faults)]


def test_a_caller_waits_while_a_refresh_is_tried_again(corp, practice):
    sign_in(corp)
    for fault, target in a_role_for_each(practice, PASSING):
        practice.revoke("access")
        practice.fault(REFRESH, **fault)
        before = practice.count(REFRESH)
        asked = get(corp, target, timeoutMs=8000)
        assert asked.ended().error is None, (fault, asked.error)
        assert asked.seconds < 3 and practice.count(REFRESH) == before + 2, fault
    assert practice.count("StartDeviceAuthorization") == 1


def test_a_refresh_that_makes_no_sense_is_told_and_tried_again(corp, practice):
    sign_in(corp)
    for fault, target in a_role_for_each(practice, LASTING):
        practice.revoke("access")
        practice.fault(REFRESH, **fault)
        before = practice.count(REFRESH)
        asked = get(corp, target).ended()
        assert asked.error and asked.error.name in ("Unavailable", "Denied", "Config"), (fault, asked.error)
        assert "'corp'" in asked.error.message and asked.seconds < 2, (fault, asked.error)
        assert fault["kind"] == "oversize" or "CreateToken" in asked.error.message, (fault, asked.error)
        time.sleep(0.1)
        assert practice.count(REFRESH) == before + 1, fault  # nobody is left who needs it at once
        assert session_of(corp)["lastError"] in asked.error.message
        get(corp, target).reply()
        assert session_of(corp) == {**session_of(corp), "state": "ready", "lastError": None}


def test_login_with_an_expired_token_hears_why_it_cannot_be_renewed(corp, practice):
    soon_expired(practice, corp)
    before = practice.count(REFRESH)
    practice.fault(REFRESH, "html")
    assert "'corp'" in login(corp).refusal("Unavailable").message
    time.sleep(0.1)
    assert practice.count(REFRESH) == before + 1


@pytest.mark.all
def test_a_refresh_that_failed_is_tried_once_more_before_the_tokens_end(corp, practice):
    practice.set(token_life=10)
    sign_in(corp)
    granted = practice.requests("CreateToken:device_code")[-1]["time"]
    practice.fault(REFRESH, "garbage")
    until_count(practice, REFRESH, 1)
    until_state(corp, "ready")
    assert session_of(corp)["refreshAt"] < session_of(corp)["expires"]
    until_count(practice, REFRESH, 2)
    assert practice.requests(REFRESH)[1]["time"] - granted < 10


def test_a_good_token_is_used_while_its_refresh_fails(corp, practice):
    practice.set(token_life=8)
    sign_in(corp)
    practice.fault(REFRESH, "status", times=None, status=500)
    until_count(practice, REFRESH, 1)
    assert at_once(lambda: get(corp)).reply()
    practice.clear_faults()
    until_state(corp, "ready", timeout=20)
    assert session_of(corp)["lastError"] is None


def test_fifty_callers_with_an_expired_token_are_one_refresh_and_one_fetch(corp, practice):
    soon_expired(practice, corp)
    before, fetched = practice.count(REFRESH), practice.count("GetRoleCredentials")
    practice.set(latency=0.2)
    asked = [get(corp, {"accountId": "999988887777"}) for _ in range(50)]
    assert len({one.reply()["AccessKeyId"] for one in asked}) == 1
    assert practice.count(REFRESH) - before == 1
    assert practice.count("GetRoleCredentials") - fetched == 1


def test_while_oidc_is_known_to_be_away_an_expired_token_is_an_answer_at_once(home, practice):
    home.configure()
    with Relay(practice.port) as oidc:  # OIDC has a host of its own, as at AWS
        home.start_daemon(env={"AWS_ENDPOINT_URL_SSO_OIDC": oidc.url})
        practice.set(token_life=2)
        sign_in(home)
        oidc.cut()
        time.sleep(2.2)
        practice.set(token_life=3600)
        assert get(home, {"roleName": "Billing"}, timeoutMs=2500).ended().error
        for _ in range(3):
            error = at_once(lambda: get(home, {"roleName": "Billing"})).refusal("Unavailable")
            assert "'corp'" in error.message and error.retryAt
            at_once(lambda: ask(home, "ListAccounts", session="corp")).refusal("Unavailable")
    with Relay(practice.port, oidc.port):
        until_recovered = time.monotonic() + 6
        while get(home, {"roleName": "Billing"}).ended().error:
            assert time.monotonic() < until_recovered
            time.sleep(0.2)
        assert session_of(home)["state"] == "ready"


# Signing out meanwhile, and two at once.

def test_logout_during_a_refresh(corp, practice):
    practice.set(token_life=4)
    sign_in(corp)
    practice.fault(REFRESH, "delay", seconds=1)
    until_state(corp, "refreshing")
    asked = login(corp, force=True)
    assert corp.call("Logout", session="corp")["warning"] is None
    asked.refusal("LoginRequired")
    time.sleep(1.2)
    assert session_of(corp) == {**session_of(corp), "state": "signed_out", "expires": None, "lastError": None}
    get(corp).refusal("LoginRequired")


def logging_out_with_an_expired_token(corp, practice, seconds):
    """A Logout under way that waits for a refresh; AWS answers that only after so many seconds."""
    soon_expired(practice, corp)
    before = practice.count(REFRESH)
    practice.fault(REFRESH, "delay", seconds=seconds)
    asked = ask(corp, "Logout")
    until_count(practice, REFRESH, before + 1)
    return asked


def test_logout_that_waits_for_a_refresh_is_carried_out_although_its_client_goes_away(corp, practice):
    logging_out_with_an_expired_token(corp, practice, seconds=1).leave()
    until_state(corp, "signed_out")
    until_count(practice, "Logout", 1)
    wait_for(lambda: practice.requests("Logout")[0].get("status") == 200, 5, lambda: practice.requests("Logout"))
    corp.stop_daemons()
    corp.start_daemon()
    until_state(corp, "signed_out")


def test_logout_is_carried_out_although_client_and_daemon_are_asked_to_leave(corp, practice):
    """As at the end of a desktop session."""
    logging_out_with_an_expired_token(corp, practice, seconds=1).leave()
    corp.stop_daemons()
    assert practice.requests("Logout")[0]["status"] == 200
    corp.start_daemon()
    until_state(corp, "signed_out")


def test_logout_waits_for_a_refresh_that_someone_else_has_begun(corp, practice):
    """The expired token would end no portal session."""
    soon_expired(practice, corp)
    before = practice.count(REFRESH)
    practice.fault(REFRESH, "delay", seconds=1)
    asked = get(corp, {"roleName": "Billing"})
    until_count(practice, REFRESH, before + 1)
    assert corp.call("Logout") == {"sessions": ["corp"], "warning": None}
    assert [request["status"] for request in practice.requests("Logout")] == [200]
    asked.ended()


def test_logout_does_not_wait_long_for_a_refresh(corp, practice):
    asked = logging_out_with_an_expired_token(corp, practice, seconds=8)
    assert "'corp'" in asked.reply()["warning"] and "could not be renewed" in asked.replies[0]["warning"]
    assert 2.5 < asked.seconds < 4 and practice.count("Logout") == 0
    get(corp).refusal("LoginRequired")


def test_two_sessions_with_one_start_url_never_mix(home, practice):
    home.write_aws_config("".join(
        f"[sso-session {name}]\nsso_start_url = {practice.start_url}\nsso_region = us-east-1\n"
        for name in ("corp", "side")))
    home.start_daemon()
    assert sign_in(home, "corp", "alice")["user"] == "alice@example.com"
    get(home, {"session": "side"}).refusal("LoginRequired")
    assert sign_in(home, "side", "bob@example.com")["user"] == "bob@example.com"
    assert whoami(home, "corp").endswith("/alice@example.com")
    assert whoami(home, "side").endswith("/bob@example.com")
    home.call("Logout", session="side")
    assert [session["state"] for session in home.call("Status")["sessions"]] == ["ready", "signed_out"]
    assert whoami(home, "corp").endswith("/alice@example.com")
    get(home, {"session": "side"}).refusal("LoginRequired")
    assert "corp" in home.call("Logout")["sessions"]
    get(home).refusal("LoginRequired")


def test_a_clock_that_is_wrong_by_hours_changes_nothing(corp, practice):
    for skew in (-7200, 7200):
        practice.set(clock_skew=skew)
        sign_in(corp)
        first = get(corp).reply()
        assert get(corp).reply() == first
        assert (practice.count("GetRoleCredentials"), practice.count(REFRESH)) == (1, 0)
        corp.call("Logout")
        practice.reset()
