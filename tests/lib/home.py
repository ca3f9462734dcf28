"""A person's empty home, the programs of the prefix running in it, and what they must leave behind: nothing.

Every program gets an environment made from scratch. Daemons that clients start detach from everything but their
parent's parent: this process makes itself the reaper of its descendants, so a daemon becomes its child, can be
found without asking the daemon, and its exit status is seen.
"""
import ctypes
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import varlink

PREFIX = pathlib.Path(os.environ.get("IAMIC_TEST_PREFIX", varlink.ROOT / "build/gcc/prefix"))
PR_SET_CHILD_SUBREAPER = 36
PF_FORKNOEXEC = 0x40

# Leaks are looked for where a program returns from main(); each report ends the program and lands in a file.
ASAN_OPTIONS = ("abort_on_error=0:exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1:"
                "allocator_may_return_null=1")
UBSAN_OPTIONS = "halt_on_error=1:exitcode=99:print_stacktrace=1"


class Result:
    """What a program that ended left: exit status (negative: signal), out and err as text, seconds it took."""

    def __init__(self, argv, status, out, err, seconds):
        self.argv, self.status, self.out, self.err, self.seconds = argv, status, out, err, seconds

    def __repr__(self):
        return (f"{pathlib.Path(self.argv[0]).name} {' '.join(self.argv[1:])}: exit {self.status} "
                f"after {self.seconds:.2f} s\n--- stdout\n{self.out}\n--- stderr\n{self.err}")


class Process(subprocess.Popen):
    """A program that goes on running; its output goes to files of the home, so no pipe ever fills up."""

    def __init__(self, home, argv, env, stem, **options):
        self.home, self.argv, self.began = home, argv, time.monotonic()
        self.out_path, self.err_path = home.logs / f"{stem}.out", home.logs / f"{stem}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            options.setdefault("stdin", subprocess.DEVNULL)
            super().__init__(argv, env=env, stdout=out, stderr=err, cwd=home.path, **options)

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def finish(self, timeout=20):
        """Waits for the end; a program that does not end in time is killed and fails the test."""
        try:
            status = self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
            raise AssertionError(f"not ended after {timeout} s: {self.result(None)}") from None
        return self.result(status)

    def result(self, status):
        return Result(self.argv, status, self.out, self.err, time.monotonic() - self.began)

    def until(self, pattern, timeout=10, stream="out"):
        """Waits until the output matches; returns the match. There is nothing to wait for once the program ended."""
        def look():
            ended = self.poll() is not None
            return re.search(pattern, getattr(self, stream)) or (None if not ended else "ended")

        def explain():
            return f"no {pattern!r} in the {stream} of {self.result(self.poll())}"
        match = wait_for(look, timeout, explain)
        assert match != "ended", explain()
        return match


