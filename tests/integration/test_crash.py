"""The daemon, or its store helper, is killed at any of its writes, sends, renames and spawns of a refresh or a
sign-in: no file is torn, the last stored token is used, and nobody has to sign in again unless AWS had retired what
was stored."""
import json
import os
import shutil
import signal
import time

import pytest

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
CALLS = ("write,writev,pwrite64,ftruncate,sendto,sendmsg,rename,renameat,renameat2,unlink,fsync,fork,vfork,clone,"
         "clone3,openat")
KEPT = {"sealed", "sealed.lock", "lock", "store", "history", "log", "seen"}
EVERY_7TH_OR_ALL = pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.all)])
POINTS_MAX = 2000
pytestmark = pytest.mark.once


def start_killed_at(home, point):
    """iamicd whose call number `point` of CALLS is its last; ready, or dead already."""
    daemon = home.spawn("/usr/bin/strace", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e",
                        f"inject={CALLS}:signal=SIGKILL:when={point}", home.program("iamicd"))
    ends = time.monotonic() + 10
    while daemon.poll() is None and not home.socket.exists() and time.monotonic() < ends:
        time.sleep(0.005)
    return daemon


def clear(home, daemon):
    """Whether the daemon ran to its end. No daemon of this step may be met by the next."""
    survived = daemon.poll() is None
    daemon.kill()
    daemon.wait()
    for pid in home.daemon_pids():
        os.kill(pid, signal.SIGKILL)
    home.socket.unlink(missing_ok=True)
    return survived


def check_files(home, point):
    """With no daemon running: nothing torn, nothing left behind."""
    assert json.loads(home.iamic("status", "--json").out)["store"]["state"] == "ready", point
    home.stop_daemons()
    leftovers = {path.name for path in (home.path / ".local/state/iamic").iterdir()} - KEPT
    assert not leftovers, f"killed at call {point}: {leftovers}"


@EVERY_7TH_OR_ALL
@pytest.mark.parametrize("retires", [False, True])
def test_killed_anywhere_in_a_refresh(home, practice, retires, step):
    practice.set(token_life=1, rotate=True, retire_old_refresh=retires)
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    home.stop_daemons()
    lost = 0
    for point in range(1, POINTS_MAX, step):
        time.sleep(1.1)  # the stored token has expired: a refresh is what the call below needs first
        refreshed = practice.count("CreateToken:refresh_token")
        daemon = start_killed_at(home, point)
        home.credential_process(*SHIM, env={"IAMIC_SOCKET": home.socket})
        survived = clear(home, daemon)
        result = home.credential_process(*SHIM)
        if result.status == 3 and retires and practice.count("CreateToken:refresh_token") > refreshed:
            lost += 1  # AWS had retired the stored token when it granted the one that was never stored
            home.sign_in()
            result = home.credential_process(*SHIM)
        assert result.status == 0, f"killed at call {point}: {result}"
        check_files(home, point)
        if survived:
            break
    else:
        raise AssertionError("the daemon never ran to its end")
    assert point > 30 and practice.count("CreateToken:refresh_token") >= point / step, "this test showed nothing"
    assert practice.count("StartDeviceAuthorization") == 1 + lost
    assert lost <= point / 4


@EVERY_7TH_OR_ALL
def test_killed_anywhere_in_a_sign_in(home, practice, step):
    practice.auto_approve()
    home.configure({"dev": (ACCOUNT, ROLE)})
    for point in range(1, POINTS_MAX, step):
        shutil.rmtree(home.path / ".local", ignore_errors=True)
        daemon = start_killed_at(home, point)
        home.iamic("login", "corp", env={"IAMIC_SOCKET": home.socket})
        survived = clear(home, daemon)
        login = home.iamic("login", "corp")
        assert login.status == 0, f"killed at call {point}: {login}"
        assert home.credential_process(*SHIM).status == 0, point
        check_files(home, point)
        if survived:
            break
    else:
        raise AssertionError("the daemon never ran to its end")
    assert point > 30, "this test showed nothing"


HELPER = """#!/bin/sh
# store-file, whose call number $(cat {point}) of a save is its last; 0: none
point=$(cat {point})
[ "$1" = save ] && [ "$point" -gt 0 ] && exec /usr/bin/strace -qq -o /dev/null -e trace={calls} \\
  -e inject={calls}:signal=SIGKILL:when=$point {program} "$@"
exec {program} "$@"
"""


@EVERY_7TH_OR_ALL
def test_a_helper_that_is_killed_anywhere_costs_no_sign_in(home, practice, step):
    """AWS retires what is stored, and the helper does not come to storing the next: it is offered again."""
    practice.set(rotate=True, retire_old_refresh=True)
    point_file = home.base / "point"
    helper = home.write("helper", HELPER.format(point=point_file, calls=CALLS,
                                                program=home.prefix / "libexec/iamic/store-file"), mode=0o700)
    home.write_config(f"store = {helper}\n")
    home.configure({"dev": (ACCOUNT, ROLE)})
    point_file.write_text("0")
    home.sign_in()
    for point in range(1, POINTS_MAX, step):
        point_file.write_text(str(point))
        practice.revoke("access")
        assert home.iamic("accounts").status == 0, point
        survived = json.loads(home.iamic("status", "--json").out)["store"]["state"] == "ready"
        point_file.write_text("0")
        home.stop_daemons()
        practice.revoke("access")
        assert home.iamic("accounts").status == 0, f"killed at call {point}"
        check_files(home, point)
        if survived:
            break
    else:
        raise AssertionError("the helper never ran to its end")
    assert point > 10, "this test showed nothing"
    assert practice.count("StartDeviceAuthorization") == 1
