"""Lists of accounts and roles: a page a reply as AWS sends them, or all in one."""
import time

import pytest
from asking import Asked, ask, session_of, sign_in, until_count
from home import Home
from practice.client import Practice
from varlink import VarlinkError

REFRESH = "CreateToken:refresh_token"


@pytest.fixture
def signed_in(home):
    home.configure()
    home.start_daemon()
    sign_in(home)
    return home


def accounts(count):
    return [{"accountId": f"{n:012d}", "accountName": f"Account {n}", "emailAddress": f"n{n}@example.com",
             "roles": ["ReadOnly"]} for n in range(count)]


def pages(home, method="ListAccounts", **fields):
    return Asked(home, method, {"session": "corp", **fields}, more=True)


def test_fifty_pages_begin_before_the_third_is_asked_for(signed_in, practice):
    practice.set(accounts=accounts(500), page_size=10, latency=0.2)
    before = practice.count("ListAccounts")
    with signed_in.client(timeout=30) as client:
        stream = client.stream("ListAccounts", {"session": "corp"})
        first = next(stream)
        assert practice.count("ListAccounts") - before <= 2
        rest = list(stream)
    ids = [account["accountId"] for page in [first, *rest] for account in page["accounts"]]
    assert len(rest) == 49 and ids == [f"{n:012d}" for n in range(500)]
    assert practice.count("ListAccounts") - before == 50


def test_without_more_all_pages_are_one_reply(signed_in, practice):
    practice.set(accounts=accounts(730))
    reply = ask(signed_in, "ListAccounts", session="corp").reply()
    assert [account["accountId"] for account in reply["accounts"]] == [f"{n:012d}" for n in range(730)]


@pytest.mark.all
def test_a_list_of_over_4_mib_is_refused_in_one_and_streamed_in_pages(tmp_path):
    many = accounts(5000)
    for account in many:
        account["accountName"] += "x" * 1000
    with Practice.start(tmp_path, accounts=many) as practice:
        home = Home(practice)
        try:
            home.configure()
            home.start_daemon()
            sign_in(home)
            assert "more" in ask(home, "ListAccounts", session="corp").refusal("Unavailable").message
            assert sum(len(page["accounts"]) for page in pages(home).ended().replies) == 5000
            assert session_of(home)["state"] == "ready"
        finally:
            faults = home.close()
        assert not faults, faults


def test_roles_of_one_account_come_in_pages_too(signed_in, practice):
    practice.set(page_size=2)
    asked = pages(signed_in, "ListRoles", accountId="111122223333").ended()
    assert [[role["roleName"] for role in page["roles"]] for page in asked.replies] == [
        ["Administrator", "Power+User"], ["ReadOnly"]]
    assert {role["accountId"] for page in asked.replies for role in page["roles"]} == {"111122223333"}


@pytest.mark.parametrize("account", ["12345678901", "0123456789012", "01234567890a", "", "012345678901 "])
def test_an_account_id_that_is_none_is_refused(signed_in, practice, account):
    before = len(practice.requests())
    ask(signed_in, "ListRoles", session="corp", accountId=account).refusal("Config")
    assert len(practice.requests()) == before


def test_an_account_without_name_and_e_mail_and_one_with_leading_zeros(signed_in):
    listed = ask(signed_in, "ListAccounts", session="corp").reply()["accounts"]
    assert {"accountId": "999988887777"} in [
        {name: value for name, value in account.items() if value is not None} for account in listed]
    assert listed[0]["accountId"] == "012345678901"


def test_no_accounts_and_no_roles_are_empty_lists(signed_in, practice):
    practice.set(accounts=[{"accountId": "012345678901", "roles": []}])
    assert ask(signed_in, "ListRoles", session="corp", accountId="012345678901").reply() == {"roles": []}
    practice.set(accounts=[])
    assert ask(signed_in, "ListAccounts", session="corp").reply() == {"accounts": []}
    assert [page["accounts"] for page in pages(signed_in).ended().replies] == [[]]


