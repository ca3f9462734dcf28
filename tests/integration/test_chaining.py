"""Role chaining: role_arn and source_profile, to any depth, as AWS's own clients understand them."""
import json

import pytest
from asking import AT_ONCE, TARGET, ask, get, sign_in, until_count, whoami
from home import wait_for
from practice.trust import trusting

CORP_ACCOUNT, TEAM_ACCOUNT, FAR_ACCOUNT = "012345678901", "111122223333", "999988887777"
DEPLOY = f"arn:aws:iam::{TEAM_ACCOUNT}:role/Deploy"
AUDIT = f"arn:aws:iam::{FAR_ACCOUNT}:role/team/Audit"
BASE = "base"


def profile(name, **keys):
    return "\n".join([f"[profile {name}]", *(f"{key} = {value}" for key, value in keys.items()), ""])


@pytest.fixture
def chained(home, practice):
    """A source, a role assumed from it, and one that is assumed from that."""
    practice.set(trust={DEPLOY: trusting(CORP_ACCOUNT), AUDIT: trusting(DEPLOY)})
    configuration = home.configure({BASE: (CORP_ACCOUNT, "ReadOnly")}).read_text()

    def add(*profiles):
        nonlocal configuration
        configuration += "\n".join(profiles)
        home.write_aws_config(configuration)
    home.add = add
    add(profile("deploy", role_arn=DEPLOY, source_profile=BASE, region="us-east-1"),
        profile("audit", role_arn=AUDIT, source_profile="deploy", region="us-east-1"))
    home.start_daemon()
    sign_in(home)
    return home


def credentials(home, name, **fields):
    return ask(home, "GetCredentials", profile=name, **fields)


def arn_of(home, name):
    result = home.iamic("whoami", "--json", "--profile", name)
    assert result.status == 0, result
    return json.loads(result.out)["Arn"]


@pytest.mark.quick
def test_a_role_is_assumed_from_its_source(chained, practice):
    reply = credentials(chained, "deploy").reply()
    assert reply["AccountId"] == TEAM_ACCOUNT
    assert arn_of(chained, "deploy") == f"arn:aws:sts::{TEAM_ACCOUNT}:assumed-role/Deploy/iamic"
    result = chained.credential_process("--profile", "deploy")
    assert (result.status, result.err, json.loads(result.out)) == (0, "", reply)
    assert practice.count("AssumeRole") == 1
