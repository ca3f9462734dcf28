"""store-file: the sealed file, as the daemon uses it and as disks, people and other machines may treat it."""
import contextlib
import fcntl
import hmac
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import time

import pytest

from home import wait_for
from stepper import Stepper
from store import CORP, NOBODY, Helper

SECRET = '{"refreshToken":"opens every door","häkchen":"✓ \\" \\\\"}'
PASSPHRASE = "corréct horse battery"
KEYRING_KEY = "c0ffee00" * 8
SECRETS = ("opens every door", PASSPHRASE, KEYRING_KEY)
OTHER = {**CORP, "name": "other"}
HERE, THERE = "0123456789abcdef" * 2, "fedcba9876543210" * 2

# A namespace whose /etc holds nothing but what the test puts there: another user's machine-id needs no root.
ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
NAMESPACE = ["/usr/bin/unshare", "--mount", *ROOT, "/bin/sh", "-ec"]
ON_MACHINE = 'mount -t tmpfs tmpfs /etc; test -z "$0" || echo "$0" >/etc/machine-id; exec "$@"'


class SealedFile(Helper):
    """The helper and what it keeps. machine: the machine-id that it sees, "" for none, or None for the real one."""

    def __init__(self, home):
        super().__init__(home, "store-file")
        self.state, self.data = home.path / ".local/state/iamic", home.path / ".local/share/iamic"
        self.path, self.key, self.machine = self.state / "sealed", self.data / "key", None

    def start(self, *words, input="", env=None):
        if self.machine is None:
            return super().start(*words, input=input, env=env)
        program, self.program = self.program, NAMESPACE[0]
        try:
            return super().start(*NAMESPACE[1:], ON_MACHINE, self.machine, program, *words, input=input, env=env)
        finally:
            self.program = program

    def on(self, machine):
        self.machine = machine
        return self

    def command(self, *words):
        before = [] if self.machine is None else [*NAMESPACE, ON_MACHINE, self.machine]
        return [*before, self.program, *words]

    def save(self, secret=SECRET, generation=1, request=CORP, **members):
        reply = self.ask("save", request, secret=secret, generation=generation, **members)
        assert reply["state"] == "ok", reply
        return reply

    def left(self):
        """The names in both folders."""
        return sorted(str(path.relative_to(self.home.path / ".local"))
                      for path in (self.home.path / ".local").rglob("*") if path.is_file())

    def aside(self):
        return sorted(self.state.glob("sealed.other-machine*"))


@pytest.fixture
def sealed(bare_home):
    sealed = SealedFile(bare_home)
    yield sealed
    sealed.on(None)
    check_nothing_shown(bare_home)


def check_nothing_shown(home):
    """No secret in a log but for stdout, which is a pipe to the daemon; nothing in the home for others to read."""
    for path in home.path.rglob("*"):
        if "iamic" not in path.relative_to(home.path).parts:
            continue
        mode = path.lstat().st_mode
        assert not mode & 0o077 or path.is_symlink() or path.name in EXPOSED, f"{path} is {stat.filemode(mode)}"
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in SECRETS if secret.encode() in content], path
    for path in home.logs.glob("*.err"):
        assert path.read_text() == "", path


EXPOSED = set()  # names of files that a test opened to others itself


def check_failed(reply, *words):
    """One line that says what is wrong with what."""
    assert reply["state"] == "failed" and set(reply) <= {"state", "message", "generation"}, reply
    for word in words:
        assert str(word) in reply["message"], (word, reply)


