"""on_demand = notify and browser, and the reminder of a foretold end: what the person at a desktop sees of them."""
import signal
import subprocess

import pytest
from asking import ask, at_once, get, login, session_of, sign_in, until_state
from desktop import NOTIFICATIONS, Desktop
from display import Display
from home import wait_for
from keyring import Bus

BEGUN = "StartDeviceAuthorization"
PLAIN = "session 'corp' is signed out: run 'iamic-login corp'"


@pytest.fixture
def desktop(home):
    return Desktop(home)


def start(home, *lines):
    home.configure()
    home.write_config("\n".join(["store = file", *lines, ""]))
    return home.start_daemon()


def ask_until(home, condition, desktop):
    """Programs go on asking for credentials, which nobody is there to sign in for."""
    wait_for(lambda: get(home).refusal("LoginRequired") and condition(), 10, lambda: desktop.process.out)


# on_demand = notify

def test_a_click_on_the_notification_begins_the_sign_in_and_opens_its_page(home, desktop, practice):
    start(home, "on_demand = notify")
    assert get(home).refusal("LoginRequired").message == PLAIN
    notice = desktop.until("notice")
    assert (notice["summary"], notice["actions"][1]) == ("Sign in to 'corp'?", "Sign in")
    assert practice.count(BEGUN) == 0 and not desktop.events("open")
    desktop.click(notice)
    code = practice.wait_pending()
    assert code in desktop.until("open")["address"]
    shown = desktop.until("notice", 2)
    assert (shown["summary"], shown["id"], shown["actions"]) == (f"Signing in to 'corp': {code}", notice["id"], [])
    practice.approve(code)
    until_state(home, "ready")
    get(home).reply()
    assert (practice.count(BEGUN), len(desktop.events("open"))) == (1, 1)
    assert desktop.until("closed")["id"] == notice["id"]  # what it says is not so any more


def test_seventy_five_callers_and_those_of_a_night_show_one_notification(home, desktop, practice):
    start(home, "on_demand = notify")
    for one in [get(home) for _ in range(75)]:
        assert one.refusal("LoginRequired").message == PLAIN
    desktop.until("notice")
    for _ in range(50):
        get(home).refusal("LoginRequired")
    home.stop_daemons()
    home.start_daemon()
    for _ in range(10):
        get(home).refusal("LoginRequired")
    assert (len(desktop.events("notice")), practice.count(BEGUN)) == (1, 0)
    asked = login(home)
    asked.until_stage("waiting")
    asked.leave()
    ask(home, "CancelLogin", session="corp").reply()
    get(home).refusal("LoginRequired")
    desktop.until("notice", 2)


def test_a_call_that_waits_is_served_after_the_click(home, desktop, practice):
    start(home, "on_demand = notify")
    waiting = get(home, loginMs=20000)
    desktop.click(desktop.until("notice"))
    practice.approve()
    waiting.reply()


def test_a_daemon_whose_button_waits_for_a_click_is_not_idle(home, desktop, practice):
    daemon = start(home, "on_demand = notify", "idle_exit = 1s")
    get(home).refusal("LoginRequired")
    notice = desktop.until("notice")
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.wait(2.5)
    desktop.bus.call(NOTIFICATIONS, "/org/freedesktop/Notifications", f"{NOTIFICATIONS}.CloseNotification", "u",
                     notice["id"])
    assert daemon.wait(5) == 0


def test_the_login_key_says_how_the_click_signs_in(home, desktop, practice):
    start(home, "on_demand = notify", "login = browser")
    get(home).refusal("LoginRequired")
    desktop.click(desktop.until("notice"))
    assert "/authorize?" in desktop.until("open")["address"]
    assert len(desktop.events("notice")) == 1  # there is no code to compare


def test_where_nothing_opens_an_address_the_notification_says_so(home, practice):
    desktop = Desktop(home, "no-portal")
    start(home, "on_demand = notify")
    get(home).refusal("LoginRequired")
    desktop.click(desktop.until("notice"))
    wait_for(lambda: any("could not be opened" in notice["body"] for notice in desktop.events("notice")), 10,
             lambda: desktop.process.out)


def shown_by_dunst(home):
    return home.run("/usr/bin/dunstctl", "count", "displayed").out.strip()


