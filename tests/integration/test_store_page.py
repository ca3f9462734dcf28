"""iamic-store(7): the page is whole, and its helper for pass works as it stands there, against a stand-in for pass."""
import json
import pathlib
import re
import shutil
import subprocess
import textwrap

import pytest

from store import CORP, NOBODY, Helper

PAGE = pathlib.Path(__file__).resolve().parents[2] / "man/iamic-store.7"
SECRET = '{"refreshToken":"opens every door","häkchen":"✓ \\" \\\\ %s \\n"}'

# pass as far as the helper uses it. "locked" says that the key is; a "person" types its passphrase where pass asks.
PASS = """#!/bin/sh
echo "$*" >>"$HOME/pass.log"
store=$HOME/.password-store
case $1 in
show)
    [ -f "$store/$2.gpg" ] || exit 1
    if [ -e "$HOME/locked" ]; then
        [ "$PASSWORD_STORE_GPG_OPTS" != --pinentry-mode=error ] && [ -e "$HOME/person" ] || exit 2
        rm "$HOME/locked"
    fi
    base64 -d <"$store/$2.gpg" ;;
insert)
    [ "$2 $3" = "-m -f" ] || exit 3
    [ ! -e "$HOME/broken" ] || exit 1
    echo "Enter contents of $4 and press Ctrl+D when finished:"
    mkdir -p "$(dirname "$store/$4")"; base64 >"$store/$4.gpg" ;;
mv)
    [ "$2" = -f ] || exit 3
    mkdir -p "$(dirname "$store/$4")"; mv -v "$store/$3.gpg" "$store/$4.gpg" ;;
rm)
    shift; [ "$1" != -r ] || shift; [ "$1" = -f ] || exit 3
    [ ! -e "$HOME/broken" ] || exit 1
    if [ -d "$store/$2" ]; then rm -r "$store/$2"; else rm "$store/$2.gpg"; fi; echo "removed $2" ;;
*) exit 3 ;;
esac
"""


def rendered():
    """What a person sees who reads the page, and copies from it."""
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", PAGE], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "130"})
    assert done.stderr == ""
    return done.stdout


def script_of(text):
    """The example, from its first line to the next heading."""
    return textwrap.dedent(re.search(r"^ +#!/bin/sh\n.*?(?=^\S)", text, re.MULTILINE | re.DOTALL)[0]).rstrip() + "\n"


class Pass(Helper):
    def __init__(self, home, program):
        super().__init__(home, "")
        self.program, self.home = program, home
        self.store = home.path / ".password-store"

    def entries(self):
        return sorted(str(path.relative_to(self.store))[:-4] for path in self.store.rglob("*.gpg"))

    def mark(self, name):
        (self.home.path / name).touch()


@pytest.fixture
def helper(bare_home):
    program = bare_home.write("bin/iamic-store-pass", script_of(rendered()), mode=0o755)
    bare_home.write("bin/pass", PASS, mode=0o755)
    bare_home.env["PATH"] = f"{bare_home.path / 'bin'}:/usr/bin:/bin"
    helper = Pass(bare_home, program)
    helper.store.mkdir(mode=0o700)
    yield helper
    log = bare_home.path / "pass.log"
    assert not log.exists() or "opens every door" not in log.read_text(), "in an argument"


@pytest.mark.once
def test_the_page_names_all_that_the_protocol_has():
    text = rendered()
    for word in ("version", "name", "startUrl", "region", "generation", "secret", "key", "keySource", "state",
                 "message", "protects"):
        assert re.search(rf"^ +{word} +(number|string) ", text, re.MULTILINE), word
    for word in ("status", "load", "save", "erase", "unlock", "ok", "absent", "locked", "failed"):
        assert re.search(rf"^ +{word}( |$)", text, re.MULTILINE), word
    header = (PAGE.parents[1] / "src/ipc/store_message.h").read_text()
    size = eval(re.search(r"STORE_MESSAGE_MAX\s+\((.*?)\)", header)[1])
    assert f"of {size} bytes at most" in text
    deadlines = (PAGE.parents[1] / "src/daemon/store_helper.c").read_text()
    assert re.findall(r"DEADLINE_USEC\s+\((\d+) \*", deadlines) == ["10", "120"]
    assert "10 seconds" in text and "120 seconds" in text


