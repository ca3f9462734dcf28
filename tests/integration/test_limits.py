"""Caps and deadlines of the socket: sizes, slow clients, many clients, and too few descriptors."""
import contextlib
import fcntl
import pathlib
import resource
import select
import termios
import time

import pytest

import varlink
from home import Home, wait_for
from outside import (closed, cpu_seconds, descriptors, first_free_descriptor, is_open, limits,
                     set_descriptor_limit)
from practice.client import Practice

# Not the first role there is: that one is asked for at the end of a sign-in, to say who came back.
ACCOUNT, ROLE = "012345678901", "Billing"
CREDENTIALS = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
REQUEST_MAX = 64 << 10
CONNECTIONS_MAX = 2048
KEPT = 64


@pytest.fixture
def corp(home):
    """A daemon whose configuration names one session; this process may open many descriptors meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = memory\n")
    home.daemon = home.start_daemon()
    yield home
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def signed_in(corp, practice):
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.auto_approve(False)
    return corp


def request_of(size):
    """A request of exactly that many bytes, without its NUL."""
    empty = b'{"method":"io.iamic.Agent.Status","parameters":{"x":""}}'
    return empty[:-3] + b"x" * (size - len(empty)) + empty[-3:]


def role_requests(practice):
    """How often the role's credentials were asked for."""
    return sum(request["query"]["role_name"] == ROLE for request in practice.requests("GetRoleCredentials"))


def many(home, n):
    """That many connections that say nothing."""
    return [home.client() for _ in range(n)]


def close_all(clients):
    for client in clients:
        client.close()


# Sizes.

@pytest.mark.quick
@pytest.mark.parametrize("pieces", [1, 2, 65537])
def test_a_request_of_64_kib_is_the_longest_there_is(corp, pieces):
    with corp.client() as client:
        whole = request_of(REQUEST_MAX) + b"\0"
        assert len(whole) == REQUEST_MAX + 1
        step = len(whole) // pieces
        for at in range(0, len(whole), step):
            client.send_raw(whole[at:at + step])
        assert client.reply("Status")["pid"] == corp.daemon.pid
        client.call("Status")


@pytest.mark.parametrize("extra", [1, 2, 4096, 1 << 20])
def test_one_byte_more_is_refused_with_a_reason(corp, extra):
    with corp.client() as client:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.send_raw(request_of(REQUEST_MAX + extra) + b"\0")
        with pytest.raises(varlink.VarlinkError, match=f"{REQUEST_MAX} bytes") as caught:
            client.reply("Status")
        assert caught.value.name == "Unavailable"
        assert closed(client)
    corp.call("Status")


def test_bytes_without_end_do_not_fill_the_daemons_memory(corp):
    with corp.client() as client:
        with pytest.raises((BrokenPipeError, ConnectionResetError, TimeoutError)):
            client.socket.settimeout(5)
            for _ in range(1000):
                client.socket.sendall(b"x" * 65536)
    corp.call("Status")


def test_two_longest_requests_at_once(corp):
    with corp.client() as client:
        client.send_raw((request_of(REQUEST_MAX) + b"\0") * 2)
        client.reply("Status")
        client.reply("Status")


# Deadlines.

def test_a_request_has_ten_seconds(corp):
    """From its first byte, however often another one comes; a silent connection has all the time it wants."""
    whole = b'{"method":"io.iamic.Agent.Status"}\0'
    with corp.client() as dripping, corp.client() as stuck, corp.client() as behind, corp.client() as silent:
        began = time.monotonic()
        stuck.send_raw(whole[:5])
        behind.send_raw(whole + whole[:5])
        behind.reply("Status")
        for byte in whole[:22]:
            if not is_open(dripping):
                break
            dripping.send_raw(bytes([byte]))
            time.sleep(0.4)
        for client in (stuck, behind):
            with pytest.raises(varlink.VarlinkError, match="10 s") as caught:
                client.reply("Status")
            assert caught.value.name == "TimedOut"
            assert closed(client)
            assert 9 < time.monotonic() - began < 12
        with pytest.raises(varlink.VarlinkError, match="10 s"):
            dripping.reply("Status")
        assert time.monotonic() - began < 12
        silent.call("Status")


def many_accounts(n):
    return [{"accountId": f"{i:012}", "accountName": "n" * 200, "emailAddress": f"{'e' * 200}@example.com",
             "roles": ["A"]} for i in range(1, n + 1)]


