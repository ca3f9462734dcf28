#!/usr/bin/python3
"""Measures what the budgets promise, as ratios of things measured side by side, and prints a table.

It is no test: a loaded machine changes its figures. ./tests/run bench builds what it measures and starts it.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "lib")]
sys.dont_write_bytecode = True

import own_sso  # noqa: E402
from home import Home, become_reaper  # noqa: E402
from practice.client import Practice  # noqa: E402

ACCOUNT, ROLE, REGION = "111122223333", "Administrator", "us-east-1"
SYSTEM_BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
ROLES = 100


class Table:
    """Rows as they come: what, what was measured, what it must be, whether it is."""

    def __init__(self):
        self.missed = 0
        print(f"{'what':<62}{'measured':>12}   {'budget':<10}")

    def row(self, what, measured, budget=None, form="{:.2f}"):
        verdict = ""
        if budget is not None:
            verdict = "met" if measured <= budget else "MISSED"
            self.missed += measured > budget
        limit = "" if budget is None else "≤ " + form.format(budget)
        print(f"{what:<62}{form.format(measured):>12}   {limit:<10}{verdict}", flush=True)


class Bench:
    def __init__(self, prefix, scale):
        self.prefix, self.scale = prefix, scale
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="iamic-bench-", dir="/tmp"))
        self.table = Table()
        self.launch_program = self.compile("launch", (TESTS / "bench/launch.c").read_text())

    def close(self):
        shutil.rmtree(self.folder)

    def n(self, count):
        return max(3, int(count * self.scale))

    def compile(self, name, text, *flags):
        source, program = self.folder / f"{name}.c", self.folder / name
        source.write_text(text)
        subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", *flags, "-o", program, source], check=True)
        return program

    def hello(self, size):
        """A static program that prints as many bytes as the shim and does nothing else."""
        return self.compile("hello", f"""
            #include <unistd.h>
            static const char text[] = "{'x' * (size - 1)}\\n";
            int main(void) {{ return write(1, text, sizeof(text) - 1) != sizeof(text) - 1; }}""", "-static")

    def launch(self, *words, env):
        """The lines that launch.c prints, as lists of seconds."""
        done = subprocess.run([self.launch_program, *map(str, words)], env=env, capture_output=True)
        if done.returncode != 0:
            sys.exit(done.stderr.decode(errors="replace"))
        return [[int(ns) / 1e9 for ns in line.split()] for line in done.stdout.splitlines()]

    @contextlib.contextmanager
    def signed_in(self, **settings):
        """A home with a daemon, signed in; the practice server's authority beside all those of the system."""
        with Practice.start(self.folder / "practice", **settings) as practice:
            home = Home(practice, self.prefix)
            bundle = home.base / "bundle.pem"
            bundle.write_text(SYSTEM_BUNDLE.read_text() + pathlib.Path(practice.ca).read_text())
            home.env["AWS_CA_BUNDLE"] = str(bundle)
            home.configure({"bench": (ACCOUNT, ROLE)})
            try:
                daemon = home.start_daemon()
                home.sign_in()
                yield home, daemon
            finally:
                faults = home.close()
                if faults:
                    print("\n".join(faults), file=sys.stderr)

    def run(self, chosen):
        for name in chosen:
            getattr(self, name)()
        print(f"\n{self.table.missed} missed" if self.table.missed else "\nall budgets met")

    # What is measured.

    def shim(self):
        with self.signed_in() as (home, _):
            command = shim_command(home)
            document = home.credential_process(*command[1:]).out
            hello = self.hello(len(document))
            pairs = self.launch("pairs", self.n(400), *command, "--", hello, env=home.with_env())
            budget, kind = (1.75, "dynamic") if is_dynamic(command[0]) else (1.40, "static-pie")
            self.table.row(f"shim ({kind}), warm, whole process ÷ static hello", ratio(pairs), budget)
            self.warm_crowd(home, command, hello, document)

    def shell(self):
        """What a shell starts before each line that a person types, and at each Tab."""
        with self.signed_in() as (home, _):
            hello = self.hello(len("bench\n"))
            for what, words, budget in (("a prompt", ["prompt"], 2), ("completion", ["complete", "use", "b"], 3)):
                command = [home.program("iamic"), *words]
                if home.run(*command, env={"AWS_PROFILE": "bench"}).out != "bench\n":
                    sys.exit(f"{words}: not what a shell shows")
                pairs = self.launch("pairs", self.n(400), *command, "--", hello,
                                    env=home.with_env({"AWS_PROFILE": "bench"}))
                self.table.row(f"iamic for {what}, whole process ÷ static hello", ratio(pairs), budget)

    def warm_crowd(self, home, command, hello, document):
        count, ratios = self.n(1000), []
        for _ in range(9):
            output = self.folder / "crowd"
            shims = self.launch("crowd", count, output, *command, env=home.with_env())
            if output.read_text() != document * count:
                sys.exit("the crowd's documents are not what one shim prints")
            output.unlink()
            hellos = self.launch("crowd", count, output, hello, env={})
            output.unlink()
            ratios.append(p99(shims) / p99(hellos))
        self.table.row(f"{count} at once, warm: p99 ÷ p99 of static hellos", statistics.median(ratios), 1.5)

    def cold_crowd(self):
        with self.signed_in() as (home, _):
            home.practice.set(latency=0.2)
            before = home.practice.count("GetRoleCredentials")
            count, output = self.n(1000), self.folder / "crowd"
            self.launch("crowd", count, output, *shim_command(home), env=home.with_env())
            served = output.read_text().count('"SecretAccessKey"')
            output.unlink()
            self.table.row(f"{count} at once, cold: not served", count - served, 0, "{}")
            self.table.row(f"{count} at once, cold: requests upstream",
                           home.practice.count("GetRoleCredentials") - before, 1, "{}")

    def aws(self):
        """The AWS CLI with iamic, with static keys, and with its own SSO provider: keys cached on disk, and fetched."""
        with self.signed_in(hostname=f"portal.sso.{REGION}.amazonaws.com") as (home, _):
            ways = {"bench": {}, "static": {}, "own-cached": {}, "own-fetch": own_sso.through_proxy(home.practice)}
            document = json.loads(home.credential_process(*shim_command(home)[1:]).out)
            home.write(".aws/credentials", own_sso.static_keys(document))
            own_sso.write_profiles(home, ACCOUNT, ROLE)
            times = {way: [] for way in ways}
            for _ in range(self.n(30) + 1):
                for way in random.sample(list(ways), len(ways)):  # none is always the one after a slow one
                    own_sso.fill_cache(home, None if way == "own-fetch" else document, ACCOUNT, ROLE)
                    times[way].append(identity_seconds(home, way, ways[way]))
            by = {way: ratio(list(zip(times["bench"], taken))[1:]) for way, taken in times.items()}
            self.table.row("aws sts get-caller-identity: through iamic ÷ static keys", by["static"], 1.05)
            self.table.row("  ÷ the CLI's own SSO provider", by["own-fetch"], 1)
            self.table.row("  ÷ the same with keys in its cache on disk", by["own-cached"])
            own_sso.remove(home)

    def memory(self):
        accounts = [{"accountId": ACCOUNT, "accountName": "Bench", "roles": [role_name(i) for i in range(ROLES)]}]
        with self.signed_in(accounts=accounts) as (home, daemon):
            for i in range(ROLES):
                ask(home, role_name(i))
            self.many(home, self.n(10000))
            resident, anonymous = memory_of(daemon.pid)
            self.table.row(f"daemon after {ROLES} roles, {self.n(10000)} requests: VmRSS, MiB", resident, 16, "{:.1f}")
            self.table.row("  RssAnon, MiB", anonymous, 6, "{:.1f}")
            before = cpu_seconds(daemon.pid)
            self.many(home, self.n(90000))
            used = (cpu_seconds(daemon.pid) - before) / self.n(90000) * 1000
            self.table.row(f"  growth to {self.n(100000)} requests, MiB", memory_of(daemon.pid)[0] - resident, 0.1)
            self.table.row("daemon's CPU for 1000 warm requests, ms", used * 1000, form="{:.0f}")

    def many(self, home, count):
        requests = [request(role_name(i)) for i in range(ROLES)]
        for i in range(count):
            if not exchange(home.socket, requests[i % ROLES]).startswith(b'{"parameters":{'):
                sys.exit("a warm request was not answered with credentials")

    def start(self):
        with Practice.start(self.folder / "practice") as practice:
            home = Home(practice, self.prefix)
            home.configure()
            try:
                env = home.with_env({"NOTIFY_SOCKET": home.base / "notify"})
                pairs = self.launch("ready", self.n(60), home.program("iamicd"), "--", "/usr/bin/curl", "--version",
                                    env=env)
                self.table.row("start to ready ÷ curl --version", ratio(pairs), 3)
            finally:
                home.close()


