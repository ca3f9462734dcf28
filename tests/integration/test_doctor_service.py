"""iamic doctor on what systemd can do for iamicd: the strict set, and the key of the sealed file. Here systemd's tools
say what a test wrote; test_systemd.py asks the real ones."""
import os

import pytest
from findings import Programs, answer, doctor, found, the
from home import PREFIX
from scripted_agent import status
from terminal import Terminal

STRICT = str(PREFIX / "share/iamic/strict.conf")
FILE = {"kind": "file", "state": "ready", "protects": "from some", "key": "random"}
DROP_INS = "~/.config/systemd/user/iamicd.service.d"


@pytest.fixture
def person(cli):
    """A person whose daemon keeps sign-ins in the sealed file, under a key of the home."""
    cli.programs = Programs(cli)
    answer(cli)
    store(cli)
    return cli


def store(home, **members):
    home.agent.answers["Status"] = status(store={**FILE, **members})


def look(person, **systemd):
    return doctor(person, env=person.programs.systemd(**systemd))


# The strict set.

def test_where_systemd_runs_nothing_neither_is_of_use(person):
    for findings in (doctor(person), look(person, manager=False)):
        assert found(findings, "strict-unit") == ("unknown", STRICT, None)
        assert found(findings, "sealed-key")[::2] == ("unknown", None)
    assert "Failed to connect to bus: No medium found" in the(findings, "strict-unit")["text"]
    assert "Failed to connect to bus: No medium found" in the(findings, "sealed-key")["text"]


def test_under_wsl_a_person_can_have_a_service_manager(person):
    person.env["WSL_DISTRO_NAME"] = "Debian"
    findings = doctor(person)
    for id in ("strict-unit", "sealed-key"):
        assert "[boot] in /etc/wsl.conf" in the(findings, id)["fix"]


def test_the_strict_set_is_tried_with_all_that_is_in_it(person):
    findings = look(person, enabled=False)
    one = the(findings, "strict-unit")
    assert (one["status"], one["object"]) == ("ok", STRICT) and "tried with systemd 252" in one["text"]
    tried = person.programs.tried()
    assert tried[:2] == ["--user", "--quiet"] and tried[-2:] == [str(PREFIX / "bin/iamicd"), "--version"]
    text = (PREFIX / "share/iamic/strict.conf").read_text()
    lines = [line for line in text.splitlines() if "=" in line and line[0].isupper()]
    assert len(lines) > 20 and len([word for word in tried if word.startswith("-p")]) == len(lines)
    assert {"-pPrivateUsers=yes", "-pCapabilityBoundingSet="} <= set(tried)
    assert (f"-pReadWritePaths=-{person.path}/.local/state/iamic -{person.path}/.local/share/iamic "
            f"-{person.runtime}/iamic") in tried
    assert one["fix"].splitlines() == [
        f"mkdir -p -m 700 ~/.local/state/iamic ~/.local/share/iamic {DROP_INS}",
        f"ln -sf {STRICT} {DROP_INS}/",
        "systemctl --user enable --now iamicd.socket", "systemctl --user daemon-reload",
        "systemctl --user restart iamicd"]


def test_units_that_systemd_does_not_find_are_linked_first(person):
    fix = the(look(person, LoadState="not-found", enabled=False), "strict-unit")["fix"].splitlines()
    units = PREFIX / "lib/systemd/user"
    assert fix[2:4] == [f"systemctl --user link {units}/iamicd.service {units}/iamicd.socket",
                        "systemctl --user enable --now iamicd.socket"]


def test_folders_of_the_persons_own_are_opened(person):
    person.env["XDG_STATE_HOME"] = f"{person.path}/my state"
    fix = the(look(person), "strict-unit")["fix"].splitlines()
    assert fix[0].startswith("mkdir -p -m 700 ~/'my state'/iamic ~/.local/share/iamic ")
    assert fix[2].startswith("printf '[Service]\\nReadWritePaths=") and f"-{person.path}/my state/iamic" in fix[2]


@pytest.mark.parametrize("status, said", [
    (217, "you may not have user namespaces"), (226, "status 226"), (1, "status 1"), (228, "status 228")])
def test_why_it_cannot_be_used_is_said(person, status, said):
    one = the(look(person, run=status), "strict-unit")
    assert one["status"] == "ok" and "cannot be used here: " in one["text"] and said in one["text"]
    assert one["fix"] is None


def test_what_is_installed_and_cannot_be_used_is_a_fault(person):
    path = person.write(".config/systemd/user/iamicd.service.d/strict.conf", "")
    one = the(look(person, run=217, PrivateUsers="yes"), "strict-unit")
    assert one["status"] == "fail" and "does not start with it here" in one["text"]
    assert one["fix"].splitlines() == [f"rm {DROP_INS}/strict.conf", "systemctl --user daemon-reload"]
    assert path.exists()


def test_what_is_installed_and_not_in_force_is_said(person):
    person.write(".config/systemd/user/iamicd.service.d/strict.conf", "")
    findings = look(person, MainPID=4711)  # the process is nobody's: nothing is filtered there
    assert found(findings, "strict-unit")[0] == "warn"
    assert found(findings, "strict-unit")[2].splitlines() == [
        "systemctl --user daemon-reload", "systemctl --user restart iamicd"]


