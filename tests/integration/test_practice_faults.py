"""Faults on demand on every path of the practice Identity Center, its log, and what both leave untouched."""

import hashlib
import http.client
import json
import pathlib
import socket
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice import account, admin, directory, faults, identitystore, instance, operations  # noqa: E402
from practice.speaker import DEVICE, FORM, Speaker  # noqa: E402

pytest_plugins = ["practice.fixtures"]


def device_poll(speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    speaker.practice.approve(device["userCode"])
    return lambda: speaker.poll(client, device)


def refreshing(speaker):
    client, tokens = speaker.sign_in()
    return lambda: speaker.refresh(client, tokens["refreshToken"])


def signed(action):
    def prepare(speaker):
        body = f"Action={action}&Version=2011-06-15".encode()
        if action == "AssumeRole":
            body += b"&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FX&RoleSessionName=me"
        headers = speaker.signed(speaker.role(), body)
        return lambda: speaker.sts(headers, body)
    return prepare


def administrative(operation, **given):
    """In the protocol of its service: JSON with the operation in a header, or a form."""
    def prepare(speaker):
        service = admin.SIGNED_AS[operation]
        target = next((target for target, name in admin.TARGETS.items() if name == operation), None)
        body = json.dumps(given).encode() if target else f"Action={operation}&Version=2010-05-08".encode()
        more = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target} if target else {}
        headers = speaker.signed(speaker.role(), body, service=service, more=more)
        return lambda: speaker.sts(headers, body)
    return prepare


def portal(path, method="GET", **query):
    def prepare(speaker):
        token = speaker.practice.token()
        return lambda: speaker.portal(path, token, method, **query)
    return prepare


def start_device(speaker):
    given = {**speaker.register(), "startUrl": speaker.practice.start_url}
    return lambda: speaker.post("/device_authorization", given)


def signin_token(speaker):
    role = speaker.role()
    session = {"sessionId": role["accessKeyId"], "sessionKey": role["secretAccessKey"],
               "sessionToken": role["sessionToken"]}
    body = urllib.parse.urlencode({"Action": "getSigninToken", "Session": json.dumps(session)})
    return lambda: speaker.request("POST", "/federation", body, {"Content-Type": FORM})


# Each makes ready what a request of the operation needs, and gives that request.
EVERY = {
    "RegisterClient": lambda speaker: lambda: speaker.post("/client/register", {"clientName": "x",
                                                                               "clientType": "public"}),
    "StartDeviceAuthorization": start_device,
    "CreateToken:device_code": device_poll,
    "CreateToken:refresh_token": refreshing,
    "GetRoleCredentials": portal("/federation/credentials", account_id="111122223333", role_name="ReadOnly"),
    "ListAccounts": portal("/assignment/accounts"),
    "ListAccountRoles": portal("/assignment/roles", account_id="111122223333"),
    "Logout": portal("/logout", "POST"),
    "GetCallerIdentity": signed("GetCallerIdentity"),
    "AssumeRole": signed("AssumeRole"),
    "GetSigninToken": signin_token,
    "ListInstances": administrative("ListInstances"),
    "ListPermissionSets": administrative("ListPermissionSets", InstanceArn=directory.INSTANCE),
    "DescribePermissionSet": administrative("DescribePermissionSet", InstanceArn=directory.INSTANCE,
                                            PermissionSetArn=directory.set_arn("ReadOnly")),
    "DescribeTrails": administrative("DescribeTrails"),
    "GetTrailStatus": administrative("GetTrailStatus", Name=account.trail_arn("management")),
    "GetAccountSummary": administrative("GetAccountSummary"),
    "ListUsers": administrative("ListUsers", IdentityStoreId=directory.STORE),
}
WITH_REPLY = [name for name in EVERY if name != "Logout"]


def parsed(answer):
    text = answer.headers["Content-Type"]
    return xml.etree.ElementTree.fromstring(answer.body) if text == "text/xml" else json.loads(answer.body)


@pytest.fixture(params=EVERY)
def named(request, center, speaker):
    """(operation, request): the request of one operation, made ready."""
    return request.param, EVERY[request.param](speaker)


@pytest.fixture(params=WITH_REPLY)
def replying(request, center, speaker):
    return request.param, EVERY[request.param](speaker)


def test_a_status_with_the_errors_form_of_its_service(center, named):
    operation, request = named
    center.fault(operation, "status", status=503, code="SomeException", message="Later", headers={"Retry-After": "7"})
    answer = request()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert b"SomeException" in answer.body and b"Later" in answer.body
    assert operation == "GetSigninToken" or answer.error() == "SomeException"
    assert request().status == 200
    center.check()


def test_the_usual_status_is_500(center, named):
    operation, request = named
    center.fault(operation, "status")
    assert request().status == 500


