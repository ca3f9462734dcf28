"""iamic profiles: a profile for every account and role, how they are shown, written, left alone and removed."""
import configparser
import fcntl
import json
import os
import re

import botocore.configloader
import pytest
from home import wait_for
from terminal import Terminal

PAYROLL, DEVELOPMENT, NAMELESS = "012345678901", "111122223333", "999988887777"
ALL = {
    "payroll-readonly": (PAYROLL, "ReadOnly"), "payroll-billing": (PAYROLL, "Billing"),
    "development-administrator": (DEVELOPMENT, "Administrator"), "development-power-user": (DEVELOPMENT, "Power+User"),
    "development-readonly": (DEVELOPMENT, "ReadOnly"), "999988887777-readonly": (NAMELESS, "ReadOnly")}
MARK = "iamic_generated = true\n"


@pytest.fixture
def corp(home, practice):
    """Signed in, in a shell that has a region, so that profiles need none."""
    home.configure()
    home.sign_in()
    home.env["AWS_REGION"] = "eu-west-1"
    return home


def stanza(home, name, account, role, region=None, session="corp"):
    line = (f"{home.program('iamic-credential-process')} --sso-session {session} --account-id {account} "
            f"--role-name {role}")
    return f"[profile {name}]\ncredential_process = {line}\n" + (f"region = {region}\n" if region else "") + MARK


def stanzas(home, names=ALL, **more):
    return "\n".join(stanza(home, name, *ALL[name], **more) for name in names)


def profiles_of(home):
    """As botocore reads them."""
    return botocore.configloader.load_config(str(home.aws_config))["profiles"]


def names_in(text):
    return re.findall(r"^\[profile '?([^]']*)'?\]$", text, re.MULTILINE)


def write(home, *words):
    result = home.iamic("profiles", "--write", *words)
    assert result.status == 0, result
    return result


def accounts(count):
    return [{"accountId": f"{n:012d}", "accountName": f"Account {n}", "roles": ["ReadOnly"]} for n in range(count)]


@pytest.mark.quick
def test_they_are_shown_then_written_and_the_aws_cli_uses_them(corp):
    before = corp.aws_config.read_bytes()
    shown = corp.iamic("profiles")
    assert (shown.status, shown.out, shown.err) == (0, stanzas(corp), "")
    diff = corp.iamic("profiles", "--diff")
    assert diff.status == 0 and diff.out.startswith(f"--- {corp.aws_config}\n+++ {corp.aws_config}\n")
    assert [line[1:] for line in diff.out.splitlines()[3:] if line[0] == "+" and line[1:]] == [
        line for line in shown.out.splitlines() if line]
    assert corp.aws_config.read_bytes() == before
    written = write(corp)
    assert written.out == (f"written to {corp.aws_config}: profiles 'payroll-readonly', 'payroll-billing', "
                           "'development-administrator', 'development-power-user' and 2 more\n")
    assert corp.aws_config.read_bytes() == before + b"\n" + shown.out.encode()
    assert corp.aws("configure", "list-profiles").out.split() == list(ALL)
    for name in ("development-power-user", "999988887777-readonly"):
        identity = corp.aws("sts", "get-caller-identity", "--profile", name, "--region", "us-east-1")
        assert identity.status == 0 and json.loads(identity.out)["Account"] == ALL[name][0], identity
    again = write(corp)
    assert again.out == "" and again.err == f"iamic: nothing to do: {corp.aws_config} says that already\n"
    assert corp.iamic("profiles").out == corp.iamic("profiles", "--diff").out == ""


def test_a_template_makes_the_names(corp):
    shown = corp.iamic("profiles", "--template", "{session}/{account_name|slug}.{role_name|lower|replace:+:_}")
    assert names_in(shown.out) == [
        "corp/payroll.readonly", "corp/payroll.billing", "corp/development.administrator",
        "corp/development.power_user", "corp/development.readonly", f"corp/{NAMELESS}.readonly"]


