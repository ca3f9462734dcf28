"""Signing in to the practice Identity Center: device code, authorization code, refresh, and the pages for people."""

import base64
import hashlib
import http.server
import pathlib
import re
import sys
import threading
import time
import urllib.parse

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice.client import Practice, Visitor  # noqa: E402
from practice.speaker import DEVICE, FORM, SCOPES  # noqa: E402

pytest_plugins = ["practice.fixtures"]

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def assert_error(answer, status, code, error):
    assert (answer.status, answer.error(), answer.json()["error"]) == (status, code, error)
    assert answer.headers["x-amzn-ErrorType"] == f"{code}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
    assert answer.headers["Content-Type"] == "application/json"


def pending(answer):
    assert_error(answer, 400, "AuthorizationPendingException", "authorization_pending")


# The device flow.


def test_a_client_is_registered_for_ninety_days(center, speaker):
    answer = speaker.post("/client/register", {"clientName": "x", "clientType": "public"}).json()
    assert answer["clientSecretExpiresAt"] - answer["clientIdIssuedAt"] == 7776000
    assert abs(answer["clientIdIssuedAt"] - time.time()) < 5
    assert len(answer["clientSecret"]) > 2048


def test_a_device_sign_in_goes_from_pending_to_tokens(center, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    assert re.fullmatch("[A-Z]{4}-[A-Z]{4}", device["userCode"])
    assert (device["expiresIn"], device["verificationUri"]) == (600, f"{center.url}/device")
    assert device["verificationUriComplete"] == f"{center.url}/device?user_code={device['userCode']}"
    pending(speaker.poll(client, device))
    assert center.approve() == device["userCode"]
    tokens = speaker.poll(client, device).json()
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 3600)
    assert len(tokens["accessToken"]) > 1024 and tokens["refreshToken"]
    assert speaker.portal("/assignment/accounts", tokens["accessToken"]).status == 200
    center.check()


