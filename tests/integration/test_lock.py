"""iamic lock and unlock: nobody is served, nothing is asked of AWS, no sign-in is lost. What is left in memory is
looked for in test_secrets.py."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest
from asking import ask, at_once, get, login, session_of, until_count, until_state
from display import Display
from home import children_of, has_ended, wait_for
from keyring import KEYRING_SERVICES, Bus, GnomeKeyring
from plain_store import PlainStore

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
LOCKED = "iamic is locked: run 'iamic unlock'"
SAID = f"iamic: {LOCKED}\n"
BEGUN, RENEWED = "StartDeviceAuthorization", "CreateToken:refresh_token"


@pytest.fixture
def person(home):
    """Signed in, with the sealed file for a store."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = random\n")
    home.sign_in()
    return home


def lock(home):
    result = home.iamic("lock")
    assert (result.status, result.out, result.err) == (0, "locked\n", ""), result


def unlock(home):
    result = home.iamic("unlock")
    assert (result.status, result.out, result.err) == (0, "unlocked\n", ""), result


def require_served_without_a_sign_in(home):
    result = home.credential_process(*SHIM)
    assert result.status == 0, result
    assert home.practice.count(BEGUN) == 1, "a person was asked to sign in again"


# What people and programs see

@pytest.mark.quick
def test_locked_nobody_is_served_and_unlocked_everybody_without_a_sign_in(person, practice):
    assert person.credential_process(*SHIM).status == 0
    lock(person)
    asked = len(practice.requests())
    for result in (person.credential_process(*SHIM), person.iamic("whoami", "--profile", "dev"),
                   person.iamic("accounts"), person.iamic("roles"), person.iamic("export", "--profile", "dev"),
                   person.iamic("login"), person.iamic("login", "--force"), person.iamic("logout"),
                   person.iamic("import"), person.iamic("unlock", "--move-to", "memory"),
                   person.iamic("console", "--print", "--profile", "dev")):
        assert (result.status, result.out, result.err) == (9, "", SAID), result
    result = person.iamic("exec", "--profile", "dev", "--", "/bin/true")
    assert (result.status, result.err) == (125, SAID), result
    assert len(practice.requests()) == asked
    unlock(person)
    require_served_without_a_sign_in(person)


def test_the_state_is_told_in_every_way_there_is(person):
    lock(person)
    assert [session["state"] for session in json.loads(person.iamic("status", "--json").out)["sessions"]] == ["locked"]
    shown = person.iamic("status").out
    assert "\n  locked     since " in shown and ", by 'iamic lock'; run: iamic unlock\n" in shown, shown
    assert "\nsession 'corp': locked\n" in shown and "token" not in shown, shown
    assert person.iamic("status", "--check").status == 3
    assert person.iamic("prompt", env={"AWS_PROFILE": "dev"}).out == "dev locked\n"
    found = json.loads(person.iamic("doctor", "--json").out)["findings"]
    assert [(one["status"], one["text"], one["fix"]) for one in found if one["id"] == "session"] == [
        ("unknown", "is locked", "iamic unlock")]
    unlock(person)
    assert person.call("Status")["locked"] is None
    wait_for(lambda: person.iamic("status", "--check").status == 0, 10, lambda: person.iamic("status"))


def test_the_answer_comes_at_once(person):
    lock(person)
    assert at_once(lambda: get(person)).refusal("Locked").message == LOCKED
    assert at_once(lambda: get(person, loginMs=20000)).refusal("Locked").message == LOCKED
    assert at_once(lambda: login(person)).refusal("Locked").message == LOCKED
    assert at_once(lambda: ask(person, "Status")).reply()["roles"] == []


def test_to_lock_twice_and_to_unlock_what_is_open_is_harmless(person):
    lock(person)
    since = person.call("Status")["locked"]
    lock(person)
    assert person.call("Status")["locked"] == since
    unlock(person)
    unlock(person)
    require_served_without_a_sign_in(person)


def test_without_a_configuration_it_locks_as_well(home):
    lock(home)
    assert "\n  locked     since " in home.iamic("status").out
    unlock(home)


# What is under way

def test_calls_under_way_end_at_once(person, practice):
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=5)
    before = practice.count("GetRoleCredentials")
    waiting = [get(person, accountId="111122223333", roleName="Administrator") for _ in range(50)]
    until_count(practice, "GetRoleCredentials", before + 1)
    began = time.monotonic()
    person.call("Lock")
    for one in waiting:
        assert one.refusal("Locked").message == LOCKED
    assert time.monotonic() - began < 1
    practice.clear_faults()
    unlock(person)
    require_served_without_a_sign_in(person)


