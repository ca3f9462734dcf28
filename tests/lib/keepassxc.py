"""KeePassXC as the Secret Service of a test's home, without a display.

Its group `iamic` is what it shows on the bus; a person would click that together. Whoever starts it must do so before
anybody asks the bus for a keyring.
"""
import base64
import re
import subprocess
import uuid

from home import wait_for
from keyring import SecretService

PASSWORD = "dbpw"
SETTINGS = """[General]
ConfigVersion=2
RememberLastDatabases=false
OpenPreviousDatabasesOnStartup=false
UpdateCheckMessageShown=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ConfirmAccessItem={asks}
ConfirmDeleteItem={asks}
ShowNotification=false
UnlockBeforeSearch=true
"""
EXPOSED = "<CustomData><Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{%s}</Value></Item></CustomData></Meta>"


class KeePassXC(SecretService):
    """asks: as it comes, it asks a person before another program than the maker of an item reads it."""

    def __init__(self, bus, asks):
        super().__init__(bus)
        self.home = bus.home
        # Its socket for "only one of me" lies in TMPDIR.
        self.env = {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": self.home.base}
        self.home.write(".config/keepassxc/keepassxc.ini", SETTINGS.format(asks=str(asks).lower()))
        self.make_database()
        self.process = self.home.spawn("/usr/bin/keepassxc", "--pw-stdin", "db.kdbx", env=self.env,
                                       stdin=subprocess.PIPE)
        self.process.stdin.write(f"{PASSWORD}\n".encode())
        self.process.stdin.flush()
        wait_for(self.is_open, 20, lambda: f"no open keyring: {self.process.result(None)}")

    def is_open(self):
        return self.pid and self.collection() and not self.is_locked()

    def cli(self, *words, passwords=1):
        result = self.home.run("/usr/bin/keepassxc-cli", *words, input=f"{PASSWORD}\n" * passwords, env=self.env)
        assert result.status == 0, result
        return result.out

    def make_database(self):
        self.cli("db-create", "-p", "-t", "100", "empty.kdbx", passwords=2)
        self.cli("mkdir", "-q", "empty.kdbx", "iamic")
        text = self.cli("export", "-q", "-f", "xml", "empty.kdbx")
        group = re.search(r"<UUID>([^<]+)</UUID>\s*<Name>iamic</Name>", text)[1]
        exposed = EXPOSED % uuid.UUID(bytes=base64.b64decode(group))
        self.home.write("db.xml", text.replace("</Meta>", exposed, 1))
        self.cli("import", "-p", "-t", "100", "db.xml", "db.kdbx", passwords=2)

    def lock(self):
        assert self.home.run("/usr/bin/keepassxc", "--lock", env=self.env).status == 0
        wait_for(self.is_locked, 5, lambda: "still open")
