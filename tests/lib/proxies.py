"""Proxies as companies have them, on an island: each is a context manager with an address and what it saw."""
import pathlib
import shutil
import subprocess
import tempfile

import island as islands

USER, PASSWORD = "alice", "hunter2-of-the-proxy"
NAME = "proxy.test"
# squid, run by root, wants to become another user, who may not be there.
NOT_ROOT = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
AUTHENTICATOR = "/usr/lib/squid/basic_ncsa_auth"


class Proxy:
    """A subclass has a port, writes what its program needs to self.folder and returns its command."""

    scheme = "http"

    def __init__(self, island):
        self.island = island

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="iamic-proxy-", dir="/tmp"))
        self.log, self.output = self.folder / "log/requests", self.folder / "output"
        self.log.parent.mkdir()
        self.process = self.island.spawn(*self.command(), log=self.output)
        try:
            self.island.wait_until_listening(self.process, self.port, self.output)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    def stop(self):
        if self.process:
            self.island.stop(self.process)
        self.process = None

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    @property
    def address(self):
        return f"{self.scheme}://{NAME}:{self.port}"

    def address_for(self, user, password=PASSWORD):
        return f"{self.scheme}://{user}:{password}@{NAME}:{self.port}"

    def seen(self):
        """What it wrote about the requests that it got."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Tinyproxy(Proxy):
    """Lets everybody through to one port, or those who have the password."""

    port = 8888

    def __init__(self, island, to_port, wants_password=False):
        super().__init__(island)
        self.to_port, self.wants_password = to_port, wants_password

    def command(self):
        password = f"BasicAuth {USER} {PASSWORD}\n" if self.wants_password else ""
        return "tinyproxy", "-d", "-c", self.write("conf", (
            f"Port {self.port}\nListen {islands.IPV4}\nTimeout 60\nMaxClients 50\nConnectPort {self.to_port}\n"
            f"LogFile \"{self.log}\"\nLogLevel Connect\nDisableViaHeader Yes\n{password}"))


class Squid(Proxy):
    """Wants a user name and a password."""

    port = 3128

    def listen(self):
        return f"http_port {islands.IPV4}:{self.port}"

    def command(self):
        hashed = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, text=True,
                                stdout=subprocess.PIPE, env=islands.TOOLS).stdout
        known = self.write("passwords", f"{USER}:{hashed}")
        return *NOT_ROOT, "squid", "-N", "-f", self.write("conf", "\n".join([
            self.listen(), f"auth_param basic program {AUTHENTICATOR} {known}", "auth_param basic realm proxy",
            "acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all",
            f"access_log stdio:{self.log}", f"cache_log {self.log.parent}/cache", "pid_filename none", "cache deny all",
            "coredump_dir none", "shutdown_lifetime 0 seconds", "visible_hostname proxy.test", ""]))


class TlsSquid(Squid):
    """The connection to it is TLS as well."""

    port, scheme = 3129, "https"

    def __init__(self, island, certificate, key):
        super().__init__(island)
        self.certificate, self.key = certificate, key

    def listen(self):
        certificate = self.write("proxy.pem", self.certificate.read_text())
        key = self.write("proxy.key", self.key.read_text())
        return f"https_port {islands.IPV4}:{self.port} tls-cert={certificate} tls-key={key}"


class Socks(Proxy):
    """No HTTP: SOCKS 5, with names resolved by the proxy, and a password."""

    port, scheme = 1080, "socks5h"

    def command(self):
        return "microsocks", "-i", islands.IPV4, "-p", self.port, "-u", USER, "-P", PASSWORD

    def seen(self):
        return self.output.read_text(errors="replace")


class Mitmproxy(Proxy):
    """Looks into connections, with certificates of an authority of its own."""

    port = 8080

    def __init__(self, island, server_ca):
        super().__init__(island)
        self.server_ca = server_ca

    def command(self):
        return ("mitmdump", "--set", f"confdir={self.folder}", "--listen-host", islands.IPV4, "--listen-port",
                self.port, "--set", f"ssl_verify_upstream_trusted_ca={self.server_ca}", "--set", "flow_detail=2",
                "--set", "termlog_verbosity=debug")

    @property
    def authority(self):
        return self.folder / "mitmproxy-ca-cert.pem"

    def seen(self):
        return self.output.read_text(errors="replace")
