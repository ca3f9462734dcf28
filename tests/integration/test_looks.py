"""`--new`: what was assigned since a person last looked, and where that is remembered."""
import json
import os
import stat

import pytest
from scripted_agent import account, fails, session, status

FILE = {"kind": "file", "state": "ready", "protects": "a key file"}


def remembering(*sessions, **members):
    return status(*sessions, store=FILE, **members)


@pytest.fixture
def looking(cli):
    """A person with three accounts, each of one role, and a store that is on disk."""
    cli.agent.answers["Status"] = remembering()
    cli.agent.answers["ListAccounts"] = {"accounts": [account(n) for n in (1, 2, 3)]}
    assign(cli, "Admin")
    cli.seen = cli.path / ".local/state/iamic/seen"
    return cli


def assign(cli, *names):
    cli.agent.answers["ListRoles"] = lambda call: call.reply(
        {"roles": [{"accountId": call.parameters["accountId"], "roleName": name} for name in names]})


def shown(result):
    assert result.status == 0, result
    return [line.split()[:2] for line in result.out.splitlines()]


def test_the_first_look_shows_all_and_the_next_nothing(looking):
    assert len(shown(looking.iamic("accounts", "--new"))) == 3
    result = looking.iamic("accounts", "--new")
    assert shown(result) == [] and result.err == "iamic: no accounts are new since your last look\n", result


def test_what_was_assigned_since_is_shown_once(looking):
    looking.iamic("roles")
    assign(looking, "Admin", "Billing")
    assert shown(looking.iamic("roles", "--new")) == [[f"00000000000{n}", "Billing"] for n in (1, 2, 3)]
    assert shown(looking.iamic("roles", "--new")) == []


def test_what_was_taken_away_and_given_again_is_new(looking):
    looking.iamic("roles")
    assign(looking)
    looking.iamic("roles")
    assign(looking, "Admin")
    assert len(shown(looking.iamic("roles", "--new"))) == 3


def test_a_look_at_one_account_leaves_the_others_as_they_were(looking):
    looking.iamic("roles")
    assign(looking, "Admin", "Billing")
    assert shown(looking.iamic("roles", "000000000002", "--new")) == [["000000000002", "Billing"]]
    assert shown(looking.iamic("roles", "--new")) == [["000000000001", "Billing"], ["000000000003", "Billing"]]


def test_json_alone_is_no_look_and_with_new_it_is_one(looking):
    assert len(json.loads(looking.iamic("accounts", "--json").out)["accounts"]) == 3
    assert not looking.seen.exists()
    assert len(json.loads(looking.iamic("accounts", "--new", "--json").out)["accounts"]) == 3
    assert json.loads(looking.iamic("accounts", "--new", "--json").out) == {"accounts": []}


def test_a_list_that_broke_off_was_no_look(looking):
    def pages(call):
        call.reply({"accounts": [account(1)]}, continues=True)
        call.error("Unavailable", message="it broke off: try again")
    complete, looking.agent.answers["ListAccounts"] = looking.agent.answers["ListAccounts"], pages
    assert looking.iamic("accounts", "--new").status == 5
    looking.agent.answers["ListAccounts"] = complete
    assert len(shown(looking.iamic("accounts", "--new"))) == 3


def test_a_list_whose_reader_has_gone_was_no_look(looking):
    looking.agent.answers["ListAccounts"] = {"accounts": [account(n) for n in range(1, 5000)]}
    looking.run("/bin/sh", "-c", f"{looking.program('iamic')} accounts | head -n 1")
    assert not looking.seen.exists()


def test_each_session_has_looks_of_its_own(looking):
    looking.agent.answers["Status"] = remembering(session(), session("other"))
    looking.iamic("accounts", "--sso-session", "corp")
    assert shown(looking.iamic("accounts", "--new", "--sso-session", "corp")) == []
    assert len(shown(looking.iamic("accounts", "--new", "--sso-session", "other"))) == 3


def test_with_a_store_in_memory_nothing_is_kept_and_new_says_so(looking):
    looking.agent.answers["Status"] = status()
    assert len(shown(looking.iamic("accounts"))) == 3
    fails(looking.iamic("accounts", "--new"), 7, "'--new'", "store = memory", "iamic-config(5)")
    assert not looking.seen.parent.exists()


def test_the_file_is_of_its_owner_alone_and_holds_names_only(looking):
    looking.iamic("accounts")
    assert stat.S_IMODE(looking.seen.stat().st_mode) == 0o600
    assert stat.S_IMODE(looking.seen.parent.stat().st_mode) == 0o700
    assert json.loads(looking.seen.read_text()) == {
        "corp": {"accounts": {f"00000000000{n}": True for n in (1, 2, 3)}}}
    assert os.listdir(looking.seen.parent) == ["seen"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"corp":7}', '{"corp":{"accounts":[]}}'])
def test_a_broken_file_is_begun_anew(looking, text):
    looking.write(".local/state/iamic/seen", text)
    result = looking.iamic("accounts", "--new")
    assert len(shown(result)) == 3 and result.err.count("\n") <= 1, result
    assert shown(looking.iamic("accounts", "--new")) == []


def test_a_folder_that_cannot_be_written_is_said_where_it_matters(looking):
    looking.write(".local/state/iamic", "a file in the way")
    result = looking.iamic("accounts")
    assert len(shown(result)) == 3 and result.err == "", result
    result = looking.iamic("accounts", "--new")
    assert len(shown(result)) == 3, result
    assert result.err.startswith("iamic: warning: ") and "shows these again" in result.err, result


def test_new_roles_of_the_real_daemon(home, practice):
    home.configure()
    home.write_config("store = file\n")
    home.sign_in()
    before = shown(home.iamic("roles"))
    practice.set(accounts=[{"accountId": "012345678901", "accountName": "dev", "emailAddress": "d@example.com",
                            "roles": [role for _, role in before] + ["Fresh"]}])
    assert ["012345678901", "Fresh"] in shown(home.iamic("roles", "--new"))
    assert shown(home.iamic("roles", "--new")) == []
