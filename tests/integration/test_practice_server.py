"""The practice Identity Center as a program: certificates, first line, its end, and the real clients of AWS."""

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time

import botocore
import botocore.config
import botocore.session
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice import client  # noqa: E402
from practice.client import Practice  # noqa: E402
from practice.speaker import DEVICE, SCOPES  # noqa: E402

pytest_plugins = ["practice.fixtures"]

COMMAND = ["/usr/bin/python3", str(client.SERVER)]


def gone(pid, within=5):
    """Whether a process that is not our child ends."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def start(tmp_path, *options, **how):
    """A server by hand: (process, first line)."""
    process = subprocess.Popen([*COMMAND, "--state", str(tmp_path), *options], stdout=subprocess.PIPE,
                               env={"PATH": "/usr/bin:/bin"}, **how)
    return process, json.loads(process.stdout.readline())


def end(process):
    process.terminate()
    process.wait(5)
    process.stdout.close()


# The program.


def test_the_first_line_says_where(tmp_path):
    process, place = start(tmp_path, stdin=subprocess.DEVNULL)
    try:
        assert place["url"] == f"https://localhost:{place['port']}"
        assert place["startUrl"] == place["url"] + "/start"
        assert place["pid"] == process.pid
        assert (place["ca"], place["region"]) == (str(tmp_path / "certificates/ca.pem"), "us-east-1")
    finally:
        end(process)


def test_the_start_is_quick_once_there_are_certificates(tmp_path):
    Practice.start(tmp_path).stop()
    begun = time.monotonic()
    with Practice.start(tmp_path):
        assert time.monotonic() - begun < 0.5 * (1 + os.getloadavg()[0])


def test_certificates_are_kept_and_private(tmp_path):
    with Practice.start(tmp_path) as practice:
        before = pathlib.Path(practice.ca).read_bytes()
    with Practice.start(tmp_path) as practice:
        assert pathlib.Path(practice.ca).read_bytes() == before
    for key in ("ca.key", "server.key"):
        assert (tmp_path / "certificates" / key).stat().st_mode & 0o777 == 0o600


def test_other_names_make_other_certificates(tmp_path):
    with Practice.start(tmp_path, hostname=["oidc.eu-west-1.amazonaws.com"]) as practice:
        with socket.create_connection(("127.0.0.1", practice.port), 5) as plain, \
                practice.context.wrap_socket(plain, server_hostname="oidc.eu-west-1.amazonaws.com") as tls:
            assert ("DNS", "oidc.eu-west-1.amazonaws.com") in tls.getpeercert()["subjectAltName"]


def test_two_servers_may_make_certificates_in_one_folder_at_once(tmp_path):
    processes = [subprocess.Popen([*COMMAND, "--state", str(tmp_path)], stdout=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL) for _ in range(4)]
    places = [json.loads(process.stdout.readline()) for process in processes]
    try:
        assert len({place["port"] for place in places}) == 4
        for place in places:
            Practice(place).check()
    finally:
        for process in processes:
            end(process)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_the_certificate_is_good_for_every_loopback_name(center, host):
    address = "127.0.0.1" if host == "localhost" else host
    try:
        plain = socket.create_connection((address, center.port), 5)
    except OSError:
        assert host == "::1" and not pathlib.Path("/proc/net/if_inet6").read_text(), "no listener on ::1"
        return
    with plain, center.context.wrap_socket(plain, server_hostname=host) as tls:
        assert tls.version() in ("TLSv1.2", "TLSv1.3")


def test_our_authority_vouches_for_nothing_but_loopback(center, tmp_path):
    folder = pathlib.Path(center.ca).parent
    (tmp_path / "names").write_text("subjectAltName = DNS:example.com\n")
    run = {"cwd": tmp_path, "check": True, "capture_output": True}
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", "key", "-out", "request", "-subj", "/CN=example.com"], **run)
    subprocess.run(["openssl", "x509", "-req", "-in", "request", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
                    "-extfile", "names", "-out", "certificate"], **run)
    verdict = subprocess.run(["openssl", "verify", "-CAfile", folder / "ca.pem", "certificate"], cwd=tmp_path,
                             capture_output=True, text=True)
    assert verdict.returncode != 0 and "permitted subtree violation" in verdict.stderr


def test_a_client_that_does_not_know_the_authority_is_turned_away(center):
    with socket.create_connection(("127.0.0.1", center.port), 5) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_nothing_is_written_outside_the_state_folder(tmp_path):
    tree = client.SERVER.parent
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*") if "__pycache__" not in path.parts}
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    elsewhere.mkdir()
    process, place = start(state, cwd=elsewhere, stdin=subprocess.DEVNULL)
    try:
        Practice(place).check()
    finally:
        end(process)
    assert list(elsewhere.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*") if "__pycache__" not in path.parts} == before
    assert {path.name for path in state.iterdir()} == {"certificates", "lock"}


@pytest.mark.parametrize("method, action, content_type", [
    ("GET", "violations", "application/json"), ("POST", "violations", "text/plain"),
    ("POST", "__init__", "application/json"), ("POST", "nothing", "application/json"),
])
def test_the_control_takes_only_json_that_is_posted(center, speaker, method, action, content_type):
    answer = speaker.request(method, f"/_practice/{action}", b"{}", {"Content-Type": content_type})
    assert answer.status == 404


def test_several_ports_serve_the_same(tmp_path):
    with Practice.start(tmp_path, port_count=2) as practice:
        assert len(set(practice.ports)) == 2
        place = {"url": f"https://localhost:{practice.ports[1]}", "ca": practice.ca, "startUrl": practice.start_url,
                 "region": practice.region, "port": practice.ports[1], "ports": practice.ports, "pid": practice.pid}
        other = Practice(place)
        other.fetch("GET", "/nowhere")
        assert len(practice.violations()) == 1
        assert practice.requests()[0]["port"] == practice.ports[1]


def test_a_port_that_is_taken_is_an_error(tmp_path):
    with Practice.start(tmp_path) as practice:
        with pytest.raises(RuntimeError, match="did not start"):
            Practice.start(tmp_path, port=practice.port)


def test_settings_come_from_a_file(tmp_path):
    with Practice.start(tmp_path, user="carol@example.org", auto_approve=True) as practice:
        assert practice.set()["user"] == "carol@example.org"
        assert practice.set()["auto_approve"] is True


def test_a_setting_that_is_unknown_is_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="no setting nonsense"):
        Practice.start(tmp_path, nonsense=1)


# Its end.


PARENT = """
import subprocess, sys
sys.dont_write_bytecode = True
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stdin={stdin})
print(process.stdout.readline().decode(), flush=True)
sys.stdin.readline()
import os
os._exit(0)
"""


def orphan(tmp_path, stdin, *options):
    """The first line of a server whose parent has ended."""
    parent = subprocess.Popen(["/usr/bin/python3", "-c", PARENT.format(stdin=stdin), *COMMAND, "--state",
                               str(tmp_path), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    place = json.loads(parent.stdout.readline())
    parent.communicate(b"\n")
    return place


@pytest.mark.parametrize("stdin", ["subprocess.DEVNULL", "subprocess.PIPE"])
def test_it_ends_with_its_parent(tmp_path, stdin):
    assert gone(orphan(tmp_path, stdin)["pid"])


def test_it_ends_with_its_input_when_that_is_a_pipe(tmp_path):
    process, _ = start(tmp_path, stdin=subprocess.PIPE)
    process.stdin.close()
    assert process.wait(5) == 0
    process.stdout.close()


def test_it_outlives_its_parent_when_asked_to(tmp_path):
    place = orphan(tmp_path, "subprocess.PIPE", "--keep")
    try:
        assert not gone(place["pid"], 0.3)
        Practice(place).check()
    finally:
        os.kill(place["pid"], signal.SIGTERM)
    assert gone(place["pid"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_a_signal_with_connections_open(tmp_path, number):
    process, place = start(tmp_path, stdin=subprocess.DEVNULL)
    practice = Practice(place)
    with socket.create_connection(("127.0.0.1", place["port"]), 5) as plain, \
            practice.context.wrap_socket(plain, server_hostname="localhost"):
        process.send_signal(number)
        assert process.wait(5) == 0
    process.stdout.close()


# AWS's own clients find nothing amiss, and nothing amiss is found in them.


@pytest.fixture
def service(center, monkeypatch):
    """A client of botocore for a service."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)

    def make(name, credentials=None):
        keys = {"aws_access_key_id": credentials["accessKeyId"], "aws_session_token": credentials["sessionToken"],
                "aws_secret_access_key": credentials["secretAccessKey"]} if credentials else {}
        config = botocore.config.Config(signature_version=None if keys else botocore.UNSIGNED,
                                        retries={"max_attempts": 0})
        return botocore.session.get_session().create_client(name, "eu-central-1", endpoint_url=center.url,
                                                            verify=center.ca, config=config, **keys)
    return make


