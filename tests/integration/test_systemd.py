"""What becomes of iamicd's user units in a booted system, for a person who logs in and out."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import booted
import debian
import pytest
import varlink
from home import PREFIX, wait_for
from person import ACCOUNT, NOTICE, SHIM, Person
from practice.client import Practice

pytestmark = [pytest.mark.all, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def machine(bare_debian, tmp_path_factory):
    """A Debian with systemd, iamic as a package would install it, and a user alice."""
    tree = debian.copy(bare_debian, tmp_path_factory.mktemp("booted") / "tree")
    shutil.copy(varlink.ROOT / "packaging/packages", tree / "root")
    (tree / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")
    debian.run(tree, "$HOME/packages install booted && useradd --create-home --shell /bin/bash alice")
    built = subprocess.run([varlink.ROOT / "packaging/build", PREFIX.parent.with_name("booted"), "/usr",
                            "-Dtests=false"], env={"PATH": "/usr/bin:/bin", "CC": "gcc", "DESTDIR": str(tree)},
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert built.returncode == 0, built.stdout[-1500:]
    (tree / "etc/systemd/logind.conf.d").mkdir()
    (tree / "etc/systemd/logind.conf.d/quick.conf").write_text("[Login]\nUserStopDelaySec=1s\n")
    machine = booted.Booted(tree, tmp_path_factory.mktemp("logs"))
    yield machine
    machine.close()
    shutil.rmtree(tree)


@pytest.fixture(scope="module")
def practice_server(machine, tmp_path_factory):
    """On loopback inside."""
    class Inside(Practice):
        def fetch(self, *words, **options):
            with machine.network():
                return super().fetch(*words, **options)

    with machine.network():
        server = Inside.start(tmp_path_factory.mktemp("practice"))
    yield server
    server.stop()


@pytest.fixture
def person(machine, practice):
    """alice, who has enabled nothing."""
    alice = Person(machine, practice)
    yield alice
    left = alice.close()
    assert not left, left


@pytest.fixture
def alice(person):
    """alice, whose socket unit listens."""
    person.systemctl("enable", "--now", "iamicd.socket")
    return person


@pytest.fixture
def strict(alice):
    """alice, who did what strict.conf says at its beginning."""
    text = alice.machine.file("/usr/share/iamic/strict.conf").read_text()
    commands = re.findall(r"^#     (.+)$", text, re.MULTILINE)
    assert len(commands) == 3
    result = alice.run("bash", "-ec", "\n".join(["cd /usr/share/iamic", *commands]))
    assert result.status == 0, f"{result}\n{alice.journal()}"
    return alice


@pytest.fixture(params=["alice", "strict"])
def either(request):
    """alice, without and with the strict set."""
    return request.getfixturevalue(request.param)


# Activation.

def test_a_client_starts_the_service_by_its_socket(alice):
    assert (alice.state("iamicd.socket"), alice.state()) == ("active/listening", "inactive/dead")
    status = alice.status()
    assert alice.state() == "active/running"
    assert [status["socket"]] == [f"/run/user/{alice.uid}/iamic/socket"]
    assert str(status["pid"]) == alice.show("MainPID") and len(alice.daemons()) == 1
    assert alice.journal(NOTICE) == ""


def test_the_socket_is_the_users_alone(alice):
    alice.status()
    folder, socket = (os.stat(alice.runtime / name) for name in ("iamic", "iamic/socket"))
    assert (folder.st_uid, folder.st_mode & 0o7777) == (alice.uid, 0o700)
    assert (socket.st_uid, socket.st_mode & 0o7777) == (alice.uid, 0o600)


def test_one_sign_in_and_then_credentials(either):
    either.sign_in()
    document = either.credentials()
    assert (document["Version"], document["AccountId"]) == (1, ACCOUNT)
    assert either.credentials() == document
    assert [session["state"] for session in either.status()["sessions"]] == ["ready"]
    assert either.practice.count("GetRoleCredentials") == 1
    assert len(either.daemons()) == 1 and either.journal(NOTICE) == ""


def test_it_is_started_when_it_is_ready_and_says_what_it_does(alice):
    alice.systemctl("start", "iamicd.service")
    assert alice.state() == "active/running"
    assert f"/run/user/{alice.uid}/iamic/socket" in alice.show("StatusText")


def test_enabling_the_service_enables_its_socket(person):
    person.systemctl("enable", "--now", "iamicd.service")
    assert person.systemctl("is-enabled", "iamicd.socket") == "enabled"


def test_the_socket_is_there_again_with_the_next_login(alice):
    alice.stop_manager()
    assert not alice.runtime.exists() and alice.daemons() == []
    alice.start_manager()
    assert alice.state("iamicd.socket") == "active/listening"
    alice.status()
    assert alice.state() == "active/running"


# Restart.

def test_a_client_that_comes_after_a_crash_waits_for_the_next_daemon(either):
    first = either.status()["pid"]
    either.kill_service()
    second = either.status()["pid"]
    assert second != first
    assert (either.state(), either.show("NRestarts"), len(either.daemons())) == ("active/running", "1", 1)


def test_a_client_whose_daemon_crashes_is_told_so(alice):
    alice.sign_in()
    slow = alice.slow_client(30)
    alice.kill_service()
    result = slow.finish(5)
    assert (result.status, result.out) == (5, "") and re.fullmatch("iamic: .*daemon.*\n", result.err), result


def test_however_often_it_crashes_it_is_started_again(alice):
    """systemd gives up a unit that was started five times in ten seconds, unless it is told not to."""
    pids = {alice.status()["pid"]}
    for _ in range(6):
        alice.kill_service()
        pids.add(alice.status()["pid"])
    assert len(pids) == 7 and alice.state() == "active/running"


def test_a_restart_waits_for_open_calls_and_loses_no_other(either):
    either.sign_in()
    first = either.status()["pid"]
    slow = either.slow_client(1)
    either.spawn("systemctl", "--user", "restart", "iamicd.service")
    wait_for(lambda: either.state() == "deactivating/stop-sigterm", 5, either.state)
    assert "open" in either.show("StatusText")
    assert either.status()["pid"] != first
    assert either.served(slow)
    assert either.show("NRestarts") == "0" and "Failed" not in either.journal()


def test_a_restart_does_not_wait_for_ever(alice):
    alice.sign_in()
    slow = alice.slow_client(30)
    began = time.monotonic()
    alice.systemctl("restart", "iamicd.service")
    assert 2 < time.monotonic() - began < 10
    assert slow.finish().status != 0
    assert alice.show("Result") == "success" and "Killing" not in alice.journal()


# Stopping.

def test_what_was_stopped_is_started_by_the_next_client(either):
    first = either.status()["pid"]
    either.systemctl("stop", "iamicd.service")
    assert (either.state(), either.show("Result"), either.daemons()) == ("inactive/dead", "success", [])
    assert either.state("iamicd.socket") == "active/listening"
    assert either.status()["pid"] != first


def test_without_the_socket_clients_start_it_and_the_socket_takes_its_place(alice):
    alice.status()
    alice.systemctl("stop", "iamicd.socket")
    assert alice.state() == "inactive/dead" and alice.daemons() == []

    by_client = alice.status()["pid"]
    assert alice.state() == "inactive/dead" and len(alice.daemons()) == 1
    alice.systemctl("start", "iamicd.socket")
    by_socket = alice.status()["pid"]
    assert by_socket != by_client and str(by_socket) == alice.show("MainPID")
    wait_for(lambda: len(alice.daemons()) == 1, 5, lambda: "the first one goes on")


# One daemon.

def test_a_daemon_elsewhere_is_taken_over_when_it_has_answered(either):
    elsewhere = {"IAMIC_SOCKET": "/home/alice/socket"}
    first = either.spawn("iamicd", env=elsewhere)
    first.until("ready", stream="err")
    login = either.spawn("iamic-login", "corp", env=elsewhere)
    either.practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1])
    assert login.finish().status == 0
    slow = either.slow_client(1, env=elsewhere)

    status = either.status()
    assert str(status["pid"]) == either.show("MainPID") and status["socket"] == f"/run/user/{either.uid}/iamic/socket"
    assert first.finish().status == 0 and either.served(slow)
    assert either.show("NRestarts") == "0" and len(either.daemons()) == 1


def test_a_client_with_another_runtime_folder_finds_the_service(either):
    pid = either.status()["pid"]
    either.run("mkdir", "-m", "700", "/home/alice/run")
    assert either.status(env={"XDG_RUNTIME_DIR": "/home/alice/run"})["pid"] == pid
    assert len(either.daemons()) == 1 and either.show("NRestarts") == "0"


def test_a_service_that_was_replaced_by_hand_is_back_with_the_next_client(alice):
    alice.status()
    by_hand = alice.spawn("iamicd", "--replace", env={"IAMIC_SOCKET": "/home/alice/socket"})
    by_hand.until("ready", stream="err")
    assert alice.state() == "inactive/dead"
    alice.status()
    assert alice.state() == "active/running" and by_hand.finish().status == 0


# Logging in and out.

def test_without_lingering_it_ends_with_the_last_session(alice):
    alice.stop_manager()
    session = alice.log_in("iamic status --json")
    assert json.loads(session.out.partition("done")[0])["pid"] and alice.state() == "active/running"
    alice.log_out(session)
    wait_for(lambda: not alice.has_manager() and not alice.runtime.exists(), 10, lambda: "the manager goes on")
    assert alice.daemons() == []
    assert "iamicd: leaving" in alice.journal() and alice.journal(NOTICE) == ""


def test_with_lingering_it_stays(alice):
    alice.machine.run("loginctl", "enable-linger", "alice")
    session = alice.log_in("iamic status --json")
    pid = json.loads(session.out.partition("done")[0])["pid"]
    alice.log_out(session)
    wait_for(lambda: alice.presence() == "lingering", 10, alice.presence)
    time.sleep(2)  # twice as long as logind waits before it ends a user's services
    assert alice.status()["pid"] == pid


def test_a_daemon_that_a_client_started_stays_as_other_programs_of_a_session_do(person):
    """logind ends them with the session only where it is told to."""
    person.stop_manager()
    session = person.log_in("iamic status --json")
    pid = json.loads(session.out.partition("done")[0])["pid"]
    person.log_out(session)
    wait_for(lambda: person.presence() == "closing", 10, person.presence)
    assert person.status()["pid"] == pid and person.state() == "inactive/dead"
    person.machine.run("loginctl", "kill-user", "alice")
    wait_for(lambda: not person.daemons() and not person.runtime.exists(), 10, lambda: "the daemon goes on")


def test_after_logging_out_a_job_has_a_daemon_which_the_next_session_takes_over(alice):
    alice.stop_manager()
    job = alice.status(env={"XDG_RUNTIME_DIR": "", "DBUS_SESSION_BUS_ADDRESS": ""})
    assert job["socket"].startswith("/home/alice/.cache/iamic/run-") and len(alice.daemons()) == 1
    alice.start_manager()
    assert alice.status()["pid"] != job["pid"] and alice.state() == "active/running"
    wait_for(lambda: len(alice.daemons()) == 1, 5, lambda: "the first one goes on")


# What the unit gives it.

def test_it_sees_the_environment_of_services_and_not_that_of_shells(alice):
    alice.write(".config/environment.d/proxy.conf", "NO_PROXY=example.com\n")
    alice.write(".profile", "export HTTPS_PROXY=http://127.0.0.1:1\n")
    alice.systemctl("daemon-reload")
    session = alice.log_in("iamic status --json")
    network = json.loads(session.out.partition("done")[0])["network"]
    alice.log_out(session)
    assert network["NO_PROXY"] == "example.com" and "HTTPS_PROXY" not in network


def test_a_configuration_that_is_wrong_is_told_to_every_client(either):
    either.write(".config/iamic/config", "store = memory\nlog_level = loud\n")
    either.systemctl("start", "iamicd.service")
    for words in (SHIM, ("iamic", "accounts")):
        result = either.run(*words)
        assert (result.status, result.out) == (7, "") and "/home/alice/.config/iamic/config:2" in result.err, result
    assert (either.state(), either.show("NRestarts")) == ("active/running", "0")


# Stores.

@pytest.mark.parametrize("end", ["restart", "crash"])
def test_a_sign_in_is_kept_in_the_sealed_file(either, end):
    either.write(".config/iamic/config", "store = file\nkey = random\n")
    either.sign_in()
    either.kill_service() if end == "crash" else either.systemctl("restart", "iamicd.service")
    either.credentials()
    assert either.status()["store"]["state"] == "ready" and either.practice.count("StartDeviceAuthorization") == 1


@pytest.fixture
def given_by_root(machine):
    """A key that only this machine can open, which root gives to every user's service manager."""
    sealed, unit = machine.file("/etc/iamic.key"), machine.file("/etc/systemd/system/user@.service.d/iamic.conf")
    encrypted = machine.run("bash", "-ec", "head -c 32 /dev/urandom | base64 -w 0 | "
                            f"systemd-creds encrypt --with-key=host --name=iamic.key - /etc/{sealed.name}")
    assert encrypted.status == 0, encrypted
    unit.parent.mkdir()
    unit.write_text(f"[Service]\nLoadCredentialEncrypted=iamic.key:/etc/{sealed.name}\n")
    machine.run("systemctl", "daemon-reload")
    yield
    shutil.rmtree(unit.parent)
    machine.run("systemctl", "daemon-reload")


