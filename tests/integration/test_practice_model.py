"""The practice Identity Center holds every request against AWS's model: what lacks something must fail."""

import pathlib
import re
import socket
import sys
import urllib.parse
import xml.etree.ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice import tables, validate  # noqa: E402
from practice.speaker import DEVICE, FORM, without_none  # noqa: E402

pytest_plugins = ["practice.fixtures"]

OPERATIONS = tables.operations()
REST = [name for name in OPERATIONS if name not in tables.STS["operations"]]
WRONG = {"string": [7, {}, ["x"], True], "list": ["x", {}, 7], "integer": ["many", {}]}
GRANTS = {
    "device_code": (DEVICE, ["deviceCode"]),
    "refresh_token": ("refresh_token", ["refreshToken"]),
    "authorization_code": ("authorization_code", ["code", "redirectUri", "codeVerifier"]),
}


def usual_input(speaker, operation):
    """A well-formed input, by the names of AWS's model."""
    if operation == "RegisterClient":
        return {"clientName": "speaker", "clientType": "public"}
    if operation == "StartDeviceAuthorization":
        return {**speaker.register(), "startUrl": speaker.practice.start_url}
    if operation == "CreateToken":
        client = speaker.register()
        device = speaker.start_device(client)
        speaker.practice.approve(device["userCode"])
        return {**client, "grantType": DEVICE, "deviceCode": device["deviceCode"]}
    if operation == "AssumeRole":
        return {"RoleArn": "arn:aws:iam::111122223333:role/team/Deploy", "RoleSessionName": "session"}
    given = {"accessToken": speaker.practice.token(), "accountId": "111122223333", "roleName": "ReadOnly"}
    return {name: value for name, value in given.items() if name in OPERATIONS[operation]["input"]}


def send(speaker, operation, given):
    """Bind an input as the model says. None leaves a member out of query and headers."""
    table, query, headers, document = OPERATIONS[operation], {}, {}, {}
    if operation in tables.STS["operations"]:
        return send_form(speaker, operation, given)
    for name, value in given.items():
        about = table["input"].get(name, {})
        if about.get("in") == "query" and value is not None:
            query[about["as"]] = value
        elif about.get("in") == "header" and value is not None:
            headers[about["as"]] = value
        elif "in" not in about:
            document[name] = value
    target = table["path"] + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")
    if any("in" not in about for about in table["input"].values()):
        return speaker.post(target, document)
    return speaker.request(table["method"], target, headers=headers)


def send_form(speaker, operation, given, **changes):
    fields = {"Action": operation, "Version": "2011-06-15", **given, **changes}
    body = urllib.parse.urlencode(without_none(fields)).encode()
    return speaker.sts(speaker.signed(speaker.role(), body), body)


def document_of(answer):
    """A reply as nested objects; XML without its two wrappers."""
    if not answer.headers["Content-Type"].startswith("text/xml"):
        return answer.json() if answer.body else {}

    def nested(element):
        children = {child.tag.partition("}")[2]: nested(child) for child in element}
        return children or element.text
    return nested(next(iter(xml.etree.ElementTree.fromstring(answer.body))))


def texts(center, operation):
    return [one["text"] for one in center.violations() if one["operation"] == operation]


def assert_refused(center, answer, operation, name):
    assert 400 <= answer.status < 500, answer.body
    assert any(name in text for text in texts(center, operation)), center.violations()


def required():
    return [(operation, name) for operation, table in OPERATIONS.items()
            for name, about in table["input"].items() if about.get("required")]


