"""The identity store: users, groups, and who is in which."""

import uuid

from practice.admin import allowed, answer, listing
from practice.directory import STORE
from practice.message import Refusal

RESERVED = ("administrator", "awsadministrators")


def directory(center, request, operation, given):
    allowed(center, request, operation)
    if given["IdentityStoreId"] != STORE:
        raise Refusal("ResourceNotFoundException", "IDENTITY_STORE not found.", violation=True)
    center.state.directory.everyone()
    return center.state.directory


def unique_value(given, paths):
    """What the alternate identifier of a look-up is about."""
    unique = given["AlternateIdentifier"].get("UniqueAttribute")
    if not unique or unique["AttributePath"] not in paths or not isinstance(unique["AttributeValue"], str):
        raise Refusal("ValidationException", f"The only unique attributes are {', '.join(paths)}", violation=True)
    return unique["AttributeValue"]


def the(found, kind):
    if not found:
        raise Refusal("ResourceNotFoundException", f"{kind} not found.")
    return found


def get_user_id(center, request, given):
    users = directory(center, request, "GetUserId", given)
    found = the(users.user_named(unique_value(given, ["userName"])), "USER")
    return answer({"UserId": found["UserId"], "IdentityStoreId": STORE})


def get_group_id(center, request, given):
    groups = directory(center, request, "GetGroupId", given)
    found = the(groups.group_named(unique_value(given, ["displayName"])), "GROUP")
    return answer({"GroupId": found["GroupId"], "IdentityStoreId": STORE})


def describe_user(center, request, given):
    users = directory(center, request, "DescribeUser", given).users
    return answer(the(users.get(given["UserId"]), "USER"))


def describe_group(center, request, given):
    groups = directory(center, request, "DescribeGroup", given).groups
    return answer(the(groups.get(given["GroupId"]), "GROUP"))


def list_users(center, request, given):
    users = directory(center, request, "ListUsers", given).users
    return listing(center, "ListUsers", given, "Users", list(users.values()))


def list_groups(center, request, given):
    groups = directory(center, request, "ListGroups", given).groups
    return listing(center, "ListGroups", given, "Groups", list(groups.values()))


def check_new(name, there, kind):
    if name.lower() in RESERVED:
        raise Refusal("ValidationException", f"{name} is a reserved name")
    if there:
        raise Refusal("ConflictException", f"Duplicate {kind}")


def create_user(center, request, given):
    """Identity Center wants more than the model does."""
    users = directory(center, request, "CreateUser", given)
    for missing in {"UserName", "DisplayName", "Name"} - set(given):
        raise Refusal("ValidationException", f"{missing} is a required attribute", violation=True)
    if not given["Name"].get("GivenName") or not given["Name"].get("FamilyName"):
        raise Refusal("ValidationException", "Name needs GivenName and FamilyName", violation=True)
    check_new(given["UserName"], users.user_named(given["UserName"]), "UserName")
    return answer({"UserId": users.add(users.users, "UserId", {**given, "UserStatus": "ENABLED"}),
                   "IdentityStoreId": STORE})


def create_group(center, request, given):
    groups = directory(center, request, "CreateGroup", given)
    if "DisplayName" not in given:
        raise Refusal("ValidationException", "DisplayName is a required attribute", violation=True)
    check_new(given["DisplayName"], groups.group_named(given["DisplayName"]), "GroupDisplayName")
    return answer({"GroupId": groups.add(groups.groups, "GroupId", given), "IdentityStoreId": STORE})


def pair(there, given):
    """The group and the user that a membership is about, which both must be there."""
    the(given["GroupId"] in there.groups, "GROUP")
    the(given["MemberId"].get("UserId") in there.users, "USER")
    return given["GroupId"], given["MemberId"]["UserId"]


def get_group_membership_id(center, request, given):
    there = directory(center, request, "GetGroupMembershipId", given)
    found = the(there.memberships.get(pair(there, given)), "GROUP_MEMBERSHIP")
    return answer({"MembershipId": found, "IdentityStoreId": STORE})


def create_group_membership(center, request, given):
    there = directory(center, request, "CreateGroupMembership", given)
    both = pair(there, given)
    if both in there.memberships:
        raise Refusal("ConflictException", "Member and Group relationship already exists.")
    there.memberships[both] = str(uuid.uuid4())
    return answer({"MembershipId": there.memberships[both], "IdentityStoreId": STORE})


HANDLERS = {
    "GetUserId": get_user_id, "DescribeUser": describe_user, "ListUsers": list_users, "CreateUser": create_user,
    "GetGroupId": get_group_id, "DescribeGroup": describe_group, "ListGroups": list_groups,
    "CreateGroup": create_group, "GetGroupMembershipId": get_group_membership_id,
    "CreateGroupMembership": create_group_membership,
}
