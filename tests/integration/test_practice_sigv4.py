"""The signature check of the practice STS: it accepts what botocore signs and refuses it with one bit changed."""

import pathlib
import sys
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from practice import sigv4  # noqa: E402
from practice.message import Refusal, Request  # noqa: E402
from practice.speaker import FORM, IDENTITY, as_request, sign  # noqa: E402
from practice.state import RoleCredentials  # noqa: E402

pytest_plugins = ["practice.fixtures"]

MUST_BE_SIGNED = ["host", "x-amz-date", "x-amz-security-token"]
SIGNED = ["content-type", *MUST_BE_SIGNED]


class Key:
    """The key of AWS's published examples, which has no session token."""
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def key():
    return RoleCredentials("111122223333", "Role", "alice", 3600)


def by_botocore(key, body=IDENTITY, region="eu-central-1", url="https://localhost:1234/", headers=()):
    """The headers that botocore sends, signed by it."""
    request = botocore.awsrequest.AWSRequest("POST", url, {"Content-Type": FORM, **dict(headers)}, body)
    credentials = botocore.credentials.Credentials(key.key_id, key.secret, key.token)
    botocore.auth.SigV4Auth(credentials, "sts", region).add_auth(request)
    prepared = {name.lower(): text(value) for name, value in request.prepare().headers.items()}
    return {"host": url.split("/")[2], **prepared}


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def verdict(key, headers, body=IDENTITY, now=None, method="POST", target="/"):
    """None if the signature is accepted, else the code of the error."""
    try:
        sigv4.verify(as_request(headers, body, method, target), "sts", now or time.time(), {key.key_id: key}.get)
    except Refusal as refusal:
        return refusal.code
    return None


def flips(data):
    """The same bytes with one bit changed, for every bit."""
    for index in range(len(data)):
        for bit in range(8):
            yield data[:index] + bytes([data[index] ^ 1 << bit]) + data[index + 1:]


def signature_of_example(method, target, headers, body=b"", service="service"):
    stated = sigv4.Claim("AKIDEXAMPLE", "20150830", "us-east-1", service, sorted(headers), None)
    request = Request(method, target, list(headers.items()), body, 1, 1, 0.0)
    canonical = sigv4.canonical_request(method, request.path, request.query, request.headers, stated.signed_headers,
                                        body)
    return sigv4.signature(Key.secret, stated, "20150830T123600Z", canonical)


