"""Where requests go: what a profile and its services section say of addresses, and that no token follows a change.

The practice Identity Center is reached under two names, which are two origins: localhost and 127.0.0.1.
"""
import re
import socket

import pytest
from asking import ask, get, login, sign_in, until_count, until_state

ACCOUNT, ROLE = "012345678901", "ReadOnly"
REFRESH = "CreateToken:refresh_token"
OIDC = ("RegisterClient", "StartDeviceAuthorization", "CreateToken:device_code", REFRESH)
PORTAL = ("GetRoleCredentials", "ListAccounts", "ListAccountRoles", "Logout")
SESSION = "[sso-session corp]\nsso_start_url = {url}\nsso_region = {region}\n"
PROFILE = "[profile {name}]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = ReadOnly\n"


class Corp:
    """A home whose daemon finds the server by AWS's file alone."""

    def __init__(self, home):
        self.home, self.practice = home, home.practice
        del home.env["AWS_ENDPOINT_URL"]
        self.one = self.practice.url
        self.other = self.one.replace("localhost", "127.0.0.1")
        assert self.one != self.other

    def write(self, *profiles, more=""):
        """Each profile is the lines that dev, then dev2, … have in addition to those that name a role."""
        text = SESSION.format(url=self.practice.start_url, region=self.practice.region)
        for n, lines in enumerate(profiles, 1):
            text += PROFILE.format(name="dev" if n == 1 else f"dev{n}") + lines
        return self.home.write_aws_config(text + more)

    def went_to(self, *operations):
        """The names of the server under which these were asked for."""
        return {request["headers"]["host"].split(":")[0] for request in self.practice.requests()
                if request["operation"] in operations or f"{request['operation']}:{request['grant']}" in operations}

    def whoami(self, **target):
        return ask(self.home, "Call", target=target or {"profile": "dev"}, service="sts",
                   operation="GetCallerIdentity", body="").reply()

    def refusal(self, method, **parameters):
        return ask(self.home, method, parameters).refusal("Config").message


@pytest.fixture
def corp(home):
    return Corp(home)


def services(**urls):
    return "[services here]\n" + "".join(f"{name} =\n  endpoint_url = {url}\n" for name, url in urls.items())


@pytest.mark.quick
def test_a_profiles_endpoint_url_is_for_all_of_its_session(corp):
    corp.write(f"endpoint_url = {corp.one}/\n")
    corp.home.start_daemon()
    assert sign_in(corp.home)["user"] == "alice@example.com"
    get(corp.home, {"profile": "dev"}).reply()
    corp.whoami()
    assert corp.went_to(*OIDC) == corp.went_to(*PORTAL) == corp.went_to("GetCallerIdentity") == {"localhost"}


def test_a_services_section_goes_before_it_service_by_service(corp):
    corp.write(f"services = here\nendpoint_url = {corp.one}\n", more=services(sso=corp.other))
    corp.home.start_daemon()
    assert sign_in(corp.home)["user"] == "alice@example.com"
    assert (corp.went_to(*OIDC), corp.went_to(*PORTAL), corp.went_to("GetCallerIdentity")) == (
        {"localhost"}, {"127.0.0.1"}, {"localhost"})
    corp.practice.reset()
    corp.write("services = here\n", more=services(sso=corp.one, sso_oidc=corp.other, sts=corp.other))
    assert sign_in(corp.home)["user"] == "alice@example.com"
    assert (corp.went_to(*OIDC), corp.went_to(*PORTAL), corp.went_to("GetCallerIdentity")) == (
        {"127.0.0.1"}, {"localhost"}, {"127.0.0.1"})


def test_status_shows_where_a_session_goes(corp):
    corp.write(f"services = here\nendpoint_url = {corp.one}\n", more=services(sso=corp.other))
    corp.home.start_daemon()
    assert corp.home.call("Status")["network"] == {
        "AWS_CA_BUNDLE": str(corp.practice.ca), "sso_oidc of corp": corp.one, "sso of corp": corp.other}
    assert re.search(rf"network +sso of corp={corp.other}\n", corp.home.iamic("status").out)
    corp.write("")
    assert list(corp.home.call("Status")["network"]) == ["AWS_CA_BUNDLE"]


