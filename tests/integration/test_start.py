"""A client starts the daemon where there is none: one for all who ask, or one reason for all."""
import json
import os
import resource
import signal
import time

import pytest

from home import wait_for
from ptrace import Traced, kill
from stand_in import CREDENTIALS, DAEMON, Bindir, compact, is_socket

DOCUMENT = compact(CREDENTIALS).decode() + "\n"
MANY = 200


@pytest.fixture
def bindir(bare_home):
    return Bindir(bare_home)


def all_served(results):
    wrong = [result for result in results if (result.status, result.out, result.err) != (0, DOCUMENT, "")]
    assert not wrong, f"{len(wrong)} of {len(results)}: {wrong[0]}"


def all_say(results, status, line, within):
    """Everyone gives the same reason, in time, and prints nothing."""
    for result in results:
        assert (result.status, result.out, result.err) == (status, "", f"iamic: {line}\n"), result
    assert max(result.seconds for result in results) < within


def one_is_left(bindir, starts):
    """A daemon that was started in vain finds the other, and goes."""
    wait_for(lambda: bindir.starts() == starts and len(bindir.home.daemon_pids()) == 1, 10,
             lambda: f"{bindir.starts()} started, running: {bindir.home.daemon_pids()}")


def only_what_belongs_there(home):
    assert sorted(path.name for path in home.socket.parent.iterdir()) == ["socket", "socket.lock", "store.lock"]


@pytest.mark.quick
def test_one_shim_starts_one_daemon_and_is_served(bindir, bare_home):
    bindir.write(DAEMON)
    all_served([bindir.run()])
    assert len(bare_home.daemon_pids()) == bindir.starts() == 1
    all_served([bindir.run()])
    assert bindir.starts() == 1
    only_what_belongs_there(bare_home)


@pytest.mark.quick
def test_many_at_once_start_one(bindir, bare_home):
    bindir.write("time.sleep(0.3)" + DAEMON)
    all_served(bindir.release(MANY))
    assert len(bare_home.daemon_pids()) == bindir.starts() == 1


