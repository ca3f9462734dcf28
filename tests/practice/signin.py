"""The federation endpoint: a sign-in token for the console in exchange for role credentials."""

import hmac
import json
import secrets

from practice.message import Refusal, Reply
from practice.validate import Problem, query_encoding


def error(code, message, status=None):
    return Reply(status or 400, {"error": code, "message": message})


def malformed(text):
    return error("InvalidRequest", text)


def arguments(request):
    """A form in the body, or the query."""
    return request.form() if request.method == "POST" else request.parameters()


def read(operation, request):
    given, problems = arguments(request), []
    if request.method == "POST" and request.media_type() != "application/x-www-form-urlencoded":
        problems.append(Problem("the Content-Type is not application/x-www-form-urlencoded"))
    problems += query_encoding(request.query)
    if not given.get("Session"):
        problems.append(Problem("Session is required and missing"))
    if request.method == "GET" and given.get("Session"):
        problems.append(Problem("Session stands in the query, where proxies log it", fatal=False))
    duration = given.get("SessionDuration")
    if duration is not None and not (duration.isdigit() and 900 <= int(duration) <= 43200):
        problems.append(Problem("SessionDuration is not between 900 and 43200"))
    return given, problems


def session_key(state, text):
    """The role credentials in a Session."""
    try:
        session = json.loads(text)
        key_id, secret, token = session["sessionId"], session["sessionKey"], session["sessionToken"]
    except (ValueError, TypeError, KeyError):
        raise Refusal("InvalidSession", "Session is not JSON with sessionId, sessionKey, sessionToken",
                      violation=True) from None
    key = state.roles.get(key_id)
    if not key or not hmac.compare_digest(key.secret.encode(), str(secret).encode()) \
            or not hmac.compare_digest(key.token.encode(), str(token).encode()) or not key.alive():
        raise Refusal("InvalidSession", "The session is unknown or has expired")
    return key


def get_signin_token(center, request, given):
    key = session_key(center.state, given["Session"])
    if key.chained and "SessionDuration" in given:
        raise Refusal("InvalidSession", "SessionDuration is not allowed for chained roles", violation=True)
    token = secrets.token_urlsafe(400)
    center.state.console[token] = key
    return Reply(document={"SigninToken": token})
