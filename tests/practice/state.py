"""What the practice Identity Center remembers: settings, clients, sign-ins, portal sessions, tokens, roles.

Lifetimes are kept on the monotonic clock, so that a change of clock_skew in the middle of a test moves what
the wire says and nothing else.
"""

import base64
import hashlib
import json
import secrets
import threading
import time

from practice.directory import Directory
from practice.trust import trusting

DEFAULTS = {
    "token_life": 3600,
    "client_life": 90 * 86400,
    "refresh": True,                    # refresh tokens for clients with scopes
    "rotate": True,                     # a new refresh token with every refresh
    "retire_old_refresh": False,        # the one before stops working at once
    "role_life": 3600,
    "assumed_life": 3600,               # the most that AssumeRole grants, so that a test sees an end
    "portal_session_life": 28800,
    "interval": 1,                      # the wire has whole seconds, the check takes fractions
    "device_life": 600,
    "code_life": 60,                    # of an authorization code, from approval on
    "slow_down": 0,                     # answer slow_down to that many polls
    "clock_skew": 0,                    # seconds that the server's clock is ahead
    "page_size": 100,
    "latency": 0,                       # seconds before every answer of AWS's operations
    "require_scope": True,              # the portal refuses tokens without sso:account:access
    "verification": "complete",         # or "plain": no verificationUriComplete
    "auto_approve": False,
    "identity_provider": False,         # people say who they are at another origin first
    "buckets": ["practice-bucket"],     # of S3
    "account": {                        # what iamic doctor looks at
        "root_mfa": True, "root_keys": 0, "trails": [{"name": "management", "logging": True}],
        "session_duration": "PT8H", "instance_status": "ACTIVE", "refuse": [],
    },
    "users": [],                        # whom an administrator made before: [{"UserName": …}]
    "operation_polls": 0,               # requests for which an assignment or a provisioning is in progress
    "operation_fails": "",              # why it fails in the end
    "start_page": '<meta name="region" content="us-east-1"/>',  # in the head of the start page, as AWS has it there
    "start_urls": [],                   # known start URLs beside our own
    "vanity": "https://d-1234567890.awsapps.com/start",  # where /vanity, a company's name for its portal, leads
    "user": "alice@example.com",
    "accounts": [
        {"accountId": "012345678901", "accountName": "Payroll", "emailAddress": "payroll@example.com",
         "roles": ["ReadOnly", "Billing"]},
        {"accountId": "111122223333", "accountName": "Development", "emailAddress": "dev+aws@example.com",
         "roles": ["Administrator", "Power+User", "ReadOnly"]},
        {"accountId": "999988887777", "roles": ["ReadOnly"]},
    ],
    "trust": {                          # IAM roles that may be assumed: trust policy by ARN
        "arn:aws:iam::111122223333:role/Deploy": trusting("012345678901", "111122223333", "999988887777"),
        "arn:aws:iam::111122223333:role/team/Deploy": trusting("111122223333"),
        "arn:aws:iam::111122223333:role/X": trusting("111122223333"),
        "arn:aws:iam::999988887777:role/X": trusting("111122223333"),
    },
}
LEGACY_TOKEN_LIFE = 28800               # what AWS gives a client registered without scopes
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"   # RFC 8628 6.1: no vowels, nothing to mistake


def checked(settings):
    """The settings, or a ValueError that names the one that cannot be."""
    for name, value in settings.items():
        if name not in DEFAULTS:
            raise ValueError(f"no setting {name}; there are {', '.join(sorted(DEFAULTS))}")
        if not alike(value, DEFAULTS[name]):
            raise ValueError(f"{name} is like {json.dumps(DEFAULTS[name])}")
    return settings


def alike(value, example):
    """A number for a number, but no truth value for one."""
    if type(example) is int:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, type(example))


