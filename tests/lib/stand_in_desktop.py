"""What a desktop offers iamic on its bus: notifications, the portal's OpenURI, and login1's word on whether the screen
is locked. It writes a line of JSON for each thing that happens; a test clicks and locks by calling it.

Words: "no-portal" leaves that one out.
"""
import json
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
</interface></node>"""
PLACES = [("org.freedesktop.Notifications", "/org/freedesktop/Notifications", NOTIFICATIONS),
          ("org.freedesktop.login1", "/org/freedesktop/login1/session/auto", LOGIND),
          ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", PORTAL)]


class Desktop:
    def __init__(self, connection):
        self.connection, self.shown, self.is_locked = connection, 0, False

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        invocation.return_value(getattr(self, method)(path, interface, *parameters.unpack()))

    def Notify(self, path, interface, program, replaces, icon, summary, body, actions, hints, timeout):
        self.shown = replaces or self.shown + 1
        say(event="notice", id=self.shown, summary=summary, body=body, actions=actions)
        return GLib.Variant("(u)", (self.shown,))

    def CloseNotification(self, path, interface, number):
        say(event="closed", id=number)
        self.connection.emit_signal(None, path, interface, "NotificationClosed", GLib.Variant("(uu)", (number, 3)))

    def Click(self, path, interface, number, key):
        self.connection.emit_signal(None, path, interface, "ActionInvoked", GLib.Variant("(us)", (number, key)))

    def OpenURI(self, path, interface, parent, address, options):
        say(event="open", address=address)
        return GLib.Variant("(o)", ("/org/freedesktop/portal/desktop/request/1",))

    def Lock(self, path, interface):
        self.is_locked = True

    def Unlock(self, path, interface):
        self.is_locked = False

    def on_get(self, connection, sender, path, interface, name):
        say(event="asked whether locked")
        return GLib.Variant("b", self.is_locked)


def say(**event):
    print(json.dumps(event), flush=True)


def main(*without):
    connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    desktop = Desktop(connection)
    places = [place for place in PLACES if not ("no-portal" in without and place[2] is PORTAL)]
    for name, path, text in places:
        interface = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
        connection.register_object(path, interface, desktop.on_call, desktop.on_get, None)
        Gio.bus_own_name_on_connection(connection, name, Gio.BusNameOwnerFlags.NONE, lambda *_: ready(), None)

    owned = []

    def ready():
        owned.append(1)
        if len(owned) == len(places):
            say(event="ready")
    GLib.MainLoop().run()


main(*sys.argv[1:])
