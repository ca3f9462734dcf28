"""iamicd as a process: how it starts, what it is allowed, one for each store, and how it leaves."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

import varlink
from home import wait_for

ACCOUNT, ROLE = "012345678901", "Billing"
CREDENTIALS = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounts, or becomes another uid")


@pytest.fixture
def corp(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    return home


def leave(daemon, number=signal.SIGTERM, timeout=5):
    """Asks it to leave; (exit status, seconds)."""
    began = time.monotonic()
    daemon.send_signal(number)
    return daemon.finish(timeout).status, time.monotonic() - began


def status_of(pid, field):
    """A line of /proc/PID/status."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{field}:\s+(.*)$", text, re.MULTILINE)[1]


def switches(pid):
    """How often the threads of a process have gone to sleep so far."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)[1])
    return total


# Options.

@pytest.mark.quick
def test_help_and_version(bare_home):
    helped = bare_home.run("iamicd", "--help")
    assert helped.status == 0 and "--replace" in helped.out and not helped.err
    assert re.fullmatch(r"iamic \d+\.\d+\.\d+\n", bare_home.run("iamicd", "--version").out)


@pytest.mark.parametrize("words", [["--nonsense"], ["-x"], ["more"], ["--replace=yes"], ["--", "x"], [""]])
def test_wrong_usage_is_2_and_one_line_that_names_it(bare_home, words):
    result = bare_home.run("iamicd", *words)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1), result
    assert result.err.startswith("iamicd: ") and words[-1] in result.err and "iamicd --help" in result.err


# What the process is made to be.

@pytest.mark.quick
def test_no_core_no_dump_no_new_privileges(bare_home):
    daemon = bare_home.start_daemon()
    assert status_of(daemon.pid, "NoNewPrivs") == "1"
    limits = pathlib.Path(f"/proc/{daemon.pid}/limits").read_text()
    assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.MULTILINE)


@needs_root
def test_what_is_not_dumpable_belongs_to_root(bare_home):
    """The kernel gives /proc/PID of a process that must not be dumped to root: PR_SET_DUMPABLE can be seen there."""
    give_away(bare_home)
    daemon = start_as_nobody(bare_home)
    assert os.stat(f"/proc/{daemon.pid}/mem").st_uid == 0
    assert status_of(daemon.pid, "Uid").split()[0] == "65534"
    assert leave(daemon)[0] == 0


def give_away(home):
    for path in [home.base, *home.base.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)


NOBODY = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def start_as_nobody(home, *wrapper, env=None):
    daemon = home.spawn(*NOBODY, *wrapper, home.program("iamicd"), env=env)
    wait_for(lambda: home.socket.exists() or daemon.poll() is not None, 10, lambda: f"no socket: {daemon.err}")
    assert daemon.poll() is None, daemon.err
    return daemon


def test_unwanted_variables_do_nothing(corp, practice):
    """libcurl would write the secrets of TLS to SSLKEYLOGFILE."""
    log = corp.path / "keys"
    daemon = corp.start_daemon(env={"SSLKEYLOGFILE": log, "OPENSSL_CONF": "/nonexistent", "OPENSSL_MODULES": "/nonexistent",
                                    "HOSTALIASES": "/nonexistent", "RES_OPTIONS": "attempts:9",
                                    "MALLOC_PERTURB_": "1"})
    practice.auto_approve()
    assert corp.call("Login", session="corp")["stage"] == "done"
    assert not log.exists()
    assert daemon.poll() is None


def test_what_it_makes_is_private(corp):
    corp.start_daemon(preexec_fn=lambda: os.umask(0))
    for path, mode in ((corp.socket.parent, 0o700), (corp.socket, 0o600), (corp.path / ".local/state/iamic", 0o700),
                       (corp.path / ".local/state/iamic/lock", 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_memory_only_leaves_nothing_but_the_lock(corp, practice):
    corp.write_config("store = memory\n")
    before = files(corp)
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    corp.call("GetCredentials", CREDENTIALS)
    assert leave(daemon)[0] == 0
    assert files(corp) - before == {".local/state/iamic/lock"}


def files(home):
    return {str(path.relative_to(home.path)) for path in home.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_closed_standard_descriptors_do_no_harm(corp, practice, closed):
    daemon = corp.spawn("/bin/sh", "-c", f'exec "$0" {closed}', corp.program("iamicd"))
    wait_for(corp.socket.exists, 10, lambda: f"no socket: {daemon.err}")
    practice.auto_approve()
    assert corp.call("Login", session="corp")["stage"] == "done"
    for number, what in enumerate(("<&-", ">&-", "2>&-")):
        target = os.readlink(f"/proc/{daemon.pid}/fd/{number}")
        assert (target == "/dev/null") == (what in closed.split() or number == 0), (number, target)
    assert leave(daemon)[0] == 0


def test_signals_that_the_starter_ignored_or_blocked_still_end_it(bare_home):
    def bad_start():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    assert leave(bare_home.start_daemon(preexec_fn=bad_start))[0] == 0
    assert leave(bare_home.start_daemon(preexec_fn=bad_start), signal.SIGINT)[0] == 0


def test_a_pipe_that_nobody_reads_does_not_end_it(bare_home):
    """Its log may go to a program that has ended."""
    reader, writer = os.pipe()
    daemon = subprocess.Popen([bare_home.program("iamicd")], env=bare_home.with_env(), stdin=subprocess.DEVNULL,
                              stdout=writer, stderr=writer)
    os.close(writer)
    wait_for(bare_home.socket.exists, 10, lambda: "no socket")
    os.close(reader)
    for _ in range(3):
        with bare_home.client() as client:
            client.send_raw(b"garbage\0")
            with pytest.raises(varlink.VarlinkError):
                client.reply("Status")
    assert bare_home.call("Status")["pid"] == daemon.pid
    daemon.terminate()
    assert daemon.wait(5) == 0


# Telling that it is ready.

@pytest.mark.quick
def test_ready_is_said_when_the_socket_takes_connections_and_stopping_when_it_leaves(bare_home):
    path = bare_home.base / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(10)
        daemon = bare_home.spawn("iamicd", env={"NOTIFY_SOCKET": path})
        assert b"READY=1" in notify.recv(4096).split(b"\n")
        bare_home.call("Status")
        with bare_home.client():
            daemon.terminate()
            assert b"STOPPING=1" in notify.recv(4096).split(b"\n")
        assert daemon.finish().status == 0


def test_an_abstract_notify_socket_works_too(bare_home):
    name = f"@iamic-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("\0" + name[1:])
        notify.settimeout(10)
        bare_home.spawn("iamicd", env={"NOTIFY_SOCKET": name})
        assert b"READY=1" in notify.recv(4096).split(b"\n")


def start_with_pipe(home, *options, env=None):
    """iamicd whose stderr is a pipe, and the pipe's other end."""
    reader, writer = os.pipe()
    daemon = subprocess.Popen([home.program("iamicd"), *options], env=home.with_env(env), stdin=subprocess.DEVNULL,
                              stdout=writer, stderr=writer)
    os.close(writer)
    return daemon, reader


