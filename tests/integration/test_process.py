"""iamicd as a process: what it is made to be, how it tells that it is ready, where it lives, and how it rests."""
import json
import os
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
from home import comm, wait_for
from outside import leave, limits, listening, status_of, switches

ACCOUNT, ROLE = "012345678901", "Billing"
CREDENTIALS = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounts, or becomes another uid")


@pytest.fixture
def corp(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    return home


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


def test_the_option_that_was_meant_is_named(bare_home):
    assert bare_home.run("iamicd", "--relpace").err == (
        "iamicd: unknown option '--relpace', perhaps '--replace': see 'iamicd --help'\n")


# What the process is made to be.

@pytest.mark.quick
def test_no_core_no_dump_no_new_privileges(bare_home):
    daemon = bare_home.start_daemon()
    assert status_of(daemon.pid, "NoNewPrivs") == "1"
    assert limits(daemon.pid)["Max core file size"] == (0, 0)


@needs_root
def test_what_is_not_dumpable_belongs_to_root(bare_home):
    """The kernel gives /proc/PID of a process that must not be dumped to root: PR_SET_DUMPABLE can be seen there."""
    give_away(bare_home)
    daemon = start_as_nobody(bare_home)
    assert os.stat(f"/proc/{daemon.pid}/mem").st_uid == 0
    assert status_of(daemon.pid, "Uid").split()[0] == "65534"
    assert leave(daemon)[0] == 0


@needs_root
def test_the_command_line_is_not_dumpable_either(bare_home):
    """Passphrases and links pass through it. Here it waits for a daemon that does not answer."""
    give_away(bare_home)
    daemon = start_as_nobody(bare_home)
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        asking = bare_home.spawn(*NOBODY, bare_home.program("iamic"), "status")
        wait_for(lambda: comm(asking.pid) == "iamic", 10, lambda: "it does not start")
        wait_for(lambda: os.stat(f"/proc/{asking.pid}/mem").st_uid == 0, 3, lambda: "memory is its user's to read")
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert asking.finish().status == 0 and leave(daemon)[0] == 0


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
    nowhere = dict.fromkeys(("OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "HOSTALIASES"), "/nonexistent")
    daemon = corp.start_daemon(env={**nowhere, "SSLKEYLOGFILE": log, "RES_OPTIONS": "attempts:9",
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
    activator.until("Listening on", stream="err")  # its socket is there a moment before that
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
        time.sleep(1.5)  # who was given credentials is on disk by then
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