@pytest.mark.parametrize("source", ["a file of hers", "root"])
def test_the_key_of_the_sealed_file_may_be_a_credential_of_the_unit(request, either, source):
    if source == "root":
        request.getfixturevalue("given_by_root")
        either.stop_manager()
        either.start_manager()
        credential = "iamic.key"
    else:
        credential = "iamic.key:" + either.write("key", "0123456789abcdef0123456789abcdef")
    either.write(".config/iamic/config", "store = file\nkey = credential\n")
    either.drop_in(f"LoadCredential={credential}")
    either.systemctl("restart", "iamicd.service")
    either.sign_in()
    either.systemctl("restart", "iamicd.service")
    either.credentials()
    assert either.practice.count("StartDeviceAuthorization") == 1 and either.journal(NOTICE) == ""


# What is written down, and what is lent.

LEND = """
socket=$XDG_RUNTIME_DIR/iamic/ci
iamic share --socket $socket --profile dev >/dev/null & share=$!
until [ -S $socket ]; do sleep 0.05; done
IAMIC_SOCKET=$socket iamic-credential-process --profile dev >/dev/null
kill $share
wait $share || true
[ ! -e $socket ]
"""


def test_roles_are_lent_beside_the_socket_and_the_log_knows_to_whom(either):
    either.write(".config/iamic/config", "store = file\nkey = random\n")
    either.write(".aws/config", f"{(either.home / '.aws/config').read_text()}\n[profile dev]\ncredential_process = "
                                f"{' '.join(SHIM)}\n")
    either.sign_in()
    either.well("bash", "-ec", LEND)
    assert either.systemctl("restart", "iamicd.service") == ""
    [line] = [json.loads(line) for line in either.well("iamic", "log", "--json").splitlines()]
    assert line["program"].endswith("bash > iamic-credential-process") and line["share"] == "ci", line


