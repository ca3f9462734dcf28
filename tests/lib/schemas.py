"""What `--json` prints: exactly the members that iamic(1) promises, of the types that it promises."""

TEXT, MAYBE_TEXT, NUMBER = {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer"}
TIME = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
ACCOUNT_ID = {"type": "string", "pattern": r"^\d{12}$"}
STATE = {"enum": ["loading", "signed_out", "signing_in", "ready", "refreshing", "locked"]}


def exactly(**members):
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def rows(**members):
    return {"type": "array", "items": exactly(**members)}


SCHEMAS = {
    "accounts": exactly(accounts=rows(accountId=ACCOUNT_ID, accountName=MAYBE_TEXT, emailAddress=MAYBE_TEXT)),
    "roles": exactly(roles=rows(accountId=ACCOUNT_ID, roleName=TEXT)),
    "whoami": exactly(Account=ACCOUNT_ID, Arn={"type": "string", "pattern": "^arn:"}, UserId=TEXT),
    "version": exactly(version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}),
    "log": exactly(time=TIME, session=TEXT, accountId=ACCOUNT_ID, roleName=TEXT, pid=NUMBER, program=MAYBE_TEXT,
                   share=MAYBE_TEXT),
    "status": exactly(
        version=TEXT, pid=NUMBER, socket=TEXT,
        store=exactly(kind=TEXT, state=TEXT, protects=TEXT, lastError=MAYBE_TEXT),
        sessions=rows(name=TEXT, startUrl=TEXT, region=TEXT, state=STATE, signedInAt=TIME, expires=TIME,
                      refreshAt=TIME, sessionEnds=TIME, lastError=MAYBE_TEXT),
        roles=rows(session=TEXT, accountId=ACCOUNT_ID, roleName=TEXT, roleArn=MAYBE_TEXT, expires=TIME),
        shares=rows(name=TEXT, profiles={"type": "array", "items": TEXT}, until=TIME),
        network={"type": "object", "additionalProperties": TEXT}),
    # Those of iamic admin.
    "instance": exactly(instances=rows(
        instanceArn=MAYBE_TEXT, identityStoreId=MAYBE_TEXT, ownerAccountId=MAYBE_TEXT, name=MAYBE_TEXT,
        status=MAYBE_TEXT, region=TEXT, permissionSets={"type": ["boolean", "null"]},
        identityProviders={"type": ["array", "null"], "items": TEXT})),
    "users": exactly(users=rows(userName=MAYBE_TEXT, displayName=MAYBE_TEXT, email=MAYBE_TEXT, status=MAYBE_TEXT,
                                userId=MAYBE_TEXT)),
    "groups": exactly(groups=rows(displayName=MAYBE_TEXT, description=MAYBE_TEXT, groupId=MAYBE_TEXT)),
    "permission-sets": exactly(permissionSets=rows(name=TEXT, sessionDuration=MAYBE_TEXT, description=MAYBE_TEXT,
                                                   permissionSetArn=TEXT)),
    "assignments": exactly(assignments=rows(accountId=ACCOUNT_ID, permissionSet=TEXT, principalType=TEXT,
                                            principalName=MAYBE_TEXT, principalId=TEXT)),
    "grant": exactly(instanceArn=TEXT, identityStoreId=TEXT, region=TEXT, steps=rows(
        kind={"enum": ["user", "group", "membership", "permission-set", "session-duration", "policy", "provisioning",
                       "assignment"]},
        state={"enum": ["there", "differs", "planned", "done", "failed"]}, object=TEXT, detail=MAYBE_TEXT,
        accountId={"type": ["string", "null"], "pattern": r"^\d{12}$"})),
}
