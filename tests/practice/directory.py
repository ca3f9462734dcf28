"""What an administrator makes: users, groups, permission sets, and who has which of them in what account.

People whom nobody made have the accounts and roles of the settings, and each of those roles is a permission set.
Whoever was made has what is assigned to them, and nothing else.
"""

import hashlib
import uuid

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
STORE = "d-1234567890"


def set_arn(name):
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{INSTANCE.replace('instance', 'permissionSet')}/ps-{digest[:16]}"


class PermissionSet:
    def __init__(self, name, duration="PT1H", accounts=()):
        self.name = name
        self.arn = set_arn(name)
        self.duration = duration
        self.policies = []                              # ARNs
        self.version = 0                                # of what it grants
        self.provisioned = dict.fromkeys(accounts, 0)   # the version that an account has

    def change(self):
        self.version += 1

    def outdated(self):
        return [account for account, version in self.provisioned.items() if version != self.version]


class Operation:
    """What is done a while after it was asked for: in progress for as many requests as the settings say."""

    def __init__(self, settings, failure, carry_out, about):
        self.id = str(uuid.uuid4())
        self.settings = settings
        self.age = 0
        self.failure = failure
        self.carry_out = carry_out
        self.about = about
        self.state = "IN_PROGRESS"

    def go_on(self):
        self.age += 1
        if self.state == "IN_PROGRESS" and self.age > self.settings["operation_polls"]:
            failure = self.failure or self.settings["operation_fails"]
            self.state, self.failure = "FAILED" if failure else "SUCCEEDED", failure
            if not failure:
                self.carry_out()

    def status(self):
        reason = {"FailureReason": self.failure} if self.state == "FAILED" else {}
        return {"Status": self.state, "RequestId": self.id, **self.about, **reason}


class Directory:
    def __init__(self, settings):
        self.settings = settings
        self.users = {}             # as AWS describes them, by id
        self.groups = {}
        self.memberships = {}       # id by (group, user)
        self.made_sets = {}         # by ARN
        self.assignments = set()    # (account, ARN of the permission set, USER or GROUP, id)
        self.operations = {}        # by id

    # Users and groups.

    def everyone(self):
        """Those that were there before, as the settings have them, and those that were made."""
        for given in self.settings["users"]:
            if not self.user_named(given["UserName"]):
                self.add(self.users, "UserId", given)
        return self.users

    def user_named(self, name):
        """Capitals do not matter."""
        return next((one for one in self.users.values() if one["UserName"].lower() == name.lower()), None)

    def group_named(self, name):
        return next((one for one in self.groups.values() if one["DisplayName"].lower() == name.lower()), None)

    def add(self, kind, name_of_id, given):
        """A new one of that kind; gives its id."""
        id = str(uuid.uuid4())
        kind[id] = {**given, name_of_id: id, "IdentityStoreId": STORE}
        return id

    # Permission sets.

    def sets(self):
        """By ARN."""
        accounts = {}
        for account in self.settings["accounts"]:
            for role in account["roles"]:
                accounts.setdefault(role, []).append(account["accountId"])
        duration = self.settings["account"]["session_duration"]
        for name in sorted(accounts):
            self.made_sets.setdefault(set_arn(name), PermissionSet(name, duration, accounts[name]))
        return self.made_sets

    def has_account(self, id):
        return any(account["accountId"] == id for account in self.settings["accounts"])

    # Assignments.

    def begin(self, carry_out, failure="", **about):
        operation = Operation(self.settings, failure, carry_out, about)
        self.operations[operation.id] = operation
        return operation

    def go_on(self):
        """Time passes, here by requests."""
        for operation in self.operations.values():
            operation.go_on()

    def is_under_way(self, **about):
        return any(one.state == "IN_PROGRESS" and one.about == about for one in self.operations.values())

    def assign(self, account, permission_set, kind, id):
        self.assignments.add((account, permission_set.arn, kind, id))
        permission_set.provisioned[account] = permission_set.version

    def roles_of(self, name):
        """{account id: names of permission sets} of a user who was made; None for anybody else."""
        user = self.user_named(name) if name else None
        if not user:
            return None
        principals = {user["UserId"], *(group for group, member in self.memberships if member == user["UserId"])}
        found = {}
        for account, arn, _, principal in sorted(self.assignments):
            if principal in principals:
                found.setdefault(account, set()).add(self.made_sets[arn].name)
        return {account: sorted(names) for account, names in found.items()}
