"""Role credentials: one fetch for all, good for long enough, never another's, and whatever AWS says instead of them."""
import calendar
import json
import threading
import time

import pytest
from asking import EXIT, TARGET, Relay, ask, at_once, get, login, session_of, sign_in, until_count, until_state, whoami
from home import wait_for

SHIM = ("--sso-session", "corp", "--account-id", "012345678901", "--role-name")


@pytest.fixture
def corp(home):
    home.configure()
    home.start_daemon()
    return home


@pytest.fixture
def signed_in(corp, practice):
    sign_in(corp)
    corp.fetched = practice.count("GetRoleCredentials")  # the sign-in asked who came back
    return corp


def fetches(home):
    return home.practice.count("GetRoleCredentials") - home.fetched


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def roles(practice, count):
    """Targets for so many roles."""
    practice.set(accounts=[{"accountId": "012345678901", "roles": [f"Role{n}" for n in range(count)]}])
    return [{"roleName": f"Role{n}"} for n in range(count)]


# One fetch.

def test_fifty_callers_are_one_fetch(signed_in, practice):
    practice.set(latency=0.2)
    asked = [get(signed_in, {"roleName": "Billing"}) for _ in range(50)]
    assert len({one.reply()["AccessKeyId"] for one in asked}) == 1
    assert fetches(signed_in) == 1
    assert at_once(lambda: get(signed_in, {"roleName": "Billing"})).reply()
    assert fetches(signed_in) == 1


def test_a_caller_that_leaves_takes_nothing_from_the_others(signed_in, practice):
    practice.set(latency=0.5)
    first, second = get(signed_in, {"roleName": "Billing"}), get(signed_in, {"roleName": "Billing"})
    until_count(practice, "GetRoleCredentials", signed_in.fetched + 1)
    first.leave()
    second.reply()
    assert fetches(signed_in) == 1


def test_a_caller_with_more_time_gets_more_time(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=1.2)
    short = get(signed_in, {"roleName": "Billing"}, timeoutMs=300)
    long = get(signed_in, {"roleName": "Billing"}, timeoutMs=5000)
    assert "'corp'" in short.refusal("TimedOut").message and 0.25 < short.seconds < 0.6
    long.reply()
    assert long.seconds < 3


def test_every_name_arrives_as_it_is(signed_in):
    for account, role in (("012345678901", "ReadOnly"), ("111122223333", "Power+User"), ("999988887777", "ReadOnly")):
        reply = get(signed_in, {"accountId": account, "roleName": role}).reply()
        assert reply["AccountId"] == account
        assert whoami(signed_in, accountId=account, roleName=role).startswith(
            f"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{role}_")
        result = signed_in.credential_process("--sso-session", "corp", "--account-id", account, "--role-name", role)
        assert json.loads(result.out) == reply and result.status == 0


# How long they last.

def test_what_aws_grants_is_served_without_asking_again(signed_in, practice):
    for life, target in zip((900, 1199, 1200, 3600), roles(practice, 4)):
        practice.set(role_life=life)
        before = fetches(signed_in)
        asked = [get(signed_in, target).reply() for _ in range(5)]
        assert fetches(signed_in) == before + 1 and len({one["AccessKeyId"] for one in asked}) == 1


def test_credentials_of_seconds_are_fetched_anew_when_they_have_expired_and_not_before(signed_in, practice):
    practice.set(role_life=4)
    began, keys = time.monotonic(), []
    while time.monotonic() < began + 6.5:
        reply = get(signed_in, {"roleName": "Billing"}).reply()
        assert reply["Expiration"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1.2))
        keys.append(reply["AccessKeyId"])
        time.sleep(0.2)
    assert fetches(signed_in) == len(set(keys)) == 2  # in the background neither: at most one in 30 s