def check_untouched(sealed, *words):
    """Every verb refuses, says so, and leaves everything as it is."""
    before = {path: path.read_bytes() for path in sealed.home.path.rglob("*") if path.is_file()}
    for verb in ("status", "load", "save", "erase"):
        check_failed(sealed.ask(verb, secret="fresh", generation=99), *words)
    check_failed(sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase"), *words)
    after = {path: path.read_bytes() for path in sealed.home.path.rglob("*") if path.is_file()}
    after.pop(sealed.state / "sealed.lock", None), before.pop(sealed.state / "sealed.lock", None)
    assert after == before


# What it is for.

@pytest.mark.quick
def test_what_was_saved_is_loaded_until_it_is_erased(sealed):
    assert sealed.ask("load") == {"state": "absent"}
    assert sealed.ask("save", secret=SECRET, generation=7) == {"state": "ok"}
    assert sealed.ask("load") == {"state": "ok", "secret": SECRET, "generation": 7}
    assert sealed.ask("erase") == {"state": "ok"}
    assert sealed.ask("load") == {"state": "absent"}
    assert sealed.ask("erase") == {"state": "ok"}
    assert sealed.left() == ["share/iamic/key", "state/iamic/sealed", "state/iamic/sealed.lock"]


def test_nothing_is_made_before_there_is_something_to_keep(sealed):
    for verb in ("status", "load", "erase"):
        sealed.ask(verb)
    sealed.ask("unlock", NOBODY)
    assert list(sealed.home.path.iterdir()) == []


def test_folders_and_files_are_the_persons_alone(sealed):
    umask = os.umask(0)
    try:
        sealed.save()
    finally:
        os.umask(umask)
    for path in (sealed.state, sealed.data):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (sealed.path, sealed.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folders_are_where_xdg_says(sealed):
    base = sealed.home.path
    sealed.env |= {"XDG_STATE_HOME": base / "s", "XDG_DATA_HOME": base / "d"}
    sealed.save()
    assert (base / "s/iamic/sealed").exists() and (base / "d/iamic/key").exists()
    assert sealed.ask("load")["secret"] == SECRET


@pytest.mark.parametrize("other", [
    {"startUrl": "https://other.example/start"}, {"region": "eu-west-1"}, {"name": "Corp"}, {"name": "cörp ⚙ 'x'"},
    {"startUrl": ""}, {"name": "iamic-key", "startUrl": "", "region": ""},
], ids=lambda other: "-".join(other))
def test_sign_ins_are_told_apart_by_name_start_url_and_region(sealed, other):
    sealed.save("mine")
    assert sealed.ask("load", **other) == {"state": "absent"}
    sealed.save("another's", request={**CORP, **other})
    assert sealed.ask("load")["secret"] == "mine"
    assert sealed.ask("load", **other)["secret"] == "another's"
    assert sealed.ask("erase", **other) == {"state": "ok"}
    assert sealed.ask("load")["secret"] == "mine"


def test_an_older_sign_in_does_not_replace_a_newer_one(sealed):
    sealed.save("new", generation=9)
    for generation in (9, 8, 0, -1):
        reply = sealed.ask("save", secret="old", generation=generation)
        check_failed(reply, "a newer one is there")
        assert reply["generation"] == 9
    assert sealed.ask("load") == {"state": "ok", "secret": "new", "generation": 9}


def test_the_same_saved_once_more_is_no_error(sealed):
    """What a daemon sends again whose helper was too late to answer."""
    for _ in range(2):
        sealed.save("same", generation=9)
    assert sealed.ask("load")["generation"] == 9


def test_a_hundred_sessions_have_room_and_one_too_many_spoils_nothing(sealed):
    for n in range(100):
        sealed.save("x" * 4096, request={**CORP, "name": f"session {n}"})
    reply = {"state": "ok"}
    for n in range(100, 200):
        reply = sealed.ask("save", {**CORP, "name": f"session {n}"}, secret="x" * 4096, generation=1)
        if reply["state"] != "ok":
            break
    check_failed(reply, "524288 bytes")
    assert sealed.ask("load", name="session 99")["secret"] == "x" * 4096
    assert sealed.ask("erase", name="session 99") == {"state": "ok"}


def test_a_document_as_large_as_the_protocol_lets_through(sealed):
    secret = "x" * 200_000
    sealed.save(secret)
    assert sealed.ask("load")["secret"] == secret


# Sources of the key.

def status_of(sealed, **members):
    reply = sealed.ask("status", NOBODY, **members)
    assert len(reply["protects"]) > 20 and "same user" in reply["protects"]
    return reply["state"], reply["message"]


def test_status_tells_the_source_of_the_file_that_is_there_or_would_be_made(sealed):
    for source in ("random", "passphrase", "secret-service"):
        assert status_of(sealed, keySource=source) == ("absent", f"key={source}")
    assert status_of(sealed, keySource="auto") == status_of(sealed) == ("absent", "key=random")
    sealed.save(keySource="random")
    for source in ("auto", "passphrase", "secret-service", "credential"):
        assert status_of(sealed, keySource=source) == ("ok", "key=random")


def test_a_source_that_no_one_knows_is_said(sealed):
    for verb in ("status", "save"):
        check_failed(sealed.ask(verb, secret=SECRET, keySource="rot13"), "'rot13'")
    assert sealed.left() == ["state/iamic/sealed.lock"]


def test_a_key_of_the_keyring_comes_with_each_request(sealed):
    key = {"keySource": "secret-service", "key": KEYRING_KEY}
    assert sealed.ask("save", secret=SECRET, keySource="secret-service")["state"] == "locked"
    sealed.save(**key)
    assert status_of(sealed) == ("locked", "key=secret-service")
    assert status_of(sealed, **key) == ("ok", "key=secret-service")
    for verb in ("load", "save", "erase"):
        reply = sealed.ask(verb, secret="x", generation=2)
        assert reply["state"] == "locked" and "keyring" in reply["message"]
    assert sealed.ask("load", **key)["secret"] == SECRET
    assert sealed.left() == ["state/iamic/sealed", "state/iamic/sealed.lock"], "it needs no key file"
    key["key"] = "deadbeef" * 8
    check_failed(sealed.ask("load", **key), "keyring", sealed.path)
    check_failed(sealed.ask("save", secret="x", generation=2, **key), "keyring", sealed.path)
    key["key"] = "short"
    check_failed(sealed.ask("load", **key), "16 bytes")


@pytest.fixture
def credentials(sealed):
    folder = sealed.home.base / "credentials"
    folder.mkdir(mode=0o700)
    sealed.env["CREDENTIALS_DIRECTORY"] = folder
    return folder / "iamic.key"


def write_credential(path, content):
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(0o400)


def test_auto_takes_a_credential_of_systemd_where_there_is_one(sealed, credentials):
    assert status_of(sealed) == ("absent", "key=random"), "the folder alone is no credential"
    write_credential(credentials, bytes(range(32)))
    assert status_of(sealed) == ("absent", "key=credential")
    sealed.save()
    assert status_of(sealed) == ("ok", "key=credential")
    assert sealed.ask("load", keySource="random")["secret"] == SECRET, "the header says which"
    assert sealed.left() == ["state/iamic/sealed", "state/iamic/sealed.lock"]


def test_a_credential_that_is_gone_or_another_is_said_and_nothing_changes(sealed, credentials):
    check_failed(sealed.ask("save", secret=SECRET, keySource="credential"), "no credential 'iamic.key'")
    check_failed(sealed.ask("status", keySource="credential"), "no credential 'iamic.key'")
    write_credential(credentials, b"a key of the machine" * 2)
    sealed.save()
    write_credential(credentials, b"another, of some else")
    check_untouched(sealed, "iamic.key", sealed.path)
    write_credential(credentials, b"too short")
    check_untouched(sealed, "9 bytes", credentials)
    credentials.chmod(0o444)
    check_untouched(sealed, "for this user alone", credentials)
    credentials.unlink()
    check_untouched(sealed, "no credential 'iamic.key'")
    sealed.env["CREDENTIALS_DIRECTORY"] = None
    check_untouched(sealed, "no credential 'iamic.key'")


def test_the_random_key_is_made_once(sealed):
    sealed.save()
    key = sealed.key.read_bytes()
    assert len(key) == 32 and key != bytes(32)
    sealed.save(generation=2)
    sealed.path.unlink()
    sealed.save()
    assert sealed.key.read_bytes() == key
    assert sealed.ask("load")["secret"] == SECRET


def test_a_random_key_that_is_missing_changed_or_shown_is_said_and_nothing_changes(sealed):
    sealed.save()
    key = sealed.key.read_bytes()
    sealed.key.write_bytes(bytes([key[0] ^ 1]) + key[1:])
    check_untouched(sealed, sealed.path, "'key'")
    for wrong in (b"", key[:31], key + b"x", key * 3):
        sealed.key.write_bytes(wrong)
        check_untouched(sealed, sealed.key)
    sealed.key.write_bytes(key)
    sealed.key.chmod(0o640)
    check_untouched(sealed, f"others may use '{sealed.key}': chmod 600")
    sealed.key.chmod(0o600)
    assert sealed.ask("load")["secret"] == SECRET
    sealed.key.unlink()
    check_untouched(sealed, f"'{sealed.key}' is missing", sealed.path)
    sealed.key.symlink_to("/dev/zero")
    check_untouched(sealed, sealed.key, "symbolic link")


def test_a_passphrase_is_set_and_opens(sealed):
    assert status_of(sealed, keySource="passphrase") == ("absent", "key=passphrase")
    reply = sealed.ask("save", secret=SECRET, keySource="passphrase")
    assert reply["state"] == "locked" and "iamic unlock --set" in reply["message"]
    first = sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")
    assert first["state"] == "ok" and re.fullmatch("[0-9a-f]{64}", first["key"])
    sealed.save(key=first["key"])
    assert status_of(sealed) == ("locked", "key=passphrase")
    assert status_of(sealed, key=first["key"]) == ("ok", "key=passphrase")
    for verb in ("load", "save", "erase"):
        reply = sealed.ask(verb, secret="x", generation=2)
        assert reply["state"] == "locked" and "by a passphrase" in reply["message"]
    assert sealed.ask("unlock", NOBODY, secret=PASSPHRASE) == first
    assert sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase", key=first["key"]) == first
    assert sealed.ask("load", key=first["key"])["secret"] == SECRET
    assert not sealed.key.exists()


def test_a_wrong_passphrase_leaves_it_locked(sealed):
    key = sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")["key"]
    before = sealed.path.read_bytes()
    for wrong in (PASSPHRASE + " ", PASSPHRASE[:-1], "corre\u0301ct horse battery", "x" * 100_000):
        for source in ("auto", "passphrase"):
            reply = sealed.ask("unlock", NOBODY, secret=wrong, keySource=source)
            assert reply["state"] == "locked" and "key" not in reply and str(sealed.path) in reply["message"]
    for source in ("auto", "passphrase"):
        check_failed(sealed.ask("unlock", NOBODY, secret="", keySource=source), "empty")
        check_failed(sealed.ask("unlock", NOBODY, keySource=source), "empty")
    stale = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert sealed.ask("load", key=stale)["state"] == "locked"
    assert sealed.ask("save", key=stale, secret="x", generation=99)["state"] == "locked"
    assert sealed.path.read_bytes() == before


def test_the_key_of_a_passphrase_makes_no_file_that_the_passphrase_does_not_open(sealed):
    key = sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")["key"]
    sealed.path.unlink()
    assert sealed.ask("save", secret=SECRET, key=key, keySource="passphrase")["state"] == "locked"
    assert not sealed.path.exists()


@pytest.mark.parametrize("source", ["random", "secret-service", "credential"])
def test_a_passphrase_takes_the_place_of_another_key(sealed, credentials, source):
    write_credential(credentials, b"a key of the machine" * 2)
    key = {"key": KEYRING_KEY} if source == "secret-service" else {}
    sealed.save(keySource=source, **key)
    sealed.save("other", request=OTHER, **key)
    reply = sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase", **key)
    assert reply["state"] == "ok"
    assert status_of(sealed, **key) == ("locked", "key=passphrase")
    assert sealed.ask("load", key=reply["key"])["secret"] == SECRET
    assert sealed.ask("load", OTHER, key=reply["key"])["secret"] == "other"


def test_a_file_whose_key_is_not_at_hand_gets_no_passphrase(sealed):
    sealed.save(keySource="secret-service", key=KEYRING_KEY)
    before = sealed.path.read_bytes()
    assert sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")["state"] == "locked"
    assert sealed.path.read_bytes() == before


def test_there_may_be_nothing_to_unlock(sealed):
    assert sealed.ask("unlock", NOBODY, secret=PASSPHRASE)["state"] == "absent"
    sealed.save()
    reply = sealed.ask("unlock", NOBODY, secret=PASSPHRASE)
    assert reply["state"] == "ok" and "key" not in reply
    assert status_of(sealed) == ("ok", "key=random")


# Other machines.

def test_a_home_on_another_machine_is_set_aside_once_and_never_overwritten(sealed):
    sealed.on(HERE).save()
    mine = sealed.path.read_bytes()
    assert sealed.on(THERE).ask("status", NOBODY)["state"] == "absent"
    assert sealed.path.read_bytes() == mine, "asking changes nothing"

    reply = sealed.ask("load")
    assert reply["state"] == "absent" and "another machine" in reply["message"]
    assert str(sealed.aside()[0]) in reply["message"] and str(sealed.path) in reply["message"]
    assert [path.read_bytes() for path in sealed.aside()] == [mine]
    assert sealed.ask("load") == {"state": "absent"}
    sealed.save("theirs")
    theirs = sealed.path.read_bytes()
    assert sealed.ask("load") == {"state": "ok", "secret": "theirs", "generation": 1}

    reply = sealed.on(HERE).save("mine again")
    assert "another machine" in reply["message"] and "sealed.other-machine.2" in reply["message"]
    assert [path.read_bytes() for path in sealed.aside()] == [mine, theirs]
    sealed.path.unlink()
    sealed.aside()[0].rename(sealed.path)
    assert sealed.ask("load")["secret"] == SECRET, "moved back by hand"


@pytest.mark.parametrize("machine", [HERE, ""], ids=["bound", "unbound"])
def test_the_key_is_made_of_the_key_file_and_the_machine_id(sealed, machine):
    """Not only a mark in the header, which one who copied the home could pass by. The key id is made as the key is."""
    sealed.on(machine).save()
    header = sealed.path.read_bytes()[:72]
    key_id, salt = header[20:28], header[36:52]
    assert key_id == hkdf(sealed.key.read_bytes() + machine.encode(), salt, b"iamic sealed: key id", 8)
    assert (header[28:36] == bytes(8)) == (machine == "")
    assert HERE.encode() not in sealed.path.read_bytes(), "nobody else is to know it"


def hkdf(material, salt, label, size):
    """HKDF-SHA256 of up to 32 bytes."""
    extracted = hmac.digest(salt, material, "sha256")
    return hmac.digest(extracted, label + b"\1", "sha256")[:size]


def test_each_write_has_a_generation_and_a_nonce_of_its_own(sealed):
    def header():
        content = sealed.path.read_bytes()
        return int.from_bytes(content[52:60], "big"), content[60:72]
    seen = []
    for step in (lambda: sealed.save(), lambda: sealed.save("2", generation=2), lambda: sealed.save("x", request=OTHER),
                 lambda: sealed.ask("erase", OTHER),
                 lambda: sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")):
        step()
        seen.append(header())
    assert [generation for generation, _ in seen] == [1, 2, 3, 4, 5]
    assert len({nonce for _, nonce in seen}) == 5


def test_a_passphrase_may_be_set_on_another_machine(sealed):
    sealed.on(HERE).save()
    mine = sealed.path.read_bytes()
    sealed.on(THERE)
    assert sealed.ask("unlock", NOBODY, secret=PASSPHRASE, keySource="passphrase")["state"] == "ok"
    assert sealed.aside()[0].read_bytes() == mine
    assert status_of(sealed.on(HERE)) == ("locked", "key=passphrase"), "and opens on any"


def test_a_copied_home_opens_on_its_own_machine_alone(sealed):
    sealed.on(HERE).save()
    copy = sealed.home.path / "copy"
    shutil.copytree(sealed.home.path / ".local", copy / ".local")
    assert sealed.ask("load", env={"HOME": copy})["secret"] == SECRET
    assert sealed.on(THERE).ask("load", env={"HOME": copy})["state"] == "absent"


def test_without_a_machine_id_the_file_is_bound_to_none_and_says_so(sealed):
    sealed.on("")
    assert "no machine-id" in sealed.ask("status", NOBODY)["protects"]
    sealed.save()
    assert "no machine-id" in sealed.ask("status", NOBODY)["protects"]
    for machine in (HERE, "uninitialized", ""):
        assert sealed.on(machine).ask("load")["secret"] == SECRET
    assert "no machine-id" in sealed.on(HERE).ask("status", NOBODY)["protects"], "that of the file counts"
    assert sealed.aside() == []


@pytest.mark.parametrize("machine", ["", "uninitialized", "0123", HERE.upper(), HERE[:-1] + "g"])
def test_a_machine_that_lost_its_id_is_no_other_machine(sealed, machine):
    """The file may well be its own: it stays where it is."""
    assert "home alone" in sealed.on(HERE).ask("status", NOBODY)["protects"]
    sealed.save()
    check_untouched(sealed.on(machine), "/etc/machine-id", sealed.path)
    assert sealed.on(HERE).ask("load")["secret"] == SECRET


# Files that are damaged, newer, foreign, or not ours alone.

def cuts(every):
    return pytest.param(every, marks=[pytest.mark.all, pytest.mark.once] if every == 1 else [], id=f"every-{every}")


@pytest.mark.parametrize("every", [cuts(1), cuts(61)])
@pytest.mark.timeout(900)
def test_a_file_cut_or_changed_at_any_byte_is_refused_and_left_alone(sealed, every):
    sealed.save()
    whole = sealed.path.read_bytes()
    for n in range(0, len(whole), every):
        for broken in (whole[:n], whole[:n] + bytes([whole[n] ^ 1 << n % 8]) + whole[n + 1:]):
            sealed.path.write_bytes(broken)
            check_failed(sealed.ask("load"), sealed.path, "move", "sign in again")
            check_failed(sealed.ask("save", secret="x", generation=99), sealed.path)
            assert sealed.path.read_bytes() == broken
    sealed.path.write_bytes(whole)
    assert sealed.ask("load")["secret"] == SECRET


@pytest.mark.parametrize("broken,words", [
    (lambda whole: b"", "is damaged"),
    (lambda whole: whole[:100], "is damaged"),
    (lambda whole: whole + b"\n", "is damaged"),
    (lambda whole: bytes(len(whole)), "no sealed file of iamic's"),
    (lambda whole: b"{}\n", "no sealed file of iamic's"),
    (lambda whole: whole[:15] + b"\2" + whole[16:], "newer iamic (version 2): update iamic"),
    (lambda whole: whole[:15] + b"\2", "is damaged"),
    (lambda whole: whole + bytes(1 << 20), "more than 524288 bytes"),
], ids=["empty", "torn", "longer", "zeros", "foreign", "newer", "newer-and-torn", "huge"])
def test_a_broken_file_says_what_to_do_and_stays(sealed, broken, words):
    sealed.save()
    sealed.path.write_bytes(broken(sealed.path.read_bytes()))
    check_untouched(sealed, words, sealed.path, "move")


def test_what_is_not_ours_alone_is_refused(sealed):
    sealed.save()
    EXPOSED.update(("sealed", "iamic"))
    try:
        sealed.path.chmod(0o644)
        check_untouched(sealed, f"chmod 600 '{sealed.path}'")
        sealed.path.chmod(0o600)
        sealed.state.chmod(0o770)
        check_untouched(sealed, f"chmod 700 '{sealed.state}'")
        sealed.state.chmod(0o700)
        sealed.data.chmod(0o702)
        check_untouched(sealed, f"chmod 700 '{sealed.data}'")
        sealed.data.chmod(0o700)
    finally:
        EXPOSED.clear()
    sealed.path.rename(sealed.state / "elsewhere")
    sealed.path.symlink_to("elsewhere")
    check_untouched(sealed, sealed.path, "symbolic link")
    sealed.path.unlink()
    os.mkfifo(sealed.path, 0o600)
    check_untouched(sealed, sealed.path, "is not a file")
    sealed.path.unlink()
    sealed.path.mkdir(mode=0o700)
    check_untouched(sealed, sealed.path, "is not a file")


def test_another_users_file_is_refused(sealed):
    sealed.save()
    if os.geteuid() != 0:
        return  # only root can give a file away
    for path in (sealed.path, sealed.key, sealed.state, sealed.data):
        os.chown(path, 12345, -1)
        check_failed(sealed.ask("load"), path, "uid 12345")
        check_failed(sealed.ask("save", secret="x", generation=9), path, "uid 12345")
        os.chown(path, os.geteuid(), -1)
    assert sealed.ask("load")["secret"] == SECRET


def test_a_home_that_is_none_is_said(sealed):
    for home in (None, "", "relative"):
        check_failed(sealed.ask("load", env={"HOME": home}), "HOME")
    check_failed(sealed.ask("save", secret="x", env={"HOME": "/dev/null"}), "/dev/null")


# Folders that cannot be written.

def in_namespace(sealed, setup, verb, **members):
    """Asks with the folder mounted in another way. setup: shell, "$S" is the folder."""
    program, sealed.program = sealed.program, NAMESPACE[0]
    try:
        result = sealed.run(*NAMESPACE[1:], f'S="$0"; {setup}; "$@"; status=$?; ls "$S" >"$S.list"; exit $status',
                            sealed.state, program, verb, input=json.dumps({**CORP, **members}))
        return sealed.reply(result), pathlib.Path(f"{sealed.state}.list").read_text().split()
    finally:
        sealed.program = program
        pathlib.Path(f"{sealed.state}.list").unlink(missing_ok=True)


def test_from_a_read_only_folder_it_is_loaded_and_saving_names_it(sealed):
    sealed.save()
    setup = 'mount --bind "$S" "$S"; mount -o remount,bind,ro "$S"'
    assert in_namespace(sealed, setup, "load")[0]["secret"] == SECRET
    assert in_namespace(sealed, setup, "status")[0]["state"] == "ok"
    for verb in ("save", "erase"):
        reply, left = in_namespace(sealed, setup, verb, secret="x", generation=2)
        check_failed(reply, f"cannot write in '{sealed.state}': Read-only file system")
    sealed.state.rename(sealed.state.parent / "away")
    sealed.state.mkdir(mode=0o700)
    reply, left = in_namespace(sealed, setup, "save", secret="x", generation=2)
    check_failed(reply, f"cannot write in '{sealed.state}': Read-only file system")


def test_in_a_full_folder_saving_names_it_and_the_old_file_stays(sealed):
    sealed.save()
    shutil.copy(sealed.path, sealed.home.base / "sealed")
    setup = ('mount -t tmpfs -o mode=700,size=16k tmpfs "$S"; cp -p "$S/../../../../sealed" "$S"; '
             'cat /dev/zero >"$S/filler" 2>"$S/../error" || rm "$S/../error"')
    reply, left = in_namespace(sealed, setup, "save", secret="x" * 9000, generation=2)
    check_failed(reply, f"cannot write in '{sealed.state}': No space left on device")
    assert left == ["filler", "sealed", "sealed.lock"], "what was begun is gone again"
    assert in_namespace(sealed, setup, "load")[0]["secret"] == SECRET


def test_a_file_size_limit_is_an_error_and_no_signal(sealed):
    sealed.save()
    before = sealed.path.read_bytes()
    program, sealed.program = sealed.program, "/bin/sh"
    result = sealed.run("-c", 'ulimit -f 1; exec "$0" save', program,
                        input=json.dumps({**CORP, "secret": "x" * 9000, "generation": 2}))
    sealed.program = program
    check_failed(sealed.reply(result), f"cannot write in '{sealed.state}'")
    assert sealed.path.read_bytes() == before


# Several at once.

def test_two_writers_at_once_lose_nothing(sealed):
    requests = [{**CORP, "name": f"session {n}", "secret": f"secret {n}", "generation": 1} for n in range(12)]
    running = [sealed.start("save", input=json.dumps(request)) for request in requests]
    for process in running:
        assert sealed.reply(process.finish())["state"] == "ok"
    for n, request in enumerate(requests):
        assert sealed.ask("load", request)["secret"] == f"secret {n}"
    assert sealed.left() == ["share/iamic/key", "state/iamic/sealed", "state/iamic/sealed.lock"]


def test_of_generations_that_race_the_highest_stays(sealed):
    generations = [4, 9, 1, 7, 3, 8, 2, 6, 5, 0]
    running = [(generation, sealed.start("save", input=json.dumps(
        {**CORP, "secret": f"token {generation}", "generation": generation}))) for generation in generations]
    states = {generation: sealed.reply(process.finish())["state"] for generation, process in running}
    assert states[9] == "ok" and set(states.values()) <= {"ok", "failed"}
    assert sealed.ask("load") == {"state": "ok", "secret": "token 9", "generation": 9}


def test_a_lock_that_another_holds_delays_writers_only_and_not_for_ever(sealed):
    sealed.save()
    with open(sealed.state / "sealed.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert sealed.ask("load", timeout=2)["secret"] == SECRET
        began = time.monotonic()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # as a parent that blocks all of them passes it on
        try:
            reply = sealed.ask("save", secret="x", generation=2, timeout=9)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        check_failed(reply, "sealed.lock", "try again")
        assert 4 < time.monotonic() - began < 8
        waiting = sealed.start("save", input=json.dumps({**CORP, "secret": "patient", "generation": 2}))
        time.sleep(0.5)
        assert waiting.poll() is None
    assert sealed.reply(waiting.finish(5))["state"] == "ok"
    assert sealed.ask("load")["secret"] == "patient"


# Killed at any instant.

def every(n):
    return pytest.param(n, marks=[pytest.mark.all] if n == 1 else [], id=f"every-{n}")


def steps(sealed, every, verb, request, look):
    """Kills the verb at its points, beginning each time with the folders as they are now."""
    original = sealed.home.path / ".local"
    kept = sealed.home.base / "kept"
    if original.exists():
        shutil.copytree(original, kept)
    env = sealed.home.with_env(sealed.env)
    stepper = Stepper(sealed.command(verb), env, json.dumps(request).encode())

    def restore():
        shutil.rmtree(original, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, original)
    outcomes = []
    for point in itertools.chain(stepper.points(every), [-1]):
        restore()
        stepper.kill_at(point)
        outcomes.append(look())
    shutil.rmtree(kept, ignore_errors=True)
    return outcomes


def check_tidy(sealed, also=()):
    """The next save takes away what a killed one left."""
    expected = {"share/iamic/key", "state/iamic/sealed", "state/iamic/sealed.lock", *also}
    assert set(sealed.left()) <= expected


def loaded(sealed, request=CORP, **members):
    reply = sealed.ask("load", request, **members)
    assert reply["state"] in ("ok", "absent") and "message" not in reply, reply
    return reply.get("secret")


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [every(7), every(1)])
def test_a_first_save_that_is_killed_leaves_nothing_or_all(sealed, n):
    def look():
        outcome = loaded(sealed)
        sealed.save("after", generation=2)
        assert loaded(sealed) == "after"
        check_tidy(sealed)
        return outcome
    outcomes = steps(sealed, n, "save", {**CORP, "secret": SECRET, "generation": 1}, look)
    assert outcomes[0] is None and outcomes[-1] == SECRET and set(outcomes) == {None, SECRET}


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [every(7), every(1)])
def test_a_save_that_is_killed_leaves_the_old_or_the_new(sealed, n):
    sealed.save("old", generation=1)
    sealed.save("other", request=OTHER)

    def look():
        outcome = loaded(sealed)
        assert loaded(sealed, OTHER) == "other"
        sealed.save("after", generation=3)
        assert loaded(sealed) == "after"
        check_tidy(sealed)
        return outcome
    outcomes = steps(sealed, n, "save", {**CORP, "secret": "new", "generation": 2}, look)
    assert outcomes[0] == "old" and outcomes[-1] == "new" and set(outcomes) == {"old", "new"}


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [every(7), every(1)])
def test_an_erasure_that_is_killed_has_erased_or_not(sealed, n):
    sealed.save("old", generation=1)
    sealed.save("other", request=OTHER)

    def look():
        outcome = loaded(sealed)
        assert loaded(sealed, OTHER) == "other"
        sealed.save("after", generation=3, request=OTHER)
        check_tidy(sealed)
        return outcome
    outcomes = steps(sealed, n, "erase", CORP, look)
    assert outcomes[0] == "old" and outcomes[-1] is None and set(outcomes) == {"old", None}


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [every(7), every(1)])
def test_setting_a_passphrase_that_is_killed_leaves_the_one_key_or_the_other(sealed, n):
    sealed.save("old", generation=1)

    def look():
        state, message = status_of(sealed)
        key = {}
        if state == "locked":
            assert message == "key=passphrase"
            key = {"key": sealed.ask("unlock", NOBODY, secret=PASSPHRASE)["key"]}
        assert loaded(sealed, **key) == "old"
        sealed.save("after", generation=3, **key)
        check_tidy(sealed)
        return message
    outcomes = steps(sealed, n, "unlock", {**NOBODY, "secret": PASSPHRASE, "keySource": "passphrase"}, look)
    assert outcomes[0] == "key=random" and outcomes[-1] == "key=passphrase"


