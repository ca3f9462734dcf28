"""The sign-in with a real browser: iamic-login opens it, the person compares the code and presses a button; and that
everybody can: on a telephone, in the dark, with the keyboard alone, and by ear."""
import pathlib
import re
import signal
import urllib.parse

import pytest
import webdriver
from home import wait_for
from webdriver import Browser

pytestmark = [pytest.mark.all, pytest.mark.timeout(180)]

FAULTS = (pathlib.Path(webdriver.__file__).parent / "page_faults.js").read_text()
FOCUSED = "return document.activeElement.value || document.activeElement.name"
PAPER = "return getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def opened(home):
    """What iamic-login opens: a stand-in for xdg-open writes the address down. opened() waits for it."""
    script = home.write("bin/open", f'#!/bin/sh\necho "$1" >{home.path}/address\n', mode=0o755)
    home.env["BROWSER"] = str(script)
    home.env["DISPLAY"] = ":0"

    def opened():
        path = home.path / "address"
        return wait_for(lambda: path.exists() and path.read_text().strip(), 10, lambda: "no browser was opened")
    return opened


@pytest.fixture
def browser(practice):
    with Browser(trust=("localhost", practice.port)) as browser:
        yield browser


def until(browser, pattern):
    wait_for(lambda: re.search(pattern, browser.text()), 10, browser.text)


@pytest.mark.parametrize("button, status, page", [("approve", 0, "now has access"), ("deny", 4, "denied")])
def test_the_person_decides_on_the_page(home, browser, opened, button, status, page):
    home.configure()
    login = home.spawn("iamic-login", "corp")
    code = login.until(r"\b([A-Z]{4}-[A-Z]{4})\b")[1]
    browser.open(opened())
    assert code in browser.text()
    browser.click(f"button[value={button}]")
    until(browser, page)
    assert login.finish().status == status


def test_an_identity_provider_at_another_origin_comes_first(home, practice, browser, opened):
    practice.set(identity_provider=True)
    home.configure()
    login = home.spawn("iamic-login", "corp")
    code = login.until(r"\b([A-Z]{4}-[A-Z]{4})\b")[1]
    browser.open(opened())
    assert browser.address().startswith(f"https://127.0.0.1:{practice.port}/") and code not in browser.text()
    browser.type("#user", "bob@example.org")
    browser.click("button")
    until(browser, code)
    assert browser.address().startswith(f"{practice.url}/device?") and "bob@example.org" in browser.text()
    browser.click("button[value=approve]")
    until(browser, "now has access")
    result = login.finish()
    assert result.status == 0 and "bob@example.org" in result.out, result


def test_every_page_can_be_read_by_everybody(home, practice, browser):
    home.configure()
    login = home.spawn("iamic-login", "corp")
    code = login.until(r"\b([A-Z]{4}-[A-Z]{4})\b")[1]
    papers = set()
    for provided in (False, True):
        practice.set(identity_provider=provided)
        for width in (320, 360, 1280):
            for dark in (False, True):
                browser.emulate(width, dark)
                for path in (f"/device?user_code={code}", "/device", "/device?user_code=X", "/start", "/signed-in"):
                    browser.open(practice.url + path)
                    assert browser.run(FAULTS) == [], f"{browser.address()} {width} {dark}"
                papers.add((dark, browser.run(PAPER)))
    assert len(papers) == 2, papers
    practice.set(identity_provider=False)
    browser.open(f"{practice.url}/device?user_code={code}")
    browser.run("document.querySelector('#user').focus()")
    for expected in ("approve", "deny"):
        browser.press("\ue004")  # Tab
        assert browser.run(FOCUSED) == expected
    browser.press("\ue007")  # Enter
    until(browser, "denied")
    assert browser.run(FAULTS) == []
    assert login.finish().status == 4


# The browser comes back to this machine: authorization code with PKCE.

def log_in_by_browser(home, opened):
    """(iamic-login, the address that it opened)"""
    home.configure()
    login = home.spawn("iamic-login", "--browser", "corp")
    return login, opened()


@pytest.mark.parametrize("button, status, title", [("approve", 0, "Signed in"), ("deny", 4, "Not signed in")])
def test_the_browser_comes_back_and_says_how_it_ended(home, practice, browser, opened, button, status, title):
    practice.set(identity_provider=True)
    login, address = log_in_by_browser(home, opened)
    browser.open(address)
    browser.type("#user", "bob@example.org")
    browser.click("button")
    until(browser, "bob@example.org")
    browser.click(f"button[value={button}]")
    until(browser, f"^{title}\n")
    assert browser.address().startswith("http://127.0.0.1:") and "close this window" in browser.text()
    result = login.finish()
    assert result.status == status and ("bob@example.org" in result.out) is (status == 0), result


def test_windows_that_come_to_the_port_for_nothing_do_no_harm(home, practice, browser, opened):
    login, address = log_in_by_browser(home, opened)
    practice.fault("CreateToken:authorization_code", "delay", seconds=1)
    back = re.search("redirect_uri=([^&]+)", address)[1]
    browser.open(urllib.parse.unquote(back) + "?code=x&state=y")
    until(browser, "^Another sign-in\n")
    browser.open(urllib.parse.unquote(back).replace("/oauth/callback", "/"))
    until(browser, "^Nothing here\n")
    browser.open(address)
    browser.click("button[value=approve]")
    until(browser, "^Signed in\n")
    assert login.finish().status == 0


def test_a_script_in_what_aws_says_is_shown_and_not_run(home, browser, opened):
    login, address = log_in_by_browser(home, opened)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
    words = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
    browser.open(query["redirect_uri"] + "?" + urllib.parse.urlencode(
        {"error": "access_denied", "error_description": words, "state": query["state"]}))
    until(browser, "^Not signed in\n")
    assert "<script>document.title" in browser.text()
    assert browser.run("return [document.title, document.images.length]") == ["iamic: Not signed in", 0]
    result = login.finish()
    assert result.status == 4 and "\033" not in result.err, result


def test_the_last_page_can_be_read_by_everybody(home, browser, opened):
    login, address = log_in_by_browser(home, opened)
    back = urllib.parse.unquote(re.search("redirect_uri=([^&]+)", address)[1])
    papers = set()
    for width in (320, 360, 1280):
        for dark in (False, True):
            browser.emulate(width, dark)
            browser.open(back)
            assert browser.run(FAULTS) == [], f"{width} {dark}"
            papers.add((dark, browser.run(PAPER)))
    assert len(papers) == 2, papers  # so the style is taken, whose hash the policy names
    login.send_signal(signal.SIGINT)
    assert login.finish().status == 130
