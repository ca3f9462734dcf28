"""iamic admin: the administrator's half of Identity Center's tutorial, its plan, and what becomes of it."""
import json
import re

import jsonschema
import pytest
from home import Home, wait_for
from practice import admin
from practice.speaker import Speaker
from schemas import SCHEMAS
from scripted_agent import fails
from taken_over import take_over
from terminal import Terminal
from varlink import ROOT

ROLE = ("--sso-session", "corp", "--account-id", "111122223333", "--role-name", "Administrator")
BOB = ("--user-name", "bob", "--given-name", "Bob", "--family-name", "Ross", "--email", "bob@example.com")
LOOK = ("--permission-set", "Look", "--policy", "ReadOnlyAccess", "--session-duration", "2h")
EVERYTHING = (*BOB, "--group", "Readers", *LOOK, "--target-account", "012345678901")
WRITES = {"CreateUser", "CreateGroup", "CreateGroupMembership", "CreatePermissionSet", "UpdatePermissionSet",
          "AttachManagedPolicyToPermissionSet", "ProvisionPermissionSet", "CreateAccountAssignment"}
IN_ORDER = ["CreateUser", "CreateGroup", "CreateGroupMembership", "CreatePermissionSet",
            "AttachManagedPolicyToPermissionSet", "CreateAccountAssignment"]


@pytest.fixture
def administrator(home):
    home.configure()
    take_over(home)
    return home


def run(home, verb, *words, **options):
    return home.iamic("admin", verb, *words, *ROLE, **options)


def grant(home, *words, **options):
    return run(home, "grant", *words, "--yes", **options)


def granted(home, *words):
    """{object: state} of the steps, which all went well."""
    return steps(home, *words, "--yes")


def steps(home, *words):
    result = run(home, "grant", *words, "--json")
    assert result.status == 0 and result.err == "", result
    document = json.loads(result.out)
    jsonschema.validate(document, SCHEMAS["grant"])
    return {step["object"]: step["state"] for step in document["steps"]}


def writes(practice):
    """Names of the requests that change something, in the order in which they came."""
    return [one["operation"] for one in practice.requests() if one["operation"] in WRITES]


def refuse(practice, *operations):
    practice.set(account={**practice.set()["account"], "refuse": list(operations)})


# The tutorial.

def test_the_whole_tutorial(practice):
    """From an Identity Center of one administrator to a new user who asks AWS who she is, each with their own home."""
    practice.set(operation_polls=1, accounts=[
        {"accountId": "111122223333", "accountName": "Management", "roles": ["Administrator"]},
        {"accountId": "012345678901", "accountName": "Payroll", "emailAddress": "payroll@example.com", "roles": []}])
    administrator, bob = Home(practice), Home(practice)
    try:
        administrator.configure()
        take_over(administrator)
        result = grant(administrator, *EVERYTHING)
        assert result.status == 0 and result.err == "", result
        assert "'bob' has no password yet, and AWS has sent no mail" in result.out
        assert f"  iamic configure --sso-start-url {practice.start_url} --sso-region us-east-1\n" in result.out
        assert writes(practice) == IN_ORDER
        sign_in_and_ask(bob, practice)
    finally:
        assert administrator.close() + bob.close() == []


def sign_in_and_ask(bob, practice):
    """The person's half, with what the administrator's half printed."""
    process = bob.spawn("/usr/bin/setsid", "--wait", bob.program("iamic"), "configure", "--sso-start-url",
                        practice.start_url, "--sso-region", practice.region, "--sso-session", "corp", "--account-id",
                        "012345678901", "--role-name", "Look", "--profile", "dev", "--region", "us-east-1")
    assert process.finish().status == 0
    login = bob.spawn("iamic-login")
    practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1], user="bob")
    assert login.finish().status == 0 and "as bob" in login.out
    assert bob.iamic("accounts").out.split()[:2] == ["012345678901", "Payroll"]
    assert bob.iamic("roles").out.split() == ["012345678901", "Look"]
    result = bob.aws("sts", "get-caller-identity", "--profile", "dev")
    arn = json.loads(result.out)["Arn"]
    assert arn.startswith("arn:aws:sts::012345678901:assumed-role/AWSReservedSSO_Look_") and arn.endswith("/bob")