@pytest.mark.once
@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [every(7), every(1)])
def test_setting_aside_that_is_killed_loses_nothing(sealed, n):
    sealed.on(HERE).save()
    mine = sealed.path.read_bytes()
    sealed.on(THERE)

    def look():
        is_aside = bool(sealed.aside())
        reply = sealed.ask("load")
        assert reply["state"] == "absent" and ("message" in reply) == (not is_aside)
        assert [path.read_bytes() for path in sealed.aside()] == [mine]
        sealed.save("after")
        check_tidy(sealed, ["state/iamic/sealed.other-machine"])
        return is_aside
    outcomes = steps(sealed, n, "load", CORP, look)
    assert outcomes[0] is False and outcomes[-1] is True


@pytest.mark.once
def test_what_was_saved_outlives_a_power_failure(sealed):
    """Which no test can cause: so the calls are what is looked at, for the key and for the file."""
    stepper = Stepper(sealed.command("save"), sealed.home.with_env(sealed.env),
                      json.dumps({**CORP, "secret": SECRET, "generation": 1}).encode())
    whole = ["unlink", "write", "fsync", "rename", "fsync"]
    assert stepper.calls() == [*whole, *whole, "write"], "the last one is the reply"


def test_what_a_killed_writer_left_is_taken_away(sealed):
    sealed.save()
    stale = sealed.state / "sealed.new"
    stale.write_bytes(b"half of")
    stale.chmod(0o600)
    sealed.save(generation=2)
    assert not stale.exists()
    stale.symlink_to(sealed.key)
    sealed.save(generation=3)
    assert not stale.exists() and len(sealed.key.read_bytes()) == 32


