"""AWS's clients as they are: what each needs to find its profile and the practice server, and how it is run.

None is told anything of iamic: all that they know is a profile whose credential_process is iamic's.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess

import varlink

PROGRAMS = pathlib.Path(__file__).resolve().parent / "clients"
BUILD = varlink.ROOT / "build/clients"
# The last version of the third that says it runs on Debian's node.
NODE_PACKAGES = ("@aws-sdk/client-sts@3.967.0", "aws-sdk@2.1693.0")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
BUCKET = "practice-bucket"


class Client:
    """argv: the command. follows: one process asks once for each line on its stdin; else each run asks once.

    shows: whether a person gets to see what credential_process said on stderr. is_served: it knows an endpoint of
    containers that is a whole address. runs_process: it knows credential_process.
    """

    def __init__(self, name, argv, follows=False, shows=True, is_served=True, runs_process=True, **env):
        self.name, self.argv, self.follows, self.shows, self.env = name, argv, follows, shows, env
        self.is_served, self.runs_process = is_served, runs_process

    @property
    def role(self):
        """Each has a role of its own, so that the server can tell whose request it is."""
        return self.name.title()


def node(program, **env):
    """The default chain of both versions goes on to other providers, and tells of the last one alone."""
    return dict(argv=["/usr/bin/node", "--no-warnings", str(BUILD / "node" / program)], follows=True, shows=False,
                NODE_EXTRA_CA_CERTS="{ca}", **env)


def restic(command, folder="repository"):
    return ["/usr/bin/restic", "--cacert", "{ca}", "--no-cache", "-r", f"s3:{{url}}/{BUCKET}/{folder}", command]


CLIENTS = {client.name: client for client in [
    Client("aws-cli", ["/usr/bin/aws", "--endpoint-url", "{url}", "sts", "get-caller-identity"], AWS_CA_BUNDLE="{ca}"),
    Client("boto3", ["/usr/bin/python3", str(PROGRAMS / "boto3_sts.py")], follows=True, AWS_CA_BUNDLE="{ca}"),
    Client("javascript-v3", **node("sdk-v3.mjs", AWS_ENDPOINT_URL_STS="{url}")),
    Client("javascript-v2", **node("sdk-v2.cjs", AWS_SDK_LOAD_CONFIG="1",
                                   AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE="1")),
    Client("go-v1", [str(BUILD / "go-v1")], follows=True, SSL_CERT_FILE="{ca}", AWS_SDK_LOAD_CONFIG="1"),
    Client("go-v2", [str(BUILD / "go-v2")], follows=True, SSL_CERT_FILE="{ca}"),
    Client("ruby", ["/usr/bin/ruby", str(PROGRAMS / "sts.rb")], follows=True, is_served=False),
    # Its chain has credential_process in later versions only.
    Client("crt", ["/usr/bin/python3", str(PROGRAMS / "crt_sts.py")], follows=True, runs_process=False),
    Client("rclone", ["/usr/bin/rclone", "--config", "{home}/rclone.conf", "--ca-cert", "{ca}", "lsd", "practice:"]),
    # It goes on without any credentials, as for a bucket that is open to everybody.
    Client("restic", restic("snapshots"), shows=False, RESTIC_PASSWORD="practice"),
    Client("s4cmd", ["/usr/bin/s4cmd", "--endpoint-url", "{url}", "ls"], AWS_CA_BUNDLE="{ca}"),
]}


# A listing of several pages: the command that takes a while, in one process.
LISTINGS = {
    "aws-cli": ["/usr/bin/aws", "--endpoint-url", "{url}", "s3", "ls", "--recursive", f"s3://{BUCKET}"],
    "rclone": ["/usr/bin/rclone", "--config", "{home}/rclone.conf", "--ca-cert", "{ca}", "ls", f"practice:{BUCKET}"],
    "s4cmd": ["/usr/bin/s4cmd", "--endpoint-url", "{url}", "ls", "-r", f"s3://{BUCKET}"],
}
ACCOUNT = "111122223333"


class Bench:
    """A home in which every client finds a profile of its own name, and a practice Identity Center with its role."""

    def __init__(self, home, roles=None):
        self.home = home
        roles = roles or {one.name: one.role for one in CLIENTS.values()}
        # The first one is what iamic asks for after a sign-in, to say who came back.
        home.practice.set(accounts=[{"accountId": ACCOUNT, "roles": ["First", *sorted(set(roles.values()))]}])
        home.configure({name: (ACCOUNT, role) for name, role in roles.items()})
        # restic looks for credential_process in this file alone.
        process = home.aws_config.read_text().partition("[profile restic]")[2].strip().splitlines()[0]
        home.write(".aws/credentials", f"[restic]\n{process}\n")
        home.write("rclone.conf", f"[practice]\ntype = s3\nprovider = Other\nenv_auth = true\nregion = us-east-1\n"
                   f"endpoint = {home.practice.url}\nforce_path_style = true\n")

    def spawn(self, client, argv=None, profile=None, without=None, served=False):
        """Starts it; a client that follows gets a pipe as its stdin. without: a variable that it needs. served: by
        iamic exec --server, and so without a profile."""
        def filled(text):
            return text.format(url=self.home.practice.url, ca=self.home.practice.ca, home=self.home.path)
        env = {"AWS_ENDPOINT_URL": None, "AWS_CA_BUNDLE": None, "AWS_PROFILE": profile or client.name,
               "SERVER": self.home.practice.url, "SERVER_CA": self.home.practice.ca,
               **{name: filled(value) for name, value in client.env.items() if name != without}}
        stdin = subprocess.PIPE if client.follows and not argv else subprocess.DEVNULL
        prefix = [self.home.program("iamic"), "exec", "--server", "--"] if served else []
        return self.home.spawn(*prefix, *map(filled, argv or client.argv), env=env, stdin=stdin)

    def start(self, client, **options):
        """The same, and its first request."""
        process = self.spawn(client, **options)
        if process.stdin:
            ask(process)
        return process

    def once(self, client, **options):
        """The result of one run with one request."""
        return ended(self.start(client, **options))

    def grants(self, role):
        """How often AWS was asked for the credentials of a role."""
        return sum(request["query"]["role_name"] == role
                   for request in self.home.practice.requests("GetRoleCredentials"))

    def signed(self):
        """{role: access keys that signed its requests, in order, each once}; of signatures that were found right."""
        keys = {}
        for by in filter(None, (request["signed_by"] for request in self.home.practice.requests())):
            role = by["arn"].partition("AWSReservedSSO_")[2].rpartition("/")[0].rpartition("_")[0]
            keys.setdefault(role, {})[by["key_id"]] = None
        return {role: list(ids) for role, ids in keys.items()}


def ask(process):
    """One more request of a client that follows."""
    process.stdin.write(b"\n")
    process.stdin.flush()


def ended(process, timeout=60):
    """The result of a client that has no more to do."""
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    return process.finish(timeout)


def build():
    """What has to be made first: programs in Go, and a folder with the packages of node. Made once."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("go-v1", "go-v2"):
            build_go(name)
        build_node()


