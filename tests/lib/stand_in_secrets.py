"""A Secret Service that misbehaves as it is told, one word an argument:

    closed              the collection is locked, and stays so until a prompt was answered
    wary                like KeePassXC: adds Uuid and Path, answers each change with a prompt that asks nothing, and
                        lets no other connection than the maker's read an item before a prompt was answered
    prompts=HOW         what becomes of a prompt that asks: answered (the default), dismissed, silent
    fails=METHOD:TEXT   METHOD is answered with an error whose message is TEXT
    replies=TEXT        what every item is said to hold

It keeps everything in memory, knows the session algorithm "plain" only, and prints each method that it serves.
"""
import sys
import uuid

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

PREFIX = "org.freedesktop.Secret."
ROOT = "/org/freedesktop/secrets"
COLLECTION = f"{ROOT}/collection/stand_in"
NONE = "/"
NODE = Gio.DBusNodeInfo.new_for_xml("""<node>
<interface name="org.freedesktop.Secret.Service">
  <method name="OpenSession"><arg type="s" direction="in"/><arg type="v" direction="in"/>
    <arg type="v" direction="out"/><arg type="o" direction="out"/></method>
  <method name="ReadAlias"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
  <method name="SearchItems"><arg type="a{ss}" direction="in"/>
    <arg type="ao" direction="out"/><arg type="ao" direction="out"/></method>
  <method name="Unlock"><arg type="ao" direction="in"/><arg type="ao" direction="out"/><arg type="o" direction="out"/>
  </method>
  <property name="Collections" type="ao" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Collection">
  <method name="CreateItem"><arg type="a{sv}" direction="in"/><arg type="(oayays)" direction="in"/>
    <arg type="b" direction="in"/><arg type="o" direction="out"/><arg type="o" direction="out"/></method>
  <method name="SearchItems"><arg type="a{ss}" direction="in"/><arg type="ao" direction="out"/></method>
  <property name="Items" type="ao" access="read"/><property name="Label" type="s" access="read"/>
  <property name="Locked" type="b" access="read"/><property name="Created" type="t" access="read"/>
  <property name="Modified" type="t" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Item">
  <method name="Delete"><arg type="o" direction="out"/></method>
  <method name="GetSecret"><arg type="o" direction="in"/><arg type="(oayays)" direction="out"/></method>
  <method name="SetSecret"><arg type="(oayays)" direction="in"/></method>
  <property name="Attributes" type="a{ss}" access="read"/><property name="Label" type="s" access="read"/>
  <property name="Locked" type="b" access="read"/><property name="Created" type="t" access="read"/>
  <property name="Modified" type="t" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Prompt">
  <method name="Prompt"><arg type="s" direction="in"/></method>
  <method name="Dismiss"/>
</interface>
</node>""")


class Failure(Exception):
    """(name of the error, message)."""


class StandIn:
    def __init__(self, connection, words):
        self.connection, self.items, self.made = connection, {}, 0
        self.is_closed, self.is_wary = "closed" in words, "wary" in words
        options = dict(word.split("=", 1) for word in words if "=" in word)
        self.prompts = options.get("prompts", "answered")
        self.fails, _, self.text = options.get("fails", ":").partition(":")
        self.replies = options.get("replies")
        self.register(ROOT, "Service", self)
        self.register(COLLECTION, "Collection", Collection(self))

    def register(self, path, interface, owner):
        """owner.METHOD(sender, *values) returns values; owner.properties(sender) returns {name: Variant}."""
        info = NODE.lookup_interface(PREFIX + interface)

        def on_call(connection, sender, path, interface_name, method, parameters, invocation):
            print(method, flush=True)
            try:
                if method == self.fails:
                    raise Failure("org.example.Fault", self.text)
                values = getattr(owner, method)(sender, *parameters.unpack())
                types = "".join(arg.signature for arg in info.lookup_method(method).out_args)
                invocation.return_value(GLib.Variant(f"({types})", values or ()))
            except Failure as failure:
                invocation.return_dbus_error(*failure.args)

        def on_get(connection, sender, path, interface_name, name):
            return owner.properties(sender)[name]
        return self.connection.register_object(path, info, on_call, on_get, None)

    def properties(self, sender):
        return {"Collections": GLib.Variant("ao", [COLLECTION])}

    def OpenSession(self, sender, algorithm, _):
        if algorithm != "plain":
            raise Failure("org.freedesktop.DBus.Error.NotSupported", algorithm)
        return GLib.Variant("s", ""), f"{ROOT}/session/1"

    def ReadAlias(self, sender, alias):
        return (COLLECTION if alias == "default" else NONE,)

    def SearchItems(self, sender, wanted):
        found = self.find(wanted)
        return ([item.path for item in found if not item.is_locked_for(sender)],
                [item.path for item in found if item.is_locked_for(sender)])

    def find(self, wanted):
        """Compares without case, as KeePassXC does."""
        return [item for item in self.items.values() if all(
            item.attributes.get(name, "").lower() == value.lower() for name, value in wanted.items())]

    def Unlock(self, sender, paths):
        def unlock():
            self.is_closed = False
            for path in paths:
                if path in self.items:
                    self.items[path].allowed.add(sender)
            return GLib.Variant("ao", paths)
        return [], self.prompt(unlock, asks=True)

    def prompt(self, action, asks):
        self.made += 1
        path = f"{ROOT}/prompt/{self.made}"
        self.register(path, "Prompt", Prompt(self, path, action, asks))
        return path

    def change(self, action, value_when_prompted):
        """Now, or behind a prompt that asks nothing: (value, prompt)."""
        if self.is_wary:
            return value_when_prompted, self.prompt(action, asks=False)
        return action(), NONE


