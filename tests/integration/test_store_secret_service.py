"""store-secret-service against a real gnome-keyring, in every state that one can be in."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from keyring import KEYRING_SERVICES, SECRETS, Bus, GnomeKeyring, StandIn
from store import CORP, NOBODY, Helper

SECRET = '{"refreshToken":"opens every door","häkchen":"✓ \\" \\\\"}'
SECRETS_SAID = ("opens every door", "häkchen")
OUR_ATTRIBUTES = {"application": "iamic", "session": "corp", "startUrl": CORP["startUrl"], "region": CORP["region"]}
SOON = 8  # seconds, on a busy machine; a helper's deadline is 10, a prompt without an answer lasts for ever


@pytest.fixture
def helper(bare_home):
    helper = Helper(bare_home, "store-secret-service")
    yield helper
    for log in bare_home.logs.glob("*.err"):
        assert not [word for word in SECRETS_SAID if word in log.read_text(errors="replace")], log


@pytest.fixture
def bus(bare_home):
    bus = Bus(bare_home, KEYRING_SERVICES)
    yield bus
    bus.stop()


@pytest.fixture
def keyring(bus):
    """An open one."""
    return GnomeKeyring(bus).start()


@pytest.fixture
def locked(keyring, helper):
    """One that holds a sign-in and is locked; nothing can show its prompt."""
    assert helper.ask("save", secret=SECRET, generation=7)["state"] == "ok"
    keyring.lock()
    return keyring


def item_of(keyring, **attributes):
    [item] = keyring.find(**(attributes or OUR_ATTRIBUTES))
    return item


# What it is for.

@pytest.mark.quick
def test_what_was_saved_is_loaded_until_it_is_erased(keyring, helper):
    assert helper.ask("load") == {"state": "absent"}
    assert helper.ask("save", secret=SECRET, generation=7) == {"state": "ok"}
    assert helper.ask("load") == {"state": "ok", "secret": SECRET, "generation": 7}
    assert helper.ask("erase") == {"state": "ok"}
    assert helper.ask("load") == {"state": "absent"}
    assert helper.ask("erase") == {"state": "ok"}
    assert keyring.find(application="iamic") == []


def test_an_item_is_one_that_people_recognise(keyring, helper):
    helper.ask("save", secret=SECRET)
    item = item_of(keyring)
    assert keyring.label(item) == "AWS sign-in corp (iamic)"
    assert keyring.attributes(item) == {**OUR_ATTRIBUTES, "xdg:schema": "io.iamic.SignIn"}


def test_a_save_replaces_the_item_in_place(keyring, helper):
    for generation in (1, 2, 2, 9):
        assert helper.ask("save", secret=f"token {generation}", generation=generation)["state"] == "ok"
    item_of(keyring)
    assert helper.ask("load") == {"state": "ok", "secret": "token 9", "generation": 9}


def test_an_older_sign_in_does_not_replace_a_newer_one(keyring, helper):
    helper.ask("save", secret="new", generation=9)
    reply = helper.ask("save", secret="old", generation=8)
    assert (reply["state"], reply["generation"]) == ("failed", 9) and "newer" in reply["message"]
    assert helper.ask("load")["secret"] == "new"


def test_a_sign_in_outlives_a_keyring_that_crashes(keyring, helper):
    helper.ask("save", secret="first", generation=1)
    helper.ask("save", secret="second", generation=2)
    keyring.kill()
    assert helper.ask("load")["state"] == "locked", "the bus starts another one, locked"
    keyring.unlock()
    assert helper.ask("load") == {"state": "ok", "secret": "second", "generation": 2}


def test_a_sign_in_outlives_the_desktop_session(bare_home, bus, keyring, helper):
    helper.ask("save", secret=SECRET, generation=1)
    bus.stop()
    assert helper.ask("status")["state"] == "absent"
    again = Bus(bare_home)
    GnomeKeyring(again).start()
    assert helper.ask("load")["secret"] == SECRET
    again.stop()


@pytest.mark.parametrize("other", [
    {"startUrl": "https://other.example/start"}, {"region": "eu-west-1"}, {"name": "Corp"}, {"name": "cörp ⚙ 'x'"},
    {"startUrl": ""}, {"name": "iamic-key", "startUrl": "", "region": ""},
], ids=lambda other: "-".join(other))
def test_sign_ins_are_told_apart_by_name_start_url_and_region(keyring, helper, other):
    helper.ask("save", secret="mine")
    assert helper.ask("load", **other) == {"state": "absent"}
    assert helper.ask("save", secret="another's", **other) == {"state": "ok"}
    assert helper.ask("load")["secret"] == "mine"
    assert helper.ask("load", **other)["secret"] == "another's"
    assert helper.ask("erase", **other) == {"state": "ok"}
    assert helper.ask("load")["secret"] == "mine"


def test_the_key_of_the_sealed_file_has_a_label_of_its_own(keyring, helper):
    helper.ask("save", NOBODY, name="iamic-key", secret="00ff", generation=1)
    item = item_of(keyring, application="iamic", session="iamic-key")
    assert keyring.label(item) == "Key of iamic's sealed file"
    assert "startUrl" not in keyring.attributes(item)


def test_any_text_comes_back_as_it_was(keyring, helper):
    for secret in ("x", "k" * 200_000, "…" * 40_000, "iamic:1:5:x", " \t\n ", "line\nline\n"):
        assert helper.ask("save", secret=secret, generation=2**62)["state"] == "ok"
        assert helper.ask("load") == {"state": "ok", "secret": secret, "generation": 2**62}


# Status.

def test_status_says_what_the_keyring_protects_from_and_leaves_no_trace(keyring, helper):
    reply = helper.ask("status", NOBODY)
    assert reply["state"] == "ok" and "message" not in reply
    assert "keyring 'Login'" in reply["protects"] and "passphrase" in reply["protects"]
    assert keyring.get(keyring.collection(), "org.freedesktop.Secret.Collection", "Items") == []


def test_status_makes_no_item_where_there_is_one(keyring, helper):
    item = keyring.add("a person's own", label="mail", user="me")
    assert helper.ask("status", NOBODY)["state"] == "ok"
    assert keyring.get(keyring.collection(), "org.freedesktop.Secret.Collection", "Items") == [item]
    assert item.endswith("/1"), "an item was made before"
    helper.ask("save", secret=SECRET)
    assert item_of(keyring).endswith("/2")


# Locked.

@pytest.mark.parametrize("verb", ["status", "load", "save", "erase"])
def test_a_locked_keyring_is_called_locked_at_once(locked, helper, verb):
    began = time.monotonic()
    reply = helper.ask(verb, secret="later", generation=8)
    assert time.monotonic() - began < SOON
    assert reply["state"] == "locked" and "'Login' is locked" in reply["message"]
    assert "secret" not in reply
    locked.unlock()
    assert helper.ask("load") == {"state": "ok", "secret": SECRET, "generation": 7}


def test_a_prompt_that_cannot_be_shown_leaves_the_keyring_locked(locked, helper):
    reply = helper.ask("unlock", NOBODY)
    assert reply["state"] == "locked" and "could not be shown" in reply["message"]


def test_an_open_keyring_needs_no_unlocking(keyring, helper):
    assert helper.ask("unlock", NOBODY) == {"state": "ok"}


def test_unlock_with_a_name_loads_as_well(keyring, helper):
    helper.ask("save", secret=SECRET, generation=3)
    assert helper.ask("unlock") == {"state": "ok", "secret": SECRET, "generation": 3}


def test_what_is_absent_from_a_locked_keyring_is_not_called_absent(keyring, helper):
    keyring.lock()
    assert helper.ask("load", name="never-saved")["state"] == "locked"


# No keyring.

def assert_absent(helper, words):
    """Status says so; and a load must not: the sign-in may well be there, in a keyring that does not answer now."""
    for verb in ("status", "unlock"):
        reply = helper.ask(verb, NOBODY)
        assert reply["state"] == "absent" and words in reply["message"], reply
    for verb in ("load", "save", "erase"):
        reply = helper.ask(verb, secret=SECRET)
        assert reply["state"] == "failed" and words in reply["message"], reply


def test_without_a_keyring_none_is_made(bus, helper):
    keyring = GnomeKeyring(bus).start_locked()
    assert keyring.collection() is None
    assert_absent(helper, "there is no default keyring: make one")
    assert keyring.collection() is None
    assert not list(bus.home.path.glob(".local/share/keyrings/*.keyring"))


def test_a_bus_without_a_secret_service(bare_home, helper):
    bus = Bus(bare_home)
    assert_absent(helper, "no program offers a keyring on the session bus")
    bus.stop()


def test_a_secret_service_that_cannot_be_started(bare_home, helper):
    bus = Bus(bare_home)
    service = bare_home.base / "services" / f"{SECRETS}.service"
    service.write_text(f"[D-BUS Service]\nName={SECRETS}\nExec=/bin/false\n")
    bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ReloadConfig")
    assert_absent(helper, "no program offers a keyring on the session bus")
    bus.stop()


@pytest.mark.parametrize("env", [
    {}, {"DISPLAY": ":99"}, {"XDG_RUNTIME_DIR": None}, {"DBUS_SESSION_BUS_ADDRESS": ""},
    {"DBUS_SESSION_BUS_ADDRESS": "autolaunch:", "DISPLAY": ":99"},
], ids=["nothing", "a display", "no runtime folder", "empty", "autolaunch"])
def test_no_session_bus(helper, env):
    helper.env |= env
    assert_absent(helper, "there is no session bus")


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "no address at all", "tcp:host=127.0.0.1,port=1"])
def test_a_session_bus_that_nobody_is_behind(helper, address):
    helper.env["DBUS_SESSION_BUS_ADDRESS"] = address
    assert_absent(helper, "the session bus cannot be reached")


def test_the_bus_in_the_runtime_folder_needs_no_variable(keyring, helper):
    helper.env["DBUS_SESSION_BUS_ADDRESS"] = None
    assert helper.ask("save", secret=SECRET)["state"] == "ok"


def test_another_collection_by_its_alias(keyring, helper):
    helper.env["IAMIC_COLLECTION"] = "session"
    assert helper.ask("save", secret="until logout")["state"] == "ok"
    assert item_of(keyring).startswith(keyring.collection("session") + "/")
    helper.env["IAMIC_COLLECTION"] = "default"
    assert helper.ask("load") == {"state": "absent"}, "an item of another keyring is not ours"
    assert helper.ask("save", secret="for good")["state"] == "ok"
    assert helper.ask("erase") == {"state": "ok"}
    assert keyring.read(item_of(keyring)).endswith(":until logout")


def test_an_alias_that_nothing_has(keyring, helper):
    helper.env["IAMIC_COLLECTION"] = "team"
    assert_absent(helper, "no keyring with the alias 'team'")


def test_an_alias_that_is_not_text(keyring, helper):
    reply = helper.ask("status", NOBODY, env={"IAMIC_COLLECTION": b"\xff\xfe".decode(errors="surrogateescape")})
    assert reply["state"] == "failed" and "UTF-8" in reply["message"]


# A keyring that does not answer.

@pytest.mark.parametrize("verb", ["status", "load", "save"])
def test_a_frozen_keyring_holds_up_the_helper_and_nothing_else(keyring, helper, verb):
    helper.ask("save", secret=SECRET, generation=1)
    keyring_pid = keyring.pid
    keyring.freeze()
    process = helper.start(verb, input=json.dumps({**CORP, "secret": "newer", "generation": 2}))
    time.sleep(1)
    assert process.poll() is None
    assert_nothing_is_shown(process, "newer")
    process.kill()
    process.wait()
    assert (process.out, process.err) == ("", "")
    os.kill(keyring_pid, signal.SIGCONT)
    assert helper.ask("load")["state"] == "ok"


def assert_nothing_is_shown(process, secret):
    """Arguments and environment hold no secret, and a crash would leave no dump."""
    proc = pathlib.Path(f"/proc/{process.pid}")
    assert secret not in (proc / "cmdline").read_text() + (proc / "environ").read_text()
    assert "Max core file size        0                    0" in (proc / "limits").read_text()
    assert "NoNewPrivs:\t1" in (proc / "status").read_text()


def test_a_keyring_that_dies_under_a_question_is_an_error(bare_home, helper):
    bus = Bus(bare_home)
    keyring = GnomeKeyring(bus).start()
    pid = keyring.pid
    keyring.freeze()
    process = helper.start("load", input=json.dumps(CORP))
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)
    assert helper.reply(process.finish(SOON))["state"] == "failed"
    bus.stop()


def test_a_bus_that_goes_away_under_a_question_is_an_error(keyring, bus, helper):
    keyring.freeze()
    pid = keyring.pid
    process = helper.start("load", input=json.dumps(CORP))
    time.sleep(0.5)
    bus.stop()
    assert helper.reply(process.finish(SOON))["state"] == "failed"
    os.kill(pid, signal.SIGKILL)


# Items that others have touched.

EDITED = {
    "a password": "hunter2",
    "another program's": '{"token":"abc"}',
    "no generation": "iamic:1::secret",
    "no number": "iamic:1:seven:secret",
    "negative": "iamic:1:-1:secret",
    "too large": "iamic:1:9223372036854775808:secret",
    "leading zero": "iamic:1:07:secret",
    "cut": "iamic:1:7:",
    "half the mark": "iamic:1",
    "newer version": "iamic:2:7:secret",
}


def test_an_item_edited_by_hand_is_an_error_and_stays_as_it_is(keyring, helper):
    helper.ask("save", secret=SECRET, generation=7)
    item = item_of(keyring)
    for name, text in EDITED.items():
        keyring.write(item, text)
        for verb in ("load", "save"):
            reply = helper.ask(verb, secret="newer", generation=8)
            assert reply["state"] == "failed" and "'AWS sign-in corp (iamic)'" in reply["message"], (name, reply)
            assert text not in reply["message"], f"a secret in a message: {name}"
        assert keyring.read(item) == text, name
    assert helper.ask("erase") == {"state": "ok"}, "the way out"
    assert helper.ask("save", secret="newer", generation=8) == {"state": "ok"}


def test_an_item_that_holds_nothing_is_as_good_as_none(keyring, helper):
    helper.ask("save", secret=SECRET, generation=7)
    keyring.write(item_of(keyring), "")
    assert helper.ask("load") == {"state": "absent"}
    keyring.add("iamic:1:0:older", **OUR_ATTRIBUTES, note="copy")
    assert helper.ask("load")["secret"] == "older"
    assert helper.ask("save", secret="newer", generation=1) == {"state": "ok"}
    assert keyring.read(item_of(keyring)) == "iamic:1:1:newer"


def test_an_item_that_holds_bytes_is_an_error(keyring, helper):
    helper.ask("save", secret=SECRET)
    secret = (keyring.open_session(), b"", b"iamic:1:7:\xff\xfe", "text/plain")
    keyring.call(item_of(keyring), "org.freedesktop.Secret.Item.SetSecret", "(oayays)", secret)
    assert helper.ask("load")["state"] == "failed"


def test_an_item_that_grew_out_of_all_measure_is_an_error(keyring, helper):
    helper.ask("save", secret=SECRET)
    keyring.write(item_of(keyring), "iamic:1:7:" + "x" * 263_000)
    reply = helper.ask("load")
    assert reply["state"] == "failed" and "too long" in reply["message"]


@pytest.mark.parametrize("order", [(3, 5), (5, 3)])
def test_of_two_copies_the_newer_counts_and_the_next_save_leaves_one(keyring, helper, order):
    for generation in order:
        keyring.add(f"iamic:1:{generation}:copy {generation}", label="copy", **OUR_ATTRIBUTES, note=str(generation))
    assert helper.ask("load") == {"state": "ok", "secret": "copy 5", "generation": 5}
    assert helper.ask("save", secret="next", generation=6) == {"state": "ok"}
    assert keyring.read(item_of(keyring)) == "iamic:1:6:next"


def test_a_spoilt_copy_does_not_hide_a_good_one(keyring, helper):
    helper.ask("save", secret=SECRET, generation=7)
    keyring.add("spoilt", **OUR_ATTRIBUTES, note="copy")
    assert helper.ask("load")["secret"] == SECRET


def test_attributes_that_others_add_do_not_hide_an_item(keyring, helper):
    keyring.add("iamic:1:4:as it was", **OUR_ATTRIBUTES, **{"gkr:compat": "x", "Uuid": "1"})
    assert helper.ask("load")["secret"] == "as it was"


# Bad input.

HOSTILE = {
    "nothing": "",
    "white space": "  \n",
    "not JSON": "load, please",
    "cut": json.dumps({**CORP, "secret": SECRET})[:-1],
    "two objects": json.dumps(CORP) * 2,
    "a list": json.dumps([CORP]),
    "no name": json.dumps({name: CORP[name] for name in ("version", "startUrl", "region")}),
    "a number for a name": json.dumps({**CORP, "name": 1}),
    "a list for a secret": json.dumps({**CORP, "secret": [SECRET]}),
    "text for a generation": json.dumps({**CORP, "generation": "7"}),
    "a generation of 2^64": json.dumps({**CORP, "generation": 2**64}),
    "a name twice": '{"name":"corp",' + json.dumps(CORP)[1:],
    "another version": json.dumps({**CORP, "version": 2}),
    "NUL": json.dumps({**CORP, "name": "co\0rp"}),
    "half a surrogate": json.dumps({**CORP, "name": "\ud800"}),
    "not UTF-8": b'{"version":1,"name":"\xff","startUrl":"","region":""}',
    "deep": "[" * 100_000,
    "too long": json.dumps({**CORP, "secret": "x" * 256 * 1024}),
}


@pytest.mark.parametrize("verb", ["load", "save"])
def test_a_request_that_is_none_gets_an_error_and_changes_nothing(keyring, helper, verb):
    for name, text in HOSTILE.items():
        result = helper.run(verb, input=text)
        reply = helper.reply(result)
        assert reply["state"] == "failed" and reply["message"], name
        assert not [word for word in SECRETS_SAID if word in result.out], name
    assert keyring.find(application="iamic") == []


@pytest.mark.parametrize("members", [{"secret": ""}, {}, {"secret": "x", "name": ""},
                                     {"secret": "x", "generation": -1}],
                         ids=["empty", "no secret", "no name", "negative generation"])
def test_there_must_be_something_to_save(keyring, helper, members):
    assert helper.ask("save", **members)["state"] == "failed"
    assert keyring.find(application="iamic") == []


def test_members_that_are_not_known_are_ignored(keyring, helper):
    assert helper.ask("save", secret="x", keySource="auto", colour="blue", key=None)["state"] == "ok"


@pytest.mark.parametrize("words", [(), ("--help",), ("Load",), ("load", "load"), ("",)], ids=" ".join)
def test_another_command_line_is_answered_with_the_usage(helper, words):
    result = helper.run(*words, input=json.dumps(CORP))
    assert (result.status, result.out) == (2, "")
    assert "usage: store-secret-service status|load|save|erase|unlock" in result.err


def test_libraries_say_nothing_even_if_they_are_told_to(keyring, helper):
    helper.env |= {"G_MESSAGES_DEBUG": "all", "G_DBUS_DEBUG": "", "SECRET_DEBUG": "all"}
    assert helper.ask("save", secret=SECRET)["state"] == "ok"


def test_a_reply_that_cannot_be_written_is_an_exit_status(keyring, helper):
    with open("/dev/full", "w") as full:
        result = subprocess.run([helper.program, "status"], input=json.dumps(NOBODY), stdout=full, text=True,
                                stderr=subprocess.PIPE, env=helper.home.with_env(helper.env), timeout=SOON)
    assert (result.returncode, result.stderr) == (1, "")


# A prompter that never answers.

def test_only_unlock_prompts_and_lasts_as_long_as_the_prompt(locked, bus, helper):
    prompter = bus.home.spawn("/usr/bin/python3", pathlib.Path(__file__).parents[1] / "lib/silent_prompter.py")
    prompter.until("ready")
    for verb in ("status", "load", "save", "erase"):
        assert helper.ask(verb, secret="later", generation=8)["state"] == "locked"
    assert "begin" not in prompter.out
    process = helper.start("unlock", input=json.dumps(NOBODY))
    prompter.until("perform")
    time.sleep(1)
    assert process.poll() is None
    process.kill()
    process.wait()
    assert helper.ask("load", timeout=SOON)["state"] == "locked"


# Services that are strange.

WARY = {"state": "ok", "message": "asks-on-replace"}


def test_a_service_that_asks_on_replace_is_known_by_its_items(bus, helper):
    service = StandIn(bus, "wary")
    reply = helper.ask("status", NOBODY)
    assert reply.items() >= WARY.items() and "asks you once at each start" in reply["protects"]
    assert service.find() == [], "the item that was made to find out"
    assert helper.ask("save", secret=SECRET, generation=1) == WARY
    assert service.served("CreateItem") == 2
    assert helper.ask("status", NOBODY).items() >= WARY.items()
    assert service.served("CreateItem") == 2


def test_an_item_that_only_a_person_can_open_is_locked_and_not_absent(bus, helper):
    service = StandIn(bus, "wary", "prompts=dismissed")
    helper.ask("save", secret=SECRET, generation=1)
    reply = helper.ask("load")
    assert reply["state"] == "locked" and "'AWS sign-in corp (iamic)'" in reply["message"]
    assert helper.ask("unlock", NOBODY) == {"state": "locked", "message": "asks-on-replace"}
    assert service.served("Unlock") == 0
    assert helper.ask("unlock")["state"] == "locked"
    assert service.served("Unlock") == 1


def test_an_item_that_a_person_has_opened_is_loaded_by_the_unlock(bus, helper):
    StandIn(bus, "wary")
    helper.ask("save", secret=SECRET, generation=4)
    assert helper.ask("unlock") == {"state": "ok", "secret": SECRET, "generation": 4}


def test_an_item_that_only_a_person_can_open_is_replaced_by_a_new_one(bus, helper):
    service = StandIn(bus, "wary", "prompts=dismissed")
    for generation in (1, 2, 3):
        assert helper.ask("save", secret=SECRET, generation=generation) == WARY
    assert len(service.find(application="iamic")) == 1
    assert service.served("SetSecret") == service.served("Unlock") == 0
    assert helper.ask("erase") == {"state": "ok"}
    assert service.find(application="iamic") == []


def test_names_that_a_service_takes_for_one_are_told_apart(bus, helper):
    StandIn(bus)
    helper.ask("save", secret="small")
    assert helper.ask("load", name="CORP") == {"state": "absent"}
    helper.ask("save", secret="LARGE", name="CORP")
    assert helper.ask("load")["secret"] == "small"


def test_unlock_ends_with_the_answer(bus, helper):
    StandIn(bus, "closed")
    assert helper.ask("load")["state"] == "locked"
    assert helper.ask("unlock", NOBODY) == {"state": "ok"}
    assert helper.ask("load") == {"state": "absent"}


def test_unlock_ends_with_the_refusal(bus, helper):
    StandIn(bus, "closed", "prompts=dismissed")
    reply = helper.ask("unlock", NOBODY)
    assert reply["state"] == "locked" and "nobody answered" in reply["message"]


def test_a_prompt_nobody_asked_for_gets_a_moment_only(bus, helper):
    service = StandIn(bus, "wary", "prompts=silent")
    began = time.monotonic()
    reply = helper.ask("save", secret=SECRET, timeout=SOON)
    assert reply["state"] == "failed" and "dismissed" in reply["message"]
    assert time.monotonic() - began > 0.5
    assert service.served("Dismiss") == 1


FAULTY_METHODS = {"ReadAlias": "load", "SearchItems": "load", "OpenSession": "save", "CreateItem": "save",
                  "Unlock": "unlock"}


@pytest.mark.parametrize("method, verb", FAULTY_METHODS.items())
def test_what_a_service_says_becomes_one_printable_line(bus, helper, method, verb):
    StandIn(bus, *(["closed"] if verb == "unlock" else []), f"fails={method}:\x1b[2Jit \"broke\"\n\\o/")
    reply = helper.ask(verb, secret=SECRET, generation=1)
    assert reply["state"] == "failed" and "it 'broke'" in reply["message"]


def test_a_label_becomes_one_printable_line(bus, helper):
    StandIn(bus, "closed")
    assert "'a?'b' ?'" in helper.ask("load")["message"]
