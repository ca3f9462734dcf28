"""The access portal's API: GetRoleCredentials, ListAccounts, ListAccountRoles, Logout."""

import re
import secrets

from practice import tables
from practice.message import Refusal, Reply
from practice.state import RESERVED_PATH, reserved_role
from practice.validate import Problem, rest_json

SHAPES = "com.amazonaws.switchboard.portal"
STATUSES = tables.statuses(tables.PORTAL)
STATUSES.update({"ForbiddenException": 403, "InternalServerException": 500})
# The portal's model says only "string"; these are the forms that Identity Center's admin model has.
FORMS = {"accountId": r"[0-9]{12}", "roleName": r"[A-Za-z0-9_+=,.@-]{1,32}"}


def error(code, message, status=None):
    return Reply(status or STATUSES.get(code, 400), {"message": message, "__type": f"{SHAPES}#{code}"})


def malformed(text):
    return error("InvalidRequestException", text)


def read(operation, request):
    given, problems = rest_json(tables.PORTAL["operations"][operation], request)
    for name, form in FORMS.items():
        if name in given and not re.fullmatch(form, given[name]):
            problems.append(Problem(f"{name} does not match {form}"))
    if request.header("authorization") is not None:
        problems.append(Problem("the header authorization has no business here", fatal=False))
    return given, problems


def signed_in(state, given):
    """The token's session. Only a 401 says that the token is bad."""
    token = state.access.get(given["accessToken"])
    if not token or not token.alive():
        raise Refusal("UnauthorizedException", "Session token not found or invalid")
    if state.settings["require_scope"] and token.scopes and "sso:account:access" not in token.scopes:
        raise Refusal("ForbiddenException", "No access")
    return token.session


def account_of(state, session, account_id):
    found = next((one for one in state.accounts_of(session.roles) if one["accountId"] == account_id), None)
    if not found:
        raise Refusal("ForbiddenException", "No access")
    return found


def get_role_credentials(center, request, given):
    state = center.state
    session = signed_in(state, given)
    if given["roleName"] not in account_of(state, session, given["accountId"])["roles"]:
        raise Refusal("ForbiddenException", "No access")
    role = reserved_role(given["accountId"], given["roleName"])
    life = state.settings["role_life"]
    credentials = state.grant_role(given["accountId"], role, session.user, life, path=RESERVED_PATH)
    return Reply(document={"roleCredentials": {
        "accessKeyId": credentials.key_id, "secretAccessKey": credentials.secret,
        "sessionToken": credentials.token, "expiration": int((state.now() + life) * 1000),
    }})


def page(state, operation, given, items):
    """One page of items and the token for the next, None at the end."""
    start = 0
    if given.get("nextToken"):
        known, start = state.pages.get(given["nextToken"], (None, 0))
        if known != (operation, given.get("accountId")):
            raise Refusal("InvalidRequestException", "Invalid next token", violation=True)
    end = start + min(given.get("maxResults") or 100, state.settings["page_size"])
    if end >= len(items):
        return items[start:], None
    following = secrets.token_urlsafe(90) + "=+/"
    state.pages[following] = ((operation, given.get("accountId")), end)
    return items[start:end], following


def listing(name, state, operation, given, items):
    shown, following = page(state, operation, given, items)
    return Reply(document={name: shown, "nextToken": following})


def list_accounts(center, request, given):
    session = signed_in(center.state, given)
    items = [{name: item for name, item in account.items() if name != "roles"}
             for account in center.state.accounts_of(session.roles)]
    return listing("accountList", center.state, "ListAccounts", given, items)


def list_account_roles(center, request, given):
    state = center.state
    session = signed_in(state, given)
    items = [{"roleName": role, "accountId": given["accountId"]}
             for role in account_of(state, session, given["accountId"])["roles"]]
    return listing("roleList", state, "ListAccountRoles", given, items)


def logout(center, request, given):
    signed_in(center.state, given).end()
    return Reply(body=b"", content_type="application/json")