def read_to_end(reader, timeout=10):
    """What came through a pipe until its end, or None if that does not come in time."""
    found = []
    thread = threading.Thread(target=lambda: found.append(os.fdopen(reader, "rb").read()), daemon=True)
    thread.start()
    thread.join(timeout)
    return found[0].decode() if found else None


@pytest.mark.quick
def test_started_by_a_client_it_lets_go_of_the_pipe_when_it_is_ready(bare_home):
    daemon, reader = start_with_pipe(bare_home, "--started-by-client")
    assert read_to_end(reader) is not None
    assert bare_home.call("Status")["pid"] == daemon.pid
    assert {os.readlink(f"/proc/{daemon.pid}/fd/{n}") for n in range(3)} == {"/dev/null"}
    daemon.terminate()
    assert daemon.wait(5) == 0


def test_started_by_hand_it_keeps_its_log(bare_home):
    daemon, reader = start_with_pipe(bare_home)
    wait_for(bare_home.socket.exists, 10, lambda: "no socket")
    daemon.terminate()
    assert daemon.wait(5) == 0
    assert "leaving" in read_to_end(reader)


# A socket from systemd.

LISTEN = 'LISTEN_PID=$$ LISTEN_FDS=%d exec "$0" "$@"'


@contextlib.contextmanager
def listening(path, kind=socket.SOCK_STREAM, backlog=64):
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(str(path))
        if kind == socket.SOCK_STREAM and backlog:
            listener.listen(backlog)
        yield listener


def inherit(home, *sockets, options=(), count=None, **spawn):
    """iamicd with these sockets as descriptors 3, 4, …"""
    def put_in_place():
        for number, one in enumerate(sockets):
            os.dup2(one.fileno(), 3 + number, inheritable=True)
    script = LISTEN % (len(sockets) if count is None else count)
    return home.spawn("/bin/sh", "-c", script, home.program("iamicd"), *options, preexec_fn=put_in_place,
                      pass_fds=range(3, 3 + len(sockets)), **spawn)


