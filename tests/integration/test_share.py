"""iamic share: a socket that gives the credentials of some roles and nothing else, to whom it is lent."""
import json
import os
import re
import signal
import socket
import stat
import time

import pytest
import varlink
from home import has_ended, wait_for
from outside import is_open
from practice.trust import trusting

ACCOUNT, ROLE = "012345678901", "ReadOnly"
DEPLOY = "arn:aws:iam::111122223333:role/Deploy"
STRANGER = 4711
SERVICE = "org.varlink.service"
OTHERS_ARE_NEEDED = pytest.mark.skipif(os.getuid() != 0, reason="only root can be two people")
UNSHARED = ["/usr/bin/unshare", "--mount", "--net", "--pid", "--fork", "--ipc"]


@pytest.fixture
def lender(home, practice):
    """Someone who has three profiles: a role, another one, and one that is assumed from the first."""
    practice.set(trust={DEPLOY: trusting(ACCOUNT)})
    text = home.configure({"dev": (ACCOUNT, ROLE), "billing": (ACCOUNT, "Billing")}).read_text()
    home.write_aws_config(f"{text}\n[profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = dev\n")
    return home


@pytest.fixture
def person(lender):
    """The same, signed in."""
    lender.sign_in()
    return lender


class Lent:
    """What is lent, and those to whom it is."""

    def __init__(self, home, *options, name="ci", profiles=("dev",)):
        self.home, self.path = home, home.runtime / "iamic" / name
        words = [word for profile in profiles for word in ("--profile", profile)]
        self.process = home.spawn("iamic", "share", "--socket", self.path, *words, *options)
        self.text = self.process.until(r"(?s)lent as.*IMAGE\n")[0]

    def client(self, **options):
        return varlink.Client(self.path, **options)

    def call(self, method, **fields):
        with self.client() as client:
            return client.call(method, fields)

    def refused(self, method, **fields):
        with pytest.raises(varlink.VarlinkError) as caught:
            self.call(method, **fields)
        return caught.value

    def shim(self, *words, within=(), env=None):
        """The shim of someone who has that socket and nothing else."""
        only = {"HOME": "/", "XDG_RUNTIME_DIR": None, "IAMIC_SOCKET": self.path, **(env or {})}
        return self.home.run(*within, self.home.program("iamic-credential-process"), *words, env=only,
                             prints_credentials=True)

    def is_gone(self):
        wait_for(lambda: not os.path.lexists(self.path), 5, lambda: f"{self.path} is still there")
        return True


def kept(home, profile="dev"):
    return json.loads(home.credential_process("--profile", profile).out)


def status_of(home):
    return home.call("Status")["shares"]


# What is given, and what is not.

@pytest.mark.quick
def test_what_is_lent_is_what_the_lender_has(person, practice):
    lent = Lent(person, profiles=("dev", "deploy", "dev"))
    assert json.loads(lent.shim("--profile", "dev").out) == kept(person)
    assert json.loads(lent.shim("--profile", "deploy").out) == kept(person, "deploy")
    by_role = ("--account-id", ACCOUNT, "--role-name", ROLE)
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{ROLE}_0123456789abcdef"
    for words in (("--sso-session", "corp", *by_role), by_role, ("--role-arn", arn)):
        assert json.loads(lent.shim(*words).out) == kept(person), words
    assert stat.filemode(lent.path.stat().st_mode) == "srw-------"
    first, second = re.findall(r"^  (\w+) +(\d+)  (\w+)$", lent.text, re.MULTILINE)
    assert (first, second) == (("dev", ACCOUNT, ROLE), ("deploy", "111122223333", "Deploy"))


def test_a_role_that_is_not_lent_is_refused_and_nobody_is_asked_for_it(person, practice):
    lent = Lent(person)
    before = len(practice.requests())
    for words in (("--profile", "billing"), ("--profile", "nonsense"), (),
                  ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", "Billing"),
                  ("--sso-session", "other", "--account-id", ACCOUNT, "--role-name", ROLE),
                  ("--role-arn", DEPLOY), ("--role-arn", "arn:aws:iam::1:role/x")):
        result = lent.shim(*words)
        assert (result.status, result.out) == (4, "") and " is not lent here: use one of " in result.err, result
    assert len(practice.requests()) == before and len(person.call("Status")["sessions"]) == 1


