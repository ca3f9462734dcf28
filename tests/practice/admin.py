"""What the services of administrators have in common: how a request names its operation, who may ask, how they refuse.

Their operations stand in account.py (IAM and CloudTrail), instance.py (Identity Center itself) and identitystore.py.
"""

import types

from practice import sigv4, sts, tables
from practice.message import Refusal, Reply
from practice.portal import page
from practice.validate import json_protocol, query_protocol

SERVICES = {"sso": tables.SSO_ADMIN, "identitystore": tables.IDENTITYSTORE, "cloudtrail": tables.CLOUDTRAIL,
            "iam": tables.IAM}
SIGNED_AS = {name: service for service, table in SERVICES.items() for name in table["operations"]}
TARGETS = {f"{table['target']}.{name}": name for table in SERVICES.values() if "target" in table
           for name in table["operations"]}
XML = set(tables.IAM["operations"])


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
    """The role that asks; what the test says that it may not do is refused as AWS refuses it."""
    key = sigv4.verify(request, SIGNED_AS[name], center.state.now(), center.state.roles.get)
    if name in center.state.settings["account"].get("refuse", []):
        code = "AccessDenied" if name in XML else "AccessDeniedException"
        raise Refusal(code, f"User: {key.arn()} is not authorized to perform: {SIGNED_AS[name]}:{name}")
    return center.state.settings["account"]


def answer(document):
    return Reply(document=document, content_type="application/x-amz-json-1.1")


def listing(center, operation, given, name, items):
    """One page of items, under that name."""
    asked = {"nextToken": given.get("NextToken"), "maxResults": given.get("MaxResults")}
    shown, following = page(center.state, operation, asked, items)
    return answer({name: shown, **({"NextToken": following} if following else {})})