@pytest.fixture
def large(tmp_path):
    """Signed in to an Identity Center of more accounts than fit into one reply, a hundred pages of them."""
    with Practice.start(tmp_path, accounts=many_accounts(10000), page_size=1000, auto_approve=True) as practice:
        home = Home(practice)
        home.configure()
        home.daemon = home.start_daemon()
        home.call("Login", session="corp")
        yield home
        faults = home.close()
        practice.check()
        assert not faults, faults


def test_a_reply_of_more_than_4_mib_is_refused_and_comes_in_pages(large):
    with large.client() as client:
        with pytest.raises(varlink.VarlinkError, match="more") as caught:
            client.call("ListAccounts")
        assert caught.value.name == "Unavailable"
        pages = list(client.stream("ListAccounts"))
        assert sum(len(page["accounts"]) for page in pages) == 10000 and len(pages) == 100


def listed(practice, pause=0.5):
    """How many pages were asked of AWS when none has been for a while."""
    before, now = -1, practice.count("ListAccounts")
    while before != now:
        time.sleep(pause)
        before, now = now, practice.count("ListAccounts")
    return now


def test_a_stream_that_is_not_taken_waits_for_its_client_and_asks_aws_for_no_more(large):
    before = listed(large.practice)
    with large.client() as client:
        client.send("ListAccounts", more=True)
        wait_for(lambda: large.practice.count("ListAccounts") > before + 2, 10, lambda: "not listed")
        assert listed(large.practice) - before < 20
        first = client.checked_reply("ListAccounts", more=True)
        assert listed(large.practice) - before < 20, "one page taken is no reason to fetch all"
        pages = [first]
        while pages[-1][0].get("continues"):
            pages.append(client.checked_reply("ListAccounts", more=True))
        assert len(pages) == 100 == large.practice.count("ListAccounts") - before
        assert len({account["accountId"] for _, page in pages for account in page["accounts"]}) == 10000
        client.call("Status")


def test_a_large_reply_to_a_slow_reader_arrives_whole(signed_in, practice):
    practice.set(accounts=many_accounts(1500))
    with signed_in.client() as client:
        client.send("ListAccounts")
        time.sleep(0.5)
        received = b""
        while not received.endswith(b"\0"):
            received += client.socket.recv(20000)
            time.sleep(0.002)
        parameters = varlink.parse_message(received[:-1])["parameters"]
        varlink.check_parameters("ListAccounts", parameters)
        assert len(parameters["accounts"]) == 1500
        client.call("Status")


def test_what_a_client_leaves_untaken_ends_with_its_connection(signed_in, practice):
    """Its replies pile up to a cap, and to a deadline; nobody else notices."""
    practice.set(accounts=many_accounts(1500))
    with signed_in.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts") > 15, 10, lambda: "not listed")
        before = cpu_seconds(signed_in.daemon.pid)
        time.sleep(1)
        assert cpu_seconds(signed_in.daemon.pid) - before < 0.1
        signed_in.call("Status")


@pytest.mark.all
def test_a_client_that_takes_nothing_is_let_go_after_a_while(signed_in, practice):
    practice.set(accounts=many_accounts(1500))
    with signed_in.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: "does not take" in signed_in.daemon.err, 45, lambda: "still held")
        assert closed(client)
    signed_in.call("Status")


# Many.

@pytest.mark.quick
@pytest.mark.alone
def test_beyond_2048_connections_the_one_longest_without_a_request_is_closed(corp):
    clients = many(corp, CONNECTIONS_MAX)
    try:
        clients[0].call("Status")
        clients[2].call("Status")
        more = many(corp, 2)
        clients += more
        more[1].call("Status")
        wait_for(lambda: not is_open(clients[3]), 5, lambda: "nobody was closed")
        assert [is_open(client) for client in clients[:6]] == [True, False, True, False, True, True]
        for client in (clients[0], clients[2], clients[4], clients[-1]):
            client.call("Status")
        assert descriptors(corp.daemon.pid) < CONNECTIONS_MAX + KEPT
    finally:
        close_all(clients)


@pytest.mark.alone
def test_with_3000_silent_connections_everyone_who_asks_is_answered(corp):
    clients = []
    try:
        for n in range(30):
            clients += many(corp, 100)
            began = time.monotonic()
            corp.call("Status")
            assert time.monotonic() - began < 1, n
        assert sum(is_open(client) for client in clients) in range(CONNECTIONS_MAX - 64, CONNECTIONS_MAX + 1)
    finally:
        close_all(clients)
    wait_for(lambda: descriptors(corp.daemon.pid) < 64, 10, lambda: f"{descriptors(corp.daemon.pid)} are open")
    corp.call("Status")


