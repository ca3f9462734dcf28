"""What iamic doctor finds, and programs that it asks in the place of those of this machine."""
import json

STATUSES = ("ok", "warn", "fail", "unknown")
NOWHERE = "/nonexistent"


def answer(home, **answers):
    """What a daemon says to the rest of doctor's questions, where nobody is signed in."""
    home.agent.answers.update({"Reach": {"url": "https://oidc.us-east-1.amazonaws.com", "clockAhead": 0},
                               "CanConfirm": {"confirm": None, "canAsk": False}, "Call": signed_out, **answers})


def signed_out(call):
    call.error("LoginRequired", session="corp", message="session 'corp' is signed out: run 'iamic-login corp'")


def doctor(home, *words, env=None, complains=False):
    """Its findings. Without the AWS CLI, which takes its time to say its version, and without systemd."""
    result = home.iamic("doctor", "--json", *words, timeout=60, env={"PATH": NOWHERE, **(env or {})})
    assert complains or result.err == "", result
    findings = json.loads(result.out)["findings"]
    assert all(list(one) == ["id", "status", "object", "text", "fix"] for one in findings)
    assert all(one["status"] in STATUSES and one["object"] and one["text"] for one in findings), findings
    assert all(one["fix"] for one in findings if one["status"] in ("warn", "fail")), findings
    assert result.status == (1 if any(one["status"] == "fail" for one in findings) else 0), result
    return findings


def of(findings, id):
    return [one for one in findings if one["id"] == id]


def the(findings, id):
    one, = of(findings, id)
    return one


def found(findings, id):
    """What programs go by, and what to do."""
    one = the(findings, id)
    return one["status"], one["object"], one["fix"]


def bad(findings):
    return {one["id"] for one in findings if one["status"] in ("warn", "fail")}


class Programs:
    """A folder of programs that say what a test wrote; the only one in PATH."""

    def __init__(self, home):
        self.folder = home.path / "programs"
        self.folder.mkdir()
        self.env = {"PATH": str(self.folder)}

    def write(self, name, script):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return path

    def systemd(self, version=252, unit="", manager=True, enabled=True, run=0, seal=1, unseal=0, tpm="no", **show):
        """systemd's tools: what the unit is like, and with which status each try ends."""
        show = {"LoadState": "loaded", "PrivateUsers": "no", "MainPID": 0, **show}
        properties = "\n".join(f"{name}={value}" for name, value in show.items())
        self.write("systemctl", f"""{'' if manager else 'echo "Failed to connect to bus: No medium found" >&2; exit 1'}
case "$*" in
*--property=Version) echo "Version={version}.39-1~deb12u2" ;;
*" show "*) echo '{properties}' ;;
*is-enabled*) exit {0 if enabled else 1} ;;
*" cat "*) echo '{unit}' ;;
esac""")
        self.write("systemd-run", f"""for word; do echo "$word" >>{self.folder}/tried; done
case "$*" in
*SetCredentialEncrypted*) exit {unseal} ;;
*) exit {run} ;;
esac""")
        self.write("systemd-creds", f"""case "$*" in
*has-tpm2*) echo {tpm} ;;
*encrypt*) printf 'a word of warning\\nc2Vh\\nbGVk\\n'; exit {seal} ;;
esac""")
        return self.env

    def tried(self):
        path = self.folder / "tried"
        return path.read_text().splitlines() if path.exists() else []
