"""stand_in_desktop.py on a bus of the home's own, as the person in front of it."""
import json
import pathlib

from home import wait_for
from keyring import Bus, GLib

NOTIFICATIONS = "org.freedesktop.Notifications"
LOGIND = "org.freedesktop.login1"


class Desktop:
    def __init__(self, home, *words):
        self.bus = Bus(home)
        home.env["DBUS_SYSTEM_BUS_ADDRESS"] = self.bus.address
        self.process = home.spawn("/usr/bin/python3", pathlib.Path(__file__).with_name("stand_in_desktop.py"), *words)
        self.process.until('"ready"')

    def events(self, kind):
        lines = self.process.out.split("\n")[:-1]
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def until(self, kind, count=1, timeout=10):
        """The last of so many."""
        found = wait_for(lambda: self.events(kind)[count - 1:], timeout,
                         lambda: f"not {count} times {kind}: {self.process.out}")
        return found[0]

    def click(self, notice, button=None):
        """On that button, by what stands on it; the first one."""
        number = notice["actions"].index(button) - 1 if button else 0
        self.bus.call(NOTIFICATIONS, "/org/freedesktop/Notifications", f"{NOTIFICATIONS}.Click", "us", notice["id"],
                      notice["actions"][number])

    def dismiss(self, notice):
        self.bus.call(NOTIFICATIONS, "/org/freedesktop/Notifications", f"{NOTIFICATIONS}.Dismiss", "u", notice["id"])

    def say(self, what, signature, *values):
        """A signal of the desktop's or logind's: see SAYING."""
        self.bus.call("org.iamic.Saying", "/", f"org.iamic.Saying.{what}", signature, *values)

    def forge(self, path, interface, name, signature=None, *values):
        """The same signals from somebody else, to each who is on the bus alone: only what is for all is filtered."""
        everybody = self.bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ListNames")
        parameters = GLib.Variant(f"({signature})", values) if signature else None
        for unique in (one for one in everybody if one.startswith(":")):
            self.bus.connection.emit_signal(unique, path, interface, name, parameters)
        self.bus.connection.flush_sync(None)

    def lock(self, is_locked=True):
        self.bus.call(LOGIND, "/org/freedesktop/login1/session/auto",
                      f"{LOGIND}.Session.{'Lock' if is_locked else 'Unlock'}")
