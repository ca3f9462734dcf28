"""Everything at once: callers who come and go, a person, and an AWS that fails in every way. Nothing stays broken."""
import contextlib
import random
import threading
import time
from http.client import HTTPException

import pytest
from asking import TARGET, get, login, session_of
from home import Secrets
from practice.client import Visitor
from varlink import Closed, VarlinkError

ROLES = [("012345678901", "ReadOnly"), ("012345678901", "Billing"), ("111122223333", "Administrator"),
         ("111122223333", "Power+User"), ("999988887777", "ReadOnly"), ("999988887777", "Nobodys")]
OPERATIONS = ["RegisterClient", "StartDeviceAuthorization", "CreateToken:device_code", "CreateToken:refresh_token",
              "CreateToken:authorization_code", "Logout", "ListAccountRoles"]
OPERATIONS += ["GetRoleCredentials", "ListAccounts", "GetCallerIdentity"] * 3
FAULTS = [("status", {"status": 500}), ("status", {"status": 401, "code": "UnauthorizedException"}),
          ("status", {"status": 403, "code": "ForbiddenException"}), ("throttle", {"retry_after": 1}),
          ("status", {"status": 400, "code": "InvalidGrantException"}), ("drop", {}), ("drop", {"processed": True}),
          ("status", {"status": 400, "code": "SlowDownException"}), ("reset", {}), ("truncate", {}), ("garbage", {}),
          ("html", {}), ("empty", {}), ("missing", {}), ("wrong_type", {}), ("extra", {}), ("delay", {"seconds": 0.7}),
          ("skew", {"seconds": 4000}), ("skew", {"seconds": -4000}), ("oversize", {"bytes": 2 << 20})]
ERRORS = {"LoginRequired", "Denied", "Unavailable", "TimedOut"}


