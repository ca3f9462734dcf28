"""The practice portal and the federation endpoint: accounts, roles, credentials, pages of them, and who gets none."""

import json
import pathlib
import sys
import time
import urllib.parse

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice.speaker import FORM  # noqa: E402

pytest_plugins = ["practice.fixtures"]


def assert_error(answer, status, code):
    assert (answer.status, answer.error()) == (status, code)
    assert answer.json()["__type"] == f"com.amazonaws.switchboard.portal#{code}"
    assert answer.json()["message"]


def all_pages(speaker, path, name, **query):
    """Lengths of the pages and all items."""
    token, lengths, items = speaker.practice.token(), [], []
    while True:
        document = speaker.portal(path, token, **query).json()
        lengths.append(len(document[name]))
        items += document[name]
        if document["nextToken"] is None:
            return lengths, items
        query["next_token"] = document["nextToken"]


def test_the_accounts_cover_what_is_odd_in_real_ones(center, speaker):
    accounts = speaker.portal("/assignment/accounts", center.token()).json()["accountList"]
    assert len(accounts) == 3
    assert any(one["accountId"].startswith("0") for one in accounts)
    assert any(set(one) == {"accountId"} for one in accounts)
    roles = speaker.portal("/assignment/roles", center.token(), account_id="111122223333").json()["roleList"]
    assert {"roleName": "Power+User", "accountId": "111122223333"} in roles


def test_role_credentials_expire_in_milliseconds(center, speaker):
    credentials = speaker.role(role="Power+User")
    assert abs(credentials["expiration"] - (time.time() + 3600) * 1000) < 5000
    assert isinstance(credentials["expiration"], int)
    assert credentials["accessKeyId"].startswith("ASIA") and len(credentials["secretAccessKey"]) == 40
    center.check()


@pytest.mark.parametrize("account, role", [
    ("111122223333", "Misspelt"), ("111122223333", "readonly"), ("444455556666", "ReadOnly"),
])
def test_a_role_that_is_not_assigned_is_forbidden_and_the_token_stays_good(center, speaker, account, role):
    token = center.token()
    answer = speaker.portal("/federation/credentials", token, account_id=account, role_name=role)
    assert_error(answer, 403, "ForbiddenException")
    assert speaker.portal("/assignment/accounts", token).status == 200
    center.check()


def test_the_roles_of_an_unknown_account_are_forbidden(center, speaker):
    answer = speaker.portal("/assignment/roles", center.token(), account_id="444455556666")
    assert_error(answer, 403, "ForbiddenException")


@pytest.mark.parametrize("method, path, query", [
    ("GET", "/assignment/accounts", {}), ("GET", "/assignment/roles", {"account_id": "111122223333"}),
    ("GET", "/federation/credentials", {"account_id": "111122223333", "role_name": "ReadOnly"}),
    ("POST", "/logout", {}),
])
def test_a_bad_token_is_unauthorized_everywhere(center, speaker, method, path, query):
    answer = speaker.portal(path, "bad", method=method, **query)
    assert_error(answer, 401, "UnauthorizedException")
    assert answer.json()["message"] == "Session token not found or invalid"
    center.set(token_life=0.05)
    token = center.token()
    time.sleep(0.06)
    assert_error(speaker.portal(path, token, method=method, **query), 401, "UnauthorizedException")
    center.check()


def test_a_token_for_something_else_is_forbidden(center, speaker):
    token = center.token(scopes=["codewhisperer:completions"])
    assert_error(speaker.portal("/assignment/accounts", token), 403, "ForbiddenException")
    center.set(require_scope=False)
    assert speaker.portal("/assignment/accounts", token).status == 200


def test_a_token_made_by_hand_says_who_and_how_long(center, speaker):
    token = center.token(user="bob", life=1)
    assert b"/bob</Arn>" in speaker.sts(speaker.signed(speaker.role(token=token))).body
    time.sleep(1)
    assert speaker.portal("/assignment/accounts", token).status == 401
    with pytest.raises(ValueError, match="nonsense"):
        center.token(nonsense=1)


