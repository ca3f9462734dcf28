"""Trust policies of IAM roles: may this caller assume that role, with what it says of itself?

Evaluated is what such policies use: Allow and Deny, principals (accounts, roles, sessions, "*"), the actions
sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, and conditions on strings and ARNs.
"""

import fnmatch
import re

ACTIONS = {"AssumeRole": "sts:AssumeRole", "Tags": "sts:TagSession", "SourceIdentity": "sts:SetSourceIdentity"}


def trusting(*principals, actions=("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"), **condition):
    """A policy: trusting("012345678901", StringEquals={"sts:ExternalId": "secret"})."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": list(actions)}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def several(given):
    return given if isinstance(given, list) else [given]


def is_principal(pattern, key):
    """Is that what Principal names? An account stands for everyone in it."""
    account = re.fullmatch(r"(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?", pattern)
    return pattern == "*" or pattern in (key.role_arn(), key.arn()) or bool(account and account[1] == key.account)


def facts(key, given):
    """The keys of a condition."""
    known = {"aws:PrincipalArn": key.role_arn(), "aws:PrincipalAccount": key.account,
             "sts:RoleSessionName": given["RoleSessionName"]}
    for name, about in (("ExternalId", "sts:ExternalId"), ("SourceIdentity", "sts:SourceIdentity")):
        if name in given:
            known[about] = given[name]
    for tag in given.get("Tags", []):
        known["aws:RequestTag/" + tag["Key"]] = tag["Value"]
    return known


OPERATORS = {
    "StringEquals": lambda known, wanted: known == wanted,
    "StringLike": fnmatch.fnmatchcase,
    "ArnEquals": fnmatch.fnmatchcase,
    "ArnLike": fnmatch.fnmatchcase,
}


def holds(condition, known):
    for operator, wishes in condition.items():
        for name, wanted in wishes.items():
            if name not in known or not any(OPERATORS[operator](known[name], one) for one in several(wanted)):
                return False
    return True


def applies(statement, action, key, known):
    principals = statement["Principal"]
    principals = [principals] if principals == "*" else several(principals["AWS"])
    return (any(fnmatch.fnmatchcase(action, one) for one in several(statement["Action"]))
            and any(is_principal(one, key) for one in principals)
            and holds(statement.get("Condition", {}), known))


def refused_action(policy, key, given):
    """The first action that is needed and not allowed, or None. policy None: there is no such role."""
    known = facts(key, given)
    for needed, action in ACTIONS.items():
        if needed != "AssumeRole" and not given.get(needed):
            continue
        effects = {statement["Effect"] for statement in (policy or {"Statement": []})["Statement"]
                   if applies(statement, action, key, known)}
        if effects != {"Allow"}:
            return action
    return None
