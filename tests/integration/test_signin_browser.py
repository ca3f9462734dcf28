"""Signing in by authorization code with PKCE: the browser comes back to a port of this machine."""
import base64
import contextlib
import hashlib
import http.client
import os
import re
import resource
import signal
import socket
import subprocess
import termios
import time
import urllib.parse

import pytest
from asking import ask, get, login, session_of, sign_in, until_count, until_state, whoami
from home import stat_fields, wait_for
from island import BECOME_ROOT, NO_CONTAINER
from plain_store import PlainStore
from practice.client import Visitor, follow
from terminal import Terminal

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


def arrival(address):
    """A browser that has come to that address, and still waits for its page."""
    parts = urllib.parse.urlsplit(address)
    browser = socket.create_connection((parts.hostname, parts.port), 10)
    browser.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return browser


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
    style = re.search("<style>(.*)</style>", text)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert headers["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")


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


# What comes to the port.

REFUSALS = [
    ("error=access_denied&error_description=User+denied+the+request", "Denied", "User denied the request"),
    ("error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E%1B%5B2J%E2%80%AE", "Denied", "<script>"),
    ("error=unauthorized_client", "Denied", "iamic-login --device"),
    ("error=server_error", "Unavailable", "try again"),
    ("", "Unavailable", "without a code"),
    ("code=", "Unavailable", "without a code"),
    ("code=a&code=b", "Unavailable", "without a code"),
]


def test_a_browser_that_comes_back_without_a_code_ends_the_sign_in(corp, practice):
    for query, name, words in REFUSALS:
        asked, waiting = begin(corp)
        state = query_of(waiting["openUrl"])["state"]
        _, _, text = visit(port_of(waiting), f"{CALLBACK}?{query}&state={state}")
        message = asked.refusal(name).message
        assert words in message and message.startswith("session 'corp': "), message
        assert "Not signed in" in text and "<script" not in text and "\033" not in message + text, (message, text)
        assert "&lt;script&gt;" in text or "%3Cscript" not in query
        assert practice.count(CODE) == 0 and session_of(corp)["state"] == "signed_out"


def test_a_person_says_no(home):
    home.configure()
    login = home.spawn("iamic-login", "--browser", "--no-browser", "corp")
    address = login.until(r"address: (\S+)")[1]
    visitor = Visitor(home.practice)
    visitor.open(address)
    visitor.decide("deny")
    result = login.finish()
    assert result.status == 4 and "denied" in result.err and result.err.count("\n") == 1, result


def test_another_state_is_answered_and_the_listener_stays(corp, practice):
    asked, waiting = begin(corp)
    right = "state=" + query_of(waiting["openUrl"])["state"]
    for state in ("", "state=", "state=00000000-0000-4000-8000-000000000000", f"{right}&{right}", right[:-1]):
        for query in ("code=x", "error=access_denied"):
            status, _, text = visit(port_of(waiting), f"{CALLBACK}?{query}&{state}")
            assert status == 400 and "Another sign-in" in text, state
    assert practice.count(CODE) == 0
    assert come_back(corp, asked)["user"] == "alice@example.com"


NOBODY = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
# Python, for curl may not be there; the last form is gone before anybody can ask whose it was.
VISIT = """
import socket, struct, sys
port, query, how = int(sys.argv[1]), sys.argv[2], sys.argv[3]
peer = socket.socket(socket.AF_INET6 if how == "mapped" else socket.AF_INET)
peer.connect(("::ffff:127.0.0.1" if how == "mapped" else "127.0.0.1", port))
peer.sendall(f"GET /oauth/callback?{query} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n".encode())
if how == "gone":
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
else:
    peer.settimeout(20)
    print(peer.recv(65536).decode())
"""


def call_from(who, port, query, how):
    return subprocess.run([*who, "/usr/bin/python3", "-c", VISIT, str(port), query, how],
                          capture_output=True, text=True, timeout=30, check=True).stdout


