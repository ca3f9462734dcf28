"""iamic doctor: what it finds on this machine and in the account, and what it says to do."""
import json
import os

import pytest

from practice.directory import INSTANCE
from scripted_agent import status

ACCOUNT, ROLE = "012345678901", "ReadOnly"
ADMIN = ("--sso-session", "corp", "--account-id", "111122223333", "--role-name", "Administrator")


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.env["AWS_PROFILE"] = "dev"
    return home


@pytest.fixture
def signed_in(person):
    person.sign_in()
    return person


def doctor(person, *words, env=None):
    """Without the AWS CLI, which takes its time to say its version."""
    result = person.iamic("doctor", "--json", *words, timeout=60, env={"PATH": "/nonexistent", **(env or {})})
    assert result.err == "", result
    findings = json.loads(result.out)["findings"]
    assert all(list(one) == ["id", "status", "object", "text", "fix"] for one in findings)
    assert result.status == (1 if any(one["status"] == "fail" for one in findings) else 0), result
    return findings


def of(findings, id):
    return [one for one in findings if one["id"] == id]


def the(findings, id):
    one, = of(findings, id)
    return one


def bad(findings):
    return {one["id"] for one in findings if one["status"] in ("warn", "fail")}


@pytest.mark.quick
def test_nothing_is_wrong_with_a_machine_that_is_set_up(signed_in):
    """But for the store: without a keyring, the practice person's sign-ins are in a file."""
    findings = doctor(signed_in, env={"PATH": signed_in.env["PATH"]})
    assert bad(findings) == set() and the(findings, "aws-cli")["text"].startswith("aws-cli/2.")
    assert {one["id"] for one in findings} >= {
        "daemon", "socket", "store", "clock", "network", "configuration", "session", "environment", "aws-cli",
        "browser", "profiles", "static-keys", "plain-text-tokens", "identity", "root-mfa", "root-keys", "cloudtrail",
        "identity-center", "session-duration"}
    out = signed_in.iamic("doctor").out
    assert "ok       root of 012345678901: has MFA" in out and "FAILED" not in out


def test_the_account_is_held_against_the_tutorials_list(signed_in):
    findings = doctor(signed_in, *ADMIN)
    assert ":assumed-role/AWSReservedSSO_Administrator_" in the(findings, "identity")["text"]
    assert the(findings, "cloudtrail")["text"] == "trail 'management' is logging in every region"
    assert the(findings, "identity-center")["text"] == f"{INSTANCE} in us-east-1 is ACTIVE"
    assert the(findings, "session-duration")["text"] == "gives credentials that last 8h"
    assert the(findings, "session-duration")["object"] == "permission set 'Administrator'"


@pytest.mark.parametrize("account, id, status, said", [
    ({"root_mfa": False}, "root-mfa", "fail", "has no MFA"),
    ({"root_keys": 1}, "root-keys", "fail", "has access keys"),
    ({"trails": []}, "cloudtrail", "fail", "has no trail"),
    ({"trails": [{"name": "a", "logging": False}]}, "cloudtrail", "fail", "none is logging"),
    ({"trails": [{"name": "a", "logging": False}, {"name": "b", "logging": True}]}, "cloudtrail", "ok", "'b'"),
    ({"instance_status": "CREATE_FAILED"}, "identity-center", "warn", "CREATE_FAILED"),
    ({"session_duration": "PT1H30M"}, "session-duration", "ok", "1h30m"),
    ({"refuse": ["GetAccountSummary"]}, "root-mfa", "unknown", "lacks the permission iam:GetAccountSummary"),
    ({"refuse": ["DescribeTrails"]}, "cloudtrail", "unknown", "lacks the permission cloudtrail:DescribeTrails"),
    ({"refuse": ["GetTrailStatus"]}, "cloudtrail", "unknown", "may not read"),
    ({"refuse": ["ListInstances"]}, "identity-center", "unknown", "lacks the permission sso:ListInstances"),
    ({"refuse": ["ListPermissionSets"]}, "session-duration", "unknown", "lacks the permission sso:ListPermissionSets"),
])
def test_what_the_account_lacks(signed_in, practice, account, id, status, said):
    usual = {"root_mfa": True, "root_keys": 0, "trails": [{"name": "management", "logging": True}],
             "session_duration": "PT8H", "instance_status": "ACTIVE", "refuse": []}
    practice.set(account={**usual, **account})
    found = the(doctor(signed_in, *ADMIN), id)
    assert found["status"] == status and said in found["text"], found
    assert found["status"] != "fail" or found["fix"]


