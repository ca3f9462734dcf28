"""Faults on demand: which request meets one, and what it does to the reply."""

import os
import threading

from practice.message import Reply

PORTAL_PAGE = b"""<!DOCTYPE html><html><head><title>Guest network</title></head>
<body><h1>Welcome</h1><p>Accept the terms to use this network.</p></body></html>
"""
WRONG = {type(None): 7, str: 7, int: "soon", float: "soon", bool: "yes", list: {}, dict: "none"}
FIELD = {       # what a client cannot do without, spoilt when a fault names no field
    "RegisterClient": "clientId", "StartDeviceAuthorization": "deviceCode", "CreateToken": "accessToken",
    "GetRoleCredentials": "expiration", "ListAccounts": "accountList", "ListAccountRoles": "roleList",
    "GetCallerIdentity": "Arn", "AssumeRole": "Credentials", "GetSigninToken": "SigninToken",
    "ListInstances": "Instances", "ListPermissionSets": "PermissionSets", "DescribePermissionSet": "PermissionSet",
    "DescribeTrails": "trailList", "GetTrailStatus": "IsLogging", "GetAccountSummary": "SummaryMap",
    "DescribeInstance": "InstanceArn", "CreatePermissionSet": "PermissionSetArn",
    "ListManagedPoliciesInPermissionSet": "AttachedManagedPolicies",
    "ListAccountsForProvisionedPermissionSet": "AccountIds", "ListPermissionSetsProvisionedToAccount": "PermissionSets",
    "ProvisionPermissionSet": "RequestId", "DescribePermissionSetProvisioningStatus": "Status",
    "ListAccountAssignments": "AccountAssignments", "CreateAccountAssignment": "RequestId",
    "DescribeAccountAssignmentCreationStatus": "Status", "GetUserId": "UserId", "DescribeUser": "UserName",
    "ListUsers": "Users", "CreateUser": "UserId", "GetGroupId": "GroupId", "DescribeGroup": "DisplayName",
    "ListGroups": "Groups", "CreateGroup": "GroupId", "GetGroupMembershipId": "MembershipId",
    "CreateGroupMembership": "MembershipId",
}


def outermost(reply):
    """Where a member can be added: XML has one root, which must stay the only one."""
    return reply.document if reply.content_type != "text/xml" else next(iter(reply.document.values()))


def drop(reply, fault, operation):
    reply.vanish = "close"


def reset(reply, fault, operation):
    reply.vanish = "reset"


def status(reply, fault, operation):
    code = fault.arguments.get("status", 500)
    changed = operation.service.error(fault.arguments.get("code", "InternalServerException"),
                                  fault.arguments.get("message", "A fault on demand"), code)
    become(reply, changed)
    reply.headers += list(fault.arguments.get("headers", {}).items())


def throttle(reply, fault, operation):
    become(reply, operation.service.error("TooManyRequestsException", "HTTP 429 Unknown Code", 429))
    reply.headers.append(("Retry-After", str(fault.arguments.get("retry_after", 1))))


def garbage(reply, fault, operation):
    become(reply, Reply(body=os.urandom(fault.arguments.get("bytes", 512))))


def html(reply, fault, operation):
    become(reply, Reply(body=PORTAL_PAGE, content_type="text/html"))


def empty(reply, fault, operation):
    become(reply, Reply(body=b""))


def delay(reply, fault, operation):
    reply.delay += fault.arguments["seconds"]


def skew(reply, fault, operation):
    reply.date_skew = fault.arguments["seconds"]


def slow(reply, fault, operation):
    reply.bytes_per_second = fault.arguments["bytes_per_second"]