def typed_in_json():
    return [(operation, name, wrong) for operation, table in OPERATIONS.items() if operation in REST
            for name, about in table["input"].items() if "in" not in about for wrong in WRONG[about["type"]]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_well_formed_request_is_answered_as_the_model_says(center, speaker, operation):
    answer = send(speaker, operation, usual_input(speaker, operation))
    assert answer.status == 200
    document = document_of(answer)
    document = {name: value for name, value in document.items() if value is not None}
    output = OPERATIONS[operation]["output"]
    assert [problem.text for problem in validate.structure(output, document)] == []
    assert bool(document) == bool(output)
    assert center.violations() == []


@pytest.mark.parametrize("operation, name", required())
def test_a_request_without_a_required_member_fails(center, speaker, operation, name):
    given = usual_input(speaker, operation)
    del given[name]
    assert_refused(center, send(speaker, operation, given), operation, name)


@pytest.mark.parametrize("operation, name", required())
def test_a_request_with_an_empty_required_member_fails(center, speaker, operation, name):
    given = {**usual_input(speaker, operation), name: ""}
    assert_refused(center, send(speaker, operation, given), operation, name)


@pytest.mark.parametrize("operation, name", [one for one in required() if one[0] in REST])
def test_a_required_member_that_is_null_fails(center, speaker, operation, name):
    given = {**usual_input(speaker, operation), name: None}
    assert_refused(center, send(speaker, operation, given), operation, name)


@pytest.mark.parametrize("operation, name, wrong", typed_in_json())
def test_a_member_of_another_type_fails(center, speaker, operation, name, wrong):
    given = {**usual_input(speaker, operation), name: wrong}
    assert_refused(center, send(speaker, operation, given), operation, name)


@pytest.mark.parametrize("operation", ["RegisterClient", "StartDeviceAuthorization", "CreateToken"])
def test_snake_case_fails(center, speaker, operation):
    given = {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): value
             for name, value in usual_input(speaker, operation).items()}
    answer = speaker.post(OPERATIONS[operation]["path"], given)
    assert answer.status == 400
    assert answer.error() == "InvalidRequestException"
    assert any("required and missing" in text for text in texts(center, operation))


@pytest.mark.parametrize("operation", ["RegisterClient", "StartDeviceAuthorization", "CreateToken"])
def test_a_form_where_json_belongs_fails(center, speaker, operation):
    body = urllib.parse.urlencode(usual_input(speaker, operation))
    answer = speaker.request("POST", OPERATIONS[operation]["path"], body, {"Content-Type": FORM})
    assert_refused(center, answer, operation, "Content-Type")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"clientName": "\xc3"}'])
def test_a_body_that_is_no_json_object_fails(center, speaker, body):
    answer = speaker.request("POST", "/client/register", body, {"Content-Type": "application/json"})
    assert_refused(center, answer, "RegisterClient", "JSON")


def test_json_without_its_media_type_is_answered_and_recorded(center, speaker):
    answer = speaker.request("POST", "/client/register", b'{"clientName":"x","clientType":"public"}')
    assert answer.status == 200
    assert texts(center, "RegisterClient") == ["no Content-Type"]


@pytest.mark.parametrize("operation", [name for name in REST if OPERATIONS[name]["method"] == "POST"][:3])
def test_a_member_that_the_model_does_not_know_is_recorded(center, speaker, operation):
    given = {**usual_input(speaker, operation), "nonsense": "x"}
    assert send(speaker, operation, given).status == 200
    assert texts(center, operation) == ["nonsense is unknown to AWS's model"]


@pytest.mark.parametrize("grant, name", [(grant, name) for grant, (_, names) in GRANTS.items() for name in names])
def test_a_grant_without_its_member_fails(center, speaker, grant, name):
    wire, names = GRANTS[grant]
    given = {**speaker.register(), "grantType": wire, **{other: "x" for other in names if other != name}}
    assert_refused(center, speaker.post("/token", given), "CreateToken", name)


@pytest.mark.parametrize("grant", GRANTS)
def test_a_member_of_another_grant_is_recorded(center, speaker, grant):
    wire, names = GRANTS[grant]
    foreign = {name for _, others in GRANTS.values() for name in others} - set(names)
    for name in foreign:
        center.reset()
        given = {**speaker.register(), "grantType": wire, name: "x", **{own: "x" for own in names}}
        speaker.post("/token", given)
        assert texts(center, "CreateToken")[0] == f"{name} does not belong to {grant}"


