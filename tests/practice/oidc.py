"""SSO OIDC: RegisterClient, StartDeviceAuthorization, CreateToken."""

import base64
import hashlib
import hmac
import math
import re
import urllib.parse

from practice import state as store
from practice import tables
from practice.message import Refusal, Reply
from practice.validate import Problem, json_body, rest_json

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = {DEVICE: "device_code", "refresh_token": "refresh_token", "authorization_code": "authorization_code"}
NEEDED = {"device_code": ["deviceCode"], "refresh_token": ["refreshToken"],
          "authorization_code": ["code", "redirectUri", "codeVerifier"]}
POLL_TOLERANCE = 0.1        # seconds that the network and a busy machine may take off between two polls
ERRORS = {
    "AuthorizationPendingException": "authorization_pending", "SlowDownException": "slow_down",
    "ExpiredTokenException": "expired_token", "AccessDeniedException": "access_denied",
    "InvalidRequestException": "invalid_request", "InvalidGrantException": "invalid_grant",
    "InvalidClientException": "invalid_client", "UnauthorizedClientException": "unauthorized_client",
    "UnsupportedGrantTypeException": "unsupported_grant_type", "InvalidScopeException": "invalid_scope",
    "InvalidClientMetadataException": "invalid_client_metadata",
    "InvalidRedirectUriException": "invalid_redirect_uri", "InternalServerException": "server_error",
}
STATUSES = tables.statuses(tables.OIDC)


def error(code, message, status=None):
    kind = f"{code}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
    document = {"error": ERRORS.get(code, code), "error_description": message}
    return Reply(status or STATUSES.get(code, 400), document, headers=[("x-amzn-ErrorType", kind)])


def malformed(text):
    return error("InvalidRequestException", text)


def looked_at(center, request):
    """Whoever only wants to know whether we are here gets what every wrong request gets."""
    return error("UnknownOperationException", "Unknown operation", 404)


def requested_grant(request):
    """Short name of the grant in a request that may be anything."""
    document, _ = json_body(request.body)
    return grant_of(document or {})


def grant_of(document):
    """Short name of the grant that a CreateToken asks for, None if it cannot be told."""
    grant = document.get("grantType")
    return GRANTS.get(grant) if isinstance(grant, str) else None


def read(operation, request):
    """(input, problems): the model, and what AWS asks for beyond it."""
    given, problems = rest_json(tables.OIDC["operations"][operation], request)
    if request.header("content-type") is None:
        problems.append(Problem("no Content-Type", fatal=False))
    for name in ("authorization", "x-amz-sso_bearer_token"):
        if request.header(name) is not None:
            problems.append(Problem(f"the header {name} has no business here", fatal=False))
    if operation == "CreateToken" and not any(problem.fatal for problem in problems):
        problems += of_its_grant(given)
    return given, problems


def of_its_grant(given):
    """Members that a grant needs, and those that belong to another."""
    grant = grant_of(given)
    if grant is None:
        return []
    found = [Problem(f"{name} is required for {grant}") for name in NEEDED[grant] if not given.get(name)]
    foreign = {name for names in NEEDED.values() for name in names} - set(NEEDED[grant])
    misplaced = sorted(foreign & set(given))
    return found + [Problem(f"{name} does not belong to {grant}", fatal=False) for name in misplaced]


def refuse_bad_registration(given):
    if given["clientType"] != "public":
        raise Refusal("InvalidClientMetadataException", "Client type must be public", violation=True)
    for grant in given.get("grantTypes") or []:
        if grant not in GRANTS:
            raise Refusal("UnsupportedGrantTypeException", "Unsupported grant type", violation=True)
    for scope in given.get("scopes") or []:
        if not re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]+", scope):
            raise Refusal("InvalidScopeException", "Invalid scope", violation=True)
    if "authorization_code" in (given.get("grantTypes") or []) and not given.get("redirectUris"):
        raise Refusal("InvalidRedirectUriException", "A redirect URI is needed", violation=True)
    if given.get("issuerUrl") is not None and not given["issuerUrl"].startswith("https://"):
        raise Refusal("InvalidRequestException", "Invalid issuer URL", violation=True)
    for address in given.get("redirectUris") or []:
        if not loopback(address) and not address.startswith("https://"):
            raise Refusal("InvalidRedirectUriException", "Invalid redirect URI", violation=True)


def loopback(address):
    parts = urllib.parse.urlsplit(address)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


def register_client(center, request, given):
    refuse_bad_registration(given)
    state = center.state
    client = store.Client(given, state.settings["client_life"])
    state.clients[client.id] = client
    issued = int(state.now())
    return Reply(document={
        "clientId": client.id, "clientSecret": client.secret, "clientIdIssuedAt": issued,
        "clientSecretExpiresAt": issued + int(state.settings["client_life"]),
    })


def known_client(state, given):
    client = state.clients.get(given["clientId"])
    if not client or not client.alive() or not hmac.compare_digest(client.secret.encode(),
                                                                   given["clientSecret"].encode()):
        raise Refusal("InvalidClientException", "Invalid client provided")
    return client


