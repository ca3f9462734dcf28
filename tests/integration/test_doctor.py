"""iamic doctor: what it finds with a real daemon, and in the account. The machine has test_doctor_machine.py."""
import json
import re

import pytest
from findings import NOWHERE, answer, bad, doctor, found, of, the
from scripted_agent import session, status
import varlink
from terminal import Terminal

from practice.directory import INSTANCE

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


@pytest.mark.quick
def test_nothing_is_wrong_with_a_machine_that_is_set_up(signed_in):
    """But for the store: without a keyring, the practice person's sign-ins are in a file."""
    findings = doctor(signed_in, env={"PATH": signed_in.env["PATH"]})
    assert bad(findings) == set() and the(findings, "aws-cli")["text"].startswith("aws-cli/2.")
    assert {one["id"] for one in findings} >= {
        "daemon", "socket", "store", "configuration", "session", "network", "proxy", "ca", "reach", "clock",
        "strict-unit", "sealed-key", "environment", "aws-cli", "browser", "profiles", "static-keys", "permissions",
        "plain-text-tokens", "identity", "root-mfa", "root-keys", "cloudtrail", "identity-center",
        "session-duration"}
    out = signed_in.iamic("doctor").out
    assert "ok       root of 012345678901: has MFA" in out and "FAILED" not in out


def test_the_account_is_held_against_the_tutorials_list(signed_in):
    findings = doctor(signed_in, *ADMIN)
    assert ":assumed-role/AWSReservedSSO_Administrator_" in the(findings, "identity")["text"]
    assert the(findings, "cloudtrail")["text"] == "trail 'management' is logging in every region"
    assert the(findings, "identity-center")["text"] == f"{INSTANCE} in us-east-1 is ACTIVE"
    assert the(findings, "session-duration")["text"] == "gives credentials that last 8h"
    assert the(findings, "session-duration")["object"] == "permission set 'Administrator'"


USUAL = {"root_mfa": True, "root_keys": 0, "trails": [{"name": "management", "logging": True}],
         "session_duration": "PT8H", "instance_status": "ACTIVE", "refuse": []}
ROOT_PAGE = "sign in as root: https://console.aws.amazon.com/iam/home#/security_credentials"
TRAILS_PAGE = "https://console.aws.amazon.com/cloudtrailv2/home#/trails"
WHO_KNOWS = "a role that may read it knows: iamic doctor --profile NAME"
OFF = {"name": "a", "logging": False}
ACCOUNTS = [
    ({"root_mfa": False}, "root-mfa", "fail", "has no MFA", ROOT_PAGE),
    ({"root_keys": 1}, "root-keys", "fail", "has access keys", ROOT_PAGE),
    ({"trails": []}, "cloudtrail", "fail", "has no trail", TRAILS_PAGE),
    ({"trails": [OFF]}, "cloudtrail", "fail", "none is logging", TRAILS_PAGE),
    ({"trails": [OFF, {"name": "b", "logging": True}]}, "cloudtrail", "ok", "'b'", None),
    ({"instance_status": "CREATE_FAILED"}, "identity-center", "warn", "CREATE_FAILED",
     "look at its settings: iamic console sso"),
    ({"refuse": ["GetAccountSummary"]}, "root-mfa", "unknown", "iam:GetAccountSummary", WHO_KNOWS),
    ({"refuse": ["GetAccountSummary"]}, "root-keys", "unknown", "iam:GetAccountSummary", WHO_KNOWS),
    ({"refuse": ["DescribeTrails"]}, "cloudtrail", "unknown", "cloudtrail:DescribeTrails", WHO_KNOWS),
    ({"refuse": ["GetTrailStatus"]}, "cloudtrail", "unknown", "may not read", WHO_KNOWS),
    ({"refuse": ["ListInstances"]}, "identity-center", "unknown", "sso:ListInstances", WHO_KNOWS),
    ({"refuse": ["ListPermissionSets"]}, "session-duration", "unknown", "sso:ListPermissionSets", WHO_KNOWS),
    ({"refuse": ["DescribePermissionSet"]}, "session-duration", "unknown", "sso:DescribePermissionSet", WHO_KNOWS),
]


def test_what_the_account_lacks(signed_in, practice):
    """One sign-in for all of them: nothing of this is kept."""
    for account, id, status, said, fix in ACCOUNTS:
        practice.set(account={**USUAL, **account})
        one = the(doctor(signed_in, *ADMIN), id)
        assert (one["status"], one["fix"]) == (status, fix) and said in one["text"], (account, one)


def test_how_long_a_permission_set_lets_credentials_live(signed_in, practice):
    practice.set(account={**USUAL, "session_duration": "PT1H30M"})
    assert the(doctor(signed_in, *ADMIN), "session-duration")["text"] == "gives credentials that last 1h30m"


def test_a_guest_networks_page_is_no_summary_of_the_account(signed_in, practice):
    practice.fault("GetAccountSummary", "garbage", times=None)
    one = the(doctor(signed_in, *ADMIN), "root-mfa")
    assert (one["status"], one["fix"]) == ("unknown", "check the proxy") and "is not understood" in one["text"]