def test_a_unit_with_a_tmp_of_its_own_lends_nothing_there(strict):
    strict.write(".aws/config", f"{(strict.home / '.aws/config').read_text()}\n[profile dev]\ncredential_process = "
                                f"{' '.join(SHIM)}\n")
    result = strict.run("iamic", "share", "--socket", "/tmp/ci", "--profile", "dev")
    assert result.status == 7 and "iamicd has made '/tmp/ci' where you cannot see it" in result.err, result


# What iamic doctor says of all that: it tries, and says what to type.

def diagnosis(person, id):
    result = person.run("iamic", "doctor", "--json")
    one, = (one for one in json.loads(result.out)["findings"] if one["id"] == id)
    return one


def do(person, commands):
    """Types them as they stand; root types what is root's, and she logs in anew where she is told to."""
    for line in commands.splitlines():
        if line.startswith("#"):
            assert line.startswith("# log out of all sessions and in again")
            person.stop_manager()
            person.start_manager()
            continue
        root = "sudo " in line
        run = person.machine.run if root else person.run
        result = run("bash", "-ec", f"set -o pipefail; {line.replace('sudo ', '')}")
        assert result.status == 0, f"{result}\n{person.journal()}"


def test_what_doctor_says_puts_the_strict_set_in_force(person):
    status = person.status()
    one = diagnosis(person, "strict-unit")
    assert one["status"] == "ok" and "can be used here (tried with systemd " in one["text"]
    do(person, one["fix"])
    one = diagnosis(person, "strict-unit")
    assert one["status"] == "ok" and "is in force" in one["text"] and one["fix"] is None
    assert person.state() == "active/running" and person.status()["pid"] != status["pid"]
    assert diagnosis(person, "socket")["status"] == "ok"