@contextlib.contextmanager
def halted(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")
@pytest.mark.parametrize("how", ["plain", "mapped", "gone"])
@pytest.mark.parametrize("query", ["error=access_denied", "code=x"])
def test_a_browser_of_another_user_does_not_end_it(corp, practice, how, query):
    """The opener's arguments show everybody the address, and with it the state."""
    asked, waiting = begin(corp)
    state = query_of(waiting["openUrl"])["state"]
    pid = corp.call("Status")["pid"]
    with halted(pid) if how == "gone" else contextlib.nullcontext():
        said = call_from(NOBODY, port_of(waiting), f"{query}&state={state}", how)
    assert how == "gone" or "403 Forbidden" in said and "another user" in said
    assert practice.count(CODE) == 0
    assert come_back(corp, asked)["user"] == "alice@example.com"


def test_a_browser_over_ipv6_is_still_ones_own(corp):
    asked, waiting = begin(corp)
    query = final_address(corp, waiting).partition("?")[2]
    said = call_from([], port_of(waiting), query, "mapped")
    assert "200 OK" in said and asked.reply()["user"] == "alice@example.com"


STRAY = [
    ("POST", CALLBACK, None, 405), ("HEAD", CALLBACK, None, 405), ("OPTIONS", CALLBACK, None, 405),
    ("GET", "/", None, 404), ("GET", "/favicon.ico", None, 404), ("GET", CALLBACK + "/", None, 404),
    ("GET", CALLBACK, "localhost:{port}", 421), ("GET", CALLBACK, "127.0.0.1", 421),
    ("GET", CALLBACK, "evil.example:{port}", 421), ("GET", CALLBACK, "127.0.0.1:{port}.evil.example", 421),
]


def test_what_is_no_redirect_is_answered_and_the_listener_stays(corp, practice):
    asked, waiting = begin(corp)
    port = port_of(waiting)
    query = "?code=x&state=" + query_of(waiting["openUrl"])["state"]
    for method, path, host, status in STRAY:
        headers = {"Host": host.format(port=port)} if host else {}
        got = visit(port, path + query, method, headers, "code=x" if method == "POST" else None)[0]
        assert got == status, (method, path, host)
    assert practice.count(CODE) == 0
    assert come_back(corp, asked)["user"] == "alice@example.com"


RUBBISH = [
    (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 421), (b"GET / HTTP/1.1\r\n\r\n", 421), (b"\r\n\r\n", 400),
    (b"GET / HTTP/3\r\n\r\n", 400), (b"GET /\0 HTTP/1.1\r\n\r\n", 400), (b"\x16\x03\x01\x02\0", 400),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 40000 + b"\r\n\r\n", 431), (b"x" * 32768, 431),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 400),
]


def test_what_no_browser_sends_is_answered_and_the_listener_stays(corp):
    asked, waiting = begin(corp)
    for sent, status in RUBBISH:
        with socket.create_connection(("127.0.0.1", port_of(waiting)), 5) as peer:
            peer.settimeout(5)
            peer.sendall(sent)
            reply = b"".join(iter(lambda: peer.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 %d " % status), (sent, reply)
    come_back(corp, asked)


def test_silent_connections_keep_nobody_out_and_are_closed(corp):
    asked, waiting = begin(corp)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port_of(waiting)), 5)) for _ in range(40)]
        silent[-1].sendall(b"GET /oauth/callback?code=")
        address = final_address(corp, waiting)
        began = time.monotonic()
        assert follow(address)[0] == 200
        assert time.monotonic() - began < 3
        assert asked.reply()["user"] == "alice@example.com"
        for one in silent:
            one.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(1) == b""


@pytest.mark.all
def test_a_connection_that_says_nothing_is_closed_after_five_seconds(corp):
    asked, waiting = begin(corp)
    with socket.create_connection(("127.0.0.1", port_of(waiting)), 5) as silent:
        silent.settimeout(8)
        silent.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        assert silent.recv(1) == b"" and 4 < time.monotonic() - began < 7
    asked.leave()


def cpu_seconds(pid):
    """Of the daemon, in user and kernel."""
    return sum(int(ticks) for ticks in stat_fields(pid)[11:13]) / os.sysconf("SC_CLK_TCK")


