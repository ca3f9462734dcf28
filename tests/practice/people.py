"""Pages for people: enter the code, see who asks, approve or deny; and the start page with the accounts."""

import html
import re
import urllib.parse

from practice import look, oidc, visitors
from practice.message import Reply, redirect
from practice.state import SignIn
from practice.validate import query_encoding

AUTHORIZE = {"response_type", "client_id", "redirect_uri", "state", "code_challenge_method", "scopes",
             "code_challenge"}
SCOPES = {"sso:account:access": "See your AWS accounts and roles, and get short-lived credentials for them"}


def error(code, message, status=None):
    """What a fault on demand turns a page into."""
    return look.wrong(message, None, status or 400)


def device(center, request):
    if visitors.must_go_elsewhere(center, request):
        return visitors.send_elsewhere(center, request)
    if request.method == "POST":
        return decided(center, request, request.form())
    code = request.parameters().get("user_code")
    if not code:
        return ask_for_code(request, "")
    sign_in = center.state.by_user_code(code)
    if not sign_in or sign_in.decision != "pending" or not sign_in.alive():
        return ask_for_code(request, "That code is unknown, used or expired. Check it, or start the sign-in again.")
    return consent(center, request, sign_in)


def ask_for_code(request, complaint):
    said = f'<p class="complaint" id="complaint" role="alert">{html.escape(complaint)}</p>' if complaint else ""
    about = ' aria-describedby="complaint" aria-invalid="true"' if complaint else ""
    return look.page("Enter the code of your sign-in", f"""{said}
<p>The program that you started shows it.</p>
<form method="get" action="/device"><label for="code">Code</label>
<input id="code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus required
 placeholder="XXXX-XXXX"{about}>
<div class="buttons"><button class="main">Next</button></div></form>""", request, 404 if complaint else 200)


def consent(center, request, sign_in):
    code, cookie = sign_in.user_code, visitors.cookie_of(request)
    name = html.escape(sign_in.client.name)
    scopes = sign_in.client.scopes or SCOPES
    wishes = "".join(f"<p>{html.escape(SCOPES.get(scope, scope))}</p>" for scope in scopes)
    return look.page("Allow access to your AWS accounts?", f"""
<div class="who"><span class="mark">{look.sign("prompt")}</span>
<div><strong>{name}</strong><br><span class="quiet">{asked_from(sign_in)}</span></div></div>
<h2>It asks to</h2>
{wishes}
<h2 id="code">Its code</h2>
<p class="code" aria-labelledby="code">{html.escape(code)}</p>
<p class="compare quiet">Approve only if the program you started shows this same code.</p>
<form method="post" action="/device">
{look.hidden(user_code=code, csrf=center.forms.token(cookie, code))}{who_signs_in(center, request)}
<div class="buttons"><button class="main" name="action" value="approve">Approve</button>
<button name="action" value="deny">Deny</button></div></form>""", request, headers=[visitors.set_cookie(cookie)])


def asked_from(sign_in):
    return "a program on this computer" if sign_in.authorize else "a program that showed you a code"


def who_signs_in(center, request):
    """Whoever the identity provider named; or a name to be given."""
    user = visitors.known(center, request)
    if user:
        return f'<h2>For</h2>{look.person(user, "signed in by Example Corp")}'
    return f"""<label for="user">Sign in as</label>
<input id="user" name="user" autocomplete="username" required maxlength="64"
 value="{html.escape(center.state.settings['user'])}">"""


def decided(center, request, given):
    code = given.get("user_code", "")
    if not center.forms.genuine(request, given, code):
        return look.wrong("This form did not come from the page it belongs to. Open the page again.", request, 403)
    sign_in = center.state.by_user_code(code)
    if not sign_in or sign_in.decision != "pending" or not sign_in.alive():
        return ask_for_code(request, "That code is unknown, used or expired. Start the sign-in again.")
    if given.get("action") not in ("approve", "deny"):
        return look.wrong("The form says neither approve nor deny.", request)
    approved = given["action"] == "approve"
    center.state.decide(sign_in, approved, visitors.known(center, request) or given.get("user"))
    if sign_in.authorize:
        return callback(sign_in)
    if not approved:
        return look.outcome("Request denied", "The program was given nothing. You can close this window.", request,
                            False)
    return look.outcome("Request approved", f"{sign_in.client.name} now has access. You can close this window and go "
                        "back to it.", request, True)


