"""The log of requests and of what was wrong with them, fit to be shown: secrets are replaced by a digest."""

import hashlib
import json
import threading
import time
import urllib.parse

from practice import tables

SECRET = tables.secret_names()
LIMIT = 200000          # requests kept


def veiled(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:16]


def shown(name, value):
    """A value for the log: a secret as its digest, wherever it is nested."""
    if name in SECRET:
        return veiled(value if isinstance(value, str) else json.dumps(value))
    if isinstance(value, dict):
        return {key: shown(key, item) for key, item in value.items()}
    return [shown(name, item) for item in value] if isinstance(value, list) else value


def shown_body(request):
    """A readable body without its secrets; None where it cannot be read."""
    try:
        if request.media_type() == "application/x-www-form-urlencoded":
            return shown("", dict(urllib.parse.parse_qsl(request.body.decode())))
        return shown("", json.loads(request.body)) if request.body else None
    except ValueError:
        return None


class Journal:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries = []
        self.breaches = []

    def open(self, request, operation, grant):
        """Write down a request; its status is filled in when it is answered."""
        entry = {
            "time": time.time(), "operation": operation, "grant": grant, "method": request.method,
            "path": request.path, "query": shown("", request.parameters()),
            "headers": {name: shown(name, value) for name, value in request.headers},
            "body": shown_body(request), "body_sha256": hashlib.sha256(request.body).hexdigest(),
            "connection": request.connection, "port": request.port, "status": None, "fault": None, "signed_by": None,
        }
        with self.lock:
            entry["n"] = len(self.entries) + 1
            if len(self.entries) < LIMIT:
                self.entries.append(entry)
        return entry

    def violation(self, operation, text):
        with self.lock:
            self.breaches.append({"operation": operation, "text": text})

    def requests(self, matches):
        with self.lock:
            return [dict(entry) for entry in self.entries if matches(entry["operation"], entry["grant"])]

    def violations(self):
        with self.lock:
            return list(self.breaches)