def test_an_assumed_role_is_lent_without_its_source(person):
    lent = Lent(person, profiles=("deploy",))
    assert lent.shim("--profile", "deploy").status == 0
    assert lent.shim("--profile", "dev").status == 4
    assert lent.shim("--account-id", "111122223333", "--role-name", "Deploy").status == 4


@pytest.mark.quick
def test_nothing_else_can_be_asked(person):
    lent = Lent(person)
    for method in [*varlink.AGENT.methods, "Nonsense"]:
        if method != "GetCredentials":
            assert lent.refused(method).name == "Denied", method
    for method in (f"{SERVICE}.Nonsense", "org.example.Else", "nonsense"):
        assert lent.refused(method).name == "Denied", method
    assert lent.call(f"{SERVICE}.GetInfo")["product"] == "iamic"
    assert "interface io.iamic.Agent" in lent.call(f"{SERVICE}.GetInterfaceDescription", interface="io.iamic.Agent")[
        "description"]
    for words in (["status"], ["login"], ["whoami", "--profile", "dev"],
                  ["share", "--socket", "/x", "--profile", "dev"]):
        result = person.iamic(*words, env={"IAMIC_SOCKET": lent.path})
        assert result.status == 4 and " is not lent here: only credentials are" in result.err, result
    exported = person.iamic("export", "--profile", "dev", env={"IAMIC_SOCKET": lent.path}, prints_credentials=True)
    assert json.loads(exported.out)["SecretAccessKey"] == kept(person)["SecretAccessKey"], exported


def test_the_log_and_the_status_tell_of_it(person):
    lent = Lent(person, "--for", "2h", "--name", "the build", profiles=("dev", "billing"))
    assert lent.shim("--profile", "dev").status == 0
    [line] = [json.loads(line) for line in person.iamic("log", "--json").out.splitlines()]
    assert (line["roleName"], line["share"]) == (ROLE, "the build")
    assert ", lent to the build\n" in person.iamic("log").out
    [share] = json.loads(person.iamic("status", "--json").out)["shares"]
    assert (share["name"], share["profiles"]) == ("the build", ["dev", "billing"])
    shown = person.iamic("status").out
    assert re.search(r"lent out:\n  the build  dev, billing  .*\d\d:\d\d \(in (2 h|1 h 59 min)\)", shown), shown
    assert "lent as 'the build' until" in lent.text


def test_two_are_apart(person):
    first, second = Lent(person), Lent(person, name="other", profiles=("billing",))
    assert (first.shim("--profile", "dev").status, first.shim("--profile", "billing").status) == (0, 4)
    assert (second.shim("--profile", "dev").status, second.shim("--profile", "billing").status) == (4, 0)
    assert [share["name"] for share in status_of(person)] == ["ci", "other"]
    first.process.terminate()
    assert first.is_gone() and second.shim("--profile", "billing").status == 0
    third = person.iamic("share", "--socket", "third", "--name", "other", "--profile", "dev")
    assert (third.status, "something is lent as 'other' already" in third.err) == (7, True), third


def test_what_a_profile_means_later_is_not_lent(person):
    lent = Lent(person)
    before = kept(person)
    person.write_aws_config(person.aws_config.read_text().replace(f"--role-name {ROLE}\n", "--role-name Billing\n"))
    wait_for(lambda: kept(person)["AccessKeyId"] != before["AccessKeyId"], 5, lambda: "the file was not read")
    assert json.loads(lent.shim("--profile", "dev").out) == before
    assert lent.shim("--account-id", ACCOUNT, "--role-name", "Billing").status == 4


def test_what_is_lent_is_renewed(person, practice):
    practice.set(role_life=4)
    lent = Lent(person, profiles=("billing",))
    first = json.loads(lent.shim("--profile", "billing").out)

    def is_another():
        return json.loads(lent.shim("--profile", "billing").out)["AccessKeyId"] != first["AccessKeyId"]
    wait_for(is_another, 10, lambda: "never renewed")


