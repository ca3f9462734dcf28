"""S3, as much of it as the tools need that only speak S3: buckets that are there, objects that are put, listed, got."""

import base64
import email.utils
import hashlib
import re
import time
import urllib.parse

from practice import sigv4
from practice.message import Refusal, Reply
from practice.xml import writer

WRITE = writer("http://s3.amazonaws.com/doc/2006-03-01/")
WRITE_ERROR = writer(namespace=None)
STATUSES = {"AccessDenied": 403, "ExpiredToken": 400, "InvalidAccessKeyId": 403, "InvalidRange": 416,
            "MethodNotAllowed": 405, "NoSuchBucket": 404, "NoSuchKey": 404, "SignatureDoesNotMatch": 403}
# What S3 calls that which other services call otherwise.
NAMES = {"InvalidClientTokenId": "InvalidAccessKeyId", "IncompleteSignature": "AuthorizationHeaderMalformed"}


class Stored:
    def __init__(self, content):
        self.content = content
        self.time = time.time()
        self.tag = f'"{hashlib.md5(content).hexdigest()}"'

    def headers(self):
        return [("ETag", self.tag), ("Last-Modified", email.utils.formatdate(self.time, usegmt=True)),
                ("Accept-Ranges", "bytes")]


def bucket_and_key(request):
    bucket, _, key = request.path[1:].partition("/")
    return urllib.parse.unquote(bucket), urllib.parse.unquote(key)


def is_addressed(center, request):
    """By the service that the request is signed for; or, unsigned, by the name of a bucket."""
    signed_for = sigv4.service_of(request)
    return signed_for == "s3" or not signed_for and bucket_and_key(request)[0] in center.state.settings["buckets"]


def operation_name(request):
    """The operation's name, or None if it is none of these."""
    bucket, key = bucket_and_key(request)
    if not bucket:
        return {"GET": "ListBuckets"}.get(request.method)
    if key:
        return {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject",
                "DELETE": "DeleteObject"}.get(request.method)
    if request.method == "GET":
        return "GetBucketLocation" if "location" in request.parameters() else "ListObjects"
    return {"HEAD": "HeadBucket"}.get(request.method)


def answer(document):
    return Reply(document=document, content_type="application/xml", write=WRITE)


def error(code, message, status=None):
    code = NAMES.get(code, code)
    return Reply(status or STATUSES.get(code, 400), {"Error": {"Code": code, "Message": message}},
                 content_type="application/xml", write=WRITE_ERROR)


def malformed(text):
    return error("InvalidRequest", text)


def read(operation, request):
    """Nothing of the form is checked here: what matters is the signature."""
    return request.parameters(), []


def with_caller(handler):
    """Whoever signed correctly may do everything, in buckets that are there."""
    def checked(center, request, given):
        if request.header("authorization") is None:
            raise Refusal("AccessDenied", "Access Denied")      # whoever comes without a name breaks no rule
        sigv4.verify(request, "s3", center.state.now(), center.state.roles.get)
        bucket, key = bucket_and_key(request)
        if bucket and bucket not in center.state.settings["buckets"]:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist")
        return handler(center, request, given, center.state.objects.setdefault(bucket, {}), key)
    return checked


def list_buckets(center, request, given, objects, key):
    created = stamp(0)
    buckets = [{"Name": name, "CreationDate": created} for name in sorted(center.state.settings["buckets"])]
    return answer({"ListAllMyBucketsResult": {"Owner": {"ID": "practice"}, "Buckets": {"Bucket": buckets}}})


def get_bucket_location(center, request, given, objects, key):
    return answer({"LocationConstraint": ""})


def head_bucket(center, request, given, objects, key):
    return Reply(content_type="application/xml")


def list_objects(center, request, given, objects, key):
    """Both versions: the second is told by list-type and turns pages by a token, the first by a key."""
    second = given.get("list-type") == "2"
    prefix, delimiter = given.get("prefix", ""), given.get("delimiter", "")
    after = page_token(given["continuation-token"]) if "continuation-token" in given \
        else given.get("start-after" if second else "marker", "")
    shown = (lambda text: urllib.parse.quote(text, safe="/")) if given.get("encoding-type") == "url" else str
    limit = min(int(given.get("max-keys", 1000)), center.state.settings["page_size"])
    names = sorted({grouped(name, prefix, delimiter) for name in objects if name.startswith(prefix)})
    names = [name for name in names if name > after]
    page, more = names[:limit], len(names) > limit
    result = {"Name": bucket_and_key(request)[0], "Prefix": shown(prefix), "MaxKeys": limit,
              "IsTruncated": str(more).lower()}
    if "encoding-type" in given:
        result["EncodingType"] = "url"
    if second:
        result["KeyCount"] = len(page)
    if more:
        result.update({"NextContinuationToken": base64.b64encode(page[-1].encode()).decode()} if second
                      else {"NextMarker": shown(page[-1])})
    result["Contents"] = [{"Key": shown(name), "LastModified": stamp(objects[name].time),
                           "ETag": objects[name].tag, "Size": len(objects[name].content),
                           "StorageClass": "STANDARD"} for name in page if name in objects]
    result["CommonPrefixes"] = [{"Prefix": shown(name)} for name in page if name not in objects]
    return answer({"ListBucketResult": result})


def page_token(text):
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise Refusal("InvalidArgument", "The continuation token provided is incorrect", violation=True) from None


def grouped(name, prefix, delimiter):
    """The name, or what it has before the first delimiter behind the prefix."""
    end = name.find(delimiter, len(prefix)) if delimiter else -1
    return name if end < 0 else name[:end + len(delimiter)]


def put_object(center, request, given, objects, key):
    objects[key] = Stored(request.body)
    return Reply(headers=[("ETag", objects[key].tag)], content_type="application/xml")


def get_object(center, request, given, objects, key):
    stored = objects.get(key)
    if not stored:
        raise Refusal("NoSuchKey", "The specified key does not exist.")
    wanted = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", request.header("range", ""))
    reply = Reply(body=stored.content, content_type="binary/octet-stream", headers=stored.headers())
    if wanted:
        first, size = int(wanted[1]), len(stored.content)
        last = min(int(wanted[2] or size), size - 1)
        if first > last:
            raise Refusal("InvalidRange", "The requested range is not satisfiable")
        reply.status, reply.plain = 206, stored.content[first:last + 1]
        reply.headers.append(("Content-Range", f"bytes {first}-{last}/{size}"))
    return reply


def delete_object(center, request, given, objects, key):
    objects.pop(key, None)
    return Reply(204, content_type="application/xml")


def stamp(when):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(when))


HANDLERS = {name: with_caller(handler) for name, handler in {
    "ListBuckets": list_buckets, "GetBucketLocation": get_bucket_location, "HeadBucket": head_bucket,
    "ListObjects": list_objects, "GetObject": get_object, "HeadObject": get_object, "PutObject": put_object,
    "DeleteObject": delete_object}.items()}