def test_what_the_tutorial_of_the_manual_types_does_what_it_says(administrator, practice):
    practice.set(accounts=[{"accountId": "111122223333", "roles": ["Administrator"]}])
    page = (ROOT / "man/iamic-getting-started.7").read_text().replace("\\-", "-").replace("\\e\n", "")
    commands = [line.split() for line in re.findall(r"^iamic admin grant --profile admin(.*)$", page, re.MULTILINE)]
    assert [set(granted(administrator, *words).values()) for words in commands] == [{"done"}, {"there", "done"}]
    assert run(administrator, "assignments", "111122223333").out == "ReadOnly  group  Readers\n"
    assert [line.split()[0] for line in run(administrator, "users").out.splitlines()] == ["alice", "bob"]


def test_what_is_assigned_later_is_seen_after_a_forced_sign_in(administrator, practice):
    granted(administrator, *EVERYTHING)
    bob = Home(practice)
    try:
        bob.configure()
        take_over(bob, user="bob")
        granted(administrator, "--user-name", "bob", "--permission-set", "Billing", "--target-account", "012345678901")
        assert bob.iamic("roles").out.split() == ["012345678901", "Look"]
        login = bob.spawn("iamic-login", "--force")
        practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1], user="bob")
        assert login.finish().status == 0
        assert bob.iamic("roles").out.split() == ["012345678901", "Billing", "012345678901", "Look"]
    finally:
        assert bob.close() == []


# The plan.

def test_the_plan_is_shown_and_nothing_done_without_a_terminal(administrator, practice):
    result = run(administrator, "grant", *EVERYTHING)
    assert result.status == 2 and result.err.startswith("iamic: nothing was done: there is no terminal"), result
    assert result.out.splitlines() == [
        "arn:aws:sso:::instance/ssoins-0123456789abcdef in us-east-1:",
        "  + user 'bob': Bob Ross, bob@example.com",
        "  + group 'Readers'",
        "  + membership of 'bob' in 'Readers'",
        "  + permission set 'Look': sessions of 2h",
        "  + policy 'ReadOnlyAccess' in 'Look'",
        "  + assignment of 'Look' to group 'Readers' in 012345678901",
        "6 to make, 0 to change, 0 there already"]
    assert writes(practice) == []


def test_what_is_there_is_left_and_asked_for_no_more(administrator, practice):
    granted(administrator, *EVERYTHING)
    before = writes(practice)
    result = grant(administrator, *EVERYTHING)
    assert result.status == 0 and writes(practice) == before, result
    lines = result.out.splitlines()
    assert all(line.startswith("  = ") for line in lines[1:7])
    assert lines[7:] == ["0 to make, 0 to change, 6 there already", "there is nothing to do"]
    assert set(granted(administrator, *EVERYTHING).values()) == {"there"} and writes(practice) == before


@pytest.mark.parametrize("answer, status, said", [
    ("n\r", 4, "nothing was done"), ("\r", 4, "nothing was done"), ("perhaps\rno\r", 4, "answer y or n"),
    ("\x03", 130, "cancelled"), ("y\r", 0, "(done)"), ("yes\r", 0, "(done)")])
def test_a_person_is_asked_first(administrator, practice, answer, status, said):
    terminal = Terminal(administrator, "admin", "grant", *EVERYTHING, *ROLE)
    terminal.until(r"6 to make.*\s+carry this out\? y/N: ")
    assert writes(practice) == []
    terminal.type(answer)
    assert terminal.finish() == status and said in terminal.text, terminal.text
    assert writes(practice) == (IN_ORDER if status == 0 else [])


def test_a_dry_run_asks_nobody_and_does_nothing(administrator, practice):
    planned = steps(administrator, *EVERYTHING, "--dry-run")
    assert set(planned.values()) == {"planned"} and len(planned) == 6 and writes(practice) == []
    assert run(administrator, "grant", *EVERYTHING, "--dry-run").status == 0 and writes(practice) == []


def test_parts_are_made_alone(administrator, practice):
    assert granted(administrator, "--group", "Readers") == {"group 'Readers'": "done"}
    assert granted(administrator, *LOOK) == {"permission set 'Look'": "done",
                                             "policy 'ReadOnlyAccess' in 'Look'": "done"}
    assert granted(administrator, *BOB) == {"user 'bob'": "done"}
    two = granted(administrator, "--user-name", "bob", "--permission-set", "Look", "--target-account", "012345678901",
                  "--target-account", "999988887777", "--target-account", "012345678901")
    assert two == {"user 'bob'": "there", "permission set 'Look'": "there",
                   "assignment of 'Look' to user 'bob' in 012345678901": "done",
                   "assignment of 'Look' to user 'bob' in 999988887777": "done"}
    assert [one["body"]["PrincipalType"] for one in practice.requests("CreateAccountAssignment")] == ["USER"] * 2
    assert granted(administrator, "--user-name", "bob", "--group", "Readers")["membership of 'bob' in 'Readers'"] == \
        "done"


