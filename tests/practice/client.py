"""What tests use: start a practice Identity Center, steer it, act as the person, and ask what it saw."""

import http.client
import json
import os
import pathlib
import re
import select
import ssl
import subprocess
import time
import urllib.parse

SERVER = pathlib.Path(__file__).resolve().parent / "serve.py"
FLAGS = ("port", "port_count", "hostname", "offer_h2", "auto_approve", "identity_provider", "keep")
START_TIMEOUT = 20
OUTAGE_LONGEST = 20
PENDING_TIMEOUT = 10


class Practice:
    within = ()     # words in front of the command that starts it

    def __init__(self, place, process=None):
        self.url, self.ca, self.start_url = place["url"], place["ca"], place["startUrl"]
        self.region, self.port, self.pid = place["region"], place["port"], place["pid"]
        self.ports = place["ports"]
        self.process = process
        self.context = ssl.create_default_context(cafile=self.ca)

    @classmethod
    def start(cls, state_dir, **options):
        """options: those in FLAGS, and any setting to begin with."""
        state = pathlib.Path(state_dir)
        state.mkdir(parents=True, exist_ok=True)
        command = [*cls.within, "/usr/bin/python3", str(SERVER), "--state", str(state)]
        settings = {name: value for name, value in options.items() if name not in FLAGS}
        if settings:
            data = state / f"settings-{os.getpid()}.json"
            data.write_text(json.dumps(settings))
            command += ["--data", str(data)]
        for name in FLAGS:
            command += flag(name, options.get(name))
        with open(state / "serve.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                       env={"PATH": "/usr/bin:/bin"})
        return cls(first_line(process, state / "serve.log"), process)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def env(self):
        return {"AWS_ENDPOINT_URL": self.url, "AWS_CA_BUNDLE": self.ca}

    def connect(self):
        return http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.context)

    def fetch(self, method, path, body=None, headers=None):
        """(status, headers, body) of one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def fetch_patiently(self, *request):
        """An outage ends by itself: a test that failed in the middle of one must not take those behind it along."""
        deadline = time.monotonic() + OUTAGE_LONGEST
        while True:
            try:
                return self.fetch(*request)
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def control(self, action, **given):
        status, _, body = self.fetch_patiently("POST", f"/_practice/{action}", json.dumps(given),
                                               {"Content-Type": "application/json"})
        answer = json.loads(body)
        if status != 200:
            raise ValueError(answer["error"])
        return answer["result"]

    def pending(self):
        """Sign-ins that wait for a person: [{"user_code", "client_name", "flow"}], the oldest first."""
        return self.control("pending")

    def wait_pending(self, timeout=PENDING_TIMEOUT):
        """The code of the oldest sign-in that waits for a person."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            waiting = self.pending()
            if waiting:
                return waiting[0]["user_code"]
            time.sleep(0.02)
        raise TimeoutError(f"no sign-in waited for a person within {timeout} s")

    def approve(self, code=None, user="alice"):
        """As the person would: open the page, read it, press its button. Gives the code.

        alice is the usual user, alice@example.com in an ARN; anybody else is called what is given here.
        """
        return self.decide("approve", code, user)

    def deny(self, code=None):
        return self.decide("deny", code, "alice")

    def decide(self, action, code, user):
        code = code or self.wait_pending()
        visitor = Visitor(self)
        visitor.open(f"{self.url}/device?" + urllib.parse.urlencode({"user_code": code}))
        visitor.decide(action, user, code)
        return code

    def auto_approve(self, on=True):
        self.set(auto_approve=on)

    def set(self, **settings):
        """Change settings; state.py lists them with their defaults."""
        return self.control("set", **settings)

    def fault(self, operation, kind, times=1, after=0, **arguments):
        """faults.py lists kinds and arguments. times=None: until clear_faults(); after=N: N pass first."""
        self.control("fault", operation=operation, kind=kind, times=times, after=after, **arguments)

    def clear_faults(self):
        self.control("clear_faults")

    def revoke(self, what):
        """What: access, refresh, session or client; all there are."""
        self.control("revoke", what=what)

    def requests(self, operation=None):
        """The log. None: all of AWS's operations; a page for people is asked for by its name (Device)."""
        return self.control("requests", operation=operation)

    def count(self, operation):
        return len(self.requests(operation))

    def violations(self):
        """Every request that broke AWS's model or a rule: [{"operation", "text"}]."""
        return self.control("violations")

    def check(self):
        """Fail the test whose program broke a rule."""
        broken = self.violations()
        assert not broken, "requests that AWS would not have liked:\n" + "\n".join(
            f"  {one['operation']}: {one['text']}" for one in broken)

    def reset(self):
        self.control("reset")

    def token(self, **claims):
        """An access token made by hand: user, scopes, life."""
        return self.control("token", **claims)

    def secrets(self):
        """Every secret that was given out, in clear: {"access token": ["…"], …}; for tests that look for residue."""
        return self.control("secrets")

    def disconnect(self):
        """Close the connections that wait for a request."""
        self.control("disconnect")

    def outage(self, seconds):
        """Refuse connections, and cut those that are open, for some seconds."""
        self.control("outage", seconds=seconds)

    def connections(self):
        """{"open", "opened"}, this one included."""
        return self.control("connections")


