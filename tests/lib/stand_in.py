"""Stand-ins: a server that speaks for the daemon in this process, and an `iamicd` in a bindir of a test's own."""
import json
import os
import pathlib
import socket
import stat
import threading
import time

CREDENTIALS = {
    "Version": 1, "AccessKeyId": "ASIASTANDIN", "SecretAccessKey": "secret/of+the=stand-in",
    "SessionToken": "token/of+the=stand-in", "Expiration": "2026-01-31T12:00:00Z", "AccountId": "123456789012",
}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def reply(parameters, **fields):
    return compact({"parameters": parameters, **fields}) + b"\0"


def error(name, **parameters):
    return compact({"error": f"io.iamic.Agent.{name}", "parameters": parameters}) + b"\0"


# How the bytes of a message reach the other side: as pieces with a pause between them.

def byte_by_byte(message):
    return [message[i:i + 1] for i in range(len(message))]


def two_in_one_write(message):
    return [message + error("Internal", message="this is for nobody")]


def one_and_a_half(message):
    other = error("Internal", message="this is for nobody")
    return [message + other[:len(other) // 2], other[len(other) // 2:]]


def halves(message):
    return [message[:len(message) // 2], message[len(message) // 2:]]


CUTS = [byte_by_byte, two_in_one_write, one_and_a_half, halves]


class StandIn:
    """Answers every request on a socket with the next of the answers, the last one again and again.

    An answer is a list of pieces; None among them closes the connection, which else stays open.
    """

    def __init__(self, path, *answers, pause=0.0005):
        self.answers, self.pause = list(answers), pause
        self.requests, self.connections = [], 0
        self.path = path = pathlib.Path(path)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(4096)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.path.unlink(missing_ok=True)

    def _accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            received = b""
            try:
                while chunk := connection.recv(65536):
                    received += chunk
                    while b"\0" in received:
                        request, _, received = received.partition(b"\0")
                        self.requests.append(json.loads(request))
                        if not self._answer(connection):
                            return
            except OSError:
                return

    def _answer(self, connection):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for piece in answer:
            if piece is None:
                return False
            connection.sendall(piece)
            time.sleep(self.pause)
        return True


class Bindir:
    """A folder with an `iamicd` of the test's, and a shim that takes it for the bindir it was built with.

    A client starts the daemon of its compiled-in bindir only; so this shim is the installed one with that path
    written over, slashes making up for the length.
    """

    SHIM = "iamic-credential-process"

    def __init__(self, home):
        self.home, self.folder, self.started = home, home.base / "bin", home.base / "started"
        self.folder.mkdir()
        built_with = f"{home.prefix}/bin/iamicd"
        slashes = len(built_with) - len(f"{self.folder}iamicd")
        assert slashes > 0, f"the prefix {home.prefix} is too short for this test"
        self.iamicd = f"{self.folder}{'/' * slashes}iamicd"
        built = (home.prefix / "bin" / self.SHIM).read_bytes()
        assert built.count(built_with.encode() + b"\0"), "the shim does not name its bindir's iamicd"
        self.shim = self.folder / self.SHIM
        self.shim.write_bytes(built.replace(built_with.encode(), self.iamicd.encode()))
        self.shim.chmod(0o755)

    def write(self, text):
        """The program; each start is counted before anything else is done. Python, with this module at hand."""
        lib = pathlib.Path(__file__).resolve().parent
        begin = f"""#!/usr/bin/python3 -IS
import os, sys, time, signal
with open({str(self.started)!r}, "a") as file: file.write("x")
def complain(text): os.write(2, b"iamicd: " + text.encode() + b"\\n")
sys.path.append({str(lib)!r})
"""
        self._put(begin + text)

    def write_shell(self, text):
        """The same in sh: it starts ten times as fast."""
        self._put(f"#!/bin/sh\nprintf x >>{self.started}\n{text}\n")

    def _put(self, text):
        path = self.folder / "iamicd"
        path.write_text(text)
        path.chmod(0o755)

    def starts(self):
        return len(self.started.read_text()) if self.started.exists() else 0

    def run(self, *words, **options):
        return self.home.run(self.shim, *words, **options)

    def release(self, n, *words, env=None):
        """n shims at the same moment: each waits on a pipe, which is then closed. Their results."""
        gate = self.folder / "gate" / self.SHIM
        gate.parent.mkdir(exist_ok=True)
        gate.write_text(f'#!/bin/sh\nread x\nexec {self.shim} "$@" </dev/null\n')
        gate.chmod(0o755)
        reader, writer = os.pipe()
        shims = [self.home.spawn(gate, *words, env=env, stdin=reader) for _ in range(n)]
        os.close(reader)
        began = time.monotonic()
        os.close(writer)
        for shim in shims:
            shim.began = began
        return [shim.finish(60) for shim in shims]


# What a stand-in iamicd does, for Bindir.write(): one that clients can start, as small as can be.
DAEMON = """
import stand_in
stand_in.be_daemon()
"""


def be_daemon(store_lock="store.lock"):
    """One per runtime folder: the second one names the first. Serves until SIGTERM."""
    import fcntl
    import signal
    import sys

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.umask(0o077)
    folder = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "iamic"
    lock = open(os.environ.get("STAND_IN_LOCK", folder / store_lock), "a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        os.write(2, f"iamicd: already running: {lock.read()}\n".encode())
        sys.exit(0)
    path = folder / "socket"
    lock.truncate(0)
    lock.write(f"pid {os.getpid()}, socket {path}")
    lock.flush()
    temporary = folder / f".{os.getpid()}"
    server = StandIn(temporary, [reply(CREDENTIALS)])
    temporary.rename(path)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    with server:
        while True:
            signal.pause()


def describe_process():
    """What the daemon got from the client: for the test that it is nothing but its environment."""
    import resource
    import signal

    def target(fd):
        try:
            return os.readlink(f"/proc/self/fd/{fd}")
        except FileNotFoundError:
            return None
    status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
    fds = {int(fd): target(fd) for fd in os.listdir("/proc/self/fd")}
    return {
        "environment": dict(os.environ), "cwd": os.getcwd(), "session": os.getsid(0), "pid": os.getpid(),
        "parent": os.getppid(), "fds": {fd: name for fd, name in fds.items() if name},
        "blocked": int(status["SigBlk"], 16),
        # Python ignores these two itself.
        "ignored": int(status["SigIgn"], 16) & ~(1 << (signal.SIGPIPE - 1)) & ~(1 << (signal.SIGXFSZ - 1)),
        "limits": {name: resource.getrlimit(getattr(resource, name))
                   for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_AS")},
    }


def is_socket(path):
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False