@pytest.mark.parametrize("operation, method, parameters", [
    ("ListAccounts", "ListAccounts", {}),
    ("GetCallerIdentity", "Call", {"service": "sts", "operation": "GetCallerIdentity", "body": "",
                                   "target": {"profile": "dev"}}),
    ("GetSigninToken", "SigninLink", {"target": {"profile": "dev"}}),
])
def test_what_aws_is_being_asked_for_by_other_calls_ends_too(person, practice, operation, method, parameters):
    get(person).reply()
    practice.fault(operation, "delay", seconds=5)
    waiting = ask(person, method, parameters)
    until_count(practice, operation, 1)
    person.call("Lock")
    assert waiting.refusal("Locked", timeout=1).message == LOCKED


def test_a_sign_in_under_way_ends(person, practice):
    waiting = login(person, force=True)
    waiting.until_stage("waiting")
    behind = get(person, roleName="Billing", loginMs=20000)
    person.call("Lock")
    assert waiting.refusal("Locked", timeout=1).message == LOCKED
    assert behind.refusal("Locked", timeout=1).message == LOCKED
    polls = practice.count("CreateToken:device_code")
    time.sleep(1.5)
    assert practice.count("CreateToken:device_code") == polls


def test_a_link_that_leads_on_to_the_console_leads_nowhere_any_more(person):
    link = person.call("SigninLink", target={"profile": "dev"}, hidden=True)["url"]
    port = int(link.split(":")[2].split("/")[0])
    socket.create_connection(("127.0.0.1", port)).close()
    person.call("Lock")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_logout_under_way_is_seen_through(person, practice):
    practice.fault("Logout", "delay", seconds=1)
    leaving = ask(person, "Logout")
    until_count(practice, "Logout", 1)
    person.call("Lock")
    assert leaving.reply() == {"sessions": ["corp"], "warning": None}
    unlock(person)
    assert person.credential_process(*SHIM).status == 3


def refresh_under_way(person, practice, seconds):
    """AWS knows the new refresh token only, and takes that long to tell it."""
    practice.set(rotate=True, retire_old_refresh=True)
    practice.revoke("access")
    practice.fault(RENEWED, "delay", seconds=seconds)
    waiting = ask(person, "ListAccounts")
    until_count(practice, RENEWED, 1)
    return waiting


def test_a_refresh_under_way_loses_no_sign_in(person, practice):
    waiting = refresh_under_way(person, practice, 1)
    began = time.monotonic()
    locking = ask(person, "Lock")
    assert waiting.refusal("Locked", timeout=0.8).message == LOCKED
    assert get(person).refusal("Locked", timeout=0.8)
    assert locking.reply() == {"signedOut": [], "warning": None}
    assert time.monotonic() - began > 0.8, "it says so before the token is stored"
    unlock(person)
    assert person.iamic("accounts").status == 0, "the refresh token that was stored is the old one"
    require_served_without_a_sign_in(person)


def test_a_refresh_that_takes_long_is_said_and_loses_no_sign_in_either(person, practice):
    refresh_under_way(person, practice, 4)
    result = person.iamic("lock")
    assert (result.status, result.out) == (0, "locked\n") and "warning: a token is on its way" in result.err, result
    unlock(person)
    assert session_of(person)["state"] == "loading"
    lock(person)
    unlock(person)
    until_state(person, "ready")
    assert person.iamic("accounts").status == 0
    require_served_without_a_sign_in(person)


def test_a_refresh_under_way_that_fails_changes_nothing(person, practice):
    practice.revoke("access")
    practice.fault(RENEWED, "delay", seconds=1)
    practice.fault(RENEWED, "drop", times=None, after=1)
    ask(person, "ListAccounts")
    until_count(practice, RENEWED, 1)
    ask(person, "Lock")
    practice.clear_faults()
    unlock(person)
    require_served_without_a_sign_in(person)


@pytest.fixture
def slow(home, tmp_path):
    home.configure({"dev": (ACCOUNT, ROLE)})
    store = PlainStore(home, tmp_path)
    home.write_config(f"store = {store.path}\n")
    return store


