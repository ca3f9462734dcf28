"""Looks for secrets, or pieces of them, in what a process can write to.

As a program: residue.py PID, with {"name": ["secret", …]} on stdin; prints a JSON list of what was found. A daemon
that is not dumpable lets only root look.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

WINDOW = 16     # bytes: a piece of twice that is found wherever it lies
RUN = re.compile(rb"[A-Za-z0-9+/=._-]{%d,}" % WINDOW)
CHUNK = 1 << 22


class Secrets:
    """Known secrets: {name: [text]}."""

    def __init__(self, values):
        self.windows = {}
        for name, texts in values.items():
            for text in texts:
                assert len(text) >= WINDOW, f"too short to be looked for: {name}"
                self.windows.update((text[i:i + WINDOW].encode(), name) for i in range(len(text) - WINDOW + 1))

    def found_in(self, data):
        """[(offset, name)], one for each run of letters that holds a piece."""
        found = []
        for run in RUN.finditer(data):
            text = run[0]
            places = (*range(0, len(text) - WINDOW, WINDOW), len(text) - WINDOW)
            name = next((self.windows[text[i:i + WINDOW]] for i in places if text[i:i + WINDOW] in self.windows), None)
            if name:
                found.append((run.start(), name))
        return found


def mappings(pid):
    """Writable ones: [{"start", "end", "name", "flags"}]; flags are smaps' VmFlags."""
    found, current = [], None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line)
        if head:
            current = {"start": int(head[1], 16), "end": int(head[2], 16), "name": head[4], "flags": []}
            if "w" in head[3]:
                found.append(current)
        elif line.startswith("VmFlags:"):
            current["flags"] = line.split()[1:]
    return found


def read_memory(memory, start, end):
    """[(address, bytes)]; pieces overlap, so that nothing is cut in two."""
    for address in range(start, end, CHUNK):
        length = min(CHUNK + (1 << 16), end - address)
        try:
            yield address, os.pread(memory, length, address)
        except OSError:     # it is gone meanwhile
            return


def scan(pid, secrets):
    """[{"name", "address", "mapping", "flags"}] of everything found in the process."""
    found = {}
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for mapping in mappings(pid):
            for address, data in read_memory(memory, mapping["start"], mapping["end"]):
                for offset, name in secrets.found_in(data):
                    found[address + offset] = {"name": name, "address": f"{address + offset:#x}",
                                               "mapping": mapping["name"], "flags": mapping["flags"]}
    finally:
        os.close(memory)
    return [found[address] for address in sorted(found)]


def scan_as_root(pid, values):
    """scan(), by sudo where this process is not root."""
    if os.geteuid() == 0:
        return scan(pid, Secrets(values))
    done = subprocess.run(["/usr/bin/env", "sudo", "-n", "/usr/bin/python3", __file__, str(pid)],
                          input=json.dumps(values), capture_output=True, text=True)
    assert done.returncode == 0, f"run this as root, or let sudo need no password: {done.stderr}"
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(json.dumps(scan(int(sys.argv[1]), Secrets(json.load(sys.stdin)))))
