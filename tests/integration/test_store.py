"""The daemon and its store helper, whatever helper that is: a sign-in outlives the daemon, and a helper that hangs,
lies, floods or ends early is an error that names it, while everything else goes on."""
import calendar
import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest
from asking import session_of, until_count, until_state, warm_p50
from home import Home, wait_for
from plain_store import PlainStore

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)


@pytest.fixture
def store(home, tmp_path):
    home.configure({"dev": (ACCOUNT, ROLE)})
    store = PlainStore(home, tmp_path)
    home.write_config(f"store = {store.path}\n")
    return store


@pytest.mark.quick
def test_a_sign_in_outlives_the_daemon(home, practice, store):
    home.sign_in()
    home.stop_daemons()
    result = home.credential_process(*SHIM)
    assert result.status == 0, result
    assert practice.count("StartDeviceAuthorization") == 1
    status = json.loads(home.iamic("status", "--json").out)
    assert (status["store"]["kind"], status["store"]["state"]) == ("helper", "ready")
    assert status["store"]["protects"] == "nothing: it is for tests"


def test_the_refreshed_token_is_stored_before_it_is_used_and_counts_its_generations(home, practice, store):
    practice.set(token_life=4, rotate=True, retire_old_refresh=True)
    home.sign_in()
    first = max(document["generation"] for document in store.documents())
    time.sleep(4)
    assert practice.count("CreateToken:refresh_token") >= 1
    assert max(document["generation"] for document in store.documents()) > first
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1


def test_since_when_one_is_signed_in_outlives_refreshes_and_the_daemon(home, practice, store):
    practice.set(token_life=3)
    began = int(time.time())
    home.sign_in()
    since = session_of(home)["signedInAt"]
    assert began <= calendar.timegm(time.strptime(since, "%Y-%m-%dT%H:%M:%SZ")) <= time.time()
    until_count(practice, "CreateToken:refresh_token", 1)
    until_state(home, "ready")
    assert session_of(home)["signedInAt"] == since
    home.stop_daemons()
    assert json.loads(home.iamic("status", "--json").out)["sessions"][0]["signedInAt"] == since
    assert re.search(rf"^  since +{since[11:16]} \(\d+ s ago\)$", home.iamic("status").out, re.MULTILINE)
    home.iamic("logout", "corp")
    assert session_of(home)["signedInAt"] is None and "since" not in home.iamic("status").out


def test_logout_leaves_the_registration_and_no_token(home, practice, store):
    home.sign_in()
    assert home.iamic("logout", "corp").status == 0
    document = json.loads(store.documents()[0]["secret"])
    assert "clientSecret" in json.dumps(document) and "accessToken" not in json.dumps(document)
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 3
    home.sign_in()
    assert practice.count("RegisterClient") == 1


@pytest.mark.parametrize("before, says", [
    ("exit 3", "failed with exit status 3"),
    ("kill -9 $$", "was ended by signal 9"),
    ("exit 0", "does not speak its protocol"),
    ("echo '{\"state\":\"maybe\"}'; exit 0", "does not speak its protocol"),
    ("echo '{\"state\":\"ok\",\"secret\":7}'; exit 0", "does not speak its protocol"),
    ("head -c 2000000 /dev/zero | tr '\\0' x; exit 0", "answered with too much"),
    ("echo '{\"state\":\"failed\",\"message\":\"the safe is\\u001b[31m jammed\"}'; exit 0", "the safe is?[31m jammed"),
])
def test_a_helper_that_fails_is_named_and_that_is_not_signed_out(home, store, before, says):
    store.behave(before)
    result = home.credential_process(*SHIM)
    assert result.status == 8, result
    assert says in result.err and "signed out" not in result.err, result
    assert json.loads(home.iamic("status", "--json").out)["sessions"][0]["state"] == "loading"
    store.behave()
    assert home.credential_process(*SHIM).status == 3