def test_signed_out_is_for_the_lender_to_mend(person, practice):
    person.write_config("on_demand = code\n")
    lent = Lent(person)
    assert person.iamic("logout").status == 0
    before = practice.count("StartDeviceAuthorization")
    result = lent.shim("--profile", "dev")
    assert (result.status, result.err) == (3, "iamic: session 'corp' is signed out where this is lent from: "
                                              "run 'iamic-login' there\n")
    assert practice.count("StartDeviceAuthorization") == before
    own = person.credential_process("--profile", "dev")
    assert practice.count("StartDeviceAuthorization") == before + 1 and "approve" in own.err, own
    error = lent.refused("GetCredentials", profile="dev")
    assert error.parameters.keys() == {"session", "message"} and "signed out where this is lent" in error.message


def test_while_iamic_is_locked_nothing_is_lent_and_afterwards_it_is_again(person):
    lent = Lent(person)
    assert person.iamic("lock").status == 0
    assert lent.shim("--profile", "dev").status == 9
    assert person.iamic("unlock").status == 0
    wait_for(lambda: lent.shim("--profile", "dev").status == 0, 5, lambda: "still locked")


def test_what_is_lent_and_not_used_does_not_keep_iamic_from_locking_itself(person):
    person.write_config("lock_on = idle:1s\n")
    lent = Lent(person)
    wait_for(lambda: person.call("Status")["locked"], 5, lambda: "not locked")
    assert lent.shim("--profile", "dev").status == 9 and status_of(person)


# To whom.

CONTAINER = """
mount -t tmpfs tmpfs /mnt && touch /mnt/socket && mount --bind "$1" /mnt/socket
mount -t tmpfs tmpfs "$2" && shift 2 && exec "$@"
"""


@OTHERS_ARE_NEEDED
@pytest.mark.parametrize("options, user, uid_of_lender", [
    ((), ["--reuid", "0"], "0"), (("--uid", STRANGER), ["--reuid", STRANGER], "0"),
    ((), ["--reuid", "0"], None)])
def test_a_container_that_has_the_socket_and_nothing_else(person, options, user, uid_of_lender):
    """A network, processes and files of its own; the runtime folder and the home are hidden from it."""
    lent = Lent(person, *options)
    within = [*UNSHARED, "/bin/sh", "-ec", CONTAINER, "sh", lent.path, person.runtime, "/usr/bin/setpriv", *user,
              "--clear-groups", "/usr/bin/env", "IAMIC_SOCKET=/mnt/socket"]
    person.base.chmod(0o755)  # the programs may be below it
    env = {"IAMIC_SOCKET_UID": uid_of_lender}
    result = lent.shim("--profile", "dev", within=within, env=env)
    assert (result.status, result.err) == (0, ""), result
    assert json.loads(result.out) == kept(person)
    assert lent.shim("--profile", "billing", within=within, env=env).status == 4


def test_in_a_user_namespace_everyone_is_root_to_themselves(person):
    """As with podman: who lends it is root there, and whoever is root there is the lender here."""
    lent = Lent(person)
    within = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--net"]
    result = lent.shim("--profile", "dev", within=within, env={"IAMIC_SOCKET_UID": "0"})
    assert (result.status, result.err) == (0, ""), result
    other = ["/usr/bin/unshare", "--user", "--map-user=1234", "--net"]
    assert lent.shim("--profile", "dev", within=other).status == 0


@OTHERS_ARE_NEEDED
def test_others_are_turned_away(person):
    person.base.chmod(0o755)
    own, other = Lent(person), Lent(person, "--uid", STRANGER, name="other")
    for folder in (person.runtime, person.runtime / "iamic"):
        folder.chmod(0o711)
    stranger = ["/usr/bin/setpriv", "--reuid", STRANGER, "--clear-groups"]
    env = {"IAMIC_SOCKET_UID": "0"}
    assert own.shim("--profile", "dev", within=stranger, env=env).status == 5, "its mode keeps them out"
    own.path.chmod(0o666)
    refused = own.shim("--profile", "dev", within=stranger, env=env)
    assert (refused.status, refused.err) == (5, f"iamic: this socket is lent to uid 0 only, and you are uid {STRANGER}:"
                                                f" run as uid 0, or have it lent with --uid {STRANGER}\n")
    person.socket.chmod(0o666)
    of_main = own.shim("--profile", "dev", within=stranger, env={**env, "IAMIC_SOCKET": person.socket})
    assert f"this iamicd serves uid 0 only, and you are uid {STRANGER}: run as uid 0" in of_main.err, of_main
    assert other.shim("--profile", "dev", within=stranger, env=env).status == 0
    assert other.shim("--profile", "dev").status == 5, "not even the lender"
    untrusting = other.shim("--profile", "dev", within=stranger)
    assert untrusting.status == 5 and "belongs to uid 0" in untrusting.err, untrusting
    assert stat.filemode(other.path.stat().st_mode) == "srw-rw-rw-"