def test_a_guest_networks_page_is_no_summary_of_the_account(signed_in, practice):
    practice.fault("GetAccountSummary", "garbage", times=None)
    found = the(doctor(signed_in, *ADMIN), "root-mfa")
    assert found["status"] == "unknown" and "is not understood: check the proxy" in found["text"]


def test_a_permission_set_that_is_not_there(signed_in, practice):
    """A role of another instance, or one that was taken away a moment ago."""
    assert signed_in.iamic("whoami", *ADMIN).status == 0
    practice.set(accounts=[{"accountId": "111122223333", "roles": ["ReadOnly"]}])
    found = the(doctor(signed_in, *ADMIN), "session-duration")
    assert found["status"] == "unknown" and "is not among the permission sets of this instance" in found["text"]


def test_who_is_signed_out_hears_of_the_machine_alone(person):
    findings = doctor(person)
    assert the(findings, "session")["fix"] == "iamic-login corp"
    assert the(findings, "identity")["status"] == "unknown" and not of(findings, "root-mfa")


def test_who_has_no_profile_yet_hears_what_makes_one(person):
    person.configure()
    del person.env["AWS_PROFILE"]
    found = the(doctor(person), "profiles")
    assert (found["status"], found["text"], found["fix"]) == ("warn", "has no profile of iamic's", "iamic configure")


def test_of_a_store_that_is_being_read_nothing_is_claimed(cli):
    store = {"kind": "auto", "state": "loading", "protects": "not known yet", "lastError": None}
    cli.agent.answers.update({"Status": status(store=store), "Call": {"status": 403, "body": "{}"}})
    found = the(doctor(cli), "store")
    assert (found["status"], found["text"]) == ("unknown", "is still being read")


def test_keys_in_the_environment(signed_in):
    found = the(doctor(signed_in, env={"AWS_ACCESS_KEY_ID": "AKIAFOREIGN"}), "environment")
    assert found["status"] == "warn" and found["fix"].startswith("unset AWS_ACCESS_KEY_ID")
    inside = signed_in.run("iamic", "exec", "--", signed_in.program("iamic"), "doctor", "--json", timeout=60)
    assert the(json.loads(inside.out)["findings"], "environment")["status"] == "ok"


CREDENTIALS = """[dev]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
[old] ; a comment
AWS_Access_Key_ID=AKIAI44QH8DHBEXAMPLE
[short]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
[none]
region = us-east-1
"""


def test_static_keys(signed_in):
    path = signed_in.write(".aws/credentials", CREDENTIALS)
    result = signed_in.iamic("doctor", "--json", timeout=60)
    found = of(json.loads(result.out)["findings"], "static-keys")
    assert [(one["object"], one["status"]) for one in found] == [
        (f"[dev] in {path}", "fail"), (f"[old] in {path}", "warn"), (f"[short] in {path}", "warn")]
    assert "win over the profile's credential_process" in found[0]["text"] and f"{path}:2" in found[0]["fix"]
    assert "delete them in IAM" in found[1]["fix"] and "short-lived" in found[2]["text"]
    for secret in ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "AKIAI44QH8DHBEXAMPLE"):
        assert secret not in result.out
    path.unlink()


def test_files_that_others_can_read_or_write(signed_in):
    path = signed_in.write(".aws/credentials", "", 0o644)
    signed_in.aws_config.chmod(0o666)
    found = of(doctor(signed_in), "permissions")
    assert {(one["object"], one["fix"]) for one in found} == {
        (str(path), f"chmod 600 '{path}'"), (str(signed_in.aws_config), f"chmod go-w '{signed_in.aws_config}'")}


def test_profiles_that_do_not_do_what_they_seem_to(signed_in):
    with open(signed_in.aws_config, "a") as config:
        config.write(f"[profile both]\nsso_session = corp\ncredential_process = "
                     f"{signed_in.program('iamic-credential-process')} --profile dev\n"
                     "[profile moved]\ncredential_process = /old/bin/iamic-credential-process --profile dev\n")
    findings = doctor(signed_in)
    assert the(findings, "sso-keys")["object"] == "profile 'both'"
    assert "remove the sso_* keys at " in the(findings, "sso-keys")["fix"]
    assert the(findings, "credential-process")["object"] == "profile 'moved'"
    assert the(findings, "credential-process")["status"] == "fail"


