"""Networks as they are: proxies, name servers, certificates, guest networks, and a network that comes and goes.

All of it happens on an island (tests/lib/island.py), since loopback hosts never go through a proxy.
"""
import contextlib
import pathlib
import time

import island as islands
import pytest
from asking import AT_ONCE, ask, get, login, sign_in, until_count, until_state, whoami
from conftest import fail_for
from home import Home, wait_for
from outside import leave
from practice import certificates
from proxies import PASSWORD, USER, Mitmproxy, Socks, Squid, TlsSquid, Tinyproxy

CENTER, PORTAL, SIX, ELSEWHERE, LOST = "center.test", "portal.test", "six.test", "elsewhere.test", "lost.test"
AWSAPPS = "d-1234567890.awsapps.com"
NAMES = {CENTER: "127.0.0.1", PORTAL: "127.0.0.1", AWSAPPS: "127.0.0.1", SIX: islands.IPV6, ELSEWHERE: "127.0.0.1",
         LOST: islands.BLACK_HOLE, "proxy.test": islands.IPV4}
DEAD = "http://proxy.test:9"
REFRESH = "CreateToken:refresh_token"


@pytest.fixture(scope="module")
def island(tmp_path_factory):
    island = islands.Island(tmp_path_factory.mktemp("island"))
    yield island
    island.close()


@pytest.fixture(scope="module")
def practice_server(island, tmp_path_factory):
    server = islands.start_practice(island, tmp_path_factory.mktemp("practice"),
                                    hostname=[CENTER, PORTAL, AWSAPPS, SIX, islands.IPV6, "proxy.test"])
    yield server
    server.stop()


@pytest.fixture
def home(island, practice):
    """A home on the island, whose programs know the practice server by a name that is not loopback's."""
    island.name(NAMES)
    home = Home(practice, within=island.enter)
    home.env["AWS_ENDPOINT_URL"] = address(practice)
    home.configure({"dev": ("012345678901", "ReadOnly"), "billing": ("012345678901", "Billing")})
    yield home
    told = [path.name for path in home.base.rglob("*") if path.is_file() and path != home.path / ".config/iamic/config"
            and PASSWORD in path.read_text(errors="replace")]
    fail_for(home.close() + [f"{name} holds the proxy's password" for name in told])


def address(practice, name=CENTER):
    return f"https://{name}:{practice.port}"


def works(home):
    """The whole of it: OIDC, portal and STS."""
    assert sign_in(home)["user"] == "alice@example.com"
    get(home).reply()
    assert whoami(home).endswith("/alice@example.com")


def refused(home, *words, name="Unavailable", **fields):
    """A sign-in that fails with that error, which has these words in it; the error."""
    asked = login(home, **fields)
    error = asked.refusal(name)
    for text in (*words, "'corp'"):
        assert text in error.message, (text, error.message)
    assert PASSWORD not in error.message and error.message.count("check the network") <= 1, error.message
    error.seconds = asked.seconds
    return error


def login_begins(home):
    """The error of a sign-in, or None when it gets to where a person is waited for."""
    asked = login(home)
    wait_for(lambda: asked.error or [reply for reply in asked.replies if reply["stage"] == "waiting"], 10,
             lambda: "no end")
    asked.leave()
    home.call("CancelLogin", session="corp")
    return asked.error


# Proxies.

@pytest.fixture
def tinyproxy(island, practice):
    with Tinyproxy(island, practice.port) as proxy:
        yield proxy


@pytest.fixture(params=[Tinyproxy, pytest.param(Squid, marks=pytest.mark.all)], ids=["tinyproxy", "squid"])
def guarded(island, practice, request):
    """A proxy that wants a password."""
    made = Squid(island) if request.param is Squid else Tinyproxy(island, practice.port, wants_password=True)
    with made as proxy:
        yield proxy


