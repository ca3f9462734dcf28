"""What a profile means, and where requests go, beside botocore: made-up files and AWS's own rules.

Each profile of each file is resolved by both: to session, start URL, region, account, role and own region, or refused.
Where iamic means to differ stands in DIFFERENCES, each with its reason; the tests fail for any other difference, and
for one that is listed and never seen. role_arn is left out: assuming roles has tests of its own.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import shlex
import subprocess
import urllib.parse

import botocore
import botocore.config
import botocore.credentials
import botocore.endpoint_provider
import botocore.exceptions
import botocore.session
import botocore.tokens
import clients
import pytest

from home import PREFIX

TESTS = PREFIX.parent / "tests"
FILES_EACH = 250
PROGRAM = "iamic-credential-process"

DIFFERENCES = {
    "line": "A credential_process that names iamic is the one source of truth for its profile. botocore would use "
            "sso_* keys beside it, other SDKs the line; so iamic never writes both, and reads one.",
    "no role": "A profile without sso_account_id and sso_role_name is no error to botocore, which looks elsewhere for "
               "credentials. iamic has nowhere else to look, and says what is missing.",
    "hostile": "What goes into host names and requests has a form: account ids of 12 digits, names of roles, https "
               "start URLs, regions that AWS has a partition for. botocore sends what is written.",
    "two regions": "One start URL is one session, also for profiles that have it in themselves: two of them with "
                   "different sso_region contradict each other. To botocore each is by itself.",
    "other keys": "botocore refuses any key that stands in profile and session with different values, even region or "
                  "one that it does not know. iamic compares those that make the session: sso_start_url, sso_region.",
    "addresses": "A session's token is bound to one pair of addresses, so its profiles may not contradict one another "
                 "in endpoint_url, services, FIPS or dual-stack. To AWS's tools each is by itself.",
    "no services": "A profile whose services section is missing is refused by botocore from 1.31 on, and by iamic, "
                   "with its session; Debian's botocore knows no such sections.",
    "later rules": "In GovCloud the plain hosts of sso, oidc and sso-admin are the FIPS ones by AWS's rules of today; "
                   "Debian's botocore has older ones.",
    "later partitions": "AWS's partitions of today: the sovereign cloud in Europe, two more that are isolated, new "
                        "regions, and dual-stack in all of them. Debian's botocore has those of 2023.",
    "as written": "An address of one's own is used as it is written. AWS's rules refuse it together with FIPS or "
                  "dual-stack, which nobody who set one for all profiles and the other for one meant.",
    "no fallback": "A region that is of no partition is refused; botocore takes it for one of the partition aws.",
}

OF_ADDRESSES = {"later rules", "later partitions", "no fallback", "as written"}

START_URLS = ["https://one.awsapps.com/start", "https://two.awsapps.com/start#/", "https://one.awsapps.com/start"]
REGIONS = ["eu-west-1", "us-east-1"]
HOSTILE = {"sso_start_url": ["http://plain.example.com", "https://u:p@h", "https://h/ # ours", ""],
           "sso_region": ["evil.example.com/", "nowhere", "us-east-1 ; ours", ""],
           "sso_account_id": ["12345678901", "1234567890123", "12345678901a", ""],
           "sso_role_name": ["a b", "../x", "x" * 33, ""], "region": ["evil.com#", "EU-WEST-1"]}
USUAL = {"sso_start_url": START_URLS, "sso_region": REGIONS, "sso_account_id": ["012345678901", "999988887777"],
         "sso_role_name": ["ReadOnly", "Admin+x=1@c", "x" * 32], "region": ["us-west-2", "cn-north-1", ""],
         "sso_registration_scopes": ["sso:account:access"], "unknown": ["1", "2"]}
LINES = [f"{PROGRAM} --sso-session {{session}} --account-id 111122223333 --role-name Line",
         f"/opt/bin/{PROGRAM} --sso-session={{session}} --account-id=111122223333 --role-name='Li,ne'",
         f"env A=1 {PROGRAM} --profile {{profile}}", f"{PROGRAM} --profile {{profile}} --login=60 --timeout 5",
         f"{PROGRAM} --profile {{profile}} --account-id 111122223333 --role-name Line",
         f"{PROGRAM} --sso-session {{session}}", f"{PROGRAM} --account-id 1 --role-name Line --sso-session {{session}}",
         f"{PROGRAM}", f"{PROGRAM} --wrong", f"{PROGRAM} --profile 'open", "other-helper --profile x", "true"]


SERVICES_SECTIONS = """
[services here]
sso_oidc =
  endpoint_url = https://oidc.example.com
s3 =
  endpoint_url = https://s3.example.com