def truncate(reply, fault, operation):
    reply.cut_after = fault.arguments.get("bytes", len(reply.body()) // 2)


def oversize(reply, fault, operation):
    if not isinstance(reply.document, dict):
        reply.document = {}
    outermost(reply)["padding"] = "x" * max(0, fault.arguments.get("bytes", 16 << 20) - len(reply.body()))


def extra(reply, fault, operation):
    if isinstance(reply.document, dict):
        added = {"newMember": {"deep": [1, True, {"nextToken": "none"}]}, "other": "é\u2028"}
        outermost(reply).update(added)


def missing(reply, fault, operation):
    field = fault.field(operation)
    each_holder(reply.document, field, lambda holder: holder.pop(field))


def wrong_type(reply, fault, operation):
    field = fault.field(operation)
    each_holder(reply.document, field, lambda holder: holder.update({field: WRONG[type(holder[field])]}))


def each_holder(document, field, change):
    """Change every object that has the field, however deep."""
    if isinstance(document, list):
        for item in document:
            each_holder(item, field, change)
    elif isinstance(document, dict):
        for item in document.values():
            each_holder(item, field, change)
        if field in document:
            change(document)


def become(reply, other):
    reply.status, reply.document, reply.write = other.status, other.document, other.write
    reply.plain, reply.content_type, reply.headers = other.plain, other.content_type, other.headers


# Instead of the reply, and (unless processed=True) before the request is carried out.
INSTEAD = {"status": status, "drop": drop, "reset": reset, "garbage": garbage, "html": html, "empty": empty,
           "throttle": throttle}
# On the way of a reply; several of these may meet one request.
ON_THE_WAY = {"delay": delay, "skew": skew, "slow": slow}
# Of a reply that was made: the request is carried out.
SPOILT = {"truncate": truncate, "oversize": oversize, "wrong_type": wrong_type, "missing": missing,
          "extra": extra}
KINDS = {**INSTEAD, **ON_THE_WAY, **SPOILT}
ARGUMENTS = {
    "status": {"status", "code", "message", "headers", "processed"}, "drop": {"processed"},
    "reset": {"processed"}, "garbage": {"bytes", "processed"}, "html": {"processed"}, "empty": {"processed"},
    "throttle": {"retry_after", "processed"}, "delay": {"seconds"}, "skew": {"seconds"},
    "slow": {"bytes_per_second"}, "truncate": {"bytes"}, "oversize": {"bytes"}, "wrong_type": {"field"},
    "missing": {"field"}, "extra": set(),
}
NEEDED = {"delay": "seconds", "skew": "seconds", "slow": "bytes_per_second"}


class Fault:
    def __init__(self, operation, kind, times=1, after=0, **arguments):
        if kind not in KINDS:
            raise ValueError(f"no fault of the kind {kind}; there are {', '.join(sorted(KINDS))}")
        unknown = set(arguments) - ARGUMENTS[kind]
        if unknown or NEEDED.get(kind, "") not in ("", *arguments):
            raise ValueError(f"{kind} takes {', '.join(sorted(ARGUMENTS[kind])) or 'no arguments'}")
        self.operation = operation
        self.kind = kind
        self.times = times          # None: for good
        self.after = after
        self.arguments = arguments

    def instead(self):
        return self.kind in INSTEAD and not self.arguments.get("processed")

    def covers(self, operation, grant):
        """The star stands for AWS's operations; a page for people is named."""
        everything = self.operation == "*" and not operation.page
        return everything or self.operation in (operation.name, f"{operation.name}:{grant}")

    def field(self, operation):
        return self.arguments.get("field") or FIELD.get(operation.name)

    def can_spoil(self, operation, reply):
        """A fault of a field waits for a reply that has the field: a pending poll does not use it up."""
        if self.kind not in ("missing", "wrong_type"):
            return True
        holders = []
        each_holder(reply.document, self.field(operation), holders.append)
        return bool(holders)

    def spent(self):
        return self.times is not None and self.times <= 0

    def meets(self):
        """Count one request that the fault covers; whether it is hit."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = []

    def clear(self):
        with self.lock:
            self.waiting = []

    def add(self, fault):
        with self.lock:
            self.waiting.append(fault)

    def before(self, operation, grant):
        """The faults that need no reply: any number on the way, at most one instead."""
        taken = []
        with self.lock:
            for fault in self.waiting:
                if fault.kind in SPOILT or not fault.covers(operation, grant):
                    continue
                second = fault.kind in INSTEAD and any(one.kind in INSTEAD for one in taken)
                if not second and fault.meets():
                    taken.append(fault)
            self.waiting = [fault for fault in self.waiting if not fault.spent()]
        return taken

    def after(self, operation, grant, reply, taken):
        """At most one fault of a reply that was made."""
        if any(fault.kind in INSTEAD for fault in taken):
            return []
        with self.lock:
            for fault in self.waiting:
                if fault.kind not in SPOILT or not fault.covers(operation, grant):
                    continue
                if fault.can_spoil(operation, reply) and fault.meets():
                    self.waiting = [one for one in self.waiting if not one.spent()]
                    return [fault]
        return []


def apply(taken, reply, operation):
    """What travels last is decided last: a slow reply may be a spoilt one."""
    for fault in sorted(taken, key=lambda one: one.kind in ON_THE_WAY):
        KINDS[fault.kind](reply, fault, operation)