def test_globs_say_which_are_meant_and_only_their_accounts_are_asked_for(corp, practice):
    def names(*words):
        result = corp.iamic("profiles", *words)
        assert result.status == 0, result
        return names_in(result.out)

    assert names("--include", "dev*") == [name for name in ALL if name.startswith("dev")]
    assert names("--include", "*/readonly", "--exclude", NAMELESS) == ["payroll-readonly", "development-readonly"]
    assert names("--include", PAYROLL, "--include", "Dev*/Power*") == [
        "payroll-readonly", "payroll-billing", "development-power-user"]
    before = practice.count("ListAccountRoles")
    assert names("--include", "pay*", "--exclude", "*/B*") == ["payroll-readonly"]
    assert names("--exclude", "0*", "--exclude", "1*/*") == ["999988887777-readonly"]
    assert practice.count("ListAccountRoles") - before == 2


def test_a_pattern_that_matches_nothing_is_named_and_the_others_are_done(corp, practice):
    refused = ("iamic: no role that you may use matches --include {}: see 'iamic accounts' and 'iamic roles'\n")
    before = corp.aws_config.read_bytes()
    for words in ((), ("--write",), ("--diff",)):
        result = corp.iamic("profiles", "--include", "nobody", "--include", "Pay*/Nothing", *words)
        assert (result.status, result.out, result.err) == (4, "", refused.format("'nobody', 'Pay*/Nothing'")), result
    assert corp.aws_config.read_bytes() == before
    result = corp.iamic("profiles", "--include", "Payroll", "--include", "nobody", "--write")
    assert (result.status, result.err) == (4, refused.format("'nobody'")), result
    assert list(profiles_of(corp)) == ["payroll-readonly", "payroll-billing"]
    result = corp.iamic("profiles", "--include", "Payroll", "--exclude", "Pay*", "--write")
    nothing = "iamic: no role is left to make a profile for\n"
    assert (result.status, result.out, result.err) == (0, "", nothing), result
    practice.fault("ListAccountRoles", "garbage")
    unknown = corp.iamic("profiles", "--include", "Payroll/Nothing")
    assert unknown.status == 5 and "could not be listed" in unknown.err.splitlines()[-1], unknown


def test_profiles_without_a_region_are_named_once(corp):
    said = "iamic: warning: no region for {}: most tools need one: give it with --region REGION\n"
    no_region = {"AWS_REGION": None}
    for words in ((), ("--diff",), ("--write",)):
        result = corp.iamic("profiles", "--include", "Payroll", *words, env=no_region)
        assert (result.status, result.err) == (0, said.format("'payroll-readonly', 'payroll-billing'")), result
    assert "no region" not in corp.iamic("profiles", "--include", "Payroll", "--write", env=no_region).err
    result = corp.iamic("profiles", "--region", "Dev*=eu-west-1", "--write", env=no_region)
    assert (result.status, result.err) == (0, said.format("'999988887777-readonly'")), result
    corp.write_aws_config(corp.aws_config.read_text().replace("--account-id 111122223333", "--account-id 999988887777"))
    assert corp.iamic("profiles", "--write", env=no_region).err == "", "the region that is there stays"


def test_the_first_region_rule_that_matches_counts(corp):
    write(corp, "--region", "*/ReadOnly=eu-west-1", "--region", "Dev*=us-west-2", "--region", "eu-central-1")
    regions = {name: profile["region"] for name, profile in profiles_of(corp).items()}
    assert regions == {
        "payroll-readonly": "eu-west-1", "payroll-billing": "eu-central-1", "development-administrator": "us-west-2",
        "development-power-user": "us-west-2", "development-readonly": "eu-west-1",
        "999988887777-readonly": "eu-west-1"}
    before = corp.aws_config.read_bytes()
    write(corp)
    assert corp.aws_config.read_bytes() == before, "without a rule a region stays"
    written = write(corp, "--region", "9*=ap-south-1")
    assert written.out == f"written to {corp.aws_config}: profile '999988887777-readonly'\n"


