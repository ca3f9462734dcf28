"""iamic console: a link that signs a browser in to the AWS console as a role, made and opened."""
import os
import re
import ssl
import subprocess
import urllib.parse
import urllib.request

import pytest

from home import wait_for
from island import BECOME_ROOT, NO_CONTAINER

ACCOUNT, ROLE = "012345678901", "ReadOnly"
BY_ROLE = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    home.sign_in()
    return home


def console(person, *words, **options):
    return person.run("iamic", "console", *words, prints_credentials=True, **options)


def link_of(person, *words, **options):
    result = console(person, *words, "--print", **options)
    assert (result.status, result.err) == (0, ""), result
    return result.out.rstrip("\n")


def query_of(link):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query, strict_parsing=True))


def page_of(person, link):
    context = ssl.create_default_context(cafile=person.practice.ca)
    with urllib.request.urlopen(link, context=context, timeout=10) as reply:
        return reply.read().decode()


@pytest.mark.quick
def test_the_link_signs_a_browser_in_as_the_role(person, practice):
    link = link_of(person, "--profile", "dev")
    assert link.startswith(f"{practice.url}/federation?Action=login&")
    query = query_of(link)
    assert query["Issuer"] == practice.start_url
    assert query["Destination"] == "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1"
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_{ROLE}_" in page_of(person, link)
    assert practice.count("GetSigninToken") == 1 and practice.count("GetRoleCredentials") == 1
    request, = practice.requests("GetSigninToken")
    assert request["method"] == "POST" and not request["query"], "keys stand in the query, where proxies log them"


@pytest.mark.parametrize("words, env, destination", [
    (["s3"], {}, "https://us-east-1.console.aws.amazon.com/s3/home?region=us-east-1"),
    (["s3", "--region", "eu-west-1"], {"AWS_REGION": "x"},
     "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"),
    (["ec2"], {"AWS_DEFAULT_REGION": "eu-west-3"},
     "https://eu-west-3.console.aws.amazon.com/ec2/home?region=eu-west-3"),
    (["https://eu-west-1.console.aws.amazon.com/a?b=c#d"], {}, "https://eu-west-1.console.aws.amazon.com/a?b=c#d"),
])
def test_where_it_leads(person, words, env, destination):
    assert query_of(link_of(person, "--profile", "dev", *words, env=env))["Destination"] == destination


def test_a_role_without_a_profile_leaves_the_region_to_the_console(person):
    assert query_of(link_of(person, *BY_ROLE))["Destination"] == "https://console.aws.amazon.com/console/home"
    assert query_of(link_of(person, *BY_ROLE, "s3"))["Destination"] == "https://console.aws.amazon.com/s3/home"


def test_it_is_opened_in_the_browser(person):
    script = '#!/bin/sh\necho "$1" >"$HOME/opened.tmp"; mv "$HOME/opened.tmp" "$HOME/opened"\n'
    browser = person.write("browser", script, 0o700)
    result = console(person, "--profile", "dev", env={"BROWSER": browser, "DISPLAY": ":99"})
    assert (result.status, result.out, result.err) == (0, "opening the console in the browser\n", "")
    opened = person.path / "opened"
    link = wait_for(lambda: opened.exists() and opened.read_text().strip(), 10, lambda: "no browser was opened")
    opened.unlink()
    assert ROLE in page_of(person, link)


def ask_for(person, **fields):
    return person.call("SigninLink", target={"profile": "dev"}, **fields)["url"]


def location_of(url, *who):
    """(status, where it leads) for a program of that user."""
    script = ("import http.client, sys, urllib.parse as u; a = u.urlsplit(sys.argv[1]); "
              "c = http.client.HTTPConnection(a.netloc, timeout=20); c.request('GET', a.path); r = c.getresponse(); "
              "print(r.status, r.headers['Location'])")
    asked = subprocess.run([*who, "/usr/bin/python3", "-c", script, url], capture_output=True, text=True, timeout=30,
                           check=True)
    return asked.stdout.split()


