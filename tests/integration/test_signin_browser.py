"""Signing in by authorization code with PKCE: the browser comes back to a port of this machine."""
import contextlib
import http.client
import socket
import time
import urllib.parse

import pytest
from asking import ask, get, login, session_of, sign_in, until_count, until_state, whoami
from home import wait_for
from practice.client import Visitor, follow

CODE, REFRESH = "CreateToken:authorization_code", "CreateToken:refresh_token"
CALLBACK = "/oauth/callback"


@pytest.fixture
def corp(home):
    """A home whose daemon runs and knows the session corp; nobody is signed in."""
    home.configure()
    home.start_daemon()
    return home


def begin(home, **fields):
    """A Login by browser that waits for it: (the call, what a person is shown)."""
    asked = login(home, flow="browser", **fields)
    return asked, asked.until_stage("waiting")


def come_back(home, asked, user="alice"):
    """The browser goes where it is sent, the person approves, and it comes back."""
    visitor = Visitor(home.practice)
    visitor.open(asked.until_stage("waiting")["openUrl"])
    visitor.decide("approve", user)
    return asked.reply()


def sign_in_by_browser(home, **fields):
    return come_back(home, begin(home, **fields)[0])


def final_address(home, waiting, action="approve"):
    """Where the browser is sent at the end."""
    visitor = Visitor(home.practice, comes_back=False)
    visitor.open(waiting["openUrl"])
    visitor.decide(action)
    return visitor.address


def query_of(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


def visit(port, path, method="GET", headers=None, body=None):
    """(status, headers, body) of a request to the port that the browser comes back to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read().decode()
    finally:
        connection.close()


def port_of(waiting):
    return urllib.parse.urlsplit(waiting["redirectUri"]).port


# From beginning to end.

@pytest.mark.quick
def test_a_browser_that_comes_back_signs_in(corp, practice):
    asked, waiting = begin(corp)
    assert waiting["code"] is None and waiting["verificationUri"] is None
    assert waiting["redirectUri"] == f"http://127.0.0.1:{port_of(waiting)}{CALLBACK}"
    done = come_back(corp, asked)
    assert done["user"] == "alice@example.com" and whoami(corp).endswith("/alice@example.com")
    assert [reply["stage"] for reply in asked.replies] == ["registering", "waiting", "done"]
    (registration,), (exchange,) = practice.requests("RegisterClient"), practice.requests(CODE)
    assert registration["body"]["grantTypes"] == ["authorization_code", "refresh_token"]
    assert registration["body"]["redirectUris"] == ["http://127.0.0.1/oauth/callback"]
    assert registration["body"]["issuerUrl"] == practice.start_url
    assert exchange["body"]["redirectUri"] == waiting["redirectUri"]


def test_the_token_is_refreshed_by_the_client_that_it_was_issued_to(corp, practice):
    practice.set(token_life=4)
    sign_in_by_browser(corp)
    until_count(practice, REFRESH, 1)
    client = practice.requests(CODE)[0]["body"]["clientId"]
    assert practice.requests(REFRESH)[0]["body"]["clientId"] == client
    assert whoami(corp).endswith("/alice@example.com")


def test_the_page_says_how_it_ended_and_holds_no_secret(corp):
    _, waiting = begin(corp)
    address = final_address(corp, waiting)
    status, headers, body = follow(address)
    text = body.decode()
    assert status == 200 and "Signed in" in text and "corp" in text and "close this window" in text
    assert query_of(address)["code"] not in text and query_of(address)["state"] not in text
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_nobody_but_the_daemon_listens_and_only_while_it_waits(corp):
    asked, waiting = begin(corp)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port_of(waiting)), 5)
    come_back(corp, asked)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(waiting)), 5)


def test_a_redirect_that_comes_at_once_is_not_too_early(corp, practice):
    practice.auto_approve()
    asked = login(corp, flow="browser")
    waiting = asked.until_stage("waiting")
    status, headers, _ = practice.fetch("GET", waiting["openUrl"].removeprefix(practice.url))
    assert status == 302
    assert follow(headers["Location"])[0] == 200
    assert asked.reply()["user"] == "alice@example.com"


# Registrations.

def test_each_flow_has_its_own_registration_and_uses_it_again(corp, practice):
    sign_in_by_browser(corp)
    sign_in(corp, force=True)
    sign_in_by_browser(corp, force=True)
    sign_in(corp, force=True)
    grants = [one["body"]["grantTypes"][0] for one in practice.requests("RegisterClient")]
    assert grants == ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]


@pytest.mark.parametrize("store", ["file", "memory"])
def test_after_a_restart_no_registration_is_used_for_the_other_flow(home, practice, store):
    home.write_config(f"store = {store}\n" + ("key = random\n" if store == "file" else ""))
    home.configure()
    home.start_daemon()
    sign_in_by_browser(home)
    home.stop_daemons()
    home.start_daemon()
    sign_in(home, force=True)
    sign_in_by_browser(home, force=True)
    assert practice.count("RegisterClient") == (2 if store == "file" else 3)


def test_a_registration_that_ends_soon_is_not_used_again(corp, practice):
    practice.set(client_life=14 * 60)
    sign_in_by_browser(corp)
    sign_in_by_browser(corp, force=True)
    assert practice.count("RegisterClient") == 2


@pytest.mark.parametrize("store", ["file", "memory"])
def test_a_client_that_aws_has_forgotten_is_not_kept(home, practice, store):
    """Only the person sees AWS's page that says so: a browser that never comes back is all we hear."""
    home.write_config(f"store = {store}\n" + ("key = random\n" if store == "file" else ""))
    home.configure()
    home.start_daemon()
    sign_in_by_browser(home)
    practice.revoke("client")
    asked, _ = begin(home, force=True)
    asked.leave()
    home.call("CancelLogin", session="corp")
    until_state(home, "signed_out")
    assert sign_in_by_browser(home)["user"] == "alice@example.com"
    assert practice.count("RegisterClient") == 2


def test_a_client_that_aws_forgets_on_the_way_is_not_kept(corp, practice):
    asked, waiting = begin(corp)
    practice.fault(CODE, "status", status=401, code="InvalidClientException")
    follow(final_address(corp, waiting))
    assert "iamic-login" in asked.refusal("LoginRequired").message
    sign_in_by_browser(corp)
    assert practice.count("RegisterClient") == 2