@pytest.mark.all
def test_without_a_free_descriptor_the_browser_waits_and_the_daemon_does_not_spin(corp):
    asked, waiting = begin(corp)
    address, pid = final_address(corp, waiting), corp.daemon_pid()
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")), before[1]))
    with arrival(address) as browser:
        browser.settimeout(1)
        began = cpu_seconds(pid)
        with pytest.raises(TimeoutError):
            browser.recv(1)
        assert cpu_seconds(pid) - began < 0.3
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        browser.settimeout(10)
        assert b"Signed in" in browser.recv(65536)
    assert asked.reply()["user"] == "alice@example.com"


def test_a_second_visit_hears_that_once_is_enough(corp, practice):
    asked, waiting = begin(corp)
    practice.fault(CODE, "delay", seconds=1)
    address = final_address(corp, waiting)
    with arrival(address) as first:
        until_count(practice, CODE, 1)
        status, _, body = follow(address)
        assert status == 400 and b"Once is enough" in body
        asked.reply()
        assert b"Signed in" in first.recv(65536)
    assert practice.count(CODE) == 1


def test_a_browser_that_is_closed_at_once_signs_in_all_the_same(corp, practice):
    asked, waiting = begin(corp)
    practice.fault(CODE, "delay", seconds=0.5)
    address = final_address(corp, waiting)
    with arrival(address) as browser:
        until_count(practice, CODE, 1)
    assert asked.reply()["user"] == "alice@example.com"


# What AWS says to the code.

BROKEN = [
    ({"kind": "status", "status": 400, "code": "InvalidGrantException"}, "LoginRequired", "too late"),
    ({"kind": "status", "status": 400, "code": "AccessDeniedException"}, "Denied", "denied"),
    ({"kind": "status", "status": 400, "code": "UnauthorizedClientException"}, "Denied", "iamic-login --device"),
    ({"kind": "status", "status": 400, "code": "SlowDownException"}, "Unavailable", "try again"),
    ({"kind": "status", "status": 400, "code": "AuthorizationPendingException"}, "Unavailable", "try again"),
    ({"kind": "drop", "processed": True}, "Unavailable", ""),
    ({"kind": "garbage"}, "Unavailable", "no JSON object"),
    ({"kind": "missing"}, "Unavailable", "accessToken"),
]


def test_a_code_that_aws_does_not_take_ends_the_sign_in(corp, practice):
    for number, (fault, name, words) in enumerate(BROKEN, 1):
        asked, waiting = begin(corp)
        practice.fault(CODE, **fault)
        _, _, body = follow(final_address(corp, waiting))
        assert words in asked.refusal(name).message
        assert b"Not signed in" in body
        assert practice.count(CODE) == number  # a code is used up by its first use
        assert session_of(corp)["state"] == "signed_out"
    assert sign_in_by_browser(corp)["user"] == "alice@example.com"


def test_a_code_that_comes_too_late_is_explained(corp, practice):
    practice.set(code_life=0)
    asked, waiting = begin(corp)
    follow(final_address(corp, waiting))
    assert "too late" in asked.refusal("LoginRequired").message


def test_an_aws_that_is_busy_for_a_moment_is_asked_again(corp, practice):
    asked, _ = begin(corp)
    practice.fault(CODE, "throttle", retry_after=1)
    assert come_back(corp, asked)["user"] == "alice@example.com"
    assert practice.count(CODE) == 2


# Which flow, and which port.

CHOICES = [
    ("", "", {}, False),
    ("login = browser\n", "", {}, True),
    ("login = browser\n", "", {"flow": "device"}, False),
    ("login = browser\n", "sso_use_device_code = true", {}, False),
    ("login = browser\n", "sso_use_device_code = false", {}, True),
    ("", "sso_use_device_code = true", {"flow": "browser"}, True),
    ("[session corp]\nlogin = browser\n", "", {}, True),
    ("[session other]\nlogin = browser\n", "", {}, False),
    ("login = auto\n", "", {}, False),
    ("login = auto\n", "", {"hasBrowser": False}, False),
    ("login = auto\n", "", {"hasBrowser": True}, True),
    ("login = auto\n", "sso_use_device_code = true", {"hasBrowser": True}, False),
    ("login = device\n", "", {"hasBrowser": True}, False),
    ("", "", {"flow": "auto", "hasBrowser": True}, True),
    ("login = browser\n", "", {"flow": "auto"}, False),
]


