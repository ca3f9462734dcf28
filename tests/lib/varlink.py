"""A varlink client for tests: small, raw where a test wants to be rude, and strict about every reply it reads."""
import json
import pathlib
import re
import socket
import time

from idl import SERVICE, Interface

ROOT = pathlib.Path(__file__).resolve().parents[2]
AGENT = Interface((ROOT / "include/iamic/io.iamic.Agent.varlink").read_text())
INTERFACES = {interface.name: interface for interface in (AGENT, SERVICE)}

# protocol.h: no reply is longer, and one with credentials is short enough for the shim's buffer.
REPLY_MAX = 4 << 20
CREDENTIALS_MAX = 16 << 10


class VarlinkError(Exception):
    """The daemon answered with an error: its short name and its parameters."""

    def __init__(self, name, parameters):
        self.name = name.rpartition(".")[2]
        self.full_name = name
        self.parameters = parameters
        super().__init__(f"{self.name}: {parameters.get('message', parameters)}")

    def __getattr__(self, field):
        try:
            return self.__dict__["parameters"][field]
        except KeyError:
            raise AttributeError(field) from None


class BadReply(AssertionError):
    """The daemon broke its own interface."""


class Closed(Exception):
    """The daemon closed the connection."""


class Client:
    """One connection. Replies come in the order of the calls."""

    def __init__(self, path, timeout=20):
        self.timeout = timeout
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def call(self, method, parameters=None, **fields):
        """One call, one reply: its parameters; an error is raised as VarlinkError. Fields are parameters too."""
        self.send(method, {**(parameters or {}), **fields})
        return self.reply(method)

    def stream(self, method, parameters=None, **fields):
        """A call with "more": yields the parameters of each reply until the last."""
        self.send(method, {**(parameters or {}), **fields}, more=True)
        while True:
            message, parameters = self.checked_reply(method, more=True)
            yield parameters
            if not message.get("continues"):
                return

    def send(self, method, parameters=None, **flags):
        message = {"method": full_name(method), **flags}
        if parameters is not None:
            message["parameters"] = parameters
        self.send_raw(json.dumps(message).encode() + b"\0")

    def reply(self, method):
        return self.checked_reply(method)[1]

    # Below: bytes, for tests that are rude.

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive_raw(self):
        """The bytes of one message, without its NUL."""
        ends = time.monotonic() + self.timeout
        while b"\0" not in self.received:
            if len(self.received) > REPLY_MAX:
                raise BadReply(f"a reply is longer than {REPLY_MAX} bytes")
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no whole reply within {self.timeout} s")
            self.socket.settimeout(left)
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise Closed(f"the daemon closed the connection after {len(self.received)} bytes of a reply")
            self.received += chunk
        raw, _, rest = bytes(self.received).partition(b"\0")
        self.received = bytearray(rest)
        return raw

    def checked_reply(self, method, more=False):
        """(message, parameters) of the next reply, after every check there is."""
        raw = self.receive_raw()
        message = parse_message(raw, more)
        parameters = message.get("parameters", {})
        if "error" in message:
            check_error(message["error"], parameters)
            raise VarlinkError(message["error"], parameters)
        check_parameters(method, parameters, raw)
        return message, parameters


def full_name(method):
    return method if "." in method else f"{AGENT.name}.{method}"


def parse_message(raw, more=False):
    try:
        message = json.loads(raw.decode(), object_pairs_hook=without_duplicates)
    except ValueError as error:
        raise BadReply(f"a reply is no JSON in UTF-8: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise BadReply("a reply is no object")
    unknown = message.keys() - {"parameters", "error", "continues"}
    if unknown:
        raise BadReply(f"a reply has unknown members: {', '.join(sorted(unknown))}")
    if not isinstance(message.get("parameters", {}), dict):
        raise BadReply("the parameters of a reply are no object")
    if not isinstance(message.get("continues", False), bool) or not isinstance(message.get("error", ""), str):
        raise BadReply("continues or error of a reply has the wrong type")
    if message.get("continues") and (not more or "error" in message):
        raise BadReply("'continues' in an error or without 'more'")
    return message


def without_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("duplicate member")
    return dict(pairs)


def check_parameters(method, parameters, raw=b""):
    interface, _, name = full_name(method).rpartition(".")
    if interface not in INTERFACES or name not in INTERFACES[interface].methods:
        raise BadReply(f"{method} is not in the interface file, yet it was answered without an error")
    fail_on(INTERFACES[interface].reply_problems(name, parameters))
    if raw and full_name(method) == f"{AGENT.name}.GetCredentials":
        check_credentials_envelope(raw, parameters)


def check_credentials_envelope(raw, parameters):
    """The shim cuts this envelope without a JSON parser: nothing around it, nothing between members, no escapes."""
    compact = json.dumps({"parameters": parameters}, separators=(",", ":"), ensure_ascii=False).encode()
    if raw != compact:
        raise BadReply("the reply to GetCredentials is not the compact form with parameters as its only member")
    if len(raw) > CREDENTIALS_MAX:
        raise BadReply(f"the reply to GetCredentials is longer than {CREDENTIALS_MAX} bytes")
    if parameters["Version"] != 1:
        raise BadReply("Version of the credentials is not 1")
    if not all(parameters[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")):
        raise BadReply("credentials with an empty member")
    fail_on(["Expiration has no whole seconds"] if "." in parameters["Expiration"] else [])


def check_error(name, parameters):
    interface, _, short = name.rpartition(".")
    if interface not in INTERFACES:
        raise BadReply(f"error '{name}' of an unknown interface")
    fail_on(INTERFACES[interface].error_problems(short, parameters))
    message = parameters.get("message", "")
    if not message.isprintable() or re.search(r'["\\]', message) or (interface == AGENT.name and not message):
        raise BadReply(f"the message of {short} is not one printable line without backslash and quote: {message!a}")


def fail_on(problems):
    if problems:
        raise BadReply("; ".join(problems))


def peer_pid(path):
    """The process that listens on a UNIX socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))
        return int.from_bytes(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")