def test_what_a_person_made_is_never_touched(corp, practice):
    own = (f"[profile payroll-readonly]\nregion = eu-west-3\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\n"
           f"# mine\n[profile payroll-billing]\ncredential_process = iamic-credential-process --sso-session corp "
           f"--account-id {PAYROLL} --role-name Billing\n")
    corp.write_aws_config(corp.aws_config.read_text() + own)
    written = write(corp)
    assert written.err == ("iamic: warning: 'payroll-readonly' is there already for something else, and left as it is: "
                           "use another template\n")
    rest = [name for name in ALL if not name.startswith("payroll")]
    assert corp.aws_config.read_text().endswith(own + "\n" + stanzas(corp, rest))
    practice.set(accounts=[{"accountId": NAMELESS, "roles": ["ReadOnly"]}])
    write(corp, "--prune")
    assert corp.aws_config.read_text().endswith(own + "\n" + stanzas(corp, ["999988887777-readonly"]))


def test_who_takes_one_over_keeps_it(corp, practice):
    write(corp)
    assert corp.iamic("configure", "--sso-session", "corp", "--account-id", PAYROLL, "--role-name", "ReadOnly",
                      "--profile", "payroll-billing").status == 0
    marked = stanza(corp, "payroll-readonly", *ALL["payroll-readonly"])
    corp.write_aws_config(corp.aws_config.read_text().replace(marked, marked.replace(MARK, "")))
    before = corp.aws_config.read_text()
    assert before.count(MARK) == len(ALL) - 2
    assert "'payroll-billing' is there already for something else" in write(corp).err
    assert corp.aws_config.read_text() == before
    practice.set(accounts=[{"accountId": NAMELESS, "roles": ["ReadOnly"]}])
    write(corp, "--prune")
    assert list(profiles_of(corp)) == ["payroll-readonly", "payroll-billing", "999988887777-readonly"]


@pytest.mark.parametrize("text", [
    "{session}\n# mine\n[default]\nregion = eu-central-1   # part of it\n\n[profile old]\n  role_arn: x\n"
    "s3 =\n    max_concurrent_requests = 20\n; the end\n",
    "[profile a]\r\nregion = eu-west-1\r\n\r\n{session}",
    "{session}\n[profile a]\nregion = eu-west-1", "{session}\r\n[profile a]\r\nregion = eu-west-1"],
    ids=["comments", "CRLF", "no final newline", "CRLF, no final newline"])
def test_what_is_written_and_pruned_leaves_the_rest_byte_for_byte(corp, practice, text):
    session = corp.aws_config.read_text().strip() + "\n"
    text = text.format(session=session.replace("\n", "\r\n") if "\r" in text else session).encode()
    corp.aws_config.write_bytes(text)
    write(corp, "--region", "eu-west-1")
    written, newline = corp.aws_config.read_bytes(), b"\r\n" if b"\r" in text else b"\n"
    assert written.startswith(text) and written.count(newline) == written.count(b"\n")
    assert written.endswith(b"\n") == text.endswith(b"\n")
    practice.set(accounts=[{"accountId": "000000000001", "roles": []}])
    write(corp, "--prune")
    assert corp.aws_config.read_bytes() == text


def test_what_a_symbolic_link_leads_to_is_replaced(corp):
    real = corp.write("dotfiles/aws-config", corp.aws_config.read_text(), mode=0o640)
    corp.aws_config.unlink()
    corp.aws_config.symlink_to("../dotfiles/aws-config")
    write(corp)
    assert corp.aws_config.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert set(names_in(real.read_text())) == set(ALL) and os.listdir(real.parent) == ["aws-config"]


BROKEN = [(b"[profile a]\nx = 1\nx = 2\n", 3), (b"[profile a\n", 1), (b"x = 1\n", 1), (b"[profile a]\njust text\n", 2),
          (b"\xef\xbb\xbf[profile a]\n", 1), (b"[a]\n[a]\n", 2), (b"[profile a]\nx = \0\n", 2)]


