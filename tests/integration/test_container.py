"""iamic exec --server: an endpoint for one program, which stays fresh for as long as that runs."""
import http.client
import json
import re
import time
import urllib.parse

import pytest

from home import stat_fields, wait_for

ACCOUNT, ROLE = "012345678901", "ReadOnly"
BY_ROLE = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
UNUSED = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", "Billing")  # so far
URI, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    return home


class Served:
    """A program that runs with an endpoint, and what it was given."""

    def __init__(self, person, *words):
        self.process = person.spawn("iamic", "exec", "--server", *words, "--", "/bin/sh", "-c",
                                    f'echo "${URI}" "${TOKEN}" "$AWS_ACCESS_KEY_ID" end; exec sleep 600',
                                    prints_credentials=True)
        found = self.process.until(r"(http\S+) (\S+)  end\n")
        self.url, self.token = found[1], found[2]
        self.port = urllib.parse.urlsplit(self.url).port

    def ask(self, method="GET", token=None, host=None, **headers):
        """(status, document)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.putrequest(method, "/", skip_host=True, skip_accept_encoding=True)
        given = {"Host": host or f"127.0.0.1:{self.port}", "Authorization": self.token if token is None else token,
                 "Accept": "application/json", **headers}
        for name, value in given.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, json.loads(body) if body.startswith(b"{") else None

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def served(person):
    served = Served(person, "--profile", "dev")
    yield served
    served.end()


def test_the_endpoint_gives_what_the_shim_gives(person, served):
    kept = json.loads(person.credential_process(*BY_ROLE).out)
    status, document = served.ask()
    assert (status, list(document)) == (200, ["AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"])
    assert document == {"AccessKeyId": kept["AccessKeyId"], "SecretAccessKey": kept["SecretAccessKey"],
                        "Token": kept["SessionToken"], "Expiration": kept["Expiration"], "AccountId": ACCOUNT}
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/", served.url) and re.fullmatch("[0-9a-f]{64}", served.token)


@pytest.mark.parametrize("given, status, code", [
    ({"token": "x"}, 401, "Unauthorized"), ({"token": ""}, 401, "Unauthorized"),
    ({"token": "0" * 64}, 401, "Unauthorized"),
    ({"Origin": "https://evil.example"}, 403, "AccessDenied"), ({"Origin": "null"}, 403, "AccessDenied"),
    ({"method": "POST"}, 405, "MethodNotAllowed"), ({"method": "PUT"}, 405, "MethodNotAllowed"),
    ({"host": "localhost:1"}, 421, None), ({"host": "evil.example"}, 421, None), ({"host": "127.0.0.1:1"}, 421, None),
    ({"host": "127.0.0.1.evil.example"}, 421, None),
])
def test_nobody_else_is_served_and_the_endpoint_stays(served, given, status, code):
    answer, document = served.ask(**given)
    assert answer == status and (document or {}).get("code") == code, document
    assert code is None or (document["Code"], document["Message"]) == (code, document["message"])
    assert "SecretAccessKey" not in str(document) and served.ask()[0] == 200


def test_a_client_that_names_no_port_is_served(served):
    assert served.ask(host="127.0.0.1")[0] == 200


def test_one_program_is_not_served_anothers_role(person, served):
    other = Served(person, "--sso-session", "corp", "--account-id", "111122223333", "--role-name", "Administrator")
    try:
        assert other.port != served.port and served.ask(token=other.token)[0] == 401
        assert other.ask()[1]["AccountId"] == "111122223333" and served.ask()[1]["AccountId"] == ACCOUNT
    finally:
        other.end()


def test_while_iamic_is_locked_the_endpoint_stays_and_says_so(person, served):
    person.call("Lock")
    status, document = served.ask()
    assert (status, document["code"]) == (403, "AccessDenied")
    assert document["message"] == "iamic is locked: run 'iamic unlock'"
    person.call("Unlock")
    wait_for(lambda: served.ask()[0] == 200, 10, lambda: served.ask())


def test_a_profile_that_is_changed_gives_a_running_program_no_other_role(person, served):
    person.write_aws_config(person.aws_config.read_text().replace(f"{ACCOUNT} --role-name {ROLE}",
                                                                  "111122223333 --role-name Administrator"))
    wait_for(lambda: json.loads(person.credential_process("--profile", "dev").out)["AccountId"] == "111122223333", 10,
             lambda: "not re-read")
    assert served.ask()[1]["AccountId"] == ACCOUNT


def test_it_ends_with_the_program(served):
    served.end()

    def is_gone():
        try:
            served.ask()
        except (ConnectionRefusedError, ConnectionResetError):
            return True
        return False
    wait_for(is_gone, 5, lambda: "the port still answers")


def test_it_keeps_a_daemon_that_leaves_when_nobody_asks(home):
    """Whoever gets its port next would be sent the program's token, and could send it credentials of their own."""
    home.write_config("idle_exit = 1s\n")
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    served, pid = Served(home, "--profile", "dev"), home.daemon_pid()
    try:
        time.sleep(2.5)
        assert served.ask()[0] == 200 and home.daemon_pid() == pid
    finally:
        served.end()
    wait_for(lambda: stat_fields(pid)[:1] in ([], ["Z"]), 10, lambda: "it stays")