def ratio(pairs):
    """Each pair was measured within the same moment: whatever else the machine did then, it did to both."""
    return statistics.median(first / second for first, second in pairs)


def p99(times):
    return sorted(taken for taken, in times)[len(times) * 99 // 100]


def is_dynamic(program):
    return b"NEEDED" in subprocess.run(["readelf", "-d", program], check=True, capture_output=True).stdout


def shim_command(home):
    return [str(home.program("iamic-credential-process")), "--sso-session", "corp", "--account-id", ACCOUNT,
            "--role-name", ROLE]


def identity_seconds(home, profile, env):
    began = time.monotonic()
    result = home.aws("--profile", profile, "sts", "get-caller-identity", env=env)
    taken = time.monotonic() - began
    if result.status != 0:
        sys.exit(f"profile {profile}: {result}")
    return taken


def role_name(i):
    return ROLE if i == 0 else f"Role{i}"


def request(role):
    return json.dumps({"method": "io.iamic.Agent.GetCredentials", "parameters": {
        "session": "corp", "accountId": ACCOUNT, "roleName": role}}).encode() + b"\0"


def ask(home, role):
    return home.call("GetCredentials", session="corp", accountId=ACCOUNT, roleName=role)


def exchange(path, message):
    """One request on a connection of its own, as a shim makes it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(message)
        reply = connection.recv(65536)
        while not reply.endswith(b"\0"):
            reply += connection.recv(65536)
        return reply


def memory_of(pid):
    """(VmRSS, RssAnon) in MiB."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


PARTS = ("start", "shim", "shell", "cold_crowd", "memory", "aws")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prefix", required=True, help="what is measured: an installed iamic")
    parser.add_argument("--scale", type=float, default=1, help="share of the repetitions, for a first look")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    given = parser.parse_args()
    become_reaper()
    bench = Bench(pathlib.Path(given.prefix).resolve(), given.scale)
    try:
        bench.run(given.parts or PARTS)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