@pytest.mark.parametrize("start", ["/start", "/start/"], ids=["at the same address", "at another"])
def test_a_helper_that_answers_with_the_sign_in_of_another_session_is_found_out(home, practice, store, start):
    home.sign_in()
    kept = store.documents()
    home.write_aws_config(f"{home.aws_config.read_text()}\n[sso-session side]\n"
                          f"sso_start_url = {practice.url}{start}\nsso_region = us-east-1\n")
    store.behave(f"[ $verb = load ] && {{ sed 's/^{{/{{\"state\":\"ok\",/' {store.folder}/documents/*; exit; }}")
    for result in (home.credential_process("--sso-session", "side", *SHIM[2:]), home.iamic("login", "side")):
        assert result.status == 8 and "session 'side': the store has answered with the sign-in of another" in result.err
    assert store.documents() == kept and practice.count("StartDeviceAuthorization") == 1
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0, "its own is taken, whatever the helper was asked for"


def test_a_helper_that_is_not_there_is_named(home, store):
    store.path.unlink()
    result = home.credential_process(*SHIM)
    assert result.status == 8 and str(store.path) in result.err and "is it there" in result.err, result


def test_a_helper_that_hangs_stalls_nobody_and_is_killed(home, store):
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0
    home.write_aws_config(f"{home.aws_config.read_text()}\n[sso-session other]\n"
                          f"sso_start_url = {home.practice.start_url}/\nsso_region = us-east-1\n")
    usual = warm_p50(home)
    store.behave("echo $$ > " + str(store.folder / "pid") + "; kill -STOP $$")
    began = time.monotonic()
    stuck = home.spawn("iamic-credential-process", "--sso-session", "other", "--account-id", ACCOUNT,
                       "--role-name", ROLE, "--timeout", "30")
    for _ in range(20):
        assert home.credential_process(*SHIM).status == 0
    assert warm_p50(home) <= 2 * usual
    result = stuck.finish(30)
    assert result.status == 8 and "has not answered in time" in result.err, result
    assert 8 < time.monotonic() - began < 20
    pid = int((store.folder / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_locked_store_is_said_to_be_locked_and_what_opens_it(home, store):
    home.sign_in()
    home.stop_daemons()
    locked = "echo '{\"state\":\"locked\",\"message\":\"the safe is locked\"}'; exit 0"
    store.behave(f"[ $verb = status ] || {{ {locked}; }}")
    result = home.credential_process(*SHIM)
    assert (result.status, result.err) == (8, "iamic: session 'corp': the safe is locked: run 'iamic unlock'\n")
    assert json.loads(home.iamic("status", "--json").out)["store"]["state"] == "locked"
    store.behave()
    assert home.iamic("unlock").status == 0
    assert home.credential_process(*SHIM).status == 0


def test_a_store_that_cannot_be_written_costs_no_sign_in(home, practice, store):
    store.behave("[ $verb != save ] || exit 1")
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0
    assert json.loads(home.iamic("status", "--json").out)["store"]["state"] == "failing"


def test_the_daemon_leaves_only_when_what_was_granted_is_stored(home, practice, store):
    store.behave("[ $verb != save ] || sleep 1")
    login = home.spawn("iamic-login", "corp")
    practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1])
    deadline = time.monotonic() + 10
    while "save" not in store.calls() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(home.daemon_pid(), signal.SIGTERM)
    login.finish()
    home.stop_daemons()
    assert store.documents(), "the sign-in was lost"
    store.behave()
    assert home.credential_process(*SHIM).status == 0


def test_a_document_that_is_not_ours_is_not_overwritten_unasked(home, practice, store):
    home.sign_in()
    home.stop_daemons()
    path = next((store.folder / "documents").iterdir())
    path.write_text(json.dumps({"secret": "my diary", "generation": 1}))
    for result in (home.credential_process(*SHIM), home.iamic("login", "corp")):
        assert result.status == 8 and "'iamic logout' discards it" in result.err and "diary" not in result.err, result
    assert "my diary" in path.read_text()
    assert home.iamic("logout", "corp").status == 0
    assert home.credential_process(*SHIM).status == 3
    home.sign_in()