def test_the_environment_goes_before_the_file(corp):
    corp.write("endpoint_url = https://127.0.0.1:1\n")
    corp.home.start_daemon(env={"AWS_ENDPOINT_URL": corp.one, "AWS_ENDPOINT_URL_SSO": corp.other})
    sign_in(corp.home)
    assert (corp.went_to(*OIDC), corp.went_to(*PORTAL)) == ({"localhost"}, {"127.0.0.1"})


def test_calls_with_a_role_go_where_their_profile_says(corp):
    """One session, and two profiles with an STS of their own; the line of a third is iamic's."""
    shim = f"credential_process = iamic-credential-process --sso-session corp --account-id {ACCOUNT} --role-name {ROLE}"
    corp.write(f"services = here\nendpoint_url = {corp.one}\n", "services = there\n",
               more=services(sts=corp.one) + f"[services there]\nsts =\n  endpoint_url = {corp.other}\n"
               f"[profile shim]\n{shim}\nendpoint_url = {corp.other}\n")
    corp.home.start_daemon()
    sign_in(corp.home)
    for profile, host in (("dev", "localhost"), ("dev2", "127.0.0.1"), ("shim", "127.0.0.1")):
        before = len(corp.practice.requests("GetCallerIdentity"))
        corp.whoami(profile=profile)
        asked = corp.practice.requests("GetCallerIdentity")[before:]
        assert [request["headers"]["host"].split(":")[0] for request in asked] == [host], profile
    corp.whoami(session="corp", accountId=ACCOUNT, roleName=ROLE)
    assert corp.went_to(*OIDC) == corp.went_to(*PORTAL) == {"localhost"}, "the third has no say in these"


def test_a_role_is_assumed_where_its_profile_says(corp):
    """Else where the session's says; and when that is changed, there."""
    role = "role_arn = arn:aws:iam::111122223333:role/Deploy\nsource_profile = dev\n"
    corp.write(f"services = here\nendpoint_url = {corp.one}\n", more=services(sts=corp.other) +
               f"[profile deploy]\n{role}endpoint_url = {corp.one}\n"
               f"[profile silent]\n{role}role_session_name = silent\n")
    corp.home.start_daemon()
    sign_in(corp.home)

    def hosts(profile):
        before = len(corp.practice.requests("AssumeRole"))
        ask(corp.home, "GetCredentials", profile=profile).reply()
        return [request["headers"]["host"].split(":")[0] for request in corp.practice.requests("AssumeRole")[before:]]
    assert (hosts("deploy"), hosts("silent"), hosts("deploy")) == (["localhost"], ["127.0.0.1"], [])
    path = corp.home.aws_config
    text, last = path.read_text(), "source_profile = dev\nendpoint_url = "
    path.write_text(text.replace(last + corp.one, last + corp.other))
    corp.home.call("Status")
    assert hosts("deploy") == ["127.0.0.1"], "nothing is renewed at an address that was changed"


@pytest.mark.quick
def test_no_token_follows_a_changed_address(corp):
    path = corp.write(f"endpoint_url = {corp.one}\n")
    corp.home.start_daemon()
    sign_in(corp.home)
    get(corp.home, {"profile": "dev"}).reply()
    before = len(corp.practice.requests())
    text = path.read_text()
    for lines in (f"endpoint_url = {corp.other}\n", "services = here\n" + services(sso=corp.other, sso_oidc=corp.one)):
        corp.write(lines)
        until_state(corp.home, "signed_out")
        get(corp.home, {"profile": "dev"}).refusal("LoginRequired")
    assert len(corp.practice.requests()) == before
    path.write_text(text)
    until_state(corp.home, "ready")
    get(corp.home, {"profile": "dev"}).reply()
    assert corp.practice.count("StartDeviceAuthorization") == 1


def test_a_sign_in_elsewhere_replaces_the_one_before(corp):
    """They have one place in the store: the first must neither be refreshed nor written there any more."""
    here, there = f"endpoint_url = {corp.one}\n", f"endpoint_url = {corp.other}\n"
    corp.write(here)
    corp.home.start_daemon()
    sign_in(corp.home)
    corp.write(there)
    until_state(corp.home, "signed_out")
    sign_in(corp.home)
    corp.write(here)
    until_state(corp.home, "signed_out")
    corp.write(there)
    until_state(corp.home, "ready")
    corp.home.stop_daemons()
    corp.home.start_daemon()
    until_state(corp.home, "ready")
    assert corp.practice.count("StartDeviceAuthorization") == 2


