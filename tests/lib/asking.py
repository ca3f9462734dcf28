"""What tests ask of a daemon over its socket: several at once, each on its own connection, with the time it took."""
import contextlib
import json
import os
import selectors
import socket
import statistics
import threading
import time

from home import Secrets, wait_for
from varlink import VarlinkError

AT_ONCE = 0.1  # seconds, from connecting to the last byte: what waits neither for AWS nor for a person
TARGET = {"session": "corp", "accountId": "012345678901", "roleName": "ReadOnly"}
# error_name.c: what a program that got this error exits with.
EXIT = {"Internal": 1, "LoginRequired": 3, "Denied": 4, "Unavailable": 5, "TimedOut": 6, "Config": 7}


class Asked(threading.Thread):
    """A call under way. Its replies so far are in .replies; .error is the VarlinkError it ended with, or None."""

    def __init__(self, home, method, parameters, more=False):
        super().__init__(daemon=True)
        self.client, self.method, self.parameters, self.more = home.client(timeout=60), method, parameters, more
        self.replies, self.times, self.error, self.failure, self.seconds = [], [], None, None, None
        self.began = time.monotonic()
        self.start()

    def run(self):
        try:
            if self.more:
                for reply in self.client.stream(self.method, self.parameters):
                    self.add(reply)
            else:
                self.add(self.client.call(self.method, self.parameters))
        except VarlinkError as error:
            self.error = error
        except Exception as failure:  # a closed connection, or a reply that breaks the interface: for whoever waits
            self.failure = failure
        self.seconds = time.monotonic() - self.began

    def add(self, reply):
        self.replies.append(reply)
        self.times.append(time.monotonic() - self.began)

    def ended(self, timeout=20):
        """Waits for the end, whatever it is."""
        self.join(timeout)
        assert not self.is_alive(), f"{self.method} {self.parameters}: no end after {timeout} s"
        self.client.close()
        if self.failure:
            raise self.failure
        return self

    def reply(self, timeout=20):
        """The last reply of a call that succeeds."""
        self.ended(timeout)
        assert not self.error, f"{self.method} {self.parameters}: {self.error}"
        return self.replies[-1]

    def refusal(self, name, timeout=20):
        """The error of a call that fails, of that name, with a message that shows no secret."""
        self.ended(timeout)
        assert self.error, f"{self.method} {self.parameters} succeeded"
        assert self.error.name == name, self.error
        assert not Secrets().found_in(self.error.message), "a secret in a message"
        return self.error

    def until_stage(self, stage, timeout=10):
        """The reply of a Login that reaches that stage."""
        def look():
            return next((reply for reply in self.replies if reply["stage"] == stage), None) or not self.is_alive()
        found = wait_for(look, timeout, lambda: f"no stage {stage}: {self.replies} {self.error} {self.failure}")
        assert found is not True, f"ended without the stage {stage}: {self.replies} {self.error} {self.failure}"
        return found

    def leave(self):
        """The client goes away in the middle of its call."""
        with contextlib.suppress(OSError):
            self.client.socket.shutdown(2)
        self.join(10)
        self.client.close()


def ask(home, method, parameters=None, **fields):
    return Asked(home, method, {**(parameters or {}), **fields})


def at_once(begin, tries=5):
    """The first of several calls that is answered at once: a busy machine delays one or the other, never all."""
    seconds = []
    while len(seconds) < tries:
        asked = begin().ended()
        if asked.seconds <= AT_ONCE:
            return asked
        seconds.append(asked.seconds)
    raise AssertionError(f"{asked.method} {asked.parameters}: {seconds} s, and never at once: {asked.error}")


def warm_p50(home, n=1000, rounds=5):
    """Median seconds of so many requests for credentials that are there already, in the quietest of some rounds: what
    else the machine does takes a moment of its own. Client and daemon share a processor meanwhile: whether the kernel
    puts them on one or on two makes more of a difference than anything that is to be seen here."""
    ours, daemon = os.sched_getaffinity(0), home.daemon_pid()
    theirs = os.sched_getaffinity(daemon)
    try:
        for pid in (0, daemon):
            os.sched_setaffinity(pid, {min(ours)})
        return min(warm_median(home, n) for _ in range(rounds))
    finally:
        os.sched_setaffinity(0, ours)
        os.sched_setaffinity(daemon, theirs)


def warm_median(home, n):
    times = []
    with home.client() as client:
        for _ in range(n):
            began = time.perf_counter()
            client.call("GetCredentials", TARGET)
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def login(home, session="corp", **fields):
    return Asked(home, "Login", {"session": session, **fields}, more=True)


def sign_in(home, session="corp", user="alice", **fields):
    """A whole sign-in, approved by that person; its last reply."""
    asked = login(home, session, **fields)
    home.practice.approve(asked.until_stage("waiting")["code"], user)
    return asked.reply()


def get(home, target=None, **fields):
    """GetCredentials to its end."""
    return ask(home, "GetCredentials", {**TARGET, **(target or {}), **fields})


def session_of(home, name="corp"):
    """What Status says of that session."""
    return next(session for session in home.call("Status")["sessions"] if session["name"] == name)


def until_state(home, state, timeout=10, session="corp"):
    return wait_for(lambda: session_of(home, session)["state"] == state, timeout,
                    lambda: f"not {state}: {session_of(home, session)}", pause=0.03)


def until_count(practice, operation, count, timeout=10):
    return wait_for(lambda: practice.count(operation) >= count, timeout,
                    lambda: f"not {count} times {operation}, but {practice.count(operation)}", pause=0.03)


def gaps(practice, *operations):
    """Seconds between requests of these operations, as the server saw them."""
    times = sorted(request["time"] for operation in operations for request in practice.requests(operation))
    return [after - before for before, after in zip(times, times[1:])]


def whoami(home, session="corp", **target):
    """The ARN that STS sees."""
    reply = home.call("Call", target={**TARGET, "session": session, **target}, service="sts",
                      operation="GetCallerIdentity", body="")
    return json.loads(reply["body"])["Arn"]


class Relay(threading.Thread):
    """One service behind an address of its own: bytes to and from a port of this machine, until it is cut off."""

    def __init__(self, target, port=0):
        super().__init__(daemon=True)
        self.target, self.selector = target, selectors.DefaultSelector()
        self.peers, self.is_up, self.is_silent = {}, True, False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_up:
            self.cut()

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def run(self):
        while self.is_up:
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.peers and not self.is_silent:
                    self.pass_on(key.fileobj)
            time.sleep(0.02 if self.is_silent else 0)

    def accept(self):
        with contextlib.suppress(OSError):
            near = self.listener.accept()[0]
            far = socket.create_connection(("127.0.0.1", self.target))
            self.peers.update({near: far, far: near})
            for one in (near, far):
                self.selector.register(one, selectors.EVENT_READ)

    def pass_on(self, source):
        data = b""
        with contextlib.suppress(OSError):
            data = source.recv(65536)
            if data:
                self.peers[source].sendall(data)
                return
        self.end(source)

    def end(self, one):
        for peer in (one, self.peers.pop(one)):
            self.peers.pop(peer, None)
            self.selector.unregister(peer)
            peer.close()

    def cut(self):
        """From now on connections are refused, and those that were open are gone; Relay(target, port) mends it."""
        self.is_up = False
        self.join()
        for one in list(self.peers):
            if one in self.peers:
                self.end(one)
        self.selector.unregister(self.listener)
        self.listener.close()

    def silence(self, on=True):
        """Connections are taken, and nothing is passed on: a network that swallows everything."""
        self.is_silent = on