def test_throttling_says_when_to_come_back(center, named):
    operation, request = named
    center.fault(operation, "throttle", retry_after=3)
    answer = request()
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
    assert b"TooManyRequestsException" in answer.body


@pytest.mark.parametrize("kind, error", [
    ("drop", http.client.RemoteDisconnected), ("reset", ConnectionResetError),
])
def test_a_connection_that_ends_without_a_reply(center, speaker, named, kind, error):
    operation, request = named
    center.fault(operation, kind)
    with pytest.raises(error):
        request()
    speaker.close()
    assert request().status == 200
    assert [entry["status"] for entry in center.requests(operation)[-2:]] == [None, 200]


def test_a_truncated_reply(center, speaker, replying):
    operation, request = replying
    center.fault(operation, "truncate", bytes=5)
    with pytest.raises(http.client.IncompleteRead) as caught:
        request()
    assert len(caught.value.partial) == 5 and caught.value.expected > 0
    speaker.close()


@pytest.mark.parametrize("kind, content_type", [("garbage", "application/json"), ("html", "text/html"),
                                                ("empty", "application/json")])
def test_a_reply_that_is_no_answer(center, named, kind, content_type):
    operation, request = named
    center.fault(operation, kind)
    answer = request()
    assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
    if kind == "empty":
        assert answer.body == b""
    elif kind == "html":
        assert b"<h1>Welcome</h1>" in answer.body
    else:
        with pytest.raises(ValueError):
            json.loads(answer.body)


def test_a_reply_that_is_late(center, named):
    operation, request = named
    center.fault(operation, "delay", seconds=0.15)
    begun = time.monotonic()
    assert request().status == 200
    assert 0.15 <= time.monotonic() - begun < 2


def test_a_reply_that_trickles(center, named):
    operation, request = named
    center.fault(operation, "slow", bytes_per_second=10000)
    begun = time.monotonic()
    answer = request()
    assert answer.status == 200
    assert time.monotonic() - begun > len(answer.body) / 10000