@pytest.mark.quick
def test_a_socket_from_systemd_is_used_and_stays_when_iamicd_leaves(corp):
    path = corp.base / "given"
    with listening(path) as listener, varlink.Client(path) as early:
        early.send("Status")
        daemon = inherit(corp, listener)
        status = early.reply("Status")
        assert (status["pid"], status["socket"]) == (daemon.pid, str(path))
        assert not corp.socket.exists()
        early.close()
        assert leave(daemon)[0] == 0
        assert path.exists()
        with varlink.Client(path) as late:
            late.send("Status")
            again = inherit(corp, listener)
            assert late.reply("Status")["pid"] == again.pid


def test_a_given_socket_that_blocks_does_not_hold_up_the_daemon(corp):
    path = corp.base / "given"
    with listening(path) as listener:
        listener.setblocking(True)
        inherit(corp, listener)
        for _ in range(3):
            with varlink.Client(path) as client:
                client.call("Status")
        with varlink.Client(path) as silent, varlink.Client(path) as other:
            other.call("Status")
            silent.call("Status")


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd is not here")
def test_socket_activation_starts_it_with_the_first_request(corp):
    path = corp.base / "given"
    activator = corp.spawn("/usr/bin/systemd-socket-activate", "-l", path, corp.program("iamicd"))
    wait_for(path.exists, 10, lambda: f"no socket: {activator.err}")
    with varlink.Client(path) as client:
        assert client.call("Status")["pid"] == activator.pid
    assert leave(activator)[0] == 0


def test_sockets_that_cannot_be_used_are_refused(corp):
    first, second = corp.base / "first", corp.base / "second"
    with listening(first) as one, listening(second) as two:
        result = inherit(corp, one, two).finish()
        assert result.status == 7 and "one listening stream socket" in result.err, result
    datagram, silent = corp.base / "datagram", corp.base / "silent"
    with listening(datagram, socket.SOCK_DGRAM) as one, listening(silent, backlog=0) as two:
        for wrong in (one, two):
            result = inherit(corp, wrong).finish()
            assert result.status == 7 and "one listening stream socket" in result.err, result
    with socket.create_server(("127.0.0.1", 0)) as internet:
        result = inherit(corp, internet).finish()
        assert result.status == 7 and "one listening stream socket" in result.err, result
    with open(corp.base / "file", "wb") as file:
        result = inherit(corp, file).finish()
        assert result.status == 7, result
    result = inherit(corp, count=1).finish()
    assert result.status == 7, result