def test_plain_text_tokens_of_other_tools_are_found_and_cleaned(signed_in):
    token = signed_in.write(".aws/sso/cache/a.json", json.dumps({"accessToken": "x", "refreshToken": "y"}))
    registration = signed_in.write(".aws/sso/cache/b.json", json.dumps({"clientId": "x", "clientSecret": "y"}))
    role = signed_in.write(".aws/cli/cache/c.json", json.dumps({"ProviderType": "sso", "Credentials": {}}))
    found = of(doctor(signed_in), "plain-text-tokens")
    assert {one["object"] for one in found} == {str(token), str(role)}
    assert {one["status"] for one in found} == {"warn"} and token.exists() and role.exists()
    found = of(doctor(signed_in, "--clean"), "plain-text-tokens")
    assert {one["status"] for one in found} == {"ok"} and not token.exists() and not role.exists()
    assert registration.exists()
    assert the(doctor(signed_in), "plain-text-tokens")["status"] == "ok"


def test_a_link_to_a_token_is_not_called_removed(signed_in):
    token = signed_in.write("dotfiles/a.json", json.dumps({"accessToken": "x", "refreshToken": "y"}))
    link = signed_in.path / ".aws/sso/cache/a.json"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(token)
    found = the(doctor(signed_in, "--clean"), "plain-text-tokens")
    assert found["status"] == "fail" and found["object"] == str(link) and token.exists() and link.exists()


def test_a_store_that_keeps_nothing(person):
    person.write_config("store = memory\n")
    assert the(doctor(person), "store")["status"] == "warn"


def test_the_daemons_variables_beside_the_shells(signed_in):
    found = the(doctor(signed_in, env={"HTTPS_PROXY": "http://user:secret@proxy.example:3128"}), "network")
    assert found["status"] == "warn" and found["object"] == "HTTPS_PROXY" and "iamic-config(5)" in found["fix"]
    assert "secret" not in json.dumps(found)


def test_a_clock_that_is_an_hour_off(person, practice):
    practice.set(clock_skew=3600)
    person.sign_in()
    found = the(doctor(person), "clock")
    assert found["status"] == "fail" and "min slow" in found["text"] and found["fix"]


def test_without_the_aws_cli(signed_in):
    bin = signed_in.path / "bin"
    bin.mkdir()
    os.symlink("/usr/bin/env", bin / "env")
    assert the(doctor(signed_in, env={"PATH": bin}), "aws-cli")["status"] == "unknown"
    signed_in.write("bin/aws", "#!/bin/sh\necho aws-cli/1.18.69 Python/3.8.10 >&2\n", 0o700)
    assert the(doctor(signed_in, env={"PATH": f"{bin}:/bin"}), "aws-cli")["status"] == "warn"


def test_a_browser_that_is_not_there_is_a_finding(signed_in):
    missing = the(doctor(signed_in, env={"DISPLAY": ":0"}), "browser")
    assert missing["status"] == "warn" and "'xdg-open'" in missing["text"] and "xdg-utils" in missing["fix"]
    for env in ({}, {"DISPLAY": ":0", "BROWSER": "/bin/true %s"}):
        assert the(doctor(signed_in, env=env), "browser")["status"] == "ok"


def test_a_broken_configuration_is_a_finding(signed_in):
    signed_in.write_aws_config("broken\n")
    result = signed_in.iamic("doctor", "--json", timeout=60)
    findings = json.loads(result.out)["findings"]
    assert the(findings, "configuration")["status"] == "warn"
    assert the(findings, "profiles")["status"] == "fail"
    assert f"{signed_in.aws_config}:1" in the(findings, "profiles")["text"]


def test_no_daemon_is_a_finding_too(person):
    result = person.iamic("doctor", "--json", env={"IAMIC_SOCKET": "/nonexistent/socket"}, timeout=60)
    findings = json.loads(result.out)["findings"]
    assert result.status == 1 and the(findings, "daemon")["status"] == "fail"
    assert of(findings, "environment") and not of(findings, "identity")
