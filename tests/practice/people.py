"""Pages for people: enter the code, see who asks, approve or deny; and the start page with the accounts."""

import base64
import hashlib
import hmac
import html
import secrets
import urllib.parse

from practice import oidc
from practice.message import Reply, redirect
from practice.state import SignIn
from practice.validate import query_encoding

COOKIE = "practice"
SCOPES = {"sso:account:access": "your AWS accounts and roles"}
STYLE = """
body { margin: 0; background: #f2f3f5; color: #16191f; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 28rem; margin: 8vh auto; padding: 2rem; background: #fff; border: 1px solid #d5dbdb;
       border-radius: 8px }
h1 { margin: 0 0 1rem; font-size: 1.35rem }
.code { font: 700 1.9rem ui-monospace, monospace; letter-spacing: .12em; text-align: center; padding: .6rem;
        background: #f2f3f5; border-radius: 6px }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
input { width: 100%; box-sizing: border-box; padding: .55rem; font: inherit; border: 1px solid #7d8998;
        border-radius: 6px }
button { margin: 1.25rem .5rem 0 0; padding: .55rem 1.25rem; font: inherit; cursor: pointer;
         border: 1px solid #0b5cad; border-radius: 6px; background: #fff; color: #0b5cad }
button.main { background: #0b5cad; color: #fff }
.note { color: #545b64; font-size: .875rem }
table { border-collapse: collapse; width: 100% }
td { padding: .4rem 0; border-top: 1px solid #d5dbdb; vertical-align: top }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# form-action must name the loopback addresses too: it holds for the redirect that follows the form.
POLICY = "; ".join([
    "default-src 'none'", f"style-src 'sha256-{STYLE_HASH}'",
    "form-action 'self' http://127.0.0.1:* http://localhost:*", "frame-ancestors 'none'", "base-uri 'none'",
])
HEADERS = [("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer"),
           ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]


def page(title, body, status=200, headers=()):
    text = ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f'<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n<body><main>\n'
            f'<h1>{html.escape(title)}</h1>\n{body}\n'
            '<p class="note">This is a practice Identity Center on this computer. It is not AWS: no password '
            'is needed, and nothing here opens a real account.</p>\n</main></body></html>\n')
    return Reply(status, body=text.encode(), content_type="text/html; charset=utf-8",
                 headers=[*HEADERS, *headers])


def error(code, message, status=None):
    return page("Something is wrong", f"<p>{html.escape(message)}</p>", status or 400)


class Forms:
    """A form is good only from the browser that was shown it, for the sign-in it was shown for."""

    def __init__(self):
        self.key = secrets.token_bytes(32)

    def token(self, cookie, user_code):
        return hmac.new(self.key, f"{cookie} {user_code}".encode(), hashlib.sha256).hexdigest()

    def genuine(self, request, given):
        wanted = self.token(request.cookie(COOKIE), given.get("user_code", ""))
        return hmac.compare_digest(wanted.encode(), given.get("csrf", "").encode())


def device(center, request):
    if request.method == "POST":
        return decided(center, request, request.form())
    code = request.parameters().get("user_code")
    if not code:
        return ask_for_code("")
    sign_in = center.state.by_user_code(code)
    if not sign_in or sign_in.decision != "pending" or not sign_in.alive():
        return ask_for_code("That code is unknown, used or expired. Check it, or start the sign-in again.")
    return consent(center, request, sign_in)


def ask_for_code(complaint):
    return page("Enter the code of your sign-in", f"""<p>{html.escape(complaint)}</p>
<form method="get" action="/device"><label for="code">Code</label>
<input id="code" name="user_code" autocomplete="off" autofocus required placeholder="XXXX-XXXX">
<button class="main">Next</button></form>""", 404 if complaint else 200)


def consent(center, request, sign_in):
    cookie = request.cookie(COOKIE) or secrets.token_urlsafe(24)
    token = center.forms.token(cookie, sign_in.user_code)
    scopes = html.escape(", ".join(SCOPES.get(scope, scope) for scope in sign_in.client.scopes or SCOPES))
    name = html.escape(sign_in.client.name)
    return page("Allow access to your AWS accounts?", f"""
<p><strong>{name}</strong> asks for access to {scopes}.</p>
<p class="code">{html.escape(sign_in.user_code)}</p>
<p>Approve only if the program you started shows this same code.</p>
<form method="post" action="/device">
<input type="hidden" name="user_code" value="{html.escape(sign_in.user_code)}">
<input type="hidden" name="csrf" value="{token}">
<label for="user">Sign in as</label>
<input id="user" name="user" autocomplete="username" required maxlength="64"
 value="{html.escape(center.state.settings['user'])}">
