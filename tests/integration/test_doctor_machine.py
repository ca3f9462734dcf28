"""iamic doctor on this machine: the daemon, its way to AWS, the shell, AWS's files. A daemon of the test's own making
says what a real one says rarely; test_doctor.py asks the real one."""
import json
import os

import pytest
from findings import NOWHERE, Programs, answer, doctor, found, of, the
from scripted_agent import session, status

FILE = {"kind": "file", "state": "ready", "protects": "from some", "key": "credential"}


@pytest.fixture
def person(cli):
    """A person whose AWS configuration is the daemon's, with one profile of iamic's."""
    cli.env["AWS_CONFIG_FILE"] = str(cli.aws_config)
    cli.env["AWS_PROFILE"] = "dev"
    cli.write_aws_config(f"[profile dev]\ncredential_process = {cli.program('iamic-credential-process')} --x\n")
    cli.socket_folder = cli.base / "folder"
    cli.socket_folder.mkdir(mode=0o700)
    (cli.socket_folder / "socket").touch(0o600)
    answer(cli)
    says(cli)
    return cli


def says(home, *sessions, **members):
    """What the daemon is to say of itself."""
    given = {"store": FILE, "configFile": str(home.aws_config), "socket": f"{home.socket_folder}/socket",
             "warnings": [], "clockAhead": 0, **members}
    home.agent.answers["Status"] = status(*sessions, **given)


def look(home, id, env=None, complains=False):
    return the(doctor(home, env=env, complains=complains), id)


def test_a_machine_that_is_set_up_has_nothing_to_do(person):
    findings = doctor(person)
    assert {one["id"]: one["fix"] for one in findings if one["fix"]} == {"identity": "run 'iamic-login corp'"}
    assert {one["id"] for one in findings if one["status"] != "ok"} == {"identity", "aws-cli", "strict-unit"}


# The daemon.

def test_a_daemon_that_is_older_than_its_program(person):
    says(person, stale=True, pid=4711)
    assert found(doctor(person), "daemon") == ("warn", "iamicd", "kill 4711")


def test_a_socket_that_is_open_to_others(person):
    socket = person.socket_folder / "socket"
    assert found(doctor(person), "socket") == ("ok", str(socket), None)
    person.socket_folder.chmod(0o755)
    assert found(doctor(person), "socket") == ("ok", str(socket), None)
    socket.chmod(0o666)
    assert found(doctor(person), "socket") == ("warn", str(socket), f"chmod 600 {socket}")
    person.socket_folder.chmod(0o775)
    assert found(doctor(person), "socket") == (
        "warn", f"{person.socket_folder}/", f"chmod 700 {person.socket_folder}/")


@pytest.mark.parametrize("store, status, fix, said", [
    ({"state": "loading", "kind": "auto"}, "unknown", None, "is still being read"),
    ({"state": "locked", "lastError": "the keyring is locked"}, "fail", "iamic unlock", "is locked"),
    ({"state": "failing", "lastError": "no space"}, "fail", "see iamic-store(7) and iamic-config(5)", "no space"),
    ({"kind": "memory", "protects": "all"}, "warn", "store = auto in iamic's config keeps sign-ins", "all"),
    ({}, "ok", None, "protects from some")])
def test_the_store_and_what_it_protects_from(person, store, status, fix, said):
    says(person, store={**FILE, **store})
    one = look(person, "store")
    assert (one["status"], one["fix"]) == (status, fix) and said in one["text"]


@pytest.mark.parametrize("members, status, fix, said", [
    ({"state": "ready"}, "ok", None, "is signed in"),
    ({"state": "refreshing"}, "ok", None, "is signed in"),
    ({"state": "signed_out"}, "unknown", "iamic-login corp", "is signed out"),
    ({"state": "locked"}, "unknown", "iamic unlock", "is locked"),
    ({"state": "signed_out", "lastError": "it was long ago"}, "warn", "iamic-login corp", "it was long ago"),
    ({"state": "ready", "lastError": "AWS is away: try again later"}, "warn", "try again later", "AWS is away")])
def test_the_sessions(person, members, status, fix, said):
    says(person, session(**members))
    one = look(person, "session")
    assert (one["status"], one["object"], one["fix"]) == (status, "session 'corp'", fix) and said in one["text"]


