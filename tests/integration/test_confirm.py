"""confirm and confirm_for: a person at the desktop allows it before credentials of some roles leave."""
import json
import re
import threading

import pytest
from asking import ask, at_once, get, sign_in, until_count, until_state
from desktop import NOTIFICATIONS, Desktop
from home import has_ended, wait_for
from practice.trust import trusting
from test_container import Served
from test_share import Lent

ACCOUNT, ROLE, OTHER = "012345678901", "ReadOnly", "Billing"
SHIM = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
DEPLOY = "arn:aws:iam::111122223333:role/team/Deploy"
NAMED = f"session 'corp': role '{ROLE}' in {ACCOUNT} is not confirmed: "
UNANSWERED = NAMED + "nobody has answered the notification: answer it, then try again"
DENIED = re.compile(re.escape(NAMED)
                    + r"it was denied at the desktop: to be asked once more, try again in ([1-9]|10) s")
FETCHED = "GetRoleCredentials"


@pytest.fixture
def desktop(home):
    return Desktop(home)


@pytest.fixture
def person(home, desktop):
    """Signed in at a desktop, with ReadOnly to be confirmed each time."""
    return signed_in(home)


def configure(home, *lines):
    home.write_config("\n".join(["store = file", "key = random", *(lines or ("confirm = readonly",)), ""]))


def signed_in(home, *lines):
    home.configure({"dev": (ACCOUNT, ROLE)})
    configure(home, *lines)
    home.start_daemon()
    sign_in(home)
    return home


def until_withdrawn(desktop, notice):
    wait_for(lambda: notice["id"] in [event["id"] for event in desktop.events("closed")], 10,
             lambda: desktop.process.out)


def handed_out(home):
    result = home.iamic("log", "--json")
    assert result.status == 0, result
    return [json.loads(line)["roleName"] for line in result.out.splitlines()]


# What a person is asked, and what comes of it

@pytest.mark.quick
def test_allow_hands_them_out_and_the_question_says_to_whom(person, desktop, practice):
    fetched = practice.count(FETCHED)
    waiting = person.spawn("iamic-credential-process", *SHIM)
    notice = desktop.until("notice")
    assert notice["summary"] == f"Allow {ROLE} in {ACCOUNT}?" and notice["actions"][1::2] == ["Allow", "Deny"]
    assert (notice["urgency"], notice["timeout"]) == (2, 0)  # it stays until someone acts
    for word in ("iamic-credential-process", f"pid {waiting.pid}", f"role {ROLE}", f"account {ACCOUNT}", "session corp",
                 "Allow counts for every program that waits for it."):
        assert word in notice["body"], notice
    assert not set("<>&") & set(notice["body"])
    assert practice.count(FETCHED) == fetched and waiting.out == ""
    desktop.click(notice, "Allow")
    result = waiting.finish()
    assert result.status == 0 and json.loads(result.out)["AccountId"] == ACCOUNT, result
    assert desktop.until("closed")["id"] == notice["id"]
    get(person, timeoutMs=300).refusal("Denied")  # allowed is allowed once
    desktop.until("notice", 2)


def test_deny_refuses_all_of_that_role_for_some_seconds_without_a_new_question(person, desktop, practice):
    fetched = practice.count(FETCHED)
    waiting = person.spawn("iamic-credential-process", *SHIM)
    desktop.click(desktop.until("notice"), "Deny")
    result = waiting.finish()
    assert (result.status, result.out) == (4, "") and DENIED.fullmatch(result.err[len("iamic: "):-1]), result
    for _ in range(3):
        assert DENIED.fullmatch(at_once(lambda: get(person)).refusal("Denied").message)
    assert (len(desktop.events("notice")), practice.count(FETCHED)) == (1, fetched)
    get(person, {"roleName": OTHER}).reply()


def test_a_notification_that_is_closed_is_a_no(person, desktop):
    asked = get(person)
    desktop.dismiss(desktop.until("notice"))
    assert asked.refusal("Denied").message.startswith(NAMED + "its notification was closed: ")
    assert at_once(lambda: get(person)).refusal("Denied").message.startswith(NAMED + "its notification was closed: ")
    assert len(desktop.events("notice")) == 1


def test_fifty_callers_are_one_question_and_one_request(home, desktop, practice):
    signed_in(home, "confirm = billing")
    fetched = practice.count(FETCHED)
    asked = [get(home, {"roleName": OTHER}) for _ in range(50)]
    notice = desktop.until("notice")
    home.call("Status")
    desktop.click(notice, "Allow")
    for one in asked:
        one.reply()
    assert (len(desktop.events("notice")), practice.count(FETCHED)) == (1, fetched + 1)


