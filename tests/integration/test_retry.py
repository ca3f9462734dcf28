"""AWS away, slow or throttling: answers at once while that is known, tries again by itself, and nothing hangs."""
import time

import pytest
from asking import AT_ONCE, TARGET, Relay, ask, at_once, gaps, get, login, session_of, sign_in, until_count
from home import wait_for

OPERATIONS = {"ListAccounts": ("ListAccounts", {"session": "corp"}),
              "GetRoleCredentials": ("GetCredentials", {**TARGET, "roleName": "Billing"})}


@pytest.fixture
def signed_in(home):
    home.configure()
    home.start_daemon()
    sign_in(home)
    return home


def break_circuit(home):
    """A call during an outage, which finds out about it."""
    return get(home, {"roleName": "Billing"}, timeoutMs=1500).ended().error


# The circuit.

def test_during_an_outage_every_call_is_answered_at_once_and_then_served(signed_in, practice):
    practice.outage(4)
    began = time.monotonic()
    assert break_circuit(signed_in).name == "Unavailable"
    for _ in range(15):
        for begin in (lambda: get(signed_in, {"roleName": "Billing"}),
                      lambda: ask(signed_in, "ListAccounts", session="corp")):
            error = at_once(begin).error
            if time.monotonic() - began > 3.5:
                break
            assert error.name == "Unavailable" and error.retryAt and "'corp'" in error.message, error
        assert at_once(lambda: get(signed_in)).reply()
    time.sleep(max(0, 4.1 - (time.monotonic() - began)))
    wait_for(lambda: not get(signed_in, {"roleName": "Billing"}).ended().error, 5, lambda: "no recovery", pause=0.2)


def test_a_call_that_began_before_the_outage_ended_is_served_after_it(signed_in, practice):
    practice.outage(2.5)
    asked = get(signed_in, {"roleName": "Billing"}, timeoutMs=10000)
    asked.reply()
    assert 2.4 < asked.seconds < 7


def test_while_the_circuit_is_open_only_probes_go_out(signed_in, practice):
    practice.fault("GetRoleCredentials", "status", times=None, status=503)
    break_circuit(signed_in)
    before, ends = practice.count("GetRoleCredentials"), time.monotonic() + 6
    while time.monotonic() < ends:
        get(signed_in, {"roleName": "Billing"}, timeoutMs=200).ended()
        time.sleep(0.02)
    assert practice.count("GetRoleCredentials") - before <= 5  # after 1, 2, 4 s
    practice.clear_faults()
    wait_for(lambda: not get(signed_in, {"roleName": "Billing"}).ended().error, 9, lambda: "no recovery", pause=0.1)


def test_one_host_that_is_away_says_nothing_of_another(home, practice):
    home.configure()
    with Relay(practice.port) as portal:
        home.start_daemon(env={"AWS_ENDPOINT_URL_SSO": portal.url})
        sign_in(home)
        portal.cut()
        assert break_circuit(home)
        assert str(portal.port) in get(home, {"roleName": "Billing"}).refusal("Unavailable").message
        asked = login(home, force=True)
        practice.approve(asked.until_stage("waiting")["code"])
        assert "portal session" in asked.reply(timeout=10)["warning"]


def test_five_hundreds_of_one_call_are_followed_by_success(signed_in, practice):
    practice.fault("GetRoleCredentials", "status", times=2, status=500)
    asked = get(signed_in, {"roleName": "Billing"})
    asked.reply()
    assert asked.seconds < 1.5


def test_an_idle_connection_that_the_server_closed_costs_nothing(signed_in, practice):
    seconds = []
    for role in ("Administrator", "Power+User", "ReadOnly"):
        practice.disconnect()
        asked = get(signed_in, {"accountId": "111122223333", "roleName": role})
        asked.reply()
        ask(signed_in, "ListAccounts", session="corp").reply()
        seconds.append(asked.seconds)
    assert min(seconds) < AT_ONCE, seconds


# Throttling.

