"""The main job, as README tells it: one sign-in, and then the AWS CLI has credentials."""
import json
import shlex

import pytest

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)


@pytest.fixture
def person(home):
    """Someone whose AWS configuration names a session and a profile, and who has started nothing yet."""
    home.configure({"dev": (ACCOUNT, ROLE)})
    return home


@pytest.mark.quick
def test_one_sign_in_then_the_aws_cli_has_credentials(person, practice):
    login = person.sign_in()
    assert "approve only if the page shows" in login.out + login.err

    identity = person.aws("--profile", "dev", "sts", "get-caller-identity")
    assert identity.status == 0, identity
    arn = json.loads(identity.out)["Arn"]
    assert arn.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_{ROLE}_")
    assert (identity.err, len(person.daemon_pids())) == ("", 1)
    for operation in ("RegisterClient", "StartDeviceAuthorization", "GetRoleCredentials"):
        assert practice.count(operation) == 1, operation


@pytest.mark.quick
def test_before_the_sign_in_the_shim_says_what_to_do_and_asks_nobody(person, practice):
    result = person.credential_process(*SHIM)
    assert (result.status, result.out) == (3, "")
    assert result.err == "iamic: session 'corp' is signed out: run 'iamic-login corp'\n"
    assert practice.requests() == []


def test_the_command_that_it_says_can_be_typed_where_the_name_has_a_blank(home, practice):
    practice.auto_approve()
    home.configure(session="'my corp'")
    result = home.iamic("accounts")
    assert (result.status, result.err) == (3, "iamic: session 'my corp' is signed out: run iamic-login 'my corp'\n")
    typed = shlex.split(result.err.partition("run ")[2])
    assert home.run(home.program(typed[0]), *typed[1:]).status == 0
    assert home.iamic("accounts").status == 0
    denied = home.iamic("whoami", "--account-id", ACCOUNT, "--role-name", "Nonsense")
    assert denied.status == 4 and denied.err.endswith(": iamic login --force 'my corp'\n"), denied
    for operation, words in (("GetRoleCredentials", ("whoami", "--account-id", ACCOUNT, "--role-name", "Billing")),
                             ("ListAccounts", ("accounts",))):
        assert home.iamic("login").status == 0
        practice.fault(operation, "status", times=None, status=401, code="UnauthorizedException")
        refused = home.iamic(*words)
        assert (refused.status, refused.err) == (3, "iamic: session 'my corp' is no longer accepted: run iamic-login "
                                                    "--force 'my corp'\n"), refused
        practice.clear_faults()


@pytest.mark.quick
def test_a_warm_answer_is_one_document_and_no_request(person, practice):
    person.sign_in()
    first, second = person.credential_process(*SHIM), person.credential_process(*SHIM)
    assert (first.status, first.err, second.out) == (0, "", first.out)
    document = json.loads(first.out)
    assert list(document) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"]
    assert (document["Version"], document["AccountId"]) == (1, ACCOUNT)
    assert practice.count("GetRoleCredentials") == 1


@pytest.mark.quick
def test_an_arn_alone_is_of_the_only_session(person):
    person.sign_in()
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{ROLE}_0123456789abcdef"
    by_arn, named = person.credential_process("--role-arn", arn), person.credential_process(*SHIM)
    assert (by_arn.status, by_arn.out) == (0, named.out), by_arn
    assert json.loads(person.iamic("whoami", "--json", "--role-arn", arn).out)["Account"] == ACCOUNT


@pytest.mark.quick
def test_status_tells_of_the_session_and_the_role(person):
    person.sign_in()
    person.credential_process(*SHIM)
    status = json.loads(person.iamic("status", "--json").out)
    assert [(session["name"], session["state"]) for session in status["sessions"]] == [("corp", "ready")]
    assert [(role["accountId"], role["roleName"]) for role in status["roles"]] == [(ACCOUNT, ROLE)]
    assert status["socket"] == str(person.socket)
    assert person.call("Status")["pid"] == status["pid"] == person.daemon_pid()
