"""What an administrator may read: the instance of Identity Center, CloudTrail's trails, IAM's summary."""

import types

from practice import sigv4, sts, tables
from practice.message import Refusal, Reply
from practice.validate import json_protocol, query_protocol
from practice.xml import writer

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
SERVICES = {"sso": tables.SSO_ADMIN, "cloudtrail": tables.CLOUDTRAIL, "iam": tables.IAM}
SIGNED_AS = {name: service for service, table in SERVICES.items() for name in table["operations"]}
TARGETS = {f"{table['target']}.{name}": name for table in SERVICES.values() if "target" in table
           for name in table["operations"]}
XML = set(tables.IAM["operations"])
WRITE = writer(tables.IAM["namespace"], item="entry")


def operation_name(request):
    """By the target of the JSON protocol, or the action of the query protocol; None for another service."""
    action = sts.action_of(request)
    return TARGETS.get(request.header("x-amz-target")) or (action if action in XML else None)


def read(operation, request):
    table = SERVICES[SIGNED_AS[operation]]
    if operation in XML:
        return query_protocol(table, table["operations"][operation], request.form())
    return json_protocol(table["operations"][operation], request)


def error(code, message, status=None):
    document = {"__type": f"com.amazon.coral.service#{code}", "message": message}
    return Reply(status or 400, document, content_type="application/x-amz-json-1.1")


def malformed(text):
    return error("ValidationException", text)


# IAM speaks XML, as STS does.
IAM = types.SimpleNamespace(read=read, error=sts.error, malformed=sts.malformed)


def allowed(center, request, name):
    """The role that asks; what the test says that it may not read is refused as AWS refuses it."""
    key = sigv4.verify(request, SIGNED_AS[name], center.state.now(), center.state.roles.get)
    if name in center.state.settings["account"].get("refuse", []):
        code = "AccessDenied" if name in XML else "AccessDeniedException"
        raise Refusal(code, f"User: {key.arn()} is not authorized to perform: {name}")
    return center.state.settings["account"]


def answer(document):
    return Reply(document=document, content_type="application/x-amz-json-1.1")


def list_instances(center, request, given):
    account = allowed(center, request, "ListInstances")
    return answer({"Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": "d-1234567890",
                                  "OwnerAccountId": "111122223333", "Status": account["instance_status"]}]})


def permission_sets(center):
    return sorted({role for account in center.state.settings["accounts"] for role in account["roles"]})


def set_arn(name):
    return f"{INSTANCE.replace('instance', 'permissionSet')}/ps-{name.encode().hex()[:16].ljust(16, '0')}"


def list_permission_sets(center, request, given):
    allowed(center, request, "ListPermissionSets")
    return answer({"PermissionSets": [set_arn(name) for name in permission_sets(center)]})


def describe_permission_set(center, request, given):
    account = allowed(center, request, "DescribePermissionSet")
    name = next((name for name in permission_sets(center) if set_arn(name) == given["PermissionSetArn"]), None)
    if given["InstanceArn"] != INSTANCE or not name:
        raise Refusal("ResourceNotFoundException", "PermissionSet not found", violation=True)
    return answer({"PermissionSet": {"Name": name, "PermissionSetArn": given["PermissionSetArn"],
                                     "SessionDuration": account["session_duration"]}})


def trail_arn(name):
    return f"arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}"


def describe_trails(center, request, given):
    account = allowed(center, request, "DescribeTrails")
    return answer({"trailList": [
        {"Name": trail["name"], "TrailARN": trail_arn(trail["name"]), "HomeRegion": "us-east-1",
         "S3BucketName": "trails", "IsMultiRegionTrail": True} for trail in account["trails"]]})


def get_trail_status(center, request, given):
    account = allowed(center, request, "GetTrailStatus")
    trail = next((trail for trail in account["trails"] if trail_arn(trail["name"]) == given["Name"]), None)
    if not trail:
        raise Refusal("TrailNotFoundException", "Unknown trail", violation=True)
    return answer({"IsLogging": trail["logging"]})


def get_account_summary(center, request, given):
    account = allowed(center, request, "GetAccountSummary")
    values = {"Users": 1, "AccountMFAEnabled": int(account["root_mfa"]), "AccountPasswordPresent": 1,
              "AccountAccessKeysPresent": account["root_keys"], "MFADevices": 3}
    entries = [{"key": key, "value": number} for key, number in values.items()]
    document = {"GetAccountSummaryResponse": {"GetAccountSummaryResult": {"SummaryMap": entries}}}
    return Reply(document=document, content_type="text/xml", write=WRITE)


HANDLERS = {
    "ListInstances": list_instances, "ListPermissionSets": list_permission_sets,
    "DescribePermissionSet": describe_permission_set, "DescribeTrails": describe_trails,
    "GetTrailStatus": get_trail_status, "GetAccountSummary": get_account_summary,
}