@pytest.fixture
def no_namespaces(machine, alice):
    """alice, whose manager and all that it starts may not make user namespaces."""
    unit = machine.file("/etc/systemd/system/user@.service.d/namespaces.conf")
    unit.parent.mkdir()
    unit.write_text("[Service]\nRestrictNamespaces=~user\n")
    machine.run("systemctl", "daemon-reload")
    alice.stop_manager()
    alice.start_manager()
    yield alice
    shutil.rmtree(unit.parent)
    machine.run("systemctl", "daemon-reload")


def test_where_namespaces_are_forbidden_the_strict_set_is_not_advised(no_namespaces):
    one = diagnosis(no_namespaces, "strict-unit")
    assert one["status"] == "ok" and "cannot be used here: you may not have user namespaces" in one["text"]
    assert one["fix"] is None and no_namespaces.state() == "active/running"
    no_namespaces.write(".config/systemd/user/iamicd.service.d/strict.conf", "[Service]\nPrivateUsers=yes\n")
    one = diagnosis(no_namespaces, "strict-unit")
    assert one["status"] == "fail" and "does not start with it here" in one["text"]
    do(no_namespaces, one["fix"])
    assert diagnosis(no_namespaces, "strict-unit")["status"] == "ok"


def test_the_kernels_own_word_against_namespaces_is_named(no_namespaces, machine):
    """The value is the whole machine's: its file alone is another here."""
    path = "/proc/sys/user/max_user_namespaces"
    machine.run("bash", "-ec", f"echo 0 >/run/none && mount --bind /run/none {path}")
    one = diagnosis(no_namespaces, "strict-unit")
    machine.run("umount", path)
    assert "user.max_user_namespaces = 0 forbids you namespaces" in one["text"]
    assert one["fix"].splitlines() == [
        "echo 'user.max_user_namespaces = 15000' | sudo tee /etc/sysctl.d/60-user-namespaces.conf",
        "sudo sysctl --system"]


