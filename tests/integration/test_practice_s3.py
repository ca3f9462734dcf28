"""The practice S3: it accepts what botocore signs, refuses what was changed on the way, and keeps what it was given."""
import pathlib
import sys

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import botocore.session
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

pytest_plugins = ["practice.fixtures"]

BUCKET, KEY = "practice-bucket", "a b/ü+~(1)%.txt"


@pytest.fixture
def s3(center, speaker):
    """botocore's own client, as a role."""
    role = speaker.role()
    session = botocore.session.Session()
    return session.create_client(
        "s3", "us-east-1", endpoint_url=center.url, verify=center.ca, aws_access_key_id=role["accessKeyId"],
        aws_secret_access_key=role["secretAccessKey"], aws_session_token=role["sessionToken"],
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))


def signed(center, role, method, path, body=b""):
    """Headers as botocore signs them for S3."""
    request = botocore.awsrequest.AWSRequest(method, center.url + path, {}, body)
    request.context["client_config"] = botocore.config.Config(s3={"payload_signing_enabled": True})
    key = botocore.credentials.Credentials(role["accessKeyId"], role["secretAccessKey"], role["sessionToken"])
    botocore.auth.S3SigV4Auth(key, "s3", "us-east-1").add_auth(request)
    return {name: value.decode() if isinstance(value, bytes) else value
            for name, value in request.prepare().headers.items()}


def refusal(center, headers, method, path, body=b""):
    status, _, text = center.fetch(method, path, body, headers)
    return status, text.decode().partition("<Code>")[2].partition("</Code>")[0]


def test_what_is_put_is_listed_got_and_deleted(center, s3):
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"0123456789")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [KEY]
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["ContentLength"] == 10
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"0123456789"
    part = s3.get_object(Bucket=BUCKET, Key=KEY, Range="bytes=3-5")
    assert (part["Body"].read(), part["ContentRange"]) == (b"345", "bytes 3-5/10")
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
    center.check()


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_a_listing_has_pages_and_groups(center, s3, operation):
    center.set(page_size=2)
    for key in ("a", "b/1", "b/2", "c ä", "d"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    pages = list(s3.get_paginator(operation).paginate(Bucket=BUCKET, Delimiter="/"))
    assert [[one["Key"] for one in page.get("Contents", [])] for page in pages] == [["a"], ["c ä", "d"]]
    assert pages[0]["CommonPrefixes"] == [{"Prefix": "b/"}]
    everything = [one["Key"] for page in s3.get_paginator(operation).paginate(Bucket=BUCKET)
                  for one in page["Contents"]]
    assert everything == ["a", "b/1", "b/2", "c ä", "d"]
    center.check()


def test_what_is_not_there_is_said_so_and_breaks_no_rule(center, s3):
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchBucket"):
        s3.list_objects_v2(Bucket="nobodys-bucket")
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="x")
    assert refusal(center, {}, "GET", f"/{BUCKET}") == (403, "AccessDenied")
    center.check()


def test_what_was_changed_on_the_way_is_refused(center, speaker):
    role, path, body = speaker.role(), f"/{BUCKET}/x", b"content"
    headers = signed(center, role, "PUT", path, body)
    assert refusal(center, headers, "PUT", path, body) == (200, "")
    assert refusal(center, headers, "PUT", path, b"CONTENT") == (400, "XAmzContentSHA256Mismatch")
    assert refusal(center, headers, "PUT", path + "y", body) == (403, "SignatureDoesNotMatch")
    assert refusal(center, headers, "PUT", path + "?acl=", body) == (403, "SignatureDoesNotMatch")
    assert refusal(center, headers, "DELETE", path, body) == (403, "SignatureDoesNotMatch")
    bare = {name: value for name, value in headers.items() if name.lower() != "x-amz-content-sha256"}
    assert refusal(center, bare, "PUT", path, body)[0] in (400, 403)
    for_sts = {**headers, "Authorization": headers["Authorization"].replace("/s3/", "/sts/")}
    assert refusal(center, for_sts, "PUT", path, body)[0] in (403, 404)
    assert len(center.violations()) == 6


def test_the_log_says_who_signed_and_only_where_the_signature_was_right(center, speaker):
    role, path = speaker.role(), f"/{BUCKET}"
    headers = signed(center, role, "GET", path)
    assert refusal(center, headers, "GET", path)[0] == 200
    assert refusal(center, headers, "GET", "/")[0] == 403
    right, wrong = (request["signed_by"] for request in center.requests() if request["operation"].startswith("List"))
    assert right["key_id"] == role["accessKeyId"] and "assumed-role/AWSReservedSSO_" in right["arn"]
    assert wrong is None