@pytest.mark.parametrize("method, target, headers, body, service, expected", [
    # From "Signature Version 4 signing process" and AWS's Signature Version 4 test suite.
    ("GET", "/?Action=ListUsers&Version=2010-05-08",
     {"content-type": FORM, "host": "iam.amazonaws.com"}, b"", "iam",
     "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
    ("GET", "/", {"host": "example.amazonaws.com"}, b"", "service",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("POST", "/", {"host": "example.amazonaws.com"}, b"", "service",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("POST", "/", {"content-type": "application/x-www-form-urlencoded", "host": "example.amazonaws.com"},
     b"Param1=value1", "service", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ("GET", "/?Param2=value2&Param1=value1", {"host": "example.amazonaws.com"}, b"", "service",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
])
def test_the_published_examples_come_out(method, target, headers, body, service, expected):
    headers = {**headers, "x-amz-date": "20150830T123600Z"}
    assert signature_of_example(method, target, headers, body, service) == expected


@pytest.mark.parametrize("more", [
    {}, {"X-Amz-Target": "x"}, {"X-Spaces": " a   b  c "}, {"A": "1", "A-B": "2", "AB": "3"}, {"Accept": "*/*"},
])
@pytest.mark.parametrize("body", [IDENTITY, b"", b"Action=AssumeRole&Policy=%7B%22%7D&x=%C3%A4+b"])
def test_botocores_signature_is_accepted(key, more, body):
    assert verdict(key, by_botocore(key, body, headers=more), body) is None


@pytest.mark.parametrize("target", ["?b=2&a=1&a=0", "?a=%20x%2B~&A=", "?X=%C3%A4"])
def test_botocores_signature_over_a_query_is_accepted(key, target):
    headers = by_botocore(key, url="https://localhost:1234/" + target)
    assert verdict(key, headers, target="/" + target) is None


@pytest.mark.parametrize("name", ["authorization", *SIGNED])
def test_a_header_with_one_bit_changed_is_refused(key, name):
    headers = by_botocore(key)
    assert verdict(key, headers) is None
    for changed in flips(headers[name].encode()):
        assert verdict(key, {**headers, name: changed.decode("latin-1")}), changed


def test_a_body_with_one_bit_changed_is_refused(key):
    headers = by_botocore(key)
    for changed in flips(IDENTITY):
        assert verdict(key, headers, changed) == "SignatureDoesNotMatch"


def test_a_method_path_or_query_that_was_not_signed_is_refused(key):
    headers = by_botocore(key)
    assert verdict(key, headers, method="PUT") == "SignatureDoesNotMatch"
    assert verdict(key, headers, target="/x") == "SignatureDoesNotMatch"
    assert verdict(key, headers, target="/?a=1") == "SignatureDoesNotMatch"


def test_a_signature_by_a_secret_with_one_bit_changed_is_refused(key):
    for changed in flips(key.secret.encode()):
        other = RoleCredentials("111122223333", "Role", "alice", 3600)
        other.key_id, other.token, other.secret = key.key_id, key.token, changed.decode("latin-1")
        assert verdict(key, signed_by(other)) == "SignatureDoesNotMatch"


def signed_by(key, when=None, names=None, body=IDENTITY, **other):
    """Headers signed by our own hand, over the names given."""
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    headers = {"content-type": FORM, "host": "localhost:1234", "x-amz-date": timestamp,
               "x-amz-security-token": key.token}
    credentials = {"accessKeyId": key.key_id, "secretAccessKey": key.secret}
    return sign(headers, credentials, body, names=names, **other)


@pytest.mark.parametrize("name", MUST_BE_SIGNED)
def test_a_header_that_is_sent_and_not_signed_is_refused(key, name):
    assert verdict(key, signed_by(key)) is None
    headers = signed_by(key, names=[one for one in SIGNED if one != name])
    assert verdict(key, headers) == "SignatureDoesNotMatch"


def test_the_content_type_need_not_be_signed(key):
    headers = signed_by(key, names=MUST_BE_SIGNED)
    assert verdict(key, headers) is None and verdict(key, {**headers, "content-type": "text/plain"}) is None


@pytest.mark.parametrize("name", SIGNED)
def test_a_header_that_is_signed_and_not_sent_is_refused(key, name):
    headers = signed_by(key)
    del headers[name]
    assert verdict(key, headers)


@pytest.mark.parametrize("name", MUST_BE_SIGNED)
def test_a_header_that_is_neither_signed_nor_sent_is_refused(key, name):
    headers = signed_by(key, names=[one for one in SIGNED if one != name])
    del headers[name]
    assert verdict(key, headers)


def test_a_header_that_is_signed_as_empty_and_not_sent_is_refused(key):
    assert verdict(key, signed_by(key, names=[*SIGNED, "x-extra"])) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("names", [SIGNED[::-1], [*SIGNED, "x-amz-security-token"], ["Host", *SIGNED]])
def test_the_signed_headers_are_named_in_order_once_and_in_small_letters(key, names):
    assert verdict(key, signed_by(key, names=names)) == "SignatureDoesNotMatch"


def test_any_x_amz_header_must_be_signed(key):
    assert verdict(key, {**signed_by(key), "x-amz-target": "x"}) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("seconds, accepted", [
    (0, True), (-899, True), (898, True), (-902, False), (902, False), (-86400, False), (86400, False),
])
def test_the_date_must_be_within_fifteen_minutes(key, seconds, accepted):
    now = 1790000000.5
    assert (verdict(key, signed_by(key, now + seconds), now=now) is None) == accepted


@pytest.mark.parametrize("timestamp", ["", "20260230T000000Z", "20260101T000000", "2026-01-01T00:00:00Z", "now",
                                       "20260101T000000Z ", "２０260101T000000Z"])
def test_a_date_of_another_form_is_refused(key, timestamp):
    assert verdict(key, {**signed_by(key), "x-amz-date": timestamp}) == "IncompleteSignature"


@pytest.mark.parametrize("change, error", [
    (lambda stated: "", "IncompleteSignature"),
    (lambda stated: "Bearer x", "IncompleteSignature"),
    (lambda stated: "AWS4-HMAC-SHA256", "IncompleteSignature"),
    (lambda stated: stated.replace("Signature=", "Sig="), "IncompleteSignature"),
    (lambda stated: stated.replace("SignedHeaders=", "Headers="), "IncompleteSignature"),
    (lambda stated: stated.replace("Credential=", "Cred="), "IncompleteSignature"),
    (lambda stated: stated + ", Signature=x", "IncompleteSignature"),
    (lambda stated: stated + ", x", "IncompleteSignature"),
    (lambda stated: stated.replace("/aws4_request", ""), "IncompleteSignature"),
    (lambda stated: stated.replace("/aws4_request", "/aws4"), "IncompleteSignature"),
    (lambda stated: stated.replace("/sts/", "/iam/"), "SignatureDoesNotMatch"),
    (lambda stated: stated.replace("/us-east-1/", "/nowhere/"), "SignatureDoesNotMatch"),
    (lambda stated: stated.replace("host;x-amz-date", "x-amz-date;host"), "SignatureDoesNotMatch"),
    (lambda stated: stated.replace("host;", "Host;"), "SignatureDoesNotMatch"),
    (lambda stated: stated.replace("host;", "host;host;"), "SignatureDoesNotMatch"),
    (lambda stated: stated.replace("Credential=ASIA", "Credential=AKIA"), "InvalidClientTokenId"),
    (lambda stated: stated[:-1], "SignatureDoesNotMatch"),
    (lambda stated: stated[:-64] + stated[-64:].upper(), "SignatureDoesNotMatch"),
])
def test_an_authorization_of_another_form_is_refused(key, change, error):
    headers = signed_by(key)
    assert verdict(key, {**headers, "authorization": change(headers["authorization"])}) == error


@pytest.mark.parametrize("scope", [{"region": "us-west-2"}, {"service": "iam"}, {"region": "US-EAST-1"}])
def test_the_scope_must_name_sts_and_a_region(key, scope):
    expected = None if scope == {"region": "us-west-2"} else "SignatureDoesNotMatch"
    assert verdict(key, signed_by(key, **scope)) == expected


def test_the_scopes_date_must_be_that_of_the_request(key):
    assert verdict(key, signed_by(key, 1790000000, date="20260921"), now=1790000000) is None
    assert verdict(key, signed_by(key, 1790000000, date="20260920"), now=1790000000) == "SignatureDoesNotMatch"


# The same over the wire: status, shape of the error, and whether it counts as a violation.


def assert_sts_error(answer, status, code):
    assert (answer.status, answer.error()) == (status, code)
    assert answer.headers["Content-Type"] == "text/xml"
    assert b"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>" \
        in answer.body


def test_sts_tells_the_arn_of_whom_the_key_belongs_to(center, speaker):
    answer = speaker.sts(speaker.signed(speaker.role(role="Power+User")))
    assert answer.status == 200
    assert b"<Arn>arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Power+User_" in answer.body
    assert b"/alice@example.com</Arn>" in answer.body
    assert b"<Account>111122223333</Account>" in answer.body
    center.check()


@pytest.mark.parametrize("name", SIGNED)
def test_a_request_without_a_signed_header_fails_over_the_wire(center, speaker, name):
    headers = speaker.signed(speaker.role())
    del headers[name]
    answer = speaker.sts(headers)
    assert 400 <= answer.status <= 403
    assert center.violations()


@pytest.mark.parametrize("name", MUST_BE_SIGNED)
def test_a_request_with_an_unsigned_header_fails_over_the_wire(center, speaker, name):
    credentials = speaker.role()
    headers = speaker.signed(credentials)
    del headers["authorization"]
    signed = sign(headers, credentials, IDENTITY, names=sorted(set(headers) - {name}))
    assert_sts_error(speaker.sts(signed), 403, "SignatureDoesNotMatch")
    assert f"'{name}' must be a 'SignedHeader'" in center.violations()[0]["text"]


def test_a_flipped_signature_is_refused_over_the_wire_and_recorded(center, speaker):
    headers = speaker.signed(speaker.role())
    last = headers["authorization"][-1]
    headers["authorization"] = headers["authorization"][:-1] + chr(ord(last) ^ 1)
    assert_sts_error(speaker.sts(headers), 403, "SignatureDoesNotMatch")
    assert len(center.violations()) == 1


def test_an_unsigned_request_is_refused(center, speaker):
    headers = speaker.signed(speaker.role())
    del headers["authorization"]
    assert_sts_error(speaker.sts(headers), 403, "MissingAuthenticationToken")
    assert len(center.violations()) == 1


def test_unknown_and_expired_keys_break_no_rule(center, speaker):
    credentials = speaker.role()
    unknown = {**credentials, "accessKeyId": "ASIAAAAAAAAAAAAAAAAA"}
    assert_sts_error(speaker.sts(speaker.signed(unknown)), 403, "InvalidClientTokenId")
    center.set(role_life=0.05)
    brief = speaker.role()
    time.sleep(0.1)
    assert_sts_error(speaker.sts(speaker.signed(brief)), 403, "ExpiredToken")
    center.check()


def test_the_token_of_another_key_is_refused(center, speaker):
    mixed = {**speaker.role(), "sessionToken": speaker.role()["sessionToken"]}
    assert_sts_error(speaker.sts(speaker.signed(mixed)), 403, "InvalidClientTokenId")


def test_a_clock_that_is_wrong_is_refused_and_breaks_no_rule(center, speaker):
    credentials = speaker.role()
    assert_sts_error(speaker.sts(speaker.signed(credentials, when=time.time() - 1000)), 403, "SignatureDoesNotMatch")
    assert_sts_error(speaker.sts(speaker.signed(credentials, when=time.time() + 1000)), 403, "SignatureDoesNotMatch")
    center.set(clock_skew=1000)
    assert speaker.sts(speaker.signed(credentials, when=time.time() + 1000)).status == 200
    assert_sts_error(speaker.sts(speaker.signed(credentials)), 403, "SignatureDoesNotMatch")
    center.check()


def test_credentials_of_an_assumed_role_are_as_good(center, speaker):
    body = b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A999988887777%3Arole%2FX&" \
           b"RoleSessionName=me"
    text = speaker.sts(speaker.signed(speaker.role(), body), body).body.decode()
    names = {"accessKeyId": "AccessKeyId", "secretAccessKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    assumed = {ours: text.partition(f"<{theirs}>")[2].partition("<")[0] for ours, theirs in names.items()}
    answer = speaker.sts(speaker.signed(assumed))
    assert b"arn:aws:sts::999988887777:assumed-role/X/me" in answer.body
    center.check()