def test_the_flow_is_chosen_by_person_configuration_and_place(corp):
    for config, session, fields, is_browser in CHOICES:
        corp.write_config(config)
        with open(corp.configure(), "a") as aws_config:
            aws_config.write(session + "\n")
        asked = login(corp, **fields)
        assert (asked.until_stage("waiting")["code"] is None) is is_browser, (config, session, fields)
        asked.leave()
        corp.call("CancelLogin", session="corp")


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_the_port_is_the_persons_else_the_sessions(home, free_port):
    with open(home.configure(), "a") as aws_config:
        aws_config.write(f"sso_redirect_port = {free_port}\n")
    home.start_daemon()
    asked, waiting = begin(home)
    assert port_of(waiting) == free_port
    come_back(home, asked)
    home.configure()  # without: any
    asked, waiting = begin(home, force=True)
    assert port_of(waiting) != free_port
    come_back(home, asked)
    asked, waiting = begin(home, force=True, port=free_port)
    assert port_of(waiting) == free_port
    asked.leave()


def test_a_port_that_is_in_use_is_said_before_aws_is_asked(home, practice):
    home.configure()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = home.run("iamic-login", "--browser", "--no-browser", "--port", port, "corp")
    assert result.status == 7 and f"port {port} of 127.0.0.1 is in use" in result.err, result
    assert "--port" in result.err and "sso_redirect_port" in result.err and result.err.count("\n") == 1
    assert practice.count("RegisterClient") == 0
    login = home.spawn("iamic-login", "--browser", "--no-browser", "--port", port, "corp")
    login.until("address: ")
    login.send_signal(signal.SIGINT)
    assert login.finish().status == 130


def test_ports_that_are_none_are_refused(corp):
    for port in (-1, 65536, 1 << 40):
        assert "65535" in ask(corp, "Login", session="corp", flow="browser", port=port).refusal("Config").message


def test_a_blocked_device_flow_names_the_browser(corp, practice):
    for operation, code in (("RegisterClient", "UnsupportedGrantTypeException"),
                            ("StartDeviceAuthorization", "UnauthorizedClientException"),
                            ("StartDeviceAuthorization", "AccessDeniedException"),
                            ("CreateToken:device_code", "UnauthorizedClientException")):
        practice.fault(operation, "status", status=400, code=code)
        assert "iamic-login --browser" in login(corp).refusal("Denied").message
    assert sign_in_by_browser(corp)["user"] == "alice@example.com"


# Whoever follows it.

def test_a_second_login_joins_and_sees_the_same_address(corp, practice):
    first, waiting = begin(corp)
    others = [login(corp), login(corp, flow="device"), login(corp, flow="browser", force=True)]
    for one in others:
        assert one.until_stage("waiting") == waiting
    come_back(corp, first)
    for one in others:
        assert one.reply()["user"] == "alice@example.com"
    assert practice.count(CODE) == 1


def test_a_sign_in_goes_on_when_its_client_goes_away(corp):
    asked, waiting = begin(corp)
    asked.leave()
    follow(final_address(corp, waiting))
    until_state(corp, "ready")


def test_cancelling_closes_the_port_and_tells_the_browser(corp, practice):
    asked, waiting = begin(corp)
    practice.fault(CODE, "delay", seconds=3)
    address = final_address(corp, waiting)
    with arrival(address) as browser:
        until_count(practice, CODE, 1)
        asked.leave()
        corp.call("CancelLogin", session="corp")
        assert b"was cancelled" in browser.recv(65536)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(waiting)), 5)
    assert session_of(corp)["state"] == "signed_out"


def test_who_needs_credentials_meanwhile_is_shown_the_address(corp):
    asked, waiting = begin(corp)
    error = get(corp).refusal("LoginRequired")
    assert error.parameters["openUrl"] == waiting["openUrl"] and error.parameters["code"] is None
    waiter = get(corp, loginMs=10000)
    come_back(corp, asked)
    assert waiter.reply()["AccessKeyId"]


