"""`--json`: exactly the members that iamic(1) promises, of the types that it promises, whatever the daemon says."""
import json
import re

import jsonschema
import pytest
from schemas import SCHEMAS
from scripted_agent import account, in_seconds, session, status

HOSTILE = "\033[2J\x07\x7f\x9b\u202e\u2066\u2028"
ROLE = ["--sso-session", "corp", "--account-id", "012345678901", "--role-name", "ReadOnly"]
IDENTITY = {"Account": "012345678901", "Arn": "arn:aws:sts::012345678901:assumed-role/x/y", "UserId": "AROA:y"}


def document(result, verb):
    """What was printed, which is what the schema says."""
    assert result.status == 0 and result.err == "", result
    parsed = json.loads(result.out)
    jsonschema.validate(parsed, SCHEMAS[verb])
    return parsed


def test_the_manual_names_the_same_members(home):
    page = home.run("/usr/bin/man", "--local-file", home.prefix / "share/man/man1/iamic.1", env={"MANWIDTH": "80"}).out
    for verb, schema in SCHEMAS.items():
        text = re.search(rf"^ +{verb} +(\{{.*?)(?=^ +[a-z-]+ +\{{|^$)", page, re.MULTILINE | re.DOTALL)[1]
        assert set(re.findall(r'"([A-Za-z]+)"', text)) == set(members(schema)), verb


def members(schema):
    for name, inner in schema.get("properties", {}).items():
        yield from (name, *members(inner))
    if isinstance(schema.get("items"), dict):
        yield from members(schema["items"])


def test_schemas_refuse_what_is_not_promised():
    good = {"version": "0.1.0"}
    jsonschema.validate(good, SCHEMAS["version"])
    for bad in ({}, {"version": 1}, {**good, "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, SCHEMAS["version"])


def test_a_day_with_the_real_daemon(home, practice):
    home.configure({"dev": ("012345678901", "ReadOnly")})
    document(home.iamic("version", "--json"), "version")
    assert document(home.iamic("status", "--json"), "status")["sessions"][0]["expires"] is None
    login = home.spawn("iamic-login")
    code = login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1]
    assert document(home.iamic("status", "--json"), "status")["sessions"][0]["state"] == "signing_in"
    practice.approve(code)
    assert login.finish().status == 0
    assert document(home.iamic("whoami", "--profile", "dev", "--json"), "whoami")["Account"] == "012345678901"
    assert document(home.iamic("accounts", "--json"), "accounts")["accounts"]
    assert document(home.iamic("roles", "--json"), "roles")["roles"]
    assert document(home.iamic("roles", "012345678901", "--json"), "roles")["roles"]
    assert home.credential_process("--profile", "dev").status == 0
    lines = home.iamic("log", "--json")
    assert (lines.err, len(lines.out.splitlines())) == ("", 2), lines
    for line in lines.out.splitlines():
        jsonschema.validate(json.loads(line), SCHEMAS["log"])
    signed_in = document(home.iamic("status", "--json"), "status")
    assert signed_in["sessions"][0]["expires"] and signed_in["roles"] and "AWS_ENDPOINT_URL" in signed_in["network"]
    assert home.iamic("logout").status == 0
    assert document(home.iamic("status", "corp", "--json"), "status")["sessions"][0]["state"] == "signed_out"


@pytest.mark.parametrize("verb, words", [
    ("accounts", []), ("roles", ["000000000001"]), ("whoami", ROLE), ("status", [])])
def test_what_a_server_makes_up_is_escaped_and_comes_back_whole(cli, verb, words):
    cli.agent.answers.update({
        "Status": status(session(startUrl=HOSTILE, lastError=HOSTILE), network={"HTTPS_PROXY": HOSTILE}),
        "ListAccounts": {"accounts": [account(1, accountName=HOSTILE, emailAddress=HOSTILE)]},
        "ListRoles": {"roles": [{"accountId": "000000000001", "roleName": HOSTILE}]},
        "Call": {"status": 200, "body": json.dumps({**IDENTITY, "UserId": HOSTILE})}})
    result = cli.iamic(verb, *words, "--json")
    document(result, verb)
    text = result.out.replace("\n", "")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), repr(text)
    assert HOSTILE in strings_of(json.loads(result.out))


INSTANCE = {"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "IdentityStoreId": "d-1234567890",
            "Name": HOSTILE, "OwnerAccountId": HOSTILE, "Status": HOSTILE}
ANSWERS = {
    "ListInstances": {"Instances": [INSTANCE]}, "DescribeInstance": {},
    "ListUsers": {"Users": [{"UserName": HOSTILE, "Emails": [{"Value": HOSTILE}],
                             "ExternalIds": [{"Issuer": HOSTILE, "Id": "1"}, {"Issuer": HOSTILE, "Id": "2"}, 7]}, 7]},
    "ListGroups": {"Groups": [{"DisplayName": HOSTILE, "Description": 7}]},
    "ListPermissionSets": {"PermissionSets": ["arn:x"]},
    "DescribePermissionSet": {"PermissionSet": {"Name": HOSTILE, "PermissionSetArn": "arn:x",
                                                "SessionDuration": HOSTILE}},
    "ListPermissionSetsProvisionedToAccount": {"PermissionSets": ["arn:x"]},
    "ListAccountAssignments": {"AccountAssignments": [
        {"PrincipalType": "GROUP", "PrincipalId": HOSTILE}, {"PrincipalType": "USER", "PrincipalId": "1"},
        {"PrincipalType": "ROBOT", "PrincipalId": "2"}, {"PrincipalType": 7}, 7]},
    "DescribeGroup": {"DisplayName": 7}, "DescribeUser": {"UserName": HOSTILE},
}


@pytest.mark.parametrize("words", [["instance"], ["users"], ["groups"], ["permission-sets"],
                                   ["assignments", "111122223333"]])
def test_what_identity_center_makes_up_is_shown_without_harm(cli, words):
    cli.agent.answers["Call"] = lambda call: call.reply(
        {"status": 200, "body": json.dumps(ANSWERS[call.parameters["operation"]])})
    result = cli.iamic("admin", *words, *ROLE, "--json")
    assert HOSTILE in strings_of(document(result, words[0]))
    shown = cli.iamic("admin", *words, *ROLE)
    assert shown.status == 0 and shown.err == "", shown
    for text in (result.out, shown.out):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), repr(text)


def strings_of(value):
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings_of(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings_of(inner)]
    return [value]


def test_what_a_newer_daemon_adds_is_left_out_and_what_it_lacks_is_null(cli):
    cli.agent.answers["Status"] = lambda call: call.send({"parameters": {
        **status({"name": "corp", "startUrl": "u", "region": "r", "state": "ready", "mood": "?"}), "weather": "fine"}})
    assert document(cli.iamic("status", "--json"), "status")["sessions"][0]["sessionEnds"] is None


def test_watch_prints_a_document_a_line(cli):
    watch = cli.spawn("iamic", "status", "--watch", "--json")
    watch.until(r"\n")
    cli.agent.answers["Status"] = status(session(expires=in_seconds(99)))
    watch.until(r"\n.*\n")
    watch.terminate()
    watch.wait(10)
    for line in watch.out.splitlines():
        jsonschema.validate(json.loads(line), SCHEMAS["status"])
