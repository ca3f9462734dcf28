"""org.varlink.service: what a stranger with a varlink tool finds out about the socket, and how it is told no."""
import json
import shutil
import subprocess

import pytest

import varlink
from idl import Interface

SERVICE = "org.varlink.service"
AGENT = varlink.AGENT.name


@pytest.fixture
def agent(bare_home):
    """A daemon that nobody has configured."""
    bare_home.daemon = bare_home.start_daemon()
    return bare_home


def refusal(home, method, parameters=None):
    with pytest.raises(varlink.VarlinkError) as caught:
        home.call(method, parameters)
    return caught.value.full_name, caught.value.parameters


@pytest.mark.quick
def test_get_info_names_the_product_and_its_interfaces(agent):
    info = agent.call(f"{SERVICE}.GetInfo")
    version = agent.run("iamicd", "--version").out.split()[1]
    assert (info["product"], info["version"]) == ("iamic", version)
    assert info["interfaces"] == [SERVICE, AGENT]
    assert info["vendor"] == "the iamic authors"


@pytest.mark.quick
def test_what_a_client_says_with_null_it_does_not_say(agent):
    """Some write all members that a call may have."""
    with agent.client() as client:
        for members in ('"parameters":null', '"parameters":{},"more":null,"oneway":null,"upgrade":null'):
            client.send_raw(b'{"method":"%s.GetInfo",%s}\0' % (SERVICE.encode(), members.encode()))
            assert client.reply(f"{SERVICE}.GetInfo")["product"]
        client.send_raw(b'{"method":"%s.Status","parameters":{"session":null}}\0' % AGENT.encode())
        assert client.reply("Status")["pid"] == agent.daemon.pid


def test_the_description_of_the_interface_is_the_file(agent):
    text = agent.call(f"{SERVICE}.GetInterfaceDescription", interface=AGENT)["description"]
    assert text == (varlink.ROOT / "include/iamic/io.iamic.Agent.varlink").read_text()


def test_the_description_of_varlinks_own_interface_is_the_one_everybody_has(agent):
    text = agent.call(f"{SERVICE}.GetInterfaceDescription", interface=SERVICE)["description"]
    described = Interface(text)
    assert described.name == SERVICE
    assert set(described.methods) == {"GetInfo", "GetInterfaceDescription"}
    assert set(described.errors) == {"InterfaceNotFound", "MethodNotFound", "MethodNotImplemented", "InvalidParameter"}


def test_every_method_of_the_interface_is_there(agent):
    """It may want parameters, a sign-in or a later version; nobody says that it does not exist."""
    for method in varlink.AGENT.methods:
        try:
            agent.call(method, {})
        except varlink.VarlinkError as error:
            assert error.name not in ("MethodNotFound", "InterfaceNotFound"), method


def test_unknown_interfaces_and_methods_are_named(agent):
    assert refusal(agent, f"{AGENT}.Nonsense") == (f"{SERVICE}.MethodNotFound", {"method": f"{AGENT}.Nonsense"})
    assert refusal(agent, f"{SERVICE}.Nonsense") == (f"{SERVICE}.MethodNotFound", {"method": f"{SERVICE}.Nonsense"})
    for method, interface in (("com.example.Thing.Do", "com.example.Thing"), ("io.iamic.Agen.Status", "io.iamic.Agen"),
                              ("io.iamic.Agent.Status.Deep", "io.iamic.Agent.Status"), (".", ""), (".Status", ""),
                              ("io.iamic.", "io.iamic"), ("io.iamic.Agent2.Status", "io.iamic.Agent2")):
        assert refusal(agent, method) == (f"{SERVICE}.InterfaceNotFound", {"interface": interface}), method
    assert refusal(agent, f"{AGENT}.")[0] == f"{SERVICE}.MethodNotFound"
    assert refusal(agent, f"{AGENT}.status")[0] == f"{SERVICE}.MethodNotFound", "names have their case"


def test_a_method_without_an_interface_is_unknown(agent):
    with agent.client() as client:
        client.send_raw(b'{"method":"Status"}\0')
        with pytest.raises(varlink.VarlinkError, match="InterfaceNotFound"):
            client.reply("Status")


def test_a_long_or_odd_method_is_named_back_whole(agent):
    for method in (f"{AGENT}.{'M' * 60000}", f"{AGENT}.Né", f'{AGENT}.a"b\\c'):
        assert refusal(agent, method) == (f"{SERVICE}.MethodNotFound", {"method": method})


def test_the_description_of_an_unknown_interface_is_an_error(agent):
    for interface in ("com.example.Thing", "", AGENT.upper(), f"{AGENT}.Status", "x" * 60000):
        assert refusal(agent, f"{SERVICE}.GetInterfaceDescription", {"interface": interface}) == (
            f"{SERVICE}.InterfaceNotFound", {"interface": interface})


if shutil.which("varlinkctl"):  # it comes with systemd 255; Debian 12 has 252
    def test_varlinkctl_works(agent):
        def varlinkctl(*words):
            return subprocess.run(["varlinkctl", *words], capture_output=True, text=True, check=True, timeout=20).stdout
        address = f"unix:{agent.socket}"
        assert "iamic" in varlinkctl("info", address)
        assert "GetCredentials" in varlinkctl("introspect", address, AGENT)
        status = json.loads(varlinkctl("call", "--json=short", address, f"{AGENT}.Status", "{}"))
        assert status["pid"] == agent.daemon.pid
