"""One daemon for each store: who is it, who takes over, and how it leaves."""
import contextlib
import json
import os
import shutil
import signal
import socket
import threading
import time

import pytest

import varlink
from home import wait_for
from outside import leave, listening

ACCOUNT, ROLE = "012345678901", "Billing"
CREDENTIALS = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounts")


@pytest.fixture
def corp(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    return home


def sign_in(home):
    home.practice.auto_approve()
    home.call("Login", session="corp")


@contextlib.contextmanager
def listing(home, seconds=1):
    """A client whose list is under way: AWS takes so long for its answer."""
    sign_in(home)
    before = home.practice.count("ListAccounts")
    home.practice.fault("ListAccounts", "delay", seconds=seconds)
    with home.client() as client:
        client.send("ListAccounts")
        wait_for(lambda: home.practice.count("ListAccounts") > before, 5, lambda: "no request")
        yield client


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
                                  f"{'h' * 300}\nboot\n1\n/x\n", f"host\nboot\n1\n/{'p' * 400}\n", "\0\0\0\0"],
                         ids=lambda text: f"{text[:4]!a} of {len(text)}")
def test_a_lock_file_that_nobody_holds_says_nothing(corp, text):
    corp.write(".local/state/iamic/lock", text)
    daemon = corp.start_daemon()
    assert corp.call("Status")["pid"] == daemon.pid
    assert lock_of(corp).read_text().splitlines()[2:] == [str(daemon.pid), str(corp.socket)]


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


@needs_root
def test_a_home_that_two_hosts_share_has_one_daemon_and_clients_hear_on_which(corp):
    """A uts namespace is as good as another host: the same home, another name."""
    elsewhere = corp.base / "run-elsewhere"
    elsewhere.mkdir(mode=0o700)
    daemon = corp.spawn("/usr/bin/unshare", "--uts", "/bin/sh", "-c", 'hostname elsewhere && exec "$0"',
                        corp.program("iamicd"), env={"XDG_RUNTIME_DIR": elsewhere})
    wait_for((elsewhere / "iamic/socket").exists, 10, lambda: f"no socket: {daemon.err}")
    for words in (("iamic-credential-process", "--profile", "dev"), ("iamic", "status")):
        result = corp.run(*words)
        assert (result.status, result.out, "'elsewhere'" in result.err) == (5, "", True), result
    assert leave(daemon)[0] == 0
    assert corp.credential_process("--profile", "dev").status == 3


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
def test_replace_takes_over_and_the_first_finishes_what_it_has_begun(corp):
    first = corp.start_daemon()
    with listing(corp) as client:
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
    sign_in(corp)
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
    sign_in(corp)
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


def test_who_comes_while_it_leaves_finds_no_socket(corp):
    """And starts another one, which waits for its turn."""
    daemon = corp.start_daemon()
    with listing(corp) as client:
        daemon.terminate()
        wait_for(lambda: not corp.socket.exists(), 1, lambda: "the socket is there")
        status = json.loads(corp.iamic("status", "--json").out)
        assert client.reply("ListAccounts")["accounts"]
    assert (status["pid"] != daemon.pid, daemon.finish().status) == (True, 0)


def test_no_new_request_is_begun_while_it_leaves(corp):
    """What was sent ahead is not answered: the connection ends, and the client can ask the next daemon."""
    daemon = corp.start_daemon()
    with listing(corp) as client, corp.client() as idle:
        client.send("Status")
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
    home.write_aws_config("[sso-session corp]\nsso_region = us-east-1\n"
                          "sso_start_url = https://corp.awsapps.com/start\n")
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


def test_one_whose_socket_is_gone_finishes_what_it_has_begun(corp):
    daemon = corp.start_daemon()
    with listing(corp) as client:
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