def test_a_session_with_other_scopes_is_refreshed_by_one_alone(corp):
    """It has the token of the one before, which must not be refreshed by both: AWS retires each refresh token."""
    corp.practice.set(token_life=3, retire_old_refresh=True)
    path = corp.write(f"endpoint_url = {corp.one}\n")
    text = path.read_text()
    corp.home.start_daemon()
    sign_in(corp.home)
    other = text.replace("[profile", "sso_registration_scopes = other:scope\n[profile")
    for now in (other, text, other):
        path.write_text(now)
        until_state(corp.home, "ready")
    until_count(corp.practice, REFRESH, 3, timeout=15)
    assert {request["status"] for request in corp.practice.requests(REFRESH)} == {200}
    get(corp.home, {"profile": "dev"}).reply()


@pytest.mark.parametrize("change", ["address", "scopes"])
def test_a_forced_sign_in_that_fails_brings_back_nothing_that_another_has_now(corp, change):
    here = corp.write(f"endpoint_url = {corp.one}\n").read_text()
    corp.home.start_daemon()
    sign_in(corp.home)
    corp.practice.fault("Logout", "status", status=403, code="ForbiddenException")
    asked = login(corp.home, force=True)
    code = asked.until_stage("waiting")["code"]
    if change == "address":
        corp.write(f"endpoint_url = {corp.other}\n")
        until_state(corp.home, "signed_out")
        sign_in(corp.home)
    else:
        corp.home.write_aws_config(here.replace("[profile", "sso_registration_scopes = other:scope\n[profile"))
    until_state(corp.home, "ready")  # as the store has it
    corp.practice.deny(code)
    assert "the old sign-in" not in asked.refusal("Denied").message
    corp.home.write_aws_config(here)
    until_state(corp.home, "signed_out")


def test_who_signs_out_is_signed_out_at_every_address(corp):
    corp.write(f"endpoint_url = {corp.one}\n")
    corp.home.start_daemon()
    sign_in(corp.home)
    corp.write(f"endpoint_url = {corp.other}\n")
    until_state(corp.home, "signed_out")
    corp.home.call("Logout", session="corp")
    corp.write(f"endpoint_url = {corp.one}\n")
    until_state(corp.home, "signed_out")
    get(corp.home, {"profile": "dev"}).refusal("LoginRequired")


def test_profiles_that_contradict_one_another_are_named_and_the_other_sessions_go_on(corp):
    other = "[sso-session two]\nsso_start_url = https://two.example.com\nsso_region = eu-west-1\n"
    path = corp.write(f"endpoint_url = {corp.one}\n", f"endpoint_url = {corp.other}\n", more=other)
    corp.home.start_daemon()
    for method, parameters in (("GetCredentials", {"profile": "dev"}), ("Login", {"session": "corp"})):
        said = corp.refusal(method, **parameters)
        assert f"{path}:8: endpoint_url and {path}:13: endpoint_url" in said and "'corp'" in said, said
    sessions = {session["name"]: session for session in corp.home.call("Status")["sessions"]}
    assert f"{path}:13" in sessions["corp"]["lastError"] and sessions["two"]["lastError"] is None
    corp.write(f"endpoint_url = {corp.one}\n", "", more=other)
    sign_in(corp.home)


@pytest.mark.parametrize("url, where", [
    ("http://example.com", 8), ("https://alice:hunter2@localhost", 8), ("https://localhost/?x=1", 8), ("localhost", 8),
    ("https://localhost # ours", 8), ("ftp://localhost", 8)])
def test_an_address_that_cannot_be_used_names_its_line_and_is_not_quoted(corp, url, where):
    path = corp.write(f"endpoint_url = {url}\n")
    corp.home.start_daemon()
    said = corp.refusal("Login", session="corp")
    assert re.search(rf"{path}:{where}: endpoint_url is not an address", said) and "hunter2" not in said, said
    assert not corp.practice.requests()


