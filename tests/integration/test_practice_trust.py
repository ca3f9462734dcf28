"""Whom a role trusts, in the practice STS: as IAM evaluates trust policies."""
import pytest

from practice.state import RoleCredentials
from practice.trust import refused_action, trusting

pytest_plugins = ["practice.fixtures"]

ROLE = "arn:aws:iam::111122223333:role/Deploy"
KEY = RoleCredentials("012345678901", "Admin", "alice", 900, path="team/")
SESSION = "arn:aws:sts::012345678901:assumed-role/Admin/alice"


def refused(policy, **given):
    return refused_action(policy, KEY, {"RoleArn": ROLE, "RoleSessionName": "me", **given})


@pytest.mark.parametrize("principal", [
    "*", "012345678901", "arn:aws:iam::012345678901:root", "arn:aws:iam::012345678901:role/team/Admin", SESSION])
def test_who_is_named_may(principal):
    assert refused(trusting(principal)) is None


@pytest.mark.parametrize("principal", [
    "012345678902", "arn:aws:iam::012345678901:role/Admin", "arn:aws:iam::012345678901:role/team/*",
    "arn:aws:iam::012345678901:user/Admin", SESSION + "x"])
def test_nobody_else_may(principal):
    assert refused(trusting(principal)) == "sts:AssumeRole"


def test_a_role_that_is_not_there_trusts_nobody():
    assert refused(None) == "sts:AssumeRole"


def test_a_denial_counts_more_than_a_permission():
    policy = trusting("*")
    policy["Statement"] += [{**policy["Statement"][0], "Effect": "Deny", "Action": "sts:TagSession"}]
    assert refused(policy) is None
    assert refused(policy, Tags=[{"Key": "team", "Value": "a"}]) == "sts:TagSession"


@pytest.mark.parametrize("condition, given, allowed", [
    ({"StringEquals": {"sts:ExternalId": ["a", "b"]}}, {"ExternalId": "b"}, True),
    ({"StringEquals": {"sts:ExternalId": "a"}}, {"ExternalId": "A"}, False),
    ({"StringEquals": {"sts:ExternalId": "a"}}, {}, False),
    ({"StringLike": {"sts:RoleSessionName": "m*"}}, {}, True),
    ({"StringLike": {"sts:RoleSessionName": "x*"}}, {}, False),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/Ad*"}}, {}, True),
    ({"StringEquals": {"aws:RequestTag/team": "a"}}, {"Tags": [{"Key": "team", "Value": "a"}]}, True),
    ({"StringEquals": {"aws:RequestTag/team": "a", "sts:ExternalId": "a"}}, {"ExternalId": "a"}, False),
])
def test_conditions_hold_or_do_not(condition, given, allowed):
    assert (refused(trusting("*", **condition), **given) is None) == allowed


def test_a_refusal_names_who_wanted_what(center, speaker):
    center.set(trust={ROLE: trusting("999988887777")})
    body = b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDeploy" \
           b"&RoleSessionName=me"
    answer = speaker.sts(speaker.signed(speaker.role(), body), body)
    assert answer.status == 403 and b"<Code>AccessDenied</Code>" in answer.body
    assert b"is not authorized to perform: sts:AssumeRole on resource: " + ROLE.encode() in answer.body
    assert center.violations() == []
