"""A state folder on a full disk, or a read-only one: the person can sign in and is served, hears what is not kept and
where, and only once in the log; and what was there before is not lost."""
import os
import re
import shutil
import subprocess

import pytest
from asking import until_state
from home import wait_for
from plain_store import PlainStore

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
NO_SPACE, READ_ONLY = "No space left on device", "Read-only file system"
# $0 is the state folder, $1 what to copy there before the disk is full, $2 whether it is read-only as well, and the
# rest a program.
FILL = """set -e
mount -t tmpfs -o mode=700,size=32k tmpfs "$0"
mkdir -m 700 "$0/iamic"
cp -p "$1"/* "$0/iamic" 2>/dev/null || true
cat /dev/zero >"$0/filler" 2>/dev/null || true
[ "$2" != read-only ] || mount -o remount,ro "$0"
shift 2
exec "$@"
"""

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="mounts")


class FullDisk:
    """Where a home keeps its state, as those see it that are started here."""

    def __init__(self, home):
        self.how = "full"
        self.home, self.state, self.earlier = home, home.path / ".local/state", home.base / "earlier"
        self.folder = self.state / "iamic"
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.earlier.mkdir()

    def keep_what_is_there(self):
        shutil.copytree(self.folder, self.earlier, dirs_exist_ok=True)

    def spawn_daemon(self):
        return self.home.spawn("/usr/bin/unshare", "--mount", "/bin/sh", "-c", FILL, self.state, self.earlier,
                               self.how, self.home.program("iamicd"))

    def start_daemon(self):
        self.daemon = self.spawn_daemon()
        wait_for(self.home.socket.exists, 10, lambda: f"no socket: {self.daemon.err}")
        return self.daemon

    def inside(self, path):
        return f"/proc/{self.daemon.pid}/root{path}"

    def names(self):
        return set(os.listdir(self.inside(self.folder)))

    def grow(self):
        subprocess.run(["/usr/bin/nsenter", "--target", str(self.daemon.pid), "--mount", "/bin/mount", "-o",
                        "remount,size=4m", self.state], check=True)

    def make_room(self):
        os.unlink(self.inside(self.state / "filler"))


@pytest.fixture
def disk(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    return FullDisk(home)


def once(daemon, text):
    assert daemon.err.count(text) == 1, (text, daemon.err)


@pytest.mark.parametrize("kind, how, why", [("auto", "full", NO_SPACE), ("file", "full", NO_SPACE),
                                            ("auto", "read-only", READ_ONLY)])
def test_a_sign_in_works_and_the_person_hears_that_it_is_not_kept(home, disk, kind, how, why):
    home.write_config(f"store = {kind}\n")
    disk.how = how
    daemon = disk.start_daemon()
    login = home.sign_in()
    assert "kept in memory only" in login.err and f"'{disk.folder}': {why}" in login.err, login
    assert home.credential_process(*SHIM).status == 0
    shown = home.iamic("status").out
    assert "store      file, failing\n" in shown and f"cannot write in '{disk.folder}': {why}\n" in shown, shown
    logout = home.iamic("logout", "corp")
    assert logout.status == 0 and f"'{disk.folder}': {why}" in logout.err, logout
    home.sign_in()
    once(daemon, "the lock lies beside the socket")
    once(daemon, f"cannot write '{disk.folder}/history': {why}")
    if kind == "auto":
        once(daemon, f"cannot write '{disk.folder}/store': {why}")
    assert disk.names() <= {"lock", "sealed.lock"}, "nothing half written is left"


def test_the_log_is_kept_in_memory_until_there_is_room_and_what_was_lost_is_counted(home, disk):
    daemon = disk.start_daemon()
    home.sign_in()
    with home.client() as client:
        for _ in range(2000):
            client.call("GetCredentials", session="corp", accountId=ACCOUNT, roleName=ROLE)
    log = home.iamic("log")
    assert f"{disk.folder}/log': {NO_SPACE}: what happened since is not in the log" in log.err, log
    home.iamic("log")
    once(daemon, f"cannot write '{disk.folder}/log': {NO_SPACE}: who is given credentials is not recorded")
    disk.grow()
    assert home.iamic("log").err == ""
    with open(disk.inside(disk.folder / "log")) as file:
        text = file.read().splitlines()
    lost = int(re.fullmatch(r'{"time":"[^"]+","lost":(\d+)}', text[-1])[1])
    assert lost > 100 and len(text) - 1 + lost == 2000, text[-1]
    once(daemon, f"recorded again; {lost} lines were lost")


def test_there_is_one_daemon_all_the_same(home, disk):
    home.write_config("store = memory\n")
    daemon = disk.start_daemon()
    assert home.socket.with_name("lock").read_text().split()[2] == str(daemon.pid)
    second = disk.spawn_daemon().finish(5)
    assert (second.status, f"pid {daemon.pid}" in second.err) == (0, True), second


def test_a_lock_that_was_there_before_has_room_for_a_note(home, disk):
    home.start_daemon()
    home.stop_daemons()
    disk.keep_what_is_there()
    daemon = disk.start_daemon()
    assert "beside the socket" not in daemon.err and not home.socket.with_name("lock").exists()


def test_what_was_sealed_before_is_read_and_a_refresh_goes_on_from_memory(home, practice, disk):
    home.sign_in()
    home.stop_daemons()
    disk.keep_what_is_there()
    daemon = disk.start_daemon()
    until_state(home, "ready")
    practice.revoke("access")
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("CreateToken:refresh_token") == practice.count("StartDeviceAuthorization") == 1
    once(daemon, "going on from memory")
    disk.make_room()
    practice.revoke("access")
    assert home.iamic("accounts").status == 0
    once(daemon, "going on from memory")
    assert "store      file, ready\n" in home.iamic("status").out


def test_sign_ins_are_not_moved_to_where_there_is_no_room(home, practice, disk, tmp_path):
    store = PlainStore(home, tmp_path)
    home.write_config(f"store = {store.path}\n")
    disk.start_daemon()
    home.sign_in()
    moved = home.iamic("unlock", "--move-to", "file")
    assert moved.status == 8 and f"nothing was moved: cannot write in '{disk.folder}': {NO_SPACE}" in moved.err, moved
    assert len(store.documents()) == 1 and "store      helper, ready\n" in home.iamic("status").out
    disk.make_room()
    assert home.iamic("unlock", "--move-to", "file").status == 0
    assert store.documents() == [] and "store      file, ready\n" in home.iamic("status").out