@pytest.mark.all
def test_credentials_in_use_are_renewed_in_the_background(signed_in, practice):
    practice.set(role_life=48)
    first = get(signed_in, {"roleName": "Billing"}).reply()
    get(signed_in, {"roleName": "ReadOnly", "accountId": "111122223333"}).reply()
    practice.set(latency=1.5)
    slowest, began = 0, time.monotonic()
    while time.monotonic() < began + 38:
        asked = get(signed_in, {"roleName": "Billing"})
        last = asked.reply()
        slowest = max(slowest, asked.seconds)
        time.sleep(0.1)
    assert last["AccessKeyId"] != first["AccessKeyId"] and slowest < 1, "nobody waits for AWS"
    assert fetches(signed_in) in (3, 4)  # each was asked for since it was granted


def test_roles_that_expired_are_gone_from_status(signed_in, practice):
    practice.set(role_life=2)
    get(signed_in, {"roleName": "Billing"}).reply()

    def listed():
        return "Billing" in [role["roleName"] for role in signed_in.call("Status")["roles"]]
    assert listed()
    wait_for(lambda: not listed(), 5, lambda: "still there", pause=0.1)


@pytest.mark.all
def test_roles_in_use_are_renewed_once_more_before_the_foretold_end_and_outlast_it(home, practice):
    """One session's length is learnt from earlier ones, the other's is configured, and while it is in use."""
    practice.set(portal_session_life=45, role_life=3600)
    home.write_aws_config("".join(f"[sso-session {name}]\nsso_start_url = {practice.start_url}\n"
                                  f"sso_region = {practice.region}\n" for name in ("learnt", "corp")))
    home.write(".local/state/iamic/history", json.dumps({"learnt": {"lengths": [90, 60], "worked": [70, 44]}}))
    home.start_daemon()
    assumed = "arn:aws:iam::111122223333:role/Deploy"
    targets = [{"session": "learnt", "roleName": "Billing"}, {"session": "corp", "roleName": "Billing"},
               {"session": "corp", "roleName": "Billing", "roleArn": assumed}]
    began = time.time()
    for name in ("learnt", "corp"):
        sign_in(home, name)
    keys = [get(home, target).reply()["AccessKeyId"] for target in targets]
    home.write_config("[session corp]\nsession_length = 44s\n")
    wait_for(lambda: session_of(home, "corp")["sessionEnds"], 5, lambda: "the length is not in force")
    ends = [seconds_of(session_of(home, name)["sessionEnds"]) - began for name in ("learnt", "corp")]
    assert abs(ends[0] - 60) < 4 and abs(ends[1] - 44) < 4
    for target, key in zip(targets, keys):
        wait_for(lambda: get(home, target).reply()["AccessKeyId"] != key, 45, lambda: f"not renewed: {target}",
                 pause=0.5)
        assert 30 < time.time() - began < 43
    time.sleep(began + 50 - time.time())
    for name in ("learnt", "corp"):
        get(home, {"session": name, "roleName": "ReadOnly", "accountId": "111122223333"}).refusal("LoginRequired")
    for target in targets:
        left = seconds_of(get(home, target).reply()["Expiration"]) - time.time()
        assert left > 3600 - 25, left


# While AWS is away.

def test_cached_credentials_are_served_during_an_outage_until_they_expire(signed_in, practice):
    practice.set(role_life=3)
    served = get(signed_in, {"roleName": "Billing"}).reply()
    practice.outage(5)
    began = time.monotonic()
    get(signed_in, {"roleName": "Other"}, timeoutMs=1000).ended()
    while time.monotonic() < began + 1.7:
        assert at_once(lambda: get(signed_in, {"roleName": "Billing"})).reply() == served
        time.sleep(0.1)
    time.sleep(2)
    # Also the one that looks whether AWS is back.
    error = at_once(lambda: get(signed_in, {"roleName": "Billing"})).refusal("Unavailable")
    assert "'corp'" in error.message and error.retryAt
    time.sleep(max(0, began + 5.1 - time.monotonic()))
    wait_for(lambda: not get(signed_in, {"roleName": "Billing"}).ended().error, 6, lambda: "no recovery", pause=0.2)


# Waiting, for AWS and for a person.