@pytest.mark.parametrize("where", [
    {"env": {"HTTPS_PROXY": "{}"}},
    {"env": {"https_proxy": "{}", "HTTPS_PROXY": DEAD}},
    {"config": "https_proxy = {}\n", "env": {"https_proxy": DEAD}},
    {"config": f"https_proxy = {DEAD}\n", "env": {"IAMIC_HTTPS_PROXY": "{}"}},
], ids=["HTTPS_PROXY", "https_proxy", "key", "IAMIC_HTTPS_PROXY"])
def test_everything_goes_through_the_proxy_that_counts_most(home, tinyproxy, where):
    home.write_config(where.get("config", "").format(tinyproxy.address))
    home.start_daemon(env={name: value.format(tinyproxy.address) for name, value in where["env"].items()})
    works(home)
    assert tinyproxy.seen().count(f"CONNECT {CENTER}:") >= 1
    assert home.call("Status")["network"]["HTTPS_PROXY"] == tinyproxy.address


@pytest.mark.parametrize("where", [
    {"env": {"NO_PROXY": f"example.com, {CENTER}"}},
    {"env": {"no_proxy": ".test", "NO_PROXY": "none"}},
    {"config": f"no_proxy = {CENTER}\n", "env": {"no_proxy": "none"}},
    {"config": "no_proxy = none\n", "env": {"IAMIC_NO_PROXY": "*"}},
], ids=["NO_PROXY", "no_proxy", "key", "IAMIC_NO_PROXY"])
def test_hosts_that_are_reached_without_the_proxy(home, where):
    home.write_config(where.get("config", ""))
    home.start_daemon(env={"HTTPS_PROXY": DEAD, **where["env"]})
    works(home)


def test_variables_that_aws_does_not_know_name_no_proxy(home):
    home.start_daemon(env={"ALL_PROXY": DEAD, "all_proxy": DEAD, "HTTP_PROXY": DEAD, "http_proxy": DEAD})
    works(home)


