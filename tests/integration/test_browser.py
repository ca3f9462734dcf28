"""The sign-in with a real browser: iamic-login opens it, the person compares the code and presses a button."""
import re

import pytest
from home import wait_for
from webdriver import Browser

pytestmark = [pytest.mark.all, pytest.mark.timeout(180)]


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


@pytest.mark.parametrize("button, status, page", [("approve", 0, "now has access"), ("deny", 4, "denied")])
def test_the_person_decides_on_the_page(home, practice, opened, button, status, page):
    home.configure()
    login = home.spawn("iamic-login", "corp")
    code = login.until(r"\b([A-Z]{4}-[A-Z]{4})\b")[1]
    with Browser(trust=("localhost", practice.port)) as browser:
        browser.open(opened())
        assert code in browser.text()
        browser.click(f"button[value={button}]")
        wait_for(lambda: re.search(page, browser.text()), 10, browser.text)
    assert login.finish().status == status