def test_aws_that_does_not_answer_in_time(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=6)
    asked = get(signed_in, {"roleName": "Billing"}, timeoutMs=800)
    error = asked.refusal("TimedOut")
    assert "'corp'" in error.message and 0.7 < asked.seconds < 1.2
    result = signed_in.credential_process(*SHIM, "Billing", "--timeout", "1")
    assert (result.status, result.out, result.err.count("\n")) == (6, "", 1), result
    assert result.seconds < 2


def test_callers_in_a_hurry_do_not_make_aws_count_as_away(signed_in, practice):
    practice.set(latency=0.6)
    for _ in range(5):
        get(signed_in, {"roleName": "Billing"}, timeoutMs=100).refusal("TimedOut")
    asked = get(signed_in, {"accountId": "111122223333"})
    assert asked.reply()["AccountId"] == "111122223333"


def test_a_sign_in_under_way_is_part_of_the_error(corp):
    asked = login(corp)
    waiting = asked.until_stage("waiting")
    error = at_once(lambda: get(corp)).refusal("LoginRequired")
    assert (error.session, error.openUrl, error.code) == ("corp", waiting["openUrl"], waiting["code"])
    assert error.message == (f"session 'corp' is being signed in to: approve {waiting['code']} at "
                             f"{waiting['openUrl']}, or run 'iamic-login corp'")
    shim = corp.credential_process(*SHIM, "ReadOnly")
    assert (shim.status, shim.out, shim.err) == (3, "", f"iamic: {error.message}\n"), shim
    listed = ask(corp, "ListAccounts", session="corp").refusal("LoginRequired")
    assert listed.code == waiting["code"]
    late = get(corp, loginMs=500)
    error = late.refusal("LoginRequired")
    assert (error.openUrl, error.code) == (waiting["openUrl"], waiting["code"])
    assert 0.4 < late.seconds < 1.5  # timeoutMs is for AWS, not for the person
    asked.leave()


def test_a_sign_in_under_way_that_has_no_address_yet_is_said_without_it(corp, practice):
    practice.fault("StartDeviceAuthorization", "delay", seconds=2)
    asked = login(corp)
    asked.until_stage("registering")
    until_count(practice, "StartDeviceAuthorization", 1)
    error = get(corp).refusal("LoginRequired")
    assert error.message == "session 'corp' is being signed in to: to go on, run 'iamic-login corp'"
    asked.leave()


def test_signed_out_is_an_answer_at_once(corp, practice):
    error = at_once(lambda: get(corp)).refusal("LoginRequired")
    assert error.message == "session 'corp' is signed out: run 'iamic-login corp'"
    assert (error.openUrl, error.code) == (None, None)
    assert practice.requests() == []


def test_whoever_waits_for_a_sign_in_is_served_after_it(corp, practice):
    waiting = [get(corp, loginMs=15000) for _ in range(30)]
    shim = corp.spawn("iamic-credential-process", *SHIM, "Billing", "--login=15")
    time.sleep(0.3)
    sign_in(corp)
    assert len({one.reply()["AccessKeyId"] for one in waiting}) == 1
    assert shim.finish().status == 0
    assert practice.count("StartDeviceAuthorization") == 1


def test_after_the_sign_in_aws_gets_its_own_time(corp, practice):
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=2)
    asked = login(corp)
    waiting = get(corp, loginMs=2500, timeoutMs=4000)
    practice.approve(asked.until_stage("waiting")["code"])
    assert waiting.reply() and waiting.seconds > 2.5


@pytest.mark.parametrize("words", [["whoami", *SHIM, "Nope"], ["roles", "999999999999"]])
def test_not_assigned_says_whom_to_ask_in_this_company(corp, words):
    sign_in(corp)
    hint = "ask #cloud-access"
    for text, wanted in (("", "'iamic login --force corp'"), (f"denied_hint = {hint}\n", f"--force corp': {hint}"),
                         ("", "'iamic login --force corp'")):
        corp.write_config(text)
        result = wait_for(lambda: (found := corp.iamic(*words)) and wanted in found.err and found, 5,
                          lambda: f"not {wanted!r}: {corp.iamic(*words)}")
        assert result.status == 4 and "not assigned to you, or was assigned after" in result.err, result
        assert (hint in result.err) == bool(text), result
    corp.write_config(f"denied_hint = {hint}\n")
    wait_for(lambda: hint in corp.credential_process(*SHIM, "Nope").err, 5, lambda: "no hint from the shim")
    other = corp.iamic("whoami", "--profile", "nowhere")
    assert other.status == 7 and hint not in other.err, other