@OTHERS_ARE_NEEDED
def test_where_uids_cannot_be_told_apart_it_is_lent_to_nobody(person):
    person.stop_daemons()
    person.spawn("/usr/bin/unshare", "--user", "--map-root-user", person.program("iamicd"))
    wait_for(person.socket.exists, 5, lambda: "no daemon")
    for uid in (STRANGER, 65534):
        result = person.iamic("share", "--socket", person.runtime / "iamic/x", "--profile", "dev", "--uid", uid)
        assert result.status == 7 and f"uid {uid} cannot be told from others here" in result.err, result
    assert Lent(person).shim("--profile", "dev").status == 0


def test_the_aws_cli_works_through_it(person):
    lent = Lent(person)
    result = person.aws("--profile", "dev", "sts", "get-caller-identity", env={"IAMIC_SOCKET": lent.path})
    assert result.status == 0 and f":assumed-role/AWSReservedSSO_{ROLE}_" in result.out, result
    assert status_of(person)


@pytest.mark.parametrize("uid, lines", [
    (None, ["docker run --user {me} -v {path}:/run/iamic.sock -e IAMIC_SOCKET=/run/iamic.sock -e IAMIC_SOCKET_UID={me} "
            "IMAGE", "podman run -v {path}:/run/iamic.sock -e IAMIC_SOCKET=/run/iamic.sock -e IAMIC_SOCKET_UID=0 IMAGE",
            "ssh -R /tmp/iamic.sock:{path} HOST"]),
    ("0", ["docker run -v {path}:/run/iamic.sock -e IAMIC_SOCKET=/run/iamic.sock -e IAMIC_SOCKET_UID={me} IMAGE"]),
    (STRANGER, ["docker run --user 4711 -v {path}:/run/iamic.sock -e IAMIC_SOCKET=/run/iamic.sock -e "
                "IAMIC_SOCKET_UID={me} IMAGE", "export IAMIC_SOCKET={path} IAMIC_SOCKET_UID={me}"]),
])
def test_it_says_how_it_is_used(lender, uid, lines):
    lent = Lent(lender, *(["--uid", uid] if uid else []))
    wanted = [line.format(me=os.getuid(), path=lent.path) for line in lines]
    text = lent.process.out.replace("--user 0 ", "")
    assert all(line.replace("--user 0 ", "") in text.splitlines() for line in wanted), (wanted, lent.text)


# How it ends.

@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGHUP, -1)])
def test_it_is_gone_when_its_program_is(person, number, status):
    lent = Lent(person)
    with lent.client() as client:
        client.call("GetCredentials", profile="dev")
        lent.process.send_signal(number)
        assert lent.process.finish().status == status
        assert not os.path.lexists(lent.path)
        with pytest.raises((varlink.Closed, BrokenPipeError, ConnectionResetError)):
            client.call("GetCredentials", profile="dev")
    assert status_of(person) == [] and person.credential_process("--profile", "dev").status == 0


def test_it_is_gone_when_its_program_is_even_while_the_daemon_is_busy(lender):
    lent = Lent(lender)
    daemon = lender.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)
    try:
        lent.process.send_signal(signal.SIGINT)
        assert lent.process.finish().status == 130 and not os.path.lexists(lent.path)
    finally:
        os.kill(daemon, signal.SIGCONT)


def test_it_is_gone_when_its_program_is_killed(lender):
    lent = Lent(lender)
    lent.process.kill()
    assert lent.is_gone() and status_of(lender) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_is_gone_when_the_daemon_is(person, number):
    lent = Lent(person)
    os.kill(person.daemon_pid(), number)
    result = lent.process.finish()
    assert result.status == 5 and result.err.startswith("iamic: "), result
    assert number == signal.SIGKILL or "iamicd has ended, and with it what was lent" in result.err, result
    assert lent.is_gone()
    again = Lent(person)
    assert again.shim("--profile", "dev").status == 0


