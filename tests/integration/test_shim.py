"""iamic-credential-process against a stand-in for the daemon: what it asks, prints, and how long it takes."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

import varlink
from stand_in import CREDENTIALS, CUTS, StandIn, compact, error, halves, reply

DOCUMENT = compact(CREDENTIALS).decode() + "\n"
ROLE = ("--sso-session", "corp", "--account-id", "123456789012", "--role-name", "ReadOnly")

NO_REPLY = "the daemon ended before it answered: try again; 'iamic status' starts it and says what it has"

ERRORS = [("Internal", 1), ("LoginRequired", 3), ("Denied", 4), ("Unavailable", 5), ("TimedOut", 6), ("Config", 7),
          ("StoreUnavailable", 8), ("Locked", 9)]


def ask(home, *answers, words=(), pause=0.0005, **options):
    """One run of the shim against a daemon that gives these answers."""
    with StandIn(home.socket, *answers, pause=pause) as daemon:
        result = home.credential_process(*words, **options)
    result.requests, result.connections = daemon.requests, daemon.connections
    return result


def fails(result, status, text):
    """Nothing on stdout, and one line on stderr."""
    assert (result.status, result.out) == (status, ""), result
    assert result.err == f"iamic: {text}\n", result


@pytest.mark.quick
@pytest.mark.parametrize("cut", CUTS)
def test_success_is_one_document_and_nothing_on_stderr(bare_home, cut):
    result = ask(bare_home, cut(reply(CREDENTIALS)))
    assert (result.status, result.out, result.err) == (0, DOCUMENT, "")


@pytest.mark.quick
@pytest.mark.parametrize("cut", CUTS)
def test_a_failure_is_the_daemons_line_and_its_status(bare_home, cut):
    message = "session 'corp' is signed out: run 'iamic-login corp'"
    fails(ask(bare_home, cut(error("LoginRequired", session="corp", message=message))), 3, message)


@pytest.mark.parametrize("name, status", ERRORS)
def test_every_error_has_its_status(bare_home, name, status):
    fails(ask(bare_home, [error(name, message="it says 'why' and 'what next'")]), status,
          "it says 'why' and 'what next'")


def test_what_varlink_itself_answers_is_explained(bare_home):
    service = "org.varlink.service"
    answer = [compact({"error": f"{service}.MethodNotFound", "parameters": {"method": "x"}}) + b"\0"]
    fails(ask(bare_home, answer), 5, "the running daemon is older: systemctl --user restart iamicd")


def test_a_request_is_what_the_interface_says(bare_home):
    wishes = [((), {"profile": "default"}),
              (("--profile", 'a "b" \\c\n\u00e4'), {"profile": 'a "b" \\c\n\u00e4'}),
              (ROLE, {"session": "corp", "accountId": "123456789012", "roleName": "ReadOnly"}),
              (("--role-arn", "arn:aws:iam::123456789012:role/x"),
               {"roleArn": "arn:aws:iam::123456789012:role/x"}),
              (("--role-arn", "arn:aws:iam::123456789012:role/x", "--profile", "dev"),
               {"profile": "dev", "roleArn": "arn:aws:iam::123456789012:role/x"})]
    for words, wanted in wishes:
        result = ask(bare_home, [reply(CREDENTIALS)], words=words)
        assert result.status == 0, result
        request, = result.requests
        assert request["method"] == "io.iamic.Agent.GetCredentials"
        parameters = request["parameters"]
        assert not list(varlink.AGENT.methods["GetCredentials"][0].problems(parameters, "request"))
        assert 9000 < parameters.pop("timeoutMs") < 10000 and parameters.pop("loginMs") == 0
        assert parameters == wanted


def test_a_profile_comes_from_the_environment(bare_home):
    result = ask(bare_home, [reply(CREDENTIALS)], env={"AWS_PROFILE": "dev"})
    assert result.requests[0]["parameters"]["profile"] == "dev"
    result = ask(bare_home, [reply(CREDENTIALS)], words=["--profile", "mine"], env={"AWS_PROFILE": "dev"})
    assert result.requests[0]["parameters"]["profile"] == "mine"
    result = ask(bare_home, [reply(CREDENTIALS)], words=["--role-arn", "arn:aws:iam::123456789012:role/x"],
                 env={"AWS_PROFILE": "dev"})
    assert result.requests[0]["parameters"]["profile"] == "dev"


@pytest.mark.parametrize("answer", [
    [b"\0"], [b"{}\0"], [b"hunter2\0"], [b'{"parameters":{"SecretAccessKey":"hunter2"}}\0'],
    [b'{"parameters":{"SecretAccessKey":"hunter2\0'], [reply(CREDENTIALS)[:-2] + b"}}\0"],
    [b"HTTP/1.1 200 OK\r\n\r\nhunter2" + b"x" * 20000], [b"\xff\xfe\0"], [b"[" * 16000 + b"\0"],
    [reply({**CREDENTIALS, "SecretAccessKey": ""})], [reply({**CREDENTIALS, "Version": 2})]])
def test_what_is_no_answer_is_not_understood(bare_home, answer):
    result = ask(bare_home, answer)
    assert (result.status, result.out) == (5, ""), result
    assert result.err.startswith("iamic: the daemon's reply is not understood, try again: ")
    assert result.err.count("\n") == 1
    assert "hunter2" not in result.err


def test_half_a_reply_is_no_answer(bare_home):
    fails(ask(bare_home, [halves(reply(CREDENTIALS))[0], None]), 5, NO_REPLY)


def test_a_daemon_that_was_leaving_is_not_the_last_word(bare_home):
    result = ask(bare_home, [None], [reply(CREDENTIALS)])
    assert (result.status, result.out, result.err, result.connections) == (0, DOCUMENT, "", 2)


def test_a_daemon_that_never_answers_is_not_asked_for_ever(bare_home):
    result = ask(bare_home, [None])
    fails(result, 5, NO_REPLY)
    assert result.connections == 3


@pytest.mark.parametrize("answer", [[], [reply(CREDENTIALS)[:-1]], [b" "] * 3000], ids=["none", "half", "drops"])
def test_nothing_takes_longer_than_its_deadline(bare_home, answer):
    result = ask(bare_home, answer, words=["--timeout", "1"], pause=0.002)
    fails(result, 6, "the daemon took too long to answer: try again")
    assert 0.9 < result.seconds < 2


def test_who_waits_for_a_sign_in_waits_longer(bare_home):
    result = ask(bare_home, [], words=["--timeout=1", "--login=1"])
    fails(result, 6, "the daemon took too long to answer: try again")
    assert 1.9 < result.seconds < 3
    parameters = result.requests[0]["parameters"]
    assert 500 < parameters["timeoutMs"] < 1000 and parameters["loginMs"] == 1000
    result = ask(bare_home, [reply(CREDENTIALS)], words=["--login"])
    assert result.requests[0]["parameters"]["loginMs"] == 600000


def test_a_listener_that_takes_nobody_is_waited_for_no_longer(bare_home):
    bare_home.socket.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(bare_home.socket))
        listener.listen(0)
        first.connect(str(bare_home.socket))
        result = bare_home.credential_process("--timeout", "1")
    fails(result, 6, f"the daemon at '{bare_home.socket}' is too busy to take a connection: try again")
    assert 0.9 < result.seconds < 2


def test_stdin_is_left_alone(bare_home):
    with StandIn(bare_home.socket, [reply(CREDENTIALS)]):
        reader, writer = os.pipe()
        os.write(writer, b"a person's data")
        result = bare_home.credential_process(stdin=reader)
        assert result.status == 0
        assert os.read(reader, 100) == b"a person's data"
        os.close(reader)
        os.close(writer)


def test_a_stdout_that_nobody_reads_is_no_noise(bare_home):
    shim = str(bare_home.program("iamic-credential-process"))
    with StandIn(bare_home.socket, [reply(CREDENTIALS)]):
        for words in ([], ["--help"], ["--version"]):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run([shim, *words], stdout=writer, stderr=subprocess.PIPE, env=bare_home.with_env())
            os.close(writer)
            assert (done.returncode, done.stderr) == (1, b"")
            closed = bare_home.run("/bin/sh", "-c", '"$@" >&-', "sh", shim, *words)
            assert (closed.status, closed.err) == (1, ""), closed
        full = bare_home.run("/bin/sh", "-c", '"$@" >/dev/full', "sh", shim)
        fails(full, 1, "cannot write to stdout: No space left on device")


def test_credentials_go_to_stdout_whatever_is_closed(bare_home):
    """With a standard descriptor closed the socket gets its number: the document must not go back through it."""
    shim = str(bare_home.program("iamic-credential-process"))
    with StandIn(bare_home.socket, [reply(CREDENTIALS)]) as daemon:
        for closing, out in (("<&-", DOCUMENT), ("2>&-", DOCUMENT), ("<&- >&- 2>&-", "")):
            before = len(daemon.requests)
            result = bare_home.run("/bin/sh", "-c", f'"$@" {closing}', "sh", shim)
            assert (result.status, result.err) == (0 if out else 1, "")
            assert result.out == out and len(daemon.requests) == before + 1


def test_a_wrong_command_line_is_one_line(bare_home):
    see = "see 'iamic-credential-process --help'"
    for words, text in [(["--account-id", "123"], "--account-id '123' is not 12 digits"),
                        (["--nonsense"], "unknown option '--nonsense'"),
                        (["--profile"], "--profile needs a value"),
                        (["dev\n\x1b[2J"], "unexpected argument 'dev??[2J'"),
                        (["--timeout", "soon"], "--timeout 'soon' is not a number of seconds from 1 to 86400"),
                        (["--role-name", "x" * 70000, "--account-id", "123456789012"],
                         "the options have more than 65536 bytes")]:
        fails(ask(bare_home, [reply(CREDENTIALS)], words=words), 2, f"{text}: {see}")


def test_help_and_version_need_no_daemon(bare_home):
    assert bare_home.credential_process("--version").out.startswith("iamic-credential-process ")
    text = bare_home.credential_process("--help")
    assert (text.status, text.err) == (0, "") and "--sso-session" in text.out
    assert not bare_home.socket.parent.exists()


@pytest.mark.quick
def test_a_socket_that_was_set_is_never_started_for(bare_home):
    path = bare_home.base / "elsewhere"
    result = bare_home.credential_process(env={"IAMIC_SOCKET": path})
    fails(result, 5, f"no daemon listens on '{path}' (from IAMIC_SOCKET): start it with 'iamicd' or unset IAMIC_SOCKET")
    assert bare_home.daemon_pids() == [] and not bare_home.socket.parent.exists()
    with StandIn(path, [reply(CREDENTIALS)]):
        assert bare_home.credential_process(env={"IAMIC_SOCKET": path}).out == DOCUMENT


def test_where_there_is_no_place_for_a_socket_it_is_said(bare_home):
    fails(bare_home.credential_process(env={"IAMIC_SOCKET": "relative"}), 7,
          "IAMIC_SOCKET is 'relative', not an absolute path: correct or unset it")
    result = bare_home.credential_process(env={"IAMIC_SOCKET": "/" + "x" * 107})
    assert result.status == 7 and "108 bytes" in result.err
    bare_home.socket.parent.symlink_to("/tmp")
    fails(bare_home.credential_process(), 7, f"'{bare_home.socket.parent}' is a symbolic link: remove it")


def test_a_folder_that_cannot_be_made_names_the_way_out(bare_home):
    bare_home.runtime.rmdir()
    bare_home.runtime.mkdir(mode=0o500)
    result = bare_home.credential_process(env={"XDG_RUNTIME_DIR": "/proc/self"}) if os.geteuid() == 0 \
        else bare_home.credential_process()
    assert result.status in (5, 7) and result.err.endswith(
        ": set XDG_RUNTIME_DIR to a folder of yours that can be written to\n"), result


def test_another_users_daemon_is_not_asked(bare_home):
    """Only root can be two people; as a user this shows that one's own daemon is one's own."""
    other = 12345 if os.getuid() == 0 else os.getuid()
    path = bare_home.base / "others"
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            path.parent.chmod(0o777)
            os.setresuid(other, other, other)
            server = StandIn(path, [reply(CREDENTIALS)])
            path.chmod(0o777)
            os.write(tell, b"x")
            with server:
                time.sleep(20)
        finally:
            os._exit(0)
    os.read(ready, 1)
    try:
        result = bare_home.credential_process(env={"IAMIC_SOCKET": path})
        lent = bare_home.credential_process(env={"IAMIC_SOCKET": path, "IAMIC_SOCKET_UID": other})
        status = bare_home.iamic("status", env={"IAMIC_SOCKET": path})
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(tell)
    assert lent.out == DOCUMENT
    if other != os.getuid():
        for refused in (result, status):
            fails(refused, 5, f"the daemon at '{path}' belongs to uid 12345, and you are 0: run as uid 12345")


@pytest.mark.alone
def test_a_hundred_runs_are_a_hundred_documents(bare_home):
    with StandIn(bare_home.socket, [reply(CREDENTIALS)]):
        shims = [bare_home.spawn("iamic-credential-process") for _ in range(100)]
        assert all((r.status, r.out, r.err) == (0, DOCUMENT, "") for r in (shim.finish() for shim in shims))
    assert json.loads(DOCUMENT) == CREDENTIALS
