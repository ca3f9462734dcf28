"""The address of a sign-in on a terminal: what a phone reads there, what a person clicks on, and where neither is."""
import re
import shutil

import pytest

import qr_reader
from scripted_agent import URL, done, registering, stages, waiting
from screen import Screen
from terminal import Terminal

PORTAL = "https://d-1234567890.awsapps.com/start/#/device"
OF_PORTAL = {"openUrl": f"{PORTAL}?user_code=BCDF-GHJK", "code": "BCDF-GHJK", "verificationUri": PORTAL}


def screen_after(cli, words=(), columns=80, rows=40, reply=None, **env):
    """What a terminal shows after a whole sign-in."""
    cli.agent.answers["Login"] = stages(registering(), waiting(**(reply or {})), done())
    terminal = Terminal(cli, "login", *words, columns=columns, rows=rows, **env)
    assert terminal.finish() == 0, terminal.text
    screen = Screen(columns)
    screen.write(terminal.text)
    return screen


def has_code(screen):
    return any(character in "▀▄█" for row in screen.cells for character, _ in row if character)


# A code for a phone.

@pytest.mark.parametrize("theme, env", [
    (qr_reader.DARK, {}), (qr_reader.LIGHT, {}), (qr_reader.DARK, {"NO_COLOR": "1"})],
    ids=["dark", "light", "dark without colours"])
@pytest.mark.parametrize("rows", [24, 40])
def test_a_phone_reads_the_address(cli, tmp_path, theme, env, rows):
    screen = screen_after(cli, rows=rows, reply=OF_PORTAL, **env)
    assert qr_reader.read(screen, theme, tmp_path) == OF_PORTAL["openUrl"] + "\n"


@pytest.mark.parametrize("address", [
    URL, "https://h", "https://example.com/%c3%a4?a=b&c#;", "https://example.com/?state=" + "0123456789aBc-_.~" * 12])
def test_it_is_the_whole_address(cli, tmp_path, address):
    screen = screen_after(cli, rows=60, reply={"openUrl": address})
    assert qr_reader.read(screen, qr_reader.DARK, tmp_path) == address + "\n"


def test_it_is_there_while_the_sign_in_waits(cli, tmp_path):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(**OF_PORTAL), continues=True)
    cli.agent.answers["CancelLogin"] = {}
    terminal = Terminal(cli, "login")
    terminal.until("9:5. left")
    screen = Screen()
    screen.write(terminal.text)
    in_view = screen.lines()[-24:]
    assert in_view[0].startswith("code: ") and "9:5" in in_view[-1], "code and countdown stay in view"
    assert qr_reader.read(screen, qr_reader.DARK, tmp_path) == OF_PORTAL["openUrl"] + "\n"
    terminal.type("\x03")
    assert terminal.finish() == 130


NOWHERE = {
    "C": {"LANG": "C"}, "LC_ALL": {"LANG": "C.UTF-8", "LC_ALL": "C"}, "no locale": {"LANG": ""},
    "dumb": {"term": "dumb"}, "narrow": {"columns": 20}, "too narrow by one": {"columns": 36},
    "too low by one": {"rows": 23},
    "too low for a notice": {"rows": 25, "DISPLAY": ":0", "BROWSER": "/nonexistent/browser"},
    "browser": {"DISPLAY": ":0", "BROWSER": "/bin/true"}, "unwanted": {"words": ["--no-qr"]},
    "not ASCII": {"reply": {"openUrl": "https://example.com/\u00e4"}},
    "this machine": {"reply": {"openUrl": "https://localhost:4433/device"}},
    "comes back": {"reply": {"code": None, "verificationUri": None, "redirectUri": "http://127.0.0.1:41234/callback"}},
}
SOMEWHERE = {
    "unknown locale": {"LANG": "xx_XX.utf8"}, "LC_CTYPE": {"LANG": "C", "LC_CTYPE": "C.UTF-8"},
    "nothing opens": {"DISPLAY": ":0", "PATH": "/nonexistent"},
    "no such browser": {"DISPLAY": ":0", "BROWSER": "/nonexistent/browser"},
    "--no-browser": {"DISPLAY": ":0", "words": ["--no-browser"]},
    "ssh": {"DISPLAY": "", "SSH_CONNECTION": "1 2 3 4", "BROWSER": "/bin/true"},
}