@pytest.fixture
def sealing(machine, either):
    """A person whose sign-ins are in the sealed file; root's part of what was done is undone."""
    either.write(".config/iamic/config", "store = file\n")
    either.sign_in()
    yield either
    machine.run("bash", "-c", f"rm -rf /etc/iamic-*.key /etc/systemd/system/user@{either.uid}.service.d")
    machine.run("systemctl", "daemon-reload")


def test_what_doctor_says_seals_the_key_to_this_machine(sealing):
    """By root, for this version of systemd."""
    one = diagnosis(sealing, "sealed-key")
    assert one["status"] == "ok" and "lies in another file of the home" in one["text"]
    commands = one["fix"].rpartition("\n")[0]
    assert one["fix"].endswith("\niamic-login --all") and "sudo systemd-creds encrypt" in commands
    do(sealing, commands)
    sealing.sign_in()
    one = diagnosis(sealing, "sealed-key")
    assert (one["status"], one["fix"]) == ("ok", None) and "is a systemd credential" in one["text"]
    sealing.systemctl("restart", "iamicd.service")
    sealing.credentials()
    assert sealing.practice.count("StartDeviceAuthorization") == 2 and sealing.journal(NOTICE) == ""


def test_variables_that_a_service_does_not_have_are_written_where_it_looks(alice):
    result = alice.run("iamic", "doctor", "--json", env={
        "HTTPS_PROXY": "http://127.0.0.1:1", "AWS_ENDPOINT_URL": "", "AWS_USE_FIPS_ENDPOINT": "true"})
    one, = (one for one in json.loads(result.out)["findings"] if one["id"] == "network")
    assert one["object"] == "HTTPS_PROXY, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT"
    assert one["fix"].splitlines() == [
        "write into /home/alice/.config/iamic/config: https_proxy = http://127.0.0.1:1",
        "systemctl --user unset-environment AWS_ENDPOINT_URL",
        "write into ~/.config/environment.d/iamic.conf: AWS_USE_FIPS_ENDPOINT=true",
        "systemctl --user daemon-reload", "systemctl --user restart iamicd"]


