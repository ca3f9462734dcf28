"""The daemon's side of the socket: framing, order, and everything a client may send or leave unsaid."""
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time

import pytest

import varlink
from home import wait_for
from outside import closed, cpu_seconds, descriptors

# Not the first role there is: that one is asked for at the end of a sign-in, to say who came back.
ACCOUNT, ROLE = "012345678901", "Billing"
CREDENTIALS = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
TARGET = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
IDENTITY = {"target": TARGET, "service": "sts", "operation": "GetCallerIdentity",
            "body": "Action=GetCallerIdentity&Version=2011-06-15"}
SERVICE = "org.varlink.service"


def message(method, parameters=None, **flags):
    """The bytes of one request."""
    body = {"method": varlink.full_name(method), **flags}
    if parameters is not None:
        body["parameters"] = parameters
    return json.dumps(body).encode() + b"\0"


def byte_by_byte(client, first, second):
    for byte in first + second:
        client.send_raw(bytes([byte]))


def both_in_one(client, first, second):
    client.send_raw(first + second)


def one_and_a_half(client, first, second):
    half = len(second) // 2
    client.send_raw(first + second[:half])
    time.sleep(0.05)
    client.send_raw(second[half:])


CUTS = [byte_by_byte, both_in_one, one_and_a_half]


@pytest.fixture
def corp(home):
    """A daemon whose configuration names one session."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = memory\n")
    home.daemon = home.start_daemon()
    return home


@pytest.fixture
def signed_in(corp, practice):
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.auto_approve(False)
    return corp


def role_requests(practice):
    """How often the role's credentials were asked for."""
    return sum(request["query"]["role_name"] == ROLE for request in practice.requests("GetRoleCredentials"))


def refused(client, name="Unavailable"):
    """The error that the daemon answers before it closes."""
    with pytest.raises(varlink.VarlinkError) as caught:
        client.reply("Status")
    assert caught.value.name == name
    assert closed(client)
    return caught.value


# Framing.

@pytest.mark.quick
@pytest.mark.parametrize("cut", CUTS)
def test_requests_are_framed_by_nul_alone(corp, cut):
    with corp.client() as client:
        cut(client, message("Status"), message(f"{SERVICE}.GetInfo"))
        assert client.reply("Status")["pid"] == corp.daemon.pid
        assert client.reply(f"{SERVICE}.GetInfo")["product"] == "iamic"
        assert client.call("Status")["pid"] == corp.daemon.pid, "the connection goes on"


@pytest.mark.parametrize("cut", CUTS)
def test_an_error_ends_its_call_and_not_the_connection(corp, cut):
    with corp.client() as client:
        cut(client, message("Nonsense"), message("Status"))
        with pytest.raises(varlink.VarlinkError, match="MethodNotFound"):
            client.reply("Status")
        assert client.reply("Status")["pid"] == corp.daemon.pid


def test_a_hundred_requests_sent_ahead_are_answered_in_order(corp):
    with corp.client() as client:
        names = ["Status", f"{SERVICE}.GetInfo"] * 50
        client.send_raw(b"".join(message(name) for name in names))
        for name in names:
            client.reply(name)


def test_more_requests_than_the_buffer_holds_are_answered_in_order(corp):
    """What is sent ahead waits in the socket: nothing is lost, and nothing else than the client waits."""
    with corp.client() as client:
        one = message("Status", {"padding": "x" * 60000})
        client.socket.setblocking(False)
        todo, answered = one * 40, 0
        ends = time.monotonic() + 20
        while answered < 40 and time.monotonic() < ends:
            try:
                todo = todo[client.socket.send(todo):] if todo else todo
            except BlockingIOError:
                pass
            try:
                chunk = client.socket.recv(65536)
                answered += chunk.count(b"\0")
            except BlockingIOError:
                time.sleep(0.001)
        assert answered == 40


def test_a_slow_request_holds_up_those_behind_it_and_nobody_else(signed_in, practice):
    practice.fault("ListAccounts", "delay", seconds=1)
    with signed_in.client() as first, signed_in.client() as other:
        first.send_raw(message("ListAccounts") + message("Status"))
        began = time.monotonic()
        other.call("Status")
        assert time.monotonic() - began < 0.5
        assert first.reply("ListAccounts")["accounts"]
        assert first.reply("Status")["sessions"]


