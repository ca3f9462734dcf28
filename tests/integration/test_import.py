"""Living with the AWS CLI: iamic import, which takes over its sign-in, and cache = aws-cli, which lends it a token."""
import hashlib
import json
import time

import pytest

from asking import session_of, until_count, until_state
from home import wait_for
from practice.speaker import Speaker

ACCOUNT, ROLE = "012345678901", "ReadOnly"
REFRESH = "CreateToken:refresh_token"


def stamp(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


class AwsCli:
    """What 'aws sso login' leaves behind: it signs in as any program does, and writes its file in plain text."""

    def __init__(self, home, practice):
        self.home, self.practice = home, practice
        self.file = None

    def sign_in(self, session="corp", **changes):
        speaker = Speaker(self.practice)
        client, tokens = speaker.sign_in()
        speaker.close()
        document = {"startUrl": self.practice.start_url, "region": self.practice.region,
                    "accessToken": tokens["accessToken"], "expiresAt": stamp(time.time() + tokens["expiresIn"]),
                    "clientId": client["clientId"], "clientSecret": client["clientSecret"],
                    "registrationExpiresAt": stamp(time.time() + 90 * 86400), "refreshToken": tokens["refreshToken"],
                    **changes}
        return self.write(json.dumps({name: value for name, value in document.items() if value}), session)

    def write(self, text, session="corp"):
        name = hashlib.sha1(session.encode()).hexdigest()
        self.file = self.home.write(f".aws/sso/cache/{name}.json", text)
        return self.file

    def forget(self):
        if self.file:
            self.file.unlink(missing_ok=True)


@pytest.fixture
def person(home):
    home.configure({"dev": (ACCOUNT, ROLE)})
    return home


@pytest.fixture
def aws_cli(person, practice):
    cli = AwsCli(person, practice)
    yield cli
    cli.forget()


@pytest.mark.quick
def test_a_running_sign_in_is_taken_over_without_a_person(person, practice, aws_cli):
    file = aws_cli.sign_in()
    before = practice.count("RegisterClient")
    result = person.iamic("import", "corp", "--wipe")
    assert (result.status, result.err) == (0, ""), result
    assert result.out == "took over the AWS CLI's sign-in to 'corp', which renews itself\n" and not file.exists()
    identity = person.aws("--profile", "dev", "sts", "get-caller-identity")
    assert json.loads(identity.out)["Account"] == ACCOUNT
    assert practice.count("RegisterClient") == before
    assert person.iamic("status", "--check").status == 0
    assert session_of(person)["signedInAt"] is None, "nobody knows when that was"


def test_it_is_renewed_as_any_other(person, practice, aws_cli):
    practice.set(token_life=4)
    aws_cli.sign_in()
    person.iamic("import", "corp", "--wipe")
    until_count(practice, REFRESH, 2, timeout=15)
    assert {request["status"] for request in practice.requests(REFRESH)} == {200}


def test_one_that_has_expired_is_renewed_at_once(person, practice, aws_cli):
    aws_cli.sign_in(expiresAt=stamp(time.time() - 600))
    person.iamic("import", "corp", "--wipe")
    until_count(practice, REFRESH, 1)
    until_state(person, "ready")
    assert person.credential_process("--profile", "dev").status == 0


def test_it_outlasts_the_daemon(person, practice, aws_cli):
    aws_cli.sign_in()
    person.iamic("import", "corp", "--wipe")
    person.stop_daemons()
    before = practice.count("CreateToken")
    assert person.credential_process("--profile", "dev").status == 0
    assert practice.count("CreateToken") == before


def test_a_link_to_the_file_is_not_called_removed(person, aws_cli):
    link = aws_cli.sign_in()
    file = link.rename(person.path / "elsewhere.json")
    link.symlink_to(file)
    result = person.iamic("import", "corp", "--wipe")
    assert result.status == 0 and f"still there: remove {link}" in result.err, result
    assert file.exists() and link.exists()
    file.unlink()


def test_without_wipe_the_file_stays_and_a_warning_says_what_that_means(person, aws_cli):
    file = aws_cli.sign_in()
    result = person.iamic("import")
    assert result.status == 0 and file.exists()
    assert f"in plain text, and may renew it: 'rm {file}', or next time 'iamic import --wipe'" in result.err


def test_who_is_signed_in_already_hears_how_the_file_goes(person, aws_cli):
    file = aws_cli.sign_in()
    assert person.iamic("import").status == 0
    result = person.iamic("import", "--wipe")
    assert (result.status, result.out) == (0, "nothing to do: already signed in to 'corp'\n"), result
    assert "nothing was removed: 'iamic doctor --clean' removes " in result.err and file.exists(), result
    assert person.iamic("doctor", "--clean", timeout=60).status == 0 and not file.exists()


def test_one_without_a_refresh_token_lasts_as_long_as_it_lasts(person, practice, aws_cli):
    aws_cli.sign_in(refreshToken=None, expiresAt=stamp(time.time() + 3))
    result = person.iamic("import", "corp", "--wipe")
    assert "took over the AWS CLI's sign-in to 'corp', until " in result.out
    until_state(person, "signed_out", timeout=10)
    assert practice.count(REFRESH) == 0


def test_a_legacy_session_has_its_start_urls_name(person, practice, aws_cli):
    person.write_aws_config(f"[profile old]\nsso_start_url = {practice.start_url}\nsso_region = {practice.region}\n"
                            f"sso_account_id = {ACCOUNT}\nsso_role_name = {ROLE}\n")
    aws_cli.sign_in(session=practice.start_url)
    result = person.iamic("import", "--profile", "old", "--wipe")
    assert result.status == 0 and "took over" in result.out, result
    assert person.credential_process("--profile", "old").status == 0


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S.123Z", "%Y-%m-%dT%H:%M:%SUTC", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_the_times_of_every_client_are_understood(person, aws_cli, form):
    aws_cli.sign_in(expiresAt=time.strftime(form, time.gmtime(time.time() + 1800)))
    assert person.iamic("import", "corp", "--wipe").status == 0


def test_who_is_signed_in_has_nothing_to_import(person, aws_cli):
    person.sign_in()
    file = aws_cli.sign_in()
    result = person.iamic("import", "corp", "--wipe")
    assert (result.status, result.out) == (0, "nothing to do: already signed in to 'corp'\n") and file.exists()


@pytest.mark.parametrize("changes, status, said", [
    ({"startUrl": "https://elsewhere.awsapps.com/start"}, 7, "to another start URL or region"),
    ({"region": "eu-west-1"}, 7, "to another start URL or region"),
    ({"refreshToken": None, "expiresAt": "2020-01-01T00:00:00Z"}, 3, "the AWS CLI's sign-in has ended"),
    ({"expiresAt": "soon"}, 8, "holds no sign-in that can be understood"),
    ({"accessToken": None}, 8, "holds no sign-in that can be understood"),
])
def test_what_is_no_sign_in_of_this_session_is_refused_and_left_alone(person, practice, aws_cli, changes, status, said):
    file = aws_cli.sign_in(**changes)
    text = file.read_text()
    result = person.iamic("import", "corp", "--wipe")
    assert (result.status, result.out) == (status, "") and said in result.err, result
    assert file.read_text() == text and session_of(person)["state"] == "signed_out"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"accessToken":"' + "x" * 70000 + '"}'])