def test_what_was_meant_for_another_process_is_left_alone(corp):
    corp.start_daemon(env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert corp.call("Status")["socket"] == str(corp.socket)


def test_with_a_socket_from_systemd_it_takes_over(corp):
    old = corp.start_daemon()
    path = corp.base / "given"
    with listening(path) as listener, varlink.Client(path) as client:
        client.send("Status")
        new = inherit(corp, listener)
        assert client.reply("Status")["pid"] == new.pid
        assert old.finish().status == 0
        assert not corp.socket.exists()


# One for each store.

def test_a_second_one_ends_with_0_and_says_where_the_first_is(corp):
    first = corp.start_daemon()
    second = corp.run("iamicd", timeout=5)
    assert (second.status, second.out) == (0, ""), second
    assert second.err == f"iamicd: already running: pid {first.pid}, socket {corp.socket}\n"
    assert second.seconds < 2.5
    third = corp.run("iamicd", env={"XDG_RUNTIME_DIR": None, "IAMIC_SOCKET": corp.base / "other"}, timeout=5)
    assert (third.status, str(corp.socket) in third.err) == (0, True), "the store counts, not the socket"
    assert not (corp.base / "other").exists()
    assert corp.call("Status")["pid"] == first.pid


def test_of_many_at_once_one_remains(corp):
    crowd = [corp.spawn("iamicd") for _ in range(12)]
    wait_for(lambda: sum(one.poll() is None for one in crowd) == 1, 15,
             lambda: f"{[one.poll() for one in crowd]} {[one.err for one in crowd]}")
    assert {one.poll() for one in crowd} == {None, 0}
    remaining, = (one for one in crowd if one.poll() is None)
    assert corp.call("Status")["pid"] == remaining.pid


def test_another_store_is_another_daemon(corp):
    corp.start_daemon()
    other = corp.base / "other"
    corp.start_daemon(env={"XDG_STATE_HOME": corp.base / "state", "IAMIC_SOCKET": other})
    assert corp.call("Status")["pid"] != varlink.peer_pid(other)


def test_what_a_killed_one_leaves_stops_nobody(corp):
    first = corp.start_daemon()
    first.kill()
    first.wait()
    assert corp.socket.exists()
    began = time.monotonic()
    second = corp.start_daemon()
    assert time.monotonic() - began < 1
    assert corp.call("Status")["pid"] == second.pid


def lock_of(home):
    return home.path / ".local/state/iamic/lock"


@pytest.mark.parametrize("text", ["", "garbage", "\n\n\n\n", "host\nboot\nNaN\n/x\n", "a\nb\n-1\n/x\n", "x" * 100000,
                                  f"{'h' * 300}\nboot\n1\n/x\n", f"host\nboot\n1\n/{'p' * 400}\n", "\0\0\0\0"])
def test_a_lock_file_that_nobody_holds_says_nothing(corp, text):
    corp.write(".local/state/iamic/lock", text)
    assert corp.start_daemon().pid == corp.call("Status")["pid"]
    second = corp.run("iamicd", timeout=5)
    assert second.status == 0 and str(corp.socket) in second.err


@pytest.mark.parametrize("text", ["", "garbage", "a\nb\n-1\n/x\n", "x" * 5000])
def test_a_lock_that_is_held_and_does_not_say_by_whom_is_an_error(corp, text):
    corp.start_daemon()
    lock_of(corp).write_text(text)
    for option in ([], ["--replace"]) if not text else ([],):
        result = corp.run("iamicd", *option, timeout=15)
        assert result.status == 5 and "does not say which" in result.err, result


def test_a_lock_that_another_host_holds_is_unavailable_and_names_it(corp):
    daemon = corp.start_daemon()
    lines = lock_of(corp).read_text().splitlines()
    assert (lines[0], int(lines[2]), lines[3]) == (os.uname().nodename, daemon.pid, str(corp.socket))
    lock_of(corp).write_text("\n".join(["elsewhere.example", *lines[1:]]) + "\n")
    result = corp.run("iamicd", timeout=5)
    assert result.status == 5 and "'elsewhere.example'" in result.err, result
    replaced = corp.run("iamicd", "--replace", timeout=15)
    assert replaced.status == 5 and "'elsewhere.example'" in replaced.err, replaced
    assert corp.call("Status")["pid"] == daemon.pid, "a process of this machine was not meant"


def test_a_lock_of_this_machine_before_it_was_booted_anew_is_another_machines(corp):
    """A home on the network: the same name and another boot id is another machine, or a clone."""
    corp.start_daemon()
    lines = lock_of(corp).read_text().splitlines()
    lines[1] = "00000000-0000-0000-0000-000000000000"
    lock_of(corp).write_text("\n".join(lines) + "\n")
    result = corp.run("iamicd", timeout=5)
    assert result.status == 5 and f"'{lines[0]}'" in result.err, result


def test_the_one_that_waits_for_a_leaving_one_takes_its_place(corp, practice):
    first = corp.start_daemon()
    practice.fault("RegisterClient", "delay", seconds=0.5)
    with corp.client() as client:
        client.send("Login", {"session": "corp"})
        time.sleep(0.1)
        first.terminate()
        threading.Timer(0.4, client.close).start()
        second = corp.start_daemon()
        assert first.finish().status == 0
        assert corp.call("Status")["pid"] == second.pid


@pytest.mark.quick
def test_replace_takes_over_and_the_first_finishes_what_it_has_begun(corp, practice):
    first = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.fault("ListAccounts", "delay", seconds=1)
    with corp.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts") == 2, 5, lambda: "no request")
        second = corp.start_daemon("--replace")
        assert client.reply("ListAccounts")["accounts"]
    assert first.finish().status == 0
    assert corp.call("Status")["pid"] == second.pid
    assert corp.socket.exists()


def test_replace_without_anyone_to_replace_just_starts(corp):
    assert corp.start_daemon("--replace").pid == corp.call("Status")["pid"]


def test_replaced_again_and_again_one_remains(corp):
    daemons = [corp.start_daemon("--replace") for _ in range(5)]
    assert [daemon.finish().status for daemon in daemons[:-1]] == [0] * 4
    assert corp.call("Status")["pid"] == daemons[-1].pid


def test_replace_never_ends_a_process_that_is_no_iamicd(corp):
    """The note may be old, or written in another container: its pid is somebody else's here."""
    daemon = corp.start_daemon()
    victim = corp.spawn("/bin/sleep", "60")
    lines = lock_of(corp).read_text().splitlines()
    lines[2] = str(victim.pid)
    lock_of(corp).write_text("\n".join(lines) + "\n")
    result = corp.run("iamicd", "--replace", timeout=15)
    assert result.status == 5, result
    assert victim.poll() is None
    victim.kill()
    assert corp.call("Status")["pid"] == daemon.pid


def test_one_that_cannot_see_the_boot_id_is_told_from_others_by_its_host(corp):
    """The strict unit hides all of /proc but processes."""
    daemon = corp.start_daemon()
    lines = lock_of(corp).read_text().splitlines()
    lock_of(corp).write_text("\n".join([lines[0], "-", *lines[2:]]) + "\n")
    result = corp.run("iamicd", timeout=5)
    assert (result.status, f"pid {daemon.pid}" in result.err) == (0, True), result


@needs_root
def test_without_a_boot_id_it_still_says_who_it_is(corp):
    hide = 'mount -t tmpfs none /proc/sys/kernel/random && exec "$0" "$@"'
    daemon = corp.spawn("/usr/bin/unshare", "--mount", "/bin/sh", "-c", hide, corp.program("iamicd"))
    wait_for(corp.socket.exists, 10, lambda: f"no socket: {daemon.err}")
    result = corp.run("iamicd", timeout=5)
    assert (result.status, f"pid {daemon.pid}" in result.err) == (0, True), result


# Leaving.

@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_0_and_without_a_socket(bare_home, number):
    daemon = bare_home.start_daemon()
    with bare_home.client(), bare_home.client() as used:
        used.call("Status")
        status, seconds = leave(daemon, number)
    assert (status, seconds < 0.5) == (0, True)
    assert not bare_home.socket.exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
def test_other_signals_do_nothing(bare_home, number):
    daemon = bare_home.start_daemon()
    daemon.send_signal(number)
    time.sleep(0.1)
    assert bare_home.call("Status")["pid"] == daemon.pid


def test_open_calls_are_answered_before_it_leaves(corp, practice):
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.fault("GetRoleCredentials", "delay", seconds=1)
    before = practice.count("GetRoleCredentials")
    with corp.client() as client:
        client.send("GetCredentials", CREDENTIALS)
        wait_for(lambda: practice.count("GetRoleCredentials") > before, 5, lambda: "no request")
        daemon.terminate()
        assert client.reply("GetCredentials")["AccountId"] == ACCOUNT
    assert daemon.finish(2).status == 0


def test_a_large_reply_is_taken_whole_before_it_leaves(corp, practice):
    accounts = [{"accountId": f"{n:012}", "accountName": "n" * 200, "emailAddress": f"{'e' * 200}@example.com",
                 "roles": ["A"]} for n in range(1, 1501)]
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.set(accounts=accounts)
    with corp.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts") >= 16, 10, lambda: "not listed")
        time.sleep(0.3)
        daemon.terminate()
        time.sleep(0.3)
        assert len(client.reply("ListAccounts")["accounts"]) == 1500
    assert daemon.finish(2).status == 0


def test_calls_that_do_not_end_are_ended_after_three_seconds(corp, practice):
    daemon = corp.start_daemon()
    with corp.client() as client:
        client.send("Login", {"session": "corp"}, more=True)
        practice.wait_pending()
        status, seconds = leave(daemon)
        assert (status, 2.5 < seconds < 4) == (0, True)
        with pytest.raises(varlink.Closed):
            while True:
                client.receive_raw()


def test_a_second_signal_changes_nothing(corp, practice):
    daemon = corp.start_daemon()
    with corp.client() as client:
        client.send("Login", {"session": "corp"}, more=True)
        practice.wait_pending()
        daemon.terminate()
        time.sleep(0.2)
        status, seconds = leave(daemon)
        assert (status, seconds < 4) == (0, True)


def test_who_has_connected_and_asked_before_it_leaves_is_answered(bare_home):
    """Stopped for a moment, so that requests and the signal wait together."""
    daemon = bare_home.start_daemon()
    with contextlib.ExitStack() as stack:
        early = [stack.enter_context(bare_home.client()) for _ in range(5)]
        early[0].call("Status")
        daemon.send_signal(signal.SIGSTOP)
        late = [stack.enter_context(bare_home.client()) for _ in range(50)]
        for client in early + late:
            client.send("Status")
        daemon.terminate()
        daemon.send_signal(signal.SIGCONT)
        for client in early + late:
            assert client.reply("Status")["pid"] == daemon.pid
    assert daemon.finish(2).status == 0


def test_who_comes_while_it_leaves_finds_no_socket(corp, practice):
    """And starts another one, which waits for its turn."""
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.fault("ListAccounts", "delay", seconds=0.6)
    with corp.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts") == 2, 5, lambda: "no request")
        daemon.terminate()
        wait_for(lambda: not corp.socket.exists(), 1, lambda: "the socket is there")
        status = json.loads(corp.iamic("status", "--json").out)
        assert client.reply("ListAccounts")["accounts"]
    assert (status["pid"] != daemon.pid, daemon.finish().status) == (True, 0)


def test_no_new_request_is_begun_while_it_leaves(corp, practice):
    """What was sent ahead is not answered: the connection ends, and the client can ask the next daemon."""
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.fault("ListAccounts", "delay", seconds=1)
    with corp.client() as client, corp.client() as idle:
        client.send("ListAccounts")
        client.send("Status")
        wait_for(lambda: practice.count("ListAccounts") == 2, 5, lambda: "no request")
        daemon.terminate()
        with pytest.raises((varlink.Closed, BrokenPipeError)):
            idle.receive_raw()
        client.reply("ListAccounts")
        with pytest.raises(varlink.Closed):
            client.reply("Status")
    assert daemon.finish(2).status == 0


def test_it_leaves_in_time_while_a_tls_handshake_hangs(bare_home):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        stuck_login(bare_home, silent, env={"AWS_ENDPOINT_URL": url})


def stuck_login(home, silent, env, wrapper=()):
    """A sign-in whose first request got as far as `silent`, and a daemon that is asked to leave just then."""
    home.write_aws_config("[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n")
    daemon = home.spawn(*wrapper, home.program("iamicd"), env=env)
    wait_for(home.socket.exists, 10, lambda: f"no socket: {daemon.err}")
    silent.settimeout(10)
    with home.client() as client:
        client.send("Login", {"session": "corp"}, more=True)
        kept = silent.accept() if silent.type == socket.SOCK_STREAM else silent.recv(4096)
        began = time.monotonic()
        home.call("Status")
        assert kept and time.monotonic() - began < 0.5
        status, seconds = leave(daemon)
        assert (status, seconds < 4) == (0, True)


@needs_root
def test_it_leaves_in_time_while_a_name_server_is_silent(bare_home):
    resolv = bare_home.write("resolv.conf", "nameserver 127.41.0.53\n", mode=0o644)
    script = f'mount --bind {resolv} /etc/resolv.conf && exec "$0"'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.41.0.53", 53))
        stuck_login(bare_home, silent, env={}, wrapper=("/usr/bin/unshare", "--mount", "/bin/sh", "-c", script))


# The socket's path.

def test_when_its_socket_is_removed_it_leaves(corp):
    daemon = corp.start_daemon()
    corp.socket.unlink()
    assert daemon.finish(2).status == 0


def test_when_its_socket_is_replaced_it_leaves_and_the_new_one_stays(corp):
    daemon = corp.start_daemon()
    fresh = corp.socket.with_name("fresh")
    with listening(fresh):
        fresh.rename(corp.socket)
        assert daemon.finish(2).status == 0
        assert corp.socket.exists()


def test_when_its_folder_is_removed_or_moved_it_leaves(corp):
    daemon = corp.start_daemon()
    shutil.rmtree(corp.socket.parent)
    assert daemon.finish(2).status == 0
    daemon = corp.start_daemon()
    corp.socket.parent.rename(corp.runtime / "moved")
    assert daemon.finish(2).status == 0


def test_other_files_beside_its_socket_are_nothing_to_it(corp):
    daemon = corp.start_daemon()
    for n in range(20):
        other = corp.socket.with_name(f"other-{n}")
        other.write_text("x")
        other.rename(corp.socket.with_name("again"))
    corp.socket.with_name("again").unlink()
    assert corp.call("Status")["pid"] == daemon.pid


def test_one_whose_socket_is_gone_finishes_what_it_has_begun(corp, practice):
    daemon = corp.start_daemon()
    practice.auto_approve()
    corp.call("Login", session="corp")
    practice.fault("ListAccounts", "delay", seconds=1)
    with corp.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: practice.count("ListAccounts") == 2, 5, lambda: "no request")
        corp.socket.unlink()
        second = corp.start_daemon("--replace")
        assert client.reply("ListAccounts")["accounts"]
    assert daemon.finish(2).status == 0
    assert corp.call("Status")["pid"] == second.pid