def test_a_proxy_of_the_kind_socks(home, island):
    with Socks(island) as proxy:
        home.start_daemon(env={"HTTPS_PROXY": proxy.address_for(USER)})
        works(home)
        assert CENTER in proxy.seen()
        home.stop_daemons()
        home.start_daemon(env={"HTTPS_PROXY": proxy.address_for("mallory")})
        refused(home, f"its proxy {proxy.address} is not reachable", timeoutMs=2000, force=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_hosts_never_go_through_a_proxy(home, practice, host):
    home.start_daemon(env={"HTTPS_PROXY": DEAD, "AWS_ENDPOINT_URL": address(practice, host)})
    works(home)


def test_a_proxy_that_wants_a_password_says_so_once_and_where_to_write_it(home, guarded, practice):
    home.start_daemon(env={"HTTPS_PROXY": guarded.address})
    error = refused(home, guarded.address, "wants a user name and password", "HTTP 407", "https_proxy", "HTTPS_PROXY")
    assert error.seconds < 2 and guarded.seen().count(f"CONNECT {CENTER}") == 1  # asking again does not help
    assert practice.requests() == []
    result = home.iamic("login", "corp")
    assert result.status == 5 and "USER:PASSWORD@" in result.err, result
    assert "407" in home.iamic("status").out


def test_a_password_for_the_proxy_is_used_and_never_shown(home, guarded):
    home.write_config(f"log_level = debug\nhttps_proxy = {guarded.address_for(USER)}\n")
    home.start_daemon()
    works(home)
    assert home.call("Status")["network"]["HTTPS_PROXY"] == guarded.address
    assert PASSWORD not in home.iamic("status").out + home.iamic("status", "--json").out
    home.stop_daemons()
    wait_for(lambda: f"CONNECT {CENTER}" in guarded.seen(), 5, guarded.seen)  # squid writes when a tunnel ends


def test_a_wrong_password_for_the_proxy_is_not_shown_either(home, guarded, practice):
    home.write_config(f"log_level = debug\nhttps_proxy = {guarded.address_for('mallory')}\n")
    daemon = home.start_daemon()
    refused(home, guarded.address, "does not take this user name and password", "check them in https_proxy")
    assert "mallory" not in daemon.err and practice.requests() == []


def test_the_proxy_of_a_changed_configuration_counts_for_the_next_request(home, tinyproxy):
    home.write_config(f"https_proxy = {DEAD}\n")
    home.start_daemon()
    refused(home, DEAD, "is not reachable", timeoutMs=2000)
    home.write_config(f"https_proxy = {tinyproxy.address}\n")
    wait_for(lambda: home.call("Status")["network"]["HTTPS_PROXY"] == tinyproxy.address, 5, lambda: "not read")
    assert login_begins(home) is None  # though the host was known to be away
    works(home)


def test_a_proxy_that_is_down_is_named_and_found_again(home, island, practice):
    with Tinyproxy(island, practice.port) as proxy:
        home.start_daemon(env={"HTTPS_PROXY": proxy.address_for(USER)})
        works(home)
        proxy.stop()
        asked = get(home, {"roleName": "Billing"}, timeoutMs=1500)
        error = asked.refusal("Unavailable")
        assert proxy.address in error.message and "proxy" in error.message and PASSWORD not in error.message
        again = get(home, {"roleName": "Billing"})
        again_error = again.refusal("Unavailable")
        assert again.seconds < AT_ONCE and again_error.retryAt and proxy.address in again_error.message
        assert get(home).reply()  # what is in memory needs no proxy
    with Tinyproxy(island, practice.port):
        wait_for(lambda: not get(home, {"roleName": "Billing"}).ended().error, 8, lambda: "no recovery", pause=0.2)


def test_a_proxy_that_does_not_answer_is_named(home):
    home.start_daemon(env={"HTTPS_PROXY": f"http://{USER}:{PASSWORD}@{LOST}:3128"})
    refused(home, CENTER, f"no answer in time through the proxy http://{LOST}:3128", name="TimedOut", timeoutMs=1000)


def test_a_proxy_that_does_not_let_through(home, island, practice):
    with Tinyproxy(island, practice.port + 1) as proxy:
        home.start_daemon(env={"HTTPS_PROXY": proxy.address})
        error = refused(home, proxy.address, "lets nobody through", "HTTP 403", "no_proxy")
        assert error.seconds < 2


def test_a_proxy_that_cannot_reach_the_host(home, tinyproxy, practice, island):
    island.name({name: address for name, address in NAMES.items() if name != CENTER} | {CENTER: islands.IPV4})
    home.start_daemon(env={"HTTPS_PROXY": tinyproxy.address})  # the practice server is on loopback alone
    refused(home, tinyproxy.address, "cannot reach it", "HTTP 500", timeoutMs=2000)


@pytest.mark.all
def test_a_proxy_that_is_spoken_to_by_tls(home, island, practice):
    folder = pathlib.Path(practice.ca).parent
    with TlsSquid(island, folder / "server.pem", folder / "server.key") as proxy:
        home.start_daemon(env={"HTTPS_PROXY": proxy.address_for(USER)})
        works(home)
        home.stop_daemons()
        before = len(proxy.seen())
        home.start_daemon(env={"HTTPS_PROXY": proxy.address_for(USER), "AWS_CA_BUNDLE": None})
        refused(home, f"proxy {proxy.address}", "certificate", "practice authority", "ca_bundle", force=True)
        assert "CONNECT" not in proxy.seen()[before:]  # whoever is not trusted gets no password


@pytest.mark.parametrize("value", [f"http://{USER}:{PASSWORD}/x@proxy.test", f"{USER}:{PASSWORD}%zz@proxy.test",
                                   f"ftp://{USER}:{PASSWORD}@proxy.test"])
def test_an_address_that_is_none_of_a_proxy_is_not_quoted(home, value):
    home.start_daemon(env={"HTTPS_PROXY": value})
    result = home.iamic("accounts")
    assert result.status == 7 and "HTTPS_PROXY must be a proxy's address" in result.err, result
    assert home.credential_process("--profile", "dev").status == 7


@pytest.mark.all
def test_a_proxy_that_looks_into_connections(home, island, practice):
    with Mitmproxy(island, practice.ca) as proxy:
        home.start_daemon(env={"HTTPS_PROXY": proxy.address, "AWS_CA_BUNDLE": None})
        refused(home, "not trusted", "mitmproxy", "set ca_bundle")
        assert practice.requests() == []
        home.write_config(f"ca_bundle = {proxy.authority}\n")
        wait_for(lambda: home.call("Status")["network"].get("AWS_CA_BUNDLE"), 5, lambda: "not read")
        works(home)
        assert "x-amz-sso_bearer_token" in proxy.seen()  # it sees everything, as its owner wants


# Names and addresses.

@contextlib.contextmanager
def names_become(island, daemon, names):
    """Other names, for a daemon that asks for all of them anew because its network has changed as well."""
    island.name(names)
    with island.changed("address add 192.0.2.77/32 dev lo", "address del 192.0.2.77/32 dev lo"):
        daemon.until("the network has changed", stream="err")
        yield


def test_a_network_that_has_ipv6_alone(home, island, practice):
    relay = island.relay(f"TCP6-LISTEN:{practice.port},bind=[{islands.IPV6}],fork", f"TCP6:[::1]:{practice.port}")
    with island.changed(f"address del {islands.IPV4}/32 dev lo", f"address add {islands.IPV4}/32 dev lo"), \
            island.changed("address del 127.0.0.1/8 dev lo", "address add 127.0.0.1/8 dev lo"):
        for host in (SIX, f"[{islands.IPV6}]"):
            home.start_daemon(env={"AWS_ENDPOINT_URL": address(practice, host)})
            works(home)
            home.call("Logout")
            home.stop_daemons()
    island.stop(relay)


def test_a_silent_name_server_holds_up_nobody(home, island, practice):
    daemon = home.start_daemon(env={"AWS_ENDPOINT_URL_SSO": address(practice, PORTAL)})
    works(home)
    with names_become(island, daemon, {name: address for name, address in NAMES.items() if name != PORTAL}):
        cold = [get(home, {"roleName": "Billing"}, timeoutMs=timeout) for timeout in (1000, 2500)]
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            for warm in (get(home), ask(home, "Status")):
                warm.reply()
                assert warm.seconds < AT_ONCE
        for asked, seconds in zip(cold, (1, 2.5)):
            error = asked.refusal("TimedOut")
            assert PORTAL in error.message and seconds - 0.1 < asked.seconds < seconds + 0.5, (error, asked.seconds)
        get(home, {"roleName": "Billing"}, timeoutMs=500).refusal("TimedOut")
        status, seconds = leave(daemon)
        assert status == 0 and seconds < 2  # it does not wait for who resolves names


def test_a_name_that_nobody_knows_is_named(home, island, practice):
    before = island.resolver.read_text()
    island.resolver.write_text("nameserver 127.0.0.1\n")  # nobody is there, and that is answered at once
    try:
        home.start_daemon(env={"AWS_ENDPOINT_URL": address(practice, "unknown.test")})
        refused(home, "unknown.test", "not reachable", "Could not resolve host", "check the network", timeoutMs=2000)
    finally:
        island.resolver.write_text(before)


def test_a_host_that_swallows_everything(home, island, practice):
    daemon = home.start_daemon(env={"AWS_ENDPOINT_URL_SSO": address(practice, PORTAL)})
    sign_in(home)
    with names_become(island, daemon, {**NAMES, PORTAL: islands.BLACK_HOLE}):
        asked = get(home, {"roleName": "Billing"}, timeoutMs=1500)
        assert PORTAL in asked.refusal("TimedOut").message and asked.seconds < 2
        result = home.credential_process("--profile", "billing", "--timeout", "1")
        assert result.status == 6 and PORTAL in result.err and result.seconds < 2, result


def test_a_host_that_resets_every_connection(home, island, practice):
    island.run("nft", "table inet resets { chain input {\ntype filter hook input priority 1\n"
                      f"ip daddr 127.0.0.1 tcp dport {practice.port} reject with tcp reset\n}}; }}")
    try:
        home.start_daemon()
        refused(home, CENTER, "not reachable", "check the network", timeoutMs=2000)
    finally:
        island.run("nft", "delete", "table", "inet", "resets")
    wait_for(lambda: not login_begins(home), 8, lambda: "no recovery", pause=0.3)


# Certificates.

def test_a_certificate_of_an_unknown_authority(home, practice):
    home.start_daemon(env={"AWS_CA_BUNDLE": None})
    refused(home, CENTER, "not trusted", "iamic practice authority", "set ca_bundle (iamic-config(5))")
    assert practice.requests() == []


@pytest.mark.parametrize("own, environment", [
    ("", {"AWS_CA_BUNDLE": "good"}), ("ca_bundle = {good}\n", {"AWS_CA_BUNDLE": "bad"}),
    ("ca_bundle = {bad}\n", {"IAMIC_CA_BUNDLE": "good"}),
], ids=["AWS_CA_BUNDLE", "key", "IAMIC_CA_BUNDLE"])
def test_the_bundle_that_counts_most(home, practice, own, environment):
    bundles = {"good": practice.ca, "bad": "/etc/ssl/certs/ca-certificates.crt"}
    home.write_config(own.format(**bundles))
    home.start_daemon(env={"AWS_CA_BUNDLE": None, **{name: bundles[which] for name, which in environment.items()}})
    works(home)
    assert home.call("Status")["network"]["AWS_CA_BUNDLE"] == practice.ca


def test_a_bundle_takes_the_place_of_the_systems_authorities(home, island, practice, tmp_path):
    """Of the folder beside the system's bundle as well, where libcurl looks by default."""
    certificates_of_system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text()
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "practice.pem").write_text(pathlib.Path(practice.ca).read_text())
    (folder / "ca-certificates.crt").write_text(certificates_of_system)
    island.run("openssl", "rehash", str(folder))
    island.run("mount", "--bind", str(folder), "/etc/ssl/certs")
    try:
        home.start_daemon(env={"AWS_CA_BUNDLE": home.write("bundle.pem", certificates_of_system)})
        refused(home, "not trusted", "practice authority")
        home.stop_daemons()
        home.start_daemon(env={"AWS_CA_BUNDLE": None})
        works(home)  # that folder is trusted otherwise
    finally:
        island.run("umount", "/etc/ssl/certs")