def test_it_outlasts_the_credentials_it_began_with(person, practice):
    practice.set(role_life=6)
    served = Served(person, *UNUSED)
    try:
        first = served.ask()[1]["AccessKeyId"]
        wait_for(lambda: (served.ask()[1] or {}).get("AccessKeyId") not in (None, first), 15, lambda: "never renewed",
                 pause=0.5)
    finally:
        served.end()


def test_who_asks_for_what_has_expired_waits_for_it(person, practice):
    """Some SDKs do not try again: a fetch of a moment is no error."""
    practice.set(role_life=2)
    served = Served(person, *UNUSED)
    try:
        first = served.ask()[1]["AccessKeyId"]
        time.sleep(2.2)
        practice.set(role_life=3600)
        assert served.ask()[1]["AccessKeyId"] != first
    finally:
        served.end()


def test_who_would_wait_too_long_is_told_to_try_again(person, practice):
    practice.set(role_life=2)
    served = Served(person, *UNUSED)
    try:
        practice.fault("GetRoleCredentials", "delay", seconds=3)
        time.sleep(2.2)
        began = time.monotonic()
        status, document = served.ask()
        assert status == 503 and document["code"] == "Unavailable" and 0.7 < time.monotonic() - began < 2
        practice.set(role_life=3600)
        wait_for(lambda: served.ask()[0] == 200, 10, lambda: "not served later", pause=0.3)
    finally:
        served.end()


def test_after_a_logout_it_says_what_to_do(person, served):
    person.iamic("logout")
    status, document = served.ask()
    assert status == 403 and document["message"] == "session 'corp' is signed out: run 'iamic-login corp'"
    person.sign_in()
    wait_for(lambda: served.ask()[0] == 200, 10, lambda: "not served after a new sign-in", pause=0.3)


def test_where_on_demand_wants_it_a_sign_in_begins_and_it_says_its_address(person, served):
    person.write_config("on_demand = code\n")
    person.iamic("logout")
    wait_for(lambda: "and approve" in served.ask()[1]["message"], 10, lambda: served.ask())
    person.practice.approve()
    wait_for(lambda: served.ask()[0] == 200, 10, lambda: served.ask())
    assert person.practice.count("StartDeviceAuthorization") == 2


def test_who_is_signed_out_gets_no_program(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    result = home.iamic("exec", "--server", "--profile", "dev", "--", "/bin/touch", home.path / "ran")
    assert (result.status, result.out) == (125, "") and "iamic-login corp" in result.err
    assert not (home.path / "ran").exists()


def test_an_aws_that_is_slow_is_told_in_time(person, practice):
    practice.fault("GetRoleCredentials", "delay", times=None, seconds=30)
    result = person.run("iamic", "exec", "--server", *UNUSED, "--", "/bin/true")
    assert result.status == 125 and "AWS has not answered in time: try again" in result.err, result


def test_keys_are_not_in_its_environment(person):
    result = person.run("iamic", "exec", "--server", "--profile", "dev", "--", "/usr/bin/env", prints_credentials=True,
                        env={"AWS_ACCESS_KEY_ID": "AKIAFOREIGN", "AWS_SECRET_ACCESS_KEY": "f"})
    names = {line.partition("=")[0] for line in result.out.splitlines()}
    assert {URI, TOKEN, "IAMIC_PROFILE", "AWS_REGION"} <= names
    assert not names & {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"}


def test_the_aws_cli_takes_it_over_an_expiry(person, practice):
    practice.set(role_life=4)
    command = f"aws --endpoint-url {practice.url} sts get-caller-identity --query Account --output text"
    result = person.run("iamic", "exec", "--server", *UNUSED, "--region", "us-east-1", "--", "/bin/sh", "-c",
                        f"{command}; sleep 4.2; {command}", timeout=60)
    assert result.out == f"{ACCOUNT}\n{ACCOUNT}\n", result
    keys = [json.dumps(request["signed_by"]) for request in practice.requests("GetCallerIdentity")][-2:]
    assert len(set(keys)) == 2, keys


def test_a_silent_visitor_keeps_nobody_out(served):
    idle = [http.client.HTTPConnection("127.0.0.1", served.port, timeout=5) for _ in range(20)]
    for connection in idle:
        connection.connect()
    assert served.ask()[0] == 200
    for connection in idle:
        connection.close()


def test_the_token_is_in_no_log_and_no_status(person, served):
    text = person.iamic("status", "--json").out
    assert served.token not in text
    for path in person.base.rglob("*"):
        if path.is_file() and "prints-credentials" not in path.name:
            assert served.token not in path.read_text(errors="replace"), path


def test_many_endpoints_are_bounded(person):
    client = person.client()
    target = {"profile": "dev"}
    for _ in range(64):
        client.call("ServeRole", target=target)
    with pytest.raises(Exception, match="64 programs have endpoints already"):
        client.call("ServeRole", target=target)
    assert person.credential_process(*BY_ROLE).status == 0
