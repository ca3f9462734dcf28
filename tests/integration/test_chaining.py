"""Role chaining: role_arn and source_profile, to any depth, as AWS's own clients understand them."""
import calendar
import json
import threading
import time

import clients
import pytest
from asking import EXIT, ask, at_once, sign_in, until_count
from home import wait_for
from practice.trust import trusting

CORP, TEAM, FAR = "012345678901", "111122223333", "999988887777"
DEPLOY = f"arn:aws:iam::{TEAM}:role/Deploy"
AUDIT = f"arn:aws:iam::{FAR}:role/team/Audit"
RESERVED = f"arn:aws:iam::{TEAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_ReadOnly_0123456789abcdef"

# botocore assumes the role itself, from what our credential_process says for the source.
BOTOCORE = """
import sys
import botocore.session
endpoint, name = sys.argv[1:]
session = botocore.session.Session(profile=name)
def client(service, **keys):
    return session.create_client(service, endpoint_url=endpoint, **keys)
session.get_component("credential_provider").get_provider("assume-role")._client_creator = client
print(client("sts").get_caller_identity()["Arn"])
"""


def profile(name, **keys):
    return "\n".join([f"[profile {name}]", *(f"{key} = {value}" for key, value in keys.items()), "", ""])


@pytest.fixture
def chained(home, practice):
    """A source, a role assumed from it, and one that is assumed from that."""
    practice.set(trust={DEPLOY: trusting(CORP), AUDIT: trusting(DEPLOY)})
    text = home.configure({"base": (CORP, "ReadOnly")}).read_text()

    def add(*profiles):
        nonlocal text
        text += "\n" + "".join(profiles)
        home.write_aws_config(text)
    home.add = add
    add(profile("deploy", role_arn=DEPLOY, source_profile="base", region="us-east-1"),
        profile("audit", role_arn=AUDIT, source_profile="deploy", region="us-east-1"))
    home.start_daemon()
    return home


@pytest.fixture
def signed_in(chained):
    sign_in(chained)
    return chained


def get(home, name, **fields):
    return ask(home, "GetCredentials", profile=name, **fields)


def identity(home, *words):
    result = home.iamic("whoami", "--json", *words)
    assert result.status == 0, result
    return json.loads(result.out)


def arn_of(home, name):
    return identity(home, "--profile", name)["Arn"]


def refused(home, name, status, *words):
    """What the shim says, which is one line, and says at once."""
    result = home.credential_process("--profile", name, *words)
    assert (result.status, result.out, result.err.count("\n")) == (status, "", 1), result
    return result.err