[services there]
sso =
  endpoint_url = https://portal.example.com
sts =
  endpoint_url = https://sts.example.com
[services elsewhere]
sso_oidc =

  # another one
  max = 1
  endpoint_url = https://elsewhere.example.com
"""
CHOICES = [f"{key} = {value}\n" for key, values in {
    "use_fips_endpoint": ["true", "false"], "use_dualstack_endpoint": ["true", "TRUE", "no"],
    "ignore_configured_endpoint_urls": ["true", "false"], "services": ["here", "here", "there", "elsewhere", "gone"],
    "endpoint_url": ["https://oidc.example.com", "https://oidc.example.com", "https://other.example.com", ""],
}.items() for value in values]


def made_up_section(dice, keys, wild):
    """Lines of keys, each there or not; now and then a value that nobody should use."""
    text = ""
    for key, likely in keys.items():
        if dice.random() < likely:
            values = HOSTILE[key] if dice.random() < wild and key in HOSTILE else USUAL[key]
            text += f"{key} = {dice.choice(values)}\n"
    return text


def made_up_file(dice):
    wild = dice.choice([0, 0, 0, 0.1])
    likely, choosy = dice.choice([0.75, 0.93, 1]), dice.choice([0, 0, 0.8])
    sessions = ["corp", "other", "third"][:dice.randint(0, 3)]
    profiles = ["default", "dev", "prod", "a b", "last"][:dice.randint(1, 5)]
    text = [f"[sso-session {name}]\n" + made_up_section(dice, {
        "sso_start_url": likely, "sso_region": likely, "sso_registration_scopes": 0.3, "unknown": 0.3}, wild)
        for name in sessions]
    for name in profiles:
        header = dice.choice(["[default]", "[profile default]"]) if name == "default" else f'[profile "{name}"]'
        keys = {"sso_account_id": likely, "sso_role_name": likely, "region": 0.4, "unknown": 0.3}
        if dice.random() < 0.6:
            session = f"sso_session = {dice.choice(sessions + ['gone'] * (dice.random() < 0.1 or not sessions))}\n"
            keys.update({"sso_start_url": 0.05, "sso_region": 0.05})
        else:
            session = ""
            keys.update({"sso_start_url": likely, "sso_region": likely})
        section = f"{header}\n{session}{made_up_section(dice, keys, wild)}"
        if dice.random() < 0.3:
            line = dice.choice(LINES).format(session=shlex.quote(dice.choice(sessions + START_URLS[:1])),
                                             profile=shlex.quote(dice.choice(profiles)))
            section += f"credential_process = {line}\n"
        if dice.random() < choosy:
            section += dice.choice(CHOICES)
        text.append(section)
    dice.shuffle(text)
    return "".join(text) + SERVICES_SECTIONS


# ---- what botocore makes of it ----


class Botocore:
    """One file as botocore resolves it, with the intended differences on top; which of them counted is in .seen."""

    def __init__(self, path, seen):
        self.seen = seen
        self.session = botocore.session.Session(profile="default")
        self.session.set_config_variable("config_file", path)
        self.session.set_config_variable("credentials_file", os.devnull)
        self.full = self.session.full_config
        self.profiles, self.sessions = self.full["profiles"], self.full.get("sso_sessions", {})
        self.raw = botocore.configloader.raw_config_parse(path)

    def refuse(self, difference):
        self.seen[difference] += 1

    def sso(self, profile):
        """SSOProvider's own reading: the four values, None, or InvalidConfigError."""
        provider = botocore.credentials.SSOProvider(load_config=lambda: self.full, client_creator=None,
                                                    profile_name=profile)
        return provider._load_sso_config()

    def token(self, profile):
        """What the provider of tokens finds for a profile that names a session."""
        self.session.set_config_variable("profile", profile)
        return botocore.tokens.SSOTokenProvider(self.session)._load_sso_config()

    # The parts that are iamic's alone.

    def asked(self, profile):
        """The options of a line that is iamic's, as botocore would split it; None for others; False: wrong."""
        line = self.profiles[profile].get("credential_process", "")
        if PROGRAM not in line:
            return None
        try:
            words = botocore.compat.compat_shell_split(line)
        except ValueError:
            return False
        names = [os.path.basename(word) for word in words]
        parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False, exit_on_error=False)
        for option in ("--profile", "--sso-session", "--account-id", "--role-name", "--timeout"):
            parser.add_argument(option)
        parser.add_argument("--login", nargs="?")
        options, rest = parser.parse_known_args(words[names.index(PROGRAM) + 1:])
        return False if rest else options

    def is_overruled(self, profile):
        options = self.asked(profile)
        return options is False or bool(options and (options.sso_session or options.profile != profile))

    def address(self, config, block):
        """What a profile says of a service's address, as later versions of botocore find it; or ""."""
        services = self.raw.get(f"services {config.get('services')}", {})
        nested = services.get(block)
        return (nested.get("endpoint_url") if isinstance(nested, dict) else "") or config.get("endpoint_url", "")

    def contradict(self, members):
        """Do profiles of one session say different things of addresses?"""
        for key in ("use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls"):
            if len({config[key].lower() == "true" for config in members if config.get(key)}) > 1:
                return True
        ignoring = [config for config in members if config.get("ignore_configured_endpoint_urls", "").lower() == "true"]
        said = [{self.address(config, block) for config in members if config not in ignoring} - {""}
                for block in ("sso_oidc", "sso")]
        return any(len(addresses) > 1 for addresses in said) or bool(ignoring and any(said))

    def members(self, name):
        return [config for profile, config in self.profiles.items()
                if config.get("sso_session", config.get("sso_start_url")) == name and not self.is_overruled(profile)]

    def guests(self, name):
        """Of profiles whose line names the session: what they say by blocks of its own services."""
        lines = {profile: self.asked(profile) for profile in self.profiles}
        return [{"services": self.profiles[profile].get("services")} for profile, line in lines.items()
                if line and line.sso_session == name]

    def check(self, name, url, region):
        """A session that both can describe: is there a reason for iamic to refuse it all the same?"""
        if not re.fullmatch(r"https://[^@\s]+", url) or not is_region(region):
            return self.refuse("hostile")
        if any(config.get("services") == "gone" for config in self.members(name)):
            return self.refuse("no services")
        if self.contradict(self.members(name) + self.guests(name)):
            return self.refuse("addresses")
        return name, url, region

    def named(self, name):
        """The session of that name; a legacy one has its start URL for a name."""
        if name in self.sessions:
            config = self.sessions[name]
            return self.check(name, config["sso_start_url"], config["sso_region"]) \
                if {"sso_start_url", "sso_region"} <= config.keys() else None
        regions = [config["sso_region"] for config in self.members(name)
                   if "sso_region" in config and "sso_session" not in config]
        if len(set(regions)) > 1:
            return self.refuse("two regions")
        return self.check(name, name, regions[0]) if regions else None

    def only(self):
        legacy = {config["sso_start_url"] for profile, config in self.profiles.items() if "sso_start_url" in config
                  and "sso_session" not in config and not self.is_overruled(profile)}
        names = [*self.sessions, *legacy]
        return self.named(names[0]) if len(names) == 1 else None

    def own_session(self, profile):
        config = self.profiles[profile]
        if "sso_session" not in config:
            return self.named(config["sso_start_url"]) if {"sso_start_url", "sso_region"} <= config.keys() else None
        try:
            found = self.token(profile)
        except botocore.exceptions.InvalidConfigError:
            return None
        if any(config.get(key, found[key]) != found[key] for key in ("sso_start_url", "sso_region")):
            return None
        return self.check(found["session_name"], found["sso_start_url"], found["sso_region"])

    def own_role(self, profile):
        config = self.profiles[profile]
        try:
            found = self.sso(profile)
        except botocore.exceptions.InvalidConfigError:
            found = None
            session = self.sessions.get(config.get("sso_session"), {})
            others = [key for key, value in session.items() if config.get(key, value) != value]
            if others and not {"sso_start_url", "sso_region"} & set(others):
                self.refuse("other keys")
                found = {**config, **session} if {"sso_account_id", "sso_role_name"} <= config.keys() else None
        else:
            if not found:
                self.refuse("no role")
        session = self.own_session(profile) if found else None
        if not session:
            return None
        assert (found["sso_start_url"], found["sso_region"]) == session[1:], "both mean the same session"
        return self.with_role(session, found["sso_account_id"], found["sso_role_name"])

    def with_role(self, session, account_id, role_name):
        if not re.fullmatch(r"[0-9]{12}", account_id) or not re.fullmatch(r"[\w+=,.@-]{1,32}", role_name, re.ASCII):
            return self.refuse("hostile")
        return session and (*session, account_id, role_name)

    def of_line(self, options, profile, hops, wants_role):
        """What a line asks for, which may be another profile."""
        if hops > 16:
            return None
        if options.profile is not None and options.profile not in self.profiles:
            return None
        if wants_role and not (options.account_id and options.role_name):
            if options.sso_session or options.account_id or options.role_name or not options.profile:
                return None
            return self.meaning(options.profile, profile, hops + 1, wants_role)
        if options.sso_session:
            session = self.named(options.sso_session)
        elif options.profile:
            session = self.meaning(options.profile, profile, hops + 1, False)
        else:
            session = self.only()
        return session and (self.with_role(session, options.account_id, options.role_name) if wants_role else session)

    def meaning(self, profile, asking=None, hops=0, wants_role=True):
        options = self.asked(profile) if profile != asking else None
        if options is None:
            return self.own_role(profile) if wants_role else self.own_session(profile)
        self.seen["line"] += 1
        return self.of_line(options, profile, hops, wants_role) if options else None

    def role(self, profile):
        found, region = self.meaning(profile), self.profiles[profile].get("region") or None
        if found and region and not is_region(region):
            return self.refuse("hostile")
        return found and (*found, region)


