"""A prompter that accepts gnome-keyring's prompts, shows nothing and never answers: a person who is not there."""
import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "org.gnome.keyring.SystemPrompter"
INTERFACE = """<node><interface name="org.gnome.keyring.internal.Prompter">
  <method name="BeginPrompting"><arg name="callback" type="o" direction="in"/></method>
  <method name="PerformPrompt">
    <arg name="callback" type="o" direction="in"/><arg name="type" type="s" direction="in"/>
    <arg name="properties" type="a{sv}" direction="in"/><arg name="exchange" type="s" direction="in"/>
  </method>
  <method name="StopPrompting"><arg name="callback" type="o" direction="in"/></method>
</interface></node>"""


def on_call(connection, sender, path, interface, method, parameters, invocation):
    words = {"BeginPrompting": "begin", "PerformPrompt": "perform", "StopPrompting": "stop"}
    print(words[method], flush=True)
    invocation.return_value(None)
    if method == "BeginPrompting":
        callback = parameters.unpack()[0]
        connection.call(sender, callback, "org.gnome.keyring.internal.Prompter.Callback", "PromptReady",
                        GLib.Variant("(sa{sv}s)", ("", {}, "")), None, Gio.DBusCallFlags.NONE, -1, None, None)


def main():
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    connection.register_object("/org/gnome/keyring/Prompter", interface, on_call, None, None)
    Gio.bus_own_name_on_connection(connection, NAME, Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.MainLoop().run()


main()