def test_a_refresh_waits_for_a_store_that_cannot_be_written_and_then_goes_on(home, practice, store):
    practice.set(token_life=20)
    store.behave("[ $verb != save ] || exit 1")
    home.sign_in()
    signed_in = time.monotonic()
    time.sleep(16.5)  # past three quarters of its life, when it would have been refreshed
    assert practice.count("CreateToken:refresh_token") == 0
    assert home.credential_process(*SHIM).status == 0
    while practice.count("CreateToken:refresh_token") == 0 and time.monotonic() - signed_in < 30:
        time.sleep(0.1)
    assert 17 < time.monotonic() - signed_in < 20.5
    assert home.credential_process(*SHIM).status == 0


def test_a_refresh_that_begins_while_the_store_is_asked_again_is_one_refresh(home, practice, store):
    practice.set(token_life=6)
    store.behave("[ $verb != save ] || exit 1")
    home.sign_in()
    store.behave("[ $verb != save ] || sleep 1.5")
    saves = store.calls().count("save")
    wait_for(lambda: store.calls().count("save") > saves, 12, lambda: "the store is not asked again")
    practice.revoke("access")
    practice.fault("CreateToken:refresh_token", "delay", seconds=2.5)  # so that the store answers first
    before = practice.count("CreateToken:refresh_token")
    assert home.iamic("accounts").status == 0
    assert practice.count("CreateToken:refresh_token") == before + 1


def rotated_and_not_kept(home, practice, store):
    """Signed in, and the token rotated while the store took nothing; AWS knows what is stored no longer."""
    practice.set(rotate=True, retire_old_refresh=True)
    home.sign_in()
    store.behave("[ $verb != save ] || exit 1")
    practice.revoke("access")
    assert home.iamic("accounts").status == 0
    store.behave()


def test_what_a_store_has_refused_is_offered_again_by_a_daemon_that_leaves(home, practice, store):
    rotated_and_not_kept(home, practice, store)
    home.stop_daemons()
    practice.revoke("access")
    assert home.iamic("accounts").status == 0, "the refresh token that was stored last is the good one"
    assert practice.count("StartDeviceAuthorization") == 1


@pytest.mark.all
def test_what_a_store_has_refused_is_offered_again_within_half_a_minute(home, practice, store):
    """And not only when the token is refreshed again: the daemon may be killed before that."""
    rotated_and_not_kept(home, practice, store)
    assert json.loads(home.iamic("status", "--json").out)["store"]["state"] == "failing"
    saves = store.calls().count("save")
    wait_for(lambda: store.calls().count("save") > saves, 40, lambda: "not offered again")
    wait_for(lambda: json.loads(home.iamic("status", "--json").out)["store"]["state"] == "ready", 5, lambda: "not kept")
    pid, = home.daemon_pids()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not home.daemon_pids(), 5, lambda: "it lives")
    practice.revoke("access")
    assert home.iamic("accounts").status == 0 and practice.count("StartDeviceAuthorization") == 1
    assert practice.count("CreateToken:refresh_token") == 2


def rotate(practice, n, *asks):
    """Has the token rotated n times, each time by the next who asks; the statuses of the refreshes."""
    practice.set(rotate=True, retire_old_refresh=True)
    for turn in range(n):
        practice.revoke("access")
        result = asks[turn % len(asks)]()
        assert result.status == 0, (turn, result)
    assert practice.count("StartDeviceAuthorization") == 1
    return [request["status"] for request in practice.requests("CreateToken:refresh_token")]