class Home:
    """One test's home. practice: a running practice Identity Center, or None. within: words in front of every command
    that is run, which end in its exec()."""

    def __init__(self, practice=None, prefix=PREFIX, within=()):
        become_reaper()
        self.prefix, self.practice, self.within = pathlib.Path(prefix), practice, within
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="iamic-", dir="/tmp"))
        self.path, self.runtime, self.logs = self.base / "home", self.base / "run", self.base / "logs"
        for folder in (self.path, self.runtime, self.logs):
            folder.mkdir(mode=0o700)
        self.sanitizer_log = self.logs / "sanitizer"
        self.processes, self.written, self.faults = [], 0, []
        self.children_before = set(children())
        self.env = self._environment()

    def _environment(self):
        env = {
            "HOME": str(self.path),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "dumb",
            "ASAN_OPTIONS": f"{ASAN_OPTIONS}:log_path={self.sanitizer_log}-address",
            "UBSAN_OPTIONS": f"{UBSAN_OPTIONS}:log_path={self.sanitizer_log}-undefined",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return {**env, **(self.practice.env() if self.practice else {})}

    # Files.

    @property
    def socket(self):
        return self.runtime / "iamic/socket"

    @property
    def aws_config(self):
        return self.path / ".aws/config"

    def write(self, name, text, mode=0o600):
        """Writes a file below the home, with its folders."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(mode)
        return path

    def write_aws_config(self, text):
        return self.write(".aws/config", text)

    def write_config(self, text):
        return self.write(".config/iamic/config", text)

    def configure(self, profiles=None, session="corp"):
        """An AWS configuration as iamic writes it. profiles: {name: (account id, role name)}."""
        text = [f"[sso-session {session}]", f"sso_start_url = {self.practice.start_url}",
                f"sso_region = {self.practice.region}", "sso_registration_scopes = sso:account:access", ""]
        for name, (account_id, role_name) in (profiles or {}).items():
            text += [f"[profile {name}]",
                     f"credential_process = {self.program('iamic-credential-process')} --sso-session {session} "
                     f"--account-id {account_id} --role-name {role_name}",
                     "region = us-east-1", ""]
        return self.write_aws_config("\n".join(text))

    # Programs.

    def program(self, name):
        return self.prefix / "bin" / name

    def run(self, *argv, timeout=20, env=None, input=None, **options):
        """Runs a program to its end. env: variables to add; None as a value removes one."""
        if input is not None:
            with tempfile.TemporaryFile(dir=self.logs) as stdin:
                stdin.write(input.encode())
                stdin.seek(0)
                return self.spawn(*argv, env=env, stdin=stdin, **options).finish(timeout)
        return self.spawn(*argv, env=env, **options).finish(timeout)

    def spawn(self, *argv, env=None, prints_credentials=False, **options):
        """Starts a program of the prefix (by its name) or of the system (by its path)."""
        argv = [str(word) for word in argv]
        name = pathlib.Path(argv[0]).name
        if "/" not in argv[0]:
            argv[0] = str(self.program(argv[0]))
        self.written += 1
        stem = f"{self.written:04d}-{name}{'-prints-credentials' if prints_credentials else ''}"
        process = Process(self, [*self.within, *argv], self.with_env(env), stem, **options)
        self.processes.append(process)
        return process

    def with_env(self, env=None):
        merged = {**self.env, **(env or {})}
        return {name: str(value) for name, value in merged.items() if value is not None}

    def iamic(self, *words, **options):
        return self.run("iamic", *words, **options)

    def credential_process(self, *words, **options):
        return self.run("iamic-credential-process", *words, **options)

    def aws(self, *words, timeout=60, **options):
        """Debian's AWS CLI: it knows its server by --endpoint-url only."""
        server = ["--endpoint-url", self.practice.url] if self.practice else []
        return self.run("/usr/bin/aws", *server, *words, timeout=timeout, **options)

    def sign_in(self, session="corp", timeout=20, **options):
        """iamic-login, and a person who approves."""
        login = self.spawn("iamic-login", session, **options)
        code = login.until(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1]
        self.practice.approve(code)
        result = login.finish(timeout)
        assert result.status == 0, result
        return result

    # The daemon.

    def start_daemon(self, *options, env=None, timeout=10, **popen):
        """Starts iamicd by hand, as a service manager would, and returns it when it has said READY=1."""
        path = self.base / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            notify.settimeout(0.05)
            daemon = self.spawn("iamicd", *options, env={"NOTIFY_SOCKET": path, **(env or {})}, **popen)
            daemon.notifications = []

            def ready():
                assert daemon.poll() is None, f"iamicd ended before it was ready: {daemon.result(daemon.poll())}"
                try:
                    daemon.notifications += notify.recv(4096).decode(errors="replace").split("\n")
                except TimeoutError:
                    return False
                return "READY=1" in daemon.notifications
            wait_for(ready, timeout, lambda: f"no READY=1 from {daemon.result(daemon.poll())}")
        return daemon

    def daemon_pid(self):
        return varlink.peer_pid(self.socket)

    def daemon_pids(self):
        """All iamicd that this test started in whatever way and that still run; not what one that has ended was about
        to make a store helper of."""
        started = (pid for pid in children() if pid not in self.children_before)
        return [pid for pid in started if comm(pid) == "iamicd" and not is_zombie(pid) and not is_mere_fork(pid)]

    def client(self, **options):
        return varlink.Client(self.socket, **options)

    def call(self, method, parameters=None, **fields):
        """One call on a connection of its own."""
        with self.client() as client:
            return client.call(method, parameters, **fields)

    def stop_daemons(self, timeout=10):
        """Ends every daemon of this home in the orderly way; one that does not end, or not with 0, is a fault."""
        stopped = self.daemon_pids()
        for pid in stopped:
            os.kill(pid, signal.SIGTERM)
        for pid in stopped:
            if not has_ended(pid, timeout):
                self.faults.append(f"iamicd {pid} did not end within {timeout} s of SIGTERM")
                os.kill(pid, signal.SIGKILL)
                has_ended(pid, timeout)
        for pid, status in self.reap():
            if pid in stopped and status != 0:
                self.faults.append(f"iamicd {pid} ended with {status} on SIGTERM")

    def reap(self):
        """Takes leave of every child that has ended: [(pid, status)]. A crash is a fault whoever the child was."""
        ended = [(process.pid, process.poll()) for process in self.processes if process.poll() is not None]
        known = self.children_before | {process.pid for process in self.processes}
        for pid in children():
            if pid not in known and is_zombie(pid):
                ended.append((pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
        for pid, status in ended:
            fault = f"process {pid} crashed with {describe_status(status)}"
            if is_crash(status) and fault not in self.faults:
                self.faults.append(fault)
        return ended

    # The end.

    def close(self):
        """Ends what runs, removes the home, and returns what was wrong: a list of lines, empty if nothing."""
        try:
            self.stop_daemons()
            for process in self.processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            self.reap()
            return self.faults + self.sanitizer_reports() + self.leaked_secrets()
        finally:
            shutil.rmtree(self.base, ignore_errors=True)

    def sanitizer_reports(self):
        return [path.read_text(errors="replace") for path in sorted(self.logs.glob("sanitizer*"))]

    def leaked_secrets(self):
        """Lines about files that hold a secret and must not: outputs, logs, everything in the home.

        What prints credentials because it was asked to is left out: the stdout of the shim, of the AWS CLI, and
        of what was started with prints_credentials.
        """
        known = Secrets()
        printed = {*self.logs.glob("*-iamic-credential-process.out"), *self.logs.glob("*-prints-credentials.out")}
        for path in printed:
            known.learn_credentials(path.read_text(errors="replace"))
        if self.practice:
            known.learn_requests(self.practice.requests())
        files = {path for path in self.base.rglob("*") if path.is_file() and not path.is_symlink()}
        return [f"{path.relative_to(self.base)} holds a secret: {what}"
                for path in sorted(files - printed - set(self.logs.glob("*-aws.out")))
                for what in known.found_in(path.read_text(errors="replace"))]


class Secrets:
    """What must not be seen. The practice server tells digests of the secrets that it got, never the secrets."""

    # Longer than the lines of a certificate, which may hold the same letters by chance.
    FORMS = {"access token": r"aoa[A-Za-z0-9+/]{64}", "refresh token": r"aor[A-Za-z0-9+/]{64}",
             "client secret": r"eyJraWQ[A-Za-z0-9+/.]{40}"}
    WORD = re.compile(r"[A-Za-z0-9+/=._-]{20,}")

    def __init__(self):
        self.digests, self.values = set(), set()

    def learn_requests(self, requests):
        self.digests |= set(re.findall(r"sha256:[0-9a-f]{16}", json.dumps(requests)))

    def learn_credentials(self, text):
        self.values |= set(re.findall(r'"(?:SecretAccessKey|SessionToken)": ?"([^"]+)"', text))

    def found_in(self, text):
        found = [name for name, form in self.FORMS.items() if re.search(form, text)]
        found += ["role credentials" for value in self.values if value in text]
        words = {part for word in self.WORD.findall(text) for part in (word, *re.split("[=.]", word))}
        found += ["something that was sent to the server" for word in words if digest(word) in self.digests]
        return sorted(set(found))


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:16]


def wait_for(condition, timeout, explain, pause=0.01):
    """The first true value of condition(); AssertionError with explain() when time is up."""
    ends = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > ends:
            raise AssertionError(f"after {timeout} s: {explain()}")
        time.sleep(pause)
    return value


def become_reaper():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def children():
    """Pids of this process's children, adopted ones and zombies too."""
    return children_of(os.getpid())


def children_of(pid):
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and stat_fields(entry)[1:2] == [str(pid)]]


def stat_fields(pid):
    """/proc/PID/stat from the state on: [state, ppid, …]; nothing if the process is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_zombie(pid):
    return stat_fields(pid)[:1] in ([], ["Z"])


def is_mere_fork(pid):
    """Whether it has not become a program of its own yet."""
    fields = stat_fields(pid)
    return bool(fields) and bool(int(fields[6]) & PF_FORKNOEXEC)


def comm(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def has_ended(pid, timeout):
    """Waits for the end of any process, child or not."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(fd)


def is_crash(status):
    """Ended by a fault of its own: 99 is what the sanitizers exit with."""
    return status == 99 or -status in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL,
                                       signal.SIGFPE, signal.SIGSYS)


def describe_status(status):
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
