"""iamic log: which program was given the credentials of which role, a line each; and nobody waits for the disk."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from home import wait_for
from practice.trust import trusting

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
TARGET = {"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}
MEMBERS = ["time", "session", "accountId", "roleName", "pid", "program", "share"]
CURL = 'curl -sS -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"'
FILE_MAX = 1 << 20


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    return home


def file_of(home):
    return home.path / ".local/state/iamic/log"


def read(home, *options):
    result = home.iamic("log", "--json", *options)
    assert (result.status, result.err) == (0, ""), result
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert all(list(line) == MEMBERS for line in lines)
    return lines


def ask(home, times=1):
    with home.client() as client:
        for _ in range(times):
            client.call("GetCredentials", **TARGET)


def serve(home, script):
    """A program with an endpoint for a role that nobody has asked for yet."""
    return home.spawn("iamic", "exec", "--server", "--sso-session", "corp", "--account-id", ACCOUNT, "--role-name",
                      "Billing", "--", "/bin/sh", "-c", script, prints_credentials=True)


def programs(home):
    """What one cannot dump is known by its name alone, but to root."""
    return [(line["roleName"], line["program"].rpartition("/")[2]) for line in read(home)]


# What is recorded.

@pytest.mark.quick
def test_a_line_says_who_was_given_what(person):
    before = int(time.time())
    process = person.spawn("iamic-credential-process", *SHIM)
    assert process.finish().status == 0
    [line] = read(person)
    assert (line["roleName"], line["pid"], line["share"]) == (ROLE, process.pid, None)
    caller = pathlib.Path("/proc/self/comm").read_text().strip()
    assert line["program"].endswith(" > iamic-credential-process"), line
    assert line["program"].startswith((caller, os.readlink("/proc/self/exe"))), (line, caller)
    assert before <= time.mktime(time.strptime(line["time"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone <= time.time() + 1
    assert file_of(person).stat().st_mode & 0o777 == 0o600


def test_people_read_the_name_of_the_tool_and_their_own_time(person):
    assert person.aws("--profile", "dev", "sts", "get-caller-identity").status == 0
    [line] = read(person)
    assert line["program"] == "aws > iamic-credential-process"
    shown = person.iamic("log", env={"TZ": "Asia/Kolkata"}).out
    time_of = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
    local = re.fullmatch(rf"{time_of}  corp  {ACCOUNT}  {ROLE}  aws \({line['pid']}\)\n", shown)
    assert local, shown
    as_utc = time.mktime(time.strptime(line["time"], "%Y-%m-%dT%H:%M:%SZ"))
    assert time.mktime(time.strptime(local[1], "%Y-%m-%d %H:%M:%S")) - as_utc == 5.5 * 3600


def test_every_way_out_is_recorded_once_and_what_iamicd_does_by_itself_is_not(person):
    person.iamic("whoami", "--profile", "dev")
    person.iamic("export", "--profile", "dev", "--format", "env", prints_credentials=True)
    person.iamic("token", "eks", "--cluster-name", "c", "--profile", "dev", prints_credentials=True)
    assert programs(person) == [(ROLE, "iamic")] * 3
    served = serve(person, f"exec {CURL}")
    assert '"SecretAccessKey"' in served.finish().out
    assert programs(person)[3:] == [("Billing", "iamic"), ("Billing", "curl")]


def test_an_endpoint_that_had_to_wait_for_aws_has_given_once(person):
    go = person.path / "go"
    served = serve(person, f"echo; until [ -e {go} ]; do sleep 0.02; done; exec {CURL}")
    served.until("\n")
    assert person.iamic("logout").status == 0
    person.sign_in()
    go.touch()
    assert '"SecretAccessKey"' in served.finish().out
    assert programs(person) == [("Billing", "iamic"), ("Billing", "curl")]


def test_all_who_waited_for_one_request_are_recorded_and_who_got_nothing_is_not(person, practice):
    role = {**TARGET, "roleName": "Billing"}
    practice.fault("GetRoleCredentials", "delay", seconds=0.3)
    clients = [person.client() for _ in range(20)]
    for client in clients:
        client.send("GetCredentials", role)
    clients.pop().close()
    for client in clients:
        client.reply("GetCredentials")
        client.close()
    assert person.credential_process("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", "No").status == 4
    assert person.iamic("logout").status == 0
    assert person.credential_process(*SHIM).status == 3
    assert [line["roleName"] for line in read(person)] == ["Billing"] * 19


def test_a_role_that_is_assumed_is_recorded_and_its_source_is_not(person, practice):
    arn = "arn:aws:iam::111122223333:role/Deploy"
    practice.set(trust={arn: trusting(ACCOUNT)})
    person.write_aws_config(f"{person.aws_config.read_text()}\n[profile deploy]\n"
                            f"role_arn = {arn}\nsource_profile = dev\n")
    result = person.credential_process("--profile", "deploy")
    lines = person.iamic("log").out.splitlines()
    assert result.status == 0 and len(lines) == 1 and "  111122223333  Deploy  " in lines[0], (result, lines)


def test_who_cannot_be_seen_from_where_iamicd_runs_is_recorded_too(home):
    """To iamicd in a container the processes outside of it have no number."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    own_user = () if os.getuid() == 0 else ("--user", "--map-current-user")
    home.spawn("/usr/bin/unshare", *own_user, "--pid", "--fork", "--kill-child", home.program("iamicd"))
    wait_for(home.socket.exists, 10, lambda: f"no {home.socket}")
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0
    [line] = read(home)
    assert (line["roleName"], line["pid"], line["program"]) == (ROLE, 0, None)