# What a helper may be asked.

@pytest.mark.parametrize("words", [[], ["load", "load"], ["LOAD"], ["--help"], [""], ["load\n"]])
def test_a_wrong_command_line_is_usage(sealed, words):
    result = sealed.run(*words, input=json.dumps(CORP))
    assert (result.status, result.out) == (2, "") and "usage: store-file" in result.err
    for path in sealed.home.logs.glob("*.err"):
        path.write_text("")


HOSTILE = {
    "nothing": b"", "no-json": b"load corp", "array": b"[]", "number": b"1", "null": b"null",
    "half": b'{"version":1,"na',
    "two": json.dumps(CORP).encode() * 2, "nul": b'{"version":1\0}', "latin-1": b'{"version":1,"name":"\xe9"}',
    "escaped-nul": json.dumps({**CORP, "secret": "a\0b"}).encode(),
    "surrogate": json.dumps(CORP).replace("corp", "\\ud800").encode(),
    "deep": b'{"version":1,"a":' + b"[" * 5000, "too-long": json.dumps({**CORP, "secret": "x" * 300_000}).encode(),
    "flood": b"x" * 4_000_000,
    **{f"{member}-{type(value).__name__}": json.dumps({**CORP, member: value}).encode() for member, value in [
        ("version", 2), ("version", "1"), ("version", 1.5), ("name", 7), ("name", None), ("name", ""), ("startUrl", []),
        ("region", {}), ("generation", "7"), ("generation", 7.5), ("secret", 7), ("secret", ["x"]), ("key", 7),
        ("keySource", 4)]},
    **{f"no-{member}": json.dumps({k: v for k, v in CORP.items() if k != member}).encode() for member in CORP},
}