def opaque(prefix, length):
    """Random text with the characters of base64 in it, as AWS's tokens have them."""
    return prefix + base64.b64encode(secrets.token_bytes(length * 3 // 4)).decode().rstrip("=")


def letters(count, alphabet):
    return "".join(secrets.choice(alphabet) for _ in range(count))


class Lasting:
    """Something that ends: by itself at a time, or at once when somebody ends it."""

    def __init__(self, life):
        self.born = time.monotonic()
        self.ends = self.born + life

    def alive(self):
        return time.monotonic() < self.ends

    def end(self):
        self.ends = time.monotonic()


class Client(Lasting):
    def __init__(self, given, life):
        super().__init__(life)
        self.id = base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()
        self.secret = opaque("eyJraWQiOiJrZXktMTU2NDAyODA5OSIsImFsZyI6IkhTMzg0In0.", 2600)
        self.name = given["clientName"]
        self.scopes = given.get("scopes") or []
        self.grants = given.get("grantTypes") or []
        self.redirects = given.get("redirectUris") or []
        self.issuer = given.get("issuerUrl")


class SignIn(Lasting):
    """One request for a person's consent, by device code or by authorization code."""

    def __init__(self, client, life, interval):
        super().__init__(life)
        self.client = client
        self.device_code = opaque("", 160)
        self.user_code = f"{letters(4, CODE_LETTERS)}-{letters(4, CODE_LETTERS)}"
        self.interval = interval
        self.last_poll = None
        self.decision = "pending"           # approved, denied, used
        self.user = None
        self.authorize = None               # query of /authorize, where it began there
        self.code = None                    # authorization code, once approved: a Code
        self.verifier = None                # that came with it


class Code(Lasting):
    """An authorization code: good once, and not for long."""

    def __init__(self, life):
        super().__init__(life)
        self.text = opaque("", 200)


class Session(Lasting):
    """A portal session: it bounds every token that comes from it, and shows what was assigned when it began."""

    def __init__(self, user, life, roles):
        super().__init__(life)
        self.user = user
        self.roles = roles                  # {account id: names}; None: those of the settings


class Token(Lasting):
    def __init__(self, kind, session, client_id, scopes, life):
        super().__init__(life)
        self.text = opaque({"access": "aoa", "refresh": "aor"}[kind], {"access": 1400, "refresh": 900}[kind])
        self.session = session
        self.client_id = client_id
        self.scopes = scopes

    def alive(self):
        return super().alive() and self.session.alive()


class RoleCredentials(Lasting):
    def __init__(self, account, role, user, life, chained=False, path=""):
        super().__init__(life)
        self.key_id = "ASIA" + letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        self.secret = opaque("", 40)
        self.token = base64.b64encode(secrets.token_bytes(620)).decode()
        self.account = account
        self.role = role                    # name of the IAM role
        self.path = path                    # of the role in IAM: "team/"
        self.user = user                    # role session name
        self.chained = chained
        self.identity = None                # the source identity, for good once it is set
        self.tags = {}                      # transitive ones

    def arn(self):
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role}/{self.user}"

    def role_arn(self):
        return f"arn:aws:iam::{self.account}:role/{self.path}{self.role}"

    def role_id(self):
        digest = hashlib.sha256(f"{self.account}/{self.role}".encode()).digest()
        return "AROA" + base64.b32encode(digest).decode()[:17]


RESERVED_PATH = "aws-reserved/sso.amazonaws.com/"


def reserved_role(account, permission_set):
    """The role that Identity Center makes in an account for a permission set."""
    digest = hashlib.sha256(f"{account}/{permission_set}".encode()).hexdigest()
    return f"AWSReservedSSO_{permission_set}_{digest[:16]}"


class State:
    """Change it with the lock held."""

    def __init__(self, settings):
        self.lock = threading.RLock()
        self.settings = {**DEFAULTS, **settings}
        self.directory = Directory(self.settings)
        self.clients = {}                   # by id
        self.sign_ins = {}                  # by device code
        self.sessions = []
        self.access = {}                    # by text
        self.refresh = {}
        self.roles = {}                     # RoleCredentials by access key id
        self.pages = {}                     # next_token: (operation, offset)
        self.objects = {}                   # of S3: those of a bucket by key
        self.visitors = {}                  # names that the identity provider gave, by cookie
        self.hops = {}                      # ways to it and back, by ticket
        self.console = {}                   # sign-in tokens of the federation endpoint

    def now(self):
        """The server's wall clock."""
        return time.time() + self.settings["clock_skew"]

    def by_user_code(self, user_code):
        wanted = user_code.strip().upper()
        return next((one for one in self.sign_ins.values() if one.user_code == wanted), None)

    def by_code(self, code):
        return next((one for one in self.sign_ins.values() if one.code and one.code.text == code), None)

    def pending(self):
        return [one for one in self.sign_ins.values() if one.decision == "pending" and one.alive()]

    def decide(self, sign_in, approved, user):
        """A person's word on a sign-in."""
        sign_in.decision = "approved" if approved else "denied"
        sign_in.user = self.user_named(user)
        if approved and sign_in.authorize:
            sign_in.code = Code(self.settings["code_life"])

    def user_named(self, name):
        """alice is the usual user alice@example.com, unless one of that name was made; anybody else is who they say."""
        usual = self.settings["user"]
        made = name and self.directory.user_named(name)
        return made["UserName"] if made else usual if not name or name == usual.partition("@")[0] else name

    def open_session(self, user):
        session = Session(user, self.settings["portal_session_life"], self.directory.roles_of(user))
        self.sessions.append(session)
        return session

    def issue(self, kind, session, client_id, scopes, life):
        token = Token(kind, session, client_id, scopes, life)
        getattr(self, kind)[token.text] = token
        return token

    def accounts_of(self, roles):
        """The accounts with their roles, as the settings have them, or as they are assigned to one who was made."""
        every = self.settings["accounts"]
        return every if roles is None else [{**account, "roles": roles[account["accountId"]]} for account in every
                                            if account["accountId"] in roles]

    def grant_role(self, account, role, user, life, chained=False, path=""):
        credentials = RoleCredentials(account, role, user, life, chained, path)
        self.roles[credentials.key_id] = credentials
        return credentials

    def secrets(self):
        """Everything that was given out and that nobody else may see, by kind."""
        return {
            "client secret": [client.secret for client in self.clients.values()],
            "device code": list(self.sign_ins),
            "authorization code": [one.code.text for one in self.sign_ins.values() if one.code],
            "code verifier": [one.verifier for one in self.sign_ins.values() if one.verifier],
            "access token": list(self.access),
            "refresh token": list(self.refresh),
            "secret access key": [role.secret for role in self.roles.values()],
            "session token": [role.token for role in self.roles.values()],
        }

    def revoke(self, what):
        ended = {"access": self.access.values(), "refresh": self.refresh.values(), "session": self.sessions,
                 "client": self.clients.values()}[what]
        for one in ended:
            one.end()
