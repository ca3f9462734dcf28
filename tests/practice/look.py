"""How pages for people look: one frame, two houses, plain HTML and CSS, and nothing fetched from anywhere."""

import base64
import hashlib
import html
import pathlib

from practice.message import Reply

STYLE = (pathlib.Path(__file__).resolve().parent / "look.css").read_text()
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# form-action must name the loopback addresses too: it holds for the redirects that follow a form.
POLICY = "; ".join([
    "default-src 'none'", f"style-src 'sha256-{STYLE_HASH}'",
    "form-action 'self' http://127.0.0.1:* http://localhost:* https://127.0.0.1:* https://localhost:*",
    "frame-ancestors 'none'", "base-uri 'none'",
])
HEADERS = [("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer"),
           ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
SIGNS = {       # what is drawn, within 24 by 24
    "shield": "M12 2 4 5v6c0 5 3.4 9.3 8 11 4.6-1.7 8-6 8-11V5zM8 12l3 3 5-6",
    "house": "M4 21V8l8-5 8 5v13zM9 21v-6h6v6",
    "prompt": "M5 7l5 5-5 5M12.5 17H19",
    "yes": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20M7.5 12.5l3 3 6-7",
    "no": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20M8.5 8.5l7 7M15.5 8.5l-7 7",
}
NOTE = ("This is practice, on this computer. It is not AWS: no password is needed, and nothing here opens a real "
        "account.")


def sign(name, kind=""):
    return (f'<svg class="{kind}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" '
            f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{SIGNS[name]}"/></svg>')


class House:
    """Whose page it is: its name and its sign at the top, its colours throughout."""

    def __init__(self, name, mark, kind=""):
        self.name, self.mark, self.kind = name, mark, kind


PRACTICE = House("Practice Identity Center", "shield")
PROVIDER = House("Example Corp sign-in", "house", "elsewhere")


def page(title, body, request, status=200, headers=(), house=PRACTICE, wide=False, above="", head=""):
    host = request.header("host", "") if request else ""
    text = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{head}<title>{html.escape(title)} · {house.name}</title><style>{STYLE}</style></head>
<body class="{house.kind}">
<header>{sign(house.mark)}<b>{house.name}</b><span>{html.escape(host)}</span></header>
<main{' class="wide"' if wide else ''}><div class="card">{above}
<h1>{html.escape(title)}</h1>
{body}
</div></main>
<footer><p>{NOTE}</p></footer>
</body></html>
"""
    return Reply(status, body=text.encode(), content_type="text/html; charset=utf-8", headers=[*HEADERS, *headers])


def outcome(title, text, request, good, status=200, headers=()):
    """The last page: a sign that can be seen from afar, and what to do now."""
    mark = sign("yes", "verdict") if good else sign("no", "verdict bad")
    return page(title, f"<p>{html.escape(text)}</p>", request, status, headers, above=mark)


def wrong(text, request, status=400):
    return outcome("Something is wrong", text, request, False, status)


def hidden(**fields):
    return "".join(f'<input type="hidden" name="{name}" value="{html.escape(text)}">\n'
                   for name, text in fields.items())


def person(name, says):
    """Who it is, with a letter for a portrait."""
    return (f'<div class="who"><span class="mark round" aria-hidden="true">{html.escape(name[:1].upper())}</span>'
            f'<div><span class="quiet">{html.escape(says)}</span><br><strong>{html.escape(name)}</strong></div></div>')