def test_what_the_daemon_warns_of(person):
    says(person, warnings=["a.conf:3: there is no key 'x'"])
    one = look(person, "configuration", complains=True)
    assert (one["status"], one["fix"]) == ("warn", "see iamic-config(5)") and "a.conf:3" in one["text"]


def test_another_configuration_than_the_daemons(person):
    other = person.write("other", "")
    findings = doctor(person, env={"AWS_CONFIG_FILE": other}, complains=True)
    one = next(one for one in of(findings, "configuration") if one["status"] == "warn")
    assert one["object"] == str(other) and f"aws_config_file = {other} in iamic's config" in one["fix"]


# The way to AWS.

def test_variables_of_the_network_that_differ(person):
    says(person, network={"AWS_ENDPOINT_URL": "https://a.example", "NO_PROXY": "b.example"}, pid=4711)
    env = {"AWS_ENDPOINT_URL": "https://c.example", "HTTPS_PROXY": "http://me:secret@p.example:3128",
           "AWS_USE_FIPS_ENDPOINT": "true"}
    findings = doctor(person, env=env, complains=True)
    one = the(findings, "network")
    assert (one["status"], one["object"]) == (
        "warn", "HTTPS_PROXY, NO_PROXY, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT")
    assert one["fix"].splitlines() == [
        f"write into {person.path}/.config/iamic/config: https_proxy = http://USER:PASSWORD@p.example:3128",
        "kill 4711"]
    assert "secret" not in json.dumps(findings)


@pytest.mark.parametrize("network, env, status, said", [
    ({}, {}, "ok", "none is set"),
    ({"HTTPS_PROXY": "http://p:1"}, {"HTTPS_PROXY": "http://p:1"}, "ok", "http://p:1 is in force"),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a,b"}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a,b"}, "ok",
     "but for a,b"),
    ({}, {"http_proxy": "http://p:1"}, "warn", "is not for https"),
    ({}, {"HTTP_PROXY": "http://p:1"}, "warn", "is not for https")])
def test_the_proxy(person, network, env, status, said):
    says(person, network=network)
    one = look(person, "proxy", env)
    assert one["status"] == status and said in one["text"]


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("text, status, said", [
    (CERTIFICATE, "ok", "1 certificate is trusted"), (CERTIFICATE * 3, "ok", "3 certificates are trusted"),
    ("nothing", "fail", "has no certificate in it"), ("", "fail", "has no certificate"),
    (None, "fail", "is not there")])
def test_the_certificates_of_a_company(person, text, status, said):
    path = person.path / "ca.pem" if text is None else person.write("ca.pem", text)
    says(person, network={"AWS_CA_BUNDLE": str(path)})
    one = look(person, "ca", {"AWS_CA_BUNDLE": path})
    assert (one["status"], one["object"]) == (status, str(path)) and said in one["text"]
    assert status == "ok" or "ca_bundle" in one["fix"]


def test_certificates_that_cannot_be_read(person):
    folder = person.path / "folder"
    folder.mkdir()
    says(person, network={"AWS_CA_BUNDLE": str(folder)})
    assert look(person, "ca", {"AWS_CA_BUNDLE": folder})["status"] == "fail"


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_that_only_other_tools_are_told_of(person, name):
    one = look(person, "ca", {name: "/etc/company.pem"})
    assert (one["status"], one["object"]) == ("warn", name) and "ca_bundle = /etc/company.pem" in one["fix"]


def unavailable(call):
    call.error("Unavailable", message="https://oidc: its proxy http://p is not reachable: refused: check the network")


def test_what_is_in_the_way_is_said_also_to_who_is_signed_out(person):
    assert found(doctor(person), "reach") == ("ok", "https://oidc.us-east-1.amazonaws.com", None)
    assert person.agent.parameters_of("Reach") == [{"session": "corp"}]
    answer(person, Reach=unavailable)
    one = look(person, "reach")
    assert (one["status"], one["fix"]) == ("fail", "check the network")
    assert one["text"] == "https://oidc: its proxy http://p is not reachable: refused"


def test_by_which_way_it_answers(person):
    env = {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "direct.example"}
    says(person, network=env)
    for url, said in (("https://oidc.example", "answers through the proxy http://p:1"),
                      ("https://x.direct.example", "answers"), ("https://127.0.0.1:1", "answers")):
        answer(person, Reach={"url": url, "clockAhead": 0})
        assert (look(person, "reach", env)["text"], look(person, "reach", env)["object"]) == (said, url)