def test_botocore_signs_in_lists_gets_credentials_and_learns_who_it_is(center, service):
    oidc, portal = service("sso-oidc"), service("sso")
    registered = oidc.register_client(clientName="botocore", clientType="public", scopes=SCOPES)
    names = {name: registered[name] for name in ("clientId", "clientSecret")}
    device = oidc.start_device_authorization(**names, startUrl=center.start_url)
    with pytest.raises(oidc.exceptions.AuthorizationPendingException):
        oidc.create_token(**names, grantType=DEVICE, deviceCode=device["deviceCode"])
    center.approve()
    tokens = oidc.create_token(**names, grantType=DEVICE, deviceCode=device["deviceCode"])
    tokens = oidc.create_token(**names, grantType="refresh_token", refreshToken=tokens["refreshToken"])
    token = tokens["accessToken"]
    center.set(page_size=2)
    accounts = portal.get_paginator("list_accounts").paginate(accessToken=token).build_full_result()["accountList"]
    assert len(accounts) == 3
    roles = portal.list_account_roles(accessToken=token, accountId="111122223333", maxResults=100)["roleList"]
    assert len(roles) == 2
    credentials = portal.get_role_credentials(accessToken=token, accountId="111122223333", roleName="Power+User")
    sts = service("sts", credentials["roleCredentials"])
    assert "assumed-role/AWSReservedSSO_Power+User_" in sts.get_caller_identity()["Arn"]
    assumed = sts.assume_role(RoleArn="arn:aws:iam::999988887777:role/X", RoleSessionName="me")
    assert assumed["Credentials"]["Expiration"].tzinfo
    portal.logout(accessToken=token)
    with pytest.raises(portal.exceptions.UnauthorizedException):
        portal.list_accounts(accessToken=token)
    center.check()


