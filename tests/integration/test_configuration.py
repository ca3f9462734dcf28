"""Configuration, AWS's and iamic's own: what is in force at start, after each kind of change, and when it is broken."""
import os
import pathlib
import re
import shutil
import threading
import time

import pytest

import varlink
from home import wait_for
from outside import first_free_descriptor, limits, set_descriptor_limit, switches

ACCOUNT, OTHER_ACCOUNT, ROLE = "012345678901", "999988887777", "ReadOnly"
SESSION = "[sso-session corp]\nsso_start_url = {url}\nsso_region = {region}\n"
PROFILE = "[profile dev]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = ReadOnly\n"
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")

# Every method that needs a configuration, with parameters that are as they should be.
METHODS = [("Status", {}), ("GetCredentials", {"profile": "dev"}), ("Login", {}), ("CancelLogin", {"session": "corp"}),
           ("Logout", {}), ("ListAccounts", {}), ("ListRoles", {"accountId": ACCOUNT}),
           ("Call", {"target": {"profile": "dev"}, "service": "sts", "operation": "GetCallerIdentity", "body": ""})]


class Corp:
    """A home with a session and a profile, whose files a test changes."""

    def __init__(self, home):
        self.home, self.practice = home, home.practice
        self.daemon = None

    def aws_text(self, account=ACCOUNT, session="corp"):
        return (SESSION + PROFILE).format(url=self.practice.start_url, region=self.practice.region,
                                          account=account).replace("corp", session)

    def start(self, sign_in=False, **options):
        self.daemon = self.home.start_daemon(**options)
        if sign_in:
            self.practice.auto_approve()
            self.home.call("Login", session="corp")
            assert self.account() == ACCOUNT
        return self.daemon

    def account(self):
        """The account that profile dev means to the daemon: a warm answer, for which it looks at no file."""
        return self.home.call("GetCredentials", profile="dev")["AccountId"]

    def until_account(self, account, timeout=3):
        wait_for(lambda: self.account() == account, timeout, lambda: f"profile dev is {self.account()}: "
                 f"{self.daemon.err}", pause=0.05)

    def sessions(self):
        return [session["name"] for session in self.home.call("Status")["sessions"]]

    def log(self, pattern, timeout=3):
        """Waits until the daemon has said it."""
        wait_for(lambda: re.search(pattern, self.daemon.err), timeout, lambda: f"no {pattern!r} in {self.daemon.err}")

    def refusal(self, method, parameters=None):
        with pytest.raises(varlink.VarlinkError) as caught:
            self.home.call(method, parameters)
        assert caught.value.name == "Config", caught.value
        return caught.value.message


@pytest.fixture
def corp(home):
    corp = Corp(home)
    home.write_aws_config(corp.aws_text())
    return corp


