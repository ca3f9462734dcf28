"""iamic logout where something is broken: what is here is forgotten all the same, and what could not be done said."""
import pytest

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SEALED = ".local/state/iamic/sealed"


@pytest.fixture
def person(home):
    home.write_config("store = file\nkey = random\n")
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    assert home.credential_process("--profile", "dev").status == 0
    return home


def break_file(home, name):
    path = home.path / name
    path.write_bytes(b"[broken\n\0{")
    return path


def logged_out(home, *words):
    """It has worked; what it warns of, in one line each."""
    result = home.iamic("logout", *words)
    assert (result.status, result.out) == (0, "signed out of 'corp'\n"), result
    assert all(line.startswith("iamic: warning: ") for line in result.err.splitlines()), result
    return result.err


def is_signed_out(home):
    result = home.credential_process("--profile", "dev")
    return (result.status, result.err) == (3, "iamic: session 'corp' is signed out: run 'iamic-login corp'\n")


@pytest.mark.parametrize("name", [SEALED, ".aws/config", ".config/iamic/config", ".local/state/iamic/history"])
def test_files_that_broke_meanwhile(person, practice, name):
    path = break_file(person, name)
    warned = logged_out(person, "corp")
    assert practice.count("Logout") == 1 and is_signed_out(person)
    assert path.read_bytes() == b"[broken\n\0{" or name.endswith("history"), "what is not understood is not mended"
    assert name.endswith("history") or str(path) in warned and warned.count("\n") == 1, warned


@pytest.mark.parametrize("words, is_known", [(["corp"], False), (["corp"], True), (["--all"], True),
                                             (["--profile", "dev"], False)])
def test_a_sealed_file_that_was_broken_before(person, practice, words, is_known):
    person.stop_daemons()
    path = break_file(person, SEALED)
    if is_known:
        assert person.credential_process("--profile", "dev").status == 8
    warned = logged_out(person, *words)
    assert f"AWS could not be told, its portal session runs on to its end: '{path}' is no sealed file" in warned
    assert practice.count("Logout") == 0 and is_signed_out(person) and path.read_bytes() == b"[broken\n\0{"


def test_a_configuration_that_was_broken_before(person, practice):
    """Of a session that nobody can look up nothing is known, and nothing is claimed."""
    person.stop_daemons()
    text = person.aws_config.read_text()
    path = break_file(person, ".aws/config")
    for words in (["corp"], ["--all"]):
        result = person.iamic("logout", *words)
        assert result.status == 7 and result.out == "" and f"{path}:1: " in result.err, result
    assert result.err.count("\n") == 1 and path.read_bytes() == b"[broken\n\0{"
    person.write_aws_config(text)
    assert logged_out(person, "corp") == "" and practice.count("Logout") == 1 and is_signed_out(person)


@pytest.mark.parametrize("fault, why", [
    ({"kind": "status", "status": 500}, "answers HTTP 500"), ({"kind": "status", "status": 403}, "HTTP 403"),
    ({"kind": "drop"}, "localhost")], ids=["500", "403", "drop"])
def test_a_server_that_fails(person, practice, fault, why):
    practice.fault("Logout", times=None, **fault)
    warned = logged_out(person, "corp")
    assert why in warned and "session 'corp'" in warned and warned.count("\n") == 1 and is_signed_out(person), warned
    person.stop_daemons()
    assert is_signed_out(person), "the next daemon finds nothing either"