def test_botocore_names_every_error_as_the_model_does(center, service):
    oidc, portal = service("sso-oidc"), service("sso")
    center.fault("RegisterClient", "status", status=400, code="InvalidScopeException")
    with pytest.raises(oidc.exceptions.InvalidScopeException):
        oidc.register_client(clientName="x", clientType="public")
    center.fault("ListAccounts", "throttle")
    with pytest.raises(portal.exceptions.TooManyRequestsException):
        portal.list_accounts(accessToken=center.token())
    with pytest.raises(portal.exceptions.ClientError, match="ForbiddenException"):
        portal.get_role_credentials(accessToken=center.token(), accountId="111122223333", roleName="Nobody")
    center.check()


def test_the_aws_command_line_learns_who_it_is(center, speaker, tmp_path):
    role = speaker.role()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_CA_BUNDLE": center.ca,
                   "AWS_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": role["accessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": role["secretAccessKey"], "AWS_SESSION_TOKEN": role["sessionToken"]}
    command = ["/usr/bin/aws", "--endpoint-url", center.url, "sts", "get-caller-identity", "--output", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    arn = json.loads(done.stdout)["Arn"]
    assert arn.startswith("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnly_")
    center.check()
    environment["AWS_SECRET_ACCESS_KEY"] = role["secretAccessKey"][:-1] + "x"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 254 and "SignatureDoesNotMatch" in done.stderr
    assert center.violations()