def test_a_broken_file_is_refused_without_being_quoted(person, aws_cli, text):
    file = aws_cli.write(text)
    result = person.iamic("import", "corp")
    assert result.status in (7, 8) and str(file) in result.err and result.err.count("\n") == 1, result


def test_without_a_file_the_person_signs_in(person):
    result = person.iamic("import", "corp")
    assert result.status == 3 and "the AWS CLI has no sign-in to 'corp' in " in result.err
    assert result.err.endswith("run 'iamic-login corp'\n")


def test_a_sign_in_that_aws_has_ended_meanwhile_is_found_out(person, practice, aws_cli):
    aws_cli.sign_in()
    practice.revoke("session")
    assert person.iamic("import", "corp", "--wipe").status == 0
    result = person.credential_process("--profile", "dev")
    assert result.status == 3 and "iamic-login corp" in result.err


# cache = aws-cli

@pytest.fixture
def lending(person, aws_cli):
    """The configuration says so; what is written is gone before anyone looks for secrets."""
    person.write_config("cache = aws-cli\n")
    aws_cli.file = person.path / ".aws/sso/cache" / f"{hashlib.sha1(b'corp').hexdigest()}.json"
    return person


def test_other_tools_get_an_access_token_and_nothing_that_renews_it(lending, practice, aws_cli):
    lending.sign_in()
    document = json.loads(aws_cli.file.read_text())
    assert list(document) == ["startUrl", "region", "accessToken", "expiresAt"]
    assert (document["startUrl"], document["region"]) == (practice.start_url, practice.region)
    assert aws_cli.file.stat().st_mode & 0o777 == 0o600 and aws_cli.file.parent.stat().st_mode & 0o777 == 0o700
    speaker = Speaker(practice)
    assert speaker.portal("/assignment/accounts", document["accessToken"]).status == 200
    speaker.close()
    assert "cache = aws-cli keeps access tokens in plain text in ~/.aws/sso/cache" in lending.iamic("status").out
    assert lending.iamic("logout").status == 0
    assert not aws_cli.file.exists()


def test_botocore_takes_it(lending, aws_cli):
    """What an SDK with an sso_session profile reads, by its own reader."""
    lending.sign_in()
    script = ("import botocore.session, botocore.tokens\n"
              "token = botocore.tokens.SSOTokenProvider(botocore.session.Session(profile='sso')).load_token()\n"
              "print(len(token.get_frozen_token().token))")
    with open(lending.aws_config, "a") as config:
        config.write(f"\n[profile sso]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = {ROLE}\n")
    result = lending.run("/usr/bin/python3", "-c", script)
    assert result.out.strip() == str(len(json.loads(aws_cli.file.read_text())["accessToken"])), result


def test_it_follows_each_refresh(lending, practice, aws_cli):
    practice.set(token_life=4)
    lending.sign_in()
    first = aws_cli.file.read_text()
    until_count(practice, REFRESH, 1)
    wait_for(lambda: aws_cli.file.read_text() != first, 10, lambda: "the file has the old token")


def test_a_sign_in_of_the_aws_clis_own_is_left_alone(lending, practice, aws_cli):
    file = aws_cli.sign_in()
    text = file.read_text()
    daemon = lending.start_daemon()
    lending.sign_in()
    assert file.read_text() == text and "the AWS CLI is signed in by itself in " in daemon.err
    lending.iamic("logout")
    assert file.read_text() == text


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(lending, aws_cli):
    lending.write(".aws/sso", "in the way")
    daemon = lending.start_daemon()
    lending.sign_in()
    assert lending.credential_process("--profile", "dev").status == 0
    assert daemon.err.count("cache = aws-cli: cannot make directory") == 1
    aws_cli.file = None


def test_without_the_key_nothing_is_written(person):
    person.sign_in()
    assert not (person.path / ".aws/sso").exists()
