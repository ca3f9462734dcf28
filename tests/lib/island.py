"""A network of its own, without a way out: addresses, names and name servers are what a test says.

The practice server, proxies and the programs under test are all in there; the test itself is not, and reaches the
practice server through a UNIX socket. Where the tests do not run as root they are root of a user namespace.
"""
import contextlib
import http.client
import os
import pathlib
import re
import socket
import subprocess

from home import wait_for
from practice.client import Practice

IPV4, IPV6 = "192.0.2.1", "fd00::1"     # beside loopback
NAME_SERVER, BLACK_HOLE = "192.0.2.53", "192.0.2.99"
TOOLS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
BECOME_ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
ENTER_AS_ROOT = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
# What is sent to a name server, or into the black hole, is lost without a word.
SETTLE = f"""
mount --bind "$1" /etc/hosts
mount --bind "$2" /etc/resolv.conf
ip link set lo up
for address in {IPV4}/32 {NAME_SERVER}/32 {BLACK_HOLE}/32 {IPV6}/128; do ip address add $address dev lo; done
nft 'table inet swallow {{ chain input {{
  type filter hook input priority 0
  ip daddr {{ {NAME_SERVER}, {BLACK_HOLE} }} drop
}}; }}'
echo settled
exec sleep infinity
"""

# The tree without what tells of a container, should this be one.
NO_CONTAINER = """
for entry in /*; do
    if [ -L "$entry" ]; then
        cp -P "$entry" "$0$entry"
    elif [ -d "$entry" ] && [ "$entry" != /run ]; then
        mkdir "$0$entry"
        mount --rbind "$entry" "$0$entry"
    fi
done
exec /usr/sbin/chroot "$0" "$@"
"""


class Island:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.hosts, self.resolver = self.folder / "hosts", self.folder / "resolv.conf"
        self.name({})
        self.resolver.write_text(f"nameserver {NAME_SERVER}\n")
        self.processes = []
        self.keeper = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", *BECOME_ROOT, "--mount", "--net", "sh", "-euc", SETTLE, "sh",
             self.hosts, self.resolver], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=TOOLS)
        line = self.keeper.stdout.readline()
        assert line == b"settled\n", line + self.keeper.stdout.read()

    @property
    def enter(self):
        """Words in front of a command that is to be run in there."""
        return ["/usr/bin/nsenter", "--target", str(self.keeper.pid), *ENTER_AS_ROOT, "--mount", "--net", "--"]

    def name(self, names):
        """The names that are known in there, {name: address}, beside localhost. The others are asked for in vain."""
        lines = ["127.0.0.1 localhost", "::1 localhost", *(f"{address} {name}" for name, address in names.items())]
        self.hosts.write_text("\n".join(lines) + "\n")

    def run(self, *argv):
        subprocess.run([*self.enter, *argv], check=True, env=TOOLS, stdin=subprocess.DEVNULL)

    def spawn(self, *argv, log):
        """Starts something that goes on until it, or all of it, is stopped."""
        with open(log, "ab") as out:
            process = subprocess.Popen([*self.enter, *map(str, argv)], env={**TOOLS, "HOME": str(self.folder)},
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def is_listening(self, port):
        """Whether anyone listens on that TCP port, as the kernel tells it of the keeper's network."""
        tables = [pathlib.Path(f"/proc/{self.keeper.pid}/net/{table}").read_text() for table in ("tcp", "tcp6")]
        return any(re.search(rf":{port:04X} [0-9A-F]+:0000 0A ", table) for table in tables)

    def wait_until_listening(self, process, port, log, timeout=20):
        def look():
            assert process.poll() is None, pathlib.Path(log).read_text(errors="replace")
            return self.is_listening(port)
        wait_for(look, timeout, lambda: pathlib.Path(log).read_text(errors="replace"))

    def relay(self, listen, target):
        """socat between two of its addresses."""
        process = self.spawn("socat", listen, target, log=self.folder / "socat.log")
        if listen.startswith("UNIX-LISTEN:"):
            path = pathlib.Path(listen.partition(":")[2].partition(",")[0])
            wait_for(path.exists, 10, lambda: f"no {path}")
        return process

    @contextlib.contextmanager
    def changed(self, do, undo):
        """While it lasts the network is another: commands of ip(8)."""
        self.run("ip", *do.split())
        try:
            yield
        finally:
            self.run("ip", *undo.split())

    def stop(self, process):
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def close(self):
        for process in list(self.processes):
            self.stop(process)
        self.keeper.kill()
        self.keeper.wait()
        self.keeper.stdout.close()


class Through(http.client.HTTPSConnection):
    """HTTPS over a UNIX socket."""

    def __init__(self, path, **options):
        super().__init__("localhost", **options)
        self.path = path

    def connect(self):
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(self.timeout)
        plain.connect(str(self.path))
        self.sock = self._context.wrap_socket(plain, server_hostname="localhost")


def start_practice(island, state, **options):
    """A practice Identity Center on the island's loopback."""
    door = island.folder / "door"

    class Inside(Practice):
        within = island.enter

        def connect(self):
            return Through(door, timeout=60, context=self.context)

    server = Inside.start(state, **options)
    island.relay(f"UNIX-LISTEN:{door},fork", f"TCP6:[::1]:{server.port}")
    return server