def test_an_authority_that_is_added_to_the_bundle_counts_at_once(home, practice):
    bundle = home.write("bundle.pem", pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text())
    home.start_daemon(env={"AWS_CA_BUNDLE": bundle})
    refused(home, "not trusted")
    home.write("bundle.pem", bundle.read_text() + pathlib.Path(practice.ca).read_text())
    works(home)


def test_a_certificate_for_another_host(home, practice):
    home.start_daemon(env={"AWS_ENDPOINT_URL": address(practice, ELSEWHERE)})
    error = refused(home, ELSEWHERE, "not trusted", "practice authority", "another server answers in its place")
    assert "ca_bundle" not in error.message and practice.requests() == []


def test_a_certificate_that_has_expired(home, island, practice, tmp_path):
    folder = pathlib.Path(practice.ca).parent
    certificates.sign(folder, "expired", f"/CN={CENTER}", "-cert", "ca.pem", "-extensions", "server",
                      until=time.time() - 60)
    log = tmp_path / "server"
    server = island.spawn("openssl", "s_server", "-accept", "4430", "-cert", folder / "expired.pem", "-key",
                          folder / "expired.key", "-quiet", log=log)
    island.wait_until_listening(server, 4430, log)
    home.start_daemon(env={"AWS_ENDPOINT_URL": f"https://{CENTER}:4430"})
    error = refused(home, CENTER, "certificate has expired", "practice authority", "check the clock")
    assert "ca_bundle" not in error.message
    island.stop(server)


