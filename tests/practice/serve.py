#!/usr/bin/python3
"""Serve a practice Identity Center on loopback. The first line of output is a JSON object that says where."""

import argparse
import ctypes
import json
import os
import pathlib
import resource
import signal
import stat
import sys
import threading

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

from practice import certificates  # noqa: E402
from practice.center import Center  # noqa: E402
from practice.front import Front  # noqa: E402
from practice.state import checked  # noqa: E402

REGION = "us-east-1"
PR_SET_PDEATHSIG = 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, epilog="A shell uses it with AWS_ENDPOINT_URL set to what it "
                                     "prints as url, and AWS_CA_BUNDLE to its ca; iamic configure takes its startUrl. "
                                     "approve.py approves a sign-in without a browser.")
    parser.add_argument("--state", required=True, metavar="DIR", help="the only folder that is written to")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-count", type=int, default=1, metavar="N", help="serve the same on N ports")
    parser.add_argument("--hostname", action="append", default=[], metavar="NAME",
                        help="one more name for the certificate; may be repeated")
    parser.add_argument("--offer-h2", action="store_true", help="offer HTTP/2, to find out who would take it")
    parser.add_argument("--auto-approve", action="store_true", help="approve every sign-in at once")
    parser.add_argument("--identity-provider", action="store_true",
                        help="people say who they are at an identity provider, at another origin, first")
    parser.add_argument("--data", metavar="FILE.json", help="settings to begin with")
    parser.add_argument("--keep", action="store_true", help="outlive the parent process")
    return parser.parse_args()


def end_with_parent():
    """By signal, and by the end of standard input where that is a pipe."""
    parent = os.getppid()

    def look(*_):
        # The signal comes for the end of the thread that started us, too.
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGHUP, look)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGHUP, 0, 0, 0)
    look()
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=end_with_input, daemon=True).start()


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


def settings(given):
    try:
        chosen = checked(json.loads(pathlib.Path(given.data).read_text())) if given.data else {}
    except (OSError, ValueError, AttributeError) as error:
        raise SystemExit(f"{given.data}: {error}")
    flags = {name: True for name in ("auto_approve", "identity_provider") if getattr(given, name)}
    return {**chosen, **flags}


def allow_many_connections():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    threading.stack_size(512 << 10)


def main():
    given = arguments()
    if given.keep:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    else:
        end_with_parent()
    allow_many_connections()
    authority, certificate, key = certificates.provide(given.state, given.hostname)
    front = Front(certificate, key, given.offer_h2)
    try:
        ports = front.listen(given.port, given.port_count)
    except OSError as error:
        raise SystemExit(f"cannot listen on port {given.port}: {error.strerror}")
    front.center = Center(ports, settings(given), front)
    front.start()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    url = f"https://localhost:{ports[0]}"
    print(json.dumps({"url": url, "ca": str(authority), "startUrl": f"{url}/start", "region": REGION,
                      "port": ports[0], "ports": ports, "pid": os.getpid()}), flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
