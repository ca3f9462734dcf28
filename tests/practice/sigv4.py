"""AWS Signature Version 4, the server's side of it."""

import calendar
import hashlib
import hmac
import re
import time
import urllib.parse

from practice.message import Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
TOLERANCE = 15 * 60         # seconds between the request's date and ours
UNRESERVED = "-_.~"
PAYLOAD = "x-amz-content-sha256"
UNSIGNED = "UNSIGNED-PAYLOAD"


class Claim:
    """What an Authorization header says."""

    def __init__(self, key_id, date, region, service, signed_headers, signature):
        self.key_id = key_id
        self.date = date
        self.region = region
        self.service = service
        self.signed_headers = signed_headers
        self.signature = signature

    def scope(self):
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def incomplete(message):
    return Refusal("IncompleteSignature", message, violation=True)


def mismatch(message):
    return Refusal("SignatureDoesNotMatch", message, violation=True)


def claim(authorization):
    """Read an Authorization header."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise incomplete("Unsupported AWS 'algorithm'.")
    parts = {}
    for part in rest.split(","):
        name, separator, text = part.strip(" ").partition("=")
        if not separator or name in parts:
            raise incomplete("Authorization header holds something else than name=value pairs.")
        parts[name] = text
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise incomplete(f"Authorization header requires '{name}' parameter.")
    scope = parts["Credential"].split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise incomplete("Credential must have exactly 5 slash-delimited elements.")
    return Claim(*scope[:4], parts["SignedHeaders"].split(";"), parts["Signature"])


def service_of(request):
    """The service that a request says it is signed for, None without a signature."""
    stated = re.search(r"Credential=[^/,]*/[^/,]*/[^/,]*/([^/,]*)/", request.header("authorization", ""))
    return stated and stated[1]


def canonical_path(path, service):
    """Every segment encoded once more, as every service but S3 has it."""
    encode = encoded if service == "s3" else lambda segment: urllib.parse.quote(segment, safe=UNRESERVED)
    return "/".join(encode(segment) for segment in path.split("/")) or "/"


def encoded(text):
    return urllib.parse.quote(urllib.parse.unquote(text), safe=UNRESERVED)


def canonical_query(query):
    pairs = []
    for pair in query.split("&") if query else []:
        name, _, text = pair.partition("=")
        pairs.append((encoded(name), encoded(text)))
    return "&".join(f"{name}={text}" for name, text in sorted(pairs))


def canonical_header(headers, name):
    values = [re.sub(" +", " ", text.strip(" \t")) for key, text in headers if key == name]
    return f"{name}:{','.join(values)}\n"


def canonical_request(method, path, query, headers, signed_headers, body, service="sts"):
    return "\n".join([
        method, canonical_path(path, service), canonical_query(query),
        "".join(canonical_header(headers, name) for name in signed_headers),
        ";".join(signed_headers), payload(headers, body, service),
    ])


def payload(headers, body, service):
    """The digest of the body; for S3 the client may leave it out where TLS stands in for it."""
    digest = hashlib.sha256(body).hexdigest()
    if service != "s3":
        return digest
    stated = dict(headers).get(PAYLOAD)
    if stated not in (UNSIGNED, digest):
        raise Refusal("XAmzContentSHA256Mismatch", f"The provided '{PAYLOAD}' header does not match what was computed.",
                      violation=True)
    return stated


def signature(secret, stated, timestamp, canonical):
    key = b"AWS4" + secret.encode()
    for part in (stated.date, stated.region, stated.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    # Header values were read as Latin-1, so this gives back the bytes that came.
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    to_sign = f"{ALGORITHM}\n{timestamp}\n{stated.scope()}\n{digest}"
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def must_be_signed(headers):
    """Host and date always, and what is AWS's own where it is there. The Content-Type need not be, whatever AWS's
    manual says: some of its own clients never sign it."""
    return {"host", "x-amz-date"} | {name for name, _ in headers if name.startswith("x-amz-")}


def check_headers(request, stated):
    names = stated.signed_headers
    if names != sorted(set(names)) or any(name != name.lower() for name in names):
        raise mismatch("SignedHeaders is not sorted, or names a header twice or in capitals.")
    for name in sorted(must_be_signed(request.headers) - set(names)):
        raise mismatch(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in names:
        if request.header(name) is None:
            raise mismatch(f"'{name}' is signed and was not sent.")


def check_scope(stated, timestamp, service):
    if stated.service != service:
        raise mismatch(f"Credential should be scoped to correct service: '{service}'.")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+", stated.region):
        raise mismatch("Credential should be scoped to a valid region.")
    if stated.date != timestamp[:8]:
        raise mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
                       f"HTTP: '{stated.date}' != '{timestamp[:8]}', from '{timestamp}'.")


def check_date(timestamp, now):
    """A client whose clock is wrong breaks no rule, so these are no violations."""
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", timestamp):
        raise incomplete("Date must be in ISO-8601 'basic format'.")
    try:
        then = calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise incomplete("Date must be in ISO-8601 'basic format'.") from None
    ours = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    if then < now - TOLERANCE:
        raise Refusal("SignatureDoesNotMatch",
                      f"Signature expired: {timestamp} is now earlier than {ours} - 15 min.")
    if then > now + TOLERANCE:
        raise Refusal("SignatureDoesNotMatch",
                      f"Signature not yet current: {timestamp} is still later than {ours} + 15 min.")


def trusted(key, token):
    """The key, if the token that belongs to it came with it and it has not expired."""
    if key is None or token is None or not hmac.compare_digest(token.encode(), key.token.encode()):
        forgotten = key is not None and token is None
        raise Refusal("InvalidClientTokenId", "The security token included in the request is invalid.",
                      violation=forgotten)
    if not key.alive():
        raise Refusal("ExpiredToken", "The security token included in the request is expired")
    return key


def verify(request, service, now, find_key):
    """The key behind a signed request, or a Refusal. find_key(id): an object with secret, token, alive()."""
    authorization = request.header("authorization")
    if authorization is None:
        raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", violation=True)
    stated = claim(authorization)
    timestamp = request.header("x-amz-date")
    if timestamp is None:
        raise incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")
    key = trusted(find_key(stated.key_id), request.header("x-amz-security-token"))
    check_date(timestamp, now)
    check_scope(stated, timestamp, service)
    check_headers(request, stated)
    canonical = canonical_request(request.method, request.path, request.query, request.headers,
                                  stated.signed_headers, request.body, service)
    expected = signature(key.secret, stated, timestamp, canonical)
    if not hmac.compare_digest(expected.encode(), stated.signature.encode()):
        raise mismatch("The request signature we calculated does not match the signature you provided. Check "
                       "your AWS Secret Access Key and signing method.")
    request.signed_by = key
    return key


def verify_address(request, service, now, find_key):
    """The same for an address that was signed to be opened by another, a GET with all of it in its query."""
    query = request.parameters()
    names = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature")
    if query.get("X-Amz-Algorithm") != ALGORITHM or not all(query.get(name) for name in names):
        raise incomplete("The address lacks parameters of its signature.")
    scope = query["X-Amz-Credential"].split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise incomplete("Credential must have exactly 5 slash-delimited elements.")
    stated = Claim(*scope[:4], query["X-Amz-SignedHeaders"].split(";"), query["X-Amz-Signature"])
    timestamp = query["X-Amz-Date"]
    key = trusted(find_key(stated.key_id), query.get("X-Amz-Security-Token"))
    check_scope(stated, timestamp, service)
    check_date(timestamp, now)
    if calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ")) + int(query["X-Amz-Expires"]) < now:
        raise Refusal("AccessDenied", "Request has expired")
    if "host" not in stated.signed_headers or any(request.header(name) is None for name in stated.signed_headers):
        raise mismatch("A header that is signed was not sent, or host is not signed.")
    unsigned = "&".join(pair for pair in request.query.split("&") if not pair.startswith("X-Amz-Signature="))
    canonical = canonical_request(request.method, request.path, unsigned, request.headers, stated.signed_headers,
                                  request.body, service)
    expected = signature(key.secret, stated, timestamp, canonical)
    if not hmac.compare_digest(expected.encode(), stated.signature.encode()):
        raise mismatch("The request signature we calculated does not match the signature you provided.")
    request.signed_by = key
    return key
