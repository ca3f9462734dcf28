"""iamic token eks: what kubectl takes for a sign-in to a cluster, and what the cluster then asks STS with."""
import base64
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

ACCOUNT, ROLE = "012345678901", "ReadOnly"


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    return home


def token(person, *words, **options):
    return person.run("iamic", "token", "eks", *words, prints_credentials=True, **options)


def address_in(text):
    assert text.startswith("k8s-aws-v1.") and "=" not in text
    encoded = text.removeprefix("k8s-aws-v1.")
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()


def opened(person, address, cluster="prod"):
    """As the cluster's authenticator opens it: with the header that says which cluster it is."""
    request = urllib.request.Request(address, headers={"x-k8s-aws-id": cluster} if cluster else {})
    context = ssl.create_default_context(cafile=person.practice.ca)
    with urllib.request.urlopen(request, context=context, timeout=10) as reply:
        return reply.read().decode()


def test_kubectl_gets_a_token_that_sts_answers(person, practice):
    before = len(practice.requests())
    result = token(person, "--cluster-name", "prod", "--profile", "dev")
    assert (result.status, result.err) == (0, "")
    document = json.loads(result.out)
    assert (document["kind"], document["spec"]) == ("ExecCredential", {})
    assert document["apiVersion"] == "client.authentication.k8s.io/v1beta1"
    left = time.mktime(time.strptime(document["status"]["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(
        time.gmtime())
    assert 13 * 60 < left <= 14 * 60
    assert len(practice.requests()) == before, "AWS was asked"
    answer = opened(person, address_in(document["status"]["token"]))
    assert f"assumed-role/AWSReservedSSO_{ROLE}_" in answer and f"<Account>{ACCOUNT}</Account>" in answer


def test_it_is_of_one_cluster(person, practice):
    address = address_in(json.loads(token(person, "--cluster-name", "prod", "--profile", "dev").out)["status"]["token"])
    for cluster in ("test", None):
        with pytest.raises(urllib.error.HTTPError):
            opened(person, address, cluster)
    practice.reset()


@pytest.mark.parametrize("info, version", [
    ('{"apiVersion":"client.authentication.k8s.io/v1"}', "v1"),
    ('{"apiVersion":"client.authentication.k8s.io/v1alpha1"}', "v1beta1"), ("garbage", "v1beta1")])
def test_the_version_that_kubectl_asks_for(person, info, version):
    result = token(person, "--cluster-name", "prod", "--profile", "dev", env={"KUBERNETES_EXEC_INFO": info})
    assert json.loads(result.out)["apiVersion"] == f"client.authentication.k8s.io/{version}"


def test_the_region_is_that_of_the_sts_that_is_asked(person):
    def scope(*words):
        document = json.loads(token(person, "--cluster-name", "prod", "--profile", "dev", *words).out)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(address_in(document["status"]["token"])).query)
        return query["X-Amz-Credential"][0].split("/")[2]
    assert scope() == "us-east-1" and scope("--region", "eu-west-1") == "eu-west-1"


@pytest.mark.parametrize("words, status, said", [
    (["--profile", "dev"], 2, "which cluster? name it with --cluster-name"),
    (["--cluster-name", "a b", "--profile", "dev"], 7, "'a b' is not the name of a cluster"),
    (["--cluster-name", "x" * 101, "--profile", "dev"], 7, "is not the name of a cluster"),
    (["--cluster-name", "prod", "--region", "EU"], 2, "'EU' is not a region"),
])
def test_used_wrongly(person, words, status, said):
    result = token(person, *words)
    assert (result.status, result.out) == (status, "") and said in result.err, result


def test_a_token_for_something_else(person):
    for words in ([], ["ecr"]):
        result = person.iamic("token", *words)
        assert (result.status, result.out) == (2, "") and "'iamic token eks' makes one for kubectl" in result.err


def test_who_is_signed_out(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    result = token(home, "--cluster-name", "prod", "--profile", "dev")
    assert (result.status, result.out) == (3, "") and "iamic-login corp" in result.err


def test_botocore_signs_the_same_address(person):
    """With the same keys and at the same time: botocore's own presigner is the measure."""
    import datetime
    from unittest import mock

    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    kept = json.loads(person.credential_process("--profile", "dev").out)
    ours = address_in(json.loads(token(person, "--cluster-name", "prod", "--profile", "dev").out)["status"]["token"])
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(ours).query)
    at = datetime.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
    request = AWSRequest("GET", ours.partition("?")[0] + "?Action=GetCallerIdentity&Version=2011-06-15",
                         headers={"x-k8s-aws-id": "prod"})
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = at
        SigV4QueryAuth(Credentials(kept["AccessKeyId"], kept["SecretAccessKey"], kept["SessionToken"]), "sts",
                       "us-east-1", expires=60).add_auth(request)
    theirs = urllib.parse.parse_qs(urllib.parse.urlsplit(request.url).query)
    assert theirs == query