def build_go(name):
    source = PROGRAMS / name / "main.go"
    if is_newer(BUILD / name, source):
        return
    env = {"PATH": "/usr/bin:/bin", "HOME": str(BUILD), "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
           "GOCACHE": str(BUILD / "go-cache"), "GOFLAGS": "-p=2"}
    run(["/usr/bin/go", "build", "-o", BUILD / name, source], env)


def build_node():
    """npm finds its registry where the person who runs the tests has it from, and trusts whom the system trusts."""
    folder, done = BUILD / "node", BUILD / "node/installed"
    if not done.exists() or done.read_text() != " ".join(NODE_PACKAGES):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        run(["/usr/bin/npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts",
             *NODE_PACKAGES], {**os.environ, "PATH": "/usr/bin:/bin", "NODE_EXTRA_CA_CERTS": AUTHORITIES})
        done.write_text(" ".join(NODE_PACKAGES))
    for name in ("sdk-v3.mjs", "sdk-v2.cjs", "endpoint-v3.mjs"):
        shutil.copy(PROGRAMS / name, folder)


def is_newer(made, source):
    return made.exists() and made.stat().st_mtime > source.stat().st_mtime


def run(argv, env):
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    assert done.returncode == 0, f"{argv[0]}: {done.stdout[-4000:]}"