def test_two_daemons_on_one_store_take_turns_over_ten_rotations(home, practice, store):
    """That know nothing of each other, as on two machines. AWS retires a refresh token at once: before its
    invalid_grant counts, the store is read again for the other's newer one."""
    home.sign_in()
    other = Home(practice)
    try:
        other.write_aws_config(home.aws_config.read_text())
        other.write_config(f"store = {store.path}\n")
        assert other.iamic("accounts").status == 0
        statuses = rotate(practice, 10, lambda: home.iamic("accounts"), lambda: other.iamic("accounts"))
    finally:
        faults = other.close()
    assert not faults
    assert statuses == [200] + [400, 200] * 9, "each but the first was refused once, and had the newer one"
    home.stop_daemons()
    assert home.iamic("accounts").status == 0, "what is stored is the last"


def test_two_sockets_on_one_store_are_one_daemon_over_ten_rotations(home, practice, store):
    """As when someone logs in twice: whoever finds no socket of their own is led to the one that has the store."""
    home.sign_in()
    (home.base / "run2").mkdir(mode=0o700)
    first, second = ({"XDG_RUNTIME_DIR": home.base / run} for run in ("run", "run2"))
    statuses = rotate(practice, 10, lambda: home.iamic("accounts", env=first),
                      lambda: home.iamic("accounts", env=second))
    assert statuses == [200] * 10 and len(home.daemon_pids()) == 1
    home.stop_daemons()
    assert home.iamic("accounts", env=second).status == 0 and practice.count("StartDeviceAuthorization") == 1


@pytest.mark.parametrize("verb, reply", [
    ("save", {"state": "ok"}), ("load", {"state": "ok", "secret": "x", "generation": 9}),
], ids=["keeps nothing", "keeps something else"])
def test_nothing_is_moved_to_a_store_that_says_so_and_does_not_keep_it(home, practice, store, tmp_path, verb, reply):
    home.sign_in()
    (tmp_path / "liar").mkdir()
    liar = PlainStore(home, tmp_path / "liar")
    liar.behave(f"[ $verb = {verb} ] && {{ echo '{json.dumps(reply)}'; exit; }}")
    moved = home.iamic("unlock", "--move-to", liar.path)
    assert moved.status == 8 and "nothing was moved: session 'corp': what was copied did not come" in moved.err, moved
    assert "save" in liar.calls() and len(store.documents()) == 1
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0 and practice.count("StartDeviceAuthorization") == 1


def erasing_is_held(home, store, held):
    """A move to the sealed file that has come as far as erasing, and waits there for `held` to be gone."""
    held.touch()
    home.sign_in()
    store.behave(f"while [ $verb = erase ] && [ -e {held} ]; do sleep 0.05; done")
    mover = home.spawn(home.program("iamic"), "unlock", "--move-to", "file")
    wait_for(lambda: json.loads(home.iamic("status", "--json").out)["store"]["kind"] == "file", 10,
             lambda: f"nothing is moved: {store.calls()}")
    return mover


def test_a_move_is_seen_through_without_whoever_began_it(home, practice, store, tmp_path):
    mover = erasing_is_held(home, store, tmp_path / "held")
    mover.kill()
    mover.wait()
    assert home.credential_process(*SHIM).status == 0
    assert len(store.documents()) == 1
    (tmp_path / "held").unlink()
    wait_for(lambda: store.documents() == [], 10, lambda: "what was left behind is not erased")
    home.write_config("store = file\n")
    home.stop_daemons()
    assert home.credential_process(*SHIM).status == 0 and practice.count("StartDeviceAuthorization") == 1


def test_a_daemon_that_is_killed_while_it_moves_loses_no_sign_in(home, practice, store, tmp_path):
    mover = erasing_is_held(home, store, tmp_path / "held")
    os.kill(home.daemon_pid(), signal.SIGKILL)
    (tmp_path / "held").unlink()
    assert mover.wait(10) != 0
    home.write_config("store = file\n")
    assert home.credential_process(*SHIM).status == 0 and practice.count("StartDeviceAuthorization") == 1


