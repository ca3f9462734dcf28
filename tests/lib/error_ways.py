"""Ways to have the real programs say a message, and reasons why a message is not said: for error_table.py."""
import dataclasses
import hashlib
import json
import os
import socket
import urllib.error
import urllib.parse
import urllib.request

from home import wait_for
from scripted_agent import done, session, stages, status, waiting
from stand_in import Bindir
from terminal import Terminal

ACCOUNT = "012345678901"
ROLE = ("--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", "Other")
SESSION = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
KEYS = f"sso_account_id = {ACCOUNT}\nsso_role_name = ReadOnly\n"
DEPLOY = "arn:aws:iam::111122223333:role/Deploy"
NOT_UTF8 = os.fsdecode(b"\xff")


@dataclasses.dataclass
class Said:
    """A way to the message. world: the fixture that run() gets. status None: more than one is right."""
    status: int
    world: str
    run: object
    is_notice: bool = False  # a warning or a word beside what succeeds


@dataclasses.dataclass
class Elsewhere:
    """Another test has the real programs say it, and looks for these words; None: for the message's own."""
    test: str
    words: str = None


@dataclasses.dataclass
class Part:
    """Never alone: it stands before or behind what the messages named here say."""
    why: str


@dataclasses.dataclass
class Never:
    """No person can get it from these programs, for this reason; or no test can bring it about."""
    why: str


# Ways.

def cli(exit_status, *words, notice=False, files=None, env=None, **answers):
    """iamic against the scripted daemon."""
    def run(home):
        home.agent.answers.update(answers)
        for name, text in (files or {}).items():
            home.write(name, text)
        return home.iamic(*words, env=env)
    return Said(exit_status, "cli", run, notice)