def test_a_daemon_that_cannot_be_asked_is_no_fault_of_the_network(person):
    answer(person, Reach=lambda call: call.error("Config", message="corp is not configured: add it"))
    assert look(person, "reach")["status"] == "unknown"


def test_where_no_session_is_configured_there_is_nobody_to_ask(person):
    says(person)
    person.agent.answers["Status"]["sessions"] = []
    assert found(doctor(person), "reach") == ("unknown", "AWS", "iamic configure")


@pytest.mark.parametrize("ahead, status, said", [
    (0, "ok", "agrees"), (240, "ok", "agrees"), (300, "fail", "5 min slow"), (-3600, "fail", "60 min fast")])
def test_the_clock(person, ahead, status, said):
    answer(person, Reach={"url": "https://oidc", "clockAhead": ahead})
    one = look(person, "clock")
    assert one["status"] == status and said in one["text"]
    assert status == "ok" or one["fix"] == "sudo timedatectl set-ntp true"
    assert status == "ok" or "wsl.exe --shutdown" in look(person, "clock", {"WSL_DISTRO_NAME": "Debian"})["fix"]


def test_a_clock_that_nobody_has_looked_at(person):
    answer(person, Reach=unavailable)
    assert look(person, "clock")["status"] == "ok", "the daemon has heard of AWS's before"
    says(person, clockAhead=None)
    assert look(person, "clock")["status"] == "unknown"


# The shell.

KEYS = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION"


@pytest.mark.parametrize("env, object, fix", [
    ({"AWS_ACCESS_KEY_ID": "AKIAX"}, "AWS_ACCESS_KEY_ID", KEYS),
    ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "x"}, "AWS_WEB_IDENTITY_TOKEN_FILE",
     "unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"),
    ({"AWS_DEFAULT_PROFILE": "other"}, "AWS_DEFAULT_PROFILE", "unset AWS_DEFAULT_PROFILE"),
    ({"AWS_PROFILE": "gone"}, "AWS_PROFILE=gone", "unset AWS_PROFILE, or: iamic use NAME")])
def test_variables_that_win_over_a_profile(person, env, object, fix):
    findings = doctor(person, env=env, complains=True)
    one = next(one for one in of(findings, "environment") if one["status"] != "ok")
    assert (one["status"], one["object"], one["fix"]) == ("warn", object, fix)


@pytest.mark.parametrize("env", [
    {}, {"AWS_ACCESS_KEY_ID": ""}, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, {"AWS_DEFAULT_PROFILE": "dev"},
    {"AWS_PROFILE": "elsewhere"}, {"AWS_ACCESS_KEY_ID": "ASIAX", "IAMIC_PROFILE": "dev"}])
def test_variables_that_do_no_harm(person, env):
    person.write(".aws/credentials", "[elsewhere]\nregion = us-east-1\n")
    assert look(person, "environment", env, complains=True)["status"] == "ok"


@pytest.mark.parametrize("script, status, said", [
    (None, "unknown", "is not installed"),
    ("echo aws-cli/2.9.19 Python/3.11.2", "ok", "aws-cli/2.9.19"),
    ("echo aws-cli/1.18.69 Python/3.8.10 >&2", "warn", "is version 1"),
    ("echo 'aws: no python' >&2; exit 1", "warn", "aws: no python"), ("exit 0", "warn", "does not tell its version")])
def test_the_aws_cli(person, script, status, said):
    programs = Programs(person)
    if script:
        programs.write("aws", script)
    one = look(person, "aws-cli", programs.env)
    assert one["status"] == status and said in one["text"]


def test_the_browser(person):
    programs = Programs(person)
    assert "none is opened here" in look(person, "browser")["text"]
    assert "'xdg-open' should open addresses, but is not here" in look(person, "browser", {"DISPLAY": ":1"})["text"]
    one = look(person, "browser", {"IAMIC_BROWSER": "open-it %u", **programs.env})
    assert one["status"] == "warn" and "'open-it %u' should open addresses" in one["text"]
    programs.write("open-it", "")
    one = look(person, "browser", {"IAMIC_BROWSER": "open-it %u", **programs.env})
    assert one["status"] == "ok" and "'open-it %u' opens addresses" in one["text"]
    person.write_config("browser = other-one\n")
    assert "'other-one' should open addresses" in look(person, "browser", {"DISPLAY": ":1"})["text"]