@pytest.mark.parametrize("to", ["file", "memory"])
def test_where_nothing_is_kept_there_is_nothing_to_be_moved(home, store, to):
    home.aws_config.write_text("")
    assert home.iamic("unlock", "--move-to", to).status == 0
    assert json.loads(home.iamic("status", "--json").out)["store"]["kind"] == to


def at_a_terminal(home, *words, answers):
    """Runs iamic on a terminal of its own and types each answer when it is asked."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(home.program("iamic"), ["iamic", *words], home.with_env())
    shown = b""
    for prompt, answer in answers:
        while prompt.encode() not in shown:
            shown += os.read(terminal, 1024)
        shown = b""
        os.write(terminal, answer.encode() + b"\r")
    try:
        while chunk := os.read(terminal, 1024):
            shown += chunk
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_a_file_closed_with_a_passphrase(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\n")
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0
    new = [("new passphrase:", "open sesame"), ("once more:", "open sesami")]
    status, shown = at_a_terminal(home, "unlock", answers=new)
    assert status == 2 and "differ" in shown, shown
    new[1] = ("once more:", "open sesame")
    assert at_a_terminal(home, "unlock", answers=new) == (0, "\r\nunlocked\r\n")
    home.stop_daemons()
    locked = home.credential_process(*SHIM)
    assert locked.status == 8 and "run 'iamic unlock'" in locked.err and "signed out" not in locked.err, locked
    status, shown = at_a_terminal(home, "unlock", answers=[("passphrase:", "open barley")])
    assert status == 8 and "open barley" not in shown, shown
    assert at_a_terminal(home, "unlock", answers=[("passphrase:", "open sesame")]) == (0, "\r\nunlocked\r\n")
    assert home.credential_process(*SHIM).status == 0
    assert practice.count("StartDeviceAuthorization") == 1
    assert home.iamic("unlock", stdin=subprocess.DEVNULL, start_new_session=True).status == 0  # there is nothing to do


def test_a_passphrase_is_asked_for_whatever_the_key_says_and_before_anything_was_read(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = random\n")
    home.sign_in()
    new = [("new passphrase:", "open sesame"), ("once more:", "open sesame")]
    assert at_a_terminal(home, "unlock", "--set", answers=new) == (0, "\r\nunlocked\r\n")
    home.stop_daemons()
    assert at_a_terminal(home, "unlock", answers=[("passphrase:", "open sesame")]) == (0, "\r\nunlocked\r\n")
    assert home.credential_process(*SHIM).status == 0 and practice.count("StartDeviceAuthorization") == 1


def test_a_token_goes_nowhere_but_where_it_was_issued(home, practice, store):
    home.sign_in()
    home.stop_daemons()
    elsewhere = practice.url.replace("localhost", "127.0.0.1")  # the same server under a name of its own
    before = len(practice.requests())
    for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"):
        assert home.credential_process(*SHIM, env={variable: elsewhere}).status == 3, variable
        home.stop_daemons()
    config = home.aws_config.read_text()
    for old, new in (("/start", "/start/"), ("us-east-1", "eu-west-1")):
        home.write_aws_config(config.replace(old, new))
        assert home.credential_process(*SHIM).status == 3, new
    assert len(practice.requests()) == before
    home.write_aws_config(config)
    assert home.credential_process(*SHIM).status == 0, "what was not sent was not erased either"


def test_a_passphrase_that_comes_before_the_first_sign_in_is_not_lost(home, practice):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = file\nkey = passphrase\n")
    home.start_daemon()
    assert home.call("Unlock", {"passphrase": "open sesame"})["needsPassphrase"] is False
    home.sign_in()
    assert json.loads(home.iamic("status", "--json").out)["store"]["state"] == "ready"
    assert home.credential_process(*SHIM).status == 0