def test_roles_beyond_eight_wait_for_an_answer_to_those_on_the_screen(home, desktop):
    signed_in(home, "confirm = *")
    asked = [get(home, {"roleName": f"Role{n}"}) for n in range(8)]
    desktop.until("notice", 8)
    said = (f"session 'corp': role 'Role8' in {ACCOUNT} is not confirmed: "
            "too many others are to be confirmed: answer a notification, then try again")
    assert at_once(lambda: get(home, {"roleName": "Role8"})).refusal("Denied").message == said
    desktop.click(desktop.events("notice")[0], "Deny")
    assert wait_for(lambda: [one for one in asked if not one.is_alive()], 10, lambda: "no answer")
    get(home, {"roleName": "Role8"}, timeoutMs=100).refusal("Denied")
    desktop.until("notice", 9)
    for one in asked:
        one.leave()


def test_nobody_answers_in_the_callers_time_and_the_late_yes_is_for_the_next_call(person, desktop):
    assert get(person, timeoutMs=300).refusal("Denied").message == UNANSWERED
    result = person.credential_process(*SHIM, "--timeout", "1")
    assert (result.status, result.err) == (4, f"iamic: {UNANSWERED}\n")
    notice = desktop.until("notice")
    assert len(desktop.events("notice")) == 1
    desktop.click(notice, "Allow")
    desktop.until("closed")
    get(person).reply()
    get(person, timeoutMs=200).refusal("Denied")  # that was for one
    assert handed_out(person) == [ROLE]


def test_time_for_a_person_is_time_for_the_answer(person, desktop):
    asked = get(person, timeoutMs=200, loginMs=20000)
    desktop.until("notice")
    asked.join(0.5)
    desktop.click(desktop.until("notice"), "Allow")
    asked.reply()


def test_a_yes_lasts_for_confirm_for_whichever_program_asks_and_then_ends(home, desktop):
    signed_in(home, "confirm = Read*", "confirm_for = 2s")
    asked = get(home)
    notice = desktop.until("notice")
    assert "Allow counts for every program, for 2s." in notice["body"]
    desktop.click(notice, "Allow")
    asked.reply()
    assert home.credential_process(*SHIM).status == 0
    at_once(lambda: get(home)).reply()
    assert len(desktop.events("notice")) == 1
    wait_for(lambda: get(home, timeoutMs=200).ended().error, 10, lambda: "it does not end", pause=0.2)
    desktop.until("notice", 2)


def test_what_whoami_and_the_like_ask_with_is_asked_about_too(person, desktop):
    for words in (("whoami", "--profile", "dev"), ("export", "--profile", "dev"),
                  ("exec", "--profile", "dev", "--", "/bin/true")):
        seen = len(desktop.events("notice"))
        waiting = person.spawn("iamic", *words, prints_credentials=True)
        desktop.click(desktop.until("notice", seen + 1), "Allow")
        result = waiting.finish()
        assert result.status == 0, result


# Nobody there

def test_without_a_desktop_it_is_refused_at_once(home):
    signed_in(home)
    said = NAMED + "nothing here shows notifications: try again at the desktop, or see confirm in 'man iamic-config'"
    for _ in range(2):
        assert at_once(lambda: get(home)).refusal("Denied").message == said
    assert home.credential_process(*SHIM).status == 4
    get(home, {"roleName": OTHER}).reply()


def test_a_desktop_that_shows_no_notifications_is_none(home):
    Desktop(home, "no-notifications")
    signed_in(home)
    assert NAMED + "nothing here shows" in at_once(lambda: get(home)).refusal("Denied").message


def test_while_the_screen_is_locked_nobody_is_asked(person, desktop):
    desktop.lock()
    said = NAMED + "the screen is locked: unlock it, then try again"
    assert at_once(lambda: get(person)).refusal("Denied").message == said
    assert not desktop.events("notice")
    desktop.lock(False)
    asked = get(person)
    desktop.click(desktop.until("notice"), "Allow")
    asked.reply()


def test_a_click_on_the_locked_screen_allows_nothing(person, desktop):
    asked = get(person)
    notice = desktop.until("notice")
    desktop.lock()
    desktop.click(notice, "Allow")
    assert asked.refusal("Denied").message == NAMED + "the screen is locked: unlock it, then try again"


def test_a_yes_to_the_persons_own_program_is_none_to_whom_it_is_lent(home, desktop):
    signed_in(home, "confirm = ReadOnly", "confirm_for = 1h")
    lent = Lent(home)
    there = home.spawn("iamic-credential-process", "--profile", "dev", env={"IAMIC_SOCKET": lent.path})
    theirs = desktop.until("notice")
    assert " through what is lent as 'ci': " in theirs["body"] and "for every program there, for 1h." in theirs["body"]
    here = get(home)
    ours = desktop.until("notice", 2)
    assert " lent " not in ours["body"]
    desktop.click(ours, "Allow")
    here.reply()
    desktop.click(theirs, "Deny")
    assert there.finish().status == 4
    get(home).reply()


