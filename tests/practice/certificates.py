"""A certificate authority of our own and a certificate for the loopback names, made with the openssl tool."""

import fcntl
import ipaddress
import json
import os
import pathlib
import subprocess
import tempfile
import time

NAMES = ["localhost", "127.0.0.1", "::1"]
BACKDATED = 30 * 86400      # so that a client whose clock is behind can still be tested
LIFE = 825 * 86400          # what clients accept at most for a server's certificate
CONFIG = """
[ca]
default_ca = practice
[practice]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
{constraints}
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""


def alternative_name(name):
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def constraints(names):
    """Whoever trusts our authority, trusts it for these names and nothing else."""
    permitted = []
    for name in names:
        kind, _, plain = alternative_name(name).partition(":")
        mask = "" if kind == "DNS" else "/255.255.255.255" if "." in plain else "/" + "ffff:" * 7 + "ffff"
        permitted.append(f"permitted;{kind}:{plain}{mask}")
    return f"nameConstraints = critical, {', '.join(permitted)}"


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"]})
    if done.returncode != 0:
        raise SystemExit(f"openssl {arguments[0]}: {done.stdout.strip()}")


def stamp(when):
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(when))


def sign(folder, who, subject, *how, until=None):
    """A key, a request, and the request signed by our authority."""
    openssl(folder, "req", "-config", "config", "-new", "-nodes", "-newkey", "ec",
            "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", subject,
            "-keyout", f"{who}.key", "-out", f"{who}.csr")
    now = time.time()
    openssl(folder, "ca", "-config", "config", "-batch", "-notext", "-rand_serial", "-in", f"{who}.csr",
            "-out", f"{who}.pem", "-keyfile", "ca.key", "-startdate", stamp(now - BACKDATED),
            "-enddate", stamp(until or now - BACKDATED + LIFE), *how)


def make(folder, names):
    config = CONFIG.format(names=", ".join(map(alternative_name, names)), constraints=constraints(names))
    (folder / "config").write_text(config)
    (folder / "index").write_text("")
    sign(folder, "ca", "/CN=iamic practice authority", "-selfsign", "-extensions", "authority")
    sign(folder, "server", "/CN=localhost", "-cert", "ca.pem", "-extensions", "server")
    about = {"names": names, "until": int(time.time()) - BACKDATED + LIFE}
    (folder / "about.json").write_text(json.dumps(about))


def usable(folder, names):
    try:
        about = json.loads((folder / "about.json").read_text())
    except (OSError, ValueError):
        return False
    return about["names"] == names and about["until"] > time.time() + 30 * 86400


def provide(state_dir, more_names=()):
    """(authority, certificate, key) below state_dir, made when they are not there yet."""
    folder = pathlib.Path(state_dir).resolve() / "certificates"
    folder.parent.mkdir(parents=True, exist_ok=True)
    names = NAMES + [name for name in more_names if name not in NAMES]
    with open(folder.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not usable(folder, names):
            replace(folder, names)
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


def replace(folder, names):
    """Made beside and moved into place, so that a half-made folder is never used."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = pathlib.Path(scratch) / "certificates"
        fresh.mkdir(mode=0o700)
        make(fresh, names)
        if folder.exists():
            folder.rename(pathlib.Path(scratch) / "old")
        fresh.rename(folder)
