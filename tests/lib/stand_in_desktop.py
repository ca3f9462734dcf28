"""What a desktop offers iamic on its bus: notifications, the portal's OpenURI, and login1, which says that the screen
is locked, and that the machine is about to sleep. It writes a line of JSON for each thing that happens; a test clicks,
locks and sends to sleep by calling it.

Words: "no-portal", "no-logind" and "no-notifications" leave these out; with "no-inhibitors" sleep is not held up, and
with "no-buttons" notifications have none.
"""
import json
import os
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Dismiss"><arg type="u" direction="in"/></method>
  <method name="Click"><arg type="u" direction="in"/><arg type="s" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""
PORTAL = """<node><interface name="org.freedesktop.portal.OpenURI">
  <method name="OpenURI">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
    <arg type="o" direction="out"/>
  </method>
</interface></node>"""
LOGIND = """<node><interface name="org.freedesktop.login1.Session">
  <method name="Lock"/><method name="Unlock"/>
  <property name="LockedHint" type="b" access="read"/>
  <property name="User" type="(uo)" access="read"/>
</interface></node>"""
MANAGER = """<node><interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/>
  </method>
  <property name="PreparingForSleep" type="b" access="read"/>
</interface></node>"""
# What a test has it say.
SAYING = """<node><interface name="org.iamic.Saying">
  <method name="Sleep"><arg type="b" direction="in"/></method>
  <method name="LockSession"><arg type="s" direction="in"/></method>
  <method name="Hint"><arg type="s" direction="in"/><arg type="b" direction="in"/></method>
  <method name="Saver"><arg type="s" direction="in"/><arg type="b" direction="in"/></method>
</interface></node>"""
LOGIN1, SESSIONS = "/org/freedesktop/login1", "/org/freedesktop/login1/session/"
OURS, ANOTHERS = "_31", "_32"
PLACES = [("org.freedesktop.Notifications", "/org/freedesktop/Notifications", NOTIFICATIONS),
          ("org.freedesktop.login1", SESSIONS + "auto", LOGIND),
          ("org.freedesktop.login1", SESSIONS + OURS, LOGIND),
          ("org.freedesktop.login1", SESSIONS + ANOTHERS, LOGIND),
          ("org.freedesktop.login1", LOGIN1, MANAGER),
          ("org.iamic.Saying", "/", SAYING),
          ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", PORTAL)]
LEFT_OUT = {"no-portal": {PORTAL}, "no-notifications": {NOTIFICATIONS}, "no-logind": {LOGIND, MANAGER}}


class Desktop:
    def __init__(self, connection):
        self.connection, self.shown, self.is_locked = connection, 0, False
        self.inhibitors = 0

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        if method == "Inhibit":
            self.inhibit(invocation, *parameters.unpack())
            return
        invocation.return_value(getattr(self, method)(path, interface, *parameters.unpack()))

    def Notify(self, path, interface, program, replaces, icon, summary, body, actions, hints, timeout):
        self.shown = replaces or self.shown + 1
        say(event="notice", id=self.shown, summary=summary, body=body, actions=actions,
            urgency=hints.get("urgency"), timeout=timeout)
        return GLib.Variant("(u)", (self.shown,))

    def CloseNotification(self, path, interface, number):
        say(event="closed", id=number)
        self.connection.emit_signal(None, path, interface, "NotificationClosed", GLib.Variant("(uu)", (number, 3)))

    def GetCapabilities(self, path, interface):
        return GLib.Variant("(as)", (["body"] if "no-buttons" in sys.argv else ["actions", "body"],))

    def Dismiss(self, path, interface, number):
        self.connection.emit_signal(None, path, interface, "NotificationClosed", GLib.Variant("(uu)", (number, 2)))

    def Click(self, path, interface, number, key):
        self.connection.emit_signal(None, path, interface, "ActionInvoked", GLib.Variant("(us)", (number, key)))

    def OpenURI(self, path, interface, parent, address, options):
        say(event="open", address=address)
        return GLib.Variant("(o)", ("/org/freedesktop/portal/desktop/request/1",))

    def Lock(self, path, interface):
        self.is_locked = True

    def Unlock(self, path, interface):
        self.is_locked = False

    def inhibit(self, invocation, what, who, why, mode):
        """Until the other end of a pipe is closed."""
        if "no-inhibitors" in sys.argv:
            invocation.return_dbus_error("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")
            return
        kept, given = os.pipe()
        self.inhibitors += 1
        number = self.inhibitors
        say(event="inhibited", number=number, what=what, who=who, why=why, mode=mode)

        def let_go(*_):
            os.close(kept)
            say(event="let go", number=number)
            return False
        GLib.io_add_watch(kept, GLib.IO_HUP, let_go)
        fds = Gio.UnixFDList.new_from_array([given])
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), fds)

    def emit(self, path, interface, name, signature, *values):
        self.connection.emit_signal(None, path, interface, name, GLib.Variant(signature, values))

    def Sleep(self, path, interface, is_going):
        self.emit(LOGIN1, "org.freedesktop.login1.Manager", "PrepareForSleep", "(b)", is_going)

    def LockSession(self, path, interface, session):
        self.emit(SESSIONS + session, "org.freedesktop.login1.Session", "Lock", "()")

    def Hint(self, path, interface, session, is_locked):
        self.emit(SESSIONS + session, "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)",
                  "org.freedesktop.login1.Session",
                  {"IdleHint": GLib.Variant("b", True), "LockedHint": GLib.Variant("b", is_locked)}, [])

    def Saver(self, path, interface, name, is_active):
        self.emit("/" + name.replace(".", "/"), name, "ActiveChanged", "(b)", is_active)

    def on_get(self, connection, sender, path, interface, name):
        if name == "User":
            say(event="asked whose", path=path)
            uid = os.getuid() + path.endswith(ANOTHERS)
            return GLib.Variant("(uo)", (uid, f"/org/freedesktop/login1/user/_{uid}"))
        if name == "PreparingForSleep":
            return GLib.Variant("b", False)
        say(event="asked whether locked")
        return GLib.Variant("b", self.is_locked)


def say(**event):
    print(json.dumps(event), flush=True)


def main(*without):
    connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    desktop = Desktop(connection)
    left_out = set().union(*(LEFT_OUT.get(word, ()) for word in without))
    places = [place for place in PLACES if place[2] not in left_out]
    for name, path, text in places:
        interface = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
        connection.register_object(path, interface, desktop.on_call, desktop.on_get, None)
    names, owned = {name for name, _, _ in places}, []

    def ready():
        owned.append(1)
        if len(owned) == len(names):
            say(event="ready")
    for name in names:
        Gio.bus_own_name_on_connection(connection, name, Gio.BusNameOwnerFlags.NONE, lambda *_: ready(), None)
    GLib.MainLoop().run()


main(*sys.argv[1:])