def is_region(text):
    return re.fullmatch("(" + "|".join(partition["regionRegex"].strip("^$") for partition in PARTITIONS) + ")", text)


DATA = os.path.join(os.path.dirname(botocore.__file__), "data")
with open(os.path.join(DATA, "partitions.json"), encoding="utf-8") as file:
    PARTITIONS_TABLE = json.load(file)
PARTITIONS = PARTITIONS_TABLE["partitions"]


def by_iamic(path):
    """({profile: role, None where it is refused}, {profile: session})."""
    out = subprocess.run([TESTS / "test-profile_endpoints", path], check=True, capture_output=True, text=True, env={})
    roles, sessions = {}, {}
    for line in out.stdout.splitlines():
        kind, profile, *rest = [None if word == "-" else urllib.parse.unquote(word.removeprefix("="))
                                for word in line.split(" ")]
        if kind == "refused":
            roles[profile] = None
            assert rest[0], "a refusal says why"
        elif kind == "role":
            roles[profile] = tuple(rest)
        elif kind == "session":
            sessions[profile] = tuple(rest)
    return roles, sessions


@pytest.mark.parametrize("seed", range(4))
def test_profiles_mean_the_same(tmp_path, seed):
    dice = random.Random(seed)
    path = str(tmp_path / "config")
    seen = collections.Counter()
    accepted = refused = 0
    for _ in range(FILES_EACH):
        text = made_up_file(dice)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        roles, sessions = by_iamic(path)
        other = Botocore(path, seen)
        assert roles.keys() == other.profiles.keys(), text
        for profile, found in roles.items():
            assert found == other.role(profile), f"{profile} in\n{text}"
            assert sessions.get(profile) == other.meaning(profile, wants_role=False), f"session of {profile} in\n{text}"
            accepted += found is not None
            refused += found is None
    assert accepted > FILES_EACH and refused > FILES_EACH / 4, (accepted, refused)
    assert seen.keys() == DIFFERENCES.keys() - OF_ADDRESSES, seen


