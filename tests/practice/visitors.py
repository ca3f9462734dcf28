"""Who looks at a page, as far as it is known: by a cookie, and by the word of an identity provider elsewhere.

    /device ──(nobody known)──► /provider at another origin ──(says a name)──► /signed-in ──► /device

Without an identity provider everybody may say who they are on the page itself.
"""

import hashlib
import hmac
import html
import secrets
import urllib.parse

from practice import look
from practice.message import redirect

COOKIE = "practice"


class Forms:
    """A form is good only from the browser that was shown it, for the purpose it was shown for."""

    def __init__(self):
        self.key = secrets.token_bytes(32)

    def token(self, cookie, purpose):
        return hmac.new(self.key, f"{cookie} {purpose}".encode(), hashlib.sha256).hexdigest()

    def genuine(self, request, given, purpose):
        wanted = self.token(request.cookie(COOKIE), purpose)
        return hmac.compare_digest(wanted.encode(), given.get("csrf", "").encode())


class Hop:
    """One way to the identity provider and back: good once at each end, and in one browser only."""

    def __init__(self, cookie, origin, path):
        self.cookie = cookie
        self.origin = origin
        self.path = path
        self.assertion = None
        self.user = None


def cookie_of(request):
    return request.cookie(COOKIE) or secrets.token_urlsafe(24)


def set_cookie(cookie):
    """Lax, not Strict: a browser that comes back from the identity provider must bring it."""
    return "Set-Cookie", f"{COOKIE}={cookie}; Path=/; Secure; HttpOnly; SameSite=Lax"


def known(center, request):
    """The name that the identity provider gave for this browser, or None."""
    return center.state.visitors.get(request.cookie(COOKIE))


def must_go_elsewhere(center, request):
    return center.state.settings["identity_provider"] and not known(center, request)


def way_elsewhere(center, request):
    """The identity provider's address, which is at another origin, and the cookie to come back with; afterwards the
    way leads to the page that was asked for."""
    origin, path = f"https://{request.header('host')}", request.target()
    host = "localhost" if origin.startswith("https://127.0.0.1") else "127.0.0.1"
    ticket, cookie = secrets.token_urlsafe(24), cookie_of(request)
    center.state.hops[ticket] = Hop(cookie, origin, path)
    return f"https://{host}:{request.port}/provider?ticket={ticket}", set_cookie(cookie)


def send_elsewhere(center, request):
    address, cookie = way_elsewhere(center, request)
    return redirect(address, [cookie])


def offer_way_elsewhere(center, request, head):
    """As the access portal does, whose page is there for everybody, and finds out later who looks at it."""
    address, cookie = way_elsewhere(center, request)
    return look.page("Sign in", f'<p><a href="{html.escape(address)}">Sign in at Example Corp</a></p>', request,
                     headers=[cookie], head=head)


def provider(center, request):
    """The other house's page: a name is all that it asks for."""
    given = request.form() if request.method == "POST" else request.parameters()
    hop = center.state.hops.get(given.get("ticket"))
    if not hop or hop.assertion:
        return look.wrong("This sign-in was begun elsewhere or is over. Start again.", request, 403)
    user = center.state.user_named(given.get("user", "").strip())
    if request.method == "POST":
        hop.assertion, hop.user = secrets.token_urlsafe(24), user
        return redirect(f"{hop.origin}/signed-in?{urllib.parse.urlencode({'assertion': hop.assertion})}")
    return look.page("Sign in to Example Corp", f"""
<p>You are signing in for <strong>{html.escape(urllib.parse.urlsplit(hop.origin).netloc)}</strong>.</p>
<form method="post" action="/provider">
{look.hidden(ticket=given["ticket"])}<label for="user">Work email</label>
<input id="user" name="user" autocomplete="username" required maxlength="64" value="{html.escape(user)}">
<div class="buttons"><button class="main">Sign in</button></div></form>""", request, house=look.PROVIDER)


def signed_in(center, request):
    """Back from the identity provider, with its word."""
    assertion = request.parameters().get("assertion")
    for ticket, hop in center.state.hops.items():
        if assertion and hop.assertion == assertion and hop.cookie == request.cookie(COOKIE):
            del center.state.hops[ticket]
            center.state.visitors[hop.cookie] = hop.user
            return redirect(hop.path)
    return look.wrong("The identity provider's answer is used, or is for another browser. Start again.", request, 403)