@pytest.mark.parametrize("changes, error", [
    ({"clientType": "confidential"}, "InvalidClientMetadataException"),
    ({"grantTypes": ["password"]}, "UnsupportedGrantTypeException"),
    ({"scopes": ["with space"]}, "InvalidScopeException"),
    ({"grantTypes": ["authorization_code"]}, "InvalidRedirectUriException"),
    ({"redirectUris": ["http://example.com/"]}, "InvalidRedirectUriException"),
])
def test_a_registration_that_aws_refuses(center, speaker, changes, error):
    answer = speaker.post("/client/register", {"clientName": "x", "clientType": "public", **changes})
    assert (answer.status, answer.error()) == (400, error)
    assert texts(center, "RegisterClient")


@pytest.mark.parametrize("target", [
    "/federation/credentials?role_name=Power+User&account_id=111122223333",
    "/federation/credentials?role_name=Power%2BUser&account_id=111122223333&x[]=",
    "/federation/credentials?role_name=a@b&account_id=111122223333",
    "/federation/credentials?role_name=a=b&account_id=111122223333",
    "/federation/credentials?role_name=a%2&account_id=111122223333",
    "/federation/credentials?role_name=ReadOnly&role_name=ReadOnly&account_id=111122223333",
    "/federation/credentials?role_name&account_id=111122223333",
])
def test_a_query_that_is_not_encoded_fails(center, speaker, target):
    answer = speaker.request("GET", target, headers={"x-amz-sso_bearer_token": center.token()})
    assert_refused(center, answer, "GetRoleCredentials", "the query")


@pytest.mark.parametrize("name, value", [
    ("accountId", "12345678901"), ("accountId", "1234567890123"), ("accountId", "11112222333a"),
    ("roleName", "x" * 33), ("roleName", "a b"), ("roleName", "a/b"),
])
def test_an_account_or_role_of_another_form_fails(center, speaker, name, value):
    given = {**usual_input(speaker, "GetRoleCredentials"), name: value}
    assert_refused(center, send(speaker, "GetRoleCredentials", given), "GetRoleCredentials", name)


@pytest.mark.parametrize("operation", ["ListAccounts", "ListAccountRoles"])
@pytest.mark.parametrize("size", ["0", "101", "-1", "1.5", "ten", "00000000001"])
def test_a_page_size_out_of_range_fails(center, speaker, operation, size):
    given = {**usual_input(speaker, operation), "maxResults": size}
    assert_refused(center, send(speaker, operation, given), operation, "maxResults")


@pytest.mark.parametrize("target, headers, body, text", [
    ("?max_results=5", {}, None, "max_results in the query is unknown"),
    ("?access_token=x", {}, None, "access_token in the query is unknown"),
    ("", {"Authorization": "Bearer x"}, None, "authorization has no business"),
    ("", {}, b"{}", "a body where"),
])
def test_what_does_not_belong_to_a_portal_request_is_recorded(center, speaker, target, headers, body, text):
    headers = {"x-amz-sso_bearer_token": center.token(), **headers}
    assert speaker.request("GET", "/assignment/accounts" + target, body, headers).status == 200
    assert text in texts(center, "ListAccounts")[0]


@pytest.mark.parametrize("name", ["Authorization", "x-amz-sso_bearer_token"])
def test_a_credential_that_oidc_must_not_see_is_recorded(center, speaker, name):
    headers = {"Content-Type": "application/json", name: "x"}
    speaker.request("POST", "/client/register", b'{"clientName":"x","clientType":"public"}', headers)
    assert texts(center, "RegisterClient") == [f"the header {name.lower()} has no business here"]


@pytest.mark.parametrize("name, value", [
    ("RoleArn", "arn:aws:iam::1:role"), ("RoleArn", "x" * 2049), ("RoleArn", "arn:aws:iam::111122223333:user/x"),
    ("RoleSessionName", "x"), ("RoleSessionName", "x" * 65), ("RoleSessionName", "a b"),
    ("DurationSeconds", "899"), ("DurationSeconds", "43201"), ("DurationSeconds", "soon"),
    ("DurationSeconds", "3601"), ("ExternalId", "x"), ("ExternalId", "a b"), ("SerialNumber", "short"),
    ("TokenCode", "12345"), ("TokenCode", "12345x"), ("SourceIdentity", "x"), ("Nonsense", "x"),
    ("Tags.member.1.Value", "v"), ("TransitiveTagKeys.member.1", "?"),
])
def test_a_parameter_of_assume_role_out_of_its_bounds_is_recorded(center, speaker, name, value):
    answer = send(speaker, "AssumeRole", {**usual_input(speaker, "AssumeRole"), name: value})
    assert texts(center, "AssumeRole"), answer.body
    assert answer.status == (200 if name == "Nonsense" else 400)


