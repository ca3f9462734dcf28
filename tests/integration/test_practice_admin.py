"""The administrator's half of the practice Identity Center: what is made there, by AWS's models and AWS's rules."""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice import admin, faults, identitystore, instance, validate  # noqa: E402
from practice.directory import INSTANCE, STORE, set_arn  # noqa: E402

pytest_plugins = ["practice.fixtures"]

ACCOUNT = "111122223333"
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BOB = {"UserName": "bob", "DisplayName": "Bob Ross", "Name": {"GivenName": "Bob", "FamilyName": "Ross"},
       "Emails": [{"Value": "bob@example.com", "Type": "work", "Primary": True}]}


class Administrator:
    def __init__(self, center, speaker):
        self.center, self.speaker, self.role, self.asked = center, speaker, speaker.role(), set()

    def answer(self, operation, region="us-east-1", **given):
        service = admin.SIGNED_AS[operation]
        of = {"sso": {"InstanceArn": INSTANCE}, "identitystore": {"IdentityStoreId": STORE}}[service]
        given = {**(of if next(iter(of)) in admin.SERVICES[service]["operations"][operation]["input"] else {}), **given}
        body = json.dumps(given).encode()
        target = f"{admin.SERVICES[service]['target']}.{operation}"
        more = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
        headers = self.speaker.signed(self.role, body, region=region, service=service, more=more)
        return self.speaker.sts(headers, body)

    def ask(self, operation, **given):
        """The reply, which is as AWS's model has it."""
        answer = self.answer(operation, **given)
        assert answer.status == 200, answer.body
        output = admin.SERVICES[admin.SIGNED_AS[operation]]["operations"][operation]["output"]
        assert [problem.text for problem in validate.structure(output, answer.json())] == []
        found = []
        faults.each_holder(answer.json(), faults.FIELD.get(operation), found.append)
        assert found or not output, operation
        self.asked.add(operation)
        return answer.json()

    def refused(self, operation, **given):
        answer = self.answer(operation, **given)
        assert answer.status == 400, answer.body
        return answer.error()

    def finish(self, operation, reply, name):
        """Looks until it is no longer in progress."""
        states = []
        while not states or states[-1] == "IN_PROGRESS":
            assert len(states) < 10
            id = next(iter(reply.values()))["RequestId"]
            states.append(next(iter(self.ask(operation, **{name: id}).values()))["Status"])
        return states


@pytest.fixture
def administrator(center, speaker):
    return Administrator(center, speaker)


@pytest.fixture
def made(administrator):
    """bob, in the group Readers, and the permission set Look with a policy; nothing is assigned."""
    ask = administrator.ask
    administrator.bob, administrator.readers = ask("CreateUser", **BOB)["UserId"], \
        ask("CreateGroup", DisplayName="Readers")["GroupId"]
    ask("CreateGroupMembership", GroupId=administrator.readers, MemberId={"UserId": administrator.bob})
    ask("CreatePermissionSet", Name="Look", SessionDuration="PT2H")
    ask("AttachManagedPolicyToPermissionSet", PermissionSetArn=set_arn("Look"), ManagedPolicyArn=POLICY)
    return administrator


def assign(administrator, **changes):
    given = {"TargetId": ACCOUNT, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": set_arn("Look"),
             "PrincipalType": "GROUP", "PrincipalId": administrator.readers, **changes}
    reply = administrator.ask("CreateAccountAssignment", **given)
    return administrator.finish("DescribeAccountAssignmentCreationStatus", reply, "AccountAssignmentCreationRequestId")


def unique(path, value):
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}


def test_every_operation_is_answered_as_the_model_says(made):
    ask, look = made.ask, {"PermissionSetArn": set_arn("Look")}
    assert ask("ListInstances")["Instances"][0]["IdentityStoreId"] == STORE
    ask("DescribeInstance")
    assert ask("GetUserId", AlternateIdentifier=unique("userName", "BOB"))["UserId"] == made.bob
    assert ask("DescribeUser", UserId=made.bob)["Emails"][0]["Value"] == "bob@example.com"
    assert [one["UserName"] for one in ask("ListUsers")["Users"]] == ["bob"]
    assert ask("GetGroupId", AlternateIdentifier=unique("displayName", "Readers"))["GroupId"] == made.readers
    ask("DescribeGroup", GroupId=made.readers)
    assert len(ask("ListGroups")["Groups"]) == 1
    ask("GetGroupMembershipId", GroupId=made.readers, MemberId={"UserId": made.bob})
    assert set_arn("Look") in ask("ListPermissionSets")["PermissionSets"]
    assert ask("DescribePermissionSet", **look)["PermissionSet"]["SessionDuration"] == "PT2H"
    assert ask("ListManagedPoliciesInPermissionSet", **look)["AttachedManagedPolicies"][0]["Arn"] == POLICY
    assert assign(made) == ["SUCCEEDED"]
    assert ask("ListAccountAssignments", AccountId=ACCOUNT, **look)["AccountAssignments"][0]["PrincipalId"] == \
        made.readers
    assert set_arn("Look") in ask("ListPermissionSetsProvisionedToAccount", AccountId=ACCOUNT)["PermissionSets"]
    assert ask("ListAccountsForProvisionedPermissionSet", **look)["AccountIds"] == [ACCOUNT]
    ask("UpdatePermissionSet", SessionDuration="PT1H", **look)
    reply = ask("ProvisionPermissionSet", TargetType="ALL_PROVISIONED_ACCOUNTS", **look)
    assert made.finish("DescribePermissionSetProvisioningStatus", reply, "ProvisionPermissionSetRequestId")
    assert made.asked == {*instance.HANDLERS, *identitystore.HANDLERS}
    made.center.check()