def replace(path, text):
    """As editors write: a new file, renamed over the old one."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    os.replace(fresh, path)


# iamic's own file.

BAD = [("store = disk\n", 1, "auto, secret-service, file, memory"), ("\n\nidle_exit = soon\n", 3, "15m"),
       ("log_level = loud\n", 1, "debug"), ("[session corp]\nlogin = telepathy\n", 2, "device, browser or auto"),
       ("[session corp]\nregion = nowhere\n", 2, "region"),
       ("[session corp]\nstart_url = http://example.com\n", 2, "https"),
       ("no equals sign\n", 1, "key = value"), ("[session\n", 1, "]"),
       ("https_proxy = a\x01b\n", 1, "control character"),
       ("user = " + "x" * 300 + "\n", 1, "198"), ("user = alice ; or bob\n", 1, "comments on lines of their own"),
       ("user = \udcff\n", 1, "UTF-8")]


@pytest.mark.quick
def test_a_bad_value_at_start_is_the_answer_to_every_request_until_it_is_mended(corp):
    path = corp.home.write_config("store = memory\n\nidle_exit = soon\n")
    corp.start()
    for method, parameters in METHODS:
        said = corp.refusal(method, parameters)
        assert f"{path}:3" in said and "idle_exit" in said and "15m" in said, (method, said)
    assert corp.home.call("org.varlink.service.GetInfo")["product"] == "iamic"
    path.write_text("idle_exit = 0\n")
    assert corp.sessions() == ["corp"]
    assert corp.home.call("Logout")["sessions"] == ["corp"]


@pytest.mark.parametrize("text, line, allowed", BAD)
def test_every_bad_line_is_named_and_says_what_is_allowed(corp, text, line, allowed):
    path = corp.home.write_config("")
    path.write_bytes(text.encode(errors="surrogateescape"))
    corp.start()
    said = corp.refusal("Status")
    assert said.startswith(f"{path}:{line}: ") and allowed in said, said
    assert "\n" not in said and "telepathy" not in said


def test_a_later_bad_file_leaves_the_last_good_one_in_force(corp):
    path = corp.home.write_config("[session extra]\nstart_url = https://extra.example.com/start\nregion = eu-west-1\n")
    corp.start()
    assert corp.sessions() == ["corp", "extra"]
    path.write_text("[session other]\nregion = nowhere\n")
    corp.log(rf"{path}:2: .*region.*what was read before stays in force")
    status = corp.home.call("Status")
    assert [session["name"] for session in status["sessions"]] == ["corp", "extra"]
    assert any(f"{path}:2" in warning for warning in status["warnings"])
    path.write_text("")
    assert corp.sessions() == ["corp"]
    assert corp.home.call("Status")["warnings"] == []


def test_an_unknown_key_is_a_warning_with_file_and_line(corp):
    path = corp.home.write_config("\ncolour = blue\nlog_level = debug\n[session corp]\nidle_exit = 3s\n"
                                  "[sesion x]\na = b\n")
    corp.start()
    assert corp.sessions() == ["corp"]
    for words in (f"{path}:2: unknown key 'colour'", f"{path}:5: 'idle_exit'", f"{path}:6: unknown section"):
        assert words in corp.daemon.err, corp.daemon.err
        assert any(words in warning for warning in corp.home.call("Status")["warnings"])


@pytest.mark.parametrize("mode", [0o660, 0o602, 0o666, 0o620])
def test_a_file_that_others_can_write_is_refused(corp, mode):
    path = corp.home.write_config("log_level = debug\n")
    path.chmod(mode)
    corp.start()
    said = corp.refusal("Status")
    assert str(path) in said and "chmod go-w" in said, said
    path.chmod(0o644)
    assert corp.sessions() == ["corp"]


@needs_root
def test_a_file_of_somebody_else_is_refused(corp):
    path = corp.home.write_config("log_level = debug\n")
    os.chown(path, 12345, 12345)
    corp.start()
    said = corp.refusal("Status")
    assert str(path) in said and "12345" in said, said


def test_what_cannot_be_read_as_a_file_is_refused(corp):
    path = corp.home.path / ".config/iamic/config"
    path.mkdir(parents=True)
    corp.start()
    assert str(path) in corp.refusal("Status")
    path.rmdir()
    assert corp.sessions() == ["corp"]
    corp.home.stop_daemons()
    corp.home.write_config("# x\n" * 100000)
    corp.start()
    assert str(path) in corp.refusal("Status") and "bytes" in corp.refusal("Status")


def test_a_pipe_as_configuration_holds_up_nobody(corp):
    path = corp.home.path / ".config/iamic/config"
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    corp.start(timeout=5)
    corp.home.call("org.varlink.service.GetInfo")


def test_an_administrators_file_is_below_a_persons(corp):
    folders = [corp.home.base / name for name in ("first", "second")]
    url = "https://{}.example.com/start"
    text = "[session {}]\nstart_url = {}\nregion = eu-west-1\n"
    for folder, session in zip(folders, ("one", "two")):
        (folder / "iamic").mkdir(parents=True)
        (folder / "iamic/config").write_text(text.format("shared", url.format(session))
                                             + text.format(session, url.format(session)))
    corp.start(env={"XDG_CONFIG_DIRS": f"relative:{folders[0]}::{folders[1]}:"})

    def urls():
        return {session["name"]: session["startUrl"] for session in corp.home.call("Status")["sessions"]}
    assert urls()["shared"] == url.format("one") and {"one", "two", "corp"} < urls().keys()
    corp.home.write_config(f"[session shared]\nstart_url = {url.format('mine')}\n")
    assert urls()["shared"] == url.format("mine")
    (folders[1] / "iamic/config").write_text("store = nonsense\n")
    corp.log(f"{folders[1]}/iamic/config:1")
    assert urls()["shared"] == url.format("mine")


def test_the_environment_is_above_the_files_and_a_bad_value_there_is_named(corp):
    corp.home.write_config("idle_exit = 1s\n")
    corp.start(env={"IAMIC_IDLE_EXIT": "1h"})
    time.sleep(1.5)
    assert corp.sessions() == ["corp"]
    corp.home.stop_daemons()
    corp.start(env={"IAMIC_LOGIN": "telepathy"})
    said = corp.refusal("Status")
    assert "IAMIC_LOGIN" in said and "device, browser or auto" in said


OWN = "aws_config_file = {}\n"


@pytest.mark.quick
def test_own_configuration_is_taken_up_when_its_folder_appears(corp):
    """Seen without being asked: the log level is nothing that a request would look for."""
    shutil.rmtree(corp.home.path / ".config", ignore_errors=True)
    corp.start()
    (corp.home.path / ".config").mkdir()
    (corp.home.path / ".config/iamic").mkdir()
    corp.home.write_config("surprise = 1\n")
    corp.log("config:1: unknown key 'surprise'")
    shutil.rmtree(corp.home.path / ".config")
    corp.log("read again(.|\n)*read again")
    corp.home.write_config("\nsurprise = 1\n")
    corp.log("config:2: unknown key 'surprise'")


def test_folders_that_come_and_go_at_any_moment_are_not_missed(corp):
    """Each is made while the daemon still looks for the one above it; the file is written a moment later."""
    corp.start()
    for n in range(60):
        shutil.rmtree(corp.home.path / ".config", ignore_errors=True)
        path = corp.home.path / ".config/iamic/config"
        path.parent.mkdir(parents=True, mode=0o700)
        with open(path, "w", encoding="utf-8") as file:
            time.sleep(0.0002 * (n % 10))
            file.write(f"surprise{n} = 1\n")
        corp.log(f"unknown key 'surprise{n}'")


def test_a_link_that_is_set_anew_at_any_moment_is_followed(corp):
    """And its new target is written to while the daemon still looks where it leads."""
    link = corp.home.write_config("")
    corp.start()
    for n in range(60):
        target = corp.home.write(f"dotfiles/{n}", "")
        fresh = link.with_name("fresh")
        fresh.symlink_to(target)
        os.replace(fresh, link)
        time.sleep(0.0002 * (n % 10))
        target.write_text(f"surprise{n} = 1\n")
        corp.log(f"unknown key 'surprise{n}'")


def test_own_configuration_through_links(corp):
    target = corp.home.write("dotfiles/iamic/config", "one = 1\n")
    folder = corp.home.path / ".config/iamic"
    folder.mkdir(parents=True)
    (folder / "config").symlink_to(target)
    corp.start()
    corp.log("unknown key 'one'")
    target.write_text("two = 1\n")
    corp.log("unknown key 'two'")
    replace(target, "three = 1\n")
    corp.log("unknown key 'three'")


# AWS's file.

@pytest.mark.quick
def test_a_broken_file_at_start_is_the_answer_to_every_request_until_it_is_mended(corp):
    path = corp.home.write_aws_config(corp.aws_text() + "[profile broken\n")
    corp.start()
    for method, parameters in METHODS:
        said = corp.refusal(method, parameters)
        assert f"{path}:8" in said, (method, said)
    path.write_text(corp.aws_text())
    assert corp.sessions() == ["corp"]


def test_what_is_mended_is_in_force_without_being_asked_for(corp):
    path = corp.home.write_aws_config("[profile broken\n")
    corp.start()
    path.write_text(corp.aws_text())
    corp.log("read again")
    assert corp.sessions() == ["corp"]


def test_a_later_broken_file_leaves_the_last_good_one_in_force(corp):
    corp.start(sign_in=True)
    corp.home.aws_config.write_text("\n" + corp.aws_text(OTHER_ACCOUNT) + "[profile broken\n")
    corp.log(rf"{corp.home.aws_config}:9: .*what was read before stays in force")
    assert corp.account() == ACCOUNT
    status = corp.home.call("Status")
    assert any(f"{corp.home.aws_config}:9" in warning for warning in status["warnings"])
    corp.home.aws_config.write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    assert corp.home.call("Status")["warnings"] == []


@pytest.mark.quick
def test_a_file_changed_in_place_or_replaced_is_in_force_without_being_asked_for(corp):
    corp.start(sign_in=True)
    path = corp.home.aws_config
    path.write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    replace(path, corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)
    with open(path, "r+", encoding="utf-8") as file:
        file.seek(file.read().index(ACCOUNT))
        file.write(OTHER_ACCOUNT)
    corp.until_account(OTHER_ACCOUNT)
    other = corp.home.write("other", corp.aws_text(ACCOUNT))
    path.unlink()
    os.link(other, path)
    corp.until_account(ACCOUNT)


def test_a_change_that_leaves_size_and_time_as_they_were_is_seen(corp):
    """Two edits within one tick of the file system's clock, or an editor that sets the time back."""
    corp.start(sign_in=True)
    corp.until_account(ACCOUNT)
    for _ in range(10):
        for account in (OTHER_ACCOUNT, ACCOUNT):
            with open(corp.home.aws_config, "r+", encoding="utf-8") as file:
                file.write(corp.aws_text(account))
    with open(corp.home.aws_config, "r+", encoding="utf-8") as file:
        file.write(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


def test_a_deleted_file_is_an_empty_one_until_it_is_back(corp):
    corp.start(sign_in=True)
    corp.home.aws_config.unlink()
    assert "dev" in corp.refusal("GetCredentials", {"profile": "dev"})
    assert corp.sessions() == []
    corp.home.write_aws_config(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_folder_that_appears_later_is_seen(corp, depth):
    shutil.rmtree(corp.home.path / ".aws")
    path = corp.home.path / ("deep/" * (depth - 1)) / ".aws/config"
    corp.start(env={"AWS_CONFIG_FILE": path})
    assert corp.sessions() == []
    path.parent.mkdir(parents=True)
    path.write_text(corp.aws_text())
    corp.log("read again")
    corp.practice.auto_approve()
    corp.home.call("Login", session="corp")
    assert corp.account() == ACCOUNT
    path.write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


def test_a_folder_that_is_replaced_is_seen(corp):
    corp.start(sign_in=True)
    aws = corp.home.path / ".aws"
    aws.rename(corp.home.path / "old")
    corp.home.write_aws_config(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    corp.home.write_aws_config(corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)
    shutil.rmtree(aws)
    corp.log("(read again(.|\n)*){3}")
    corp.home.write_aws_config(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


def test_a_file_behind_a_link_is_followed(corp):
    """Of dotfiles that are kept elsewhere: the target changes, is replaced, and the link is set anew."""
    target = corp.home.write("dotfiles/one/aws", corp.aws_text())
    corp.home.aws_config.unlink()
    corp.home.aws_config.symlink_to("../dotfiles/link")
    (corp.home.path / "dotfiles/link").symlink_to("one/aws")
    corp.start(sign_in=True)
    target.write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    replace(target, corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)
    other = corp.home.write("dotfiles/two/aws", corp.aws_text(OTHER_ACCOUNT))
    fresh = corp.home.aws_config.with_name("fresh")
    fresh.symlink_to(other)
    os.replace(fresh, corp.home.aws_config)
    corp.until_account(OTHER_ACCOUNT)
    other.write_text(corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)


def test_a_folder_behind_a_link_is_followed(corp):
    elsewhere = corp.home.path / "dotfiles/aws"
    elsewhere.parent.mkdir()
    (corp.home.path / ".aws").rename(elsewhere)
    (corp.home.path / ".aws").symlink_to("dotfiles/aws")
    corp.start(sign_in=True)
    (elsewhere / "config").write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    replace(elsewhere / "config", corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)


def test_a_dangling_link_is_an_absent_file_and_one_that_turns_in_a_circle_an_error(corp):
    corp.home.aws_config.unlink()
    corp.home.aws_config.symlink_to("nowhere")
    corp.start()
    assert corp.sessions() == []
    (corp.home.path / ".aws/nowhere").write_text(corp.aws_text())
    assert corp.sessions() == ["corp"]
    corp.home.aws_config.unlink()
    corp.home.aws_config.symlink_to("config")
    assert str(corp.home.aws_config) in " ".join(corp.home.call("Status")["warnings"])


def test_what_cannot_be_read_keeps_the_last_good_one(corp):
    corp.start(sign_in=True)
    circle = corp.home.path / ".aws/circle"
    circle.symlink_to("config")
    os.replace(circle, corp.home.aws_config)
    corp.log(rf"{corp.home.aws_config}.*what was read before stays in force")
    assert corp.account() == ACCOUNT
    replace(corp.home.aws_config, corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


def start_without_roots_privileges(corp):
    """As a person's daemon is: a file without permission is one that it cannot read. setpriv is for root only."""
    if os.getuid() != 0:
        return corp.start()
    daemon = corp.home.spawn("/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search",
                             corp.home.program("iamicd"))
    wait_for(corp.home.socket.exists, 5, lambda: f"no socket: {daemon.err}")
    corp.daemon = daemon
    return daemon


@pytest.mark.parametrize("what", [".aws/config", ".aws"])
def test_permission_that_is_lost_keeps_the_last_good_one(corp, what):
    start_without_roots_privileges(corp)
    corp.practice.auto_approve()
    corp.home.call("Login", session="corp")
    assert corp.account() == ACCOUNT
    place = corp.home.path / what
    mode = place.stat().st_mode & 0o777
    place.chmod(0)
    try:
        wait_for(lambda: corp.home.call("Status")["warnings"], 3, lambda: f"no warning: {corp.daemon.err}", pause=0.05)
        corp.log(rf"{corp.home.aws_config}.*Permission denied.*what was read before stays in force")
        assert corp.account() == ACCOUNT
        assert any("Permission denied" in warning for warning in corp.home.call("Status")["warnings"])
    finally:
        place.chmod(mode)
    corp.home.aws_config.write_text(corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)
    assert corp.home.call("Status")["warnings"] == []


def test_own_configuration_without_permission_keeps_the_last_good_one(corp):
    path = corp.home.write_config("[session extra]\nstart_url = https://extra.example.com/start\nregion = eu-west-1\n")
    start_without_roots_privileges(corp)
    assert corp.sessions() == ["corp", "extra"]
    path.chmod(0)
    wait_for(lambda: corp.home.call("Status")["warnings"], 3, lambda: f"no warning: {corp.daemon.err}", pause=0.05)
    corp.log(rf"{path}.*Permission denied.*what was read before stays in force")
    assert corp.sessions() == ["corp", "extra"]
    path.chmod(0o600)
    path.write_text("")
    assert corp.sessions() == ["corp"]
    assert corp.home.call("Status")["warnings"] == []


def test_another_path_in_own_configuration_is_another_file(corp):
    other = corp.home.write("other", corp.aws_text(session="other"))
    corp.start()
    assert corp.sessions() == ["corp"]
    corp.home.write_config(OWN.format(other))
    assert (corp.sessions(), corp.home.call("Status")["configFile"]) == (["other"], str(other))
    other.write_text(corp.aws_text(session="third"))
    assert corp.sessions() == ["third"]
    absent = corp.home.path / "absent"
    corp.home.write_config(OWN.format(absent))
    assert (corp.sessions(), corp.home.call("Status")["configFile"]) == ([], str(absent))
    corp.home.write_config(OWN.format("~/.aws/config"))
    assert corp.sessions() == ["corp"]
    corp.home.write_config("")
    assert corp.home.call("Status")["configFile"] == str(corp.home.aws_config)
    corp.home.write_config(OWN.format("relative"))
    assert corp.sessions() == ["corp"], "a bad value later"


def test_another_path_counts_without_being_asked_for(corp):
    corp.home.write("other", corp.aws_text(OTHER_ACCOUNT))
    corp.start(sign_in=True)
    corp.home.write_config(OWN.format(corp.home.path / "other"))
    corp.until_account(OTHER_ACCOUNT)
    absent = corp.home.path / "absent"
    corp.home.write_config(OWN.format(absent))
    corp.log("(read again(.|\n)*){2}")
    assert "dev" in corp.refusal("GetCredentials", {"profile": "dev"})


def test_a_file_that_is_not_readable_as_text_is_refused_whole(corp):
    for data, line in ((b"\xef\xbb\xbf[default]\n", 1), (b"[default]\na = \0\n", 2), (b"a = 1\n", 1),
                       (b"[default]\nregion\n", 2), (b"[profile a]\n[profile a]\n", 2),
                       (b"[default]\nregion = a\nregion = b\n", 3)):
        corp.home.aws_config.write_bytes(data)
        corp.start()
        assert f"{corp.home.aws_config}:{line}" in corp.refusal("Status")
        corp.home.stop_daemons()


def test_a_session_that_is_described_anew_is_another_one(corp):
    """A token does not go to an address it was not issued for."""
    corp.start(sign_in=True)
    corp.home.aws_config.write_text(corp.aws_text().replace("/start", "/another"))
    wait_for(lambda: corp.home.call("Status")["sessions"][0]["startUrl"].endswith("/another"), 3, lambda: "not seen")
    wait_for(lambda: corp.home.call("Status")["sessions"][0]["state"] == "signed_out", 3, lambda: "not signed out")
    with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
        corp.account()
    corp.home.aws_config.write_text(corp.aws_text())
    assert corp.account() == ACCOUNT


def test_a_changed_ca_bundle_counts_for_the_next_request(corp):
    bundle = corp.home.write("ca.pem", pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text())
    corp.home.write_config(f"ca_bundle = {bundle}\n")
    corp.start()
    with pytest.raises(varlink.VarlinkError, match="certificate"):
        corp.home.call("Login", session="corp")
    corp.home.write_config(f"ca_bundle = {corp.practice.ca}\n")
    corp.log("read again")
    corp.practice.auto_approve()
    assert corp.home.call("Login", session="corp")["stage"] == "done"


def test_without_a_home_the_error_says_so(corp):
    """All folders but HOME are given: then AWS's file is the one thing that is nowhere."""
    base = corp.home.base
    corp.start(env={"HOME": None, "XDG_STATE_HOME": base / "state", "XDG_CONFIG_HOME": base / "config"})
    assert "HOME" in corp.refusal("Status")


@needs_root
def test_an_administrators_file_counts_where_root_is_nobody(corp):
    """In a user namespace, as the strict unit makes one, root's files belong to uid 65534."""
    folder = corp.home.base / "xdg/iamic"
    folder.mkdir(parents=True)
    (folder / "config").write_text("surprise = 1\n")
    for path in [corp.home.base, *corp.home.base.rglob("*")]:
        if "xdg" not in str(path):
            os.chown(path, 4321, 4321)
    ca = corp.home.write("ca.pem", pathlib.Path(corp.practice.ca).read_text(), 0o644)
    corp.home.base.chmod(0o755)
    daemon = corp.home.spawn(
        "/usr/bin/setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups", "/usr/bin/unshare", "--user",
        "--map-user=4321", "--map-group=4321", corp.home.program("iamicd"),
        env={"XDG_CONFIG_DIRS": folder.parent, "AWS_CA_BUNDLE": ca})
    corp.daemon = daemon
    corp.log("unknown key 'surprise'")
    os.chown(folder / "config", 65534, 65534)
    (folder / "config").chmod(0o622)
    corp.log("others can write to")


# Several sessions.

def test_two_sessions_with_one_start_url_are_signed_in_to_and_out_of_by_themselves(corp):
    corp.home.write_aws_config(corp.aws_text() + SESSION.format(url=corp.practice.start_url, region="us-east-1")
                               .replace("corp", "corp-again") + PROFILE.format(account=OTHER_ACCOUNT)
                               .replace("corp", "corp-again").replace("dev", "prod"))
    corp.start(sign_in=True)

    def states():
        return {session["name"]: session["state"] for session in corp.home.call("Status")["sessions"]}
    wait_for(lambda: states() == {"corp": "ready", "corp-again": "signed_out"}, 5, states)
    with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
        corp.home.call("GetCredentials", profile="prod")
    corp.home.call("Login", session="corp-again")
    assert corp.home.call("GetCredentials", profile="prod")["AccountId"] == OTHER_ACCOUNT
    corp.home.stop_daemons()
    corp.start()
    assert corp.account() == ACCOUNT and corp.home.call("GetCredentials", profile="prod")["AccountId"] == OTHER_ACCOUNT
    assert corp.home.call("Logout", session="corp")["sessions"] == ["corp"]
    assert corp.home.call("GetCredentials", profile="prod")["AccountId"] == OTHER_ACCOUNT
    with pytest.raises(varlink.VarlinkError, match="LoginRequired"):
        corp.account()


def test_a_company_set_up_by_an_administrator_needs_no_file_of_a_persons(corp):
    """Session in /etc/xdg, profiles with iamic's line, roles by ARN: nothing of it stands in an [sso-session]."""
    folder = corp.home.base / "xdg/iamic"
    folder.mkdir(parents=True)
    (folder / "config").write_text(f"[session acme]\nstart_url = {corp.practice.start_url}\n"
                                   f"region = {corp.practice.region}\n")
    corp.home.aws_config.unlink()
    corp.start(env={"XDG_CONFIG_DIRS": folder.parent})
    corp.practice.auto_approve()
    assert corp.home.call("Login")["stage"] == "done", "the only session needs no name"
    assert corp.home.call("GetCredentials", accountId=ACCOUNT, roleName=ROLE)["AccountId"] == ACCOUNT
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{ROLE}_0123456789abcdef"
    assert corp.home.call("GetCredentials", roleArn=arn)["AccountId"] == ACCOUNT
    corp.home.write_aws_config("[profile line]\ncredential_process = iamic-credential-process --sso-session acme "
                               f"--role-arn {arn}\n[profile keys]\nsso_session = acme\n"
                               f"sso_account_id = {OTHER_ACCOUNT}\nsso_role_name = {ROLE}\n")
    assert corp.home.call("GetCredentials", profile="line")["AccountId"] == ACCOUNT
    assert corp.home.call("GetCredentials", profile="keys")["AccountId"] == OTHER_ACCOUNT
    assert "aws-reserved" in corp.refusal("GetCredentials", {"roleArn": arn.replace("AWSReservedSSO_", "")})


@pytest.mark.parametrize("where", ["person", "administrator"])
def test_a_session_in_both_files_must_have_one_start_url(corp, where):
    text = "[session corp]\nstart_url = {}\nregion = us-east-1\nuser = bob\n"
    folder = corp.home.path / ".config" if where == "person" else corp.home.base / "xdg"
    path = folder / "iamic/config"
    path.parent.mkdir(parents=True)
    path.write_text(text.format("https://elsewhere.example.com/start"))
    corp.start(env={"XDG_CONFIG_DIRS": corp.home.base / "xdg"})
    for method, parameters in (("GetCredentials", {"profile": "dev"}), ("Login", {"session": "corp"})):
        said = corp.refusal(method, parameters)
        assert f"{corp.home.aws_config}:1" in said and f"{path}:1" in said and "different start URLs" in said, said
    path.write_text(text.format(corp.practice.start_url))
    corp.practice.auto_approve()
    assert corp.home.call("Login", session="corp")["stage"] == "done"
    assert corp.account() == ACCOUNT


# Large, often, and at the wrong moment.

def test_a_change_while_no_file_can_be_opened_is_not_lost(corp):
    """Neither what changed then, nor that the file is watched."""
    pid = corp.start(sign_in=True).pid
    with corp.home.client() as client:
        client.call("Status")
        limit = limits(pid)["Max open files"][0]
        set_descriptor_limit(pid, first_free_descriptor(pid))
        corp.home.write_config("surprise = 1\n")
        aws = corp.home.path / ".aws"
        aws.rename(corp.home.path / "old")
        corp.home.write_aws_config(corp.aws_text(OTHER_ACCOUNT))
        corp.log(rf"cannot open '{corp.home.aws_config}'")
        for _ in range(3):
            assert len(client.call("Status")["sessions"]) == 1
        assert client.call("GetCredentials", profile="dev")["AccountId"] == ACCOUNT
        assert corp.daemon.err.count(f"cannot open '{corp.home.aws_config}'") == 1
        set_descriptor_limit(pid, limit)
        client.call("Status")
        corp.until_account(OTHER_ACCOUNT)
        corp.log("unknown key 'surprise'")
        replace(corp.home.aws_config, corp.aws_text(ACCOUNT))
        corp.until_account(ACCOUNT)
        corp.home.write_config("astonishment = 1\n")
        corp.log("unknown key 'astonishment'")



def profiles(n):
    return "".join(f"[profile p{i}]\nsso_session = corp\nsso_account_id = {i:012}\nsso_role_name = ReadOnly\n"
                   f"region = us-east-1\noutput = json\n\n" for i in range(n))


@pytest.mark.alone
def test_ten_thousand_profiles_are_read_again_while_warm_requests_go_on(corp):
    large = profiles(10000)
    corp.home.aws_config.write_text(corp.aws_text() + large)
    corp.start(sign_in=True)
    with corp.home.client() as client:
        for _ in range(200):
            client.call("GetCredentials", profile="dev")
        usual = percentile(client, 400)
        times = []
        for n in range(5):
            account = (OTHER_ACCOUNT, ACCOUNT)[n % 2]
            replace(corp.home.aws_config, large + corp.aws_text(account) if n % 2 else corp.aws_text(account) + large)
            ends = time.monotonic() + 5
            while time.monotonic() < ends:
                began = time.monotonic()
                seen = client.call("GetCredentials", profile="dev")["AccountId"]
                times.append(time.monotonic() - began)
                if seen == account:
                    break
            assert seen == account
    times.sort()
    # Those that meet the change itself, or the other role's first fetch, are slower.
    assert times[int(len(times) * 0.95)] < max(10 * usual, 0.01), (usual, times[-20:])


class Caller(threading.Thread):
    """Asks for a profile again and again, ten requests at a time, until told to stop; what went wrong is in .wrong."""

    def __init__(self, home, profile):
        super().__init__(daemon=True)
        self.home, self.profile, self.accounts, self.wrong = home, profile, [], []
        self.is_done = threading.Event()
        self.start()

    def run(self):
        try:
            with self.home.client() as client:
                while not self.is_done.is_set():
                    for _ in range(10):
                        client.send("GetCredentials", {"profile": self.profile})
                    self.accounts += [client.reply("GetCredentials")["AccountId"] for _ in range(10)]
                    time.sleep(0.01)
        except Exception as problem:
            self.wrong.append(problem)


@pytest.mark.alone
def test_no_request_is_lost_or_answered_wrongly_while_ten_thousand_profiles_are_read(corp):
    """Half of each file, and half of the callers, is in front of the crowd, half behind; some files are broken."""
    def text(account):
        last = PROFILE.format(account=account).replace("[profile dev]", "[profile last]")
        return corp.aws_text(account) + profiles(10000) + last
    corp.home.aws_config.write_text(text(ACCOUNT))
    corp.start(sign_in=True)
    callers = [Caller(corp.home, profile) for profile in ("dev", "last") * 3]
    for n, account in enumerate((OTHER_ACCOUNT, ACCOUNT) * 2, 1):
        corp.home.aws_config.write_text(text(account))
        corp.until_account(account, timeout=10)
        replace(corp.home.aws_config, text(account).replace("p9000]", "p9000"))
        wait_for(lambda: corp.daemon.err.count("stays in force") == n, 10, lambda: corp.daemon.err)
        assert corp.account() == account
    for caller in callers:
        caller.is_done.set()
        caller.join(10)
        assert not caller.is_alive() and not caller.wrong, caller.wrong
        assert set(caller.accounts) == {ACCOUNT, OTHER_ACCOUNT} and caller.accounts[-1] == ACCOUNT
        turns = sum(one != other for one, other in zip(caller.accounts, caller.accounts[1:]))
        assert turns == 4, f"{turns} turns: a file was in force before it was whole, or after it was replaced"
    assert corp.practice.count("GetRoleCredentials") == 2


def percentile(client, n):
    times = []
    for _ in range(n):
        began = time.monotonic()
        client.call("GetCredentials", profile="dev")
        times.append(time.monotonic() - began)
    return sorted(times)[int(n * 0.99)]


def test_a_file_that_changes_while_it_is_read_is_read_again(corp):
    large = profiles(3000)
    corp.home.aws_config.write_text(corp.aws_text() + large)
    corp.start(sign_in=True)
    for _ in range(10):
        replace(corp.home.aws_config, large + corp.aws_text(OTHER_ACCOUNT))
        time.sleep(0.003)
        replace(corp.home.aws_config, corp.aws_text(ACCOUNT) + large)
        time.sleep(0.003)
    replace(corp.home.aws_config, large + corp.aws_text(OTHER_ACCOUNT))
    corp.until_account(OTHER_ACCOUNT)


def test_a_hundred_changes_while_everyone_asks(corp):
    corp.start(sign_in=True)
    clients = [corp.home.client() for _ in range(10)]
    for n in range(100):
        text = corp.aws_text((ACCOUNT, OTHER_ACCOUNT)[n % 2]) + ("[broken\n" if n % 7 == 3 else "")
        replace(corp.home.aws_config, text)
        corp.home.write_config("log_level = nonsense\n" if n % 5 == 2 else "log_level = info\n")
        for client in clients:
            client.send("GetCredentials", {"profile": "dev"}) if n % 3 else client.send("Status")
        for client in clients:
            client.reply("GetCredentials" if n % 3 else "Status")
    for client in clients:
        client.close()
    corp.home.aws_config.write_text(corp.aws_text(ACCOUNT))
    corp.until_account(ACCOUNT)


def test_a_file_of_more_than_16_mib_is_refused(corp):
    corp.home.aws_config.write_text(corp.aws_text() + "# x\n" * (5 << 20))
    corp.start()
    assert "bytes" in corp.refusal("Status")


@pytest.mark.alone
def test_what_others_do_with_dev_null_wakes_nobody(corp):
    """AWS_CONFIG_FILE=/dev/null is how one says: no configuration."""
    daemon = corp.start(env={"AWS_CONFIG_FILE": "/dev/null"})
    assert corp.sessions() == []
    time.sleep(0.3)
    before = switches(daemon.pid)
    for _ in range(50):
        pathlib.Path("/dev/null").write_text("x")
        time.sleep(0.005)
    assert switches(daemon.pid) - before <= 2