class Visitor:
    """A browser that shows nothing: it follows redirects, keeps cookies, and fills in forms.

    comes_back: it is on the machine of the program on loopback; else its address is all that is had of the end.
    """

    def __init__(self, practice, comes_back=True):
        self.practice = practice
        self.comes_back = comes_back
        self.cookies = {}                   # by host and port
        self.address = None
        self.page = ""

    def is_at(self, path):
        return urllib.parse.urlsplit(self.address).path == path

    def open(self, address, form=None):
        """The page, or the program on loopback, that this leads to."""
        parts = urllib.parse.urlsplit(address)
        if parts.scheme == "http":
            self.address = address
            return follow(address) if self.comes_back else None
        headers = {"Host": parts.netloc, "Cookie": self.cookies.get(parts.netloc, "")}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = parts.path + ("?" + parts.query if parts.query else "")
        status, got, body = self.practice.fetch("POST" if form else "GET", target,
                                                form and urllib.parse.urlencode(form), headers)
        if got["Set-Cookie"]:
            self.cookies[parts.netloc] = got["Set-Cookie"].partition(";")[0]
        self.address, self.page = address, body.decode()
        if status == 302:
            return self.open(urllib.parse.urljoin(address, got["Location"]))
        if status != 200:
            raise AssertionError(f"{address.partition('?')[0]} answered {status}")
        return None

    def decide(self, action, user="alice", code=""):
        """The button on the page of approval; what the program on loopback answered, if it is there that this leads."""
        if self.is_at("/provider"):
            self.submit(user=user)
        if code not in self.page:
            raise AssertionError(f"the page for {code} does not show it")
        return self.submit(user=user, action=action)

    def submit(self, **fields):
        """The page's form with what it hides and what is typed."""
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', self.page))
        action = re.search(r'<form method="post" action="([^"]+)">', self.page)[1]
        return self.open(urllib.parse.urljoin(self.address, action), {**form, **fields})


def flag(name, value):
    option = "--" + name.replace("_", "-")
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    values = value if isinstance(value, (list, tuple)) else [value]
    return [part for one in values for part in (option, str(one))]


def first_line(process, log):
    ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT)
    line = process.stdout.readline() if ready else b""
    if not line:
        process.kill()
        process.wait()
        raise RuntimeError(f"the practice Identity Center did not start: {log.read_text()[-2000:]}")
    return json.loads(line)


def follow(address):
    """What the browser does with the redirect to the program that waits on loopback: (status, headers, body)."""
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()
