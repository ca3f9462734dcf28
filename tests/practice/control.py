"""The control of the practice Identity Center: JSON below /_practice/, for tests alone."""

import json

from practice import operations
from practice.faults import Fault
from practice.message import Reply
from practice.state import checked


class Control:
    """Each method is an action; its arguments are the members of the object in the body."""

    def __init__(self, center, request):
        self.center = center
        self.state = center.state
        self.request = request

    def pending(self):
        return [{"user_code": one.user_code, "client_name": one.client.name,
                 "flow": "browser" if one.authorize else "device"} for one in self.state.pending()]

    def set(self, **given):
        self.state.settings.update(checked(given))
        return self.state.settings

    def fault(self, operation, kind, times=1, after=0, **arguments):
        name = operation.partition(":")[0]
        if name != "*" and name not in operations.NAMES:
            raise ValueError(f"no operation {name}; there are *, {', '.join(sorted(operations.NAMES))}")
        self.center.faults.add(Fault(operation, kind, times, after, **arguments))

    def clear_faults(self):
        self.center.faults.clear()

    def revoke(self, what):
        self.state.revoke(what)

    def reset(self):
        self.center.reset()

    def token(self, user=None, scopes=("sso:account:access",), life=None):
        """An access token made by hand, with a portal session of its own."""
        session = self.state.open_session(self.state.user_named(user))
        life = self.state.settings["token_life"] if life is None else life
        return self.state.issue("access", session, "by hand", list(scopes), life).text

    def secrets(self):
        """All that was given out and must be found nowhere later, by kind."""
        return self.state.secrets()

    def requests(self, operation=None):
        def wanted(name, grant):
            if operation in (None, "*"):
                return name not in operations.PAGE_NAMES
            return operation in (name, f"{name}:{grant}")
        return self.center.journal.requests(wanted)

    def violations(self):
        return self.center.journal.violations()

    def disconnect(self):
        """Close every connection that waits for a request, as a server does after a while."""
        self.center.front.disconnect()

    def outage(self, seconds):
        """Refuse and cut all connections but this one for some seconds."""
        self.center.front.outage(seconds, spared=self.request.connection)

    def connections(self):
        return self.center.front.counts()


ACTIONS = {name for name in vars(Control) if not name.startswith("_")}


def answer(center, request):
    name = request.path[len("/_practice/"):]
    # A page of another origin cannot send this media type unasked.
    if name not in ACTIONS or request.method != "POST" or request.media_type() != "application/json":
        return Reply(404, {"error": "no such control"})
    try:
        with center.state.lock:
            action = getattr(Control(center, request), name)
            return Reply(document={"result": action(**json.loads(request.body))})
    except (ValueError, KeyError, TypeError) as error:
        return Reply(400, {"error": f"{type(error).__name__}: {error}"})