@pytest.mark.parametrize("where", NOWHERE)
def test_no_code_where_it_cannot_be_shown_or_helps_nobody(cli, where):
    screen = screen_after(cli, **{"reply": OF_PORTAL, **NOWHERE[where]})
    assert not has_code(screen) and "address: https://" in "\n".join(screen.lines())


@pytest.mark.parametrize("where", SOMEWHERE)
def test_a_code_where_no_browser_is_opened(cli, where):
    assert has_code(screen_after(cli, **SOMEWHERE[where]))


def test_no_code_in_a_pipe(cli):
    cli.agent.answers["Login"] = stages(registering(), waiting(), done())
    result = cli.iamic("login", env={"TERM": "xterm"})
    assert result.status == 0 and result.out.isascii() and "\033" not in result.out, result


def test_a_code_in_a_locale_whose_name_does_not_tell(cli):
    shutil.copytree("/usr/lib/locale/C.utf8", cli.path / "locales/xx_XX")
    cli.env["ASAN_OPTIONS"] += ":detect_leaks=0"  # the C library keeps what it makes of LOCPATH
    assert has_code(screen_after(cli, LANG="xx_XX", LOCPATH=cli.path / "locales"))
    assert not has_code(screen_after(cli, LANG="xx_XX"))


def test_a_library_that_cannot_be_loaded_costs_the_code_alone(cli):
    cli.write("lib/libqrencode.so.4", "")
    assert not has_code(screen_after(cli, LD_LIBRARY_PATH=cli.path / "lib"))


def test_a_code_after_the_opener_has_failed(cli):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(), continues=True)
    cli.agent.answers["CancelLogin"] = {}
    terminal = Terminal(cli, "login", rows=30, DISPLAY=":0", BROWSER="/bin/false")
    terminal.until(r"(?s)'/bin/false' failed.*▀.*left")
    terminal.type("\x03")
    assert terminal.finish() == 130


# The address as a link.

@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}, {"TERM": "screen"}, {"columns": 20}])
def test_the_address_is_a_link_and_whole(cli, env):
    screen = screen_after(cli, **env)
    assert screen.links == [(URL, URL)]


@pytest.mark.parametrize("term", ["linux", "dumb", ""])
def test_no_link_on_what_may_show_the_sequence(cli, term):
    screen = screen_after(cli, term=term)
    assert screen.links == [] and f"address: {URL}" in screen.lines()


def test_nothing_of_a_link_in_a_pipe(cli):
    cli.agent.answers["Login"] = stages(waiting(), done())
    assert f"\naddress: {URL}\n" in cli.iamic("login", env={"TERM": "xterm"}).out


@pytest.mark.parametrize("path", [";", ";id=x;https://evil.example", "?a;b&c=%1b%07", "%9c", "|`$(x)'{}"])
def test_a_link_holds_what_an_address_may_hold(cli, path):
    address = "https://example.com/" + path
    assert screen_after(cli, reply={"openUrl": address}).links == [(address, address)]


@pytest.mark.parametrize("path", ["\u00e4", "x" * 1000], ids=["not ASCII", "long"])
def test_what_does_not_fit_into_a_link_is_shown_alone(cli, path):
    address = "https://example.com/" + path
    screen = screen_after(cli, reply={"openUrl": address}, columns=2000)
    assert screen.links == [] and f"address: {address}" in screen.lines()


@pytest.mark.parametrize("end", ["\033\\", "\033]8;;https://evil.example\033\\", "\a", "\x9c", "\x9d8;;x\a", "\x7f"])
@pytest.mark.parametrize("member", ["openUrl", "verificationUri"])
def test_what_would_end_a_link_is_refused(cli, member, end):
    cli.agent.answers["Login"] = lambda call: call.reply(waiting(**{member: f"{URL}{end}x"}), continues=True)
    cli.agent.answers["CancelLogin"] = {}
    terminal = Terminal(cli, "login")
    assert terminal.finish() == 5
    assert not re.search(r"[\a\x9c\x9d\x7f]|\x1b(?!\[K)|evil", terminal.text), repr(terminal.text)
