"""iamic doctor on what other tools keep in files, and --clean."""
import json

import pytest
from findings import answer, bad, doctor, found, of, the
from scripted_agent import status


@pytest.fixture
def person(cli):
    answer(cli)
    cli.agent.answers["Status"] = status(configFile=str(cli.aws_config))
    cli.env["AWS_CONFIG_FILE"] = str(cli.aws_config)
    return cli


TOKEN = {"startUrl": "https://x", "region": "us-east-1", "accessToken": "x", "expiresAt": "2026-01-01T00:00:00Z"}
RENEWABLE = {**TOKEN, "refreshToken": "y", "clientId": "z", "clientSecret": "w"}
KEYS = {"AccessKeyId": "ASIAX", "SecretAccessKey": "x", "SessionToken": "y"}
STORE = {"RegisterClient": {"a": {}}, "CreateTokenResponse": {"a": {"accessToken": "x"}}, "RoleCredentials": {}}

# Where it lies, what is in it, and what of it is told.
PLAIN = [
    (".aws/sso/cache/a.json", TOKEN, "a sign-in of the AWS CLI or an SDK"),
    (".aws/sso/cache/a.json", RENEWABLE, "a sign-in of the AWS CLI or an SDK, which can be renewed"),
    (".aws/cli/cache/a.json", {"ProviderType": "sso", "Credentials": KEYS}, "role credentials of the AWS CLI"),
    (".aws/boto/cache/a.json", {"Credentials": KEYS}, "role credentials of boto3"),
    (".awsume/cache/aws-credentials-x", KEYS, "credentials of awsume"),
    (".cache/awsume/aws-credentials-x", KEYS, "credentials of awsume"),
    (".aws-sso/store.json", STORE, "sign-ins of aws-sso-cli"),
    (".config/aws-sso/store.json", {"RoleCredentials": {"arn": KEYS}}, "sign-ins of aws-sso-cli"),
]


@pytest.mark.parametrize("name, document, what", PLAIN)
def test_plain_text_is_found_and_removed_on_demand(person, name, document, what):
    path = person.write(name, json.dumps(document))
    one = the(doctor(person), "plain-text-tokens")
    assert (one["status"], one["object"]) == ("warn", str(path)) and path.exists()
    assert one["text"] == f"holds in plain text {what}: whoever copies the file has that too"
    assert one["fix"] == ("iamic import --wipe, or " if document == RENEWABLE else "") + "iamic doctor --clean"
    one = the(doctor(person, "--clean"), "plain-text-tokens")
    assert (one["status"], one["text"]) == ("ok", f"held {what}: removed") and not path.exists()
    assert the(doctor(person), "plain-text-tokens")["status"] == "ok"


@pytest.mark.parametrize("name, text", [
    (".aws/sso/cache/b.json", json.dumps({"clientId": "x", "clientSecret": "y", "expiresAt": "z"})),
    (".aws/sso/cache/b.json", "{"), (".aws/sso/cache/b.json", "[]"), (".aws/sso/cache/.hidden", json.dumps(TOKEN)),
    (".aws-sso/config.yaml", json.dumps(STORE)), (".aws-sso/store.json", json.dumps({"RoleCredentials": {}})),
    (".aws/cli/cache/a.json", json.dumps({"Credentials": {}}))])
def test_what_holds_nothing_stays(person, name, text):
    path = person.write(name, text)
    assert found(doctor(person, "--clean"), "plain-text-tokens") == ("ok", "~", None) and path.exists()


def test_what_exists_nowhere_else_stays(person):
    path = person.write(".aws-sso/store.json", json.dumps({**STORE, "StaticCredentials": {"arn": KEYS}}))
    for words in ([], ["--clean"]):
        one = the(doctor(person, *words), "plain-text-tokens")
        assert one["status"] == "warn" and "keys that exist nowhere else" in one["text"] and path.exists()
        assert "move its keys into a keyring" in one["fix"]


def test_another_kind_of_sign_in_is_ended_in_its_own_way(person):
    path = person.write(".aws/login/cache/a.json", json.dumps({"accessToken": KEYS, "refreshToken": "x"}))
    for words in ([], ["--clean"]):
        assert found(doctor(person, *words), "plain-text-tokens") == ("warn", str(path), "aws logout")
    assert path.exists()


def test_what_the_daemon_lends_is_its_own(person):
    lent = person.write(".aws/sso/cache/a.json", json.dumps(TOKEN))
    other = person.write(".aws/sso/cache/b.json", json.dumps(RENEWABLE))
    person.write_config("cache = aws-cli\n")
    assert the(doctor(person, "--clean"), "plain-text-tokens")["object"] == str(other)
    assert lent.exists() and not other.exists()


def test_a_link_to_a_token_is_not_called_removed(person):
    token = person.write("dotfiles/a.json", json.dumps(RENEWABLE))
    link = person.path / ".aws/sso/cache/a.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(token)
    assert found(doctor(person, "--clean"), "plain-text-tokens") == (
        "fail", str(link), "remove what it leads to by hand")
    assert token.exists() and link.exists()


def test_what_cannot_be_removed_is_a_fault(person):
    """A file system that takes nothing, as root may remove what it likes from any other."""
    person.write(".aws/sso/cache/a.json", json.dumps(TOKEN))
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c",
               'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', str(person.path / ".aws")]
    person.within = mounted
    one = the(doctor(person, "--clean", env={"PATH": "/usr/bin:/bin:/usr/sbin"}), "plain-text-tokens")
    person.within = ()
    assert (one["status"], one["fix"]) == ("fail", "remove it by hand") and "Read-only file system" in one["text"]


@pytest.mark.parametrize("folder, tool, variable", [
    (".awsvault/keys", "aws-vault", "AWS_VAULT_FILE_PASSPHRASE"),
    (".aws-sso/secure", "aws-sso-cli", "AWS_SSO_FILE_PASSWORD"),
    (".config/aws-sso/secure", "aws-sso-cli", "AWS_SSO_FILE_PASSWORD"),
    (".granted/secure-storage-aws-sso-tokens", "granted", None)])
def test_what_is_sealed_with_a_passphrase_is_as_safe_as_that(person, folder, tool, variable):
    path = person.write(f"{folder}/item", "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1cifQ.x.y")
    one = the(doctor(person, "--clean"), "sealed-tokens")
    assert (one["status"], one["object"]) == ("unknown", str(path.parent)) and tool in one["text"] and path.exists()
    assert tool in one["fix"]
    if variable:
        one = the(doctor(person, env={variable: "secret"}), "sealed-tokens")
        assert (one["status"], one["fix"]) == ("warn", f"unset {variable}") and "secret" not in json.dumps(one)


def test_who_has_none_of_it_hears_nothing_of_it(person):
    person.write(".awsvault/keys/README", "nothing")
    assert of(doctor(person), "sealed-tokens") == [] and "plain-text-tokens" not in bad(doctor(person))