def test_another_session_duration_is_a_change_that_must_be_asked_for(administrator, practice):
    granted(administrator, *EVERYTHING)
    before, longer = len(writes(practice)), [word if word != "2h" else "3h" for word in EVERYTHING]
    result = grant(administrator, *longer)
    assert "  ~ session duration of 'Look': is 2h, and with --update 3h" in result.out.splitlines(), result
    assert "0 to make, 0 to change, 7 there already (1 otherwise)" in result.out
    assert len(writes(practice)) == before
    result = grant(administrator, *longer, "--update")
    assert result.status == 0 and "  ~ session duration of 'Look': 2h becomes 3h" in result.out.splitlines(), result
    assert "0 to make, 2 to change, 6 there already" in result.out
    assert writes(practice)[before:] == ["UpdatePermissionSet", "ProvisionPermissionSet"]
    assert set(granted(administrator, *longer, "--update").values()) == {"there"}


def test_a_policy_more_reaches_the_accounts_that_have_the_set(administrator, practice):
    practice.set(operation_polls=1)
    granted(administrator, *EVERYTHING)
    more = granted(administrator, *EVERYTHING, "--policy", "Billing")
    assert more["policy 'Billing' in 'Look'"] == "done" and more["provisioning of 'Look' to its accounts"] == "done"
    attached = practice.requests("AttachManagedPolicyToPermissionSet")[-1]["body"]["ManagedPolicyArn"]
    assert attached == "arn:aws:iam::aws:policy/job-function/Billing"


def test_what_a_user_is_called_otherwise_stays(administrator, practice):
    granted(administrator, *BOB)
    result = grant(administrator, *BOB[:-1], "robert@example.com", "--group", "Readers")
    assert "  ~ user 'bob': has another name or address, and keeps it" in result.out, result
    assert "robert@example.com" not in administrator.iamic("admin", "users", *ROLE).out
    assert "1 to make" not in result.out and "2 to make" in result.out


@pytest.mark.parametrize("words, said", [
    (["--user-name", "bob"], "user 'bob' is not there: to make it, give --given-name, --family-name and --email"),
    (["--permission-set", "Look"], "permission set 'Look' is not there: to make it, give --policy"),
])
def test_what_is_to_be_made_must_be_described(administrator, practice, words, said):
    fails(grant(administrator, *words), 2, said)
    assert writes(practice) == []


def test_names_of_any_script(administrator, practice):
    words = ("--user-name", "rené.黄", "--given-name", "René", "--family-name", "黄", "--email", "rené@example.com",
             "--group", "Würste & Käse — «все»")
    assert set(granted(administrator, *words).values()) == {"done"}
    assert set(granted(administrator, *words).values()) == {"there"}
    body = practice.requests("CreateUser")[0]["body"]
    assert (body["UserName"], body["DisplayName"]) == ("rené.黄", "René 黄")
    assert "rené.黄  René 黄  rené@example.com  ENABLED\n" == run(administrator, "users").out
    assert json.loads(run(administrator, "groups", "--json").out)["groups"][0]["displayName"] == words[-1]


WRONG = [
    ["--user-name", "a b"], ["--user-name", "x" * 129], ["--user-name", ""], ["--email", "bob"],
    ["--email", "bob@@example.com"], ["--group", "a\nb"], ["--permission-set", "a b"], ["--permission-set", "x" * 33],
    ["--policy", "arn:aws:iam::111122223333:policy/Mine"], ["--session-duration", "30m"],
    ["--session-duration", "13h"], ["--target-account", "12345"], ["--given-name", "\u202ex"],
    ["--group", "x", "--yes", "--dry-run"], ["--group", "x", "--json"], [], ["--email", "bob@example.com"],
    ["--group", "x", "--update"], ["--group", "x", "--target-account", "012345678901"], ["--region", "nowhere"],
]


def test_what_is_wrong_is_said_before_anything_is_asked(cli):
    for words in WRONG:
        fails(cli.iamic("admin", "grant", *words, *ROLE), 2)
    assert not cli.agent.calls


# Failures, and going on from there.

@pytest.mark.parametrize("operation, kind", [*((operation, "refused") for operation in IN_ORDER),
                                             ("CreateUser", "away"), ("CreateAccountAssignment", "away")])
