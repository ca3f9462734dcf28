"""Identity Center itself: its instance, permission sets, and their assignment to accounts, which takes a while."""

from practice import sigv4
from practice.admin import allowed, answer, listing
from practice.directory import INSTANCE, STORE, PermissionSet, set_arn
from practice.message import Refusal

HOME = "us-east-1"
POLICIES_MAX = 10


def directory(center, request, operation, given):
    """What there is; only the home region knows of it."""
    allowed(center, request, operation)
    if given["InstanceArn"] != INSTANCE or not is_at_home(request):
        raise Refusal("ResourceNotFoundException", "Instance not found", violation=True)
    center.state.directory.everyone()
    center.state.directory.go_on()
    return center.state.directory


def is_at_home(request):
    return sigv4.claim(request.header("authorization")).region == HOME


def the_set(there, given):
    found = there.sets().get(given["PermissionSetArn"])
    if not found:
        raise Refusal("ResourceNotFoundException", "PermissionSet not found", violation=True)
    return found


def of_instance(account):
    return {"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "OwnerAccountId": "111122223333", "Name": "practice",
            "Status": account["instance_status"]}


def list_instances(center, request, given):
    account = allowed(center, request, "ListInstances")
    there = [{**of_instance(account), "PrimaryRegion": HOME}] if is_at_home(request) else []
    return listing(center, "ListInstances", given, "Instances", there)


def describe_instance(center, request, given):
    directory(center, request, "DescribeInstance", given)
    return answer({**of_instance(center.state.settings["account"]), "PermissionSetsEnabled": True})


# Permission sets.

def described(one):
    return {"Name": one.name, "PermissionSetArn": one.arn, "SessionDuration": one.duration}


def list_permission_sets(center, request, given):
    there = directory(center, request, "ListPermissionSets", given)
    return listing(center, "ListPermissionSets", given, "PermissionSets", list(there.sets()))


def describe_permission_set(center, request, given):
    there = directory(center, request, "DescribePermissionSet", given)
    return answer({"PermissionSet": described(the_set(there, given))})


def create_permission_set(center, request, given):
    there = directory(center, request, "CreatePermissionSet", given)
    if set_arn(given["Name"]) in there.sets():
        raise Refusal("ConflictException", f"PermissionSet with name {given['Name']} already exists.")
    made = PermissionSet(given["Name"], given.get("SessionDuration", "PT1H"))
    there.made_sets[made.arn] = made
    return answer({"PermissionSet": described(made)})


def update_permission_set(center, request, given):
    changed = the_set(directory(center, request, "UpdatePermissionSet", given), given)
    changed.duration = given.get("SessionDuration", changed.duration)
    changed.change()
    return answer({})


def list_managed_policies(center, request, given):
    operation = "ListManagedPoliciesInPermissionSet"
    there = directory(center, request, operation, given)
    policies = [{"Name": arn.rpartition("/")[2], "Arn": arn} for arn in the_set(there, given).policies]
    return listing(center, operation, given, "AttachedManagedPolicies", policies)


def attach_managed_policy(center, request, given):
    changed = the_set(directory(center, request, "AttachManagedPolicyToPermissionSet", given), given)
    if given["ManagedPolicyArn"] in changed.policies:
        raise Refusal("ConflictException", "Managed policy is already attached to the permission set.")
    if len(changed.policies) == POLICIES_MAX:
        raise Refusal("ServiceQuotaExceededException", "You have exceeded the limit of managed policies.")
    changed.policies.append(given["ManagedPolicyArn"])
    changed.change()
    return answer({})


# Provisioning, and assignments.

def list_accounts_of_set(center, request, given):
    operation = "ListAccountsForProvisionedPermissionSet"
    one = the_set(directory(center, request, operation, given), given)
    outdated = set(one.outdated())
    wanted = {None: set(one.provisioned), "LATEST_PERMISSION_SET_NOT_PROVISIONED": outdated,
              "LATEST_PERMISSION_SET_PROVISIONED": set(one.provisioned) - outdated}
    return listing(center, operation, given, "AccountIds", sorted(wanted[given.get("ProvisioningStatus")]))


