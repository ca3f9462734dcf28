"""A store helper of a test's own, and what it keeps: as plain as only a test may have it, outside of the home."""
import json

HELPER = """#!/bin/sh
# {name}: a file for each session
verb=$1
request=$(cat)
echo "$verb" >> {calls}
{before}
exec /usr/bin/python3 - "$verb" {folder} <<'END' 3<<REQUEST
import hashlib, json, os, sys
request = json.load(os.fdopen(3))
verb, folder = sys.argv[1:]
name = json.dumps([request[member] for member in ("name", "startUrl", "region")])
path = folder + "/" + hashlib.sha256(name.encode()).hexdigest()
reply = {{"state": "ok"}}
if verb == "status":
    reply["protects"] = "nothing: it is for tests"
elif verb == "load" and os.path.exists(path):
    reply.update(json.load(open(path)))
elif verb == "load":
    reply["state"] = "absent"
elif verb == "save":
    json.dump({{k: request[k] for k in ("secret", "generation")}}, open(path, "w"))
elif verb == "erase" and os.path.exists(path):
    os.unlink(path)
print(json.dumps(reply))
END
$request
REQUEST
"""


class PlainStore:
    """behave(before): shell that runs first, and may hang, lie or exit."""

    def __init__(self, home, folder):
        self.home, self.folder = home, folder
        self.path, self.calls_path = folder / "helper", folder / "calls"
        (folder / "documents").mkdir()
        self.behave()

    def behave(self, before=""):
        self.path.write_text(HELPER.format(name=self.path.name, calls=self.calls_path, before=before,
                                           folder=self.folder / "documents"))
        self.path.chmod(0o700)

    def calls(self):
        return self.calls_path.read_text().split() if self.calls_path.exists() else []

    def documents(self):
        return [json.loads(path.read_text()) for path in (self.folder / "documents").iterdir()]