# Guest networks, and who answers in AWS's place.

def outcomes(home, practice):
    """{service: its error} while all of AWS answers otherwise than AWS would."""
    portal = get(home, {"roleName": "Billing"}, timeoutMs=3000).refusal("Unavailable").message
    sts = home.iamic("whoami", "--profile", "dev")
    assert sts.status == 5, sts
    return {"portal": portal, "STS": sts.err, "OIDC": login(home, force=True).refusal("Unavailable").message}


def test_a_guest_network_that_answers_with_a_page(home, practice):
    home.start_daemon()
    works(home)
    practice.fault("*", "html", times=None)
    for service, message in outcomes(home, practice).items():
        assert "a web page came" in message and "sign in to this network" in message, (service, message)
        assert "Guest network" not in message and "<" not in message
    practice.clear_faults()
    works(home)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirects_are_never_followed(home, practice, status):
    home.start_daemon()
    works(home)
    practice.fault("*", "status", times=None, status=status,
                   headers={"Location": f"{address(practice)}/federation/credentials?followed=1"})
    for service, message in outcomes(home, practice).items():
        assert f"redirect (HTTP {status})" in message, (service, message)
    assert not [request for request in practice.requests("*") if "followed" in request["query"]]


# A network that comes and goes.

def test_after_the_network_has_come_back_a_session_goes_on_by_itself(home, island, practice):
    practice.set(token_life=6)
    daemon = home.start_daemon()
    works(home)
    practice.disconnect()  # so that what is sent fails, and does not only get lost
    with island.changed("address del 127.0.0.1/8 dev lo", "address add 127.0.0.1/8 dev lo"):
        patient = [get(home, {"accountId": "111122223333", "roleName": role}, timeoutMs=30000)
                   for role in ("Administrator", "Power+User", "ReadOnly")]
        lost = get(home, {"roleName": "Billing"}, timeoutMs=1000)
        assert f"{CENTER}:{practice.port}: not reachable" in lost.refusal("Unavailable").message
        time.sleep(10)  # over the token's end, and into pauses that have grown
        lost = get(home, {"roleName": "Billing"}, timeoutMs=500)
        assert f"{CENTER}:{practice.port}: not reachable" in lost.refusal("Unavailable").message
        before = daemon.err.count("the network has changed")
    wait_for(lambda: daemon.err.count("the network has changed") > before, 3, lambda: daemon.err)
    until_count(practice, REFRESH, 1, timeout=2)
    for asked in patient:
        asked.reply(timeout=2)
    until_state(home, "ready")
    get(home, {"roleName": "Billing"}).reply()