def test_a_file_that_has_broken_meanwhile_is_refused_with_its_line_and_left_alone(corp, practice):
    """The daemon goes on with what it has read: profiles are listed, and there is nowhere to put them."""
    write(corp)
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Payroll", "roles": ["New"]}])
    good = corp.aws_config.read_bytes() + b"\n"
    for text, line in BROKEN:
        is_behind = text.startswith(b"[")
        line += good.count(b"\n") if is_behind else 0
        corp.aws_config.write_bytes(good + text if is_behind else text)
        before = {path.name: path.read_bytes() for path in corp.aws_config.parent.iterdir()}
        for words in ([], ["--write"], ["--write", "--prune"], ["--diff"]):
            result = corp.iamic("profiles", *words)
            assert (result.status, result.out) == (7, "") and f"{corp.aws_config}:{line}: " in result.err, result
            assert result.err.splitlines()[-1].startswith("iamic: "), result
        assert {path.name: path.read_bytes() for path in corp.aws_config.parent.iterdir()} == before


MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,bind$1 "$0" && shift && exec "$@"'


@pytest.mark.skipif(os.getuid() != 0, reason="mounts")
def test_where_the_folder_cannot_be_written_the_file_is_left_alone(corp):
    """A read-only file system; or, as in a container, the file alone is mounted and cannot be replaced."""
    before = corp.aws_config.read_bytes()
    words = (corp.program("iamic"), "profiles", "--write", "--include", "pay*/R*")
    result = corp.run("/usr/bin/unshare", "--mount", "/bin/sh", "-c", MOUNTED, corp.aws_config.parent, ",ro", *words)
    assert result.status == 7 and f"'{corp.aws_config}' is read-only, nothing was written" in result.err, result
    assert result.err.count("\n") == 1 and result.out == stanza(corp, "payroll-readonly", PAYROLL, "ReadOnly")
    result = corp.run("/usr/bin/unshare", "--mount", "/bin/sh", "-c", MOUNTED, corp.aws_config, "", *words)
    assert result.status == 1 and result.err.count("\n") == 1 and str(corp.aws_config.parent) in result.err, result
    assert corp.aws_config.read_bytes() == before
    assert {path.name for path in corp.aws_config.parent.iterdir()} == {"config", "config.iamic-backup"}


def test_those_who_write_at_once_wait_for_one_another_and_lose_nothing(corp):
    """Another one has the file: all are held up where they would read and write it."""
    globs = ["*/ReadOnly", "*/Billing", "*/Admin*", "*/Power*"]
    folder = os.open(corp.aws_config.parent, os.O_RDONLY)
    inode = f":{os.fstat(folder).st_ino} "

    def waiting():
        with open("/proc/locks") as locks:
            return sum("-> FLOCK" in line and inode in line for line in locks)
    fcntl.flock(folder, fcntl.LOCK_EX)
    writers = [corp.spawn("iamic", "profiles", "--write", "--include", glob) for glob in globs]
    writers.append(corp.spawn("iamic", "configure", "--sso-session", "corp", "--account-id", PAYROLL, "--role-name",
                              "ReadOnly", "--profile", "mine"))
    wait_for(lambda: waiting() == len(writers), 10, lambda: f"{waiting()} of {len(writers)} wait")
    corp.write_aws_config(corp.aws_config.read_text() + "\n[profile theirs]\nregion = eu-west-1\n")
    os.close(folder)
    for writer in writers:
        result = writer.finish()
        assert result.status == 0, result
    assert set(profiles_of(corp)) == {*ALL, "mine", "theirs"}


def test_with_a_session_of_iamics_own_file_the_file_is_made(corp, practice):
    corp.write_config(f"[session corp]\nstart_url = {practice.start_url}\nregion = {practice.region}\n")
    corp.aws_config.unlink()
    assert corp.iamic("profiles").out == stanzas(corp)
    write(corp)
    assert corp.aws_config.read_text() == stanzas(corp) and corp.aws_config.stat().st_mode & 0o777 == 0o600