def test_a_device_code_works_once(center, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    center.approve(device["userCode"])
    assert speaker.poll(client, device).status == 200
    assert_error(speaker.poll(client, device), 400, "InvalidGrantException", "invalid_grant")


def test_a_denied_sign_in_says_so(center, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    center.deny()
    assert_error(speaker.poll(client, device), 400, "AccessDeniedException", "access_denied")
    center.check()


def test_a_sign_in_expires(center, speaker):
    center.set(device_life=0.05)
    client = speaker.register()
    device = speaker.start_device(client)
    time.sleep(0.1)
    assert_error(speaker.poll(client, device), 400, "ExpiredTokenException", "expired_token")
    assert center.pending() == []
    center.check()


def test_auto_approve_needs_nobody(center, speaker):
    center.auto_approve()
    client = speaker.register()
    assert speaker.poll(client, speaker.start_device(client)).status == 200
    center.auto_approve(False)
    pending(speaker.poll(client, speaker.start_device(client)))


def test_verification_without_the_complete_address(center, speaker):
    center.set(verification="plain")
    assert "verificationUriComplete" not in speaker.start_device(speaker.register())


def test_two_sign_ins_are_told_apart(center, speaker):
    client = speaker.register()
    first, second = speaker.start_device(client), speaker.start_device(client)
    center.approve(second["userCode"], user="bob")
    pending(speaker.poll(client, first))
    token = speaker.poll(client, second).json()["accessToken"]
    assert b"/bob</Arn>" in speaker.sts(speaker.signed(speaker.role(token=token))).body
    assert [one["user_code"] for one in center.pending()] == [first["userCode"]]


def test_a_device_code_belongs_to_its_client(center, speaker):
    device = speaker.start_device(speaker.register())
    assert_error(speaker.poll(speaker.register(), device), 400, "InvalidGrantException", "invalid_grant")


@pytest.mark.parametrize("suffix", ["", "/", "/#", "/#/"])
def test_a_start_url_as_people_write_it(center, speaker, suffix):
    answer = speaker.post("/device_authorization", {**speaker.register(), "startUrl": center.start_url + suffix})
    assert answer.status == 200


def test_another_start_url_is_refused_with_an_empty_message(center, speaker):
    client = speaker.register()
    answer = speaker.post("/device_authorization", {**client, "startUrl": "https://other.awsapps.com/start"})
    assert_error(answer, 400, "InvalidRequestException", "invalid_request")
    assert answer.json()["error_description"] == ""
    center.set(start_urls=["https://other.awsapps.com/start"])
    answer = speaker.post("/device_authorization", {**client, "startUrl": "https://other.awsapps.com/start"})
    assert answer.status == 200
    center.check()


@pytest.mark.parametrize("change", ["clientId", "clientSecret"])
def test_an_unknown_client_is_refused(center, speaker, change):
    client = {**speaker.register(), change: "x"}
    answer = speaker.post("/device_authorization", {**client, "startUrl": center.start_url})
    assert_error(answer, 401, "InvalidClientException", "invalid_client")
    center.check()


def test_an_expired_or_revoked_client_is_refused(center, speaker):
    client = speaker.register()
    center.revoke("client")
    assert_error(speaker.refresh(client, "x"), 401, "InvalidClientException", "invalid_client")
    center.set(client_life=0)
    assert_error(speaker.refresh(speaker.register(), "x"), 401, "InvalidClientException", "invalid_client")


def test_a_client_of_the_other_flow_is_refused(center, speaker):
    client = speaker.register(grantTypes=["authorization_code"], redirectUris=["http://127.0.0.1/"])
    answer = speaker.post("/device_authorization", {**client, "startUrl": center.start_url})
    assert_error(answer, 400, "UnauthorizedClientException", "unauthorized_client")
    assert_error(speaker.refresh(client, "x"), 400, "UnauthorizedClientException", "unauthorized_client")


# The interval.


def test_polling_faster_than_the_interval_is_slowed_down_and_recorded(center, speaker):
    center.set(interval=0.2)
    client = speaker.register()
    device = speaker.start_device(client)
    assert device["interval"] == 1
    pending(speaker.poll(client, device))
    time.sleep(0.2)
    pending(speaker.poll(client, device))
    center.check()
    assert_error(speaker.poll(client, device), 400, "SlowDownException", "slow_down")
    assert "the interval is 0.2 s" in center.violations()[0]["text"]


def test_after_a_slow_down_the_interval_is_five_seconds_longer(center, speaker):
    center.set(slow_down=1)
    client = speaker.register()
    device = speaker.start_device(client)
    assert_error(speaker.poll(client, device), 400, "SlowDownException", "slow_down")
    center.check()
    time.sleep(0.1)
    assert_error(speaker.poll(client, device), 400, "SlowDownException", "slow_down")
    assert "the interval is 5 s" in center.violations()[0]["text"]


def test_the_interval_is_kept_for_each_sign_in(center, speaker):
    center.set(interval=1)
    client = speaker.register()
    for _ in range(3):
        pending(speaker.poll(client, speaker.start_device(client)))
    center.check()


# Tokens.


def test_a_client_without_scopes_gets_eight_hours_and_no_refresh_token(center, speaker):
    _, tokens = speaker.sign_in(scopes=None)
    assert tokens["expiresIn"] == 28800
    assert "refreshToken" not in tokens


def test_a_refresh_gives_new_tokens(center, speaker):
    client, tokens = speaker.sign_in()
    fresh = speaker.refresh(client, tokens["refreshToken"]).json()
    assert fresh["accessToken"] != tokens["accessToken"]
    assert fresh["refreshToken"] != tokens["refreshToken"]
    for one in (tokens, fresh):
        assert speaker.portal("/assignment/accounts", one["accessToken"]).status == 200
        assert speaker.refresh(client, one["refreshToken"]).status == 200
    center.check()


def test_a_retired_refresh_token_is_dead(center, speaker):
    center.set(retire_old_refresh=True)
    client, tokens = speaker.sign_in()
    fresh = speaker.refresh(client, tokens["refreshToken"]).json()
    answer = speaker.refresh(client, tokens["refreshToken"])
    assert_error(answer, 400, "InvalidGrantException", "invalid_grant")
    assert answer.json()["error_description"] == "Invalid refresh token provided"
    assert speaker.refresh(client, fresh["refreshToken"]).status == 200


def test_without_rotation_the_reply_has_no_refresh_token(center, speaker):
    center.set(rotate=False, retire_old_refresh=True)
    client, tokens = speaker.sign_in()
    for _ in range(2):
        answer = speaker.refresh(client, tokens["refreshToken"])
        assert answer.status == 200 and "refreshToken" not in answer.json()


def test_refresh_tokens_can_be_off(center, speaker):
    center.set(refresh=False)
    assert "refreshToken" not in speaker.sign_in()[1]


def test_a_refresh_token_belongs_to_its_client(center, speaker):
    _, tokens = speaker.sign_in()
    answer = speaker.refresh(speaker.register(), tokens["refreshToken"])
    assert_error(answer, 400, "InvalidGrantException", "invalid_grant")


def test_the_portal_session_ends_every_token(center, speaker):
    center.set(portal_session_life=1)
    client, tokens = speaker.sign_in()
    fresh = speaker.refresh(client, tokens["refreshToken"]).json()
    assert speaker.portal("/assignment/accounts", fresh["accessToken"]).status == 200
    time.sleep(1)
    assert speaker.portal("/assignment/accounts", fresh["accessToken"]).status == 401
    assert_error(speaker.refresh(client, fresh["refreshToken"]), 400, "InvalidGrantException", "invalid_grant")


@pytest.mark.parametrize("what, access, refresh", [("access", 401, 200), ("refresh", 200, 400), ("session", 401, 400)])
def test_tokens_can_be_revoked(center, speaker, what, access, refresh):
    client, tokens = speaker.sign_in()
    center.revoke(what)
    assert speaker.portal("/assignment/accounts", tokens["accessToken"]).status == access
    assert speaker.refresh(client, tokens["refreshToken"]).status == refresh
    center.check()


def test_logout_ends_the_session(center, speaker):
    client, tokens = speaker.sign_in()
    answer = speaker.portal("/logout", tokens["accessToken"], method="POST")
    assert (answer.status, answer.body) == (200, b"")
    assert speaker.portal("/logout", tokens["accessToken"], method="POST").status == 401
    assert_error(speaker.refresh(client, tokens["refreshToken"]), 400, "InvalidGrantException", "invalid_grant")
    center.check()


# The authorization code flow.


@pytest.fixture
def callback():
    """A program that waits on loopback for the code: its address and what came."""
    came = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            came.append(dict(urllib.parse.parse_qsl(self.path.partition("?")[2])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/oauth/callback", came
    server.shutdown()
    server.server_close()


def browser_client(speaker):
    return speaker.register(grantTypes=["authorization_code", "refresh_token"],
                            redirectUris=["http://127.0.0.1/oauth/callback"], issuerUrl=speaker.practice.start_url)


def authorize(speaker, client, address, **changes):
    query = {"response_type": "code", "client_id": client["clientId"], "redirect_uri": address, "state": "a state",
             "code_challenge_method": "S256", "scopes": " ".join(SCOPES), "code_challenge": CHALLENGE, **changes}
    query = {name: value for name, value in query.items() if value is not None}
    return speaker.request("GET", "/authorize?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote))


def exchange(speaker, client, code, address, verifier=VERIFIER):
    return speaker.post("/token", {**client, "grantType": "authorization_code", "code": code,
                                   "redirectUri": address, "codeVerifier": verifier})


def test_a_sign_in_in_the_browser(center, speaker, callback):
    address, came = callback
    client = browser_client(speaker)
    answer = authorize(speaker, client, address)
    assert answer.status == 302 and answer.headers["Location"].startswith(center.url + "/device?user_code=")
    center.approve(user="bob")
    assert came[0]["state"] == "a state"
    tokens = exchange(speaker, client, came[0]["code"], address).json()
    assert tokens["refreshToken"]
    answer = exchange(speaker, client, came[0]["code"], address)
    assert_error(answer, 400, "InvalidGrantException", "invalid_grant")
    center.check()


def test_a_denied_sign_in_in_the_browser(center, speaker, callback):
    address, came = callback
    authorize(speaker, browser_client(speaker), address)
    center.deny()
    assert (came[0]["error"], came[0]["state"], "code" in came[0]) == ("access_denied", "a state", False)


def test_a_sign_in_in_the_browser_that_needs_nobody(center, speaker):
    center.auto_approve()
    answer = authorize(speaker, browser_client(speaker), "http://127.0.0.1:9/oauth/callback")
    assert answer.headers["Location"].startswith("http://127.0.0.1:9/oauth/callback?state=a+state&code=")


@pytest.mark.parametrize("wrong", ["address", "verifier", "short", "client"])
def test_a_code_is_bound_to_address_verifier_and_client(center, speaker, wrong):
    center.auto_approve()
    client, address = browser_client(speaker), "http://127.0.0.1:9/oauth/callback"
    location = authorize(speaker, client, address).headers["Location"]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
    verifier = {"verifier": "w" * 64, "short": "v" * 42}.get(wrong, VERIFIER)
    answer = exchange(speaker, browser_client(speaker) if wrong == "client" else client, code,
                      "http://127.0.0.1/oauth/callback" if wrong == "address" else address, verifier)
    assert answer.status == 400
    assert exchange(speaker, client, code, address).status == 200


@pytest.mark.parametrize("change, value", [
    ("client_id", "x"), ("redirect_uri", "http://127.0.0.1:9/other"), ("redirect_uri", "https://example.com/"),
    ("response_type", "token"), ("code_challenge_method", "plain"), ("state", None), ("code_challenge", None),
    ("code_challenge", CHALLENGE + "="), ("scopes", "sso:account:access other:scope"), ("prompt", "login"),
])
def test_an_authorize_request_that_is_not_right_is_refused_and_recorded(center, speaker, change, value):
    client = browser_client(speaker)
    answer = authorize(speaker, client, "http://127.0.0.1:9/oauth/callback", **{change: value})
    assert answer.status == 400
    assert center.violations()[0]["operation"] == "Authorize"
    assert center.pending() == []


@pytest.mark.parametrize("change", [{"grantTypes": [DEVICE]}, {"issuerUrl": None},
                                    {"issuerUrl": "https://other.awsapps.com/start"}])
def test_a_client_of_another_kind_is_refused_and_recorded(center, speaker, change):
    client = speaker.register(**{"grantTypes": ["authorization_code"], "issuerUrl": center.start_url,
                                 "redirectUris": ["http://127.0.0.1/oauth/callback"], **change})
    assert authorize(speaker, client, "http://127.0.0.1:9/oauth/callback").status == 400
    assert center.violations()[0]["operation"] == "Authorize"


def test_a_code_is_good_for_a_short_time(center, speaker):
    center.auto_approve()
    center.set(code_life=0)
    client, address = browser_client(speaker), "http://127.0.0.1:9/oauth/callback"
    location = authorize(speaker, client, address).headers["Location"]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
    assert_error(exchange(speaker, client, code, address), 400, "InvalidGrantException", "invalid_grant")


# The pages for people.


def page_of(speaker, device):
    answer = speaker.request("GET", f"/device?user_code={device['userCode']}")
    return answer, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', answer.body.decode()))


def press(speaker, form, cookie, **changes):
    body = urllib.parse.urlencode({**form, "user": "alice", "action": "approve", **changes})
    return speaker.request("POST", "/device", body, {"Content-Type": FORM, "Cookie": cookie})


def test_the_page_says_who_asks_and_shows_the_code(center, speaker):
    device = speaker.start_device(speaker.register(clientName="<b>Tom & Jerry</b>"))
    answer, _ = page_of(speaker, device)
    text = answer.body.decode()
    assert device["userCode"] in text
    assert "&lt;b&gt;Tom &amp; Jerry&lt;/b&gt;" in text and "<b>Tom" not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"(src|href)=\"?https?:", text)
    assert "<script" not in text


def test_the_page_asks_for_a_code_it_was_not_given(center, speaker):
    assert b'name="user_code"' in speaker.request("GET", "/device").body
    answer = speaker.request("GET", "/device?user_code=AAAA-AAAA")
    assert answer.status == 404 and b"unknown, used or expired" in answer.body


def test_a_code_is_found_however_it_is_typed(center, speaker):
    device = speaker.start_device(speaker.register())
    answer = speaker.request("GET", f"/device?user_code=%20{device['userCode'].lower()}%20")
    assert device["userCode"].encode() in answer.body


@pytest.mark.parametrize("steal", ["no cookie", "other cookie", "no token", "other token", "other code"])
def test_a_form_from_another_page_is_refused(center, speaker, steal):
    client = speaker.register()
    device, other = speaker.start_device(client), speaker.start_device(client)
    answer, form = page_of(speaker, device)
    cookie = answer.headers["Set-Cookie"]
    for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert flag in cookie
    changes = {"no token": {"csrf": ""}, "other token": {"csrf": "0" * 64},
               "other code": {"user_code": other["userCode"]}}.get(steal, {})
    cookies = {"no cookie": "", "other cookie": "practice=mine"}
    assert press(speaker, form, cookies.get(steal, cookie.partition(";")[0]), **changes).status == 403
    pending(speaker.poll(client, device))
    assert len(center.pending()) == 2


def test_a_form_works_once_and_says_yes_or_no(center, speaker):
    device = speaker.start_device(speaker.register())
    answer, form = page_of(speaker, device)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert press(speaker, form, cookie, action="maybe").status == 400
    assert b"Request approved" in press(speaker, form, cookie).body
    assert press(speaker, form, cookie, action="deny").status == 404


def test_the_start_page_lists_the_accounts(center, speaker):
    answer = speaker.request("GET", "/start")
    assert b"Payroll" in answer.body and b"012345678901" in answer.body and b"Power+User" in answer.body
    assert speaker.request("GET", "/").headers["Location"] == "/start"
    assert speaker.request("HEAD", "/start").body == b""
    assert speaker.request("GET", "/favicon.ico").status == 404
    center.check()


# With an identity provider elsewhere.


@pytest.fixture
def provided(center):
    center.set(identity_provider=True)
    return center


def hop(speaker, device):
    """A visitor who has come as far as the identity provider's page."""
    visitor = Visitor(speaker.practice)
    visitor.open(device["verificationUriComplete"])
    assert visitor.is_at("/provider") and visitor.address.startswith(f"https://127.0.0.1:{speaker.practice.port}/")
    return visitor


def test_the_identity_provider_says_who_approves(provided, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    visitor = hop(speaker, device)
    assert device["userCode"] not in visitor.page and "Example Corp" in visitor.page
    visitor.submit(user="bob")
    assert visitor.address == device["verificationUriComplete"]
    assert device["userCode"] in visitor.page and "<strong>bob</strong>" in visitor.page
    assert 'name="user"' not in visitor.page
    visitor.submit(user="mallory", action="approve")
    token = speaker.poll(client, device).json()["accessToken"]
    assert b"/bob</Arn>" in speaker.sts(speaker.signed(speaker.role(token=token))).body
    visitor.open(f"{provided.url}/start")
    assert visitor.is_at("/start") and "<strong>bob</strong>" in visitor.page
    provided.check()


def test_a_sign_in_in_the_browser_makes_the_same_hop(provided, speaker, callback):
    address, came = callback
    client = browser_client(speaker)
    authorize(speaker, client, address)
    provided.approve(user="bob")
    assert exchange(speaker, client, came[0]["code"], address).status == 200


def test_nobody_decides_without_the_hop(provided, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    provided.set(identity_provider=False)
    answer, form = page_of(speaker, device)
    provided.set(identity_provider=True)
    answer = press(speaker, form, answer.headers["Set-Cookie"].partition(";")[0])
    assert answer.status == 302 and "/provider?ticket=" in answer.headers["Location"]
    pending(speaker.poll(client, device))


def test_the_word_of_the_identity_provider_is_good_once_and_in_one_browser(provided, speaker):
    visitor = hop(speaker, speaker.start_device(speaker.register()))
    ticket = urllib.parse.parse_qs(urllib.parse.urlsplit(visitor.address).query)["ticket"][0]
    body = urllib.parse.urlencode({"ticket": ticket, "user": "bob"})
    sent_back = speaker.request("POST", "/provider", body, {"Content-Type": FORM}).headers["Location"]
    assert sent_back.startswith(f"{provided.url}/signed-in?assertion=")
    assert speaker.request("POST", "/provider", body, {"Content-Type": FORM}).status == 403
    target = sent_back[len(provided.url):]
    assert speaker.request("GET", target, headers={"Cookie": "practice=mine"}).status == 403
    assert speaker.request("GET", "/signed-in").status == 403
    visitor.open(sent_back)
    assert visitor.is_at("/device")
    cookie = visitor.cookies[f"localhost:{provided.port}"]
    assert speaker.request("GET", target, headers={"Cookie": cookie}).status == 403


def test_both_ways_of_signing_in_are_options_of_the_server(tmp_path):
    with Practice.start(tmp_path, identity_provider=True, auto_approve=True) as practice:
        assert practice.fetch("GET", "/device")[1]["Location"].startswith("https://127.0.0.1:")
        assert practice.set()["auto_approve"] is True
