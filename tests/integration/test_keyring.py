"""The daemon over a real gnome-keyring: what the person sees in each of its states, how soon, and with which status.
Nothing is called signed out that is only locked, and no keyring's trouble reaches who has credentials already."""
import json
import pathlib
import time

import pytest

from asking import session_of, warm_p50
from display import Display
from home import wait_for
from keepassxc import KeePassXC
from keyring import KEYRING_SERVICES, Bus, GnomeKeyring
from kwallet import KWallet
from residue import scan_as_root

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
SOON = 3  # seconds


@pytest.fixture
def bus(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    bus = Bus(home, KEYRING_SERVICES)
    yield bus
    home.stop_daemons()
    if bus.process.poll() is None:
        bus.stop()


@pytest.fixture
def keyring(bus):
    return GnomeKeyring(bus).start()


def store_of(home):
    return json.loads(home.iamic("status", "--json").out)["store"]


def recorded(home):
    return (home.path / ".local/state/iamic/store").read_text().strip()


@pytest.fixture
def signed_in(home, keyring):
    """Signed in, the keyring open, no daemon."""
    home.sign_in()
    assert store_of(home)["kind"] == "secret-service"
    home.stop_daemons()
    return home


@pytest.mark.quick
def test_a_sign_in_is_kept_in_the_keyring_and_outlives_the_daemon(signed_in, practice, keyring):
    result = signed_in.credential_process(*SHIM)
    assert result.status == 0, result
    assert practice.count("StartDeviceAuthorization") == 1
    assert recorded(signed_in) == "secret-service"
    assert not (signed_in.path / ".local/state/iamic/sealed").exists()
    labels = [keyring.label(item) for item in keyring.find(application="iamic")]
    assert len(labels) == 1 and "corp" in labels[0]
    assert "keyring" in store_of(signed_in)["protects"]


def test_a_locked_keyring_is_not_signed_out(signed_in, practice, keyring):
    keyring.lock()
    result = signed_in.credential_process(*SHIM)
    assert result.status == 8 and "locked" in result.err and "iamic unlock" in result.err, result
    assert "signed out" not in result.err and result.seconds < SOON
    login = signed_in.iamic("login", "corp")
    assert login.status == 8 and "locked" in login.err and login.seconds < SOON, login
    status = json.loads(signed_in.iamic("status", "--json").out)
    assert (status["store"]["state"], status["sessions"][0]["state"]) == ("locked", "loading")
    unlock = signed_in.iamic("unlock")  # no display: no prompt can be shown
    assert unlock.status == 8 and unlock.seconds < SOON, unlock
    keyring.unlock()
    assert signed_in.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1


def test_a_keyring_that_is_locked_later_costs_nobody_anything(signed_in, practice, keyring):
    assert signed_in.credential_process(*SHIM).status == 0
    keyring.lock()
    ends = time.monotonic() + 8
    while time.monotonic() < ends:
        assert signed_in.credential_process(*SHIM).status == 0
        time.sleep(0.5)


def test_a_frozen_keyring_is_told_in_time_and_stalls_no_warm_request(signed_in, keyring):
    assert signed_in.credential_process(*SHIM).status == 0
    usual = warm_p50(signed_in)
    signed_in.write_aws_config(f"{signed_in.aws_config.read_text()}\n[sso-session other]\n"
                               f"sso_start_url = {signed_in.practice.start_url}/\nsso_region = us-east-1\n")
    keyring.freeze()
    stuck = signed_in.spawn("iamic-credential-process", "--sso-session", "other", "--account-id", ACCOUNT,
                            "--role-name", ROLE, "--timeout", "30")
    wait_for(lambda: session_of(signed_in, "other")["state"] == "loading", 5, lambda: "the keyring is not asked")
    assert warm_p50(signed_in) <= 2 * usual
    assert session_of(signed_in, "other")["state"] == "loading"
    result = stuck.finish(30)
    assert result.status == 8 and "signed out" not in result.err and 8 < result.seconds < 15, result


def test_a_killed_keyring_comes_back_locked(signed_in, practice, keyring):
    keyring.kill()
    result = signed_in.credential_process(*SHIM)
    assert result.status == 8 and "locked" in result.err and result.seconds < SOON, result
    keyring.unlock()
    assert signed_in.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1


def test_without_its_bus_the_recorded_keyring_is_missed_and_nothing_else_is_used_instead(signed_in, bus):
    bus.stop()
    result = signed_in.credential_process(*SHIM)
    assert result.status == 8 and "signed out" not in result.err and result.seconds < SOON, result
    assert recorded(signed_in) == "secret-service"
    assert not (signed_in.path / ".local/state/iamic/sealed").exists()


def test_where_no_keyring_was_ever_made_the_sealed_file_is_used(home, bus, practice):
    GnomeKeyring(bus).start_locked()
    home.sign_in()
    assert (store_of(home)["kind"], recorded(home)) == ("file", "file")
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1


def test_the_sealed_files_key_is_kept_in_the_keyring_where_there_is_one(home, keyring, practice):
    home.write_config("store = file\n")
    home.sign_in()
    assert store_of(home)["kind"] == "file"
    assert not (home.path / ".local/share/iamic/key").exists()
    assert len(keyring.find(application="iamic")) == 1
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0
    home.stop_daemons()
    keyring.lock()
    result = home.credential_process(*SHIM)
    assert result.status == 8 and "locked" in result.err, result
    keyring.unlock()
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1


@pytest.mark.once
def test_the_sealed_files_key_is_in_locked_memory_alone(home, keyring):
    home.write_config("store = file\n")
    home.sign_in()
    item, = keyring.find(application="iamic")
    assert keyring.label(item) != "" and len(keyring.read(item)) >= 32
    for restarted in (False, True):
        found = scan_as_root(home.daemon_pid(), {"key": [keyring.read(item)]})
        assert found and all({"lo", "dd"} <= set(one["flags"]) for one in found), (restarted, found)
        home.stop_daemons()
        assert home.credential_process(*SHIM).status == 0


def test_logout_takes_the_token_out_of_the_keyring(signed_in, keyring):
    assert signed_in.iamic("logout", "corp").status == 0
    [item] = keyring.find(application="iamic")
    assert "accessToken" not in keyring.read(item) and "clientSecret" in keyring.read(item)


def test_sign_ins_move_between_stores_and_leave_nothing_behind(signed_in, keyring, practice):
    moved = signed_in.iamic("unlock", "--move-to", "file")
    assert (moved.status, moved.out) == (0, "moved: sign-ins are kept in 'file' now\n"), moved
    assert store_of(signed_in)["kind"] == "file" and recorded(signed_in) == "file"
    assert len(keyring.find(application="iamic", session="corp")) == 0
    signed_in.stop_daemons()
    assert signed_in.credential_process(*SHIM).status == 0
    again = signed_in.iamic("unlock", "--move-to", "secret-service")
    assert again.status == 0, again
    signed_in.stop_daemons()
    assert signed_in.credential_process(*SHIM).status == 0
    assert store_of(signed_in)["kind"] == "secret-service"
    assert practice.count("StartDeviceAuthorization") == 1


def test_a_move_that_fails_moves_nothing(signed_in, keyring, practice):
    assert signed_in.credential_process(*SHIM).status == 0
    keyring_items = len(keyring.find(application="iamic"))
    failed = signed_in.iamic("unlock", "--move-to", "/usr/bin/false")
    assert failed.status == 8 and "nothing was moved" in failed.err, failed
    assert len(keyring.find(application="iamic")) == keyring_items
    assert store_of(signed_in)["kind"] == "secret-service"
    for words, says in ((("--move-to", "secret-service"), "already"), (("--move-to", "cloud"), "is no store")):
        refused = signed_in.iamic("unlock", *words)
        assert refused.status == 7 and says in refused.err, refused


def test_a_prompt_that_nobody_answers_is_shown_once_and_holds_up_nobody(signed_in, bus, keyring):
    keyring.lock()
    prompter = signed_in.spawn("/usr/bin/python3", pathlib.Path(__file__).parents[1] / "lib/silent_prompter.py")
    wait_for(lambda: bus.owner_pid("org.gnome.keyring.SystemPrompter"), 10, lambda: "no prompter")
    for _ in range(5):
        result = signed_in.credential_process(*SHIM)
        assert result.status == 8 and "locked" in result.err and result.seconds < SOON, result
    prompter.until("begin")
    time.sleep(0.5)
    assert prompter.out.split().count("begin") == 1
    prompter.kill()


# Needs more packages, and a moment for each wallet to start.

@pytest.mark.all
def test_keepassxc_keeps_the_key_of_the_sealed_file_and_is_not_asked_again(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    bus = Bus(home)
    keyring = KeePassXC(bus, asks=False)
    home.sign_in()
    assert store_of(home)["kind"] == "file" and recorded(home) == "file"
    assert len(keyring.find(application="iamic")) == 1
    for _ in range(2):
        home.stop_daemons()
        assert home.credential_process(*SHIM).status == 0
    home.stop_daemons()
    keyring.lock()
    result = home.credential_process(*SHIM)
    assert result.status == 8 and "signed out" not in result.err, result
    assert practice.count("StartDeviceAuthorization") == 1
    home.stop_daemons()
    bus.stop()


@pytest.mark.all
def test_a_keepassxc_that_asks_says_so_and_is_never_signed_out(home, practice):
    """As it comes, and as the store that somebody insists on: it asks once for each daemon."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = secret-service\n")
    bus = Bus(home)
    keyring = KeePassXC(bus, asks=True)
    home.sign_in()
    assert "asks you once at each start of the daemon" in store_of(home)["protects"]
    assert home.credential_process(*SHIM).status == 0 and len(keyring.find(application="iamic")) == 1
    home.stop_daemons()
    result = home.credential_process(*SHIM)
    assert result.status == 8 and "iamic unlock" in result.err and "signed out" not in result.err, result
    assert result.seconds < SOON and practice.count("StartDeviceAuthorization") == 1
    home.stop_daemons()
    bus.stop()


@pytest.mark.all
def test_a_person_who_types_the_passphrase_has_the_sign_in_back(home, practice):
    """And one who declines is told what is locked; the prompt comes when it is asked for."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    display, bus = Display(home), Bus(home, KEYRING_SERVICES)
    keyring = GnomeKeyring(bus).start()
    home.sign_in()
    home.stop_daemons()
    keyring.lock()
    for keys, status in ((("key", "Escape"),), 8), ((("type", keyring.PASSWORD), ("key", "Return")), 0):
        unlock = home.spawn("iamic", "unlock")
        display.answer(*keys)
        result = unlock.finish()
        assert result.status == status and (status == 0 or "locked" in result.err), result
    assert home.credential_process(*SHIM).status == 0 and practice.count("StartDeviceAuthorization") == 1
    home.stop_daemons()
    bus.stop()


@pytest.mark.all
def test_kwallet_keeps_the_sign_in(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    bus = Bus(home)
    wallet = KWallet(bus).start().open()
    wait_for(wallet.collection, 10, lambda: "the wallet is open, and its keyring is not there")
    home.sign_in()
    assert store_of(home)["kind"] == "secret-service"
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1
    home.stop_daemons()
    bus.stop()