def test_a_denied_sign_in_is_told_to_whoever_waits(corp, practice):
    asked = login(corp)
    waiting = get(corp, loginMs=15000)
    practice.deny(asked.until_stage("waiting")["code"])
    asked.refusal("Denied")
    assert waiting.ended().error.name in ("Denied", "LoginRequired")


def test_more_than_1024_waiting_are_turned_away_at_once_and_nobody_else(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=3)
    clients = [signed_in.client() for _ in range(1024)]
    for n, client in enumerate(clients):
        client.send("GetCredentials", {**TARGET, "roleName": "Billing", "timeoutMs": 30000})
    wait_for(lambda: fetches(signed_in) >= 1, 5, lambda: "no fetch")
    time.sleep(0.5)
    assert "1024" in at_once(lambda: get(signed_in, {"roleName": "Billing"})).refusal("Unavailable").message
    assert at_once(lambda: ask(signed_in, "Status")).reply()["sessions"][0]["state"] == "ready"
    assert at_once(lambda: get(signed_in)).reply()
    assert len({client.reply("GetCredentials")["AccessKeyId"] for client in clients}) == 1
    for client in clients:
        client.close()
    assert fetches(signed_in) == 1


# Signing out.

def test_logout_during_a_fetch(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=1)
    asked = [get(signed_in, {"roleName": "Billing"}), get(signed_in, {"roleName": "Billing"}, loginMs=20000)]
    until_count(practice, "GetRoleCredentials", signed_in.fetched + 1)
    assert signed_in.call("Logout", session="corp")["warning"] is None
    for one in asked:
        assert "corp" in one.refusal("LoginRequired").message
    time.sleep(1.1)
    assert signed_in.call("Status")["roles"] == []
    get(signed_in, {"roleName": "Billing"}).refusal("LoginRequired")


def test_logout_forgets_everything_and_closes_the_connections(signed_in, practice):
    get(signed_in).reply()
    assert practice.connections()["open"] > 1
    assert signed_in.call("Logout") == {"sessions": ["corp"], "warning": None}
    wait_for(lambda: practice.connections()["open"] == 1, 3, lambda: practice.connections())
    assert signed_in.call("Status")["roles"] == []
    get(signed_in).refusal("LoginRequired")
    assert practice.count("Logout") == 1
    status = session_of(signed_in)
    assert (status["state"], status["expires"], status["refreshAt"]) == ("signed_out", None, None)


def test_logout_is_carried_out_although_its_client_goes_away(signed_in, practice):
    practice.set(latency=0.5)
    asked = ask(signed_in, "Logout")
    until_count(practice, "Logout", 1)
    asked.leave()
    until_state(signed_in, "signed_out")
    wait_for(lambda: practice.connections()["open"] == 1, 3, lambda: practice.connections())


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 403}, {"kind": "garbage"},
                                   {"kind": "status", "status": 500}, {"kind": "drop"}],
                         ids=lambda fault: fault["kind"] + str(fault.get("status", "")))
def test_logout_forgets_although_aws_does_not_answer_well(signed_in, practice, fault):
    practice.fault("Logout", times=None, **fault)
    asked = ask(signed_in, "Logout")
    reply = asked.reply()
    assert asked.seconds < 4 and (fault["kind"] == "garbage" or "'corp'" in reply["warning"])
    get(signed_in).refusal("LoginRequired")
    assert signed_in.call("Status")["roles"] == []


def test_logout_of_a_portal_session_that_has_ended_is_no_trouble(signed_in, practice):
    practice.revoke("session")
    assert signed_in.call("Logout")["warning"] is None
    assert signed_in.call("Logout")["warning"] is None


# A full arena.

