"""A machine whose clock is an hour wrong: everything goes by AWS's, and times are told by it."""
import re

import pytest
from asking import get, session_of, sign_in, until_count, whoami

HOUR = 3600
REFRESH = "CreateToken:refresh_token"
# By how much AWS's clock is ahead of this machine's, and what that makes this machine's.
SKEWS = {HOUR: "slow", -HOUR: "fast"}


@pytest.fixture(params=SKEWS, ids=SKEWS.values())
def skew(request):
    return request.param


@pytest.fixture
def corp(home, practice, skew):
    practice.set(clock_skew=skew)
    home.configure({"dev": ("012345678901", "ReadOnly")})
    home.start_daemon()
    return home


def restart(home):
    home.stop_daemons()
    home.start_daemon()


@pytest.mark.quick
def test_sign_in_credentials_and_whoami_work(corp, practice, skew):
    login = corp.sign_in()
    assert "alice@example.com" in login.out, login  # STS told it
    assert re.search(r"in (59 min|1 h)\b", login.out), login
    assert corp.credential_process("--profile", "dev").status == 0
    result = corp.iamic("whoami", "--profile", "dev")
    assert result.status == 0 and "alice@example.com" in result.out, result
    assert practice.count("GetCallerIdentity") == 2  # each at the first try
    shown = corp.iamic("status").out
    assert f"this machine's is 60 min {SKEWS[skew]}" in shown, shown
    assert len(re.findall(r"\(in (?:59 min|1 h)\)", shown)) == 2, shown  # token and role


def test_a_token_is_refreshed_at_three_quarters_of_its_life(corp, practice):
    practice.set(token_life=4)
    sign_in(corp)
    until_count(practice, REFRESH, 1, timeout=6)
    assert session_of(corp)["state"] in ("ready", "refreshing")
    get(corp).reply()


def test_after_a_restart_the_first_reply_tells_the_time(corp, practice):
    sign_in(corp)
    restart(corp)
    get(corp).reply()
    assert whoami(corp).endswith("/alice@example.com")
    assert practice.count(REFRESH) <= 1  # a machine that is fast takes the stored token for expired


def test_timers_that_were_armed_before_the_first_reply_are_put_right(corp, practice):
    practice.set(token_life=8)
    sign_in(corp)
    restart(corp)
    get(corp, {"roleName": "Billing"}).reply()
    until_count(practice, REFRESH, 1, timeout=10)


def test_what_is_left_is_counted_by_awss_clock(corp):
    corp.write_config("session_length = 8h\n")
    sign_in(corp)
    assert corp.iamic("status", "--check", "--min", "450m").status == 0
    assert corp.iamic("status", "--check", "--min", "510m").status == 3
    prompt = corp.iamic("prompt", env={"AWS_PROFILE": "dev"})
    assert re.fullmatch(r"dev (7h5[89]|8h00)m\n", prompt.out), prompt


def test_a_signature_refused_for_its_date_is_made_once_more(corp, practice, skew):
    sign_in(corp)
    already = practice.count("GetCallerIdentity")
    practice.fault("GetRoleCredentials", "skew", seconds=-skew * 0.8)  # so that the role's still seem valid
    assert whoami(corp, roleName="Billing").endswith("/alice@example.com")
    assert practice.count("GetCallerIdentity") - already == 2


def test_a_signature_that_is_refused_all_the_same_is_made_twice_and_no_more(corp, practice, skew):
    sign_in(corp)
    already = practice.count("GetCallerIdentity")
    practice.fault("GetCallerIdentity", "skew", times=None, seconds=2 * skew)
    practice.fault("GetCallerIdentity", "status", times=None, status=403, code="SignatureDoesNotMatch")
    result = corp.iamic("whoami", "--profile", "dev")
    assert result.status == 4 and "SignatureDoesNotMatch" in result.err, result
    assert practice.count("GetCallerIdentity") - already == 2