def test_requests_that_come_while_another_one_waits_have_their_turn_after_it(signed_in, practice):
    practice.fault("ListAccounts", "delay", seconds=0.5)
    with signed_in.client() as client:
        client.send("ListAccounts")
        for _ in range(3):
            time.sleep(0.05)
            client.send("Status")
            client.send("GetCredentials", CREDENTIALS)
        assert client.reply("ListAccounts")["accounts"]
        for _ in range(3):
            assert client.reply("Status")["pid"] == signed_in.daemon.pid
            assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
    assert role_requests(practice) == 1


@pytest.mark.parametrize("cut", CUTS)
def test_the_empty_message_is_an_error_and_the_end(corp, cut):
    with corp.client() as client:
        cut(client, message("Status"), b"\0")
        client.reply("Status")
        assert "request" in refused(client).message


# more, oneway.

def test_without_more_a_sign_in_is_one_reply(corp, practice):
    practice.auto_approve()
    with corp.client() as client:
        assert client.call("Login", session="corp")["stage"] == "done"
        assert client.call("Status")["sessions"][0]["state"] == "ready"


def test_with_more_a_sign_in_is_a_reply_for_each_stage(corp, practice):
    with corp.client() as client:
        stages = []
        for reply in client.stream("Login", session="corp"):
            stages.append(reply["stage"])
            if reply["stage"] == "waiting":
                practice.approve(reply["code"])
        assert stages == ["registering", "waiting", "done"]
        assert client.call("Status")["sessions"][0]["state"] == "ready"


def test_more_changes_nothing_where_there_is_one_reply(corp):
    with corp.client() as client:
        assert len(list(client.stream("Status"))) == 1


def test_oneway_is_answered_with_silence(corp):
    with corp.client() as client:
        client.send("Status", oneway=True)
        client.send("Nonsense", oneway=True)
        client.send("CancelLogin", {}, oneway=True)
        assert client.call(f"{SERVICE}.GetInfo")["product"] == "iamic"


def test_oneway_with_more_is_answered_with_silence(corp, practice):
    practice.auto_approve()
    with corp.client() as client:
        client.send("Login", {"session": "corp"}, oneway=True, more=True)
        assert client.call("Status")["sessions"][0]["state"] == "ready"


def test_oneway_credentials_are_sent_to_nobody(signed_in, practice):
    with signed_in.client() as client:
        client.send("GetCredentials", CREDENTIALS, oneway=True)
        client.send("GetCredentials", CREDENTIALS, oneway=True)
        assert client.call("Status")["roles"]
    assert role_requests(practice) == 1


def test_what_was_sent_oneway_before_the_client_left_is_done(corp, practice):
    with corp.client() as client:
        client.send_raw(message("Status", oneway=True) * 3 + message("Login", {"session": "corp"}, oneway=True))
    wait_for(lambda: practice.count("StartDeviceAuthorization") == 1, 5, lambda: "the sign-in was not begun")


# Clients that leave.

def half_close(client):
    client.socket.shutdown(socket.SHUT_WR)


def test_a_half_closed_client_gets_its_reply(corp):
    with corp.client() as client:
        client.send("Status")
        half_close(client)
        client.reply("Status")
        assert closed(client)


def test_a_half_closed_client_gets_all_its_replies(corp):
    with corp.client() as client:
        client.send_raw(message("Status") * 20)
        half_close(client)
        for _ in range(20):
            client.reply("Status")
        assert closed(client)


def test_a_half_closed_client_gets_a_reply_that_takes_a_while(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=0.5)
    with signed_in.client() as client:
        client.send("GetCredentials", CREDENTIALS)
        half_close(client)
        assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
        assert closed(client)


def test_a_half_closed_client_with_half_a_request_is_let_go(corp):
    with corp.client() as client:
        client.send_raw(message("Status")[:-5])
        half_close(client)
        assert closed(client)


def test_a_client_that_waits_costs_no_processor_time(signed_in, practice):
    """Half-closed or not, its socket must not keep the loop turning."""
    practice.fault("ListAccounts", "delay", seconds=2)
    with signed_in.client() as whole, signed_in.client() as half:
        whole.send("ListAccounts")
        whole.send_raw(message("Status")[:-4])
        half.send("ListAccounts")
        half_close(half)
        time.sleep(0.3)
        before = cpu_seconds(signed_in.daemon.pid)
        time.sleep(1)
        assert cpu_seconds(signed_in.daemon.pid) - before < 0.1


