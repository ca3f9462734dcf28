"""A request as it came, a reply before it goes, and the refusal that a handler raises."""

import json
import urllib.parse


class Request:
    def __init__(self, method, target, headers, body, connection, port, arrived):
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers              # pairs, names in lower case, in the order they came
        self.body = body
        self.connection = connection        # number of the TLS connection
        self.port = port                    # of ours, that it came in on
        self.arrived = arrived              # monotonic seconds
        self.signed_by = None               # the role credentials, once the signature is found to be right

    def target(self):
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name, otherwise=None):
        return next((value for key, value in self.headers if key == name), otherwise)

    def media_type(self):
        return self.header("content-type", "").partition(";")[0].strip().lower()

    def parameters(self):
        """The query as a server decodes it: a plus is a space."""
        return dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def cookie(self, name):
        pairs = (pair.strip().partition("=") for pair in self.header("cookie", "").split(";"))
        return next((value for key, _, value in pairs if key == name), None)


class Reply:
    """A document, written at the last moment so that a fault can still change it; or a body."""

    def __init__(self, status=200, document=None, body=b"", content_type="application/json", headers=(),
                 write=None):
        self.status = status
        self.document = document
        self.write = write or (lambda document: json.dumps(document).encode())
        self.plain = body
        self.content_type = content_type
        self.headers = list(headers)
        # How it travels; faults set these.
        self.delay = 0
        self.date_skew = 0
        self.bytes_per_second = None
        self.cut_after = None               # bytes of the body, then the connection closes
        self.vanish = None                  # "close" or "reset" instead of any byte

    def body(self):
        return self.plain if self.document is None else self.write(self.document)


class Refusal(Exception):
    """An error of AWS: its code, what it says, and whether the client broke a rule to deserve it."""

    def __init__(self, code, message, violation=False, status=None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.violation = violation
        self.status = status


def redirect(address, headers=()):
    return Reply(302, content_type="text/plain", headers=[("Location", address), *headers])