def callback(sign_in):
    answer = {"state": sign_in.authorize["state"]}
    if sign_in.code:
        answer["code"] = sign_in.code.text
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
    fault, said = what_is_wrong_with(center, client, given)
    if fault:
        center.journal.violation("Authorize", fault)
    if said:
        return look.wrong(said, request)
    sign_in = SignIn(client, state.settings["device_life"], 0)
    sign_in.authorize = given
    state.sign_ins[sign_in.device_code] = sign_in
    if state.settings["auto_approve"]:
        state.decide(sign_in, True, None)
        return callback(sign_in)
    return redirect(f"{center.base(request.port)}/device?user_code={sign_in.user_code}")


def what_is_wrong_with(center, client, given):
    """(for the log, for the person) of a request to authorize; nothing of one that is right."""
    if not client:
        return "client_id is unknown", "The program that sent you here is not registered."
    if not client.alive():  # that it has ended is told to nobody but the person
        return None, "The program that sent you here is no longer registered."
    if not any(same_redirect(one, given.get("redirect_uri", "")) for one in client.redirects):
        return "redirect_uri is not registered", "The program that sent you here gave an address that is not its own."
    for name, wanted in (("response_type", "code"), ("code_challenge_method", "S256")):
        if given.get(name) != wanted:
            return f"{name} is not {wanted}", f"{name} is not {wanted}."
    wrong = next(breaches(center, client, given), None)
    return (wrong, f"{wrong}.") if wrong else (None, None)


def breaches(center, client, given):
    """What else AWS would not take, though its model does not say so."""
    if not given.get("state"):
        yield "state is missing"
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", given.get("code_challenge", "")):
        yield "code_challenge is no SHA-256 in base64url"
    if not set(given.get("scopes", "").split()) <= set(client.scopes):
        yield "scopes holds one that is not registered"
    if "authorization_code" not in client.grants:
        yield "the client is not registered for this grant"
    if not client.issuer or not oidc.known_start_url(center, client.issuer):
        yield "the client is registered without an issuerUrl that is ours"
    for name in set(given) - AUTHORIZE:
        yield f"{name} is unknown"


def start(center, request):
    state = center.state
    if visitors.must_go_elsewhere(center, request):
        return visitors.offer_way_elsewhere(center, request, state.settings["start_page"])
    user = visitors.known(center, request) or state.settings["user"]
    rows = "".join(row(account) for account in state.accounts_of(state.directory.roles_of(user)))
    return look.page("Your AWS accounts", f"""{look.person(user, "signed in as")}
<table><thead><tr><th scope="col">Account</th><th scope="col">Roles</th></tr></thead><tbody>{rows}</tbody></table>
<p><a href="/device">Enter the code of a sign-in</a></p>""", request, wide=True,
                     head=state.settings["start_page"])


def row(account):
    roles = "<br>".join(html.escape(role) for role in account["roles"])
    name = html.escape(account.get("accountName", "Account"))
    return f"<tr><td>{name}<small>{html.escape(account['accountId'])}</small></td><td>{roles}</td></tr>"


def console(center, request):
    """Where a sign-in token leads: the console, here a page that says as whom."""
    given = request.parameters()
    for name in ("Issuer", "Destination", "SigninToken"):
        if not given.get(name):
            center.journal.violation("ConsoleLogin", f"{name} is required and missing")
            return look.wrong(f"{name} is missing.", request)
    key = center.state.console.get(given["SigninToken"])
    if not key or not key.alive():
        return look.wrong("The sign-in token is unknown or has expired.", request, 403)
    return look.page("AWS console", f"<p>Signed in as {html.escape(key.arn())}.</p>"
                     f"<p>Would now open {html.escape(given['Destination'])}</p>", request)


def nothing(center, request):
    return Reply(404, content_type="text/plain")


def home(center, request):
    return redirect("/start")


def vanity(center, request):
    return redirect(center.state.settings["vanity"])
