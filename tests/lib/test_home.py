"""A home starts programs with an environment of its own and finds what they left: daemons, crashes, secrets."""
import hashlib
import os
import pathlib
import signal
import subprocess
import time

import pytest
from home import Home, children, comm, wait_for

# A stand-in for iamicd: binds no socket, says READY=1 where it is asked to, ends on SIGTERM with the status $ENDS.
DAEMON = """#!/usr/bin/python3
import os, signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(int(os.environ.get("ENDS", "0"))))
if "STUBBORN" in os.environ:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "FORKS" in os.environ and os.fork() == 0:
    time.sleep(60)
open(os.environ["HOME"] + "/up", "w").close()
if "NOTIFY_SOCKET" in os.environ and "SILENT" not in os.environ:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b"STATUS=up\\nREADY=1", os.environ["NOTIFY_SOCKET"])
if "BROKEN" in os.environ:
    sys.exit("cannot start")
time.sleep(60)
"""

# A stand-in for a client: starts the daemon, detached, as clients do, and ends.
CLIENT = """#!/bin/sh
setsid "$(dirname "$0")/iamicd" </dev/null >/dev/null 2>&1 &
echo started
"""


class FakePractice:
    """What a home asks of the practice Identity Center."""

    url, start_url, region = "https://localhost:1", "https://localhost:1/start", "eu-west-1"
    sent = "a-device-code-that-was-sent"

    def env(self):
        return {"AWS_ENDPOINT_URL": self.url}

    def requests(self):
        return [{"body": {"deviceCode": "sha256:" + hashlib.sha256(self.sent.encode()).hexdigest()[:16]}}]


@pytest.fixture
def prefix(tmp_path):
    def install(name, text):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    install("iamicd", DAEMON)
    install("iamic", CLIENT)
    install("iamic-credential-process", "#!/bin/sh\necho \"$1\"\n")
    return tmp_path


@pytest.fixture
def home(prefix):
    home = Home(FakePractice(), prefix)
    yield home
    if home.base.exists():
        assert home.close() == []


def running():
    return [pid for pid in children() if comm(pid) == "iamicd"]


