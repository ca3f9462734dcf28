"""What can be seen of a daemon from outside: from the kernel, and from a connection without asking anything."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time


# A process.

def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def switches(pid):
    """How often the threads of a process have gone to sleep so far."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)[1])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def status_of(pid, field):
    """A line of /proc/PID/status."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{field}:\s+(.*)$", text, re.MULTILINE)[1]


def limits(pid):
    """{name: (soft, hard)} of /proc/PID/limits; numbers where there is one."""
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]:
        soft, hard = (int(word) if word.isdigit() else word for word in line[26:].split()[:2])
        found[line[:25].strip()] = (soft, hard)
    return found


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def first_free_descriptor(pid):
    """The number that the next one would get; as a limit it is one too few."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return next(number for number in range(len(used) + 1) if number not in used)


def set_descriptor_limit(pid, limit):
    subprocess.run(["prlimit", "--pid", str(pid), f"--nofile={limit}:"], check=True)


def leave(daemon, number=signal.SIGTERM, timeout=5):
    """Asks it to leave; (exit status, seconds)."""
    began = time.monotonic()
    daemon.send_signal(number)
    return daemon.finish(timeout).status, time.monotonic() - began


# A socket.

@contextlib.contextmanager
def listening(path, kind=socket.SOCK_STREAM, backlog=64):
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(str(path))
        if kind == socket.SOCK_STREAM and backlog:
            listener.listen(backlog)
        yield listener


def closed(client, timeout=5):
    """Whether the daemon closes the connection, after what it may still have said."""
    client.socket.settimeout(timeout)
    try:
        while client.socket.recv(65536):
            pass
        return True
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def is_open(client):
    """Whether the daemon still holds the connection, as far as can be seen now."""
    client.socket.setblocking(False)
    try:
        return client.socket.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
    finally:
        client.socket.setblocking(True)