def test_who_is_signed_out_is_not_asked(home, desktop):
    home.configure()
    configure(home)
    home.start_daemon()
    until_state(home, "signed_out")
    assert at_once(lambda: get(home)).refusal("LoginRequired")
    assert not desktop.events("notice")


def test_a_click_that_another_program_claims_is_none(person, desktop):
    asked = get(person)
    notice = desktop.until("notice")
    forged = person.run("/usr/bin/gdbus", "emit", "--session", "--object-path", "/org/freedesktop/Notifications",
                        "--signal", f"{NOTIFICATIONS}.ActionInvoked", str(notice["id"]), notice["actions"][0])
    directly = person.run("/usr/bin/python3", "-c", FORGERY, str(person.daemon_pid()), str(notice["id"]),
                          notice["actions"][0])
    assert (forged.status, directly.status) == (0, 0), (forged, directly)
    person.call("Status")
    assert asked.is_alive()
    desktop.click(notice, "Deny")
    asked.refusal("Denied")


# It is sent to the daemon alone, whose match rules the bus does not look at then.
FORGERY = """
import sys
import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib
pid, number, key = sys.argv[1:]
bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
def ask(method, *values):
    kind = GLib.Variant("(s)", values) if values else None
    name = "org.freedesktop.DBus"
    return bus.call_sync(name, "/", name, method, kind, None, 0, -1, None).unpack()[0]
found = [name for name in ask("ListNames") if name[0] == ":" and ask("GetConnectionUnixProcessID", name) == int(pid)]
assert found
for name in found:
    bus.emit_signal(name, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked",
                    GLib.Variant("(us)", (int(number), key)))
bus.flush_sync(None)
"""


# What ends a yes and a question

def test_lock_ends_yes_and_question(home, desktop):
    signed_in(home, "confirm = ReadOnly Billing", "confirm_for = 1h")
    asked = get(home)
    desktop.click(desktop.until("notice"), "Allow")
    asked.reply()
    open_one = get(home, {"roleName": OTHER})
    notice = desktop.until("notice", 2)
    home.call("Lock")
    assert open_one.refusal("Locked")
    until_withdrawn(desktop, notice)
    home.call("Unlock")
    get(home, timeoutMs=1000).refusal("Denied")
    assert f"Allow {ROLE} " in desktop.until("notice", 3)["summary"]


def test_logout_ends_yes_and_question(home, desktop):
    signed_in(home, "confirm = ReadOnly Billing", "confirm_for = 1h")
    asked = get(home)
    desktop.click(desktop.until("notice"), "Allow")
    asked.reply()
    open_one = get(home, {"roleName": OTHER})
    notice = desktop.until("notice", 2)
    ask(home, "Logout", session="corp").reply()
    assert open_one.refusal("LoginRequired")
    until_withdrawn(desktop, notice)
    sign_in(home)
    get(home, timeoutMs=300).refusal("Denied")
    desktop.until("notice", 3)


def test_a_role_that_the_configuration_takes_out_is_handed_out_and_its_question_goes(person, desktop):
    asked = get(person)
    notice = desktop.until("notice")
    configure(person, "confirm = */Admin* 1*/ReadOnly")
    asked.reply()
    assert desktop.until("closed")["id"] == notice["id"]
    configure(person, "confirm = 0*/ReadOnly")
    wait_for(lambda: get(person, timeoutMs=200).ended().error, 10, lambda: "still not asked about")
    assert len(desktop.events("notice")) == 2


def test_a_shorter_confirm_for_ends_a_yes_sooner(home, desktop):
    signed_in(home, "confirm = *", "confirm_for = 1h")
    asked = get(home)
    desktop.click(desktop.until("notice"), "Allow")
    asked.reply()
    get(home).reply()
    configure(home, "confirm = *")
    wait_for(lambda: get(home, timeoutMs=200).ended().error, 10, lambda: "the old yes holds")


def test_a_daemon_that_waits_for_an_answer_is_not_idle(home, desktop):
    signed_in(home, "confirm = *", "idle_exit = 1s")
    get(home, timeoutMs=100).refusal("Denied")
    pid = home.daemon_pid()
    assert not has_ended(pid, 2.5)
    desktop.click(desktop.until("notice"), "Deny")
    assert has_ended(pid, 10)


# Roles assumed from others, endpoints, and what the daemon does for itself