def test_a_socket_that_a_dead_daemon_left_is_replaced(corp):
    corp.socket.parent.mkdir(mode=0o700)
    with listening(corp.socket):
        pass
    corp.start_daemon()
    corp.call("Status")


# Folders that are not as they should be.

def starts_not(home, status, *words, env=None):
    """iamicd ends with that status and one line in which these words stand."""
    result = home.run("iamicd", env=env, timeout=5)
    lines = result.err.splitlines()
    assert (result.status, result.out, len(lines)) == (status, "", 1), result
    for word in words:
        assert str(word) in lines[0], result
    return result


def test_a_runtime_folder_that_is_a_link_or_open_to_others_is_refused(bare_home):
    folder = bare_home.socket.parent
    elsewhere = bare_home.base / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    starts_not(bare_home, 7, folder, "symbolic link")
    assert not list(elsewhere.iterdir())
    folder.unlink()
    folder.mkdir(mode=0o700)
    for mode in (0o770, 0o702, 0o777):
        folder.chmod(mode)
        starts_not(bare_home, 7, folder, "chmod 700")
    folder.rmdir()
    folder.write_text("not a folder")
    starts_not(bare_home, 7, folder, "not a directory")
    folder.unlink()
    bare_home.start_daemon()


def test_a_state_folder_that_is_a_link_or_open_to_others_is_refused(bare_home):
    folder = bare_home.path / ".local/state/iamic"
    elsewhere = bare_home.base / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere)
    starts_not(bare_home, 7, folder, "symbolic link")
    folder.unlink()
    folder.mkdir(mode=0o770)
    folder.chmod(0o770)
    starts_not(bare_home, 7, folder, "chmod 700")