HELPER = """#!/bin/sh
report=${XDG_STATE_HOME:-$HOME/.local/state}/iamic/report
umask >$report
for path in $HOME/file $HOME/.config/iamic/config $HOME/.aws/config; do
  (: >>$path) 2>/dev/null && echo "$path" >>$report
done
cat >/dev/null
echo '{"state":"absent"}'
"""


@pytest.mark.parametrize("who, may_write", [
    ("alice", "/home/alice/file\n/home/alice/.config/iamic/config\n/home/alice/.aws/config\n"), ("strict", "")],
    ids=["alice", "strict"])
def test_a_store_helper_may_write_what_the_unit_allows(request, who, may_write):
    person = request.getfixturevalue(who)
    helper = person.write("helper", HELPER, mode=0o700)
    person.write(".config/iamic/config", f"store = {helper}\n")
    person.status()
    report = person.home / ".local/state/iamic/report"
    wait_for(report.exists, 5, person.journal)
    assert report.read_text() == "0077\n" + may_write


def test_root_is_refused_also_where_it_has_another_number(either):
    either.status()
    path = f"/run/user/{either.uid}/iamic/socket"
    result = either.machine.run("iamic", "status", env={"IAMIC_SOCKET": path})
    assert (result.status, result.out) == (5, "") and f"run as uid {either.uid}" in result.err, result


def test_the_strict_set_takes_something_away(strict):
    strict.status()
    inside, outside = (pathlib.Path(f"/proc/{pid}/ns") for pid in (strict.daemons()[0], strict.machine.pid))
    for namespace in ("mnt", "user"):
        assert os.readlink(inside / namespace) != os.readlink(outside / namespace)
    said = strict.run("systemd-analyze", "--user", "--no-pager", "security", "iamicd.service").out
    assert float(re.search(r"level for iamicd.service: ([\d.]+)", said)[1]) < 2
    assert strict.journal(NOTICE) == ""