def test_what_is_assigned_is_there_after_the_next_sign_in(made, speaker):
    def accounts(token):
        return speaker.portal("/assignment/accounts", token).json()["accountList"]
    before = made.center.token(user="bob")
    assert accounts(before) == []
    assign(made)
    assert accounts(before) == []
    after = made.center.token(user="bob")
    assert [one["accountId"] for one in accounts(after)] == [ACCOUNT]
    roles = speaker.portal("/assignment/roles", after, account_id=ACCOUNT).json()["roleList"]
    assert [one["roleName"] for one in roles] == ["Look"]
    identity = speaker.sts(speaker.signed(speaker.role(role="Look", token=after))).body
    assert b":assumed-role/AWSReservedSSO_Look_" in identity and b"/bob</Arn>" in identity
    assert len(accounts(made.center.token())) == 3


def test_an_assignment_takes_a_while_and_may_fail(made):
    made.center.set(operation_polls=2)
    assert assign(made) == ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"]
    made.center.set(operation_polls=0, operation_fails="Because")
    assert assign(made, PrincipalType="USER", PrincipalId=made.bob) == ["FAILED"]
    made.center.set(operation_fails="")
    assert assign(made, TargetId="444455556666") == ["FAILED"]


def test_what_is_under_way_conflicts_with_itself(made):
    made.center.set(operation_polls=1)
    given = {"TargetId": ACCOUNT, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": set_arn("Look"),
             "PrincipalType": "GROUP", "PrincipalId": made.readers}
    made.ask("CreateAccountAssignment", **given)
    assert made.refused("CreateAccountAssignment", **given) == "ConflictException"


def test_a_changed_set_is_outdated_where_it_is_provisioned(made):
    look = {"PermissionSetArn": set_arn("Look")}
    stale = {**look, "ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}

    def outdated():
        return made.ask("ListAccountsForProvisionedPermissionSet", **stale)["AccountIds"]
    assign(made)
    assert outdated() == []
    made.ask("UpdatePermissionSet", SessionDuration="PT1H", **look)
    assert outdated() == [ACCOUNT]
    made.center.set(operation_polls=1)
    reply = made.ask("ProvisionPermissionSet", TargetType="ALL_PROVISIONED_ACCOUNTS", **look)
    assert outdated() == [ACCOUNT]
    made.finish("DescribePermissionSetProvisioningStatus", reply, "ProvisionPermissionSetRequestId")
    assert outdated() == []


@pytest.mark.parametrize("operation, given, error", [
    ("CreateUser", {**BOB, "UserName": "Bob"}, "ConflictException"),
    ("CreateUser", {**BOB, "UserName": "Administrator"}, "ValidationException"),
    ("CreateGroup", {"DisplayName": "readers"}, "ConflictException"),
    ("CreatePermissionSet", {"Name": "Look"}, "ConflictException"),
    ("CreatePermissionSet", {"Name": "ReadOnly"}, "ConflictException"),
    ("AttachManagedPolicyToPermissionSet", {"PermissionSetArn": set_arn("Look"), "ManagedPolicyArn": POLICY},
     "ConflictException"),
    ("GetUserId", {"AlternateIdentifier": unique("userName", "nobody")}, "ResourceNotFoundException"),
    ("GetGroupId", {"AlternateIdentifier": unique("displayName", "nobody")}, "ResourceNotFoundException"),
])
def test_what_aws_refuses_to_who_did_nothing_wrong(made, operation, given, error):
    assert made.refused(operation, **given) == error
    made.center.check()


@pytest.mark.parametrize("operation, given", [
    ("CreateUser", {"UserName": "x"}), ("CreateUser", {**BOB, "UserName": "x", "Name": {"GivenName": "x"}}),
    ("CreateUser", {**BOB, "UserName": "with blank"}), ("CreateUser", {**BOB, "UserName": ""}),
    ("CreateUser", {**BOB, "UserName": "x", "Emails": []}), ("CreateGroup", {}),
    ("CreatePermissionSet", {"Name": "a b"}), ("CreatePermissionSet", {"Name": "x" * 33}),
    ("CreatePermissionSet", {"Name": "x", "SessionDuration": "8h"}),
    ("GetUserId", {"AlternateIdentifier": unique("displayName", "x")}),
    ("AttachManagedPolicyToPermissionSet", {"PermissionSetArn": set_arn("Look"), "ManagedPolicyArn": "ReadOnlyAccess"}),
])
def test_what_breaks_a_rule_is_seen(made, operation, given):
    assert made.refused(operation, **given) == "ValidationException"
    assert made.center.violations()


def test_a_role_that_may_not(administrator):
    administrator.center.set(account={**administrator.center.set()["account"], "refuse": ["CreateUser"]})
    answer = administrator.answer("CreateUser", **BOB)
    assert answer.error() == "AccessDeniedException" and b"identitystore:CreateUser" in answer.body


def test_another_region_knows_of_no_instance(administrator):
    assert administrator.answer("ListInstances", region="eu-west-1").json() == {"Instances": []}


def test_lists_come_in_pages(administrator):
    administrator.center.set(users=[{"UserName": f"user-{n}"} for n in range(5)], page_size=2)
    names, token = [], None
    while token or not names:
        reply = administrator.ask("ListUsers", **({"NextToken": token} if token else {}))
        assert len(reply["Users"]) <= 2
        names += [one["UserName"] for one in reply["Users"]]
        token = reply.get("NextToken")
    assert names == [f"user-{n}" for n in range(5)]


def test_a_reset_forgets_what_was_made(made):
    made.center.reset()
    made.role = made.speaker.role()
    assert made.ask("ListUsers")["Users"] == []