@needs_root
def test_folders_of_others_are_refused(bare_home):
    folder = bare_home.socket.parent
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    starts_not(bare_home, 7, folder, "65534")


def test_without_a_home_there_is_nowhere_to_be(bare_home):
    starts_not(bare_home, 7, "HOME", env={"HOME": None})
    starts_not(bare_home, 7, "HOME", env={"HOME": "relative"})
    starts_not(bare_home, 7, "HOME", env={"HOME": ""})


def test_a_socket_path_may_have_107_bytes(bare_home):
    room = 107 - len(str(bare_home.base)) - len("//iamic/socket")
    for n, fits in ((room, True), (room + 1, False)):
        folder = bare_home.base / ("r" * n)
        folder.mkdir(mode=0o700)
        env = {"XDG_RUNTIME_DIR": folder}
        if fits:
            daemon = bare_home.start_daemon(env=env)
            with varlink.Client(folder / "iamic/socket") as client:
                assert len(client.call("Status")["socket"]) == 107
            assert leave(daemon)[0] == 0
        else:
            starts_not(bare_home, 7, "107", env=env)
    starts_not(bare_home, 7, "107", "IAMIC_SOCKET", env={"IAMIC_SOCKET": "/" + "x" * 107})


def test_a_socket_where_none_can_be_made_is_an_error_that_names_it(bare_home):
    missing = bare_home.base / "missing/socket"
    starts_not(bare_home, 1, missing, env={"IAMIC_SOCKET": missing})
    starts_not(bare_home, 7, "IAMIC_SOCKET", env={"IAMIC_SOCKET": "socket"})
    folder = bare_home.base / "folder"
    folder.mkdir()
    starts_not(bare_home, 1, folder, env={"IAMIC_SOCKET": folder})