def test_a_sign_in_that_ends_while_roles_are_listed_writes_nothing(corp, practice):
    practice.set(accounts=accounts(30))
    before = corp.aws_config.read_bytes()
    practice.fault("CreateToken:refresh_token", "status", times=None, status=400, code="InvalidGrantException")
    practice.fault("ListAccountRoles", "status", after=10, times=None, status=401, code="UnauthorizedException")
    result = corp.iamic("profiles", "--write", "--prune")
    assert result.status == 3 and result.out == "" and "iamic-login" in result.err, result
    assert corp.aws_config.read_bytes() == before


def test_three_accounts_in_a_row_that_cannot_be_listed_end_it(corp, practice):
    practice.set(accounts=accounts(30))
    practice.fault("ListAccountRoles", "garbage", after=10, times=None)
    before = corp.aws_config.read_bytes()
    result = corp.iamic("profiles", "--write")
    assert result.status == 5 and result.err.count("warning: roles of account") == 2, result
    assert result.out == "" and corp.aws_config.read_bytes() == before


def test_prune_removes_what_is_no_longer_assigned_and_nothing_else(corp, practice):
    other = stanza(corp, "other", "000000000001", "Gone", session="other")
    chained = (f"[profile chained]\nrole_arn = arn:aws:iam::{PAYROLL}:role/X\nsource_profile = payroll-readonly\n"
               f"{MARK}")
    write(corp, "--template", "{account_id}.{role_name}")
    corp.write_aws_config(f"{corp.aws_config.read_text()}\n{other}\n{chained}")
    practice.set(accounts=[
        {"accountId": PAYROLL, "accountName": "Wages", "roles": ["ReadOnly"]},
        {"accountId": DEVELOPMENT, "accountName": "Development", "roles": ["ReadOnly", "Power+User"]}])
    kept = write(corp)
    assert kept.err == "" and f"{PAYROLL}.Billing" in names_in(corp.aws_config.read_text())
    diff = corp.iamic("profiles", "--diff", "--prune")
    gone = [f"{PAYROLL}.Billing", f"{DEVELOPMENT}.Administrator", f"{NAMELESS}.ReadOnly"]
    assert names_in("\n".join(line[1:] for line in diff.out.splitlines() if line.startswith("-"))) == gone
    pruned = write(corp, "--prune", "--exclude", "Wages", "--exclude", "*/Power*")
    assert pruned.out.splitlines()[-1] == (f"removed from {corp.aws_config}: profiles '{DEVELOPMENT}.Administrator', "
                                           f"'{NAMELESS}.ReadOnly'"), "of Wages nothing was asked"
    write(corp, "--prune")
    left = names_in(corp.aws_config.read_text())
    assert not set(gone) & set(left)
    assert {f"{PAYROLL}.ReadOnly", f"{DEVELOPMENT}.Power+User", "wages-readonly", "other", "chained"} <= set(left)
    assert other in corp.aws_config.read_text() and chained in corp.aws_config.read_text()


def test_an_incomplete_listing_never_prunes(corp, practice):
    write(corp)
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Payroll", "roles": ["ReadOnly", "New"]},
                           {"accountId": DEVELOPMENT, "accountName": "Development", "roles": ["ReadOnly"]}])
    practice.fault("ListAccountRoles", "garbage", after=1)
    result = corp.iamic("profiles", "--write", "--prune")
    assert result.status == 5 and result.out == f"written to {corp.aws_config}: profile 'payroll-new'\n", result
    warning, error = result.err.splitlines()
    assert warning.startswith("iamic: warning: roles of account ")
    assert error == ("iamic: the roles of 1 account could not be listed, and nothing was removed: try again later")
    assert set(names_in(corp.aws_config.read_text())) == {*ALL, "payroll-new"}
    before = corp.aws_config.read_bytes()
    for fault in ({"operation": "ListAccounts", "kind": "garbage"},
                  {"operation": "ListAccountRoles", "kind": "status", "status": 403, "code": "ForbiddenException",
                   "times": None}):
        practice.fault(**fault)
        assert corp.iamic("profiles", "--write", "--prune").status in (4, 5)
        practice.clear_faults()
    practice.set(accounts=[])
    nothing = corp.iamic("profiles", "--write", "--prune")
    assert nothing.status == 4 and "no accounts are assigned" in nothing.err, nothing
    assert corp.aws_config.read_bytes() == before


