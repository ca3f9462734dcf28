"""What an administrator may read of an account: CloudTrail's trails, IAM's summary."""

from practice import tables
from practice.admin import allowed, answer
from practice.message import Refusal, Reply
from practice.xml import writer

WRITE = writer(tables.IAM["namespace"], item="entry")


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


HANDLERS = {"DescribeTrails": describe_trails, "GetTrailStatus": get_trail_status,
            "GetAccountSummary": get_account_summary}