@needs_root
def test_with_a_read_only_state_folder_the_lock_lies_beside_the_socket(corp, practice):
    (corp.path / ".local/state").mkdir(parents=True)
    read_only = f'mount -t tmpfs -o ro none {corp.path}/.local/state && exec "$0" "$@"'
    wrapper = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", read_only, corp.program("iamicd")]
    corp.write_config("store = memory\n")
    daemon = corp.spawn(*wrapper)
    wait_for(corp.socket.exists, 10, lambda: f"no socket: {daemon.err}")
    assert corp.socket.with_name("lock").exists()
    assert daemon.err.count("the lock lies beside the socket") == 1
    practice.auto_approve()
    assert corp.call("Login", session="corp")["stage"] == "done"
    second = corp.spawn(*wrapper).finish(5)
    assert (second.status, f"pid {daemon.pid}" in second.err) == (0, True), second
    assert leave(daemon)[0] == 0


def test_a_state_folder_that_cannot_be_made_is_like_a_read_only_one(corp):
    """What should be a folder is a file."""
    corp.write(".local", "x")
    daemon = corp.start_daemon()
    assert corp.socket.with_name("lock").exists()
    assert "the lock lies beside the socket" in daemon.err


# What status says of the process.

def test_stale_is_a_daemon_whose_binary_was_replaced(corp):
    daemon = corp.start_daemon()
    assert corp.call("Status")["stale"] is False
    binary = corp.program("iamicd")
    fresh = binary.with_name("iamicd.fresh")
    shutil.copy2(binary, fresh)
    os.replace(fresh, binary)
    assert corp.call("Status")["stale"] is True
    assert "newer" in corp.iamic("status").out
    assert leave(daemon)[0] == 0
    corp.start_daemon()
    assert corp.call("Status")["stale"] is False