def known_start_url(center, address):
    """People write it with a slash, a hash or both behind it."""
    plain = re.sub(r"/?#?/?$", "", address)
    return plain in center.start_urls() or address in center.state.settings["start_urls"]


def start_device_authorization(center, request, given):
    state, settings = center.state, center.state.settings
    client = known_client(state, given)
    if client.grants and DEVICE not in client.grants:
        raise Refusal("UnauthorizedClientException", "The client is not registered for this grant")
    if not known_start_url(center, given["startUrl"]):
        raise Refusal("InvalidRequestException", "")
    sign_in = store.SignIn(client, settings["device_life"], settings["interval"])
    state.sign_ins[sign_in.device_code] = sign_in
    if settings["auto_approve"]:
        state.decide(sign_in, True, None)
    page = f"{center.base(request.port)}/device"
    document = {"deviceCode": sign_in.device_code, "userCode": sign_in.user_code, "verificationUri": page,
                "expiresIn": int(settings["device_life"]), "interval": math.ceil(settings["interval"])}
    if settings["verification"] == "complete":
        document["verificationUriComplete"] = f"{page}?user_code={sign_in.user_code}"
    return Reply(document=document)


def create_token(center, request, given):
    if grant_of(given) is None:
        raise Refusal("UnsupportedGrantTypeException", "Unsupported grant type", violation=True)
    client = known_client(center.state, given)
    if client.grants and given["grantType"] not in client.grants:
        raise Refusal("UnauthorizedClientException", "The client is not registered for this grant")
    return BY_GRANT[grant_of(given)](center, request, given, client)


def by_device_code(center, request, given, client):
    sign_in = center.state.sign_ins.get(given["deviceCode"])
    if not sign_in or sign_in.client is not client:
        raise Refusal("InvalidGrantException", "Invalid device code provided")
    obey_interval(center, sign_in, request.arrived)
    if sign_in.decision == "used":
        raise Refusal("InvalidGrantException", "Invalid device code provided")
    if not sign_in.alive():
        raise Refusal("ExpiredTokenException", "Device code has expired")
    if sign_in.decision == "denied":
        raise Refusal("AccessDeniedException", "User denied the request")
    if sign_in.decision == "pending":
        raise Refusal("AuthorizationPendingException", "Authorization is still pending")
    return first_tokens(center.state, sign_in)


def obey_interval(center, sign_in, arrived):
    """RFC 8628 3.5: never faster than the interval, and five seconds slower for good after a slow_down."""
    last, sign_in.last_poll = sign_in.last_poll, arrived
    too_fast = last is not None and arrived - last < sign_in.interval - POLL_TOLERANCE
    settings = center.state.settings
    if too_fast:
        center.journal.violation("CreateToken", f"polled {arrived - last:.3f} s after the last poll, the "
                                 f"interval is {sign_in.interval} s")
    elif settings["slow_down"] > 0:
        settings["slow_down"] -= 1
    else:
        return
    sign_in.interval += 5
    raise Refusal("SlowDownException", "Polling too fast")


def by_authorization_code(center, request, given, client):
    sign_in = center.state.by_code(given["code"])
    if not sign_in or sign_in.client is not client or sign_in.decision != "approved" or not sign_in.code.alive():
        raise Refusal("InvalidGrantException", "Invalid authorization code provided")
    if given["redirectUri"] != sign_in.authorize["redirect_uri"]:
        raise Refusal("InvalidGrantException", "Redirect URI differs from the one authorized", violation=True)
    sign_in.verifier = given["codeVerifier"]
    digest = hashlib.sha256(given["codeVerifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", given["codeVerifier"]):
        raise Refusal("InvalidRequestException", "Invalid code verifier", violation=True)
    if not hmac.compare_digest(challenge.encode(), sign_in.authorize["code_challenge"].encode()):
        raise Refusal("InvalidGrantException", "Invalid code verifier", violation=True)
    return first_tokens(center.state, sign_in)


def first_tokens(state, sign_in):
    sign_in.decision = "used"
    session = state.open_session(sign_in.user)
    return tokens(state, session, sign_in.client, bool(sign_in.client.scopes) and state.settings["refresh"])


def tokens(state, session, client, with_refresh):
    life = state.settings["token_life"] if client.scopes else store.LEGACY_TOKEN_LIFE
    access = state.issue("access", session, client.id, client.scopes, life)
    document = {"accessToken": access.text, "tokenType": "Bearer", "expiresIn": int(life)}
    if with_refresh:
        refresh = state.issue("refresh", session, client.id, client.scopes, client.ends - client.born)
        document["refreshToken"] = refresh.text
    return Reply(document=document)


def by_refresh_token(center, request, given, client):
    state = center.state
    token = state.refresh.get(given["refreshToken"])
    if not token or not token.alive() or token.client_id != client.id:
        raise Refusal("InvalidGrantException", "Invalid refresh token provided")
    if state.settings["rotate"] and state.settings["retire_old_refresh"]:
        token.end()
    return tokens(state, token.session, client, state.settings["rotate"])


BY_GRANT = {"device_code": by_device_code, "refresh_token": by_refresh_token,
            "authorization_code": by_authorization_code}