def test_no_account_becomes_the_default_by_its_name(corp, practice):
    before = corp.aws_config.read_bytes()
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Default", "roles": ["ReadOnly"]}])
    result = corp.iamic("profiles", "--write", "--template", "{account_name|slug}")
    assert result.status == 7 and f"role ReadOnly of account {PAYROLL} would be the profile that all" in result.err
    assert corp.aws_config.read_bytes() == before


def test_two_roles_of_one_name_are_an_error_that_names_both(corp, practice):
    before = corp.aws_config.read_bytes()
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Same", "roles": ["ReadOnly"]},
                           {"accountId": DEVELOPMENT, "accountName": "same!", "roles": ["readonly"]}])
    result = corp.iamic("profiles", "--write")
    assert (result.status, result.err) == (7, (
        f"iamic: role ReadOnly of account {PAYROLL} and role readonly of account {DEVELOPMENT} would both be profile "
        "'same-readonly': use {account_id} in the template, or leave one out with --exclude\n"))
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Same", "roles": ["a+b", "a=b"]}])
    assert "use {role_name} without filters in the template" in corp.iamic("profiles", "--write").err
    assert corp.aws_config.read_bytes() == before
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Same", "roles": ["ReadOnly"]},
                           {"accountId": DEVELOPMENT, "accountName": "same!", "roles": ["readonly"]}])
    write(corp, "--exclude", DEVELOPMENT)
    assert list(profiles_of(corp)) == ["same-readonly"]


HOSTILE = ["x]\n[profile evil]\ncredential_process = /bin/false", "\x1b]0;title\x07red", "a\"b'c$(id)`id`", " # c ; d ",
           "[DEFAULT]", "= : %", "\u202eevil", "\r\nregion = moon", "tab\tnul\\0"]


def test_hostile_account_names_are_never_written_as_they_are(corp, practice):
    practice.set(accounts=[{"accountId": f"{n:012d}", "accountName": name, "roles": ["R"]}
                           for n, name in enumerate(HOSTILE)])
    before = corp.aws_config.read_bytes()
    for n in range(len(HOSTILE)):
        result = corp.iamic("profiles", "--write", "--template", "{account_name}", "--include", f"{n:012d}")
        assert result.status == 7 and result.err.startswith(f"iamic: role R of account {n:012d}: '"), result
        assert result.err[:-1].isprintable() and result.err.count("\n") == 1
    assert corp.aws_config.read_bytes() == before
    written = write(corp)
    assert written.out[:-1].isprintable()
    added = corp.aws_config.read_bytes()[len(before):].decode("ascii")
    assert names_in(added) == [
        "x-profile-evil-credential-process-bin-false-r", "0-title-red-r", "a-b-c-id-id-r", "c-d-r", "default-r",
        f"{5:012d}-r", "evil-r", "region-moon-r", "tab-nul-0-r"]
    assert set(profiles_of(corp)) == set(names_in(added))
    strict = configparser.RawConfigParser()
    strict.read(corp.aws_config)
    assert strict.sections() == ["sso-session corp", *(f"profile {name}" for name in names_in(added))]


def test_a_very_long_name_is_refused_and_can_be_left_out(corp, practice):
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "x" * 5000, "roles": ["R"]},
                           {"accountId": DEVELOPMENT, "accountName": "short", "roles": ["R"]}])
    result = corp.iamic("profiles")
    assert (result.status, result.out) == (7, ""), result
    assert f"role R of account {PAYROLL}: the profile's name would be longer" in result.err
    assert names_in(corp.iamic("profiles", "--exclude", PAYROLL).out) == ["short-r"]