def test_pages_are_as_long_as_asked_and_no_longer_than_set(center, speaker):
    accounts = [{"accountId": f"{number:012}", "roles": [f"Role{index}" for index in range(7)]}
                for number in range(25)]
    center.set(accounts=accounts, page_size=10)
    lengths, items = all_pages(speaker, "/assignment/accounts", "accountList")
    assert (lengths, len({one["accountId"] for one in items})) == ([10, 10, 5], 25)
    assert all_pages(speaker, "/assignment/accounts", "accountList", max_result="20")[0] == [10, 10, 5]
    assert all_pages(speaker, "/assignment/accounts", "accountList", max_result="5")[0] == [5] * 5
    lengths, items = all_pages(speaker, "/assignment/roles", "roleList", account_id="000000000003", max_result="3")
    assert (lengths, len({one["roleName"] for one in items})) == ([3, 3, 1], 7)
    center.check()


def test_no_accounts_are_an_empty_page(center, speaker):
    center.set(accounts=[])
    assert all_pages(speaker, "/assignment/accounts", "accountList") == ([0], [])


def test_a_next_token_of_another_list_is_refused_and_recorded(center, speaker):
    center.set(page_size=1)
    token = center.token()
    following = speaker.portal("/assignment/accounts", token).json()["nextToken"]
    answer = speaker.portal("/assignment/roles", token, account_id="111122223333", next_token=following)
    assert_error(answer, 400, "InvalidRequestException")
    assert center.violations()
    assert_error(speaker.portal("/assignment/accounts", token, next_token="x"), 400, "InvalidRequestException")


def test_the_clock_of_the_wire_can_be_wrong(center, speaker):
    center.set(clock_skew=-7200)
    answer = speaker.portal("/assignment/accounts", center.token())
    told = time.mktime(time.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
    assert abs(told - (time.time() - 7200)) < 5
    assert abs(speaker.role()["expiration"] / 1000 - (time.time() - 3600)) < 5


# The federation endpoint.


def session(credentials):
    names = {"sessionId": "accessKeyId", "sessionKey": "secretAccessKey", "sessionToken": "sessionToken"}
    return json.dumps({name: credentials[ours] for name, ours in names.items()})


def get_signin_token(speaker, **fields):
    body = urllib.parse.urlencode({"Action": "getSigninToken", **fields})
    return speaker.request("POST", "/federation", body, {"Content-Type": FORM})


def test_credentials_open_the_console(center, speaker):
    answer = get_signin_token(speaker, Session=session(speaker.role()), SessionDuration="3600")
    query = {"Action": "login", "Issuer": "iamic", "Destination": "https://console.aws.amazon.com/",
             "SigninToken": answer.json()["SigninToken"]}
    console = speaker.request("GET", "/federation?" + urllib.parse.urlencode(query))
    assert b"assumed-role/AWSReservedSSO_ReadOnly_" in console.body
    center.check()
    assert speaker.request("GET", "/federation?Action=login&Issuer=x&Destination=x&SigninToken=x").status == 403


@pytest.mark.parametrize("fields", [
    {}, {"Session": "x"}, {"Session": "{}"}, {"Session": "[]"}, {"SessionDuration": "899"},
    {"SessionDuration": "43201"}, {"SessionDuration": "soon"},
])
def test_a_bad_session_or_duration_is_refused_and_recorded(center, speaker, fields):
    given = {"Session": session(speaker.role())} if "SessionDuration" in fields else {}
    assert get_signin_token(speaker, **{**given, **fields}).status == 400
    assert center.violations()


def test_a_duration_for_a_chained_role_is_refused_and_recorded(center, speaker):
    body = b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A999988887777%3Arole%2FX&" \
           b"RoleSessionName=me"
    text = speaker.sts(speaker.signed(speaker.role(), body), body).body.decode()
    chained = {name: text.partition(f"<{name[0].upper()}{name[1:]}>")[2].partition("<")[0]
               for name in ("accessKeyId", "secretAccessKey", "sessionToken")}
    assert get_signin_token(speaker, Session=session(chained)).status == 200
    center.check()
    assert get_signin_token(speaker, Session=session(chained), SessionDuration="3600").status == 400
    assert "chained" in center.violations()[0]["text"]


def test_credentials_in_a_query_are_recorded(center, speaker):
    query = urllib.parse.urlencode({"Action": "getSigninToken", "Session": session(speaker.role())},
                                   quote_via=urllib.parse.quote)
    assert speaker.request("GET", "/federation?" + query).status == 200
    assert "where proxies log it" in center.violations()[0]["text"]


def test_unknown_or_expired_credentials_open_no_console(center, speaker):
    credentials = speaker.role()
    for name in credentials:
        if name != "expiration":
            assert get_signin_token(speaker, Session=session({**credentials, name: "x"})).status == 400
    center.set(role_life=0)
    assert get_signin_token(speaker, Session=session(speaker.role())).status == 400
    center.check()
