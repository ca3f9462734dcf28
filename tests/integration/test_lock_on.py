"""lock_on: iamic locks itself before the machine sleeps, when the screen is locked, when nobody asks for anything."""
import json
import time

import pytest
import varlink
from asking import ask, get, until_count
from desktop import NOTIFICATIONS, Desktop
from home import wait_for
from keyring import GLib
from plain_store import PlainStore

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
SAID = "iamic: iamic is locked: run 'iamic unlock'\n"
OURS, ANOTHERS = "_31", "_32"
DEAF_TO_SUSPEND = "lock_on = suspend has no effect: there is no logind here that would say so"
LATE = "lock_on = suspend may take effect only after the sleep: logind does not let iamic hold it up"
DEAF_TO_SCREEN = "lock_on = screen has no effect: there is neither logind nor a desktop that would say so"


@pytest.fixture
def desktop(home):
    return Desktop(home)


def start(home, lock_on, *lines, signs_in=True):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("\n".join(["store = file", "key = random", f"lock_on = {lock_on}", *lines, ""]))
    home.start_daemon()
    if signs_in:
        home.sign_in()
    return home


def why(home):
    locked = home.call("Status")["locked"]
    return locked and locked["why"]


def until_locked(home, reason, timeout=10):
    wait_for(lambda: why(home), timeout, lambda: "it is not locked")
    assert why(home) == reason
    assert home.credential_process(*SHIM).err == SAID


def unlock(home):
    assert home.iamic("unlock").status == 0
    assert home.credential_process(*SHIM).status == 0
    assert home.practice.count("StartDeviceAuthorization") == 1


# suspend

def test_before_the_machine_sleeps(home, desktop):
    start(home, "suspend")
    held = desktop.until("inhibited")
    assert (held["what"], held["mode"], held["who"]) == ("sleep", "delay", "iamic")
    for turn in (1, 2):
        desktop.say("Sleep", "b", True)
        assert desktop.until("let go", turn)["number"] == turn
        until_locked(home, "the machine went to sleep")
        desktop.say("Sleep", "b", False)
        desktop.until("inhibited", turn + 1)
        assert home.credential_process(*SHIM).err == SAID, "to wake up unlocks it"
        unlock(home)


def test_sleep_waits_until_a_token_on_its_way_is_stored(home, desktop, practice):
    start(home, "suspend")
    desktop.until("inhibited")
    practice.set(rotate=True, retire_old_refresh=True)
    practice.revoke("access")
    practice.fault("CreateToken:refresh_token", "delay", seconds=1)
    waiting = ask(home, "ListAccounts")
    until_count(practice, "CreateToken:refresh_token", 1)
    began = time.monotonic()
    desktop.say("Sleep", "b", True)
    waiting.refusal("Locked", timeout=0.8)
    desktop.until("let go")
    assert time.monotonic() - began > 0.8
    unlock(home)
    assert home.iamic("accounts").status == 0


def test_what_is_locked_already_does_not_hold_up_sleep(home, desktop):
    start(home, "suspend")
    desktop.until("inhibited")
    home.call("Lock")
    desktop.say("Sleep", "b", True)
    desktop.until("let go")
    assert why(home) == "by 'iamic lock'"


# screen

@pytest.mark.parametrize("signal", [
    ("LockSession", "s", OURS), ("Hint", "sb", OURS, True), ("Saver", "sb", "org.freedesktop.ScreenSaver", True),
    ("Saver", "sb", "org.gnome.ScreenSaver", True),
], ids=lambda signal: signal[0] + signal[2])
def test_when_the_screen_is_locked(home, desktop, signal):
    start(home, "screen")
    desktop.until("asked whether locked")
    desktop.say(*signal)
    until_locked(home, "the screen was locked")
    desktop.say("Hint", "sb", OURS, False)
    desktop.say("Saver", "sb", "org.gnome.ScreenSaver", False)
    assert home.credential_process(*SHIM).err == SAID, "the screen's password unlocks it"
    unlock(home)


def test_when_the_screen_is_locked_already_at_the_daemons_start(home, desktop):
    desktop.lock()
    start(home, "screen", signs_in=False)
    until_locked(home, "the screen was locked")


def test_screens_of_others_and_what_else_is_said_lock_nothing(home, desktop):
    start(home, "screen")
    desktop.until("asked whether locked")
    for signal in (("LockSession", "s", ANOTHERS), ("Hint", "sb", ANOTHERS, True), ("Hint", "sb", OURS, False),
                   ("Saver", "sb", "org.gnome.ScreenSaver", False), ("Saver", "sb", "org.example.Other", True),
                   ("Sleep", "b", True)):
        desktop.say(*signal)
    desktop.until("asked whose", 2)
    time.sleep(0.2)
    assert why(home) is None and not desktop.events("inhibited")
    desktop.say("Hint", "sb", OURS, True)
    until_locked(home, "the screen was locked")