class Proxy:
    """Sees which host is asked for. Nothing answers there."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.env = {"HTTPS_PROXY": f"http://127.0.0.1:{self.listener.getsockname()[1]}"}
        return self

    def __exit__(self, *_):
        self.listener.close()

    def host_of_sign_in(self, home, session="corp"):
        asked = login(home, session)
        with self.listener.accept()[0] as connection:
            host = re.match(r"CONNECT (\S+):443 ", connection.recv(4096).decode())[1]
        asked.leave()
        return host


@pytest.mark.parametrize("lines, host", [
    ("", "oidc.us-east-1.amazonaws.com"),
    ("use_fips_endpoint = true\n", "oidc-fips.us-east-1.amazonaws.com"),
    ("use_dualstack_endpoint = true\n", "oidc.us-east-1.api.aws"),
    ("use_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n", "oidc-fips.us-east-1.api.aws"),
    ("endpoint_url = https://x\nignore_configured_endpoint_urls = true\n", "oidc.us-east-1.amazonaws.com")])
def test_fips_and_dual_stack_are_asked_for_by_their_names(corp, lines, host):
    corp.write(lines)
    with Proxy() as proxy:
        corp.home.start_daemon(env=proxy.env)
        assert proxy.host_of_sign_in(corp.home) == host


@pytest.mark.parametrize("region, start_url, host", [
    ("cn-northwest-1", "https://start.home.awsapps.cn/directory/x", "oidc.cn-northwest-1.amazonaws.com.cn"),
    ("us-gov-west-1", "https://start.us-gov-home.awsapps.com/directory/x", "oidc.us-gov-west-1.amazonaws.com"),
    ("eusc-de-east-1", "https://x.portal.amazonaws.eu/", "oidc.eusc-de-east-1.amazonaws.eu"),
    ("us-iso-east-1", "https://iso.awsapps.com/start", "oidc.us-iso-east-1.c2s.ic.gov"),
    ("us-isob-east-1", "https://isob.awsapps.com/start", "oidc.us-isob-east-1.sc2s.sgov.gov"),
    ("ap-southeast-7", "https://ssoins-1.portal.ap-southeast-7.app.aws", "oidc.ap-southeast-7.api.aws")])
def test_each_partition_is_asked_at_its_own_hosts(corp, region, start_url, host):
    corp.home.write_aws_config(f"[sso-session corp]\nsso_start_url = {start_url}\nsso_region = {region}\n")
    with Proxy() as proxy:
        corp.home.start_daemon(env=proxy.env)
        assert proxy.host_of_sign_in(corp.home) == host


@pytest.mark.parametrize("region", ["evil.example.com", "us-east-1.evil.com", "us-east-1/", "us-east-1#", "US-EAST-1",
                                    "us-east-1 ; ours", "localhost", "us-east-1@evil.com", "us-east-1:443", "zz-east-1",
                                    "us--east-1", "us-east-1\u00b2", "-"])
def test_a_hostile_region_goes_into_no_host_name(corp, region):
    """In sso_region, in iamic's own file, in a profile, in a request."""
    session = f"[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = {region}\n"
    path = corp.home.write_aws_config(session)
    with Proxy() as proxy:
        corp.home.start_daemon(env=proxy.env)
        said = corp.refusal("Login", session="corp")
        assert said.startswith(f"{path}:3") and "is not a region of AWS" in said, said
        own = corp.home.write_config("[session own]\nstart_url = https://own.awsapps.com/start\n"
                                     f"region = {region}\n".replace(" ; ", ";"))
        assert any(warning.startswith(f"not in force, what was read before is: {own}:3: region must be")
                   for warning in corp.home.call("Status")["warnings"])
        own.unlink()
        corp.write(f"region = {region}\n")
        said = corp.refusal("GetCredentials", profile="dev")
        assert "config:8: " in said and "is not a region of AWS" in said, said
        said = corp.refusal("Call", target={"session": "corp", "accountId": ACCOUNT, "roleName": ROLE}, service="sts",
                            operation="GetCallerIdentity", body="", region=region)
        assert "is not a region of AWS" in said, said
        proxy.listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.listener.accept()


def test_a_dual_stack_start_url_of_another_region_names_both(corp):
    path = corp.home.write_aws_config("[sso-session corp]\nsso_region = us-east-1\n"
                                      "sso_start_url = https://ssoins-1.portal.eu-west-1.app.aws/\n")
    corp.home.start_daemon()
    said = corp.refusal("Login", session="corp")
    assert said.startswith(f"{path}:1") and "eu-west-1" in said and "us-east-1" in said, said