def seconds_left(reply):
    return calendar.timegm(time.strptime(reply["Expiration"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()


# What is served.

@pytest.mark.quick
def test_a_role_is_assumed_from_its_source(signed_in, practice):
    reply = get(signed_in, "deploy").reply()
    assert reply["AccountId"] == TEAM and 3500 < seconds_left(reply) <= 3600
    assert identity(signed_in, "--profile", "deploy")["Account"] == TEAM
    assert arn_of(signed_in, "deploy") == f"arn:aws:sts::{TEAM}:assumed-role/Deploy/iamic"
    result = signed_in.credential_process("--profile", "deploy")
    assert (result.status, result.err, json.loads(result.out)) == (0, "", reply)
    assert practice.count("AssumeRole") == 1


def test_a_chain_is_followed_to_its_beginning(signed_in, practice):
    assert get(signed_in, "audit").reply()["AccountId"] == FAR
    assert arn_of(signed_in, "audit") == f"arn:aws:sts::{FAR}:assumed-role/Audit/iamic"
    assert [request["body"]["RoleArn"] for request in practice.requests("AssumeRole")] == [DEPLOY, AUDIT]
    get(signed_in, "deploy").reply()
    assert practice.count("AssumeRole") == 2  # what was assumed on the way is kept as well


def test_a_long_chain_and_one_that_is_too_long(signed_in, practice):
    roles = [f"arn:aws:iam::{TEAM}:role/Step{n}" for n in range(101)]
    practice.set(trust={role: trusting(before) for before, role in zip([CORP, *roles], roles)})
    signed_in.add(*(profile(f"step{n}", role_arn=role, source_profile=f"step{n - 1}" if n else "base")
                    for n, role in enumerate(roles)))
    assert get(signed_in, "step99", timeoutMs=30000).reply()["AccountId"] == TEAM
    assert arn_of(signed_in, "step99") == f"arn:aws:sts::{TEAM}:assumed-role/Step99/iamic"
    assert practice.count("AssumeRole") == 100
    assert "more than 100 profiles" in refused(signed_in, "step100", EXIT["Config"])


def test_everything_that_a_profile_says_arrives(signed_in, practice):
    practice.set(trust={DEPLOY: trusting(CORP, StringEquals={
        "sts:ExternalId": "a:b/c", "sts:RoleSessionName": "me@example.com", "sts:SourceIdentity": "alice",
        "aws:RequestTag/team": "pay ments"})})
    signed_in.add(profile("full", role_arn=DEPLOY, source_profile="base", external_id="a:b/c", duration_seconds=900,
                          role_session_name="me@example.com", source_identity="alice", region="eu-west-1",
                          session_tags="team = pay ments, empty=", transitive_session_tags="team"))
    reply = get(signed_in, "full").reply()
    assert 800 < seconds_left(reply) <= 900
    assert arn_of(signed_in, "full") == f"arn:aws:sts::{TEAM}:assumed-role/Deploy/me@example.com"
    asked = practice.requests("AssumeRole")[0]
    assert (asked["body"]["TransitiveTagKeys.member.1"], asked["body"]["DurationSeconds"]) == ("team", "900")


def test_two_profiles_that_mean_the_same_are_one_role_and_others_are_not(signed_in, practice):
    signed_in.add(profile("same", role_arn=DEPLOY, source_profile="base", region="us-east-1"),
                  profile("named", role_arn=DEPLOY, source_profile="base", role_session_name="named"))
    keys = [get(signed_in, name).reply()["AccessKeyId"] for name in ("deploy", "same", "named", "deploy")]
    assert keys[0] == keys[1] == keys[3] != keys[2] and practice.count("AssumeRole") == 2


def test_fifty_callers_of_a_cold_chain_are_one_request_a_hop(signed_in, practice):
    practice.set(latency=0.2)
    before = practice.count("GetRoleCredentials")
    practice.set(accounts=[{"accountId": CORP, "roles": ["ReadOnly", "Cold"]}])
    signed_in.add(profile("cold", credential_process=f"{signed_in.program('iamic-credential-process')} "
                          f"--sso-session corp --account-id {CORP} --role-name Cold"),
                  profile("far", role_arn=DEPLOY, source_profile="cold"))
    asked = [get(signed_in, "far") for _ in range(50)]
    assert len({one.reply()["AccessKeyId"] for one in asked}) == 1
    assert (practice.count("GetRoleCredentials"), practice.count("AssumeRole")) == (before + 1, 1)
    assert at_once(lambda: get(signed_in, "far")).reply() and practice.count("AssumeRole") == 1


def test_status_shows_what_is_assumed(signed_in):
    get(signed_in, "audit").reply()
    shown = {role["roleName"]: role for role in signed_in.call("Status")["roles"]}
    assert {name: (role["accountId"], role["roleArn"]) for name, role in shown.items()} == {
        "ReadOnly": (CORP, None), "Deploy": (TEAM, DEPLOY), "Audit": (FAR, AUDIT)}
    assert AUDIT in [role["roleArn"] for role in json.loads(signed_in.iamic("status", "--json").out)["roles"]]
    assert "Audit (assumed)" in signed_in.iamic("status").out


def test_every_command_takes_such_a_profile(chained, practice):
    login = chained.spawn("iamic-login", "--profile", "audit")
    practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1])
    assert login.finish().status == 0
    assert chained.iamic("accounts", "--profile", "audit").status == 0
    kept = get(chained, "audit").reply()
    exported = chained.iamic("export", "--profile", "audit", prints_credentials=True)
    assert json.loads(exported.out)["AccessKeyId"] == kept["AccessKeyId"]
    executed = chained.iamic("exec", "--profile", "audit", "--", "/usr/bin/printenv", "AWS_ACCESS_KEY_ID")
    assert executed.out == kept["AccessKeyId"] + "\n", executed
    once = chained.iamic("exec", "--profile", "deploy", "--role-arn", AUDIT, "--", "/usr/bin/printenv",
                         "AWS_ACCESS_KEY_ID")
    assert once.out == executed.out, once  # the same role from the same source is one
    link = chained.iamic("console", "--profile", "audit", "--print", prints_credentials=True)
    assert link.status == 0 and practice.count("GetSigninToken") == 1, link


# Once, without a profile.

def test_an_arn_is_assumed_from_what_is_named_beside_it(signed_in, practice):
    wanted = f"arn:aws:sts::{TEAM}:assumed-role/Deploy/iamic"
    for words in (["--profile", "base"], ["--sso-session", "corp", "--account-id", CORP, "--role-name", "ReadOnly"]):
        assert identity(signed_in, "--role-arn", DEPLOY, *words)["Arn"] == wanted
        result = signed_in.credential_process("--role-arn", DEPLOY, *words)
        assert json.loads(result.out)["AccountId"] == TEAM, result
    far = signed_in.credential_process("--role-arn", AUDIT, "--profile", "deploy")
    assert json.loads(far.out)["AccountId"] == FAR, far
    practice.set(trust={DEPLOY: trusting(CORP)})
    signed_in.add(profile("line", credential_process=f"{signed_in.program('iamic-credential-process')} "
                          f"--profile base --role-arn {DEPLOY}"))
    assert arn_of(signed_in, "line") == wanted


def test_an_arn_alone_is_assumed_from_the_usual_profile(signed_in):
    for words, run in ((["whoami"], signed_in.iamic), ([], signed_in.credential_process)):
        result = run(*words, "--role-arn", DEPLOY)
        assert result.status == EXIT["Config"], result
        assert run(*words, "--role-arn", DEPLOY, env={"AWS_PROFILE": "base"}).status == 0
    signed_in.add("[default]\n", f"credential_process = {signed_in.program('iamic-credential-process')} "
                  "--profile base\n")
    assert signed_in.credential_process("--role-arn", DEPLOY).status == 0
    assert signed_in.iamic("whoami", "--role-arn", DEPLOY).status == 0


def test_the_arn_of_a_permission_set_is_that_account_and_role(signed_in, practice):
    signed_in.add(profile("set", role_arn=RESERVED, source_profile="base"))
    assert arn_of(signed_in, "set").startswith(f"arn:aws:sts::{TEAM}:assumed-role/AWSReservedSSO_ReadOnly_")
    assert practice.count("AssumeRole") == 0


# What AWS's own clients come to.

def test_botocore_and_iamic_come_to_the_same_role(signed_in, practice):
    signed_in.add(profile("mine", role_arn=DEPLOY, source_profile="base", role_session_name="me", region="us-east-1"),
                  profile("mine2", role_arn=AUDIT, source_profile="mine", role_session_name="me", region="us-east-1"))
    for name in ("mine", "mine2"):
        theirs = signed_in.run("/usr/bin/python3", "-c", BOTOCORE, practice.url, name, timeout=60)
        assert theirs.status == 0, theirs
        assert theirs.out.strip() == arn_of(signed_in, name)


@pytest.mark.all
def test_the_javascript_sdk_and_iamic_come_to_the_same_role(signed_in, practice):
    """It is the one of AWS's other SDKs that can be told where to send AssumeRole."""
    clients.build()
    client = clients.CLIENTS["javascript-v3"]
    signed_in.add(profile("mine", role_arn=DEPLOY, source_profile="base", role_session_name="me", region="us-east-1"),
                  profile("mine2", role_arn=AUDIT, source_profile="mine", role_session_name="me", region="us-east-1"),
                  profile("served", credential_process=f"{signed_in.program('iamic-credential-process')} "
                          "--profile mine2", region="us-east-1"))
    for name in ("mine", "mine2", "served"):
        theirs = signed_in.run(*client.argv, input="\n", timeout=60, env={
            "AWS_PROFILE": name, "AWS_ENDPOINT_URL_STS": practice.url, "NODE_EXTRA_CA_CERTS": practice.ca})
        assert theirs.out.strip() == arn_of(signed_in, name), theirs


def test_the_aws_cli_is_served_what_a_chain_ends_with(signed_in):
    signed_in.add(profile("cli", credential_process=f"{signed_in.program('iamic-credential-process')} "
                          "--profile audit", region="us-east-1"))
    result = signed_in.aws("--profile", "cli", "sts", "get-caller-identity")
    assert json.loads(result.out)["Arn"] == f"arn:aws:sts::{FAR}:assumed-role/Audit/iamic", result
    refused_by_both = profile("other", role_arn=AUDIT, source_profile="base", region="us-east-1")
    signed_in.add(refused_by_both)
    theirs = signed_in.run("/usr/bin/python3", "-c", BOTOCORE, signed_in.practice.url, "other", timeout=60)
    assert theirs.status != 0 and "AccessDenied" in theirs.err
    refused(signed_in, "other", EXIT["Denied"])


# Refused.

def test_a_role_that_does_not_trust_its_source(signed_in, practice):
    practice.set(trust={DEPLOY: trusting(FAR)})
    said = refused(signed_in, "deploy", EXIT["Denied"])
    for part in ("'corp'", f"role 'Deploy' in {TEAM}", f"role 'ReadOnly' in {CORP}", "AccessDenied", "trust policy"):
        assert part in said, said
    assert get(signed_in, "deploy").refusal("Denied").message in said
    assert get(signed_in, "base").reply() and practice.count("AssumeRole") == 2


def test_the_second_hop_is_refused(signed_in, practice):
    practice.set(trust={DEPLOY: trusting(CORP), AUDIT: trusting(CORP)})
    said = refused(signed_in, "audit", EXIT["Denied"])
    assert f"role 'Audit' in {FAR}, assumed from role 'Deploy' in {TEAM}" in said, said
    practice.set(trust={AUDIT: trusting(DEPLOY)})
    assert get(signed_in, "deploy").reply()  # was granted on the way
    signed_in.call("Logout")
    sign_in(signed_in)
    said = refused(signed_in, "audit", EXIT["Denied"])
    assert f"role 'Deploy' in {TEAM}, assumed from role 'ReadOnly' in {CORP}" in said, said


def test_an_external_id_that_is_wrong_or_missing(signed_in, practice):
    practice.set(trust={DEPLOY: trusting(CORP, StringEquals={"sts:ExternalId": "right"})})
    signed_in.add(*(profile(name, role_arn=DEPLOY, source_profile="base", external_id=name)
                    for name in ("right", "wrong")))
    assert get(signed_in, "right").reply()
    for name in ("wrong", "deploy"):
        get(signed_in, name).refusal("Denied")


def test_a_source_identity_and_tags_need_to_be_allowed_and_stay(signed_in, practice):
    practice.set(trust={DEPLOY: trusting(CORP, actions=["sts:AssumeRole", "sts:SetSourceIdentity"]),
                        AUDIT: trusting(DEPLOY)})
    signed_in.add(profile("me", role_arn=DEPLOY, source_profile="base", source_identity="alice"),
                  profile("tagged", role_arn=DEPLOY, source_profile="base", session_tags="team=a"),
                  profile("other", role_arn=AUDIT, source_profile="me", source_identity="bob"),
                  profile("kept", role_arn=AUDIT, source_profile="me"))
    assert get(signed_in, "me").reply() and get(signed_in, "kept").reply()
    assert "sts:TagSession" in get(signed_in, "tagged").refusal("Denied").message
    assert "sts:SetSourceIdentity" in get(signed_in, "other").refusal("Denied").message


def test_a_source_that_is_not_assigned(signed_in, practice):
    practice.set(accounts=[{"accountId": FAR, "roles": ["ReadOnly"]}])
    signed_in.call("Logout")
    sign_in(signed_in)
    said = refused(signed_in, "audit", EXIT["Denied"])
    assert f"account {CORP}, role 'ReadOnly' is not assigned" in said and "--force corp" in said, said
    assert practice.count("AssumeRole") == 0


REFUSED_PROFILES = [
    ({"source_profile": "q"}, ["'q' is not in", "base"]),
    ({"source_profile": "p"}, ["profile 'p' leads to itself"]),
    ({}, ["lacks source_profile"]),
    ({"source_profile": "base", "credential_source": "Environment"}, ["credential_source", "source_profile"]),
    ({"source_profile": "base", "mfa_serial": "arn:aws:iam::1:mfa/me"}, ["mfa_serial", "Identity Center"]),
    ({"source_profile": "base", "duration_seconds": "7200"}, ["hour (3600)", "another role"]),
    ({"source_profile": "base", "role_arn": "arn:aws:iam::1:role/x"}, ["must be the ARN of a role"]),
]


@pytest.mark.parametrize("keys, words", REFUSED_PROFILES, ids=lambda item: " ".join(item))
def test_a_profile_that_cannot_be_served_is_refused_with_its_line(signed_in, practice, keys, words):
    signed_in.add(profile("p", **{"role_arn": DEPLOY, **keys}))
    before = len(practice.requests())
    said = refused(signed_in, "p", EXIT["Config"])
    assert str(signed_in.aws_config) + ":" in said and all(word in said for word in words), said
    assert len(practice.requests()) == before


def test_a_circle_is_named(signed_in):
    signed_in.add(profile("a", role_arn=DEPLOY, source_profile="b"), profile("b", role_arn=AUDIT, source_profile="c"),
                  profile("c", credential_process=f"{signed_in.program('iamic-credential-process')} --profile a"))
    for name in "abc":
        said = refused(signed_in, name, EXIT["Config"])
        assert all(f"'{one}'" in said for one in "abc") and "in a circle" in said, said
    assert get(signed_in, "deploy").reply()


# Signed out.

def test_asked_while_the_source_is_signed_out(chained, practice):
    get(chained, "deploy").refusal("LoginRequired")  # the store has been read
    error = at_once(lambda: get(chained, "audit")).refusal("LoginRequired")
    assert error.session == "corp" and practice.requests() == []
    assert refused(chained, "audit", EXIT["LoginRequired"]) == f"iamic: {error.message}\n"
    waiting = [get(chained, "audit", loginMs=20000), get(chained, "deploy", loginMs=20000)]
    shim = chained.spawn("iamic-credential-process", "--profile", "audit", "--login=20")
    time.sleep(0.3)
    sign_in(chained)
    assert [one.reply()["AccountId"] for one in waiting] == [FAR, TEAM]
    assert shim.finish().status == 0 and practice.count("AssumeRole") == 2


def test_who_waited_for_a_sign_in_and_left_leaves_nothing_behind(chained):
    get(chained, "audit").refusal("LoginRequired")
    waiting = get(chained, "audit", loginMs=20000)
    late = get(chained, "audit", loginMs=400)
    assert late.refusal("LoginRequired") and 0.3 < late.seconds < 1.5
    waiting.leave()
    get(chained, "audit").refusal("LoginRequired")
    sign_in(chained)
    assert get(chained, "audit").reply()


def test_a_logout_forgets_the_whole_chain(signed_in, practice):
    get(signed_in, "audit").reply()
    practice.fault("AssumeRole", "delay", seconds=1)
    signed_in.add(profile("late", role_arn=AUDIT, source_profile="deploy", role_session_name="late"))
    asked = get(signed_in, "late")
    until_count(practice, "AssumeRole", 3)
    signed_in.call("Logout")
    assert asked.refusal("LoginRequired").session == "corp"
    assert signed_in.call("Status")["roles"] == []
    get(signed_in, "audit").refusal("LoginRequired")


def test_another_person_is_not_served_what_the_first_one_assumed(signed_in, practice):
    first = get(signed_in, "audit").reply()
    sign_in(signed_in, user="bob", force=True)
    assert get(signed_in, "audit").reply()["AccessKeyId"] != first["AccessKeyId"]
    assert practice.count("AssumeRole") == 4


def test_a_sign_in_while_a_role_is_being_assumed(signed_in, practice):
    practice.fault("AssumeRole", "delay", seconds=1.5)
    asked = get(signed_in, "deploy")
    until_count(practice, "AssumeRole", 1)
    sign_in(signed_in, user="bob", force=True)
    assert asked.reply() == get(signed_in, "deploy").reply()
    assert practice.count("AssumeRole") == 2  # what came for the first person was not for the second


def test_a_kept_source_goes_on_after_the_portal_session(signed_in, practice):
    get(signed_in, "base").reply()
    practice.revoke("session")
    refused(signed_in, "base", EXIT["LoginRequired"], "--role-arn", RESERVED)
    asked = get(signed_in, "deploy")
    assert asked.reply()["AccountId"] == TEAM and asked.seconds < 1


# An STS that does not answer well.

@pytest.mark.parametrize("fault", [
    {"kind": "garbage"}, {"kind": "html"}, {"kind": "empty"}, {"kind": "missing"},
    {"kind": "oversize", "bytes": 2 << 20},
    {"kind": "missing", "field": "SecretAccessKey"}, {"kind": "wrong_type", "field": "Expiration"},
    {"kind": "status", "status": 403, "code": "RegionDisabledException"},
], ids=lambda fault: "-".join(str(part) for part in fault.values()))
def test_every_reply_that_is_no_credentials_is_told_in_one_line(signed_in, practice, fault):
    practice.fault("AssumeRole", **fault)
    asked = get(signed_in, "deploy").ended()
    assert asked.error and asked.error.name in ("Unavailable", "Denied"), (fault, asked.error)
    assert f"role 'Deploy' in {TEAM}" in asked.error.message and asked.seconds < 1, asked.error
    assert get(signed_in, "deploy").reply()


def test_passing_trouble_is_got_over_within_the_callers_time(signed_in, practice):
    for n, fault in enumerate(["drop", "reset", "throttle", "truncate"]):
        signed_in.add(profile(f"p{n}", role_arn=DEPLOY, source_profile="base", role_session_name=f"p{n}"))
        practice.fault("AssumeRole", fault)
        assert get(signed_in, f"p{n}").reply(), fault
    practice.fault("AssumeRole", "delay", times=None, seconds=5)
    signed_in.add(profile("slow", role_arn=DEPLOY, source_profile="base", role_session_name="slow"))
    asked = get(signed_in, "slow", timeoutMs=500)
    assert asked.refusal("TimedOut") and asked.seconds < 1


@pytest.mark.parametrize("slow", ["GetRoleCredentials", "AssumeRole"])
def test_a_caller_with_more_time_gets_more_time_at_each_hop(signed_in, practice, slow):
    practice.set(accounts=[{"accountId": CORP, "roles": ["ReadOnly", "Cold"]}])
    practice.fault(slow, "delay", seconds=1.2)
    cold = {"session": "corp", "accountId": CORP, "roleName": "Cold", "roleArn": DEPLOY}
    short = ask(signed_in, "GetCredentials", cold, timeoutMs=300)
    long = ask(signed_in, "GetCredentials", cold, timeoutMs=8000)
    assert "'corp'" in short.refusal("TimedOut").message and 0.25 < short.seconds < 0.8
    long.reply()
    assert long.seconds < 4 and practice.count("AssumeRole") == 1


def test_what_is_kept_is_served_while_aws_is_away(signed_in, practice):
    served = get(signed_in, "audit").reply()
    practice.outage(4)
    get(signed_in, "base", timeoutMs=500).ended()
    assert at_once(lambda: get(signed_in, "audit")).reply() == served
    signed_in.add(profile("new", role_arn=DEPLOY, source_profile="base", role_session_name="new"))
    get(signed_in, "new", timeoutMs=3000).refusal("Unavailable")
    assert at_once(lambda: get(signed_in, "new")).refusal("Unavailable").retryAt
    wait_for(lambda: not get(signed_in, "new").ended().error, 10, lambda: "no recovery", pause=0.3)


@pytest.mark.all
def test_more_assumed_roles_than_the_arena_holds(signed_in, practice):
    """Who is asked for again was forgotten, at most; sources are not mistaken for what nobody needs."""
    roles = [f"arn:aws:iam::{TEAM}:role/Role{n}" for n in range(2500)]
    practice.set(trust={role: trusting(CORP) for role in roles})
    errors = []

    def work(own):
        with signed_in.client() as client:
            for role in own:
                try:
                    client.call("GetCredentials", {"profile": "base", "roleArn": role, "timeoutMs": 30000})
                except Exception as error:
                    errors.append((role, str(error)))
    threads = [threading.Thread(target=work, args=(roles[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [role["roleArn"] for role in signed_in.call("Status")["roles"]]
    assert errors == [] and 1000 < len(held) < 2500
    assert ask(signed_in, "GetCredentials", profile="base", roleArn=roles[0]).reply()


@pytest.mark.all
def test_an_assumed_role_in_use_is_renewed_in_the_background(signed_in, practice):
    practice.set(assumed_life=48)
    first, began, slowest = get(signed_in, "deploy").reply(), time.monotonic(), 0
    practice.set(latency=1)
    while time.monotonic() < began + 40:
        asked = get(signed_in, "deploy")
        last = asked.reply()
        slowest = max(slowest, asked.seconds)
        time.sleep(0.1)
    assert last["AccessKeyId"] != first["AccessKeyId"] and slowest < 0.5
    assert practice.count("AssumeRole") in (2, 3)