def test_a_step_that_fails_is_gone_on_from(administrator, practice, operation, kind):
    """The steps before it are done, those behind it are not; the same command does the rest."""
    if kind == "refused":
        practice.fault(operation, "status", status=400, code="ServiceQuotaExceededException", message="Too many")
    else:
        practice.fault(operation, "drop")
    result = grant(administrator, *EVERYTHING)
    done = IN_ORDER[:IN_ORDER.index(operation)]
    assert result.status == (4 if kind == "refused" else 5) and result.err.count("\n") == 1, result
    assert writes(practice) == [*done, operation]
    assert result.out.count("(done)") == len(done) and result.out.count("(failed)") == 1
    assert ("what is done stays: the same command goes on from there" in result.out) == bool(done)
    assert kind != "refused" or "Too many" in result.err
    again = list(granted(administrator, *EVERYTHING).values())
    assert again == ["there"] * len(done) + ["done"] * (6 - len(done))
    assert writes(practice)[len(done) + 1:] == IN_ORDER[len(done):]


@pytest.mark.parametrize("operation", IN_ORDER)
def test_a_step_whose_answer_is_lost_is_there_the_next_time(administrator, practice, operation):
    practice.fault(operation, "drop", processed=True)
    assert grant(administrator, *EVERYTHING).status == 5
    place = IN_ORDER.index(operation)
    assert list(granted(administrator, *EVERYTHING).values()) == ["there"] * (place + 1) + ["done"] * (5 - place)
    assert writes(practice) == IN_ORDER


def test_the_json_of_a_failure_says_how_far_it_came(administrator, practice):
    practice.fault("CreateGroup", "status", status=400, code="ValidationException", message="No")
    result = run(administrator, "grant", *EVERYTHING, "--yes", "--json")
    assert result.status == 4 and result.err.startswith("iamic: group 'Readers': CreateGroup: "), result
    assert [step["state"] for step in json.loads(result.out)["steps"]] == ["done", "failed"] + ["planned"] * 4


@pytest.mark.parametrize("polls", [0, 2])
def test_an_assignment_is_waited_for(administrator, practice, polls):
    practice.set(operation_polls=polls)
    assert list(granted(administrator, *EVERYTHING).values()) == ["done"] * 6
    assert practice.count("DescribeAccountAssignmentCreationStatus") == polls + 1


def test_an_assignment_that_fails_says_why(administrator, practice):
    practice.set(operation_fails="The role could not be made in \033[2Jthis account")
    result = grant(administrator, *EVERYTHING)
    assert result.status == 4 and result.err == (
        "iamic: assignment of 'Look' to group 'Readers' in 012345678901: AWS could not do it: The role could not be "
        "made in ?[2Jthis account: correct that, and try again\n"), result
    practice.set(operation_fails="")
    assert list(granted(administrator, *EVERYTHING).values()) == ["there"] * 5 + ["done"]


def test_an_assignment_that_is_under_way_already_is_waited_for(administrator, practice):
    """Somebody else, or a run that was interrupted, has begun the same one."""
    granted(administrator, *BOB, "--group", "Readers", *LOOK)
    practice.set(operation_polls=10000)
    waiting = administrator.spawn("iamic", "admin", "grant", *EVERYTHING, *ROLE, "--yes")
    wait_for(lambda: practice.count("CreateAccountAssignment"), 10, lambda: "nothing is begun")
    second = administrator.spawn("iamic", "admin", "grant", *EVERYTHING, *ROLE, "--yes")
    wait_for(lambda: practice.count("CreateAccountAssignment") > 2, 10, lambda: "not tried again")
    assert waiting.poll() is None and second.poll() is None
    practice.set(operation_polls=0)
    assert waiting.finish().status == 0 and second.finish().status == 0, second.err
    assert "assignment of 'Look' to group 'Readers' in 012345678901 (done)" in second.out


def test_a_provisioning_that_was_lost_is_made_good(administrator, practice):
    granted(administrator, *EVERYTHING)
    practice.fault("ProvisionPermissionSet", "drop")
    assert grant(administrator, *EVERYTHING, "--policy", "Billing").status == 5
    before = len(writes(practice))
    again = granted(administrator, *EVERYTHING, "--policy", "Billing")
    assert again["policy 'Billing' in 'Look'"] == "there" and again["provisioning of 'Look' to its accounts"] == "done"
    assert writes(practice)[before:] == ["ProvisionPermissionSet"]