def test_an_empty_page_with_a_next_token_is_not_the_end(signed_in, practice):
    practice.set(page_size=0, latency=0.3)
    asked = pages(signed_in)
    until_count(practice, "ListAccounts", 2)  # one was the sign-in's
    time.sleep(0.1)
    practice.set(page_size=100, latency=0)
    asked.ended()
    assert [len(page["accounts"]) for page in asked.replies][-1] == 3 and asked.replies[0]["accounts"] == []


def test_a_list_that_does_not_end_is_given_up(signed_in, practice):
    practice.set(page_size=0)
    asked = pages(signed_in)
    time.sleep(1)
    asked.leave()
    until = practice.count("ListAccounts")
    time.sleep(0.5)
    assert practice.count("ListAccounts") <= until + 1


def test_a_429_on_every_fifth_page_is_waited_for(signed_in, practice):
    practice.set(accounts=accounts(200), page_size=10)
    for n in range(4, 20, 5):
        practice.fault("ListAccounts", "throttle", after=n, retry_after=1)
    asked = pages(signed_in)
    ids = [account["accountId"] for page in asked.ended().replies for account in page["accounts"]]
    assert ids == [f"{n:012d}" for n in range(200)] and asked.seconds < 8


def test_a_401_in_the_middle_is_refreshed_and_nothing_is_listed_twice(signed_in, practice):
    practice.set(accounts=accounts(60), page_size=10)
    practice.fault("ListAccounts", "status", after=3, status=401, code="UnauthorizedException")
    asked = pages(signed_in).ended()
    ids = [account["accountId"] for page in asked.replies for account in page["accounts"]]
    assert ids == [f"{n:012d}" for n in range(60)]
    assert practice.count(REFRESH) == 1


def test_a_page_that_makes_no_sense_ends_the_list_with_an_error(signed_in, practice):
    practice.set(accounts=accounts(60), page_size=10)
    for operation, method, fields in (("ListAccounts", "ListAccounts", {}),
                                      ("ListAccountRoles", "ListRoles", {"accountId": "000000000001"})):
        for fault in ({"kind": "garbage"}, {"kind": "html"}, {"kind": "empty"}, {"kind": "wrong_type"},
                      {"kind": "missing"},
                      {"kind": "wrong_type", "field": "accountId"}, {"kind": "missing", "field": "accountId"},
                      {"kind": "oversize", "bytes": 2 << 20}):
            practice.fault(operation, after=2 if method == "ListAccounts" else 0, **fault)
            asked = pages(signed_in, method, **fields)
            error = asked.refusal("Unavailable")
            assert "'corp'" in error.message and asked.seconds < 2, (fault, error)
            assert fault["kind"] == "oversize" or operation in error.message, (fault, error)
            assert len(asked.replies) == (2 if method == "ListAccounts" else 0), fault
            practice.clear_faults()
    assert ask(signed_in, "ListAccounts", session="corp").reply()


def test_passing_trouble_is_got_over(signed_in, practice):
    for fault in ({"kind": "status", "status": 500}, {"kind": "drop"}, {"kind": "reset"}, {"kind": "truncate"},
                  {"kind": "extra"}):
        practice.fault("ListAccounts", **fault)
        assert len(ask(signed_in, "ListAccounts", session="corp").reply()["accounts"]) == 3, fault


def test_a_client_that_leaves_ends_its_list(signed_in, practice):
    practice.set(accounts=accounts(500), page_size=10, latency=0.1)
    asked = pages(signed_in)
    until_count(practice, "ListAccounts", 4)
    asked.leave()
    time.sleep(0.3)
    after = practice.count("ListAccounts")
    time.sleep(0.5)
    assert practice.count("ListAccounts") == after


def test_a_client_that_reads_slowly_gets_every_page(signed_in, practice):
    practice.set(accounts=accounts(300), page_size=10)
    with signed_in.client(timeout=30) as client:
        seen = []
        for page in client.stream("ListAccounts", {"session": "corp"}):
            seen += page["accounts"]
            time.sleep(0.02)
    assert len(seen) == 300