def test_the_daemon_has_nothing_of_the_client_but_its_environment(bindir, bare_home):
    seen_path = bare_home.base / "seen"
    bindir.write(f"import stand_in, json\nwith open({str(seen_path)!r}, 'w') as file:\n"
                 "    json.dump(stand_in.describe_process(), file)\n" + DAEMON)
    reader, writer = os.pipe()
    pids = os.getpid(), os.getsid(0)

    def spoil():
        """What a client may come with."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CPU, (1000, resource.RLIM_INFINITY))
    env = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_SESSION_TOKEN": "C", "AWS_SECURITY_TOKEN": "D",
           "AWS_CREDENTIAL_EXPIRATION": "E", "AWS_PROFILE": "F", "AWS_DEFAULT_PROFILE": "G", "AWS_REGION": "eu-west-1",
           "NOTIFY_SOCKET": "/x", "LISTEN_FDS": "1", "LISTEN_PID": "1", "SSLKEYLOGFILE": "/tmp/keys"}
    all_served([bindir.run(env=env, pass_fds=[writer], preexec_fn=spoil)])
    os.close(writer)
    assert os.read(reader, 1) == b"", "the daemon keeps a pipe of the client's open"
    os.close(reader)

    seen = json.loads(seen_path.read_text())
    daemon, = bare_home.daemon_pids()
    assert {**bare_home.env, "AWS_REGION": "eu-west-1"}.items() <= seen["environment"].items()
    assert not (env.keys() - {"AWS_REGION"}) & seen["environment"].keys()
    assert seen["cwd"] == "/" and seen["pid"] == daemon and seen["session"] not in (daemon, *pids)
    assert seen["blocked"] == seen["ignored"] == 0
    assert all(soft == hard for soft, hard in seen["limits"].values()), seen["limits"]
    assert seen["fds"]["0"] == seen["fds"]["1"] == "/dev/null" and seen["fds"]["2"].startswith("pipe:")
    assert os.readlink(f"/proc/{daemon}/fd/2") == "/dev/null"
    ours = [name for name in seen["fds"].values() if "socket.lock" in name]
    assert not ours, "the daemon holds the lock of the client"


def test_a_client_that_is_killed_leaves_the_start_to_the_next(bindir, bare_home):
    """The winner ends between fork and exec: those who wait must neither hang nor miss its daemon."""
    bindir.write(DAEMON)
    winner = Traced([str(bindir.shim)], bare_home.with_env())
    between = winner.next_fork(winner.pid)
    daemon_to_be = winner.next_fork(between)
    assert bindir.starts() == 0
    kill(winner.pid)
    kill(between)
    try:
        all_served(bindir.release(MANY))
        assert len(bare_home.daemon_pids()) == bindir.starts() == 1
    finally:
        winner.let_go(daemon_to_be)
    one_is_left(bindir, 2)
    all_served([bindir.run()])
    assert bindir.starts() == 2


def test_a_client_that_is_killed_before_all_leaves_no_lock(bindir, bare_home):
    """The same one fork earlier, when the child still has the descriptors of the winner."""
    bindir.write(DAEMON)
    winner = Traced([str(bindir.shim)], bare_home.with_env())
    between = winner.next_fork(winner.pid)
    kill(winner.pid)
    winner.let_go(between)
    all_served(bindir.release(MANY))
    assert len(bare_home.daemon_pids()) == bindir.starts() == 1


def test_one_reason_for_all_when_it_cannot_start(bindir, bare_home):
    bindir.write_shell('sleep 0.5\necho "a line before" >&2\n'
                       'echo "iamicd: the folder of the state is read-only: make it writable" >&2\nexit 1')
    results = bindir.release(MANY)
    all_say(results, 5, "iamicd did not start: the folder of the state is read-only: make it writable", within=10)
    # Who came while the first one tried waited for its result; who came later tried again.
    assert bindir.starts() < 10
    assert bare_home.daemon_pids() == [] and not is_socket(bare_home.socket)


def test_a_reason_is_not_kept_for_those_who_come_later(bindir):
    bindir.write_shell('echo "iamicd: not now" >&2\nexit 1')
    all_say([bindir.run()], 5, "iamicd did not start: not now", within=5)
    bindir.write(DAEMON)
    all_served([bindir.run()])


@pytest.mark.parametrize("program, status, reason", [
    ("echo 'iamicd: the configuration is wrong' >&2; exit 7", 7, "the configuration is wrong"),
    ("echo 'iamicd: the keyring is locked' >&2; exit 8", 8, "the keyring is locked"),
    ("echo 'iamicd: no such option' >&2; exit 2", 5, "no such option"),
    ("printf 'iamicd: a\\033[2Jb\"c\\\\d' >&2; exit 1", 5, "a?[2Jb'c/d"),
    ("exit 3", 5, "it ended with status 3 and gave no reason: run '{}' to see why"),
    ("exit 0", 5, "it ended with status 0 and gave no reason: run '{}' to see why"),
    ("kill -SEGV $$", 5, "signal 11 ended it: run '{}' to see why"),
    ("echo 'iamicd: already running: pid 1, socket relative' >&2; exit 0", 5,
     "already running: pid 1, socket relative"),
    ("i=0; while [ $i -lt 3000 ]; do echo 'iamicd: a line of many' >&2; i=$((i+1)); done; exit 1", 5,
     "a line of many")])
def test_why_it_did_not_start(bindir, program, status, reason):
    bindir.write_shell(program)
    all_say([bindir.run()], status, f"iamicd did not start: {reason.format(bindir.iamicd)}", within=5)


def test_a_client_that_is_told_of_no_childs_end_learns_the_reason(bindir):
    """Some programs ignore SIGCHLD and pass that on."""
    bindir.write_shell("echo 'iamicd: the configuration is wrong' >&2; exit 7")
    result = bindir.run(preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    all_say([result], 7, "iamicd did not start: the configuration is wrong", within=5)


def test_a_daemon_that_is_not_installed(bindir):
    all_say([bindir.run()], 5, f"iamicd did not start: cannot run '{bindir.iamicd}': No such file or directory", 5)


@pytest.mark.alone
def test_a_daemon_that_is_never_ready_takes_no_longer_than_the_deadline(bindir):
    bindir.write_shell("trap 'exit 0' TERM\nwhile :; do sleep 0.05; done")
    first = bindir.home.spawn(bindir.shim, "--timeout", "4")
    wait_for(lambda: bindir.starts() == 1, 10, lambda: "nothing was started")
    all_say(bindir.release(20, "--timeout", "1"), 6,
            "another program is starting iamicd, which is not ready yet: try again", within=4)
    assert bindir.starts() == 1 and first.poll() is None
    all_say([first.finish()], 6, "iamicd was started but is not ready yet: try again", within=7)


def test_who_waits_for_a_sign_in_does_not_wait_for_a_daemon(bindir):
    bindir.write_shell("trap 'exit 0' TERM\nwhile :; do sleep 0.05; done")
    all_say([bindir.run("--timeout=1", "--login")], 6, "iamicd was started but is not ready yet: try again", within=3)


def test_a_slow_daemon_serves_who_still_waits(bindir):
    """Who came second tries to start one, too: it finds the first, and goes."""
    bindir.write("time.sleep(1.5)" + DAEMON)
    impatient = bindir.home.spawn(bindir.shim, "--timeout", "1")
    wait_for(lambda: bindir.starts() == 1, 10, lambda: "nothing was started")
    patient = bindir.run()
    assert impatient.finish().status == 6
    all_served([patient])
    one_is_left(bindir, 2)


def test_a_daemon_on_another_socket_is_found_by_all_and_remembered(bindir, bare_home):
    """As when someone logs in twice, with two runtime folders and one store."""
    other = bare_home.base / "other-run"
    other.mkdir(mode=0o700)
    env = {"STAND_IN_LOCK": bare_home.base / "store.lock"}
    bindir.write("time.sleep(0.2)" + DAEMON)
    all_served([bindir.run(env={**env, "XDG_RUNTIME_DIR": other})])
    assert bindir.starts() == 1
    all_served(bindir.release(MANY, env=env))
    assert bindir.starts() == 2
    began = time.monotonic()
    all_served([bindir.run(env=env)])
    assert bindir.starts() == 2 and time.monotonic() - began < 0.2
    assert not is_socket(bare_home.socket)
    bare_home.stop_daemons()
    all_served([bindir.run(env=env)])
    assert is_socket(bare_home.socket)


def test_a_daemon_that_runs_but_does_not_listen_is_named(bindir, bare_home):
    path = bare_home.base / "nowhere"
    bindir.write_shell(f"echo 'iamicd: already running: pid 1, socket {path}' >&2")
    all_say([bindir.run()], 5, f"iamicd runs already, but nobody listens on '{path}': end it and try again", within=9)


def test_a_socket_that_a_killed_daemon_left_is_replaced(bindir, bare_home):
    bindir.write(DAEMON)
    all_served([bindir.run()])
    os.kill(bare_home.daemon_pids()[0], signal.SIGKILL)
    wait_for(lambda: not bare_home.daemon_pids(), 10, lambda: "the daemon lives")
    assert is_socket(bare_home.socket)
    all_served(bindir.release(20))
    assert bindir.starts() == 2


def test_no_path_of_the_caller_leads_to_a_daemon(bindir, bare_home):
    trap = bare_home.base / "trap"
    trap.mkdir()
    (trap / "iamicd").write_text(f"#!/bin/sh\ntouch {bare_home.base}/trapped\n")
    (trap / "iamicd").chmod(0o755)
    bindir.run(env={"PATH": f"{trap}:/usr/bin:/bin"})
    assert not (bare_home.base / "trapped").exists()


@pytest.mark.parametrize("closing, status", [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_a_client_without_standard_descriptors_starts_it_as_well(bindir, bare_home, closing, status):
    bindir.write(DAEMON)
    result = bare_home.run("/bin/sh", "-c", f'"$@" {closing}', "sh", bindir.shim)
    assert result.status == status, result
    daemon, = bare_home.daemon_pids()
    assert [os.readlink(f"/proc/{daemon}/fd/{fd}") for fd in range(3)] == ["/dev/null"] * 3


def test_a_lock_that_is_a_trap_is_not_followed(bindir, bare_home):
    bare_home.socket.parent.mkdir(mode=0o700)
    lock = bare_home.socket.parent / "socket.lock"
    lock.symlink_to(bare_home.base / "victim")
    all_say([bindir.run()], 7, f"cannot start a daemon: '{lock}' is a symbolic link: remove it", within=5)
    assert not (bare_home.base / "victim").exists()


def test_a_note_of_another_boot_counts_for_nobody(bindir, bare_home):
    bindir.write(DAEMON)
    bare_home.socket.parent.mkdir(mode=0o700)
    for note in ("99999999999999999 5 from another boot\n", "1 5 long ago\n", "junk", "5 0 /no/such/socket\n"):
        (bare_home.socket.parent / "socket.lock").write_text(note)
        all_served([bindir.run()])
        bare_home.stop_daemons()


@pytest.mark.alone
def test_a_thousand_shims_start_one_daemon(bindir):
    bindir.write(DAEMON)
    all_served(bindir.release(1000))
    assert bindir.starts() == 1
