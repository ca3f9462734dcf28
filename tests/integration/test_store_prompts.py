"""store-secret-service with KeePassXC and KWallet, and with gnome-keyring's own prompt on a display."""
import json
import time

import pytest

from display import Display
from home import wait_for
from keepassxc import KeePassXC
from keyring import KEYRING_SERVICES, Bus, GnomeKeyring
from kwallet import KWallet
from store import CORP, NOBODY, Helper

pytestmark = pytest.mark.all

ASKS = "asks-on-replace"
SOON = 8  # seconds, on a busy machine; a prompt without an answer lasts for ever


@pytest.fixture
def helper(bare_home):
    return Helper(bare_home, "store-secret-service")


@pytest.fixture
def bus(bare_home):
    bus = Bus(bare_home)
    yield bus
    bus.stop()


# KeePassXC.

def test_keepassxc_is_known_by_what_it_does(bus, helper):
    keyring = KeePassXC(bus, asks=False)
    for _ in range(2):
        reply = helper.ask("status", NOBODY)
        assert (reply["state"], reply["message"]) == ("ok", ASKS)
        assert len(keyring.find()) <= 1
    assert keyring.find(application="iamic-trial") == []


def test_keepassxc_that_does_not_ask_keeps_one_item(bus, helper):
    keyring = KeePassXC(bus, asks=False)
    for generation in (1, 2, 3):
        assert helper.ask("save", secret=f"token {generation}", generation=generation)["state"] == "ok"
    assert len(keyring.find(application="iamic")) == 1
    assert helper.ask("load") == {"state": "ok", "secret": "token 3", "generation": 3}
    assert helper.ask("save", secret="old", generation=2)["state"] == "failed"
    assert helper.ask("load", name="CORP") == {"state": "absent"}
    assert helper.ask("erase") == {"state": "ok"}
    assert helper.ask("load") == {"state": "absent"}


def test_keepassxc_that_asks_is_never_called_empty(bus, helper):
    keyring = KeePassXC(bus, asks=True)
    for generation in (1, 2, 3):
        assert helper.ask("save", secret="token", generation=generation, timeout=SOON)["message"] == ASKS
    assert len(keyring.find(application="iamic")) == 1
    assert helper.ask("load", timeout=SOON)["state"] == "locked"
    assert helper.ask("unlock", NOBODY, timeout=SOON) == {"state": "locked", "message": ASKS}
    asking = helper.start("unlock", input=json.dumps(CORP))
    time.sleep(1)
    assert asking.poll() is None, "a person would be asked now"
    asking.kill()
    assert helper.ask("erase", timeout=SOON) == {"state": "ok"}


def test_keepassxc_with_a_locked_database(bus, helper):
    keyring = KeePassXC(bus, asks=False)
    helper.ask("save", secret="token")
    keyring.lock()
    for verb in ("status", "load", "save", "erase"):
        assert helper.ask(verb, secret="later", timeout=SOON)["state"] == "locked"


# KWallet.

def test_kwallet_keeps_one_item(bus, helper):
    wallet = KWallet(bus).start().open()
    reply = helper.ask("status", NOBODY)
    assert reply["state"] == "ok" and "message" not in reply
    for generation in (1, 2, 3):
        assert helper.ask("save", secret=f"token {generation}", generation=generation) == {"state": "ok"}
    assert len(wallet.find(application="iamic")) == 1
    assert helper.ask("load") == {"state": "ok", "secret": "token 3", "generation": 3}
    assert helper.ask("load", name="CORP") == {"state": "absent"}
    assert helper.ask("unlock", NOBODY) == {"state": "ok"}
    wallet.stop()
    wallet.start().open()
    assert helper.ask("load")["secret"] == "token 3"
    assert helper.ask("erase") == {"state": "ok"}
    assert helper.ask("load") == {"state": "absent"}


@pytest.mark.parametrize("how", ["closed by the person", "not opened since its start"])
def test_a_closed_wallet_is_locked(bus, helper, how):
    wallet = KWallet(bus).start().open()
    assert helper.ask("save", secret="token")["state"] == "ok"
    if how == "closed by the person":
        wallet.lock()
    else:
        wallet.stop()
        wallet.start()
    for verb in ("status", "load", "save", "erase"):
        assert helper.ask(verb, secret="later", timeout=SOON)["state"] == "locked"
    wallet.open()
    assert helper.ask("load", timeout=SOON)["secret"] == "token"


def test_a_secret_that_kwallet_lost_is_absent_and_can_be_saved_again(bus, helper):
    wallet = KWallet(bus).start().open()
    assert helper.ask("save", secret="token", generation=7)["state"] == "ok"
    wallet.stop(is_written=False)
    wallet.start().open()
    assert helper.ask("load") == {"state": "absent"}
    assert helper.ask("save", secret="again", generation=1)["state"] == "ok"
    assert helper.ask("load")["secret"] == "again"


# gnome-keyring with a display.

@pytest.fixture
def display(bare_home):
    return Display(bare_home)


@pytest.fixture
def locked(display, bare_home, helper):
    bus = Bus(bare_home, KEYRING_SERVICES)
    keyring = GnomeKeyring(bus).start()
    assert helper.ask("save", secret="token", generation=7)["state"] == "ok"
    keyring.lock()
    yield keyring
    bus.stop()


def test_a_person_who_types_the_passphrase_unlocks(locked, display, helper):
    asking = helper.start("unlock", input=json.dumps(NOBODY))
    display.answer(("type", GnomeKeyring.PASSWORD), ("key", "Return"))
    assert helper.reply(asking.finish()) == {"state": "ok"}
    assert helper.ask("load") == {"state": "ok", "secret": "token", "generation": 7}


def test_a_person_who_declines_leaves_it_locked(locked, display, helper):
    asking = helper.start("unlock", input=json.dumps(NOBODY))
    display.answer(("key", "Escape"))
    assert helper.reply(asking.finish())["state"] == "locked"
    assert helper.ask("load")["state"] == "locked"


def test_the_passphrase_counts_even_if_the_helper_is_gone(locked, display, helper):
    """A deadline that is over does not take the prompt away from somebody who is typing."""
    asking = helper.start("unlock", input=json.dumps(NOBODY))
    display.answer()
    asking.kill()
    asking.wait()
    display.answer(("type", GnomeKeyring.PASSWORD), ("key", "Return"))
    wait_for(lambda: not locked.is_locked(), 5, lambda: "still locked")
    assert helper.ask("load")["state"] == "ok"