@pytest.mark.all
def test_a_click_on_what_dunst_shows_is_one(home, practice):
    Display(home)
    bus = Bus(home)
    home.env["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent"
    home.spawn("/usr/bin/dunst", "-print")
    wait_for(lambda: bus.owner_pid(NOTIFICATIONS), 10, lambda: "no dunst")
    start(home, "on_demand = notify")
    get(home).refusal("LoginRequired")
    wait_for(lambda: shown_by_dunst(home) == "1", 10, lambda: "nothing shown")
    assert home.run("/usr/bin/dunstctl", "action", "0").status == 0
    practice.approve()
    until_state(home, "ready")
    wait_for(lambda: shown_by_dunst(home) == "0", 10, lambda: "it is still shown")


# The screen, and no desktop at all

@pytest.mark.parametrize("how", ["notify", "browser"])
def test_nothing_happens_while_the_screen_is_locked(home, desktop, practice, how):
    desktop.lock()
    start(home, f"on_demand = {how}")
    ask_until(home, lambda: len(desktop.events("asked whether locked")) > 4, desktop)
    assert not desktop.events("notice") and practice.count(BEGUN) == 0
    desktop.lock(False)
    ask_until(home, lambda: desktop.events("notice"), desktop)


def test_who_unlocks_the_screen_in_the_morning_is_asked_again_once(home, desktop, practice):
    start(home, "on_demand = notify")
    get(home).refusal("LoginRequired")
    desktop.until("notice")
    desktop.lock()
    looks = len(desktop.events("asked whether locked"))
    ask_until(home, lambda: len(desktop.events("asked whether locked")) > looks + 3, desktop)
    assert len(desktop.events("notice")) == 1
    desktop.lock(False)
    ask_until(home, lambda: len(desktop.events("notice")) == 2, desktop)
    looks = len(desktop.events("asked whether locked"))
    ask_until(home, lambda: len(desktop.events("asked whether locked")) > looks + 3, desktop)
    assert (len(desktop.events("notice")), practice.count(BEGUN)) == (2, 0)


@pytest.mark.parametrize("how", ["notify", "browser"])
def test_without_a_bus_it_is_as_fail(home, practice, how):
    start(home, f"on_demand = {how}")
    for _ in range(3):
        assert at_once(lambda: get(home)).refusal("LoginRequired").message == PLAIN
    assert practice.count(BEGUN) == 0


def test_a_desktop_that_hangs_delays_nobody(home, desktop, practice):
    home.configure()
    home.write_config("store = memory\non_demand = notify\n")
    home.start_daemon()
    desktop.bus.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            assert at_once(lambda: get(home)).refusal("LoginRequired").message == PLAIN
        sign_in(home)
        get(home).reply()
    finally:
        desktop.bus.process.send_signal(signal.SIGCONT)


# on_demand = browser

def test_the_browser_is_sent_to_the_sign_in_at_once_and_only_once(home, desktop, practice):
    practice.set(device_life=3)
    start(home, "on_demand = browser")
    for one in [get(home) for _ in range(75)]:
        one.refusal("LoginRequired")
    address = desktop.until("open")["address"]
    error = get(home).refusal("LoginRequired")
    assert error.message == f"session 'corp' is signed out: open {address} and approve {error.code}, then try again"
    assert desktop.until("notice")["summary"] == f"Signing in to 'corp': {error.code}"
    until_state(home, "signed_out")
    for _ in range(30):
        assert get(home).refusal("LoginRequired").message == PLAIN
    home.stop_daemons()
    home.start_daemon()
    for _ in range(5):
        assert get(home).refusal("LoginRequired").message == PLAIN
    assert (practice.count(BEGUN), len(desktop.events("open"))) == (1, 1)


# notify_before

def test_a_reminder_comes_once_before_the_foretold_end_and_its_button_starts_aws_clock_anew(home, desktop, practice):
    start(home, "session_length = 4s")  # of the last quarter, where notify_before would be more than that
    sign_in(home)
    get(home).reply()
    notice = desktop.until("notice")
    assert (notice["summary"], notice["actions"][1]) == ("The sign-in to 'corp' ends in about 1 min", "Sign in")
    home.stop_daemons()
    home.write_config("store = file\nsession_length = 8h\n")
    home.start_daemon()
    get(home).reply()
    home.write_config("store = file\nsession_length = 8h\nnotify_before = 7h59m\n")
    assert len(desktop.events("notice")) == 1


def test_its_button_starts_aws_clock_anew(home, desktop, practice):
    start(home, "session_length = 4s")
    sign_in(home)
    desktop.click(desktop.until("notice"))
    practice.approve()
    wait_for(lambda: practice.count("CreateToken:device_code") and practice.count(BEGUN) == 2
             and session_of(home)["state"] == "ready", 10, lambda: session_of(home))
    assert practice.count("Logout") == 1


def test_a_locked_screen_and_the_key_keep_the_reminder_away(home, desktop, practice):
    start(home, "session_length = 8s", "notify_before = 0")
    sign_in(home)
    desktop.lock()
    home.write_config("store = file\nsession_length = 8s\n")
    desktop.until("asked whether locked")
    assert not desktop.events("notice")