class Crowd:
    """Threads that go on until the end; what went wrong in them."""

    def __init__(self, home, seed, seconds):
        self.home, self.seed, self.ends, self.wrong, self.counts = home, seed, time.monotonic() + seconds, [], {}
        self.threads = []

    def begin(self, what, count=1):
        for n in range(count):
            chance = random.Random(f"{self.seed} {what.__name__} {n}")
            self.threads.append(threading.Thread(target=self.go_on, args=(what, chance)))
            self.threads[-1].start()

    def go_on(self, what, chance):
        while time.monotonic() < self.ends and not self.wrong:
            try:
                what(chance)
                outcome = "served"
            except VarlinkError as error:
                outcome = error.name
                if error.name not in ERRORS or Secrets().found_in(error.message):
                    self.wrong.append(f"{what.__name__}: {error}")
            except (Closed, TimeoutError) as failure:
                outcome = type(failure).__name__
                if not getattr(chance, "has_left", False):
                    self.wrong.append(f"{what.__name__}: {failure!r}")
            except Exception as failure:
                self.wrong.append(f"{what.__name__}: {failure!r}")
                return
            key = what.__name__, outcome
            self.counts[key] = self.counts.get(key, 0) + 1

    def join(self):
        for thread in self.threads:
            thread.join()

    def call(self, chance, method, more=False, **parameters):
        """One call, which in one of six cases its client does not see to the end."""
        chance.has_left = chance.random() < 0.16
        with self.home.client(timeout=chance.random() if chance.has_left else 40) as client:
            if more:
                return list(client.stream(method, parameters))
            return client.call(method, parameters)

    # Who is in the crowd.

    def caller(self, chance):
        account, role = chance.choice(ROLES)
        self.call(chance, "GetCredentials", session="corp", accountId=account, roleName=role,
                  timeoutMs=chance.choice((0, 50, 500, 3000)), loginMs=chance.choice((0, 0, 300, 3000)))
        time.sleep(chance.random() / 20)

    def lister(self, chance):
        if chance.random() < 0.5:
            self.call(chance, "ListAccounts", more=chance.random() < 0.5, session="corp")
        else:
            self.call(chance, "ListRoles", more=True, session="corp", accountId=chance.choice(ROLES)[0])
        time.sleep(chance.random() / 10)

    def signer(self, chance):
        account, role = chance.choice(ROLES)
        self.call(chance, "Call", service="sts", operation="GetCallerIdentity", body="",
                  target={**TARGET, "accountId": account, "roleName": role})
        time.sleep(chance.random() / 5)

    def person(self, chance):
        self.call(chance, "Login", more=chance.random() < 0.8, session="corp", force=chance.random() < 0.3,
                  timeoutMs=chance.choice((500, 5000)))
        time.sleep(chance.random() / 2)

    def surfer(self, chance):
        """A person whose browser comes back, mostly."""
        wish = {"session": "corp", "flow": "browser", "force": chance.random() < 0.3, "timeoutMs": 5000}
        with self.home.client(timeout=40) as client:
            for reply in client.stream("Login", wish):
                if reply.get("redirectUri") and chance.random() < 0.8:
                    self.come_back(reply["openUrl"], "deny" if chance.random() < 0.1 else "approve")
        time.sleep(chance.random())

    def come_back(self, address, action):
        visitor = Visitor(self.home.practice)
        with contextlib.suppress(AssertionError, OSError, HTTPException):  # the sign-in may have ended meanwhile
            visitor.open(address)
            visitor.decide(action)

    def quitter(self, chance):
        time.sleep(3 + 3 * chance.random())
        self.call(chance, *(("Logout",) if chance.random() < 0.5 else ("CancelLogin",)), session="corp")

    def watcher(self, chance):
        began = time.monotonic()
        self.home.call("Status")
        if time.monotonic() - began > 2:
            self.wrong.append(f"Status took {time.monotonic() - began:.1f} s")
        time.sleep(0.1)

    def approver(self, chance):
        with contextlib.suppress(AssertionError, OSError):  # it may have ended meanwhile, or been disconnected
            for waiting in self.home.practice.pending():
                self.home.practice.decide("deny" if chance.random() < 0.1 else "approve", waiting["user_code"],
                                          chance.choice(("alice", "bob@example.com")))
        time.sleep(0.2)

    def gremlin(self, chance):
        practice = self.home.practice
        if chance.random() < 0.8:
            kind, arguments = chance.choice(FAULTS)
            practice.fault(chance.choice(OPERATIONS), kind, times=chance.randint(1, 2), **arguments)
        elif chance.random() < 0.7:
            practice.revoke(chance.choice(("access", "access", "refresh", "session", "client")))
        else:
            practice.disconnect()
        practice.set(token_life=chance.choice((2, 5, 3600)), role_life=chance.choice((1, 3, 900, 3600)),
                     latency=chance.choice((0, 0, 0.05)), retire_old_refresh=chance.random() < 0.5)
        time.sleep(0.3 + chance.random())


@pytest.mark.all
@pytest.mark.parametrize("seed", range(3))
def test_after_any_trouble_a_sign_in_and_a_role_are_to_be_had(home, practice, seed):
    home.configure()
    daemon = home.start_daemon()
    crowd = Crowd(home, seed, 25)
    crowd.begin(crowd.caller, 6)
    crowd.begin(crowd.lister, 2)
    crowd.begin(crowd.signer)
    crowd.begin(crowd.person, 3)
    crowd.begin(crowd.surfer, 2)
    for what in (crowd.quitter, crowd.watcher, crowd.approver, crowd.gremlin):
        crowd.begin(what)
    crowd.join()
    assert not crowd.wrong, crowd.wrong
    assert daemon.poll() is None
    served = {name for name, outcome in crowd.counts if outcome == "served"}
    assert {"caller", "person", "surfer", "lister"} <= served, crowd.counts

    practice.clear_faults()
    practice.set(token_life=3600, role_life=3600, latency=0, auto_approve=True)
    ends = time.monotonic() + 60  # a circuit rests for 30 s at most, and a sign-in that is on has its own end
    while login(home, force=True, timeoutMs=5000).ended().error:
        assert time.monotonic() < ends, session_of(home)
        home.call("CancelLogin", session="corp")  # a browser that AWS has shown an error never comes back
        for waiting in practice.pending():
            practice.approve(waiting["user_code"])
        time.sleep(0.5)
    for account, role in ROLES[:-1]:
        assert get(home, {"accountId": account, "roleName": role}).reply()["AccountId"] == account
    assert session_of(home) == {**session_of(home), "state": "ready", "lastError": None}