def test_the_token_is_stored_before_it_is_used(home, practice, tmp_path):
    home.configure()
    store = PlainStore(home, tmp_path)
    store.behave("[ $verb != save ] || sleep 1")
    home.write_config(f"store = {store.path}\n")
    home.start_daemon()
    asked, waiting = begin(home)
    waiter = get(home, loginMs=10000)
    follow(final_address(home, waiting))
    wait_for(lambda: "save" in store.calls(), 5, lambda: "nothing is saved")
    assert session_of(home)["state"] == "signing_in" and practice.count("GetRoleCredentials") == 0
    asked.reply()
    assert waiter.reply()["AccessKeyId"]
    (kept,) = store.documents()
    assert "accessToken" in kept["secret"] and "browserRegistration" in kept["secret"]
    home.stop_daemons()
    home.start_daemon()
    until_state(home, "ready")
    assert whoami(home).endswith("/alice@example.com")


# By hand.

def test_an_address_that_is_brought_by_hand_is_as_good(corp):
    asked, waiting = begin(corp)
    address = final_address(corp, waiting)
    for wrong in ("", "x", waiting["openUrl"], waiting["redirectUri"], address.replace("127.0.0.1", "127.0.0.2"),
                  address.replace("state=", "state=0"), address.partition("?")[2]):
        assert corp.call("FinishLogin", session="corp", address=wrong) == {"isTaken": False}
    assert corp.call("FinishLogin", session="corp", address=address) == {"isTaken": True}
    assert corp.call("FinishLogin", session="corp", address=address) == {"isTaken": False}
    assert asked.reply()["user"] == "alice@example.com"


def test_nothing_is_taken_by_hand_where_no_browser_is_awaited(corp):
    address = "http://127.0.0.1:8400/oauth/callback?code=a&state=b"
    assert corp.call("FinishLogin", session="corp", address=address) == {"isTaken": False}
    asked = login(corp)
    asked.until_stage("waiting")
    assert corp.call("FinishLogin", session="corp", address=address) == {"isTaken": False}
    asked.leave()
    assert "nowhere" in ask(corp, "FinishLogin", session="nowhere", address=address).refusal("Config").message


def test_a_refusal_that_is_brought_by_hand_ends_the_sign_in(corp):
    asked, waiting = begin(corp)
    assert corp.call("FinishLogin", session="corp", address=final_address(corp, waiting, "deny")) == {"isTaken": True}
    assert "denied" in asked.refusal("Denied").message


def test_the_final_address_is_pasted_on_the_terminal(home):
    home.configure()
    terminal = Terminal(home, "login", "--browser", "--no-browser", "corp")
    terminal.until(r"(?s)address: \S+.*press Enter.*left")
    address = final_address(home, {"openUrl": re.search(r"address: (\S+)", terminal.plain)[1]})
    for wrong in ("https://example.com/", "x" * 10000):  # a terminal's own lines end after 4,095 bytes
        terminal.type(wrong + "\r")
        terminal.until("that is not where this sign-in ends")
        terminal.text = ""
    terminal.type("rubbish\x15 " + address + "xx\x7f\x7f")
    terminal.until(f"{len(address)} characters")
    terminal.type(" \r")
    assert terminal.finish() == 0, terminal.text
    assert "signed in to 'corp' as alice@example.com" in terminal.text
    for typed in ("https://example.com", "xxx", query_of(address)["code"][:20], "rubbish"):
        assert typed not in terminal.text, "what is pasted is not shown"


def test_the_final_address_is_pasted_for_a_session_that_no_file_has_yet(home):
    practice = home.practice
    terminal = Terminal(home, "configure", "--sso-session", "corp", "--sso-start-url", practice.start_url,
                        "--sso-region", practice.region, "--account-id", "012345678901", "--profile", "dev",
                        "--region", "eu-west-1", IAMIC_LOGIN="browser")
    terminal.until(r"(?s)address: \S+.*press Enter.*left")
    terminal.type(final_address(home, {"openUrl": re.search(r"address: (\S+)", terminal.plain)[1]}) + "\r")
    terminal.until("signed in to 'corp' as alice@example.com")
    terminal.until("> 1  Billing")
    terminal.type("\r")
    assert terminal.finish() == 0, terminal.text
    assert "--role-name Billing" in home.aws_config.read_text()