def test_a_chained_role_is_matched_by_its_own_name_and_its_source_is_not_asked_about(home, desktop, practice):
    practice.set(trust={DEPLOY: trusting(ACCOUNT)})
    text = home.configure({"base": (ACCOUNT, ROLE)}).read_text()
    home.write_aws_config(f"{text}\n[profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = base\n"
                          "region = us-east-1\n")
    configure(home, "confirm = 111122223333/deploy ReadOnly")
    home.start_daemon()
    sign_in(home)
    asked = ask(home, "GetCredentials", profile="deploy")
    notice = desktop.until("notice")
    assert notice["summary"] == "Allow Deploy in 111122223333?"
    desktop.click(notice, "Allow")
    asked.reply()
    assert len(desktop.events("notice")) == 1 and handed_out(home) == ["Deploy"]


def test_what_a_role_to_be_confirmed_assumes_is_to_be_confirmed(home, desktop, practice):
    """Who may ask the socket names any role that it can assume."""
    practice.set(trust={DEPLOY: trusting(ACCOUNT)})
    signed_in(home)
    asked = ask(home, "GetCredentials", profile="dev", roleArn=DEPLOY)
    notice = desktop.until("notice")
    assert notice["summary"] == "Allow Deploy in 111122223333?"
    assert f" account 111122223333 (assumed from {ROLE} in {ACCOUNT}), session corp." in notice["body"], notice
    desktop.click(notice, "Deny")
    asked.refusal("Denied")
    configure(home, "confirm = billing")
    wait_for(lambda: not get(home, timeoutMs=200).ended().error, 10, lambda: "still to be confirmed")
    ask(home, "GetCredentials", profile="dev", roleArn=DEPLOY).reply()


def test_an_endpoint_is_asked_about_once_for_as_long_as_its_program_runs(home, desktop):
    signed_in(home, "confirm = *", "confirm_for = 1s")
    starting = home.spawn("iamic", "exec", "--server", "--profile", "dev", "--", "/bin/echo", "it runs")
    notice = desktop.until("notice")
    assert "Allow counts for this program, for as long as it runs." in notice["body"]
    assert "it runs" not in starting.out
    desktop.click(notice, "Deny")
    assert starting.finish().status == 125


def test_its_hand_outs_need_no_other_yes_and_lock_ends_it(home, desktop):
    signed_in(home, "confirm = *")
    clicking = threading.Thread(target=lambda: desktop.click(desktop.until("notice"), "Allow"))
    clicking.start()
    served = Served(home, "--profile", "dev")
    clicking.join()
    try:
        for _ in range(3):
            assert served.ask()[0] == 200
        assert len(desktop.events("notice")) == 1
        get(home, timeoutMs=200).refusal("Denied")  # nobody else has that yes
        home.call("Lock")
        assert served.ask()[0] == 403
        home.call("Unlock")
        wait_for(lambda: "not confirmed" in str(served.ask()[1]), 10, lambda: served.ask())
        desktop.click(desktop.until("notice", 3), "Allow")
        wait_for(lambda: served.ask()[0] == 200, 10, lambda: served.ask())
        assert served.ask()[0] == 200 and len(desktop.events("notice")) == 3
    finally:
        served.end()


def test_who_is_lent_a_role_is_asked_about_too_and_the_question_names_the_lending(person, desktop):
    lent = Lent(person)
    answers = []
    borrowing = threading.Thread(target=lambda: answers.append(lent.shim("--profile", "dev")))
    borrowing.start()
    notice = desktop.until("notice")
    assert "through what is lent as 'ci'" in notice["body"]
    desktop.click(notice, "Deny")
    borrowing.join()
    assert answers[0].status == 4 and DENIED.fullmatch(answers[0].err[len("iamic: "):-1]), answers
    assert handed_out(person) == []


def test_what_the_daemon_asks_for_itself_is_not_asked_about(home, desktop, practice):
    signed_in(home, "confirm = *")  # who has come back is found out with a role
    until_count(practice, "GetCallerIdentity", 1)
    assert practice.count(FETCHED) and not desktop.events("notice")


# What iamic doctor says

NEVER = "is never handed out: nothing here shows notifications with buttons"


def finding(home):
    document = json.loads(home.iamic("doctor", "--json").out)
    return [(found["status"], found["text"]) for found in document["findings"] if found["id"] == "confirm"]


@pytest.mark.parametrize("words, lines, expected", [
    ((), ["confirm = *"], ("ok", "is asked about by notifications")),
    (("no-notifications",), ["confirm = *"], ("warn", NEVER)),
    (("no-buttons",), ["confirm = *"], ("warn", NEVER)),
    ((), ["log_level = info"], None),
])
def test_doctor_says_whether_a_question_could_be_shown(home, words, lines, expected):
    Desktop(home, *words)
    home.configure()
    configure(home, *lines)
    home.start_daemon()
    assert finding(home) == ([expected] if expected else [])


def test_doctor_warns_where_there_is_no_desktop(home):
    home.configure()
    configure(home, "confirm = *")
    home.start_daemon()
    assert [status for status, _ in finding(home)] == ["warn"]