SLOW_CALLS = [("GetCredentials", CREDENTIALS, "GetRoleCredentials"), ("ListAccounts", {}, "ListAccounts"),
              ("ListRoles", {"accountId": ACCOUNT}, "ListAccountRoles"), ("Call", IDENTITY, "GetCallerIdentity"),
              ("Logout", {}, "Logout"), ("Login", {"force": True}, "Logout")]


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("method, parameters, operation", SLOW_CALLS)
def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(signed_in, practice, method, parameters,
                                                                  operation, more):
    practice.fault(operation, "delay", seconds=0.3)
    before = practice.count(operation)
    gone = signed_in.client()
    gone.send(method, parameters, **({"more": True} if more else {}))
    wait_for(lambda: practice.count(operation) > before, 5, lambda: f"no {operation}")
    gone.close()
    signed_in.call("Status")
    time.sleep(0.6)
    signed_in.call("Status")


def test_one_of_several_who_wait_leaves_and_the_others_are_served(signed_in, practice):
    practice.fault("GetRoleCredentials", "delay", seconds=0.5)
    clients = [signed_in.client() for _ in range(9)]
    for client in clients:
        client.send("GetCredentials", CREDENTIALS)
    wait_for(lambda: role_requests(practice), 5, lambda: "no request")
    for client in clients[::2]:
        client.close()
    for client in clients[1::2]:
        assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
        client.close()
    assert role_requests(practice) == 1


def test_clients_leave_at_every_stage_of_a_sign_in(corp, practice):
    practice.fault("RegisterClient", "delay", seconds=0.3)
    early, late, patient = corp.client(), corp.client(), corp.client()
    early.send("Login", {"session": "corp"}, more=True)
    assert early.checked_reply("Login", more=True)[1]["stage"] == "registering"
    early.close()
    late.send("Login", {"session": "corp"}, more=True)
    patient.send("Login", {"session": "corp"}, more=True)
    stage = ""
    while stage != "waiting":
        stage = patient.checked_reply("Login", more=True)[1]["stage"]
    late.close()
    practice.approve()
    assert patient.checked_reply("Login", more=True)[1]["stage"] == "done"
    patient.close()
    assert practice.count("RegisterClient") == practice.count("StartDeviceAuthorization") == 1


def test_a_client_that_leaves_without_reading_a_stream_is_forgotten(signed_in, practice):
    accounts = [{"accountId": f"{n:012}", "accountName": "x" * 100, "emailAddress": "a@example.com",
                 "roles": ["A"]} for n in range(1, 400)]
    practice.set(accounts=accounts, page_size=20, latency=0.02)
    for _ in range(5):
        client = signed_in.client()
        client.send("ListAccounts", more=True)
        client.receive_raw()
        client.close()
    assert len(list(signed_in.client().stream("ListAccounts"))) == 20


STORM = [("GetCredentials", CREDENTIALS), ("GetCredentials", {**CREDENTIALS, "loginMs": 300, "timeoutMs": 200}),
         ("GetCredentials", {"profile": "nobody"}), ("ListAccounts", {}), ("ListRoles", {"accountId": ACCOUNT}),
         ("Call", IDENTITY), ("Logout", {}), ("Login", {}), ("Login", {"force": True, "timeoutMs": 150}),
         ("CancelLogin", {"session": "corp"}), ("Status", {}), ("Nonsense", {})]