def cold(home, targets, at_once=8):
    """Asks for all of them; the errors, each with its target."""
    errors, left = [], list(targets)

    def work():
        with home.client() as client:
            while left:
                target = left.pop()
                try:
                    client.call("GetCredentials", {**TARGET, **target})
                except Exception as error:
                    errors.append((target["roleName"], str(error)))
    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.all
def test_more_roles_than_the_arena_holds(signed_in, practice):
    targets = roles(practice, 3000)
    assert cold(signed_in, targets) == []
    held = [role["roleName"] for role in signed_in.call("Status")["roles"]]
    assert 1000 < len(held) < 3000 and {"Role0", "Role1"} <= set(held)  # asked for last
    before = fetches(signed_in)
    get(signed_in, targets[0]).reply()
    assert fetches(signed_in) == before
    get(signed_in, targets[2999]).reply()
    assert fetches(signed_in) == before + 1
    assert ask(signed_in, "ListAccounts", session="corp").reply()
    assert whoami(signed_in, roleName="Role0")
    sign_in(signed_in, force=True)
    assert get(signed_in, targets[0]).reply()


def test_1500_roles_are_held_at_once(signed_in, practice):
    targets = roles(practice, 1500)
    assert cold(signed_in, targets) == []
    assert len(signed_in.call("Status")["roles"]) >= 1500
    before = fetches(signed_in)
    assert cold(signed_in, targets) == [] and fetches(signed_in) == before


def test_many_cold_roles_behind_two_connections_do_not_make_aws_count_as_away(signed_in, practice):
    practice.set(latency=0.25)
    targets = roles(practice, 40)
    asked = [get(signed_in, target, timeoutMs=2000) for target in targets]
    names = {one.ended().error and one.error.name for one in asked}
    assert names == {None, "TimedOut"}
    get(signed_in, targets[-1], timeoutMs=20000).reply()


# What AWS says instead.

REFUSALS = [
    ({"kind": "status", "status": 400, "code": "InvalidRequestException"}, "Denied"),
    ({"kind": "status", "status": 403, "code": "ForbiddenException"}, "Denied"),
    ({"kind": "status", "status": 404, "code": "ResourceNotFoundException"}, "Denied"),
    ({"kind": "status", "status": 418, "code": "Teapot"}, "Unavailable"),
    ({"kind": "status", "status": 302, "code": "Moved"}, "Unavailable"),
    ({"kind": "garbage"}, "Unavailable"), ({"kind": "html"}, "Unavailable"), ({"kind": "empty"}, "Unavailable"),
    ({"kind": "oversize", "bytes": 2 << 20}, "Unavailable"), ({"kind": "wrong_type"}, "Unavailable"),
    ({"kind": "missing"}, "Unavailable"), ({"kind": "missing", "field": "secretAccessKey"}, "Unavailable"),
    ({"kind": "wrong_type", "field": "sessionToken"}, "Unavailable"),
    ({"kind": "missing", "field": "roleCredentials"}, "Unavailable"),
]
PASSING = [{"kind": "status", "status": 500}, {"kind": "status", "status": 503}, {"kind": "throttle"}, {"kind": "drop"},
           {"kind": "reset"}, {"kind": "truncate"}, {"kind": "truncate", "bytes": 0}]


def test_every_reply_that_is_no_credentials_is_told_in_one_line(signed_in, practice):
    for fault, name in REFUSALS:
        practice.fault("GetRoleCredentials", **fault)
        asked = get(signed_in, {"roleName": "Billing"})
        error = asked.refusal(name)
        assert "'corp'" in error.message and asked.seconds < 1, (fault, error)
        assert fault["kind"] == "oversize" or name == "Denied" or "GetRoleCredentials" in error.message, (fault, error)
        practice.fault("GetRoleCredentials", **fault)
        result = signed_in.credential_process(*SHIM, "Billing")
        assert (result.status, result.out, result.err) == (EXIT[name], "", f"iamic: {error.message}\n"), fault
        assert session_of(signed_in)["state"] == "ready", fault
    get(signed_in, {"roleName": "Billing"}).reply()