@pytest.mark.parametrize("ends, lost", [("", []), ("; exit 1", ["corp"])], ids=["well", "badly"])
def test_a_sign_in_that_is_being_stored_is_not_lost_or_said_to_be(home, practice, slow, ends, lost):
    home.start_daemon()
    slow.behave(f"[ $verb != save ] || {{ sleep 0.5{ends}; }}")
    waiting = login(home)
    practice.approve(waiting.until_stage("waiting")["code"])
    wait_for(lambda: "save" in slow.calls(), 10, lambda: "nothing is saved")
    assert home.call("Lock") == {"signedOut": lost, "warning": None}
    assert waiting.refusal("Locked")
    unlock(home)
    assert home.credential_process(*SHIM).status == (3 if lost else 0)
    assert practice.count(BEGUN) == 1


def test_what_the_store_refused_is_offered_once_more_and_said_to_be_lost_if_it_is(home, practice, slow):
    slow.behave("[ $verb != save ] || exit 1")
    home.sign_in()
    result = home.iamic("lock")
    assert (result.status, result.out) == (0, "locked\nsigned out of 'corp', which no store keeps\n"), result
    unlock(home)
    assert home.credential_process(*SHIM).status == 3
    home.sign_in()
    slow.behave()
    lock(home)
    unlock(home)
    assert home.credential_process(*SHIM).status == 0 and practice.count(BEGUN) == 2


@pytest.mark.parametrize("refuses", ["exit 0", "exit 1"])
def test_what_a_forced_sign_in_was_to_replace_is_not_lost(home, practice, slow, refuses):
    """AWS has not ended it; and the store may not have had it yet."""
    slow.behave(f"[ $verb != save ] || [ '{refuses}' = 'exit 0' ] || {refuses}")
    home.sign_in()
    practice.fault("Logout", "status", status=500)
    waiting = login(home, force=True)
    waiting.until_stage("waiting")
    slow.behave()
    lock(home)
    assert waiting.refusal("Locked")
    polls = practice.count("CreateToken:device_code")
    time.sleep(1.5)
    assert practice.count("CreateToken:device_code") == polls, "the sign-in goes on"
    unlock(home)
    assert home.credential_process(*SHIM).status == 0 and practice.count(BEGUN) == 2