class RudeClient(threading.Thread):
    """Asks for this and that, says half of it, takes half of the answer, leaves when it likes."""

    def __init__(self, home, seed, ends):
        super().__init__(daemon=True)
        self.home, self.random, self.ends, self.failure = home, random.Random(seed), ends, None
        self.start()

    def run(self):
        try:
            while time.monotonic() < self.ends:
                with self.home.client(timeout=20) as client, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.ask(client)
        except Exception as failure:  # for whoever waits for the end
            self.failure = failure

    def ask(self, client):
        chance = self.random.random
        for _ in range(self.random.randrange(1, 4)):
            method, parameters = self.random.choice(STORM)
            flags = {name: True for name in ("more", "oneway") if chance() < 0.3}
            data = message(method, parameters, **flags)
            client.send_raw(data if chance() < 0.9 else data[:self.random.randrange(len(data))])
        if chance() < 0.3:
            half_close(client)
        client.socket.settimeout(self.random.choice((0.001, 0.02, 0.1)))
        with contextlib.suppress(TimeoutError):
            while client.socket.recv(self.random.choice((1, 100, 65536))) and chance() < 0.7:
                pass


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.all) for seed in range(2, 9))])
def test_rude_clients_by_the_hundred_leave_nothing_behind(signed_in, practice, seed):
    practice.auto_approve()
    before = descriptors(signed_in.daemon.pid)
    ends = time.monotonic() + 5
    rude = [RudeClient(signed_in, 100 * seed + n, ends) for n in range(8)]
    for n in range(12):
        operation = ("*", "GetRoleCredentials", "CreateToken", "ListAccounts")[n % 4]
        practice.fault(operation, ("delay", "reset", "garbage")[n % 3], times=3, **({} if n % 3 else {"seconds": 0.1}))
        signed_in.configure({"dev": (ACCOUNT, ROLE), f"dev{n}": (ACCOUNT, ROLE)})
        time.sleep(0.4)
    for one in rude:
        one.join()
        if one.failure:
            raise one.failure
    practice.clear_faults()
    wait_for(lambda: descriptors(signed_in.daemon.pid) <= before + 6, 15,
             lambda: f"{before} descriptors before, {descriptors(signed_in.daemon.pid)} after")
    wait_for(lambda: works(signed_in), 35, lambda: "it does not work any more")


def works(home):
    """A sign-in and credentials: hosts that were known to be away are asked again after a while."""
    try:
        home.call("Login", session="corp")
        return home.call("GetCredentials", CREDENTIALS)["AccountId"] == ACCOUNT
    except varlink.VarlinkError:
        return False


# Bytes that are no request.

NOT_REQUESTS = {
    "nothing": b"",
    "blank": b"   ",
    "garbage": bytes(range(1, 256)),
    "not UTF-8": b'{"method":"io.iamic.Agent.Status\xff"}',
    "half a surrogate": b'{"method":"\\ud800"}',
    "a NUL in a string": b'{"method":"io.iamic.Agent\\u0000.Status"}',
    "an array": b"[]",
    "a number": b"1",
    "a string": b'"io.iamic.Agent.Status"',
    "null": b"null",
    "deep arrays": b'{"method":"io.iamic.Agent.Status","parameters":{"a":' + b"[" * 30000,
    "deep objects": b'{"a":' * 10000 + b"1" + b"}" * 10000,
    "not finished": b'{"method":"io.iamic.Agent.Status"',
    "two at once": b'{"method":"io.iamic.Agent.Status"}{"method":"io.iamic.Agent.Status"}',
    "the same member twice": b'{"method":"io.iamic.Agent.Status","method":"io.iamic.Agent.Status"}',
    "the same parameter twice": b'{"method":"io.iamic.Agent.CancelLogin","parameters":{"session":"a","session":"b"}}',
    "an integer beyond 64 bits": b'{"method":"io.iamic.Agent.Status","parameters":{"n":99999999999999999999}}',
    "a real beyond doubles": b'{"method":"io.iamic.Agent.Status","parameters":{"n":1e999}}',
    "no method": b"{}",
    "a method of null": b'{"method":null}',
    "an empty method": b'{"method":""}',
    "a method that is a number": b'{"method":1}',
    "parameters that are an array": b'{"method":"io.iamic.Agent.Status","parameters":[]}',
    "more that is a number": b'{"method":"io.iamic.Agent.Status","more":1}',
    "oneway that is a string": b'{"method":"io.iamic.Agent.Status","oneway":"yes"}',
    "a comment": b'{"method":"io.iamic.Agent.Status"} // please',
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "quotes and backslashes": b'"\\"\\\\"',
}


@pytest.mark.parametrize("what", NOT_REQUESTS)
def test_what_is_no_request_gets_an_error_and_is_the_end_of_its_connection(corp, what):
    with corp.client() as client:
        client.send_raw(NOT_REQUESTS[what] + b"\0" + message("Status"))
        said = refused(client).message
        assert "request" in said or "message" in said
    corp.call("Status")


def test_the_error_for_garbage_is_one_printable_line(corp):
    for piece in (b"\x1b[31mred", b"\n\n\r\t", '{"\u202e":'.encode(), b'{"\\":\\"\\"', b"\xf0\x9f\x98\x80",
                  b"\x80" * 900):
        with corp.client() as client:
            client.send_raw(piece + b"\0")
            refused(client)


