"""A person of a booted system, with her home, her sessions and her services."""
import json
import os
import pathlib
import shutil
import signal
import time

from home import Secrets, wait_for

ACCOUNT, ROLE = "012345678901", "ReadOnly"
SHIM = ("iamic-credential-process", "--sso-session", "corp", "--account-id", ACCOUNT, "--role-name", ROLE)
NOTICE = 5  # a log's priority; smaller numbers tell of trouble


class Person:
    """alice: a new home, and the service manager of hers that runs."""

    def __init__(self, machine, practice):
        self.machine, self.practice = machine, practice
        self.uid = machine.uid("alice")
        self.manager = f"user@{self.uid}.service"
        self.home, self.runtime = machine.file("/home/alice"), machine.file(f"/run/user/{self.uid}")
        self.began, self.env = time.time(), {}
        self.configure()
        self.start_manager()

    def configure(self):
        ca = self.write("ca.pem", pathlib.Path(self.practice.ca).read_text())
        self.env |= {"AWS_ENDPOINT_URL": self.practice.url, "AWS_CA_BUNDLE": ca}
        self.write(".config/environment.d/practice.conf", "".join(f"{name}={self.env[name]}\n" for name in self.env))
        self.write(".config/iamic/config", "store = memory\n")
        self.write(".aws/config", f"[sso-session corp]\nsso_start_url = {self.practice.start_url}\n"
                   f"sso_region = {self.practice.region}\nsso_registration_scopes = sso:account:access\n")

    def write(self, name, text, mode=0o600):
        """A file below her home; gives its path inside."""
        path = self.home / name
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        for made in (path, *missing):
            os.chown(made, self.uid, self.uid)
        return f"/home/alice/{name}"

    # Programs.

    def run(self, *argv, timeout=20, **options):
        return self.spawn(*argv, **options).finish(timeout)

    def spawn(self, *argv, env=None):
        return self.machine.spawn(*argv, user="alice", env={**self.env, **(env or {})})

    def well(self, *argv, **options):
        """What a program printed that must succeed without a word of complaint."""
        return self.succeeded(self.run(*argv, **options))

    def succeeded(self, result):
        assert (result.status, result.err) == (0, ""), f"{result}\n{self.journal()}"
        return result.out

    def status(self, **options):
        return json.loads(self.well("iamic", "status", "--json", **options))

    def sign_in(self):
        login = self.spawn("iamic-login", "corp")
        self.practice.approve(login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1])
        result = login.finish()
        assert result.status == 0, f"{result}\n{self.journal()}"

    def credentials(self):
        return json.loads(self.well(*SHIM))

    def slow_client(self, seconds, **options):
        """A client whose call is open for some seconds."""
        before = self.practice.count("ListAccounts")
        self.practice.fault("ListAccounts", "delay", seconds=seconds)
        client = self.spawn("iamic", "accounts", "--json", **options)
        wait_for(lambda: self.practice.count("ListAccounts") > before, 5, lambda: "no request")
        return client

    def served(self, client):
        """Whether a slow client got what it had asked for."""
        return len(json.loads(self.succeeded(client.finish()))["accounts"]) > 0

    def presence(self):
        """What logind says of her: active, lingering, closing, or nothing."""
        return self.machine.run("loginctl", "show-user", "--value", "--property=State", "alice").out.strip()

    # Her services.

    def start_manager(self):
        self.machine.run("systemctl", "start", self.manager)
        assert self.systemctl("is-system-running", "--wait") == "running"

    def stop_manager(self):
        self.machine.run("systemctl", "stop", self.manager, f"user-runtime-dir@{self.uid}.service")

    def has_manager(self):
        return self.machine.run("systemctl", "is-active", self.manager).out.strip() == "active"

    def log_in(self, command):
        """A session in which the command is run; it goes on until log_out()."""
        session = self.machine.spawn("su", "--login", "alice", "-c",
                                     f"{command}; echo done; until [ -e leave ]; do sleep 0.05; done")
        session.until("done")
        return session

    def log_out(self, session):
        self.write("leave", "")
        assert session.finish().status == 0

    def systemctl(self, *words):
        result = self.run("systemctl", "--user", *words)
        assert result.status == 0, f"{result}\n{self.journal()}"
        return result.out.strip()

    def show(self, name, unit="iamicd.service"):
        return self.systemctl("show", "--value", "--property", name, unit)

    def state(self, unit="iamicd.service"):
        return f"{self.show('ActiveState', unit)}/{self.show('SubState', unit)}"

    def drop_in(self, text):
        self.write(".config/systemd/user/iamicd.service.d/test.conf", f"[Service]\n{text}\n")
        self.systemctl("daemon-reload")

    def kill_service(self):
        self.systemctl("kill", "--kill-whom=main", "--signal=KILL", "iamicd.service")

    def daemons(self):
        return self.machine.pids("iamicd", "alice")

    def journal(self, priority=7):
        """What iamicd and her service manager said, if it is at least that important."""
        self.machine.run("journalctl", "--sync")
        said = self.machine.run("journalctl", "--output=json", f"--since=@{self.began:.6f}", f"_UID={self.uid}").out
        entries = [json.loads(line) for line in said.splitlines()]
        return "\n".join(f"{entry['SYSLOG_IDENTIFIER']}: {entry['MESSAGE']}" for entry in entries
                         if int(entry["PRIORITY"]) <= priority)

    def close(self):
        """Logs her out for good and empties her home; gives what should not be, one a line."""
        self.machine.run("loginctl", "disable-linger", "alice")
        self.machine.run("loginctl", "terminate-user", "alice")
        self.stop_manager()
        for pid in self.daemons():
            os.kill(pid, signal.SIGKILL)
        for path in self.home.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        known = Secrets()
        known.learn_requests(self.practice.requests())
        return [f"the journal holds a secret: {what}" for what in known.found_in(self.journal())]
