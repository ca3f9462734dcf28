"""Real keyrings for a test's home: a session bus of its own, and gnome-keyring on it.

    bus = Bus(home)
    keyring = GnomeKeyring(bus)
    keyring.start()            # unlocked; its file lies in the home and outlives it

Whoever touches the name org.freedesktop.secrets first wins: a program that asks before start() would make a bus with
`services` start a locked keyring, which no later start can open. gnome-keyring takes any password without a word, so
start() looks at the lock itself.
"""
import os
import pathlib
import signal
import subprocess

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from home import has_ended, wait_for  # noqa: E402

SECRETS = "org.freedesktop.secrets"
SERVICE_PATH = "/org/freedesktop/secrets"
SYSTEM_SERVICES = pathlib.Path("/usr/share/dbus-1/services")
# A prompter has no display here: gnome-keyring's prompts are over as soon as they begin.
KEYRING_SERVICES = (SECRETS, "org.gnome.keyring.SystemPrompter")
NO_OBJECT = "/"

CONFIG = """<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class Bus:
    """A session bus at $XDG_RUNTIME_DIR/bus of a home. services: names of the system that it starts on demand."""

    def __init__(self, home, services=()):
        self.home, self.path = home, home.runtime / "bus"
        self.path.unlink(missing_ok=True)
        folder = home.base / "services"
        folder.mkdir(exist_ok=True)
        for name in services:
            (folder / f"{name}.service").symlink_to(SYSTEM_SERVICES / f"{name}.service")
        config = home.base / "bus.conf"
        config.write_text(CONFIG.format(path=self.path, services=folder))
        self.address = f"unix:path={self.path}"
        home.env["DBUS_SESSION_BUS_ADDRESS"] = self.address
        self.process = home.spawn("/usr/bin/dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile",
                                  "--print-address")
        self.process.until("unix:")
        self.connection = self.connect()

    def connect(self):
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        connection = Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)
        connection.set_exit_on_close(False)
        return connection

    def call(self, name, path, method, signature=None, *values, timeout=10):
        """Calls INTERFACE.METHOD of an object and returns what it returns: None, a value, or a tuple of them."""
        interface, _, member = method.rpartition(".")
        parameters = GLib.Variant(f"({signature})", values) if signature else None
        result = self.connection.call_sync(name, path, interface, member, parameters, None,
                                           Gio.DBusCallFlags.NO_AUTO_START, timeout * 1000, None).unpack()
        return result[0] if len(result) == 1 else result or None

    def owner_pid(self, name):
        """The process behind a name; None if nobody has it."""
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
        if not self.call(*bus, "org.freedesktop.DBus.NameHasOwner", "s", name):
            return None
        return self.call(*bus, "org.freedesktop.DBus.GetConnectionUnixProcessID", "s", name)

    def stop(self):
        """The bus goes away, as at the end of a session; keyrings follow it."""
        self.process.terminate()
        self.process.wait()
        self.path.unlink(missing_ok=True)


class SecretService:
    """Whatever owns org.freedesktop.secrets on a bus, seen from outside."""

    def __init__(self, bus):
        self.bus = bus

    @property
    def pid(self):
        return self.bus.owner_pid(SECRETS)

    def call(self, path, method, signature=None, *values, **options):
        return self.bus.call(SECRETS, path, method, signature, *values, **options)

    def get(self, path, interface, name):
        return self.call(path, "org.freedesktop.DBus.Properties.Get", "ss", interface, name)

    def collection(self, alias="default"):
        """The path of a collection; None if there is none."""
        path = self.call(SERVICE_PATH, "org.freedesktop.Secret.Service.ReadAlias", "s", alias)
        return None if path == NO_OBJECT else path

    def is_locked(self):
        return self.get(self.collection(), "org.freedesktop.Secret.Collection", "Locked")

    def lock(self):
        self.call(SERVICE_PATH, "org.freedesktop.Secret.Service.Lock", "ao", [self.collection()])
        assert self.is_locked()

    # Items. Secrets go over the private bus as they are.

    def find(self, **attributes):
        """Paths of the items with these attributes, locked ones too."""
        unlocked, locked = self.call(SERVICE_PATH, "org.freedesktop.Secret.Service.SearchItems", "a{ss}", attributes)
        return unlocked + locked

    def attributes(self, item):
        return self.get(item, "org.freedesktop.Secret.Item", "Attributes")

    def label(self, item):
        return self.get(item, "org.freedesktop.Secret.Item", "Label")

    def open_session(self):
        algorithm = GLib.Variant("s", "")
        return self.call(SERVICE_PATH, "org.freedesktop.Secret.Service.OpenSession", "sv", "plain", algorithm)[1]

    def secret(self, text, session=None):
        return (session or self.open_session(), b"", text.encode(), "text/plain")

    def read(self, item):
        secret = self.call(item, "org.freedesktop.Secret.Item.GetSecret", "o", self.open_session())
        return bytes(secret[2]).decode()

    def write(self, item, text):
        """What a person does who types into an item."""
        self.call(item, "org.freedesktop.Secret.Item.SetSecret", "(oayays)", self.secret(text))

    def add(self, text, label="something", collection="default", **attributes):
        properties = {"org.freedesktop.Secret.Item.Label": GLib.Variant("s", label),
                      "org.freedesktop.Secret.Item.Attributes": GLib.Variant("a{ss}", attributes)}
        item, prompt = self.call(self.collection(collection), "org.freedesktop.Secret.Collection.CreateItem",
                                 "a{sv}(oayays)b", properties, self.secret(text), False)
        assert prompt == NO_OBJECT, "the keyring wants to ask somebody"
        return item

    # Faults.

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def kill(self):
        """The service dies; the bus may start another, which is locked."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        assert has_ended(pid, 5)
        wait_for(lambda: self.pid != pid, 5, lambda: "the bus still knows the dead keyring")


class StandIn(SecretService):
    """stand_in_secrets.py, with its words."""

    def __init__(self, bus, *words):
        super().__init__(bus)
        program = pathlib.Path(__file__).with_name("stand_in_secrets.py")
        self.process = bus.home.spawn("/usr/bin/python3", program, *words)
        self.process.until("ready")

    def served(self, method):
        """How often."""
        return self.process.out.split().count(method)


class GnomeKeyring(SecretService):
    """gnome-keyring-daemon."""

    PROGRAM = "/usr/bin/gnome-keyring-daemon"
    PASSWORD = "pw"

    def start(self):
        """Unlocked; makes the keyring where the home has none."""
        self.spawn("--unlock", stdin=self.PASSWORD)
        wait_for(self.collection, 5, lambda: "no default keyring")
        assert not self.is_locked()
        return self

    def start_locked(self):
        """With the keyring that an earlier start() made, or with none."""
        self.spawn("--start")
        return self

    def spawn(self, how, stdin=None):
        process = self.bus.home.spawn(self.PROGRAM, "--foreground", "--components=secrets", how,
                                      stdin=subprocess.PIPE if stdin else subprocess.DEVNULL)
        if stdin:
            with process.stdin as pipe:
                pipe.write(stdin.encode())
        wait_for(lambda: self.pid, 10, lambda: f"no keyring: {process.result(process.poll())}")

    def unlock(self):
        """Without a prompt, which only gnome-keyring's own tests may."""
        secret = self.secret(self.PASSWORD)
        self.call(SERVICE_PATH, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword",
                  "o(oayays)", self.collection(), secret)
        assert not self.is_locked()
