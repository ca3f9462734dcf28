"""Where secrets are: in the daemon's locked memory while they are good for something, and nowhere else, ever.

The practice server of these tests offers HTTP/2 as well, and tells which secrets it has given out. A daemon cannot
be looked into but by root: where the tests do not run as root, sudo must need no password.
"""
import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import struct
import subprocess
import threading

import pytest
from asking import ask as calling
from home import children_of, wait_for
from inotify import Watch
from keyring import Bus, GnomeKeyring
from practice.client import Practice, Visitor
from ptrace import crash
from residue import Secrets, scan_as_root
from store import NOBODY, Helper
from varlink import VarlinkError

# Sanitizers keep what was freed, on purpose.
pytestmark = pytest.mark.once

ACCOUNT, ROLE = "111122223333", "Administrator"
OTHERS = [("012345678901", "ReadOnly"), ("999988887777", "ReadOnly")]
BROUGHT_BACK = {"authorization code", "code verifier"}  # by a browser, and what belongs to it
ASSUMED = "arn:aws:iam::111122223333:role/Deploy"
KEPT_WHILE_SIGNED_IN = {"client secret", "access token", "refresh token", "secret access key", "session token"}
CORES_LIE_WHERE_IT_CRASHED = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()[:1] not in "|/"
# Root is like any other user then: its uid opens what is its own, and no more.
POWERLESS = ["/usr/bin/setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []


@pytest.fixture(scope="module")
def practice_server(tmp_path_factory):
    with Practice.start(tmp_path_factory.mktemp("practice-h2"), offer_h2=True) as server:
        yield server


@pytest.fixture
def person(home):
    home.env["IAMIC_LOG_LEVEL"] = "debug"
    home.write_config("store = memory\n")
    home.configure({"dev": OTHERS[0]})
    return home


def ask(home, account=ACCOUNT, role=ROLE, *options, **more):
    return home.credential_process("--sso-session", "corp", "--account-id", account, "--role-name", role, *options,
                                   **more)


def refresh(home, practice):
    """The portal refuses the token, so that it must be refreshed for the next role."""
    before = practice.count("CreateToken:refresh_token")
    practice.revoke("access")
    assert ask(home, "111122223333", "ReadOnly").status == 0
    assert practice.count("CreateToken:refresh_token") == before + 1


def sign_in_by_browser(home, practice, by_hand=False):
    """The browser comes back by itself, or its last address is brought."""
    login = home.spawn("iamic-login", "--browser", "--no-browser", "corp")
    visitor = Visitor(practice, comes_back=not by_hand)
    visitor.open(login.until(r"address: (\S+)")[1])
    visitor.decide("approve")
    if by_hand:
        assert home.call("FinishLogin", session="corp", address=visitor.address) == {"isTaken": True}
    result = login.finish()
    assert result.status == 0, result


def use_everything(home, practice):
    """All that brings a secret into the daemon."""
    for by_hand in (False, True):
        sign_in_by_browser(home, practice, by_hand)
        sign_out(home)
    home.sign_in()
    for account, role in [(ACCOUNT, ROLE), *OTHERS]:
        assert ask(home, account, role).status == 0
    assert home.credential_process("--profile", "dev", "--role-arn", ASSUMED).status == 0
    for words in (["whoami", "--profile", "dev"], ["accounts"], ["roles"]):
        result = home.iamic(*words)
        assert result.status == 0, result
    refresh(home, practice)
    given = practice.secrets()
    assert all(given.values()), "a kind of secret was never given out"
    return given


def sign_out(home):
    result = home.iamic("logout")
    assert result.status == 0, result


def is_locked(found):
    """In the arena: locked, and kept out of dumps."""
    return {"lo", "dd"} <= set(found["flags"])


def require_none_in_memory(home, practice, where=lambda found: True, what="left in the daemon's memory"):
    """A request that is just ending may take a moment to let go."""
    def look():
        look.found = [found for found in scan_as_root(home.daemon_pid(), practice.secrets()) if where(found)]
        return not look.found
    wait_for(look, 3, lambda: f"{what}: {look.found}", pause=0.2)


# Memory.


def test_secrets_are_in_locked_memory_alone_and_after_logout_not_even_there(person, practice):
    person.start_daemon()
    given = use_everything(person, practice)
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")
    found = {one["name"] for one in scan_as_root(person.daemon_pid(), given)}
    assert found == KEPT_WHILE_SIGNED_IN
    sign_out(person)
    require_none_in_memory(person, practice)


def test_a_sign_in_that_comes_to_nothing_leaves_nothing(person, practice):
    person.start_daemon()
    login = person.spawn("iamic-login", "corp")
    code = practice.wait_pending()
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")
    practice.deny(code)
    assert login.finish().status == 4
    assert practice.secrets()["device code"]
    require_none_in_memory(person, practice, lambda found: found["name"] == "device code")
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")


def test_a_browser_that_comes_back_leaves_nothing(person, practice):
    person.start_daemon()
    for kind, arguments in ((None, {}), ("drop", {}), ("truncate", {}),
                            ("status", {"status": 400, "code": "InvalidGrantException", "processed": True})):
        if kind:
            practice.fault("CreateToken:authorization_code", kind, **arguments)
        login = person.spawn("iamic-login", "--browser", "--no-browser", "--force", "corp")
        visitor = Visitor(practice)
        visitor.open(login.until(r"address: (\S+)")[1])
        visitor.decide("approve")
        assert (login.finish().status == 0) is (kind is None)
        require_none_in_memory(person, practice, lambda found: found["name"] in BROUGHT_BACK, f"left after {kind}")
    assert all(practice.secrets()[name] for name in BROUGHT_BACK)
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")
    require_none_in_files(person, practice)


FAULTS = [("truncate", {"bytes": 700}), ("slow", {"bytes_per_second": 300}), ("oversize", {"bytes": 2 << 20}),
          ("drop", {}), ("wrong_type", {}), ("extra", {})]


@pytest.mark.parametrize("operation", ["GetRoleCredentials", "CreateToken:refresh_token"])
def test_replies_that_break_off_or_cannot_be_used_leave_nothing(person, practice, operation):
    person.start_daemon()
    for kind, arguments in FAULTS:
        person.sign_in()
        if operation != "GetRoleCredentials":
            practice.revoke("access")
        practice.fault(operation, kind, **arguments)
        ask(person, ACCOUNT, ROLE, "--timeout", "1")
        practice.clear_faults()
        sign_out(person)
        require_none_in_memory(person, practice, what=f"left after {kind}")


def lock(home):
    result = home.iamic("lock")
    assert (result.status, result.out) == (0, "locked\n"), result


def test_while_iamic_is_locked_nothing_is_in_memory(person, practice):
    person.write_config("store = file\nkey = random\n")
    person.start_daemon()
    use_everything(person, practice)
    assert person.call("SigninLink", target={"profile": "dev"}, hidden=True)["url"].startswith("http://127.0.0.1:")
    lock(person)
    require_none_in_memory(person, practice)
    require_none_in_files(person, practice)
    assert person.iamic("unlock").status == 0
    assert ask(person).status == 0
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")
    lock(person)
    require_none_in_memory(person, practice)


@pytest.mark.parametrize("under_way, words", [
    ("CreateToken:refresh_token", ["accounts"]), ("ListAccounts", ["accounts"]),
    ("GetRoleCredentials", ["export", "--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE]),
])
def test_what_aws_answers_once_iamic_is_locked_is_not_kept(person, practice, under_way, words):
    person.write_config("store = file\nkey = random\n")
    person.start_daemon()
    person.sign_in()
    before = practice.count(under_way)
    practice.revoke("access")
    practice.fault(under_way, "delay", seconds=1)
    asking = person.spawn("iamic", *words)
    wait_for(lambda: practice.count(under_way) > before, 10, lambda: "it is not under way")
    lock(person)
    assert asking.finish().status == 9
    require_none_in_memory(person, practice)


def test_a_sign_in_that_locking_ends_leaves_nothing(person, practice):
    person.start_daemon()
    device = person.spawn("iamic-login", "corp")
    practice.wait_pending()
    lock(person)
    assert device.finish().status == 9 and practice.secrets()["device code"]
    require_none_in_memory(person, practice)
    assert person.iamic("unlock").status == 0
    browser = person.spawn("iamic-login", "--browser", "--no-browser", "corp")
    visitor = Visitor(practice, comes_back=False)
    visitor.open(browser.until(r"address: (\S+)")[1])
    lock(person)
    assert browser.finish().status == 9
    visitor.decide("approve")
    require_none_in_memory(person, practice)


def test_the_key_of_the_sealed_file_is_forgotten_while_iamic_is_locked(person):
    bus = Bus(person)
    keyring = GnomeKeyring(bus).start()
    person.write_config("store = file\nkey = secret-service\n")
    daemon = person.start_daemon()
    person.sign_in()
    item, = keyring.find(session="iamic-key")
    key = {"key": [keyring.read(item)]}
    assert scan_as_root(daemon.pid, key) and all(map(is_locked, scan_as_root(daemon.pid, key)))
    lock(person)
    assert scan_as_root(daemon.pid, key) == []
    assert person.iamic("unlock").status == 0
    assert ask(person).status == 0 and scan_as_root(daemon.pid, key)
    bus.stop()


def test_what_a_passphrase_makes_is_forgotten_too_also_when_it_comes_too_late(person):
    passphrase = "Eleven-herons-wade-at-dawn-9431"
    person.write_config("store = file\nkey = passphrase\n")
    daemon = person.start_daemon()
    person.call("Unlock", passphrase=passphrase)
    person.sign_in()
    helper = Helper(person, "store-file")
    key = {"key": [helper.ask("unlock", NOBODY, secret=passphrase, keySource="passphrase")["key"]]}
    assert scan_as_root(daemon.pid, key)
    lock(person)
    assert scan_as_root(daemon.pid, key) == []
    for _ in range(3):
        late = calling(person, "Unlock", passphrase=passphrase)
        wait_for(lambda: children_of(daemon.pid), 10, lambda: "nothing is opened")
        lock(person)
        assert late.refusal("Locked")
        wait_for(lambda: not children_of(daemon.pid), 10, lambda: "it does not end")
        assert scan_as_root(daemon.pid, key) == []


def test_with_the_sealed_file_secrets_are_in_no_file_and_after_a_restart_in_locked_memory(person, practice):
    person.write_config("store = file\nkey = random\n")
    person.start_daemon()
    use_everything(person, practice)
    person.stop_daemons()
    require_none_in_files(person, practice)
    person.start_daemon()
    assert ask(person).status == 0
    require_none_in_memory(person, practice, lambda found: not is_locked(found), "in memory that is not locked")
    assert practice.count("RegisterClient") == 2, "one for each flow"
    sign_out(person)
    require_none_in_memory(person, practice)


def test_a_passphrase_is_forgotten_once_the_sealed_file_is_open(person, practice):
    right, wrong = "Eleven-herons-wade-at-dawn-9431", "Twelve-storks-sleep-at-noon-0028"
    both = {"passphrase": [right], "wrong passphrase": [wrong]}
    person.write_config("store = file\nkey = passphrase\n")
    daemon = person.start_daemon()
    assert ask(person).status == 3
    person.call("Unlock", passphrase=right)
    use_everything(person, practice)
    assert scan_as_root(daemon.pid, both) == []
    person.stop_daemons()

    daemon = person.start_daemon()
    assert ask(person).status == 8
    with pytest.raises(VarlinkError):
        person.call("Unlock", passphrase=wrong)
    person.call("Unlock", passphrase=right)
    assert ask(person).status == 0
    assert scan_as_root(daemon.pid, both) == []


# Processes, files, logs.


def shown_of(pid):
    """What anybody of this user may read of a process."""
    return b"".join(pathlib.Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline"))


def test_environment_arguments_and_the_programs_of_a_person_hold_no_secret(person, practice):
    daemon = person.start_daemon()
    login = person.spawn("iamic-login", "corp")
    code = practice.wait_pending()
    assert scan_as_root(login.pid, practice.secrets()) == []
    shown = shown_of(login.pid)
    practice.approve(code)
    assert login.finish().status == 0

    practice.fault("GetRoleCredentials", "delay", seconds=1.5)
    shim = person.spawn("iamic-credential-process", "--sso-session", "corp", "--account-id", ACCOUNT, "--role-name",
                        ROLE)
    wait_for(lambda: any(ROLE in str(request) for request in practice.requests("GetRoleCredentials")), 5,
             lambda: "the role was not asked for")
    shown += shown_of(shim.pid) + shown_of(daemon.pid)
    assert shim.finish().status == 0
    assert Secrets(practice.secrets()).found_in(shown) == []


def require_none_in_files(home, practice):
    """Whatever lies below home and runtime folder, and every output but the one that was asked for."""
    secrets = Secrets(practice.secrets())
    asked_for = set(home.logs.glob("*-iamic-credential-process.out"))
    files = {path for path in home.base.rglob("*") if path.is_file() and not path.is_symlink()} - asked_for
    holding = {str(path.relative_to(home.base)): [name for _, name in secrets.found_in(path.read_bytes())]
               for path in sorted(files)}
    assert len(holding) > 5
    assert {path: names for path, names in holding.items() if names} == {}


def test_logs_errors_and_files_hold_no_secret_whatever_happens(person, practice):
    daemon = person.start_daemon()
    use_everything(person, practice)
    for kind, arguments in [*FAULTS, ("garbage", {}), ("html", {}), ("status", {"status": 403})]:
        practice.fault("*", kind, times=2, **arguments)
        ask(person, ACCOUNT, "Power+User", "--timeout", "1")
        person.iamic("whoami", "--profile", "dev")
        practice.clear_faults()
    person.iamic("status", "--json")
    sign_out(person)
    assert "GetRoleCredentials" in daemon.err, "the log is not at debug"
    assert secrets_of_the_shims(person) <= set(practice.secrets()["session token"])
    require_none_in_files(person, practice)


def secrets_of_the_shims(home):
    """What the shims printed: so the server told what there was to be found."""
    texts = (path.read_text() for path in home.logs.glob("*-iamic-credential-process.out"))
    tokens = {json.loads(text)["SessionToken"] for text in texts if text}
    assert tokens
    return tokens


# Dumps.


def may_be_read(pid):
    """By another process of the same user: the kernel refuses it for one that is not dumpable."""
    done = subprocess.run([*POWERLESS, "/bin/cat", f"/proc/{pid}/environ"], capture_output=True)
    return done.returncode == 0


def test_the_daemon_leaves_no_core_and_lets_nobody_look(person):
    daemon = person.spawn(*POWERLESS, person.program("iamicd"))
    other = person.spawn(*POWERLESS, "/bin/sleep", "30")
    wait_for(person.socket.exists, 10, lambda: f"no daemon: {daemon.result(None)}")
    assert may_be_read(other.pid) and not may_be_read(daemon.pid)
    assert resource.prlimit(daemon.pid, resource.RLIMIT_CORE) == (0, 0)
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{daemon.pid}/status").read_text().splitlines())
    assert status["NoNewPrivs"] == "1"


def core_of(home, process):
    """What is left in the home of a process that crashes, and may leave a core as far as it can be allowed to."""
    before, hard = set(home.path.iterdir()), resource.prlimit(process.pid, resource.RLIMIT_CORE)[1]
    resource.prlimit(process.pid, resource.RLIMIT_CORE, (hard, hard))
    with contextlib.suppress(PermissionError):  # root in a container may not
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    crash(process.pid)
    assert process.wait(20) == -signal.SIGABRT
    home.processes.remove(process)
    return set(home.path.iterdir()) - before


@pytest.mark.skipif(os.geteuid() != 0, reason="traces what is not dumpable")
def test_a_core_that_is_forced_does_not_come(person, practice):
    """Nor where somebody could lift its limit: it is not dumpable, either."""
    daemon = person.start_daemon()
    use_everything(person, practice)
    for number in (signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV):
        daemon.send_signal(number)
    assert ask(person).status == 0, "it crashes by a fault of its own only"
    assert core_of(person, daemon) == set()
    if CORES_LIE_WHERE_IT_CRASHED:  # or there is nothing to be seen, of whatever program
        for core in core_of(person, person.spawn("/bin/sleep", "30")):
            core.unlink()
            break
        else:
            raise AssertionError("no core of any program: this test shows nothing")
    require_none_in_files(person, practice)


def test_a_daemon_that_may_not_lock_its_memory_says_so_and_works(person, practice):
    daemon = person.spawn(*POWERLESS, "/usr/bin/prlimit", "--memlock=65536:65536", person.program("iamicd"))
    wait_for(person.socket.exists, 10, lambda: f"no daemon: {daemon.result(None)}")
    use_everything(person, practice)
    assert daemon.err.count("RLIMIT_MEMLOCK is too small") == 1
    assert not any("lo" in found["flags"] for found in scan_as_root(daemon.pid, practice.secrets()))
    sign_out(person)
    require_none_in_memory(person, practice)


# What others could put into the environment.


def test_variables_that_steer_the_libraries_have_no_effect(person, practice, tmp_path):
    watched = tmp_path / "watched"
    (watched / "modules").mkdir(parents=True)
    (watched / "openssl.cnf").write_text("openssl_conf = openssl_init\n")
    (watched / "aliases").write_text("localhost nowhere.invalid\n")
    steering = {"SSLKEYLOGFILE": watched / "keys", "OPENSSL_CONF": watched / "openssl.cnf",
                "OPENSSL_MODULES": watched / "modules", "OPENSSL_ENGINES": watched / "modules",
                "HOSTALIASES": watched / "aliases", "RES_OPTIONS": "timeout:1", "MALLOC_TRACE": watched / "trace",
                "MALLOC_PERTURB_": "165", "G_MESSAGES_DEBUG": "all", "GIO_EXTRA_MODULES": watched / "modules"}
    person.env |= {name: str(value) for name, value in steering.items()}
    with Watch(watched, watched / "modules") as watch:
        person.start_daemon()
        use_everything(person, practice)
        sign_out(person)
        assert watch.events() == [] and not (watched / "keys").exists()
        # The same for a program that obeys: or the watch would see nothing.
        person.run("/usr/bin/curl", "--http1.1", "--silent", "--cacert", practice.ca, practice.url + "/start")
        assert {"openssl.cnf", "keys"} <= set(watch.events())


# On the wire.


def client_hello(listener, got):
    """Reads the first record of whoever connects, and hangs up."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        head = connection.recv(5, socket.MSG_WAITALL)
        got.append(connection.recv(struct.unpack("!H", head[3:])[0], socket.MSG_WAITALL))


def protocols_offered(hello):
    """ALPN's names in a ClientHello (RFC 8446 4.1.2, RFC 7301 3.1)."""
    at = 4 + 2 + 32
    at += 1 + hello[at]                                     # session id
    at += 2 + int.from_bytes(hello[at:at + 2], "big")       # cipher suites
    at += 1 + hello[at]                                     # compression
    end = at + 2 + int.from_bytes(hello[at:at + 2], "big")
    at += 2
    while at < end:
        kind, length = struct.unpack("!HH", hello[at:at + 4])
        if kind == 16:
            names, found = hello[at + 6:at + 4 + length], []
            while names:
                found.append(names[1:1 + names[0]].decode())
                names = names[1 + names[0]:]
            return found
        at += 4 + length
    return []


def test_the_daemon_asks_for_no_http2(person):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        got = []
        server = threading.Thread(target=client_hello, args=(listener, got), daemon=True)
        server.start()
        person.env["AWS_ENDPOINT_URL"] = f"https://localhost:{listener.getsockname()[1]}"
        person.start_daemon()
        person.iamic("login", "corp", "--timeout", "5")
        server.join(10)
    assert protocols_offered(got[0]) == ["http/1.1"]