def test_the_environment_is_made_from_scratch(home, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
    seen = dict(line.split("=", 1) for line in home.run("/usr/bin/env", env={"MORE": 1, "TZ": None}).out.splitlines())
    assert seen["HOME"] == str(home.path)
    assert seen["AWS_ENDPOINT_URL"] == FakePractice.url
    assert seen["MORE"] == "1"
    assert not {"AWS_PROFILE", "XDG_CONFIG_HOME", "TZ"} & seen.keys()
    assert len(str(home.socket)) < 60


def test_a_result_has_status_output_and_input(home):
    result = home.run("/bin/sh", "-c", "cat; echo no >&2; exit 7", input="yes")
    assert (result.status, result.out, result.err) == (7, "yes", "no\n")


def test_a_program_that_does_not_end_is_ended_and_told(home):
    with pytest.raises(AssertionError, match="not ended after 0.1 s"):
        home.run("/bin/sleep", "60", timeout=0.1)


def test_output_can_be_waited_for(home):
    process = home.spawn("/bin/sh", "-c", "sleep 0.1; echo code ABCD-EFGH; sleep 60")
    assert process.until(r"code (\S+)")[1] == "ABCD-EFGH"
    with pytest.raises(AssertionError, match="no 'never'"):
        process.until("never", timeout=0.1)


def test_a_daemon_is_ready_when_it_says_so_and_ends_with_the_home(home):
    daemon = home.start_daemon()
    assert "STATUS=up" in daemon.notifications
    assert home.daemon_pids() == [daemon.pid]
    assert home.close() == []
    assert daemon.poll() == 0 and not home.base.exists()


def test_a_daemon_that_cannot_start_or_stays_silent_is_told(home):
    with pytest.raises(AssertionError, match="ended before it was ready(.|\n)*cannot start"):
        home.start_daemon(env={"BROKEN": 1, "SILENT": 1})
    with pytest.raises(AssertionError, match="no READY=1"):
        home.start_daemon(env={"SILENT": 1}, timeout=0.5)


def test_a_daemon_that_a_client_started_is_found_and_ended(home):
    assert home.iamic().out == "started\n"
    wait_for((home.path / "up").exists, 5, lambda: "no daemon")
    assert len(home.daemon_pids()) == 1
    assert home.close() == []
    assert running() == []


@pytest.mark.parametrize("env, says", [({"ENDS": 3}, "ended with 3 on SIGTERM"), ({"STUBBORN": 1}, "did not end")])
def test_a_daemon_that_ends_badly_is_a_fault(home, env, says):
    home.start_daemon(env=env)
    home.stop_daemons(timeout=0.5)
    assert says in home.close()[0]
    assert running() == []


def test_what_is_a_fork_of_a_daemon_and_no_program_yet_is_no_daemon(home):
    """A store helper that is about to be, when its daemon ends."""
    daemon = home.start_daemon(env={"FORKS": 1})
    wait_for(lambda: daemon.terminate() or daemon.poll() == 0, 5, lambda: "still there")
    orphan, = wait_for(running, 5, lambda: "no orphan")
    assert home.daemon_pids() == []
    os.kill(orphan, signal.SIGKILL)
    assert home.close() == []


def test_a_crash_is_a_fault_also_of_an_adopted_process(home):
    home.run("/bin/sh", "-c", "kill -SEGV $$")
    home.run("/bin/sh", "-c", "setsid sh -c 'sleep 0.1; kill -ABRT $$' &")
    time.sleep(0.3)
    faults = home.close()
    assert len(faults) == 2
    assert "SIGSEGV" in faults[0] and "SIGABRT" in faults[1]


def test_a_kill_by_the_test_is_no_fault(home):
    daemon = home.start_daemon()
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    assert home.close() == []


def test_a_sanitizers_report_is_a_fault(home):
    home.run("/bin/sh", "-c", 'log=${ASAN_OPTIONS##*log_path=}; echo "heap-use-after-free" >$log.123')
    assert home.close() == ["heap-use-after-free\n"]


@pytest.mark.parametrize("secret, what", [
    ("aoa" + "Ab1/" * 20, "access token"),
    ("aor" + "Ab1+" * 20, "refresh token"),
    ("eyJraWQiOiJrZXktMTU2" + "x" * 40, "client secret"),
    (FakePractice.sent, "something that was sent to the server"),
    ("code=" + FakePractice.sent, "something that was sent to the server"),
])
def test_a_secret_in_an_output_or_a_file_is_a_fault(home, secret, what):
    home.run("/bin/echo", secret)
    home.write(".local/state/iamic/log", f"x {secret}\n")
    assert home.close() == [f"home/.local/state/iamic/log holds a secret: {what}",
                            f"logs/0001-echo.out holds a secret: {what}"]


def test_the_shim_may_print_credentials_and_nobody_else(home):
    document = '{"SecretAccessKey":"wJalr/bPx","SessionToken":"IQoJb3"}'
    home.credential_process(document)
    home.run("/bin/sh", "-c", "echo IQoJb3 >&2")
    assert home.close() == ["logs/0002-sh.err holds a secret: role credentials"]


def test_profiles_are_written_as_iamic_writes_them(home):
    text = home.configure({"dev": ("012345678901", "Power+User")}).read_text()
    assert "[sso-session corp]\nsso_start_url = https://localhost:1/start\n" in text
    assert f"credential_process = {home.prefix}/bin/iamic-credential-process --sso-session corp " in text
    assert home.aws_config.stat().st_mode & 0o777 == 0o600


def test_processes_that_were_there_before_are_left_alone(prefix):
    other = Home(FakePractice(), prefix)
    daemon = other.start_daemon()
    assert Home(FakePractice(), prefix).close() == []
    assert daemon.poll() is None
    assert other.close() == []


def test_nothing_is_waited_for_when_the_program_has_ended(home):
    process = home.spawn("/bin/echo", "code ABCD-EFGH")
    assert process.until(r"code (\S+)")[1] == "ABCD-EFGH"
    began = time.monotonic()
    with pytest.raises(AssertionError, match="no 'never'"):
        process.until("never", timeout=10)
    assert time.monotonic() - began < 5


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    program = tmp_path_factory.mktemp("faulty") / "faulty"
    source = pathlib.Path(__file__).with_name("faulty.c")
    subprocess.run(["gcc", "-g", "-fsanitize=address,undefined", "-static-libubsan", "-Wl,--exclude-libs,ALL",
                    "-o", program, source], check=True)
    return program


@pytest.mark.parametrize("word, says", [
    ("overflow", "heap-buffer-overflow"), ("undefined", "signed integer overflow"), ("leak", "LeakSanitizer"),
    ("fine", None)])
def test_what_the_sanitizers_find_is_a_fault(home, faulty, word, says):
    home.run(faulty, word)
    faults = home.close()
    assert bool(faults) == bool(says)
    assert says is None or says in "".join(faults)