class Collection:
    def __init__(self, service):
        self.service = service

    def properties(self, sender):
        return {"Items": GLib.Variant("ao", list(self.service.items)), "Label": GLib.Variant("s", "a\n\"b\" \u202e"),
                "Locked": GLib.Variant("b", self.service.is_closed), "Created": GLib.Variant("t", 0),
                "Modified": GLib.Variant("t", 0)}

    def SearchItems(self, sender, wanted):
        return ([item.path for item in self.service.find(wanted)],)

    def CreateItem(self, sender, properties, secret, replace):
        def create():
            return GLib.Variant("o", Item(self.service, sender, properties, secret).path)
        value, prompt = self.service.change(create, NONE)
        return value if prompt != NONE else value.unpack(), prompt


class Item:
    def __init__(self, service, maker, properties, secret):
        service.made += 1
        self.service, self.path, self.allowed = service, f"{COLLECTION}/{service.made}", {maker}
        self.label, self.secret = properties[PREFIX + "Item.Label"], secret
        self.attributes = dict(properties[PREFIX + "Item.Attributes"])
        if service.is_wary:
            self.attributes |= {"Uuid": uuid.uuid4().hex, "Path": f"/{self.label}"}
        service.items[self.path] = self
        self.registration = service.register(self.path, "Item", self)

    def is_locked_for(self, sender):
        return self.service.is_closed or (self.service.is_wary and sender not in self.allowed)

    def properties(self, sender):
        return {"Attributes": GLib.Variant("a{ss}", self.attributes), "Label": GLib.Variant("s", self.label),
                "Locked": GLib.Variant("b", self.is_locked_for(sender)),
                "Created": GLib.Variant("t", 0), "Modified": GLib.Variant("t", 0)}

    def check(self, sender):
        if self.is_locked_for(sender):
            raise Failure(PREFIX + "Error.IsLocked", "locked")

    def GetSecret(self, sender, session):
        self.check(sender)
        text = bytes(self.secret[2]) if self.service.replies is None else self.service.replies.encode()
        return ((session, b"", text, "text/plain"),)

    def SetSecret(self, sender, secret):
        self.check(sender)
        self.secret = secret

    def Delete(self, sender):
        def delete():
            del self.service.items[self.path]
            self.service.connection.unregister_object(self.registration)
            return GLib.Variant("s", "")
        return (self.service.change(delete, None)[1],)


class Prompt:
    def __init__(self, service, path, action, asks):
        self.service, self.path, self.action, self.asks = service, path, action, asks

    def Prompt(self, sender, window):
        how = self.service.prompts if self.asks or self.service.prompts == "silent" else "answered"
        if how != "silent":
            GLib.idle_add(self.complete, how == "dismissed")

    def Dismiss(self, sender):
        GLib.idle_add(self.complete, True)

    def complete(self, is_dismissed):
        result = GLib.Variant("s", "") if is_dismissed else self.action()
        self.service.connection.emit_signal(None, self.path, PREFIX + "Prompt", "Completed",
                                            GLib.Variant("(bv)", (is_dismissed, result)))


def main():
    connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    StandIn(connection, sys.argv[1:])
    Gio.bus_own_name_on_connection(connection, "org.freedesktop.secrets", Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.MainLoop().run()


main()