def test_it_does_not_keep_the_daemon_from_leaving(lender):
    lent = Lent(lender)
    began = time.monotonic()
    lender.stop_daemons()
    assert time.monotonic() - began < 2 and lent.is_gone()


def test_what_was_left_behind_by_both_makes_room(person):
    lent = Lent(person)
    lent.process.send_signal(signal.SIGSTOP)
    daemon = person.daemon_pid()
    os.kill(daemon, signal.SIGKILL)
    assert has_ended(daemon, 5)
    lent.process.kill()
    lent.process.wait()
    assert lent.path.is_socket()
    assert Lent(person).shim("--profile", "dev").status == 0


def test_it_ends_with_its_time(person):
    lent = Lent(person, "--for", "2s")
    waiting = lent.client()
    result = lent.process.finish()
    assert (result.status, result.err) == (0, "iamic: 'ci' is lent no longer: its time is over\n"), result
    assert not os.path.lexists(lent.path) and status_of(person) == []
    with pytest.raises((varlink.Closed, BrokenPipeError, ConnectionResetError)):
        waiting.call("GetCredentials", profile="dev")
    waiting.close()


def test_it_never_lasts_longer_than_share_limit(lender):
    lender.write_config("share_limit = 2s\n")
    longer = lender.iamic("share", "--socket", "x", "--profile", "dev", "--for", "3s")
    assert longer.status == 7 and "nothing may be lent for more than 2s: choose less" in longer.err, longer
    lent = Lent(lender)
    assert lent.process.finish(5).status == 0 and lent.is_gone()
    lender.write_config("share_limit = 0\n")
    wait_for(lambda: lender.iamic("share", "--socket", "x", "--profile", "dev").status == 4, 5, lambda: "still lends")


def test_what_has_come_to_its_place_is_left_there(lender):
    lent = Lent(lender)
    lent.path.unlink()
    lent.path.write_text("mine")
    lent.process.terminate()
    lent.process.wait()
    wait_for(lambda: status_of(lender) == [], 5, lambda: "still lent")
    assert lent.path.read_text() == "mine"


# Where it may be.

def shared_at(home, path, **options):
    return home.iamic("share", "--socket", path, "--profile", "dev", **options)


def test_nothing_of_others_is_replaced(person, tmp_path):
    paths = {name: tmp_path / name for name in ("file", "folder", "link", "dangling", "listening")}
    paths["file"].write_text("precious")
    paths["folder"].mkdir()
    paths["link"].symlink_to(paths["file"])
    paths["dangling"].symlink_to(tmp_path / "nowhere")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(paths["listening"]))
        other.listen()
        for path in (*paths.values(), person.socket):
            result = shared_at(person, path)
            assert result.status == 7 and f"'{path}'" in result.err, result
            assert re.search("choose another path", result.err), result
    assert paths["file"].read_text() == "precious" and not (tmp_path / "nowhere").exists()
    assert person.credential_process("--profile", "dev").status == 0


@pytest.mark.parametrize("mode, is_good", [
    (0o700, True), (0o755, True), (0o1777, True), (0o777, False), (0o770, False)])
def test_the_folder_is_one_in_which_nobody_can_change_it(lender, tmp_path, mode, is_good):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    if is_good:
        process = lender.spawn("iamic", "share", "--socket", folder / "s", "--profile", "dev")
        process.until("lent as")
        process.terminate()
    else:
        result = shared_at(lender, folder / "s")
        assert result.status == 7 and f"others can write to '{folder}'" in result.err, result


@OTHERS_ARE_NEEDED
def test_the_folder_of_another_is_not_used(lender, tmp_path):
    os.chown(tmp_path, STRANGER, STRANGER)
    result = shared_at(lender, tmp_path / "s")
    assert result.status == 7 and f"'{tmp_path}' belongs to uid {STRANGER}: put the socket into" in result.err, result


@OTHERS_ARE_NEEDED
def test_a_daemon_that_sees_other_files_is_found_out(lender, tmp_path):
    lender.stop_daemons()
    lender.spawn("/usr/bin/unshare", "--mount", "/bin/sh", "-ec", 'mount -t tmpfs tmpfs "$0"; exec "$1"', tmp_path,
                 lender.program("iamicd"))
    wait_for(lender.socket.exists, 5, lambda: "no daemon")
    result = shared_at(lender, tmp_path / "s")
    assert result.status == 7 and f"iamicd has made '{tmp_path}/s' where you cannot see it" in result.err, result
    wait_for(lambda: status_of(lender) == [], 5, lambda: "still lent")