# ---- addresses ----

SERVICES = {"sso_oidc": "sso-oidc", "sso": "sso", "sts": "sts", "sso_admin": "sso-admin",
            "identitystore": "identitystore", "cloudtrail": "cloudtrail"}
FLAGS = {"-": (False, False), "dual": (True, False), "fips": (False, True), "both": (True, True)}
# Regions of the partitions that came later; il- and mx- are of aws by now.
LATER = ["eusc-de-east-1", "eu-isoe-west-1", "us-isof-south-1", "il-central-1", "mx-central-1"]
NOWHERE = ["zz-test-1", "us-east", "us-east-1-x"]


def by_rules(service, region, dual_stack, fips):
    """What AWS's rules of Debian's botocore say, or None for an error."""
    path = sorted(glob.glob(f"{DATA}/{SERVICES[service]}/*/endpoint-rule-set-1.json"))[-1]
    if service not in by_rules.providers:
        with open(path, encoding="utf-8") as file:
            by_rules.providers[service] = botocore.endpoint_provider.EndpointProvider(json.load(file), PARTITIONS_TABLE)
    regional = {"UseGlobalEndpoint": False} if service == "sts" else {}
    try:
        return by_rules.providers[service].resolve_endpoint(Region=region, UseDualStack=dual_stack, UseFIPS=fips,
                                                            **regional).url
    except botocore.exceptions.EndpointProviderError:
        return None


by_rules.providers = {}