def test_logout_ends_a_list(signed_in, practice):
    practice.set(accounts=accounts(500), page_size=10, latency=0.1)
    asked = pages(signed_in)
    until_count(practice, "ListAccounts", 4)
    signed_in.call("Logout")
    asked.refusal("LoginRequired", timeout=5)


def test_a_list_before_the_sign_in_is_refused_at_once(home, practice):
    home.configure()
    home.start_daemon()
    with home.client() as client, pytest.raises(VarlinkError) as caught:
        list(client.stream("ListAccounts", {"session": "corp"}))
    assert caught.value.name == "LoginRequired" and practice.requests() == []


# From memory, for those who say how old it may be.


def listed(home, practice, method="ListAccounts", operation="ListAccounts", **fields):
    """(what came, how many requests it took)"""
    before = practice.count(operation)
    rows, = ask(home, method, session="corp", **fields).reply().values()
    return rows, practice.count(operation) - before


def test_what_was_listed_lately_is_told_again_without_asking(signed_in, practice):
    practice.set(accounts=accounts(25), page_size=10)
    first, asked = listed(signed_in, practice, maxAge=60)
    assert (len(first), asked) == (25, 3)
    assert listed(signed_in, practice, maxAge=60) == (first, 0)
    assert [len(page["accounts"]) for page in pages(signed_in, maxAge=60).ended().replies] == [25], "in one, for all"
    practice.set(accounts=accounts(5))
    assert listed(signed_in, practice)[1] == 1, "who does not say so gets what is"
    assert len(listed(signed_in, practice, maxAge=60)[0]) == 5
    assert listed(signed_in, practice, maxAge=0)[1] == 1


def test_the_roles_of_each_account_are_remembered_by_themselves(signed_in, practice):
    for account in ("012345678901", "111122223333"):
        said = {"method": "ListRoles", "operation": "ListAccountRoles", "accountId": account, "maxAge": 60}
        rows, asked = listed(signed_in, practice, **said)
        assert asked == 1 and {row["accountId"] for row in rows} == {account}
        assert listed(signed_in, practice, **said) == (rows, 0)


def test_pages_that_were_streamed_are_remembered_and_half_of_them_are_not(signed_in, practice):
    practice.set(accounts=accounts(25), page_size=10)
    practice.fault("ListAccounts", "garbage", after=1)
    assert len(pages(signed_in).ended().replies) == 1
    rows, asked = listed(signed_in, practice, maxAge=60)
    assert (len(rows), asked) == (25, 3)
    practice.set(accounts=accounts(12))
    assert sum(len(page["accounts"]) for page in pages(signed_in).ended().replies) == 12
    assert listed(signed_in, practice, maxAge=60)[1] == 0


def test_another_sign_in_and_time_make_them_forgotten(signed_in, practice):
    assert listed(signed_in, practice, maxAge=60)[1] == 1
    time.sleep(1.1)
    assert listed(signed_in, practice, maxAge=1)[1] == 1
    signed_in.call("Logout", session="corp")
    with pytest.raises(VarlinkError, match="LoginRequired"):
        signed_in.call("ListAccounts", session="corp", maxAge=60)
    sign_in(signed_in)
    assert listed(signed_in, practice, maxAge=60)[1] == 1


def test_very_long_lists_are_not_remembered(signed_in, practice):
    practice.set(accounts=accounts(5100))
    assert len(listed(signed_in, practice, maxAge=60)[0]) == 5100
    practice.set(accounts=accounts(3000))
    assert len(listed(signed_in, practice, maxAge=60)[0]) == 3000
    assert listed(signed_in, practice, maxAge=60)[1] == 0
    practice.set(accounts=[{"accountId": "111122223333", "roles": [f"Role{n}" for n in range(2500)]}])
    said = {"method": "ListRoles", "operation": "ListAccountRoles", "accountId": "111122223333", "maxAge": 60}
    assert listed(signed_in, practice, **said)[1] > 0 and listed(signed_in, practice, **said)[1] == 0
    assert len(listed(signed_in, practice, maxAge=60)[0]) == 1, "the older one has made room"