def test_a_connection_with_an_open_call_is_not_closed_for_others(signed_in, practice):
    practice.fault("ListAccounts", "delay", seconds=3)
    with signed_in.client() as waiting:
        waiting.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts"), 5, lambda: "no request")
        clients = many(signed_in, CONNECTIONS_MAX + 10)
        try:
            assert waiting.reply("ListAccounts")["accounts"]
        finally:
            close_all(clients)


def test_when_every_connection_has_an_open_call_others_wait_for_room(corp, practice):
    """2,048 who follow a sign-in: whoever comes then is served once one of them leaves."""
    followers = many(corp, CONNECTIONS_MAX)
    try:
        for client in followers:
            client.send("Login", {"session": "corp"}, more=True)
        for client in followers:
            client.receive_raw()
        with corp.client() as late:
            late.send("Status")
            before = cpu_seconds(corp.daemon.pid)
            time.sleep(1)
            assert late.received == b"" and is_open(late)
            assert cpu_seconds(corp.daemon.pid) - before < 0.2
            followers.pop().close()
            assert late.reply("Status")["sessions"][0]["state"] == "signing_in"
    finally:
        close_all(followers)


@pytest.mark.alone
def test_1024_may_wait_for_credentials_and_the_others_are_told_so_at_once(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=4)
    clients = many(signed_in, 1100)
    try:
        began = time.monotonic()
        for client in clients:
            client.send("GetCredentials", CREDENTIALS)
        wait_for(lambda: refused(clients) == 1100 - 1024, 2, lambda: f"{refused(clients)} were refused")
        assert signed_in.call("Status")["sessions"] and signed_in.call("ListAccounts")["accounts"]
        assert time.monotonic() - began < 3
        others = [client for client in clients if has_reply(client)]
        for client in others:
            with pytest.raises(varlink.VarlinkError, match="1024 calls wait") as caught:
                client.reply("GetCredentials")
            assert caught.value.name == "Unavailable"
        for client in set(clients) - set(others):
            assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
        assert role_requests(practice) == 1
    finally:
        close_all(clients)


def turned_away(home, request):
    """Seconds until one more was told that too many wait; None when it may wait as well, and so has left again."""
    with home.client(timeout=1) as client:
        began = time.monotonic()
        client.send("GetCredentials", request)
        try:
            client.reply("GetCredentials")
        except varlink.VarlinkError as error:
            assert (error.name, "1024 calls wait" in error.message) == ("Unavailable", True), error
            return time.monotonic() - began
        except TimeoutError:
            return None


def is_read(client):
    """Has the daemon read all that was sent to it?"""
    return fcntl.ioctl(client.socket, termios.TIOCOUTQ, bytes(4)) == bytes(4)


def has_socket(pid):
    return any(str(link.readlink()).startswith("socket:") for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())


@pytest.mark.alone
def test_1024_who_wait_for_a_sign_in_are_served_by_one_request_when_it_has_ended(corp, practice):
    """Most of them as bare as they come, some as people have them; it goes on and ends while they wait."""
    request = {**CREDENTIALS, "loginMs": 60000}
    shims = [corp.spawn("iamic-credential-process", "--profile", "dev", "--login=60") for _ in range(4)]
    wait_for(lambda: all(has_socket(shim.pid) for shim in shims), 10, lambda: "the shims do not connect")
    clients = many(corp, 1024 - len(shims))
    try:
        for client in clients:
            client.send("GetCredentials", request)
        wait_for(lambda: all(map(is_read, clients)), 30, lambda: "not all requests are read")  # none is overtaken
        wait_for(lambda: turned_away(corp, request), 30, lambda: "the 1025th was not turned away")
        assert min(turned_away(corp, request) for _ in range(5)) <= 0.1
        with corp.client() as login:
            login.send("Login", {"session": "corp"}, more=True)
            practice.approve(practice.wait_pending())
            for client in clients:
                assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
        assert [shim.finish().status for shim in shims] == [0] * len(shims)
        assert role_requests(practice) == 1 and practice.count("StartDeviceAuthorization") == 1
        assert corp.call("GetCredentials", CREDENTIALS)["AccountId"] == ACCOUNT
    finally:
        close_all(clients)


def refused(clients):
    return sum(has_reply(client) for client in clients)


def has_reply(client):
    poll = select.poll()
    poll.register(client.socket, select.POLLIN)
    return bool(poll.poll(0))


@pytest.mark.alone
def test_1000_who_wait_and_leave_make_room_again(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=2)
    for _ in range(2):
        clients = many(signed_in, 1000)
        for client in clients:
            client.send("GetCredentials", CREDENTIALS)
        close_all(clients)
    assert signed_in.call("GetCredentials", CREDENTIALS)["AccountId"] == ACCOUNT