def administered(exit_status, answers, *words, session=True):
    """iamic admin against the scripted daemon, where AWS has one instance, and answers so to operations."""
    instance = {"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "IdentityStoreId": "d-1234567890"}
    replies = {"ListInstances": {"Instances": [instance]}, **answers}

    def call(call):
        reply = replies[call.parameters["operation"]]
        if isinstance(reply, str):
            call.error("Denied", message=f"AWS says {reply}", awsCode=reply)
        else:
            call.reply({"status": 200, "body": json.dumps(reply)})
    known = status() if session else status(sessions=[])
    return cli(exit_status, "admin", *words, *ROLE, Call=call, Status=known)


def answered(exit_status, raw, *words):
    """iamic status, or another command, when the daemon answers with these bytes."""
    def run(home):
        home.agent.answers["Status"] = lambda call: call.send_raw(raw)
        return home.iamic(*(words or ("status",)))
    return Said(exit_status, "cli", run)


def shim(exit_status, *words, env=None):
    return Said(exit_status, "bare_home", lambda home: home.credential_process(*words, env=env))


def shim_answered(raw):
    def run(home):
        home.agent.answers["GetCredentials"] = lambda call: call.send_raw(raw)
        return home.credential_process()
    return run


def aws(text, *words, own="", env=None):
    """The shim, with this AWS configuration (and iamic's own), asked for profile p unless words say otherwise."""
    def run(home):
        home.write(".aws/config", "").write_bytes(text.encode(errors="surrogateescape"))
        if own:
            home.write_config(own)
        return home.credential_process(*(words or ("--profile", "p")), env=env)
    return Said(7, "bare_home", run)


def own(text, *words, env=None):
    """The shim, with this in iamic's own configuration."""
    def run(home):
        home.write(".config/iamic/config", "").write_bytes(text.encode(errors="surrogateescape"))
        return home.credential_process(*words, env=env)
    return Said(7, "bare_home", run)


def bare(exit_status, run):
    return Said(exit_status, "bare_home", run)


def real(exit_status, run, notice=False):
    """With the practice Identity Center, signed in to `corp`."""
    def begin(home):
        home.configure()
        home.practice.set(accounts=[{"accountId": ACCOUNT, "roles": ["First", "Other"]}])
        home.sign_in()
        return run(home)
    return Said(exit_status, "home", begin, notice)


def profiles(exit_status, *words, notice=False):
    """iamic profiles, for two roles of one account."""
    return real(exit_status, lambda home: home.iamic("profiles", *words), notice)


def fault(exit_status, operation, kind, *words, times=None, **arguments):
    """Signed in, and AWS answers this operation so."""
    def run(home):
        home.practice.fault(operation, kind, times=times, **arguments)
        return home.iamic(*(words or ("whoami", *ROLE)))
    return real(exit_status, run)


def sign_in_fault(exit_status, operation, kind, **arguments):
    """iamic-login, when AWS answers this operation so; a person approves."""
    def run(home):
        home.configure()
        home.practice.fault(operation, kind, times=None, **arguments)
        login = home.spawn("iamic-login", "corp")
        return login.finish(40)
    return Said(exit_status, "home", run)


def refused_by_oidc(exit_status, name, operation="StartDeviceAuthorization"):
    return sign_in_fault(exit_status, operation, "status", status=400, code=name)


def comes_back(exit_status, query):
    """iamic login --browser, whose browser comes back to the port of this machine with that and the right state."""
    def run(home):
        home.configure()
        login = home.spawn("iamic", "login", "--browser", "--no-browser")
        sent = urllib.parse.urlsplit(login.until(r"address: (\S+)")[1]).query
        asked = dict(urllib.parse.parse_qsl(sent))
        try:
            urllib.request.urlopen(f"{asked['redirect_uri']}?{query}&state={asked['state']}", timeout=10).close()
        except urllib.error.HTTPError as page:
            page.close()
        return login.finish()
    return Said(exit_status, "home", run)


def port_in_use(home):
    home.configure()
    with socket.create_server(("127.0.0.1", 0)) as other:
        return home.iamic("login", "--browser", "--no-browser", "--port", other.getsockname()[1])


def many_scopes(home):
    scopes = ",".join(f"service{number}:{'x' * 80}" for number in range(30))
    home.write_aws_config(f"[sso-session corp]\nsso_start_url = {home.practice.start_url}\nsso_region = us-east-1\n"
                          f"sso_registration_scopes = {scopes}\n")
    return home.iamic("login", "--browser", "--no-browser")


def logged(prepare, *options, exit_status=0):
    """iamic log, after a role was asked for while the log was so."""
    def run(home):
        prepare(home.path / ".local/state/iamic/log")
        assert home.credential_process(*ROLE).status == 0
        return home.iamic("log", *options)
    return real(exit_status, run, notice=True)


def lending(exit_status, *options, path="s", config=""):
    """iamic share of a role, on a socket at this path below the test's folder."""
    def run(home):
        home.write_aws_config(f"{home.aws_config.read_text()}\n[profile p]\nsso_session = corp\n{KEYS}")
        home.write_config(config)
        home.stop_daemons()
        return home.iamic("share", "--socket", home.base / path, "--profile", "p", *options)
    return real(exit_status, run)


def imported(exit_status, text):
    """iamic import, when this is what the AWS CLI has left behind."""
    def run(home):
        home.configure()
        home.write(f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json", text(home) if callable(text) else text)
        return home.iamic("import", "corp")
    return Said(exit_status, "home", run)


def of_the_aws_cli(home, **changes):
    """A sign-in of the AWS CLI's, which has ended."""
    document = {"startUrl": home.practice.start_url, "region": home.practice.region, "accessToken": "x" * 20,
                "expiresAt": "2026-01-31T12:00:00Z", **changes}
    return json.dumps(document)


def assumed(*lines):
    """The shim, with a profile that assumes a role by these lines."""
    more = "".join(f"{line}\n" for line in lines)
    return aws(f"{SESSION}[profile p]\nrole_arn = {DEPLOY}\nsource_profile = q\n{more}"
               f"[profile q]\nsso_session = corp\n{KEYS}")


PLAIN = ("--account-id", ACCOUNT, "--role-name", "ReadOnly")


def configured(exit_status, text, *words, notice=False):
    """iamic configure without a terminal, where this is AWS's configuration (or what makes it so)."""
    def run(home):
        text(home) if callable(text) else home.write_aws_config(text)
        return home.run("/usr/bin/setsid", "--wait", home.program("iamic"), "configure", *words)
    return Said(exit_status, "bare_home", run, notice)


def configure_on_terminal(exit_status, *words, **answers):
    """iamic configure on a terminal, for a session that is there and can be signed in to at once."""
    def run(home):
        path = home.write_aws_config(SESSION)
        home.agent.answers.update({"Status": status(configFile=str(path)), "Login": done(), **answers})
        terminal = Terminal(home, "configure", "--sso-session", "corp", *words)
        return OnTerminal(terminal.finish(), terminal.text)
    return Said(exit_status, "cli", run)


def on_terminal(exit_status, *words, **answers):
    """iamic on a terminal, where nothing has to be typed."""
    def run(home):
        home.agent.answers.update({**answers, "Status": status(configFile=str(home.write_aws_config(SESSION)))})
        terminal = Terminal(home, *words)
        return OnTerminal(terminal.finish(), terminal.text)
    return Said(exit_status, "cli", run)


def in_folder(name, make):
    """The shim, after make() has spoilt a path below the home's runtime folder."""
    def run(home):
        make(home, home.runtime / name)
        return home.credential_process()
    return bare(7, run)


def starting(exit_status, text, *words):
    """A shim whose iamicd is this shell script."""
    def run(home):
        bindir = Bindir(home)
        bindir.write_shell(text)
        return bindir.run(*words)
    return bare(exit_status, run)


def typed(exit_status, *keys, words=("unlock", "--set"), notice=False):
    """iamic on a terminal, where these are typed at its prompts."""
    def run(home):
        home.agent.answers["Unlock"] = {"needsPassphrase": False}
        terminal = Terminal(home, *words)
        for prompt, key in keys:
            terminal.until(prompt)
            os.write(terminal.fd, key)
        return OnTerminal(terminal.finish(), terminal.text)
    return Said(exit_status, "cli", run, notice)


class OnTerminal:
    """What a Terminal showed, as a Result: the last line is the error."""

    def __init__(self, status, text):
        self.status, self.out = status, ""
        self.err = text.replace("\r\n", "\n").splitlines()[-1] + "\n"

    def __repr__(self):
        return f"exit {self.status}: {self.err}"


# Longer ways.

def store_of(script, *words):
    """A sign-in that is to be read from a helper which is this script; words: what iamic is asked instead."""
    def run(home):
        home.configure()
        helper = home.write("helper", f"#!/bin/sh\n{script}\n", mode=0o700)
        home.write_config(f"store = {helper}\n")
        result = home.credential_process(*ROLE, timeout=40)
        return home.iamic(*words, timeout=40) if words else result
    return Said(8, "home", run)


def unreadable_home(home):
    home.write("not-a-folder", "")
    return home.credential_process(env={"HOME": home.path / "not-a-folder", "XDG_RUNTIME_DIR": None})


def timed_out(home):
    home.practice.fault("GetRoleCredentials", "delay", seconds=5)
    return home.credential_process("--timeout", "1", *ROLE)


def signed_out_while_waiting(home):
    home.practice.fault("GetRoleCredentials", "delay", seconds=3)
    waiting_one = home.spawn("iamic-credential-process", *ROLE)
    wait_for(lambda: home.practice.count("GetRoleCredentials") > 1, 10, lambda: "no request")
    assert home.iamic("logout").status == 0
    return waiting_one.finish()


def cancelled_by_another(home):
    home.configure()
    first = home.spawn("iamic-login")
    first.until("code:")
    assert home.iamic("logout").status == 0
    return first.finish()


def browser_says(exit_status, command):
    return cli(exit_status, "login", notice=True, Login=stages(waiting(), done()),
               env={"IAMIC_BROWSER": command, "DISPLAY": ":0"})


def moved(home, to="memory"):
    home.configure()
    home.write_config("store = memory\n")
    return home.iamic("unlock", "--move-to", to)


looked_in_vain = cli(0, "accounts", "--new", notice=True, files={".local/state/iamic/seen.new/x": ""},
                     ListAccounts={"accounts": []},
                     Status=status(store={"kind": "file", "state": "ready", "protects": ""}))


# Why not.

KERNEL = Never("a system call that fails only when the kernel has no more descriptors, memory or processes")
MEMORY = Never("an allocation that fails, or 4 MiB of secrets in use at one moment")
BUG = Never("a defect of ours: no input leads to it")
CONTRACT = Never("the command line checks it before it asks, or asks for nothing else; for other clients of the socket")
AT_QUESTION = Part("said at a question on a terminal, which is asked again")
IN_STORE = Elsewhere("test_store.py")
IN_FILE = Elsewhere("test_store_file.py")
IN_START = Elsewhere("test_start.py")
IN_SHARE = Elsewhere("test_share.py")
IN_SHIM = Elsewhere("test_shim.py")
IN_CLI = Elsewhere("test_cli.py")
IN_DOCTOR = Elsewhere("test_doctor.py")
BEFORE = Part("names whose message follows")