def test_deep_but_whole_requests_do_no_harm(corp):
    """Deeper than jansson goes is refused; as deep as it goes is answered, and freed, on a small stack."""
    for depth in (100, 1000, 2000, 2048, 2049, 5000, 30000):
        with corp.client() as client:
            client.send_raw(b'{"method":"io.iamic.Agent.Status","parameters":{"a":' + b"[" * depth + b"]" * depth
                            + b"}}\0")
            try:
                client.reply("Status")
            except varlink.VarlinkError as error:
                assert error.name == "Unavailable"
    corp.call("Status")


@pytest.mark.quick
def test_random_bytes_never_end_the_daemon(corp):
    urandom = os.urandom
    valid = message("Status")
    for n in range(300):
        with corp.client() as client:
            noise = urandom(n)
            at = n % len(valid)
            try:
                client.send_raw(valid[:at] + noise + valid[at:] + (b"\0" if n % 3 else b""))
            except (BrokenPipeError, ConnectionResetError):
                pass
    corp.call("Status")


def test_every_cut_of_a_request_then_the_end(corp):
    whole = message("GetCredentials", CREDENTIALS)
    for n in range(len(whole)):
        with corp.client() as client:
            client.send_raw(whole[:n])
    corp.call("Status")


# Members that are not as the interface says.

def test_unknown_members_and_parameters_are_ignored(corp):
    with corp.client() as client:
        client.send("Status", {"future": {"deep": [1, 2.5, None, True]}}, upgrade=False, novelty=[])
        assert client.reply("Status")["pid"] == corp.daemon.pid


@pytest.mark.quick
def test_null_is_as_good_as_leaving_out(corp, practice):
    """varlink's libraries write a field without a value as null."""
    nothing = dict.fromkeys(("profile", "roleArn", "timeoutMs", "loginMs"))
    with corp.client() as client:
        with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
            client.call("GetCredentials", {**CREDENTIALS, **nothing})
        with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
            client.call("Call", {**IDENTITY, "target": {**TARGET, "profile": None, "roleArn": None},
                                 "region": None, "write": None})
        with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
            client.call("ListAccounts", session=None)
        practice.auto_approve()
        assert client.call("Login", dict.fromkeys(("session", "flow", "port", "force", "timeoutMs")))["stage"] == "done"
        assert client.call("Logout", session=None)["sessions"] == ["corp"]


WRONG = [("GetCredentials", {**CREDENTIALS, "session": 1}, "session"),
         ("GetCredentials", {**CREDENTIALS, "roleName": ["ReadOnly"]}, "roleName"),
         ("GetCredentials", {**CREDENTIALS, "accountId": 12345678901}, "accountId"),
         ("GetCredentials", {**CREDENTIALS, "timeoutMs": "1"}, "timeoutMs"),
         ("GetCredentials", {**CREDENTIALS, "timeoutMs": 1.5}, "timeoutMs"),
         ("GetCredentials", {**CREDENTIALS, "loginMs": True}, "loginMs"),
         ("Login", {"session": {}}, "session"),
         ("Login", {"flow": 1}, "flow"),
         ("Login", {"force": 1}, "force"),
         ("CancelLogin", {}, "session"),
         ("CancelLogin", {"session": None}, "session"),
         ("Logout", {"session": 5}, "session"),
         ("ListAccounts", {"session": []}, "session"),
         ("ListRoles", {}, "accountId"),
         ("ListRoles", {"accountId": 1}, "accountId"),
         ("Call", {"service": "sts"}, "target"),
         ("Call", {**IDENTITY, "target": "corp"}, "target"),
         ("Call", {**IDENTITY, "target": {"session": 1}}, "session"),
         ("Call", {**IDENTITY, "body": {}}, "body"),
         (f"{SERVICE}.GetInterfaceDescription", {}, "interface"),
         (f"{SERVICE}.GetInterfaceDescription", {"interface": 1}, "interface")]


@pytest.mark.parametrize("method, parameters, member", WRONG)
def test_a_wrong_parameter_is_named(corp, method, parameters, member):
    with corp.client() as client:
        with pytest.raises(varlink.VarlinkError) as caught:
            client.call(method, parameters)
        assert (caught.value.full_name, caught.value.parameter) == (f"{SERVICE}.InvalidParameter", member)
        client.call("Status")