def list_sets_of_account(center, request, given):
    operation = "ListPermissionSetsProvisionedToAccount"
    there = directory(center, request, operation, given)
    arns = [arn for arn, one in there.sets().items() if given["AccountId"] in one.provisioned]
    return listing(center, operation, given, "PermissionSets", arns)


def provision_permission_set(center, request, given):
    there = directory(center, request, "ProvisionPermissionSet", given)
    one = the_set(there, given)
    about = {"PermissionSetArn": one.arn}
    if given["TargetType"] != "ALL_PROVISIONED_ACCOUNTS":
        raise Refusal("ValidationException", "The practice centre provisions all accounts only", violation=True)
    if there.is_under_way(**about):
        raise Refusal("ConflictException", "There is an ongoing operation on this permission set.")
    if not one.provisioned:
        raise Refusal("ValidationException", "The permission set is not provisioned anywhere.", violation=True)

    def carry_out():
        one.provisioned = dict.fromkeys(one.provisioned, one.version)
    return answer({"PermissionSetProvisioningStatus": there.begin(carry_out, **about).status()})


def looked_at(there, id):
    operation = there.operations.get(id)
    if not operation:
        raise Refusal("ResourceNotFoundException", "Request not found", violation=True)
    return operation.status()


def describe_provisioning(center, request, given):
    there = directory(center, request, "DescribePermissionSetProvisioningStatus", given)
    return answer({"PermissionSetProvisioningStatus": looked_at(there, given["ProvisionPermissionSetRequestId"])})


def list_account_assignments(center, request, given):
    there = directory(center, request, "ListAccountAssignments", given)
    arn = the_set(there, given).arn
    rows = [{"AccountId": account, "PermissionSetArn": of_set, "PrincipalType": kind, "PrincipalId": id}
            for account, of_set, kind, id in sorted(there.assignments)
            if (account, of_set) == (given["AccountId"], arn)]
    return listing(center, "ListAccountAssignments", given, "AccountAssignments", rows)


def create_account_assignment(center, request, given):
    there = directory(center, request, "CreateAccountAssignment", given)
    one, account, id = the_set(there, given), given["TargetId"], given["PrincipalId"]
    if id not in (there.users if given["PrincipalType"] == "USER" else there.groups):
        raise Refusal("ResourceNotFoundException", f"{given['PrincipalType']} not found", violation=True)
    about = {name: given[name] for name in given if name != "InstanceArn"}
    if there.is_under_way(**about):
        raise Refusal("ConflictException", "There is an ongoing operation for this assignment.")
    failure = "" if there.has_account(account) else f"Received a 404 status error: account {account} not found."
    operation = there.begin(lambda: there.assign(account, one, given["PrincipalType"], id), failure, **about)
    return answer({"AccountAssignmentCreationStatus": operation.status()})


def describe_assignment_creation(center, request, given):
    there = directory(center, request, "DescribeAccountAssignmentCreationStatus", given)
    return answer({"AccountAssignmentCreationStatus": looked_at(there, given["AccountAssignmentCreationRequestId"])})


HANDLERS = {
    "ListInstances": list_instances, "DescribeInstance": describe_instance,
    "ListPermissionSets": list_permission_sets, "DescribePermissionSet": describe_permission_set,
    "CreatePermissionSet": create_permission_set, "UpdatePermissionSet": update_permission_set,
    "ListManagedPoliciesInPermissionSet": list_managed_policies,
    "AttachManagedPolicyToPermissionSet": attach_managed_policy,
    "ListAccountsForProvisionedPermissionSet": list_accounts_of_set,
    "ListPermissionSetsProvisionedToAccount": list_sets_of_account,
    "ProvisionPermissionSet": provision_permission_set,
    "DescribePermissionSetProvisioningStatus": describe_provisioning,
    "ListAccountAssignments": list_account_assignments, "CreateAccountAssignment": create_account_assignment,
    "DescribeAccountAssignmentCreationStatus": describe_assignment_creation,
}
