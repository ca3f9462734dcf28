"""STS: GetCallerIdentity and AssumeRole, in AWS's query protocol, signed."""

import re
import secrets
import time

from practice import sigv4, tables, trust
from practice.message import Refusal, Reply
from practice.validate import Problem, query_encoding, query_protocol
from practice.xml import writer

WRITE = writer(tables.STS["namespace"], item="member")
STATUSES = {
    "AccessDenied": 403, "ExpiredToken": 403, "IncompleteSignature": 400, "InternalFailure": 500,
    "InvalidAction": 400, "InvalidClientTokenId": 403, "MissingAuthenticationToken": 403,
    "SignatureDoesNotMatch": 403, "Throttling": 400, "ValidationError": 400, **tables.statuses(tables.STS),
}
ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/((?:[^/]+/)*)([A-Za-z0-9_+=,.@-]{1,64})")
CHAINED_MAX = 3600


def request_id():
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def error(code, message, status=None):
    status = status or STATUSES.get(code, 400)
    document = {"ErrorResponse": {
        "Error": {"Type": "Sender" if status < 500 else "Receiver", "Code": code, "Message": message},
        "RequestId": request_id(),
    }}
    return Reply(status, document, content_type="text/xml", write=WRITE)


def answer(operation, result):
    document = {f"{operation}Response": {
        f"{operation}Result": result, "ResponseMetadata": {"RequestId": request_id()},
    }}
    return Reply(document=document, content_type="text/xml", write=WRITE)


def malformed(text):
    return error("ValidationError", text)


def action_of(request):
    """An address that was signed for another to open has it in its query."""
    return request.form().get("Action") or (is_address(request) and request.parameters().get("Action"))


def is_address(request):
    return request.method == "GET" and "X-Amz-Signature" in request.parameters()


def read(operation, request):
    if is_address(request):
        return {}, query_encoding(request.query)
    given, problems = query_protocol(tables.STS, tables.STS["operations"][operation], request.form())
    if request.media_type() != "application/x-www-form-urlencoded":
        problems.append(Problem("the Content-Type is not application/x-www-form-urlencoded"))
    if request.query:
        problems.append(Problem("a query where the parameters belong into the body"))
    return given, problems


def caller(center, request):
    verify = sigv4.verify if request.method == "POST" else sigv4.verify_address
    return verify(request, "sts", center.state.now(), center.state.roles.get)


def get_caller_identity(center, request, given):
    key = caller(center, request)
    return answer("GetCallerIdentity", {
        "Arn": key.arn(), "UserId": f"{key.role_id()}:{key.user}", "Account": key.account,
    })


def check_identity(key, given):
    """A source identity is kept through a chain, and cannot be changed in it."""
    if key.identity and given.get("SourceIdentity", key.identity) != key.identity:
        raise Refusal("AccessDenied", f"User: {key.arn()} is not authorized to perform: sts:SetSourceIdentity")


def check_tags(key, given):
    """Transitive tags neither; and only tags of this session can be made transitive."""
    tags = [tag["Key"] for tag in given.get("Tags", [])]
    if len(set(tags)) != len(tags) or set(tags) & set(key.tags):
        raise Refusal("InvalidParameterValue", "Duplicate tag keys found.", status=400)
    if not set(given.get("TransitiveTagKeys", [])) <= set(tags) | set(key.tags):
        raise Refusal("InvalidParameterValue", "A transitive tag key is not among the tags.", status=400)


def check_trust(state, key, given):
    action = trust.refused_action(state.settings["trust"].get(given["RoleArn"]), key, given)
    if action:
        raise Refusal("AccessDenied", f"User: {key.arn()} is not authorized to perform: {action} on resource: "
                      f"{given['RoleArn']}")


def assume_role(center, request, given):
    key = caller(center, request)
    arn = ROLE_ARN.fullmatch(given["RoleArn"])
    if not arn:
        raise Refusal("ValidationError", "The RoleArn is not a valid ARN of a role.", violation=True)
    life = given.get("DurationSeconds", CHAINED_MAX)
    if life > CHAINED_MAX:
        raise Refusal("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for "
                      "roles assumed by role chaining", violation=True)
    check_trust(center.state, key, given)
    check_identity(key, given)
    check_tags(key, given)
    life = min(life, center.state.settings["assumed_life"])
    role = center.state.grant_role(arn[1], arn[3], given["RoleSessionName"], life, chained=True, path=arn[2])
    role.identity = given.get("SourceIdentity", key.identity)
    tags = {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}
    role.tags = {**key.tags, **{name: tags[name] for name in given.get("TransitiveTagKeys", []) if name in tags}}
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(center.state.now() + life))
    result = {
        "Credentials": {"AccessKeyId": role.key_id, "SecretAccessKey": role.secret,
                        "SessionToken": role.token, "Expiration": expiration},
        "AssumedRoleUser": {"AssumedRoleId": f"{role.role_id()}:{role.user}", "Arn": role.arn()},
    }
    if role.identity:
        result["SourceIdentity"] = role.identity
    return answer("AssumeRole", result)