@pytest.mark.parametrize("operation, code", [("CreateUser", "ThrottlingException"),
                                             ("ListPermissionSets", "ThrottlingException")])
def test_throttling_is_waited_out(administrator, practice, operation, code):
    practice.fault(operation, "status", times=2, status=400, code=code)
    assert list(granted(administrator, *EVERYTHING).values()) == ["done"] * 6


def test_what_is_new_need_not_be_known_everywhere_yet(administrator, practice):
    practice.fault("CreateGroupMembership", "status", times=2, status=400, code="ResourceNotFoundException")
    practice.fault("ListAccountAssignments", "status", status=400, code="ResourceNotFoundException")
    assert list(granted(administrator, *EVERYTHING).values()) == ["done"] * 6
    assert practice.count("CreateGroupMembership") == 3
    practice.fault("CreateAccountAssignment", "status", status=400, code="ResourceNotFoundException")
    result = grant(administrator, *EVERYTHING[:-1], "999988887777")
    assert result.status == 4 and "ResourceNotFoundException" in result.err, result


def test_what_someone_else_makes_meanwhile_counts_as_made(administrator, practice):
    """Each is looked for, and is not there; then it is, before we make it."""
    other = Speaker(practice)
    role = other.role()

    def make(operation, **given):
        service = admin.SIGNED_AS[operation]
        body = json.dumps(given).encode()
        more = {"content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"{admin.SERVICES[service]['target']}.{operation}"}
        assert other.sts(other.signed(role, body, service=service, more=more), body).status == 200
    store = {"IdentityStoreId": "d-1234567890"}
    practice.fault("CreateUser", "delay", seconds=0.5)
    process = administrator.spawn("iamic", "admin", "grant", *EVERYTHING, *ROLE, "--yes")
    process.until("to make")
    make("CreateGroup", DisplayName="Readers", **store)
    make("CreatePermissionSet", Name="Look", InstanceArn="arn:aws:sso:::instance/ssoins-0123456789abcdef")
    other.close()
    result = process.finish()
    assert result.status == 0 and result.out.count("(done)") == 6, result
    assert [one["status"] for one in practice.requests("CreateGroup")] == [200, 400]
    assert set(granted(administrator, *EVERYTHING[:-4], "--target-account", "012345678901").values()) == {"there"}


# Rights, regions, instances.

@pytest.mark.parametrize("operation, permission", [
    ("ListInstances", "sso:ListInstances"), ("GetUserId", "identitystore:GetUserId"),
    ("CreateGroup", "identitystore:CreateGroup"), ("CreateAccountAssignment", "sso:CreateAccountAssignment"),
    ("DescribePermissionSet", "sso:DescribePermissionSet")])
def test_a_role_that_may_not_is_told_what_it_lacks(administrator, practice, operation, permission):
    refuse(practice, operation)
    result = grant(administrator, *EVERYTHING)
    assert result.status == 4 and f"the role lacks the permission {permission}: name one that has it" in result.err
    assert operation in WRITES or writes(practice) == []


def test_the_home_region_is_the_sessions_and_another_has_nothing(administrator, practice):
    fails(grant(administrator, "--group", "x", "--region", "eu-west-1"), 4, "not seen in eu-west-1", "--region")
    result = run(administrator, "instance", "--region", "eu-west-1")
    assert (result.status, result.out) == (0, "no instance is seen in eu-west-1 with this role\n")
    assert json.loads(run(administrator, "instance", "--region", "eu-west-1", "--json").out) == {"instances": []}


def test_an_instance_can_be_named(administrator):
    arn = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
    assert set(granted(administrator, "--group", "x", "--instance-arn", arn).values()) == {"done"}
    fails(grant(administrator, "--group", "y", "--instance-arn", arn[:-1] + "0"), 4, f"{arn[:-1]}0 is not seen in")


def test_of_several_instances_one_must_be_named(cli):
    rows = [{"InstanceArn": f"arn:aws:sso:::instance/ssoins-{n:016}", "IdentityStoreId": "d-1234567890"}
            for n in range(2)]
    cli.agent.answers["Call"] = lambda call: call.reply({"status": 200, "body": json.dumps({"Instances": rows})})
    fails(cli.iamic("admin", "users", *ROLE), 2, "several instances, name one with --instance-arn",
          rows[0]["InstanceArn"], rows[1]["InstanceArn"])


def test_one_that_is_replicated_is_asked_at_home(cli):
    answers = {"ListInstances": {"Instances": [{"InstanceArn": "arn:x", "IdentityStoreId": "d-1234567890",
                                                "PrimaryRegion": "eu-central-1"}]}, "ListUsers": {"Users": []}}
    cli.agent.answers["Call"] = lambda call: call.reply(
        {"status": 200, "body": json.dumps(answers[call.parameters["operation"]])})
    assert cli.iamic("admin", "users", *ROLE).status == 0
    assert [one["region"] for one in cli.agent.parameters_of("Call")] == ["us-east-1", "eu-central-1"]


# What there is.

def test_the_instance(administrator, practice):
    result = run(administrator, "instance")
    assert result.out.splitlines() == [
        "arn:aws:sso:::instance/ssoins-0123456789abcdef", "  name       practice", "  state      ACTIVE",
        "  region     us-east-1", "  owner      111122223333", "  store      d-1234567890",
        "  accounts   are given by permission sets", "  people     no user comes from another identity provider"]
    practice.set(users=[{"UserName": "carol", "ExternalIds": [{"Issuer": "https://okta.example.com", "Id": "7"}]}])
    assert "  people     come from https://okta.example.com\n" in run(administrator, "instance").out
    refuse(practice, "ListUsers", "DescribeInstance")
    result = run(administrator, "instance", "--json")
    instance, = json.loads(result.out)["instances"]
    assert instance["permissionSets"] is None and instance["identityProviders"] is None, result
    assert "  people     are not for this role to look at\n" in run(administrator, "instance").out


def test_users_come_in_pages(administrator, practice):
    people = [{"UserName": f"user-{n}", "DisplayName": f"User {n}", "UserStatus": "ENABLED",
               "Emails": [{"Value": f"{n}@example.com", "Type": "work", "Primary": True}]} for n in range(5)]
    practice.set(users=people, page_size=3)
    lines = run(administrator, "users").out.splitlines()
    assert lines == [f"user-{n}  User {n}  {n}@example.com  ENABLED" for n in range(5)]
    document = json.loads(run(administrator, "users", "--json").out)
    jsonschema.validate(document, SCHEMAS["users"])
    assert [one["email"] for one in document["users"]] == [f"{n}@example.com" for n in range(5)]
    assert practice.count("ListUsers") == 4
    assert granted(administrator, "--user-name", "user-4", "--group", "x")["user 'user-4'"] == "there"


def test_permission_sets_of_many_pages(administrator, practice):
    practice.set(page_size=2)
    granted(administrator, *LOOK)
    assert run(administrator, "permission-sets").out.splitlines() == [
        "Administrator  8h  -", "Billing        8h  -", "Power+User     8h  -", "ReadOnly       8h  -",
        "Look           2h  -"]
    jsonschema.validate(json.loads(run(administrator, "permission-sets", "--json").out), SCHEMAS["permission-sets"])
    assert set(granted(administrator, *LOOK).values()) == {"there"}


def test_who_has_what_in_an_account(administrator, practice):
    """Each name is asked for once, however often it stands there."""
    practice.set(page_size=2)
    granted(administrator, *EVERYTHING)
    granted(administrator, "--group", "Readers", "--permission-set", "Billing", "--target-account", "012345678901")
    granted(administrator, "--user-name", "bob", "--permission-set", "Billing", "--target-account", "012345678901")
    lines = run(administrator, "assignments", "012345678901").out.splitlines()
    assert sorted(lines) == ["Billing  group  Readers", "Billing  user   bob", "Look     group  Readers"]
    assert practice.count("DescribeGroup") == 1
    rows = json.loads(run(administrator, "assignments", "012345678901", "--json").out)
    jsonschema.validate(rows, SCHEMAS["assignments"])
    assert {one["accountId"] for one in rows["assignments"]} == {"012345678901"}
    assert run(administrator, "assignments", "999988887777").out == ""


def test_an_assignment_of_who_is_gone_shows_the_id(administrator, practice):
    granted(administrator, *EVERYTHING)
    practice.fault("DescribeGroup", "status", status=400, code="ResourceNotFoundException", message="GROUP not found")
    line = run(administrator, "assignments", "012345678901").out
    assert len(line.split()[2]) == 36 and line.split()[:2] == ["Look", "group"], line


@pytest.mark.parametrize("words, said", [([], "of which account?"), (["1234"], "12 digits")])
def test_the_account_must_be_named(cli, words, said):
    fails(cli.iamic("admin", "assignments", *words), 2, said)
    assert not cli.agent.calls