def until_loaded(home):
    """Whose time is up before that hears of the store."""
    wait_for(lambda: home.call("Status")["sessions"][0]["state"] == "signed_out", 5, lambda: "not loaded")


@pytest.mark.parametrize("value", [-1, 0, 1, -2**63, 2**63 - 1, 2**31, 2**32])
def test_any_number_of_milliseconds_is_taken_for_what_it_means(corp, value):
    with corp.client() as client:
        until_loaded(corp)
        with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
            client.call("GetCredentials", {**CREDENTIALS, "timeoutMs": value})


@pytest.mark.parametrize("value", [-1, -2**63, 2**63 - 1, 2**32])
def test_any_number_of_milliseconds_for_a_sign_in(corp, practice, value):
    with corp.client() as client:
        until_loaded(corp)
        client.send("GetCredentials", {**CREDENTIALS, "loginMs": value, "timeoutMs": value})
        if value < 0:
            with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
                client.reply("GetCredentials")
            return
        practice.auto_approve()
        corp.call("Login", session="corp")
        assert client.reply("GetCredentials")["AccountId"] == ACCOUNT


def test_names_with_anything_in_them_are_looked_up_and_not_found(corp):
    names = ("", " ", "a" * 5000, "\u202eproc", "../../etc", "%s%n", "x\ny", '"', "\\", "\x7f", "corp\t", "🔥" * 200)
    for name in names:
        for method, parameters in (("GetCredentials", {"profile": name}),
                                   ("GetCredentials", {**CREDENTIALS, "session": name}),
                                   ("Login", {"session": name}), ("CancelLogin", {"session": name}),
                                   ("Logout", {"session": name}),
                                   ("ListRoles", {"session": name, "accountId": ACCOUNT})):
            with pytest.raises(varlink.VarlinkError, match="Config"):
                corp.call(method, parameters)


def test_an_account_id_is_twelve_digits(corp):
    for account in ("", "1", "12345678901x", "1" * 13, "-12345678901", "１２３４５６７８９０１２"):
        for method, parameters in (("GetCredentials", {**CREDENTIALS, "accountId": account}),
                                   ("ListRoles", {"accountId": account})):
            with pytest.raises(varlink.VarlinkError, match="Config"):
                corp.call(method, parameters)


# Who may ask.

def as_nobody(home, script):
    """Runs Python as another uid than ours; its output."""
    done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/usr/bin/python3",
                           "-c", script, str(home.socket)], capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")
def test_another_uid_is_turned_away_with_the_reason(corp):
    """As root's question to a user's daemon: the folder's mode would keep others away, so it is opened."""
    for path in (corp.base, corp.runtime, corp.socket.parent):
        path.chmod(0o711)
    corp.socket.chmod(0o666)
    said = as_nobody(corp, "import socket,sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
                           "print(s.recv(9999)); print(s.recv(9999))")
    assert '"error":"io.iamic.Agent.Unavailable"' in said and "run as" in said, said
    assert said.count("}}\\x00") == 1 and said.endswith("b''\n"), said
    assert corp.call("Status")["pid"] == corp.daemon.pid


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")
def test_another_uid_that_asks_first_is_turned_away_too(corp):
    for path in (corp.base, corp.runtime, corp.socket.parent):
        path.chmod(0o711)
    corp.socket.chmod(0o666)
    said = as_nobody(corp, """
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(b'{"method":"io.iamic.Agent.Status"}\\0')
except BrokenPipeError:
    pass
time.sleep(0.2)
print(s.recv(9999))
""")
    assert "run as" in said and '"version"' not in said, said


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")
def test_root_is_turned_away_by_a_users_daemon(home):
    for folder in (home.base, home.path, home.runtime, home.logs):
        os.chown(folder, 65534, 65534)
    nobody = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    daemon = home.spawn(*nobody, home.program("iamicd"))
    wait_for(home.socket.exists, 10, lambda: f"no socket: {daemon.err}")
    with home.client() as client, pytest.raises(varlink.VarlinkError, match="run as") as caught:
        client.reply("Status")
    assert caught.value.name == "Unavailable"
    daemon.send_signal(signal.SIGTERM)
    assert daemon.finish().status == 0