def test_a_date_that_is_wrong(center, named):
    operation, request = named
    center.fault(operation, "skew", seconds=86400)
    answer = request()
    told = time.mktime(time.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
    assert answer.status == 200 and abs(told - time.time() - 86400) < 5


def test_a_reply_that_is_too_big(center, replying):
    operation, request = replying
    center.fault(operation, "oversize", bytes=300000)
    answer = request()
    parsed(answer)
    assert 299000 < len(answer.body) < 302000


def test_a_reply_with_more_in_it_is_still_the_reply(center, replying):
    operation, request = replying
    center.fault(operation, "extra")
    answer = request()
    parsed(answer)
    assert b"newMember" in answer.body and answer.status == 200


@pytest.mark.parametrize("kind", ["missing", "wrong_type"])
def test_a_reply_that_lacks_a_field_or_has_it_with_another_type(center, replying, kind):
    operation, request = replying
    field = faults.FIELD[operation.partition(":")[0]]
    center.fault(operation, kind)
    answer = request()
    found = []
    if answer.headers["Content-Type"] == "text/xml":
        found = [element.text for element in parsed(answer).iter() if element.tag.endswith("}" + field)]
        assert found == ([] if kind == "missing" else [{"Arn": "7", "Credentials": "none", "SummaryMap": None}[field]])
        return
    faults.each_holder(parsed(answer), field, lambda holder: found.append(holder[field]))
    assert len(found) == (kind == "wrong_type")
    assert all(value in (7, "soon", "yes", {}, "none") for value in found)


def test_a_field_by_name_however_deep(center, speaker):
    center.fault("GetRoleCredentials", "missing", field="sessionToken")
    assert set(speaker.role()) == {"accessKeyId", "secretAccessKey", "expiration"}
    center.fault("ListAccounts", "wrong_type", field="accountId")
    accounts = speaker.portal("/assignment/accounts", center.token()).json()["accountList"]
    assert [one["accountId"] for one in accounts] == [7, 7, 7]


def test_a_fault_of_a_field_waits_for_a_reply_that_has_it(center, speaker):
    center.fault("CreateToken", "missing", field="refreshToken")
    client = speaker.register()
    device = speaker.start_device(client)
    assert speaker.poll(client, device).error() == "AuthorizationPendingException"
    center.approve()
    assert "refreshToken" not in speaker.poll(client, device).json()


# Which requests a fault meets.


def statuses(request, count):
    return [request().status for _ in range(count)]


def test_times_and_after_count_requests(center, speaker):
    request = EVERY["ListAccounts"](speaker)
    center.fault("ListAccounts", "status", times=2, after=1)
    assert statuses(request, 5) == [200, 500, 500, 200, 200]


def test_a_fault_for_good_lasts_until_it_is_cleared(center, speaker):
    request = EVERY["ListAccounts"](speaker)
    center.fault("ListAccounts", "status", times=None)
    assert statuses(request, 4) == [500] * 4
    center.clear_faults()
    assert request().status == 200


def test_faults_are_met_in_turn(center, speaker):
    request = EVERY["ListAccounts"](speaker)
    center.fault("ListAccounts", "status", status=503)
    center.fault("ListAccounts", "throttle")
    center.fault("ListAccounts", "status", status=502)
    assert statuses(request, 4) == [503, 429, 502, 200]


def test_a_delay_goes_with_another_fault(center, speaker):
    request = EVERY["ListAccounts"](speaker)
    center.fault("ListAccounts", "delay", seconds=0.1)
    center.fault("ListAccounts", "status", status=503)
    begun = time.monotonic()
    assert request().status == 503
    assert time.monotonic() - begun >= 0.1


def test_a_fault_of_a_reply_waits_for_a_reply_that_was_made(center, speaker):
    request = EVERY["ListAccounts"](speaker)
    center.fault("ListAccounts", "extra")
    center.fault("ListAccounts", "status", status=503)
    first, second = request(), request()
    assert first.status == 503 and b"newMember" not in first.body
    assert second.status == 200 and b"newMember" in second.body


def test_the_star_means_every_operation_and_no_page(center, speaker):
    client = speaker.register()
    device = speaker.start_device(client)
    center.fault("*", "status", times=None)
    assert speaker.post("/client/register", {"clientName": "x", "clientType": "public"}).status == 500
    assert speaker.request("GET", "/nowhere").status == 500
    center.approve(device["userCode"])


def test_a_grant_is_told_from_the_others(center, speaker):
    request = EVERY["CreateToken:refresh_token"](speaker)
    center.fault("CreateToken:device_code", "status", times=None)
    assert request().status == 200
    center.fault("CreateToken:refresh_token", "status")
    assert request().status == 500


@pytest.mark.parametrize("page, path", [("Device", "/device"), ("Start", "/start"), ("Authorize", "/authorize")])
def test_a_page_has_its_faults_too(center, speaker, page, path):
    center.fault(page, "status", status=503, message="<closed>")
    answer = speaker.request("GET", path)
    assert answer.status == 503 and b"&lt;closed&gt;" in answer.body


def test_a_request_that_meets_a_fault_is_not_carried_out_unless_it_is_to_be(center, speaker):
    center.set(retire_old_refresh=True)
    client, tokens = speaker.sign_in()
    center.fault("CreateToken", "status")
    assert speaker.refresh(client, tokens["refreshToken"]).status == 500
    center.fault("CreateToken", "drop", processed=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        speaker.refresh(client, tokens["refreshToken"])
    speaker.close()
    assert speaker.refresh(client, tokens["refreshToken"]).error() == "InvalidGrantException"


def test_a_request_is_checked_even_when_it_meets_a_fault(center, speaker):
    center.fault("RegisterClient", "status")
    speaker.post("/client/register", {"clientName": "x"})
    assert center.violations() == [{"operation": "RegisterClient", "text": "clientType is required and missing"}]


@pytest.mark.parametrize("operation, kind, arguments, complaint", [
    ("ListAccount", "status", {}, "no operation ListAccount"), ("ListAccounts", "boom", {}, "no fault of the kind"),
    ("ListAccounts", "delay", {}, "delay takes seconds"), ("ListAccounts", "drop", {"bytes": 3}, "drop takes"),
])
def test_a_fault_that_cannot_be_is_an_error(center, operation, kind, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        center.fault(operation, kind, **arguments)


def test_every_kind_and_operation_is_covered_by_these_tests():
    shown = {"status", "throttle", "drop", "reset", "truncate", "garbage", "html", "empty", "delay", "slow", "skew",
             "oversize", "extra", "missing", "wrong_type"}
    assert set(faults.KINDS) == shown == set(faults.ARGUMENTS)
    tested = {name.partition(":")[0] for name in EVERY}
    of_s3 = set(operations.S3)  # where iamic asks nothing
    alike = {*instance.HANDLERS, *identitystore.HANDLERS} - tested  # as their service's others; test_practice_admin.py
    every = operations.NAMES - operations.PAGE_NAMES - of_s3 - {"Unknown"}
    answered_with_nothing = {"Logout", "UpdatePermissionSet", "AttachManagedPolicyToPermissionSet"}
    assert every - alike == tested and every == set(faults.FIELD) | answered_with_nothing


# Settings.


def test_latency_holds_every_operation_back(center, speaker):
    center.set(latency=0.1)
    begun = time.monotonic()
    speaker.register()
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize("settings", [{"nonsense": 1}, {"interval": "1"}, {"refresh": 1}, {"page_size": True},
                                      {"accounts": {}}])
def test_a_setting_that_cannot_be_is_an_error(center, settings):
    with pytest.raises(ValueError):
        center.set(**settings)


def test_reset_forgets_everything_but_the_settings_it_began_with(center, speaker):
    client, tokens = speaker.sign_in()
    center.set(interval=3, user="bob")
    center.fault("*", "status", times=None)
    speaker.request("GET", "/nowhere")
    center.reset()
    assert center.requests() == [] and center.violations() == [] and center.pending() == []
    assert speaker.portal("/assignment/accounts", tokens["accessToken"]).status == 401
    assert speaker.refresh(client, tokens["refreshToken"]).error() == "InvalidClientException"
    settings = center.set()
    assert (settings["interval"], settings["user"]) == (0, "alice@example.com")


# The log.


def test_the_log_tells_what_was_asked_and_answered(center, speaker):
    token = center.token()
    speaker.portal("/federation/credentials", token, role_name="Power+User", account_id="111122223333")
    speaker.portal("/federation/credentials", "bad", role_name="x", account_id="111122223333")
    first, second = center.requests("GetRoleCredentials")
    assert (first["method"], first["path"], first["status"]) == ("GET", "/federation/credentials", 200)
    assert first["query"] == {"role_name": "Power+User", "account_id": "111122223333"}
    assert first["headers"]["host"] == f"localhost:{center.port}"
    assert first["body_sha256"] == hashlib.sha256(b"").hexdigest()
    assert (second["status"], second["n"]) == (401, first["n"] + 1)
    assert first["connection"] == second["connection"]
    assert abs(second["time"] - time.time()) < 5
    assert center.count("GetRoleCredentials") == 2 and center.count("*") == 2 and center.count("ListAccounts") == 0


def test_the_log_tells_connections_apart(center, speaker):
    other = Speaker(center)
    speaker.register()
    other.register()
    other.close()
    first, second = center.requests()
    assert first["connection"] != second["connection"]


def test_pages_and_controls_are_not_among_the_operations(center, speaker):
    device = speaker.start_device(speaker.register())
    center.approve(device["userCode"])
    assert [entry["operation"] for entry in center.requests()] == ["RegisterClient", "StartDeviceAuthorization"]
    assert [entry["method"] for entry in center.requests("Device")] == ["GET", "POST"]


def test_grants_are_counted_apart(center, speaker):
    client, tokens = speaker.sign_in()
    speaker.refresh(client, tokens["refreshToken"])
    assert [entry["grant"] for entry in center.requests("CreateToken")] == ["device_code", "refresh_token"]
    assert center.count("CreateToken:device_code") == center.count("CreateToken:refresh_token") == 1
    assert center.requests("CreateToken")[0]["body"]["grantType"] == DEVICE


def test_no_secret_is_in_the_log(center, speaker):
    client, tokens = speaker.sign_in()
    speaker.refresh(client, tokens["refreshToken"])
    role = speaker.role(token=tokens["accessToken"])
    headers = speaker.signed(role)
    speaker.sts(headers)
    EVERY["GetSigninToken"](speaker)()
    log = json.dumps(center.requests() + center.requests("Device"))
    secrets = [client["clientSecret"], *tokens.values(), role["secretAccessKey"], role["sessionToken"],
               headers["authorization"]]
    for secret in secrets:
        if secret not in ("Bearer", 3600):
            assert secret not in log and json.dumps(secret)[1:-1] not in log
    digest = hashlib.sha256(tokens["accessToken"].encode()).hexdigest()[:16]
    assert center.requests("GetRoleCredentials")[0]["headers"]["x-amz-sso_bearer_token"] == f"sha256:{digest}"


# The network.


def test_a_server_may_close_a_connection_that_waits(center, speaker):
    speaker.register()
    center.disconnect()
    with pytest.raises((http.client.HTTPException, OSError)):
        speaker.register()
    speaker.close()
    speaker.register()


def test_an_outage_refuses_and_cuts_connections_and_ends(center, speaker):
    speaker.register()
    center.outage(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", center.port), 5)
    with pytest.raises((http.client.HTTPException, OSError)):
        speaker.register()
    speaker.close()
    time.sleep(1.2)
    speaker.register()


def test_three_hundred_connections_are_served_at_once(center):
    token, count, failed = center.token(), 300, []
    together = threading.Barrier(count)

    def one():
        try:
            speaker = Speaker(center)
            first = speaker.portal("/assignment/accounts", token).status
            together.wait(30)
            second = speaker.portal("/assignment/accounts", token).status
            speaker.close()
            assert (first, second) == (200, 200)
        except Exception as error:
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert center.count("ListAccounts") == 2 * count
    assert len({entry["connection"] for entry in center.requests()}) == count