def test_the_name_of_a_program_cannot_write_lines_of_its_own(person, tmp_path):
    name = 'x\n{"time":"2000-01-01T00:00:00Z"}\033[2J\u202e'
    program = tmp_path / name
    shutil.copy("/usr/bin/socat", program)
    request = json.dumps({"method": "io.iamic.Agent.GetCredentials", "parameters": TARGET}) + "\0"
    process = subprocess.Popen([program, "-", f"UNIX-CONNECT:{person.socket}"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(request.encode())
    process.stdin.flush()
    assert b"SecretAccessKey" in process.stdout.read1(65536)
    process.stdin.close()
    process.wait()
    process.stdout.close()
    [line] = read(person)
    assert line["program"] == str(tmp_path / 'x?{"time":"2000-01-01T00:00:00Z"}?[2J?')


# How it is shown.

def test_the_last_lines_alone(person):
    ask(person, 7)
    assert len(read(person)) == 7 and len(read(person, "--lines", "3")) == 3 == len(read(person, "--lines=3"))
    assert len(person.iamic("log", "--lines", "99").out.splitlines()) == 7
    wrong = person.iamic("log", "--lines", "0")
    assert (wrong.status, "'0' is not a number from 1 to 999999999" in wrong.err) == (2, True), wrong


def test_before_anything_was_handed_out_there_is_nothing_to_show(home):
    home.configure()
    assert read(home) == [] and not file_of(home).exists()


def test_follow_goes_on_over_a_new_file_and_a_new_daemon(person):
    ask(person)
    follower = person.spawn("iamic", "log", "--json", "--follow")
    follower.until(r"^.*\n")
    path = file_of(person)
    path.rename(path.with_name("log.old"))
    ask(person)
    follower.until(r"^.*\n.*\n")
    person.stop_daemons()
    assert person.credential_process(*SHIM).status == 0
    last = json.loads(follower.until(r"^.*\n.*\n(.*)\n")[1])
    assert last["program"].endswith("iamic-credential-process")
    follower.send_signal(signal.SIGINT)
    assert follower.finish().status == 130


def test_follow_ends_when_nobody_reads(person):
    result = person.run("/bin/sh", "-c", f"{person.program('iamic')} log --follow | true", timeout=10)
    assert result.status == 0, result


def test_what_is_no_line_of_ours_is_left_out(person):
    ask(person)
    read(person)
    path = file_of(person)
    path.write_text("{}}\n\0\n[]\n" + "x" * 300000 + "\n" + path.read_text() + '{"time":"2026')
    ask(person)
    assert len(read(person)) == 2, "and half a line does not spoil the next"


# Where it is kept.

def test_a_file_of_a_mib_becomes_the_old_one(person):
    ask(person, 3)
    read(person)
    path, old = file_of(person), file_of(person).with_name("log.old")
    line = path.read_text().splitlines(keepends=True)[0]
    path.write_text(line * (FILE_MAX // len(line)))
    old.write_text("what was before\n")
    ask(person, 2)
    assert len(read(person)) == FILE_MAX // len(line) + 2
    assert path.stat().st_size < 3 * len(line) and FILE_MAX - len(line) < old.stat().st_size <= FILE_MAX
    assert [one.stat().st_mode & 0o777 for one in (path, old)] == [0o600, 0o600]


def test_with_store_memory_nothing_is_recorded(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.write_config("store = memory\n")
    home.sign_in()
    assert home.credential_process(*SHIM).status == 0
    result = home.iamic("log")
    assert (result.status, result.out) == (0, "")
    assert result.err == "iamic: nothing is recorded: store = memory keeps no files\n"
    home.stop_daemons()
    assert [path.name for path in file_of(home).parent.iterdir()] == ["lock"]


@pytest.mark.parametrize("how", ["link", "fifo", "folder"])
def test_what_is_no_file_of_ours_is_not_written_to(person, how):
    path, other = file_of(person), person.path / "precious"
    other.write_text("as it was")
    {"link": lambda: path.symlink_to(other), "fifo": lambda: os.mkfifo(path), "folder": path.mkdir}[how]()
    ask(person)
    result = person.iamic("log")
    assert f"{path}'" in result.err and "what happened since is not in the log" in result.err, result
    assert other.read_text() == "as it was"
    ask(person)
    path.rmdir() if how == "folder" else path.unlink()
    assert len(read(person)) == 2, "it was kept for later"


def test_nothing_is_lost_at_a_regular_end(person):
    for n in range(3):
        ask(person, 50)
        person.stop_daemons()
        assert person.iamic("status").status == 0
    person.credential_process(*SHIM)
    assert len(read(person)) == 151


def test_a_kill_loses_no_more_than_the_last_second(person):
    daemon = person.daemon_pid()
    ask(person, 5)
    path = file_of(person)
    wait_for(lambda: path.exists() and path.read_text().count("\n") == 5, 5, lambda: "not written")
    os.kill(daemon, signal.SIGKILL)
    assert person.credential_process(*SHIM).status == 0
    assert len(read(person)) == 6


def test_nothing_is_lost_when_many_ask_at_once(person):
    ask(person, 4000)
    assert len(read(person)) == 4000


# What it costs.

def test_an_answer_does_not_wait_for_the_file(person):
    """Every write to the disk takes two seconds here: a thousand warm answers take none of it."""
    person.stop_daemons()
    trace = person.base / "trace"
    tracer = person.spawn("/usr/bin/strace", "-qq", "-o", trace, "-e", "trace=openat,fsync,fdatasync,write", "-P",
                          file_of(person), "-e", "inject=openat,write:delay_enter=2000000", person.program("iamicd"))
    wait_for(person.socket.exists, 10, lambda: "no daemon")
    ask(person)
    began = time.monotonic()
    ask(person, 100)
    assert time.monotonic() - began < 1.5
    assert len(read(person)) == 101
    os.kill(person.daemon_pid(), signal.SIGTERM)
    assert tracer.finish().status == 0
    assert "sync" not in trace.read_text()
    assert "/log" in trace.read_text() or os.getuid() != 0, "only root is told which file a call is about"