def test_a_permission_set_that_is_not_there(signed_in, practice):
    """A role of another instance, or one that was taken away a moment ago."""
    assert signed_in.iamic("whoami", *ADMIN).status == 0
    practice.set(accounts=[{"accountId": "111122223333", "roles": ["ReadOnly"]}])
    one = the(doctor(signed_in, *ADMIN), "session-duration")
    assert one["status"] == "unknown" and "is not among the permission sets of this instance" in one["text"]


ROLE_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_{ROLE}_0123456789abcdef/alice"


@pytest.fixture
def told(cli):
    """A person whose account says what a test wrote; {} to what it did not."""
    def call(call):
        name = call.parameters["operation"]
        given = cli.says.get(name, {})
        call.reply({"status": 200, "body": json.dumps(given(json.loads(call.parameters["body"])) if callable(given)
                                                      else given)})
    cli.says = {"GetCallerIdentity": {"Arn": ROLE_ARN, "Account": ACCOUNT}}
    cli.env.update({"AWS_PROFILE": "dev", "AWS_CONFIG_FILE": str(cli.aws_config)})
    cli.write_aws_config("[profile dev]\nsso_session = corp\n")
    cli.agent.answers["Status"] = status(configFile=str(cli.aws_config))
    answer(cli, Call=call)
    return cli


def test_who_is_no_role_is_warned(told):
    told.says["GetCallerIdentity"]["Arn"] = f"arn:aws:iam::{ACCOUNT}:user/alice"
    status, object, fix = found(doctor(told), "identity")
    assert (status, fix) == ("warn", "use a role of Identity Center: iamic configure")
    told.says["GetCallerIdentity"] = {"Account": ACCOUNT}
    assert "who AWS does not name" in the(doctor(told), "identity")["text"]