def test_addresses_are_those_of_awss_rules():
    """Every region that Debian's botocore knows, in each partition, with and without FIPS and dual-stack."""
    known = sorted(region for partition in PARTITIONS for region in partition["regions"] if "global" not in region)
    assert len(known) > 30 and {"cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1"} <= set(known)
    out = subprocess.run([TESTS / "test-endpoint", *known, *LATER, *NOWHERE], check=True, capture_output=True).stdout
    ours = {tuple(line.split()[:3]): line.split()[3] for line in out.decode().splitlines()}
    seen = set()
    for region in [*known, *LATER, *NOWHERE]:
        for (service, (flag, flags)) in [(service, pair) for service in SERVICES for pair in FLAGS.items()]:
            url, expected = ours.get((service, region, flag)), by_rules(service, region, *flags)
            if url == expected:
                continue
            if region in NOWHERE:
                why, expected = "no fallback", None
            elif region in LATER or (expected is None and flags[0] and "-iso" in region):
                why, expected = "later partitions", url  # their names: tests/unit/test-endpoint.c
            else:
                assert region.startswith("us-gov-") and flag == "fips", (service, region, flag, url, expected)
                why, expected = "later rules", by_rules(service, region, False, False)
            assert url == expected, (service, region, flag, why)
            seen.add(why)
    assert seen == OF_ADDRESSES - {"as written"}


@pytest.mark.parametrize("lines", ["", "use_fips_endpoint = true", "use_dualstack_endpoint = True",
                                   "use_fips_endpoint = yes", "use_fips_endpoint = TRUE\nuse_dualstack_endpoint = true",
                                   "use_fips_endpoint =", "use_dualstack_endpoint = 1\nuse_fips_endpoint = false"])
def test_a_profiles_choice_leads_botocores_client_to_the_same_host(tmp_path, lines):
    path = tmp_path / "config"
    path.write_text(f"[profile p]\nregion = eu-west-1\nsts_regional_endpoints = regional\n{lines}\n")
    session = botocore.session.Session(profile="p")
    session.set_config_variable("config_file", str(path))
    client = session.create_client("sts", config=botocore.config.Config(signature_version=botocore.UNSIGNED))
    assert sts_of_iamic(path, {}) == client.meta.endpoint_url


def sts_of_iamic(path, env):
    """Where iamic asks STS with profile p, or None where it refuses to."""
    out = subprocess.run([TESTS / "test-profile_endpoints", path], check=True, capture_output=True, text=True, env=env)
    found = re.search(r"^sts =p =(\S+)$", out.stdout, re.M)
    return found and urllib.parse.unquote(found[1])


def sts_of_javascript(path, env):
    """The same of the AWS SDK for JavaScript, version 3, which knows services sections and endpoint_url."""
    done = subprocess.run(["/usr/bin/node", "--no-warnings", clients.BUILD / "node/endpoint-v3.mjs"], text=True,
                          capture_output=True, env={"AWS_CONFIG_FILE": str(path), "AWS_PROFILE": "p", "HOME": "/",
                                                    "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **env})
    return done.stdout.strip() or None


ONE, OTHER = "https://one.example.com/base", "https://other.example.com"
ALL_CHOICES = [
    "", f"endpoint_url = {ONE}/", "endpoint_url =", "services = here", f"services = here\nendpoint_url = {ONE}",
    f"services = there\nendpoint_url = {ONE}", f"endpoint_url = {ONE}\nignore_configured_endpoint_urls = true",
    f"services = here\nignore_configured_endpoint_urls = false\nendpoint_url = {ONE}", "use_fips_endpoint = true",
    f"use_dualstack_endpoint = true\nendpoint_url = {ONE}", "use_dualstack_endpoint = true\nuse_fips_endpoint = true"]
ENVIRONMENTS = [
    {}, {"AWS_ENDPOINT_URL": OTHER}, {"AWS_ENDPOINT_URL_STS": OTHER, "AWS_ENDPOINT_URL": ONE},
    {"AWS_ENDPOINT_URL_STS": OTHER, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {"AWS_ENDPOINT_URL_SSO": OTHER},
    {"AWS_USE_FIPS_ENDPOINT": "false"}, {"AWS_USE_DUALSTACK_ENDPOINT": "true"}]


@pytest.mark.all
@pytest.mark.parametrize("env", ENVIRONMENTS, ids=lambda env: " ".join(env) or "none")
def test_addresses_have_the_precedence_that_they_have_for_an_sdk(tmp_path, env):
    clients.build()
    path = tmp_path / "config"
    for lines in ALL_CHOICES:
        path.write_text(f"[profile p]\nregion = eu-west-1\n{lines}\n"
                        f"[services here]\nsts =\n  endpoint_url = {OTHER}\n"
                        "[services there]\ns3 =\n  endpoint_url = https://s3.example.com\n")
        ours, theirs = sts_of_iamic(path, env), sts_of_javascript(path, env)
        if theirs is None:
            assert ours in (ONE, OTHER) and ("use_" in lines or "USE_" in " ".join(env)), "as written"
        else:
            assert ours == theirs, lines