def test_what_a_forced_sign_in_was_to_replace_and_no_store_keeps_is_said_to_be_lost(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = memory\n")
    home.sign_in()
    practice.fault("Logout", "status", status=500)
    login(home, force=True).until_stage("waiting")
    assert home.iamic("lock").out == "locked\nsigned out of 'corp', which no store keeps\n"


def test_an_unlock_under_way_is_ended_by_a_lock(home, practice, slow):
    home.sign_in()
    lock(home)
    slow.behave("[ $verb != unlock ] || sleep 1")
    waiting = ask(home, "Unlock")
    wait_for(lambda: "unlock" in slow.calls(), 10, lambda: "nobody is asked")
    lock(home)
    assert waiting.refusal("Locked").message == LOCKED
    time.sleep(1.2)
    assert get(home).refusal("Locked")
    slow.behave()
    unlock(home)
    require_served_without_a_sign_in(home)


# Stores

def add_session(home, name):
    home.write_aws_config(f"{home.aws_config.read_text()}\n[sso-session {name}]\n"
                          f"sso_start_url = {home.practice.start_url}/\nsso_region = us-east-1\n")


def test_while_locked_the_store_is_left_alone(home, slow):
    home.sign_in()
    lock(home)
    before = slow.calls()
    get(home).refusal("Locked")
    home.iamic("status")
    add_session(home, "other")
    assert home.iamic("accounts", "--sso-session", "other").err == SAID
    assert slow.calls() == before


def test_what_was_to_be_read_is_not_read_once_iamic_is_locked(home, slow):
    add_session(home, "side")
    home.start_daemon()
    slow.behave("[ $verb != load ] || sleep 0.5")
    waiting = [ask(home, "ListAccounts", session=name) for name in ("corp", "side")]
    wait_for(lambda: "load" in slow.calls(), 10, lambda: "nothing is read")
    home.call("Lock")
    for one in waiting:
        assert one.refusal("Locked")
    time.sleep(0.8)
    assert slow.calls().count("load") == 1


def test_a_store_that_stays_locked_keeps_iamic_locked(home, practice, slow):
    home.sign_in()
    lock(home)
    slow.behave("""[ $verb != unlock ] || { echo '{"state":"locked","message":"the safe is locked"}'; exit; }""")
    result = home.iamic("unlock")
    assert (result.status, result.err) == (8, "iamic: the safe is locked: it stays locked: try 'iamic unlock' again\n")
    assert home.credential_process(*SHIM).err == SAID
    slow.behave()
    unlock(home)
    require_served_without_a_sign_in(home)


def test_a_store_that_is_broken_does_not_lock_anybody_out(home, practice, slow):
    home.sign_in()
    lock(home)
    slow.behave("[ $verb != status ] || exit 3")
    home.stop_daemons()
    unlock(home)
    result = home.credential_process(*SHIM)
    assert result.status == 8 and "failed with exit status 3" in result.err, result


def test_what_no_store_keeps_is_signed_out_and_lock_says_so(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = memory\n")
    home.sign_in()
    result = home.iamic("lock")
    assert (result.status, result.out) == (0, "locked\nsigned out of 'corp', which no store keeps\n"), result
    assert [path.name for path in (home.path / ".local/state/iamic").iterdir()] == ["lock"], "it makes a file"
    assert home.credential_process(*SHIM).err == SAID
    assert home.iamic("lock").out == result.out
    unlock(home)
    assert home.credential_process(*SHIM).status == 3
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0


def test_a_passphrase_is_asked_for_again(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\n")
    home.start_daemon()
    home.call("Unlock", passphrase="open sesame")
    home.sign_in()
    lock(home)
    assert home.call("Unlock")["needsPassphrase"] is True
    assert home.credential_process(*SHIM).err == SAID, "without the passphrase it is unlocked"
    result = ask(home, "Unlock", passphrase="open barley").refusal("StoreUnavailable")
    assert "that is not the passphrase" in result.message
    assert home.credential_process(*SHIM).err == SAID
    assert home.call("Unlock", passphrase="open sesame")["needsPassphrase"] is False
    require_served_without_a_sign_in(home)
    for _ in range(2):
        lock(home)
        home.stop_daemons()
        home.start_daemon()
        assert home.call("Unlock") == {"needsPassphrase": True, "isNew": False}
        assert home.call("Unlock", passphrase="open sesame")["needsPassphrase"] is False
        require_served_without_a_sign_in(home)


def test_a_refresh_under_way_is_stored_with_the_passphrase_that_is_forgotten_then(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\n")
    home.start_daemon()
    home.call("Unlock", passphrase="open sesame")
    home.sign_in()
    refresh_under_way(home, practice, 1)
    locking = ask(home, "Lock")
    wait_for(lambda: home.call("Status")["locked"], 10, lambda: "not locked")
    assert home.call("Unlock")["needsPassphrase"] is True, "the key that is there for what is to be stored opens all"
    assert "that is not the passphrase" in ask(home, "Unlock", passphrase="open barley").refusal(
        "StoreUnavailable").message
    assert locking.reply() == {"signedOut": [], "warning": None}
    assert home.call("Unlock")["needsPassphrase"] is True
    home.call("Unlock", passphrase="open sesame")
    assert home.iamic("accounts").status == 0
    require_served_without_a_sign_in(home)


@pytest.fixture
def keyring(home):
    bus = Bus(home)
    yield GnomeKeyring(bus).start()
    bus.stop()


@pytest.mark.parametrize("config", ["store = secret-service", "store = file\nkey = secret-service"])
def test_with_a_keyring_that_is_open_it_is_one_word(home, practice, keyring, config):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config(config + "\n")
    home.sign_in()
    for _ in range(2):
        lock(home)
        unlock(home)
        require_served_without_a_sign_in(home)
        lock(home)
        home.stop_daemons()
        unlock(home)
        require_served_without_a_sign_in(home)


@pytest.mark.parametrize("config", ["store = secret-service", "store = file\nkey = secret-service"])
def test_with_a_keyring_that_stays_locked_so_does_iamic(home, practice, keyring, config):
    """gnome-keyring's prompt cannot be shown here: nobody answers it."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config(config + "\n")
    home.sign_in()
    lock(home)
    keyring.lock()
    result = home.iamic("unlock")
    assert result.status == 8 and "it stays locked: try 'iamic unlock' again" in result.err, result
    assert home.credential_process(*SHIM).err == SAID
    keyring.unlock()
    unlock(home)
    require_served_without_a_sign_in(home)


@pytest.mark.all
@pytest.mark.parametrize("config", ["store = secret-service", "store = file\nkey = secret-service"])
def test_a_person_who_answers_the_keyrings_prompt_unlocks_both(home, practice, config):
    display = Display(home)
    bus = Bus(home, KEYRING_SERVICES)
    keyring = GnomeKeyring(bus).start()
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config(config + "\n")
    home.sign_in()
    for restarts in (False, True):
        lock(home)
        if restarts:
            home.stop_daemons()
        keyring.lock()
        unlocking = home.spawn("iamic", "unlock")
        display.answer(("type", GnomeKeyring.PASSWORD), ("key", "Return"))
        assert unlocking.finish().status == 0
        require_served_without_a_sign_in(home)
    bus.stop()


def test_no_prompt_is_shown_for_what_was_asked_of_the_keyring_before(home, practice, keyring):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = secret-service\n")
    daemon = home.start_daemon()
    home.sign_in()
    keyring.lock()
    keyring.freeze()
    add_session(home, "side")
    helpers = len(children_of(daemon.pid))
    waiting = ask(home, "ListAccounts", session="side")
    wait_for(lambda: len(children_of(daemon.pid)) > helpers, 10, lambda: "the keyring is not asked")
    home.call("Lock")
    waiting.refusal("Locked")
    os.kill(keyring.pid, signal.SIGCONT)
    wait_for(lambda: len(children_of(daemon.pid)) == helpers, 10, lambda: "the keyring does not answer")
    time.sleep(0.3)
    assert "stays locked" not in daemon.err, "somebody was asked to unlock it"
    keyring.unlock()
    unlock(home)
    require_served_without_a_sign_in(home)


# Over the daemon's end

def test_it_outlives_the_daemon_whatever_ends_it(person):
    lock(person)
    for number in (signal.SIGTERM, signal.SIGKILL):
        pid = person.daemon_pid()
        os.kill(pid, number)
        assert has_ended(pid, 10)
        assert person.credential_process(*SHIM).err == SAID
        assert person.daemon_pid() != pid
        assert "by 'iamic lock'" in person.iamic("status").out
    unlock(person)
    pid = person.daemon_pid()
    os.kill(pid, signal.SIGKILL)
    assert has_ended(pid, 10)
    require_served_without_a_sign_in(person)


def test_a_note_that_cannot_be_read_counts_as_locked(person):
    note = person.path / ".local/state/iamic/locked"
    for made in (note.mkdir, lambda: note.write_bytes(b"\xff" * 4096), lambda: note.write_bytes(b"")):
        person.stop_daemons()
        made()
        assert person.credential_process(*SHIM).err == SAID
        assert person.iamic("status").status == 0
        note.rmdir() if note.is_dir() else None
        unlock(person)
        assert not note.exists()
        require_served_without_a_sign_in(person)


def test_where_it_cannot_be_noted_lock_says_so(person):
    note = person.path / ".local/state/iamic/locked"
    (note.parent / "locked.new").mkdir()
    result = person.iamic("lock")
    assert (result.status, result.out) == (0, "locked\n"), result
    assert result.err.startswith("iamic: warning: cannot write '") and result.err.endswith(
        ": a new iamicd will not be locked\n"), result
    assert person.credential_process(*SHIM).err == SAID


def test_what_the_aws_cli_is_lent_is_taken_back(person, practice):
    person.write_config("store = file\nkey = random\ncache = aws-cli\n")
    person.stop_daemons()
    cache = person.path / ".aws/sso/cache"
    assert person.credential_process(*SHIM).status == 0
    assert len(list(cache.iterdir())) == 1
    lock(person)
    assert not list(cache.iterdir())
    unlock(person)
    wait_for(lambda: list(cache.iterdir()), 10, lambda: "not lent again")
    lock(person)


def test_what_a_daemon_that_was_killed_has_lent_the_aws_cli_is_taken_back_too(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\ncache = aws-cli\n")
    home.start_daemon()
    home.call("Unlock", passphrase="open sesame")
    home.sign_in()
    cache = home.path / ".aws/sso/cache"
    assert len(list(cache.iterdir())) == 1
    pid = home.call("Status")["pid"]
    os.kill(pid, signal.SIGKILL)
    assert has_ended(pid, 10)
    lock(home)
    assert not list(cache.iterdir())


def test_with_two_sessions_each_comes_back(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    add_session(home, "side")
    home.write_config("store = file\nkey = random\n")
    for name in ("corp", "side"):
        home.sign_in(name)
    lock(home)
    assert {session["state"] for session in home.call("Status")["sessions"]} == {"locked"}
    unlock(home)
    for name in ("corp", "side"):
        until_state(home, "ready", session=name)
    assert practice.count(BEGUN) == 2


def test_stdin_that_is_no_terminal_and_a_passphrase(home):
    home.configure()
    home.write_config("store = file\nkey = passphrase\n")
    home.start_daemon()
    home.call("Unlock", passphrase="open sesame")
    lock(home)
    result = home.iamic("unlock", stdin=subprocess.DEVNULL, start_new_session=True)
    assert result.status == 2 and "a passphrase is asked for at a terminal" in result.err, result
    assert home.credential_process(*SHIM).err == SAID