def test_ctrl_c_while_an_address_is_awaited_cancels_and_leaves_the_terminal_as_it_was(home):
    home.configure()
    terminal = Terminal(home, "login", "--browser", "--no-browser", "corp")
    before = termios.tcgetattr(terminal.fd)
    terminal.until(r"(?s)press Enter.*left")
    during = termios.tcgetattr(terminal.fd)
    assert before[3] & termios.ECHO and not during[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    terminal.type("\x03")
    terminal.until("cancelled")
    assert termios.tcgetattr(terminal.fd)[3] == before[3]
    assert terminal.finish() == 130
    assert session_of(home)["state"] == "signed_out"


def test_without_a_terminal_it_says_how_another_browser_comes_back(home):
    home.configure()
    login = home.spawn("iamic-login", "--browser", "--no-browser", "corp")
    port = login.until(r"ssh -L (\d+):127\.0\.0\.1:\1")[1]
    address = login.until(r"address: (\S+)")[1]
    assert query_of(address)["redirect_uri"] == f"http://127.0.0.1:{port}{CALLBACK}"
    login.send_signal(signal.SIGINT)
    assert login.finish().status == 130


def test_the_browser_that_is_opened_comes_back_before_the_opener_ends(home, practice):
    """As a browser does that was not running: the opener is the browser."""
    practice.auto_approve()
    home.env["BROWSER"] = str(home.write("bin/browser", "#!/bin/sh\nexec /usr/bin/python3 - \"$1\" <<'END'\n"
        "import ssl, sys, time, urllib.request\n"
        f"context = ssl.create_default_context(cafile={practice.ca!r})\n"
        "page = urllib.request.urlopen(sys.argv[1], context=context).read().decode()\n"
        f"open({str(home.path / 'page')!r}, 'w').write(page)\n"
        "time.sleep(30)\nEND\n", mode=0o755))
    home.env["DISPLAY"] = ":0"
    home.configure()
    result = home.run("iamic-login", "--browser", "corp")
    assert result.status == 0 and "signed in to 'corp' as alice@example.com" in result.out, result
    assert "comes back by itself" in result.out
    wait_for(lambda: (home.path / "page").exists(), 5, lambda: "the browser was shown no page")
    assert "Signed in" in (home.path / "page").read_text()


def test_an_opener_that_fails_leaves_the_way_by_hand(home):
    home.env.update(BROWSER="/bin/false", DISPLAY=":0")
    home.configure()
    terminal = Terminal(home, "login", "--browser", "corp")
    terminal.until(r"(?s)no browser opened.*press Enter.*left")
    terminal.type(final_address(home, {"openUrl": re.search(r"address: (\S+)", terminal.plain)[1]}) + "\n")
    assert terminal.finish() == 0


def test_auto_means_a_code_where_no_browser_can_come_back(home):
    home.write_config("login = auto\n")
    home.configure()
    home.start_daemon()
    for env in ({}, {"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "1 2 3 4"},
                {"DISPLAY": ":0", "BROWSER": "/nowhere"},
                {"DISPLAY": ":0", "container": "podman"}, {"DISPLAY": ":0", "WSL_DISTRO_NAME": "Debian"}):
        login = home.spawn("iamic-login", "corp", env=env)
        login.until(r"code: +\S{4}-\S{4}")
        login.send_signal(signal.SIGINT)
        assert login.finish().status == 130


@pytest.mark.all
def test_auto_means_the_browser_where_one_can_be_opened_that_comes_back(home, tmp_path):
    home.write_config("login = auto\n")
    home.configure()
    home.start_daemon()
    opener = home.write("bin/open", f'#!/bin/sh\necho "$1" >{home.path}/address\n', mode=0o755)
    login = home.spawn("/usr/bin/unshare", *BECOME_ROOT, "--mount", "sh", "-euc", NO_CONTAINER, tmp_path,
                       home.program("iamic-login"), "corp", env={"DISPLAY": ":0", "BROWSER": opener})
    login.until("; the browser comes back by itself")
    address = home.path / "address"
    wait_for(lambda: address.exists() and address.read_text(), 10, lambda: "no browser was opened")
    visitor = Visitor(home.practice)
    visitor.open(address.read_text().strip())
    visitor.decide("approve")
    result = login.finish()
    assert result.status == 0 and "signed in to 'corp' as alice@example.com" in result.out, result
