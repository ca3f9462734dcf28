"""Call: what the daemon asks AWS for on behalf of a client, and what it does not."""
import json
import re

import pytest
import varlink
from practice import admin
from practice.directory import STORE
from taken_over import take_over

ADMIN = {"session": "corp", "accountId": "111122223333", "roleName": "Administrator"}
GROUP = {"IdentityStoreId": STORE, "DisplayName": "Readers"}


@pytest.fixture
def signed_in(home):
    home.configure()
    take_over(home)
    return home


def call(home, service, operation, body, **more):
    reply = home.call("Call", {"target": ADMIN, "service": service, "operation": operation, "region": "us-east-1",
                               "body": json.dumps(body), **more})
    assert reply["status"] == 200
    return json.loads(reply["body"])


def refused(home, *words, **more):
    with pytest.raises(varlink.VarlinkError) as caught:
        call(home, *words, **more)
    return caught.value


@pytest.mark.parametrize("write", [{}, {"write": False}, {"write": None}])
def test_nothing_is_changed_for_who_does_not_mean_to(signed_in, practice, write):
    error = refused(signed_in, "identitystore", "CreateGroup", GROUP, **write)
    assert error.name == "Denied" and "only made for who says write: true" in error.message
    assert not practice.count("CreateGroup")
    assert call(signed_in, "identitystore", "CreateGroup", GROUP, write=True)["GroupId"]


def test_reading_may_be_said_to_write(signed_in):
    assert call(signed_in, "identitystore", "ListGroups", {"IdentityStoreId": STORE}, write=True) == {"Groups": []}


def test_what_aws_refuses_has_awss_name_for_it(signed_in):
    call(signed_in, "identitystore", "CreateGroup", GROUP, write=True)
    error = refused(signed_in, "identitystore", "CreateGroup", GROUP, write=True)
    assert (error.name, error.parameters["awsCode"]) == ("Denied", "ConflictException"), error
    assert error.message.endswith("(ConflictException): Duplicate GroupDisplayName: change that, and try again"), error
    unknown = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "nobody"}}
    error = refused(signed_in, "identitystore", "GetUserId", {"IdentityStoreId": STORE, "AlternateIdentifier": unknown})
    assert error.parameters["awsCode"] == "ResourceNotFoundException"
    assert error.message.endswith("USER not found.: ask the account's administrator"), error


def test_what_the_daemon_refuses_has_none(signed_in):
    error = refused(signed_in, "identitystore", "DeleteGroup", GROUP, write=True)
    assert error.name == "Denied" and "awsCode" not in error.parameters


@pytest.mark.parametrize("kind", [{"kind": "throttle", "retry_after": 0},
                                  {"kind": "status", "status": 400, "code": "ThrottlingException"}])
def test_throttling_is_waited_out(signed_in, practice, kind):
    """Whatever was asked for: what is throttled has not been looked at."""
    practice.fault("CreateGroup", times=2, **kind)
    assert call(signed_in, "identitystore", "CreateGroup", GROUP, write=True)["GroupId"]
    assert [one["status"] for one in practice.requests("CreateGroup")][2:] == [200]


def test_what_may_have_been_made_is_not_made_twice(signed_in, practice):
    """Nobody but the client can tell whether a second request would do harm."""
    practice.fault("CreateGroup", "drop", processed=True)
    error = refused(signed_in, "identitystore", "CreateGroup", GROUP, write=True)
    assert error.name == "Unavailable" and practice.count("CreateGroup") == 1
    practice.fault("ListGroups", "drop")
    assert len(call(signed_in, "identitystore", "ListGroups", {"IdentityStoreId": STORE})["Groups"]) == 1


def test_the_manual_lists_what_is_on_the_list(signed_in):
    """Each of them is known, and no other of what the practice centre knows is."""
    page = (varlink.ROOT / "man/iamicd.8").read_text()
    text = re.search(r"makes these calls to AWS and no others:\n(.*?)takes anything away", page, re.DOTALL)[1]
    listed = set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", text))
    answers = {}
    for service, table in admin.SERVICES.items():
        for operation in table["operations"]:
            parameters = {"target": {**ADMIN, "roleName": "Nope"}, "operation": operation, "body": "{}", "write": True,
                          "service": "sso-admin" if service == "sso" else service}
            with pytest.raises(varlink.VarlinkError) as caught:
                signed_in.call("Call", parameters)
            answers[operation] = "is not among the calls" not in caught.value.message
    assert {operation for operation, known in answers.items() if known} == listed - {"GetCallerIdentity"}