def test_passing_trouble_is_got_over_within_the_callers_time(signed_in, practice):
    for fault, target in zip(PASSING, roles(practice, len(PASSING))):
        practice.fault("GetRoleCredentials", **fault)
        before = fetches(signed_in)
        asked = get(signed_in, target)
        asked.reply()
        assert fetches(signed_in) == before + 2 and asked.seconds < 2.5, fault
    practice.fault("GetRoleCredentials", "extra")
    get(signed_in, {"roleName": "Role0", "accountId": "012345678901"}).reply()


# Call.

def test_call_signs_for_the_region_it_is_given(signed_in, practice):
    for region in (None, "eu-central-1"):
        reply = ask(signed_in, "Call", target=TARGET, service="sts", operation="GetCallerIdentity", body="",
                    **({"region": region} if region else {})).reply()
        assert reply["status"] == 200
        assert set(json.loads(reply["body"])) == {"Account", "Arn", "UserId"}


REFUSED_CALLS = [
    ({"service": "s3", "operation": "DeleteBucket"}, "Denied"),
    ({"service": "sts", "operation": "AssumeRole"}, "Denied"),
    ({"operation": "getcalleridentity"}, "Denied"),
    ({"region": "us-east-1.evil.example"}, "Config"),
    ({"region": "US-EAST-1"}, "Config"),
    ({"region": "atlantis-1"}, "Config"),
    ({"target": {**TARGET, "accountId": "12345"}}, "Config"),
    ({"target": {**TARGET, "session": "nobody"}}, "Config"),
    ({"target": {**TARGET, "roleName": "Nonsense"}}, "Denied"),
]


def test_call_refuses_what_it_does_not_know(signed_in, practice):
    before = practice.count("GetCallerIdentity")
    for fields, name in REFUSED_CALLS:
        given = {"target": TARGET, "service": "sts", "operation": "GetCallerIdentity", "body": "", **fields}
        ask(signed_in, "Call", **given).refusal(name)
    assert practice.count("GetCallerIdentity") == before


def test_call_before_the_sign_in(corp):
    asked = at_once(lambda: ask(corp, "Call", target=TARGET, service="sts", operation="GetCallerIdentity", body=""))
    assert asked.refusal("LoginRequired").session == "corp"


@pytest.mark.all
def test_call_has_a_deadline_of_its_own(signed_in, practice):
    practice.fault("GetCallerIdentity", "delay", times=None, seconds=14)
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=14)
    for asked in [ask(signed_in, "Call", target={**TARGET, "roleName": role}, service="sts",
                      operation="GetCallerIdentity", body="") for role in ("ReadOnly", "Billing")]:
        error = asked.ended().error
        assert error.name in ("TimedOut", "Unavailable") and asked.seconds < 11, error


def test_what_sts_says_instead(signed_in, practice):
    for fault in ({"kind": "status", "status": 403, "code": "AccessDenied"}, {"kind": "garbage"}, {"kind": "html"},
                  {"kind": "empty"}, {"kind": "missing"}, {"kind": "oversize", "bytes": 2 << 20}):
        practice.fault("GetCallerIdentity", **fault)
        asked = ask(signed_in, "Call", target=TARGET, service="sts", operation="GetCallerIdentity", body="").ended()
        assert asked.error and asked.error.name in ("Denied", "Unavailable"), (fault, asked.error)
        assert fault["kind"] == "oversize" or "GetCallerIdentity" in asked.error.message, (fault, asked.error)
    assert signed_in.iamic("whoami", *SHIM, "ReadOnly").status == 0


def test_a_portal_behind_a_network_that_swallows_everything(home, practice):
    home.configure()
    with Relay(practice.port) as portal:
        home.start_daemon(env={"AWS_ENDPOINT_URL_SSO": portal.url})
        sign_in(home)
        portal.silence()
        asked = get(home, {"roleName": "Billing"}, timeoutMs=1500)
        asked.refusal("TimedOut")
        assert asked.seconds < 2
        assert get(home).reply()
        portal.silence(False)
        get(home, {"roleName": "Billing"}).reply()