def test_without_a_daemon_what_is_installed_is_installed(person):
    env = person.programs.systemd(PrivateUsers="yes")
    findings = doctor(person, env={**env, "IAMIC_SOCKET": "/nonexistent/socket"})
    assert found(findings, "strict-unit") == ("ok", STRICT, None)


def test_a_tool_that_is_missing_is_named(person):
    env = person.programs.systemd()
    os.unlink(person.programs.folder / "systemd-run")
    findings = doctor(person, env=env)
    assert "no systemd-run to try it with" in the(findings, "strict-unit")["text"]
    os.unlink(person.programs.folder / "systemd-creds")
    one = the(doctor(person, env=env), "sealed-key")
    assert one["status"] == "unknown" and "there is no systemd-creds" in one["text"] and one["fix"]


def test_a_strict_set_that_is_not_installed_is_missed(person):
    env = {**person.programs.systemd(), "PATH": f"{person.programs.folder}:/usr/bin:/bin:/usr/sbin"}
    hides = f'mount --bind /dev/null {STRICT} && exec "$@"'
    person.within = ["unshare", "--mount", "--map-root-user", "sh", "-c", hides, "sh"]
    findings = doctor(person, env=env)
    person.within = ()
    assert found(findings, "strict-unit") == ("unknown", STRICT, "install iamic once more")


# The key of the sealed file.

@pytest.mark.parametrize("store_is, said", [
    ({"key": "credential"}, "is a systemd credential"), ({"key": "secret-service"}, "is in the keyring"),
    ({"key": "passphrase"}, "is made of your passphrase"),
    ({"kind": "secret-service", "key": None}, "is not needed: store secret-service"),
    ({"kind": "memory", "key": None}, "is not needed: store memory")])
def test_a_key_that_is_kept_elsewhere_needs_nothing(person, store_is, said):
    store(person, **store_is)
    one = the(look(person), "sealed-key")
    assert (one["status"], one["fix"]) == ("ok", None) and said in one["text"]


LAST = ["rm -f ~/.local/state/iamic/sealed", "systemctl --user restart iamicd", "iamic-login --all"]


def test_before_a_persons_manager_can_unseal_root_does_it(person):
    one = the(look(person, seal=1, tpm="partial"), "sealed-key")
    fix, uid = one["fix"].splitlines(), os.getuid()
    assert one["status"] == "ok" and "no TPM" in one["text"]
    assert fix[0].endswith(f"| sudo systemd-creds encrypt --name=iamic.key - /etc/iamic-{uid}.key")
    assert f"LoadCredentialEncrypted=iamic.key:/etc/iamic-{uid}.key" in fix[2]
    assert fix[2].endswith(f"| sudo tee /etc/systemd/system/user@{uid}.service.d/iamic.conf")
    assert fix[5:] == [
        f"mkdir -p {DROP_INS}",
        r"printf '[Service]\nLoadCredential=iamic.key\nEnvironment=IAMIC_KEY=credential\n' "
        f">{DROP_INS}/key.conf", "systemctl --user daemon-reload", *LAST]


@pytest.mark.parametrize("seal, unseal, who", [(0, 0, "the person"), (0, 243, "root"), (1, 0, "root")])
def test_who_can_seal_it_is_tried(person, seal, unseal, who):
    """From version 256 on a person can seal, and from 258 on a person's manager can unseal."""
    fix = the(look(person, version=257, seal=seal, unseal=unseal), "sealed-key")["fix"]
    assert ("sudo" in fix) == (who == "root")
    assert ("systemd-creds encrypt --user --name=iamic.key - ~/.config/credstore.encrypted/iamic.key" in fix) == (
        who == "the person")
    assert (seal != 0) or "-pSetCredentialEncrypted=iamic.key:c2VhbGVk" in person.programs.tried()


def test_a_tpm_is_worth_more(person):
    one = the(look(person, version=259, seal=0, tpm="yes"), "sealed-key")
    assert one["status"] == "ok" and "seal it to the TPM" in one["text"] and one["fix"].splitlines()[-3:] == LAST


def test_a_file_that_was_made_before_is_made_anew(person):
    one = the(look(person, unit="LoadCredential=iamic.key"), "sealed-key")
    assert one["status"] == "warn" and one["fix"].splitlines() == LAST


def test_systemd_that_seals_nothing_is_named(person):
    one = the(look(person, version=249), "sealed-key")
    assert (one["status"], one["fix"]) == ("unknown", None) and "version 249 does not seal" in one["text"]


def test_what_takes_several_commands_can_be_copied(person):
    """A line each, however narrow the terminal is, and below the words that say what for."""
    person.env["AWS_PROFILE"] = "dev"
    terminal = Terminal(person, "doctor", columns=20, **person.programs.systemd())
    assert terminal.finish() == 0
    lines = terminal.text[terminal.text.index("strict.conf"):].splitlines()
    begin = next(n for n, line in enumerate(lines) if line.endswith("if you want it:"))
    assert lines[begin + 1] == f"    mkdir -p -m 700 ~/.local/state/iamic ~/.local/share/iamic {DROP_INS}"
    assert lines[begin + 2] == f"    ln -sf {STRICT} {DROP_INS}/"
