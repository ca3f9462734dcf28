"""The client reads whatever a socket delivers, and refuses every reply that breaks the interface."""
import json
import socket
import threading

import pytest
from varlink import BadReply, Client, Closed, VarlinkError

CREDENTIALS = {"Version": 1, "AccessKeyId": "ASIAX", "SecretAccessKey": "a/b+c", "SessionToken": "t",
               "Expiration": "2026-01-31T12:00:00Z", "AccountId": "012345678901"}
AGENT = "io.iamic.Agent"


def compact(message):
    return json.dumps(message, separators=(",", ":")).encode()


@pytest.fixture
def served(tmp_path):
    """served(chunk, …): a client whose peer sends these bytes, each in a write of its own, and then closes."""
    threads, clients = [], []

    def serve(*chunks):
        path = tmp_path / "socket"
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()

        def answer():
            with listener, listener.accept()[0] as connection:
                connection.recv(65536)
                for chunk in chunks:
                    connection.sendall(chunk)

        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        clients.append(Client(path, timeout=5))
        return clients[-1]

    yield serve
    for client in clients:
        client.close()
    for thread in threads:
        thread.join()


def test_a_reply_that_arrives_byte_by_byte_is_read(served):
    raw = compact({"parameters": CREDENTIALS}) + b"\0"
    assert served(*(raw[i:i + 1] for i in range(len(raw)))).call("GetCredentials") == CREDENTIALS


def test_two_and_a_half_replies_in_one_write_are_read_one_after_the_other(served):
    reply = compact({"parameters": {"accounts": []}, "continues": True}) + b"\0"
    last = compact({"parameters": {"accounts": [{"accountId": "012345678901"}]}}) + b"\0"
    pages = list(served(reply + reply + last[:9], last[9:]).stream("ListAccounts"))
    assert [len(page["accounts"]) for page in pages] == [0, 0, 1]


def test_an_error_is_raised_with_its_name_and_fields(served):
    reply = compact({"error": f"{AGENT}.LoginRequired", "parameters": {"session": "corp", "message": "sign in"}})
    with pytest.raises(VarlinkError) as caught:
        served(reply + b"\0").call("GetCredentials")
    assert (caught.value.name, caught.value.session, caught.value.message) == ("LoginRequired", "corp", "sign in")
    with pytest.raises(AttributeError):
        caught.value.code


def test_a_standard_error_is_understood(served):
    reply = compact({"error": "org.varlink.service.MethodNotFound", "parameters": {"method": "Nope"}})
    with pytest.raises(VarlinkError, match="MethodNotFound"):
        served(reply + b"\0").call("Nope")


def test_an_early_end_is_closed(served):
    with pytest.raises(Closed):
        served(b'{"parameters":{}').call("Status")


def test_the_deadline_holds_for_the_whole_reply():
    ours, theirs = socket.socketpair()
    client = Client.__new__(Client)
    client.socket, client.timeout, client.received = ours, 0.3, bytearray()
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.02):
            theirs.send(b" ")

    thread = threading.Thread(target=trickle)
    thread.start()
    with ours, theirs:
        with pytest.raises(TimeoutError):
            client.receive_raw()
        stop.set()
        thread.join()


@pytest.mark.parametrize("raw, says", [
    (b"{", "no JSON"),
    (b"[]", "no object"),
    (b'{"parameters":{"accounts":[]},"parameters":{"accounts":[]}}', "no JSON"),
    (b'{"parameters":{"accounts":[]},"extra":1}', "unknown members: extra"),
    (b'{"parameters":[]}', "are no object"),
    (b'{"parameters":{"accounts":[]},"continues":true}', "without 'more'"),
    (b'{"parameters":{"accounts":[]},"continues":1}', "wrong type"),
    (b'{"parameters":{}}', "ListAccounts reply.accounts: missing"),
    (b'{}', "ListAccounts reply.accounts: missing"),
    (b'{"parameters":{"accounts":[{"accountId":"1","x":1}]}}', "x: not in the interface file"),
    (b'{"error":"io.iamic.Agent.Denied","parameters":{}}', "message: missing"),
    (b'{"error":"io.iamic.Agent.Oops","parameters":{}}', "Oops is not in the interface file"),
    (b'{"error":"com.example.Oops","parameters":{}}', "unknown interface"),
    (b'{"error":"io.iamic.Agent.Denied","parameters":{"message":""}}', "not one printable line"),
    (b'{"error":"io.iamic.Agent.Denied","parameters":{"message":"a\\nb"}}', "not one printable line"),
    (b'{"error":"io.iamic.Agent.Denied","parameters":{"message":"a\\"b"}}', "not one printable line"),
    ('{"error":"io.iamic.Agent.Denied","parameters":{"message":"a\u202eb"}}'.encode(), "not one printable line"),
    (b'{"parameters":{"accounts":["\xff"]}}', "no JSON"),
])
def test_a_bad_reply_is_refused(served, raw, says):
    with pytest.raises(BadReply) as caught:
        served(raw + b"\0").call("ListAccounts")
    assert says in str(caught.value)


@pytest.mark.parametrize("raw, says", [
    (json.dumps({"parameters": CREDENTIALS}).encode(), "compact form"),
    (compact({"continues": False, "parameters": CREDENTIALS}), "compact form"),
    (compact({"parameters": CREDENTIALS}).replace(b"a/b", b"a\\/b"), "compact form"),
    (compact({"parameters": {**CREDENTIALS, "Version": 2}}), "Version"),
    (compact({"parameters": {**CREDENTIALS, "SessionToken": ""}}), "empty member"),
    (compact({"parameters": {**CREDENTIALS, "SessionToken": "t" * 17000}}), "longer than"),
    (compact({"parameters": {**CREDENTIALS, "Expiration": "2026-01-31T12:00:00.5Z"}}), "whole seconds"),
    (compact({"parameters": {**CREDENTIALS, "Expiration": None}}), "string wanted, got null"),
])
def test_credentials_have_exactly_the_form_that_the_shim_cuts(served, raw, says):
    with pytest.raises(BadReply) as caught:
        served(raw + b"\0").call("GetCredentials")
    assert says in str(caught.value)
    assert CREDENTIALS["SecretAccessKey"] not in str(caught.value)