<button class="main" name="action" value="approve">Approve</button>
<button name="action" value="deny">Deny</button></form>""",
                headers=[("Set-Cookie", f"{COOKIE}={cookie}; Path=/; Secure; HttpOnly; SameSite=Strict")])


def decided(center, request, given):
    if not center.forms.genuine(request, given):
        return error("", "This form did not come from the page it belongs to. Open the page again.", 403)
    sign_in = center.state.by_user_code(given["user_code"])
    if not sign_in or sign_in.decision != "pending" or not sign_in.alive():
        return ask_for_code("That code is unknown, used or expired. Start the sign-in again.")
    if given.get("action") not in ("approve", "deny"):
        return error("", "The form says neither approve nor deny.")
    approved = given["action"] == "approve"
    center.state.decide(sign_in, approved, given.get("user"))
    if sign_in.authorize:
        return callback(sign_in)
    if not approved:
        return page("Request denied", "<p>The program was given nothing. You can close this window.</p>")
    return page("Request approved", f"<p>{html.escape(sign_in.client.name)} now has access. You can close "
                "this window and go back to it.</p>")


def callback(sign_in):
    answer = {"state": sign_in.authorize["state"]}
    if sign_in.code:
        answer["code"] = sign_in.code
    else:
        answer.update(error="access_denied", error_description="User denied the request")
    return redirect(f"{sign_in.authorize['redirect_uri']}?{urllib.parse.urlencode(answer)}")


def same_redirect(registered, given):
    """RFC 8252 7.3: the port of a loopback address does not count."""
    if registered == given:
        return True
    one, other = urllib.parse.urlsplit(registered), urllib.parse.urlsplit(given)
    return oidc.loopback(registered) and one.hostname == other.hostname and oidc.loopback(given) \
        and one.path in ("", other.path) and not other.query


def authorize(center, request):
    """Start of the authorization code flow."""
    state, given = center.state, request.parameters()
    for problem in query_encoding(request.query.replace("+", "%20")):
        center.journal.violation("Authorize", problem.text)
    client = state.clients.get(given.get("client_id"))
    if not client or not client.alive():
        center.journal.violation("Authorize", "client_id is unknown")
        return error("", "The program that sent you here is not registered.")
    if not any(same_redirect(one, given.get("redirect_uri", "")) for one in client.redirects):
        center.journal.violation("Authorize", "redirect_uri is not registered")
        return error("", "The program that sent you here gave an address that is not registered.")
    for name, wanted in (("response_type", "code"), ("code_challenge_method", "S256")):
        if given.get(name) != wanted:
            center.journal.violation("Authorize", f"{name} is not {wanted}")
            return error("", f"{name} is not {wanted}.")
    for name in ("state", "code_challenge"):
        if not given.get(name):
            center.journal.violation("Authorize", f"{name} is missing")
            return error("", f"{name} is missing.")
    sign_in = SignIn(client, state.settings["device_life"], 0)
    sign_in.authorize = given
    state.sign_ins[sign_in.device_code] = sign_in
    if state.settings["auto_approve"]:
        state.decide(sign_in, True, None)
        return callback(sign_in)
    return redirect(f"{center.base(request.port)}/device?user_code={sign_in.user_code}")


def start(center, request):
    settings = center.state.settings
    rows = "".join(row(account) for account in settings["accounts"])
    return page("Your AWS accounts", f"<p>Signed in as {html.escape(settings['user'])}.</p>"
                f'<table>{rows}</table><p><a href="/device">Enter the code of a sign-in</a></p>')


def row(account):
    roles = "<br>".join(html.escape(role) for role in account["roles"])
    name = html.escape(account.get("accountName", "Account"))
    return f"<tr><td>{name}<br>{html.escape(account['accountId'])}</td><td>{roles}</td></tr>"


def console(center, request):
    """Where a sign-in token leads: the console, here a page that says as whom."""
    given = request.parameters()
    for name in ("Issuer", "Destination", "SigninToken"):
        if not given.get(name):
            center.journal.violation("ConsoleLogin", f"{name} is required and missing")
            return error("", f"{name} is missing.")
    key = center.state.console.get(given["SigninToken"])
    if not key or not key.alive():
        return error("", "The sign-in token is unknown or has expired.", 403)
    return page("AWS console", f"<p>Signed in as {html.escape(key.arn())}.</p>"
                f"<p>Would now open {html.escape(given['Destination'])}</p>")


def nothing(center, request):
    return Reply(404, content_type="text/plain")


def home(center, request):
    return redirect("/start")