@pytest.mark.parametrize("verb", ["status", "load", "save", "erase", "unlock"])
def test_a_malformed_request_fails_and_changes_nothing(sealed, verb):
    sealed.save()
    before = sealed.path.read_bytes()
    for name, hostile in HOSTILE.items():
        reply = sealed.reply(sealed.run(verb, input=hostile))
        if name == "name-str" and verb in ("status", "unlock"):
            continue  # these two are of no session
        assert reply["state"] == "failed" and reply["message"], (name, reply)
    assert sealed.path.read_bytes() == before


def test_members_that_no_one_knows_are_ignored(sealed):
    sealed.save(later={"of": [1]}, expires=None)
    assert sealed.ask("load", x=1)["secret"] == SECRET


def test_a_save_of_nothing_is_refused(sealed):
    sealed.save()
    for members in ({}, {"secret": ""}, {"secret": None}):
        check_failed(sealed.ask("save", generation=2, **members), "nothing to save")
    assert sealed.ask("load")["secret"] == SECRET


def test_generations_may_be_as_large_as_numbers_are(sealed):
    sealed.save(generation=2**63 - 1)
    assert sealed.ask("load")["generation"] == 2**63 - 1
    check_failed(sealed.ask("save", secret="x", generation=2**63 - 2), "newer")