@pytest.mark.once
def test_the_example_fits_on_a_screen_and_is_what_a_shell_check_likes(helper):
    script = helper.program.read_text()
    assert len(script.splitlines()) <= 40
    done = subprocess.run(["shellcheck", "--exclude=SC2012,SC2015", helper.program], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_what_was_saved_is_loaded_until_it_is_erased(helper):
    assert helper.ask("status", NOBODY)["state"] == "ok"
    assert helper.ask("load")["state"] == "absent"
    assert helper.ask("save", secret=SECRET, generation=7)["state"] == "ok"
    assert helper.ask("load") == {"state": "ok", "secret": SECRET, "generation": 7}
    assert helper.ask("erase")["state"] == "ok"
    assert helper.ask("load")["state"] == "absent"
    assert helper.ask("erase")["state"] == "ok"
    assert helper.entries() == []


def test_only_the_newest_is_kept(helper):
    for generation in (9, 10, 100):
        assert helper.ask("save", secret=f"token {generation}", generation=generation)["state"] == "ok"
        assert len(helper.entries()) == 1
    reply = helper.ask("save", secret="old", generation=99)
    assert reply["state"] == "failed" and "newer" in reply["message"]
    assert helper.ask("save", secret="token 100", generation=100)["state"] == "ok"
    assert helper.ask("load") == {"state": "ok", "secret": "token 100", "generation": 100}


@pytest.mark.parametrize("other", [
    {"startUrl": "https://other.example/start"}, {"region": "eu-west-1"}, {"name": "Corp"},
    {"name": "../c'o \"r\np $x"}, {"name": "-f"}, {"startUrl": ""},
], ids=lambda other: next(iter(other)) + "-" + str(len(next(iter(other.values())))))
def test_sign_ins_are_told_apart_by_name_start_url_and_region(helper, other):
    helper.ask("save", secret="mine", generation=1)
    assert helper.ask("load", **other)["state"] == "absent"
    assert helper.ask("save", secret="another's", generation=1, **other)["state"] == "ok"
    assert helper.ask("load")["secret"] == "mine"
    assert helper.ask("load", **other)["secret"] == "another's"
    assert helper.ask("erase", **other)["state"] == "ok"
    assert helper.ask("load")["secret"] == "mine"


def test_a_locked_key_is_locked_and_never_absent(helper):
    helper.ask("save", secret=SECRET, generation=1)
    helper.mark("locked")
    assert helper.ask("load")["state"] == "locked"
    assert helper.ask("unlock", NOBODY)["state"] == "locked", "nobody is there"
    assert helper.ask("save", secret="later", generation=2)["state"] == "ok", "to save needs no secret key"
    helper.mark("person")
    assert helper.ask("load")["state"] == "locked", "only unlock may ask a person"
    assert helper.ask("unlock", NOBODY)["state"] == "ok"
    assert helper.ask("load")["secret"] == "later"


def test_there_may_be_nothing_to_unlock(helper):
    assert helper.ask("unlock", NOBODY)["state"] == "ok"


def test_a_pass_that_fails_is_failed_and_what_was_there_stays(helper):
    helper.ask("save", secret="old", generation=1)
    helper.mark("broken")
    for verb in ("save", "erase"):
        reply = helper.ask(verb, secret="new", generation=2)
        assert reply["state"] == "failed" and "pass does not" in reply["message"]
    assert helper.ask("load") == {"state": "ok", "secret": "old", "generation": 1}


def test_a_save_that_was_killed_before_its_end_has_not_happened(helper):
    helper.ask("save", secret="old", generation=1)
    (helper.store / "iamic/new.gpg").write_text("half of")
    assert helper.ask("load")["secret"] == "old"
    assert helper.ask("save", secret="new", generation=2)["state"] == "ok"
    assert helper.ask("load")["secret"] == "new" and len(helper.entries()) == 1


def test_a_later_version_and_what_is_no_request_are_refused(helper):
    assert helper.ask("load", version=2)["state"] == "failed"
    for hostile in ("", "{", "load corp", "[]", "null"):
        result = helper.run("load", input=hostile)
        assert result.status != 0 or json.loads(result.out)["state"] == "failed", result


def test_without_a_store_of_pass_it_is_a_failure(helper):
    shutil.rmtree(helper.store)
    assert helper.run("load", input=json.dumps(CORP)).status != 0


def test_a_sign_in_outlives_the_daemon_in_the_example(home):
    """The whole way: the daemon, the helper of the page, and another daemon."""
    program = home.write("bin/iamic-store-pass", script_of(rendered()), mode=0o755)
    home.write("bin/pass", PASS, mode=0o755)
    home.env["PATH"] = f"{home.path / 'bin'}:/usr/bin:/bin"
    (home.path / ".password-store").mkdir(mode=0o700)
    home.write_config(f"store = {program}\n")
    home.configure({"dev": ("012345678901", "ReadOnly")})
    home.start_daemon()
    home.sign_in()
    home.stop_daemons()
    home.start_daemon()
    assert home.credential_process("--profile", "dev").status == 0
    status = json.loads(home.iamic("status", "--json").out)
    assert "GPG key" in json.dumps(status)
    # base64 hides nothing, as a real pass would: the search for secrets in the home must not find it.
    assert home.iamic("logout").status == 0
    shutil.rmtree(home.path / ".password-store")
