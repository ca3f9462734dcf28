"""The requests of AWS's clients made by hand, well formed unless a test says otherwise."""

import http.client
import json
import time
import urllib.parse

from practice import sigv4
from practice.message import Request

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ["sso:account:access"]
FORM = "application/x-www-form-urlencoded; charset=utf-8"
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The error's name wherever the service puts it."""
        kind = self.headers.get("x-amzn-ErrorType")
        if kind:
            return kind.partition(":")[0]
        text = self.body.decode()
        if "<Code>" in text:
            return text.partition("<Code>")[2].partition("</Code>")[0]
        return json.loads(text)["__type"].partition("#")[2]


class Speaker:
    """Speaks to one practice Identity Center over one kept connection."""

    def __init__(self, practice):
        self.practice = practice
        self.connection = http.client.HTTPSConnection("localhost", practice.port, timeout=30,
                                                      context=practice.context)

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        reply = self.connection.getresponse()
        return Answer(reply.status, reply.headers, reply.read())

    def post(self, path, document, content_type="application/json"):
        return self.request("POST", path, json.dumps(document), {"Content-Type": content_type})

    def register(self, **changes):
        """The client's id and secret."""
        given = {"clientName": "speaker", "clientType": "public", "scopes": SCOPES, **changes}
        answer = self.post("/client/register", without_none(given)).json()
        return {name: answer[name] for name in ("clientId", "clientSecret")}

    def start_device(self, client):
        return self.post("/device_authorization", {**client, "startUrl": self.practice.start_url}).json()

    def poll(self, client, device):
        return self.post("/token", {**client, "grantType": DEVICE, "deviceCode": device["deviceCode"]})

    def refresh(self, client, token):
        return self.post("/token", {**client, "grantType": "refresh_token", "refreshToken": token})

    def sign_in(self, **registration):
        """(client, tokens) after a sign-in by device code that the person approved."""
        client = self.register(**registration)
        device = self.start_device(client)
        self.practice.approve(device["userCode"])
        return client, self.poll(client, device).json()

    def portal(self, path, token, method="GET", **query):
        target = path + ("?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")
        return self.request(method, target, headers={"x-amz-sso_bearer_token": token})

    def role(self, account="111122223333", role="ReadOnly", token=None):
        """Role credentials."""
        token = token or self.practice.token()
        answer = self.portal("/federation/credentials", token, role_name=role, account_id=account)
        return answer.json()["roleCredentials"]

    def signed(self, credentials, body=IDENTITY, when=None, region="us-east-1", service="sts", more=None):
        """Headers of a signed request to STS, or with more of them to another service."""
        timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
        headers = {"host": f"localhost:{self.practice.port}", "content-type": FORM, "x-amz-date": timestamp,
                   "x-amz-security-token": credentials["sessionToken"], **(more or {})}
        return sign(headers, credentials, body, region, service)

    def sts(self, headers, body=IDENTITY, method="POST", path="/"):
        """Exactly these headers and no other of weight."""
        self.connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self.connection.putheader(name, value)
        self.connection.putheader("content-length", str(len(body)))
        self.connection.endheaders(body)
        reply = self.connection.getresponse()
        return Answer(reply.status, reply.headers, reply.read())


def sign(headers, credentials, body, region="us-east-1", service="sts", names=None, date=None):
    """The headers and an Authorization over those that are named, all by default."""
    names = names or sorted(headers)
    timestamp = headers["x-amz-date"]
    stated = sigv4.Claim(credentials["accessKeyId"], date or timestamp[:8], region, service, names, None)
    canonical = sigv4.canonical_request("POST", "/", "", list(headers.items()), names, body)
    signature = sigv4.signature(credentials["secretAccessKey"], stated, timestamp, canonical)
    return {**headers, "authorization": f"{sigv4.ALGORITHM} Credential={stated.key_id}/{stated.scope()}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"}


def without_none(given):
    return {name: value for name, value in given.items() if value is not None}


def as_request(headers, body, method="POST", target="/"):
    """The same request for the verifier alone, without a network."""
    pairs = [(name.lower(), value) for name, value in headers.items()]
    return Request(method, target, pairs, body, 1, 1, 0.0)