def test_a_closed_stdout_is_an_exit_status_and_the_file_is_whole(sealed):
    process = subprocess.Popen([sealed.program, "save"], env=sealed.home.with_env(sealed.env), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
    process.stdout.close()
    process.stdin.write(json.dumps({**CORP, "secret": SECRET, "generation": 1}).encode())
    process.stdin.close()
    assert process.stderr.read() == b"" and process.wait(10) == 1
    process.stderr.close()
    assert sealed.ask("load")["secret"] == SECRET


def test_the_passphrase_is_nowhere_to_be_seen_while_it_runs(sealed):
    process = subprocess.Popen([sealed.program, "unlock"], env=sealed.home.with_env(sealed.env), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd="/")
    process.stdin.write(json.dumps({**NOBODY, "secret": PASSPHRASE, "keySource": "passphrase"}).encode())
    process.stdin.flush()
    folder = pathlib.Path(f"/proc/{process.pid}")
    for name in ("cmdline", "environ"):
        with contextlib.suppress(PermissionError):  # not even its own user may look
            assert PASSPHRASE.encode() not in (folder / name).read_bytes()
    wait_for(lambda: re.search(r"Max core file size +0 +0", (folder / "limits").read_text()), 5, lambda: "core dumps")
    out, _ = process.communicate(timeout=10)
    assert json.loads(out)["state"] == "ok" and PASSPHRASE.encode() not in out


# With the daemon.

@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_a_sign_in_outlives_the_daemon(home, killed):
    home.write_config("store = file\n")
    home.configure({"dev": ("012345678901", "ReadOnly")})
    daemon = home.start_daemon()
    home.sign_in()
    if killed:
        daemon.kill()
        daemon.wait()
    else:
        home.stop_daemons()
    home.start_daemon()
    assert home.credential_process("--profile", "dev").status == 0
    assert "copies the whole disk" in home.iamic("status").out
    assert (home.path / ".local/state/iamic/sealed").stat().st_mode & 0o777 == 0o600