def test_what_others_say_in_logind_s_name_locks_nothing(home, desktop):
    """On the system bus every user of the machine can send a signal to one program alone."""
    start(home, "suspend, screen")
    desktop.until("asked whether locked")
    desktop.until("inhibited")
    login1, session = "/org/freedesktop/login1", "/org/freedesktop/login1/session/" + OURS
    hint = ("org.freedesktop.login1.Session", {"LockedHint": GLib.Variant("b", True)}, [])
    desktop.forge(login1, "org.freedesktop.login1.Manager", "PrepareForSleep", "b", True)
    desktop.forge(session, "org.freedesktop.login1.Session", "Lock")
    desktop.forge(session, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", *hint)
    time.sleep(0.2)
    assert why(home) is None and not desktop.events("asked whose") and not desktop.events("let go")
    desktop.say("Sleep", "b", True)
    until_locked(home, "the machine went to sleep")


@pytest.mark.parametrize("lock_on, signals", [
    ("none", [("LockSession", "s", OURS), ("Saver", "sb", "org.gnome.ScreenSaver", True), ("Sleep", "b", True)]),
    ("suspend", [("LockSession", "s", OURS), ("Saver", "sb", "org.gnome.ScreenSaver", True)]),
])
def test_what_the_key_does_not_name_locks_nothing(home, desktop, lock_on, signals):
    start(home, lock_on)
    for signal in signals:
        desktop.say(*signal)
    time.sleep(0.3)
    assert why(home) is None and not desktop.events("asked whether locked")


def test_the_key_counts_from_when_it_is_written(home, desktop):
    start(home, "none")
    home.write_config("store = file\nkey = random\nlock_on = screen, suspend\n")
    desktop.until("inhibited")
    desktop.say("LockSession", "s", OURS)
    until_locked(home, "the screen was locked")
    unlock(home)
    home.write_config("store = file\nkey = random\nlock_on = none\n")
    desktop.until("let go")
    desktop.say("LockSession", "s", OURS)
    time.sleep(0.3)
    assert why(home) is None


# idle

def test_when_nobody_asks_for_anything(home):
    start(home, "idle:1s")
    began = time.monotonic()
    while time.monotonic() - began < 1.5:
        assert get(home).reply()
        asked = time.monotonic()
        time.sleep(0.1)
    while not why(home) and time.monotonic() - asked < 10:  # to look is not to use
        time.sleep(0.05)
    assert 0.9 < time.monotonic() - asked < 4
    until_locked(home, "nothing was asked of it for 1 s")
    unlock(home)
    until_locked(home, "nothing was asked of it for 1 s")


def test_a_call_that_waits_is_not_idle(home, practice):
    start(home, "idle:1s")
    practice.fault("ListAccounts", "delay", seconds=2)
    assert ask(home, "ListAccounts").reply()


def test_a_program_with_an_endpoint_of_its_own_asks_too(home):
    start(home, "idle:1s")
    script = """for turn in 1 2 3 4; do
        curl --silent --fail --output /dev/null --header "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" \
            "$AWS_CONTAINER_CREDENTIALS_FULL_URI" || exit 1; sleep 0.4; done"""
    assert home.iamic("exec", "--server", "--profile", "dev", "--", "/bin/sh", "-c", script).status == 0


def test_who_is_lent_a_role_does_not_keep_it_open(home):
    start(home, "idle:1s")
    path = home.runtime / "iamic" / "ci"
    lending = home.spawn("iamic", "share", "--socket", path, "--profile", "dev")
    lending.until("lent as")
    with varlink.Client(path) as lent:
        began = time.monotonic()
        while not why(home):
            assert time.monotonic() - began < 10
            try:
                lent.call("GetCredentials", {"profile": "dev"})
            except varlink.VarlinkError as refusal:
                assert refusal.name == "Locked"
            time.sleep(0.1)
    until_locked(home, "nothing was asked of it for 1 s")


# on_demand

def test_a_click_on_the_notification_unlocks(home, desktop):
    start(home, "none", "on_demand = notify")
    home.call("Lock")
    for _ in range(20):
        assert get(home).refusal("Locked")
    notice = desktop.until("notice")
    assert (notice["summary"], notice["actions"][1]) == ("iamic is locked", "Unlock")
    desktop.click(notice)
    wait_for(lambda: not why(home), 10, lambda: "still locked")
    assert desktop.until("closed")["id"] == notice["id"]
    assert len(desktop.events("notice")) == 1
    unlock(home)


def test_a_click_behind_a_locked_screen_or_of_somebody_else_does_not_unlock(home, desktop):
    start(home, "none", "on_demand = notify")
    home.call("Lock")
    get(home).refusal("Locked")
    notice = desktop.until("notice")
    desktop.forge("/org/freedesktop/Notifications", NOTIFICATIONS, "ActionInvoked", "us", notice["id"], "button")
    desktop.lock()
    asked = len(desktop.events("asked whether locked"))
    desktop.click(notice)
    desktop.until("asked whether locked", asked + 1)
    time.sleep(0.2)
    assert why(home) and len(desktop.events("asked whether locked")) == asked + 1
    desktop.lock(False)
    desktop.click(notice)
    wait_for(lambda: not why(home), 10, lambda: "still locked")


def test_a_click_gives_no_passphrase(home, desktop):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\non_demand = browser\n")
    home.start_daemon()
    home.call("Unlock", passphrase="open sesame")
    home.sign_in()
    home.call("Lock")
    get(home).refusal("Locked")
    desktop.click(desktop.until("notice"))
    said = desktop.until("notice", 2)
    assert (said["summary"], said["body"], said["actions"]) == (
        "iamic stays locked", "Run iamic unlock in a terminal.", [])
    assert why(home)
    home.call("Unlock", passphrase="open sesame")
    desktop.until("closed")
    unlock(home)


def test_a_click_before_iamic_is_locked_again_does_not_unlock_it(home, desktop, tmp_path):
    home.configure({"dev": (ACCOUNT, ROLE)})
    store = PlainStore(home, tmp_path)
    home.write_config(f"store = {store.path}\non_demand = notify\n")
    home.sign_in()
    home.call("Lock")
    get(home).refusal("Locked")
    notice = desktop.until("notice")
    store.behave("[ $verb != unlock ] || sleep 1")
    desktop.click(notice)
    wait_for(lambda: "unlock" in store.calls(), 10, lambda: "nothing is opened")
    home.call("Lock")
    time.sleep(1.2)
    assert why(home)


@pytest.mark.parametrize("on_demand", ["fail", "code", "notify"])
def test_no_sign_in_begins_while_iamic_is_locked_and_nobody_is_asked_behind_a_locked_screen(home, desktop, practice,
                                                                                            on_demand):
    desktop.lock()
    start(home, "none", f"on_demand = {on_demand}", signs_in=False)
    home.call("Lock")
    for _ in range(5):
        assert get(home).refusal("Locked")
    if on_demand == "notify":
        desktop.until("asked whether locked")
    time.sleep(0.3)
    assert not desktop.events("notice") and practice.count("StartDeviceAuthorization") == 0


# Where it cannot be had

def warnings(home):
    return home.call("Status")["warnings"]


@pytest.mark.parametrize("lock_on, deaf", [("suspend", DEAF_TO_SUSPEND), ("screen", DEAF_TO_SCREEN), ("idle:1h", None)])
def test_without_buses_status_and_doctor_say_so(home, lock_on, deaf):
    home.env["DBUS_SYSTEM_BUS_ADDRESS"] = home.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    start(home, lock_on, signs_in=False)
    assert warnings(home) == ([deaf] if deaf else [])
    if deaf:
        assert f"iamic: warning: {deaf}\n" in home.iamic("status").err
        found = json.loads(home.iamic("doctor", "--json").out)["findings"]
        assert deaf in [one["text"] for one in found if one["id"] == "configuration"]


def test_with_a_bus_and_no_logind_on_it(home):
    desktop = Desktop(home, "no-logind")
    start(home, "suspend screen")
    wait_for(lambda: warnings(home), 10, lambda: "no warning")
    assert warnings(home) == [DEAF_TO_SUSPEND]
    desktop.say("Saver", "sb", "org.gnome.ScreenSaver", True)
    until_locked(home, "the screen was locked")


def test_with_a_logind_that_holds_up_nothing(home):
    desktop = Desktop(home, "no-inhibitors")
    start(home, "suspend")
    wait_for(lambda: warnings(home), 10, lambda: "no warning")
    assert warnings(home) == [LATE]
    desktop.say("Sleep", "b", True)
    until_locked(home, "the machine went to sleep")


def test_a_bus_that_ends_is_said_and_ends_nobody(home):
    desktop = Desktop(home)
    start(home, "suspend")
    desktop.until("inhibited")
    assert warnings(home) == []
    desktop.bus.stop()
    wait_for(lambda: warnings(home) == [DEAF_TO_SUSPEND], 10, lambda: warnings(home))
    assert home.credential_process(*SHIM).status == 0


def test_a_bus_that_comes_back_is_found_soon(home):
    desktop = Desktop(home)
    start(home, "suspend")
    desktop.until("inhibited")
    desktop.bus.stop()
    wait_for(lambda: warnings(home), 10, lambda: "no warning")
    again = Desktop(home)
    again.until("inhibited", timeout=15)
    assert warnings(home) == []
    again.say("Sleep", "b", True)
    again.until("let go")
    until_locked(home, "the machine went to sleep")