def test_network_settings_are_shown_without_users_and_passwords(corp):
    env = {"HTTPS_PROXY": "http://alice:hunter2@proxy.example:3128", "NO_PROXY": "localhost,.corp.example",
           "AWS_ENDPOINT_URL_STS": "https://bob:s%40cret@sts.example/path?x=1", "AWS_USE_FIPS_ENDPOINT": "true"}
    corp.start_daemon(env=env)
    result = corp.iamic("status", "--json")
    network = json.loads(result.out)["network"]
    assert network["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert network["AWS_ENDPOINT_URL_STS"] == "https://sts.example/path?x=1"
    assert (network["NO_PROXY"], network["AWS_USE_FIPS_ENDPOINT"]) == ("localhost,.corp.example", "true")
    assert network["AWS_CA_BUNDLE"] == str(corp.practice.ca)
    for word in ("alice", "hunter2", "bob", "cret@"):
        assert word not in result.out + result.err + corp.iamic("status").out


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are(bare_home):
    path = os.fsencode(bare_home.base) + b"/\xff\xfe"
    bare_home.start_daemon(env={"AWS_ENDPOINT_URL": os.fsdecode(b"https://example.com/\xff"),
                                "IAMIC_SOCKET": os.fsdecode(path)})
    with varlink.Client(os.fsdecode(path)) as client:
        status = client.call("Status")
    assert status["network"]["AWS_ENDPOINT_URL"] == "https://example.com/?"
    assert status["socket"] == f"{bare_home.base}/??"


# At rest.

@pytest.mark.parametrize("signed_in", [False, True])
def test_at_rest_it_sleeps(corp, practice, signed_in):
    daemon = corp.start_daemon()
    corp.call("Status")
    if signed_in:
        practice.auto_approve()
        corp.call("Login", session="corp")
        corp.call("GetCredentials", CREDENTIALS)
    with corp.client(), corp.client() as asked:
        asked.call("Status")
        time.sleep(0.5)
        before = switches(daemon.pid)
        time.sleep(3)
        assert switches(daemon.pid) == before


def test_idle_for_as_long_as_was_said_it_leaves(corp):
    corp.write_config("idle_exit = 2s\n")
    daemon = corp.start_daemon()
    began = time.monotonic()
    with corp.client() as silent:
        for _ in range(3):
            time.sleep(0.7)
            corp.call("Status")
        last = time.monotonic()
        assert daemon.finish(5).status == 0
        assert 1.8 < time.monotonic() - last < 3.5 and time.monotonic() - began > 3.5
        assert silent.socket.recv(1) == b""
    assert not corp.socket.exists()


def test_it_is_not_idle_while_a_call_is_open(corp, practice):
    corp.write_config("idle_exit = 1s\n")
    daemon = corp.start_daemon()
    with corp.client() as client:
        client.send("Login", {"session": "corp"})
        code = practice.wait_pending()
        time.sleep(2.5)
        assert daemon.poll() is None
        practice.approve(code)
        assert client.reply("Login")["stage"] == "done"
    assert daemon.finish(5).status == 0


def test_it_is_not_idle_while_a_sign_in_waits_for_its_person(corp, practice):
    """Whose terminal may be closed by now."""
    corp.write_config("idle_exit = 1s\n")
    daemon = corp.start_daemon()
    with corp.client() as client:
        client.send("Login", {"session": "corp"})
        code = practice.wait_pending()
    time.sleep(2.5)
    assert daemon.poll() is None
    practice.approve(code)
    assert daemon.finish(6).status == 0


def test_idle_exit_can_be_changed_while_it_runs(corp):
    corp.write_config("idle_exit = 1h\n")
    daemon = corp.start_daemon()
    corp.call("Status")
    corp.write_config("idle_exit = 1s\n")
    assert daemon.finish(5).status == 0
    daemon = corp.start_daemon()
    corp.write_config("idle_exit = 0\n")
    time.sleep(2)
    assert corp.call("Status")["pid"] == daemon.pid