def test_what_cannot_be_a_path_of_a_socket(lender, tmp_path):
    long = shared_at(lender, tmp_path / ("x" * 60) / ("x" * 47))
    assert long.status == 7 and "at most 107 can be used" in long.err, long
    missing = shared_at(lender, tmp_path / "none/s")
    assert missing.status == 7 and f"cannot look at '{tmp_path}/none'" in missing.err, missing
    process = lender.spawn("iamic", "share", "--socket", "here", "--profile", "dev")
    process.until(f"ssh -R /tmp/iamic.sock:{lender.path}/here ")
    process.terminate()


def test_what_is_wrong_is_said(lender):
    dev = ("--socket", "x", "--profile", "dev")
    for words, status, text in (
            (dev[2:], 2, "where shall the socket be? name it with --socket"),
            (dev[:2], 2, "what shall be lent? name a profile with --profile"),
            ((*dev, "--profile", "nonsense"), 7, "profile 'nonsense' is not in"),
            ((*dev, "--uid", "-1"), 2, "'-1' is not the number of a user"),
            ((*dev, "--uid", "4294967295"), 2, "'4294967295' is not the number of a user"),
            ((*dev, "--for", "soon"), 2, "'soon' is not a duration"),
            ((*dev, "--name", "a\nb"), 7, "the name of what is lent must have 1 to 64 bytes")):
        result = lender.iamic("share", *words)
        assert result.status == status and text in result.err, result
    assert not (lender.path / "x").exists()


def test_parameters_that_are_none(lender):
    lender.start_daemon()
    good = {"socket": str(lender.runtime / "iamic/x"), "profiles": ["dev"]}
    for name, value in (("profiles", []), ("profiles", [1]), ("profiles", "dev"), ("profiles", ["dev"] * 65),
                        ("profiles", None), ("seconds", -1), ("uid", -1), ("uid", 1 << 32), ("socket", 5)):
        with pytest.raises(varlink.VarlinkError) as caught:
            lender.call("Share", {**good, name: value})
        assert (caught.value.name, caught.value.parameter) == ("InvalidParameter", name)
    assert status_of(lender) == []


# Whoever is lent something cannot do harm by asking.

def test_the_owner_is_served_however_many_connections_the_others_hold(person):
    lent = Lent(person)
    with lent.client() as one:
        one.call("GetCredentials", profile="dev")
    silent = [lent.client() for _ in range(1500)]
    try:
        with lent.client() as client:
            client.call("GetCredentials", profile="dev")
        assert person.credential_process("--profile", "dev").status == 0
        assert 500 < sum(map(is_open, silent)) < 520
    finally:
        for client in silent:
            client.close()


def test_who_asks_all_the_time_does_not_push_what_others_were_given_out_of_the_log(person):
    lent = Lent(person)
    with lent.client() as client:
        for _ in range(500):
            client.call("GetCredentials", profile="dev")
    assert person.credential_process("--profile", "billing").status == 0
    result = person.iamic("log", "--json")
    shares = [json.loads(line)["share"] for line in result.out.splitlines()]
    assert 300 <= shares.count("ci") < 320 and shares[-1] is None, len(shares)
    assert f"{500 - shares.count('ci')} more, which could not be recorded" in result.err, result.err


def test_sixteen_may_be_open(lender):
    lender.start_daemon()
    clients = [lender.client() for _ in range(17)]
    for n, client in enumerate(clients):
        client.send("Share", {"socket": str(lender.runtime / f"iamic/s{n}"), "profiles": ["dev"]}, more=True)
        if n < 16:
            assert client.checked_reply("Share", more=True)[1]["stage"] == "open"
    with pytest.raises(varlink.VarlinkError, match="16 are lent something already"):
        clients[16].reply("Share")
    for client in clients:
        client.close()
    wait_for(lambda: status_of(lender) == [], 5, lambda: "still lent")
    assert not list((lender.runtime / "iamic").glob("s[0-9]*"))