# Descriptors.

@pytest.mark.parametrize("when", ["at once", "later"])
@pytest.mark.alone
def test_without_descriptors_the_daemon_waits_and_does_not_spin(corp, when):
    if when == "later":
        corp.call("Status")
    pid = corp.daemon.pid
    set_descriptor_limit(pid, first_free_descriptor(pid))
    clients = many(corp, 20)
    try:
        for client in clients:
            client.send("Status")
        before, began = cpu_seconds(pid), time.monotonic()
        time.sleep(2)
        assert cpu_seconds(pid) - before < 0.1 * (time.monotonic() - began)
        assert corp.daemon.poll() is None, corp.daemon.err
        assert corp.daemon.err.count("no connection can be accepted") == 1, "said once, not at every try"
        set_descriptor_limit(pid, 1024)
        for client in clients:
            client.reply("Status")
    finally:
        close_all(clients)
    corp.call("Status")


def test_with_one_descriptor_left_clients_are_served_one_after_the_other(corp):
    pid = corp.daemon.pid
    corp.call("Status")
    set_descriptor_limit(pid, first_free_descriptor(pid) + 1)
    for _ in range(5):
        corp.call("Status")
    with corp.client() as first, corp.client() as second:
        first.call("Status")
        second.send("Status")
        time.sleep(0.3)
        assert second.received == b""
        first.close()
        second.reply("Status")


def test_a_request_to_aws_without_a_descriptor_is_an_error_and_no_crash(corp, practice):
    pid = corp.daemon.pid
    with corp.client() as client:
        client.call("Status")
        set_descriptor_limit(pid, first_free_descriptor(pid))
        with pytest.raises(varlink.VarlinkError) as caught:
            client.call("Login", session="corp")
        assert caught.value.name in ("Unavailable", "TimedOut")
        set_descriptor_limit(pid, 1024)
        practice.auto_approve()
        began = time.monotonic()
        while True:
            try:
                assert client.call("Login", session="corp")["stage"] == "done"
                break
            except varlink.VarlinkError:
                assert time.monotonic() - began < 40
                time.sleep(0.5)


@pytest.mark.parametrize("soft", [64, 1024, 8000])
def test_the_limit_of_descriptors_is_raised(home, soft):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    home.configure()
    daemon = home.start_daemon(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
    assert limits(daemon.pid)["Max open files"] == (min(hard, 8192), hard)


def test_the_limit_of_descriptors_is_never_lowered(home):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < 10000:
        pytest.skip("no more may be opened here")
    home.configure()
    daemon = home.start_daemon(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10000, hard)))
    assert limits(daemon.pid)["Max open files"] == (10000, hard)


def test_with_a_low_limit_some_descriptors_are_kept_for_aws(home, practice):
    home.configure()
    daemon = home.start_daemon(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)))
    clients = many(home, 100)
    try:
        practice.auto_approve()
        assert home.call("Login", session="corp")["stage"] == "done"
        assert limits(daemon.pid)["Max open files"] == (128, 128)
        assert sum(is_open(client) for client in clients) <= 128 - KEPT
    finally:
        close_all(clients)


@pytest.mark.once
def test_who_leaves_while_helpers_start_takes_nobody_along(home):
    """A socket that is closed before it is connected may for a moment be open in a child as well. The moment is short:
    it takes hundreds of them to be met."""
    home.configure()
    daemon = home.start_daemon()
    for n in range(1500):
        with home.client() as leaver, home.client() as asker:
            leaver.send("ResolveStartUrl", {"startUrl": f"https://127.1.{n // 250}.{n % 250 + 1}:1/"})
            asker.send("ListAccounts", {"session": f"s{n}", "region": "us-east-1",
                                        "startUrl": f"https://s{n}.awsapps.com/start"})
        if n % 20 == 0:
            home.call("Status")
    assert daemon.poll() is None


def test_sessions_that_clients_propose_have_an_end(signed_in, practice):
    """And who has a session of the configuration's does not feel it."""
    with signed_in.client() as client:
        for number in range(1023):
            with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
                client.call("ListAccounts", session=f"s{number}", startUrl=practice.start_url, region=practice.region)
        with pytest.raises(varlink.VarlinkError, match="has had 1024 sessions by now: end it"):
            client.call("ListAccounts", session="one more", startUrl=practice.start_url, region=practice.region)
        assert client.call("GetCredentials", CREDENTIALS)["AccountId"] == ACCOUNT