def test_every_parameter_of_assume_role_is_read(center, speaker):
    given = {**usual_input(speaker, "AssumeRole"), "DurationSeconds": "900", "ExternalId": "external",
             "SerialNumber": "arn:aws:iam::1:mfa/x", "TokenCode": "123456", "SourceIdentity": "alice",
             "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Policy": "{}",
             "Tags.member.1.Key": "Größe", "Tags.member.1.Value": "", "TransitiveTagKeys.member.1": "Größe",
             "ProvidedContexts.member.1.ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter",
             "ProvidedContexts.member.1.ContextAssertion": "assertion"}
    answer = send(speaker, "AssumeRole", given)
    assert (answer.status, center.violations()) == (200, [])
    assert document_of(answer)["AssumedRoleUser"]["Arn"] == "arn:aws:sts::111122223333:assumed-role/Deploy/session"


@pytest.mark.parametrize("changes, operation", [
    ({"Version": None}, "GetCallerIdentity"), ({"Version": "2010-05-08"}, "GetCallerIdentity"),
    ({"Action": None}, "Unknown"), ({"Action": "GetSessionToken"}, "Unknown"),
])
def test_a_form_for_sts_that_lacks_its_action_or_version_fails(center, speaker, changes, operation):
    answer = send_form(speaker, "GetCallerIdentity", {}, **changes)
    assert answer.status in (400, 404)
    assert texts(center, operation)


@pytest.mark.parametrize("method, path", [
    ("GET", "/token"), ("PUT", "/client/register"), ("POST", "/assignment/accounts"), ("GET", "/logout"),
    ("POST", "/nowhere"), ("GET", "/client"), ("GET", "/token/"), ("GET", "//token"),
])
def test_what_is_no_operation_is_refused_and_recorded(center, speaker, method, path):
    answer = speaker.request(method, path)
    assert answer.status == 404
    assert "is no operation" in center.violations()[0]["text"]


@pytest.mark.parametrize("head", [
    "GET /start HTTP/1.1\r\n\r\n", "GET /start HTTP/1.0\r\nHost: x\r\n\r\n", "GET start HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET  /start HTTP/1.1\r\nHost: x\r\n\r\n", "GET /start HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "GET /start HTTP/1.1\r\nHost : x\r\n\r\n", "POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
    "GET /start HTTP/1.1\r\nHost: x\r\nX: " + "x" * 70000,
])
def test_what_is_not_http_is_refused_and_recorded(center, head):
    with socket.create_connection(("127.0.0.1", center.port), 10) as plain, \
            center.context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(head.encode())
        reply = tls.recv(4096)
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert center.violations()[0]["text"].startswith("not HTTP")


@pytest.mark.parametrize("given", [True, 1.0, "1", None, []])
def test_only_a_number_is_a_number(given):
    assert validate.value({"type": "integer"}, "x", given)[0].text == "x is not of the type integer"


def test_nothing_is_carried_out_for_a_request_that_is_refused(center, speaker):
    client, tokens = speaker.sign_in()
    given = {**client, "grantType": "refresh_token", "refreshToken": tokens["refreshToken"], "scope": "x"}
    center.set(retire_old_refresh=True)
    assert speaker.post("/token", given).status == 400
    assert speaker.refresh(client, tokens["refreshToken"]).status == 200


def test_check_fails_the_test_that_broke_a_rule(center, speaker):
    center.check()
    speaker.post("/client/register", {})
    with pytest.raises(AssertionError, match="RegisterClient: clientName is required and missing"):
        center.check()