# AWS's files.

def test_a_file_without_profiles_of_iamics(person):
    person.write_aws_config("[profile dev]\nregion = x\n")
    assert found(doctor(person), "profiles") == ("warn", str(person.aws_config), "iamic configure")


def test_a_file_that_nobody_can_read(person):
    person.write_aws_config("[profile dev]\n[profile dev]\n")
    one = look(person, "profiles")
    assert (one["status"], one["fix"]) == ("fail", "merge the two sections")
    assert one["text"] == f"{person.aws_config}:2: [profile dev] stands in line 1 already"


def test_two_sections_of_default(person):
    text = person.aws_config.read_text()
    person.write_aws_config(f"{text}[default]\nregion = a\n[profile default]\nregion = b\n")
    one = next(one for one in of(doctor(person), "profiles") if one["status"] == "warn")
    assert one["fix"] == "make one section of lines 3 and 5" and "[default] and [profile default]" in one["text"]


def test_a_credentials_file_that_the_aws_cli_cannot_read(person):
    path = person.write(".aws/credentials", "[a]\nregion = x\n[a]\nregion = y\n")
    one = look(person, "credentials-file")
    assert (one["status"], one["object"], one["fix"]) == ("fail", str(path), "merge the two sections")
    person.write(".aws/credentials", "[a]\nregion = x\n")
    assert look(person, "credentials-file")["status"] == "ok"


@pytest.mark.parametrize("name, section", [("config", "profile dev"), ("credentials", "dev")])
@pytest.mark.parametrize("key, status, said", [
    ("AKIAIOSFODNN7EXAMPLE", "warn", "long-lived"), ("ASIAIOSFODNN7EXAMPLE", "warn", "short-lived")])
def test_keys_that_lie_in_a_file(person, name, section, key, status, said):
    """They beat the profile's credential_process; in a profile without one, they are there for who copies the file."""
    path = person.path / ".aws" / name
    before = path.read_text() if name == "config" else f"[{section}]\n"
    path.write_text(f"{before}aws_access_key_id = {key}\naws_secret_access_key = x\n")
    path.chmod(0o600)
    line = before.count("\n") + 1
    one = look(person, "static-keys")
    assert (one["status"], one["object"]) == ("fail", f"[{section}] in {path}")
    assert one["fix"].startswith(f"remove the keys at {path}:{line}") and key not in json.dumps(one)
    assert ("iam/home#/users" in one["fix"]) == ("long-lived" == said)
    path.write_text(f"[{section.replace('dev', 'old')}]\naws_access_key_id = {key}\n")
    one = look(person, "static-keys", {"AWS_PROFILE": None})
    assert one["status"] == status and said in one["text"]
    path.write_text("")


@pytest.mark.parametrize("name, mode, fix", [
    (".aws/config", 0o666, "chmod go-w"), (".aws/credentials", 0o640, "chmod 600"),
    (".aws/credentials", 0o604, "chmod 600"), (".aws", 0o770, "chmod go-w"),
    (".config/iamic/config", 0o644, "chmod 600")])
def test_what_others_can_read_or_write(person, name, mode, fix):
    person.write(".aws/credentials", "")
    person.write(".config/iamic/config", "https_proxy = http://me:secret@p.example:3128\n")
    says(person, network={"HTTPS_PROXY": "http://p.example:3128"})
    assert look(person, "permissions")["status"] == "ok"
    path = person.path / name
    path.chmod(mode)
    assert found(doctor(person), "permissions") == ("fail", str(path), f"{fix} {path}")


def test_who_has_no_home_hears_so(person):
    result = person.iamic("doctor", env={"HOME": None, "PATH": NOWHERE})
    assert result.status == 7 and "HOME" in result.err and result.out == ""


def test_a_file_that_cannot_be_read_is_not_called_free_of_keys(person):
    (person.path / ".aws/credentials").mkdir()
    assert look(person, "static-keys")["status"] == "unknown"
    os.rmdir(person.path / ".aws/credentials")