@pytest.mark.parametrize("summary, mfa, keys", [
    ({"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0}, "ok", "ok"),
    ({"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 2}, "fail", "fail"),
    ({"AccountMFAEnabled": 0, "AccountPasswordPresent": 0, "AccountAccessKeysPresent": 0}, "ok", "ok"),
    ({"Users": 1}, "unknown", "unknown"), ({"AccountMFAEnabled": "1"}, "unknown", "unknown")])
def test_what_the_summary_says_of_root(told, summary, mfa, keys):
    told.says["GetAccountSummary"] = {"SummaryMap": summary}
    findings = doctor(told)
    assert (the(findings, "root-mfa")["status"], the(findings, "root-keys")["status"]) == (mfa, keys)


def test_an_account_that_does_not_see_the_instance(told):
    one = the(doctor(told), "identity-center")
    assert one["status"] == "unknown" and f"no instance is seen from account {ACCOUNT} in us-east-1" in one["text"]
    assert "a role of the account that manages it knows" in one["fix"] and not of(doctor(told), "session-duration")


def test_a_permission_set_behind_the_first_hundred(told):
    """Asked for a page at a time, each set by itself."""
    told.says.update({
        "ListInstances": {"Instances": [{"InstanceArn": INSTANCE}]},
        "ListPermissionSets": lambda given: {"PermissionSets": ["c"]} if given.get("NextToken") == "more" else {
            "PermissionSets": ["a", "b"], "NextToken": "more"},
        "DescribePermissionSet": lambda given: {"PermissionSet": {
            **given, "Name": ROLE if given["PermissionSetArn"] == "c" else "Other", "SessionDuration": "PT12H"}}})
    findings = doctor(told)
    assert the(findings, "session-duration")["text"] == "gives credentials that last 12h"
    assert the(findings, "identity-center")["text"] == f"{INSTANCE} in us-east-1 is there"
    told.says["ListPermissionSets"] = {"PermissionSets": ["a"]}
    assert the(doctor(told), "session-duration")["status"] == "unknown"


def test_a_trail_is_asked_for_where_it_is_at_home(told):
    told.says["DescribeTrails"] = {"trailList": [{"Name": "a", "TrailARN": "arn:a", "HomeRegion": "eu-west-1"}]}
    told.says["GetTrailStatus"] = lambda given: {"IsLogging": given["Name"] == "arn:a"}
    assert the(doctor(told), "cloudtrail")["text"] == "trail 'a' is logging"
    call, = (call for call in told.agent.parameters_of("Call") if call["operation"] == "GetTrailStatus")
    assert call["region"] == "eu-west-1"


def test_a_role_of_the_accounts_own_has_no_permission_set(told):
    told.says["GetCallerIdentity"]["Arn"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/alice"
    told.says["ListInstances"] = {"Instances": [{"InstanceArn": INSTANCE, "Status": "ACTIVE"}]}
    findings = doctor(told)
    assert the(findings, "identity")["status"] == "ok" and not of(findings, "session-duration")


def test_console_pages_are_those_of_the_partition(told):
    told.agent.answers["Status"] = status(session(region="cn-north-1"), configFile=str(told.aws_config))
    assert the(doctor(told), "cloudtrail")["fix"] == "https://console.amazonaws.cn/cloudtrailv2/home#/trails"


def test_who_picks_no_role_hears_of_the_machine(cli):
    """Ctrl-C, where a person at a terminal may choose one."""
    account = {"accountId": ACCOUNT, "accountName": "Payroll", "emailAddress": "x@example.com"}
    answer(cli, Status=status(configFile="/nonexistent/config"), ListAccounts={"accounts": [account]},
           ListRoles={"roles": [{"accountId": ACCOUNT, "roleName": ROLE}]}, Log={"file": None, "problem": None})
    terminal = Terminal(cli, "doctor", PATH=NOWHERE)
    terminal.until(ROLE)
    terminal.type("\x03")
    assert terminal.finish() == 0
    assert "no role was chosen" in terminal.text and "to do: iamic doctor --profile NAME" in terminal.text


def test_who_is_signed_out_hears_of_the_machine_alone(person, practice):
    """And whether AWS is there, which needs no sign-in."""
    findings = doctor(person)
    assert the(findings, "session")["fix"] == "iamic-login corp"
    assert found(findings, "identity") == ("unknown", "identity", "run 'iamic-login corp'")
    assert not of(findings, "root-mfa") and practice.count("Look") == 1
    assert found(findings, "reach") == ("ok", practice.url, None) and the(findings, "clock")["status"] == "ok"


def test_where_something_else_answers_in_awss_place(person, practice):
    practice.fault("Look", "html", times=None)
    one = the(doctor(person), "reach")
    assert (one["status"], one["fix"]) == ("fail", "check the proxy, or sign in to this network")
    practice.fault("Look", "status", status=503, times=None)
    assert the(doctor(person), "reach")["status"] == "fail"


def test_inside_of_iamic_exec_the_keys_are_iamics(signed_in):
    inside = signed_in.run("iamic", "exec", "--", signed_in.program("iamic"), "doctor", "--json", timeout=60)
    assert the(json.loads(inside.out)["findings"], "environment")["status"] == "ok"


def test_profiles_that_do_not_do_what_they_seem_to(signed_in):
    with open(signed_in.aws_config, "a") as config:
        config.write(f"[profile both]\nsso_session = corp\ncredential_process = "
                     f"{signed_in.program('iamic-credential-process')} --profile dev\n"
                     "[profile moved]\ncredential_process = /old/bin/iamic-credential-process --profile dev\n")
    findings = doctor(signed_in)
    status, object, fix = found(findings, "sso-keys")
    assert (status, object) == ("warn", "profile 'both'") and "remove the sso_* keys at " in fix
    assert the(findings, "credential-process")["object"] == "profile 'moved'"
    assert the(findings, "credential-process")["status"] == "fail"


def test_a_clock_that_is_an_hour_off(person, practice):
    practice.set(clock_skew=3600)
    one = the(doctor(person), "clock")
    assert one["status"] == "fail" and "min slow" in one["text"]


def test_a_broken_configuration_is_a_finding(signed_in):
    signed_in.write_aws_config("broken\n")
    findings = doctor(signed_in, complains=True)
    assert the(findings, "configuration")["status"] == "warn"
    assert the(findings, "profiles")["status"] == "fail"
    assert f"{signed_in.aws_config}:1" in the(findings, "profiles")["text"]


def test_no_daemon_is_a_finding_too(person):
    findings = doctor(person, env={"IAMIC_SOCKET": "/nonexistent/socket"})
    assert found(findings, "daemon")[::2] == ("fail", "'iamicd' in a terminal says more")
    assert of(findings, "environment") and not of(findings, "identity") and not of(findings, "reach")


@pytest.mark.parametrize("key", ["random", "credential"])
def test_the_daemon_says_where_the_sealed_files_key_comes_from(person, key):
    folder = person.write("credentials/iamic.key", "0123456789abcdef0123456789abcdef", 0o400).parent
    person.write_config(f"store = file\nkey = {key}\n")
    person.start_daemon(env={"CREDENTIALS_DIRECTORY": folder})
    person.sign_in()
    assert person.call("Status")["store"]["key"] == key
    assert ("is a systemd credential" in the(doctor(person), "sealed-key")["text"]) == (key == "credential")


def test_every_id_is_in_the_manual():
    """Which is where whoever writes a program finds them."""
    page = " ".join((varlink.ROOT / "man/iamic.1").read_text().replace("\\-", "-").split())
    told = page[page.index("ids of the findings:"):page.index("some come more than once")].partition(":")[2]
    sources = "".join(path.read_text() for path in (varlink.ROOT / "src/cli").glob("doctor*.c"))
    used = {id or other for id, other in re.findall(r'findings,\s+"([a-z-]+)"|#define ID +"([a-z-]+)"', sources)}
    assert len(used) > 25 and used == set(re.sub(r'\.BR|[",;]', " ", told).split()) - {"and"}
