"""The control of the practice Identity Center: JSON below /_practice/, for tests alone."""

import json

from practice import operations
from practice.faults import Fault
from practice.message import Reply
from practice.state import DEFAULTS


def pending(center, given):
    with center.state.lock:
        return [{"user_code": one.user_code, "client_name": one.client.name,
                 "flow": "browser" if one.authorize else "device"} for one in center.state.pending()]


def settings(center, given):
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        raise ValueError(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(sorted(DEFAULTS))}")
    for name, value in given.items():
        wanted = (int, float) if type(DEFAULTS[name]) is int else type(DEFAULTS[name])
        if not isinstance(value, wanted):
            raise ValueError(f"{name} is like {json.dumps(DEFAULTS[name])}")
    with center.state.lock:
        center.state.settings.update(given)
        return center.state.settings


def fault(center, given):
    wanted = given["operation"].partition(":")[0]
    if wanted != "*" and wanted not in operations.NAMES:
        raise ValueError(f"no operation {wanted}; there are *, {', '.join(sorted(operations.NAMES))}")
    center.faults.add(Fault(**given))


def clear_faults(center, given):
    center.faults = type(center.faults)()


def revoke(center, given):
    with center.state.lock:
        center.state.revoke(given["what"])


def reset(center, given):
    center.reset()


def token(center, given):
    unknown = set(given) - {"user", "scopes", "life"}
    if unknown:
        raise ValueError("a token takes user, scopes, life")
    state = center.state
    with state.lock:
        session = state.open_session(state.user_named(given.get("user")))
        scopes = given.get("scopes", ["sso:account:access"])
        return state.issue("access", session, "by hand", scopes, given.get("life", state.settings["token_life"])).text


def requests(center, given):
    wanted = given.get("operation")
    pages = {one.name for one in operations.PAGES.values()} | {"ConsoleLogin"}

    def matches(operation, grant):
        if wanted in (None, "*"):
            return operation not in pages
        return wanted in (operation, f"{operation}:{grant}")
    return center.journal.requests(matches)


def violations(center, given):
    return center.journal.violations()


def disconnect(center, given):
    """Close every connection that waits for a request, as a server does after a while."""
    center.front.disconnect()


def outage(center, given):
    """Refuse and cut all connections for some seconds."""
    center.front.outage(given["seconds"])


def connections(center, given):
    return center.front.counts()


ACTIONS = {action.__name__: action for action in (
    pending, fault, clear_faults, revoke, reset, token, requests, violations, disconnect, outage, connections)}
ACTIONS["set"] = settings


def answer(center, request):
    action = ACTIONS.get(request.path[len("/_practice/"):])
    # A page of another origin cannot send this media type unasked.
    if not action or request.method != "POST" or request.media_type() != "application/json":
        return Reply(404, {"error": "no such control"})
    try:
        return Reply(document={"result": action(center, json.loads(request.body or b"{}"))})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Reply(400, {"error": f"{type(error).__name__}: {error}"})