@pytest.mark.all
def test_what_is_under_way_is_asked_once_more_over_the_new_network_if_it_only_reads(home, island, practice):
    practice.set(token_life=8)
    daemon = home.start_daemon()
    works(home)
    already = practice.count("GetRoleCredentials")
    practice.fault("GetRoleCredentials", "delay", seconds=12)
    practice.fault(REFRESH, "delay", seconds=3)
    asked = get(home, {"roleName": "Billing"}, timeoutMs=20000)
    until_count(practice, REFRESH, 1)
    with island.changed("address add 192.0.2.77/32 dev lo", "address del 192.0.2.77/32 dev lo"):
        asked.reply(timeout=3)
        daemon.until("the network has changed", stream="err")
    assert practice.count("GetRoleCredentials") - already == 2
    until_state(home, "ready")
    assert practice.count(REFRESH) == 1  # asked twice, it could end the session


def test_connections_of_before_a_change_of_the_network_are_not_used_again(home, island, practice):
    daemon = home.start_daemon()
    works(home)
    get(home, {"roleName": "Billing"}).reply()
    before = {request["connection"] for request in practice.requests("*")}
    with island.changed("link set lo down", "link set lo up"):
        pass
    daemon.until("the network has changed", stream="err")
    get(home, {"accountId": "999988887777"}).reply()
    assert practice.requests("GetRoleCredentials")[-1]["connection"] not in before


# A company's own name for its access portal.

ACME = "https://acme.awsapps.com/start"


def with_own_name(home, practice, leads_to=ACME):
    practice.set(vanity=leads_to, start_urls=[ACME])
    own = f"{address(practice, PORTAL)}/vanity#/"
    home.write_aws_config(home.aws_config.read_text().replace(practice.start_url, own))
    home.start_daemon()