def test_blanks_are_quoted_for_those_who_read_them(corp, practice):
    practice.set(accounts=[{"accountId": PAYROLL, "accountName": "Pay Roll", "roles": ["ReadOnly"]}])
    written = write(corp, "--template", "{account_name} {role_name}")
    assert written.err == "iamic: warning: not every SDK reads a profile with blanks in its name\n"
    assert "\n[profile 'Pay Roll ReadOnly']\n" in corp.aws_config.read_text()
    identity = corp.aws("sts", "get-caller-identity", "--profile", "Pay Roll ReadOnly", "--region", "us-east-1")
    assert identity.status == 0 and json.loads(identity.out)["Account"] == PAYROLL, identity


def test_seven_hundred_accounts_with_a_429_on_every_fifth_reply(corp, practice):
    practice.set(accounts=accounts(700))
    before = practice.count("ListAccountRoles")
    for n in range(1, 176):
        practice.fault("ListAccountRoles", "throttle", after=4 * n, retry_after=0)  # behind 4 that were answered
    terminal = Terminal(corp, "profiles", "--write", "--region", "eu-west-1")
    terminal.until(r"\d+ of 700 accounts \[#{2} {18}\]", 60)
    terminal.until(r"6\d\d of 700 accounts \[#{19} \]", 60)
    assert terminal.finish() == 0, terminal.text
    assert practice.count("ListAccountRoles") - before == 700 + 174
    assert re.search(r"\r\033\[Kwritten to \S+: profiles 'account-0-readonly',\r\n  [^\r]* and 696 more", terminal.text)
    assert list(profiles_of(corp)) == [f"account-{n}-readonly" for n in range(700)]


def test_progress_fits_a_narrow_terminal_and_spares_a_dumb_one(corp, practice):
    practice.set(accounts=accounts(30), latency=0.02)
    narrow = Terminal(corp, "profiles", "--write", columns=20)
    narrow.until(r"\r2\d of 30 accounts \[\033\[K")
    assert narrow.finish() == 0, narrow.text
    dumb = Terminal(corp, "profiles", "--diff", "--region", "eu-west-1", term="dumb")
    assert dumb.finish() == 0 and "region = eu-west-1" in dumb.text and "of 30 accounts" not in dumb.text, dumb.text


def test_a_file_that_is_read_only_is_left_and_the_stanzas_are_printed(corp):
    corp.aws_config.chmod(0o400)
    result = corp.iamic("profiles", "--write", "--include", "pay*/R*")
    assert result.status == 7 and "read-only" in result.err
    assert result.out == stanza(corp, "payroll-readonly", PAYROLL, "ReadOnly")


def test_keys_that_tools_take_instead_are_warned_of(corp):
    corp.write(".aws/credentials", "[payroll-readonly]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
                                   "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY\n")
    assert "/.aws/credentials:2 instead of what was written: remove them" in write(corp).err


def test_without_a_name_of_its_own_a_session_gets_no_profiles(corp, practice):
    corp.write_aws_config(f"[profile old]\nsso_start_url = {practice.start_url}\nsso_region = {practice.region}\n"
                          f"sso_account_id = {PAYROLL}\nsso_role_name = ReadOnly\n")
    result = corp.iamic("profiles")
    assert (result.status, result.err) == (7, f"iamic: session '{practice.start_url}' has no name yet: run 'iamic "
                                              "configure --adopt-all' first\n")


@pytest.mark.parametrize("words,text", [
    (("--prune",), "'--prune' needs '--write' or '--diff'"),
    (("--write", "--diff"), "'--write' and '--diff' contradict each other"),
    (("--template", "{name}"), "option '--template': there is no field 'name'"),
    (("--region", "dev*=moon"), "option '--region': 'moon' is not a region"),
    (("--include", ""), "option '--include': it is empty")])
def test_options_that_make_no_sense_are_refused_before_anything_is_asked(home, practice, words, text):
    result = home.iamic("profiles", *words)
    assert result.status == 2 and text in result.err and result.err.endswith(": see 'iamic profiles --help'\n"), result
    assert not home.daemon_pids()