def test_a_hidden_link_is_for_programs_of_the_person_only(person):
    door = ask_for(person, hidden=True)
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/[0-9a-f]{16}", door)
    status, link = location_of(door)
    assert status == "303" and "SigninToken" in query_of(link) and ROLE in page_of(person, link)
    assert location_of(door)[0] == "303", "a browser that asks twice is served twice"
    assert location_of(door + "0") == ["404", "None"]


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another uid")
def test_another_user_is_not_led_to_the_console(person):
    nobody = ("/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    door = ask_for(person, hidden=True)
    assert location_of(door, *nobody) == ["403", "None"] and location_of(door)[0] == "303"


def test_doors_are_few_and_the_oldest_closes(person):
    doors = [ask_for(person, hidden=True) for _ in range(9)]
    with pytest.raises(subprocess.CalledProcessError):
        location_of(doors[0])
    assert all(location_of(door)[0] == "303" for door in doors[1:])


def test_the_arguments_of_a_browser_here_do_not_show_the_link(person, tmp_path):
    script = '#!/bin/sh\necho "$1" >"$HOME/opened.tmp"; mv "$HOME/opened.tmp" "$HOME/opened"\n'
    browser = person.write("browser", script, 0o700)
    opening = person.spawn("/usr/bin/unshare", *BECOME_ROOT, "--mount", "sh", "-euc", NO_CONTAINER, tmp_path,
                           person.program("iamic"), "console", "--profile", "dev",
                           env={"BROWSER": browser, "DISPLAY": ":99"})
    assert opening.finish().status == 0
    opened = person.path / "opened"
    door = wait_for(lambda: opened.exists() and opened.read_text().strip(), 10, lambda: "no browser was opened")
    assert door.startswith("http://127.0.0.1:") and "SigninToken" not in door and ROLE in page_of(person, door)


@pytest.mark.parametrize("env, said", [
    ({}, "there is no browser to open here: 'iamic console --print' prints the link"),
    ({"BROWSER": "/bin/false", "DISPLAY": ":99"}, "no browser opened: '/bin/false' failed"),
    ({"BROWSER": "/nonexistent/browser", "DISPLAY": ":99"},
     "no browser opened, 'iamic console --print' prints the link: cannot start '/nonexistent/browser'"),
])
def test_no_browser_is_an_error_without_the_link(person, env, said):
    result = console(person, "--profile", "dev", env=env)
    assert (result.status, result.out) == (1, "") and said in result.err, result
    assert "SigninToken" not in result.err


def test_a_profile_that_stands_in_a_services_place_is_pointed_out(person):
    result = console(person, "dev", "--print", env={"AWS_PROFILE": "dev"})
    said = "iamic: warning: 'dev' is taken for a service; for the profile say --profile dev\n"
    assert (result.status, result.err) == (0, said), result
    assert console(person, "dev", "--print", "--profile", "dev").err == ""


@pytest.mark.parametrize("words, status, said", [
    (["S3"], 2, "'S3' is neither a service such as s3 or ec2, nor an https:// address"),
    (["http://example.com/"], 2, "this is no address of a console"),
    (["--region", "EU"], 2, "'EU' is not a region"),
    (["s3", "ec2"], 2, "unexpected argument 'ec2'"),
])
def test_used_wrongly(person, practice, words, status, said):
    result = console(person, "--profile", "dev", *words)
    assert (result.status, result.out) == (status, "") and said in result.err, result
    assert practice.count("GetSigninToken") == 0


def test_who_is_signed_out_gets_no_link(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    result = console(home, "--profile", "dev", "--print")
    assert (result.status, result.out) == (3, "")
    assert result.err == "iamic: session 'corp' is signed out: run 'iamic-login corp'\n"


@pytest.mark.parametrize("fault, status, said", [
    ({"kind": "status", "status": 400, "code": "InvalidSession"}, 4, "(InvalidSession)"),
    ({"kind": "html"}, 5, "page"),
    ({"kind": "garbage"}, 5, "getSigninToken"),
])
def test_what_aws_refuses(person, practice, fault, status, said):
    practice.fault("GetSigninToken", times=None, **fault)
    result = console(person, "--profile", "dev", "--print", timeout=30)
    assert (result.status, result.out) == (status, "") and said in result.err, result


def test_a_reset_is_tried_again(person, practice):
    practice.fault("GetSigninToken", "reset")
    assert ROLE in page_of(person, link_of(person, "--profile", "dev"))
    assert practice.count("GetSigninToken") == 2


def test_where_no_console_is_known_the_portal_knows_the_way(person, practice):
    """A partition whose sign-in page nobody has written down: the link needs no credentials and holds no secret."""
    text = person.aws_config.read_text().replace("[profile dev]", "[profile iso]")
    person.write_aws_config(text.replace("\nregion = us-east-1\n", "\nregion = us-iso-east-1\n"))
    before = practice.count("GetRoleCredentials")
    link = link_of(person, "--profile", "iso", "https://console.example/x")
    assert link == (f"{practice.start_url}/#/console?account_id={ACCOUNT}&role_name={ROLE}"
                    "&destination=https%3A%2F%2Fconsole.example%2Fx")
    assert practice.count("GetSigninToken") == 0 and practice.count("GetRoleCredentials") == before


def test_the_link_is_in_no_log(person):
    link = link_of(person, "--profile", "dev")
    token = query_of(link)["SigninToken"]
    for path in person.base.rglob("*"):
        if path.is_file() and "prints-credentials" not in path.name:
            assert token not in path.read_text(errors="replace"), path


def test_introspection_knows_it(person):
    reply = person.call("SigninLink", target={"profile": "dev"}, destination="https://console.aws.amazon.com/x")
    assert list(reply) == ["url"] and re.match("https://localhost:[0-9]+/federation", reply["url"])