def test_a_start_url_of_a_companys_own_is_signed_in_to_where_it_leads(home, practice):
    with_own_name(home, practice, leads_to=f"{ACME}/?from=us#/")
    works(home)
    assert practice.count("Vanity") == 1
    started = practice.requests("StartDeviceAuthorization")[-1]
    assert started["status"] == 200, started
    assert home.call("Login", session="corp")["stage"] == "done" and practice.count("Vanity") == 1
    assert next(session for session in home.call("Status")["sessions"])["startUrl"].endswith("/vanity#/")


def test_a_browser_is_sent_to_where_a_start_url_of_a_companys_own_leads(home, practice):
    with_own_name(home, practice)
    asked = login(home, flow="browser")
    assert asked.until_stage("waiting")["openUrl"].startswith(f"{address(practice)}/authorize?")
    assert practice.count("Vanity") == practice.count("RegisterClient") == 1
    asked.leave()
    home.call("CancelLogin", session="corp")


def test_a_start_url_that_leads_elsewhere_is_not_signed_in_to(home, practice):
    with_own_name(home, practice, leads_to="https://evil.example/start")
    error = login(home).refusal("Config")
    assert "/vanity#/' leads to 'https://evil.example/start', which is no access portal of AWS's" in error.message
    assert practice.requests() == []


def test_a_start_url_that_cannot_be_reached_is_said_with_its_host(home, island, practice):
    with_own_name(home, practice)
    island.name({name: place for name, place in NAMES.items() if name != PORTAL})
    error = login(home).refusal("TimedOut")  # as nobody answers for the name, either
    assert f"https://{PORTAL}:{practice.port}: no answer of the name server" in error.message
    assert practice.requests() == []


def test_the_clock_of_who_is_not_aws_is_not_awss(home, practice):
    with_own_name(home, practice)
    assert sign_in(home)["clockAhead"] == 0
    practice.set(clock_skew=3600)
    assert home.call("ResolveStartUrl", startUrl=f"{address(practice, PORTAL)}/vanity")["startUrl"] == ACME
    assert home.call("Login", session="corp")["clockAhead"] == 0, "nobody asked AWS since"


# The page of AWS's own host.


def resolved(home, url):
    return home.call("ResolveStartUrl", startUrl=url)


def test_the_page_of_awss_own_host_tells_the_region(home, practice):
    home.start_daemon()
    own = address(practice, AWSAPPS)
    assert resolved(home, f"{own}/start#/") == {"startUrl": f"{own}/start#/", "region": "us-east-1"}
    assert resolved(home, own) == {"startUrl": own, "region": "us-east-1"}, "it leads on to /start"
    practice.set(vanity=f"{own}/start/")
    assert resolved(home, f"{address(practice, PORTAL)}/vanity") == {"startUrl": f"{own}/start", "region": "us-east-1"}


@pytest.mark.parametrize("leads_to", ["https://evil.example/", "//evil.example/", "http://d-1.awsapps.com/", "",
                                      f"https://{AWSAPPS}:{{port}}/vanity"])
def test_a_page_that_leads_nowhere_good_tells_nothing(home, practice, leads_to):
    home.start_daemon()
    practice.set(vanity=leads_to.format(port=practice.port))
    own = f"{address(practice, AWSAPPS)}/vanity"
    assert resolved(home, own) == {"startUrl": own, "region": None}
    assert practice.count("Vanity") <= 4


def test_a_page_that_nobody_answers_for_is_done_without(home, practice):
    home.start_daemon()
    practice.fault("Start", "status", status=503, times=None)
    own = f"{address(practice, AWSAPPS)}/start"
    assert resolved(home, own) == {"startUrl": own, "region": None}
    practice.clear_faults()
    gone = f"https://{AWSAPPS}:9/start"
    assert resolved(home, gone) == {"startUrl": gone, "region": None}
    assert practice.count("Start") == 1, "a page that is good to have is asked for once"