@pytest.mark.parametrize("operation", OPERATIONS)
def test_retry_after_is_obeyed(signed_in, practice, operation):
    method, parameters = OPERATIONS[operation]
    already = practice.count(operation)
    practice.fault(operation, "throttle", retry_after=2)
    asked = ask(signed_in, method, parameters)
    asked.reply()
    assert practice.count(operation) - already == 2
    assert gaps(practice, operation)[-1] >= 2


def test_a_retry_after_beyond_the_callers_time_is_an_answer_at_once(signed_in, practice):
    practice.fault("GetRoleCredentials", "throttle", retry_after=60)
    asked = get(signed_in, {"roleName": "Billing"}, timeoutMs=3000)
    error = asked.refusal("Unavailable")
    assert asked.seconds < 0.5 and "429" in error.message and "'corp'" in error.message
    get(signed_in, {"roleName": "Billing"}).reply()  # throttling is not being away


def test_throttling_that_does_not_end_is_told_within_the_callers_time(signed_in, practice):
    practice.fault("GetRoleCredentials", "status", times=None, status=429, code="TooManyRequestsException")
    asked = get(signed_in, {"roleName": "Billing"}, timeoutMs=1500)
    error = asked.ended().error
    assert error.name in ("Unavailable", "TimedOut") and asked.seconds < 1.8
    assert practice.count("GetRoleCredentials") < 12  # the pauses grow


# Nothing hangs.

@pytest.mark.parametrize("fault", [{"kind": "delay", "seconds": 5}, {"kind": "slow", "bytes_per_second": 20}],
                         ids=lambda fault: fault["kind"])
def test_a_reply_that_does_not_come_ends_with_the_callers_time(signed_in, practice, fault):
    practice.fault("GetRoleCredentials", times=None, **fault)
    asked = get(signed_in, {"roleName": "Billing"}, timeoutMs=1000)
    asked.refusal("TimedOut")
    assert 0.9 < asked.seconds < 1.5


def test_one_reply_that_does_not_come_does_not_hold_up_the_others(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=4)
    slow = get(signed_in, {"roleName": "Billing"}, timeoutMs=8000)
    until_count(practice, "GetRoleCredentials", 2)
    for target in ({"accountId": "999988887777"}, {"accountId": "111122223333"}):
        asked = get(signed_in, target)
        asked.reply()
        assert asked.seconds < 1
    slow.reply()


def test_a_silent_network_is_found_out_and_got_over(home, practice):
    home.configure()
    with Relay(practice.port) as relay:
        home.start_daemon(env={"AWS_ENDPOINT_URL": relay.url})
        sign_in(home)
        relay.silence()
        for _ in range(3):
            get(home, {"roleName": "Billing"}, timeoutMs=600).refusal("TimedOut")
        assert get(home).reply()
        relay.silence(False)
        wait_for(lambda: not get(home, {"roleName": "Billing"}).ended().error, 6, lambda: "no recovery", pause=0.2)


def test_an_unknown_certificate_names_its_issuer_and_is_not_asked_again(home, practice, tmp_path):
    home.configure()
    home.start_daemon(env={"AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"})
    asked = login(home)
    error = asked.refusal("Unavailable")
    assert asked.seconds < 3 and "certificate" in error.message and "'corp'" in error.message
    assert "practice" in error.message.lower(), error
    assert practice.requests() == []


def test_a_port_where_nobody_listens(home, practice):
    home.configure()
    with Relay(practice.port) as relay:
        relay.cut()
    home.start_daemon(env={"AWS_ENDPOINT_URL": relay.url})
    asked = login(home)
    error = asked.refusal("Unavailable", timeout=12)
    assert asked.seconds < 11 and str(relay.port) in error.message and "'corp'" in error.message
    assert at_once(lambda: login(home)).refusal("Unavailable").retryAt
    assert session_of(home)["lastError"]


def test_a_proxy_that_is_not_there(home, practice):
    """Loopback hosts never go through a proxy, so a proxy that is away does not matter to them."""
    home.configure()
    home.start_daemon(env={"HTTPS_PROXY": "http://user:hunter2@127.0.0.1:1"})
    sign_in(home)
    assert "hunter2" not in str(home.call("Status"))
