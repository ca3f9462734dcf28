"""Chromium without a window, driven by the W3C's WebDriver protocol: enough to look at a page and press its buttons."""
import base64
import hashlib
import json
import os
import ssl
import subprocess
import tempfile
import urllib.request

from home import wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for a reference to an element


class Browser:
    """One browser with a profile of its own. trust: (host, port) of a server whose certificate it accepts."""

    def __init__(self, trust=None):
        self.folder = tempfile.TemporaryDirectory(prefix="iamic-browser-", dir="/tmp", ignore_cleanup_errors=True)
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        env = {"PATH": "/usr/bin:/bin", "HOME": self.folder.name, "LANG": "C.UTF-8"}
        self.driver = subprocess.Popen(["/usr/bin/chromedriver", "--port=0"], env=env, stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=subprocess.STDOUT)
        self.base = f"http://127.0.0.1:{wait_for(self.port, 20, self.said)}"
        arguments = ["--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     f"--user-data-dir={self.folder.name}/profile"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        if trust:
            arguments.append(f"--ignore-certificate-errors-spki-list={public_key_digest(*trust)}")
        options = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments, "binary": "/usr/bin/chromium"}}
        session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.base += f"/session/{session['sessionId']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.log.close()
            self.folder.cleanup()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def port(self):
        for line in self.said().splitlines():
            if "on port " in line and "successfully" in line:
                return int(line.rpartition("on port ")[2].rstrip("."))
        return None

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)["value"]

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def text(self):
        """In one step: an element that was found may be gone when the next page comes."""
        return self.run("return document.body ? document.body.innerText : ''")

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def emulate(self, width, dark=False, height=800):
        """The size of a screen, and whether the person likes it dark."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 500)
        wish = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[wish])

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script, *arguments):
        """The value of a function's body in JavaScript."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def address(self):
        return self.ask("GET", "/url")

    def type(self, selector, text):
        element = self.find(selector)
        self.ask("POST", f"/element/{element}/clear", {})
        self.ask("POST", f"/element/{element}/value", {"text": text})

    def press(self, key):
        """A key, on whatever has the focus."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": keys}]})

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click", {})


def public_key_digest(host, port):
    """What Chromium wants to know of a certificate that no authority of its own vouches for."""
    certificate = ssl.get_server_certificate((host, port))
    public = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=certificate, text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    raw = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public.encode(), check=True,
                         stdout=subprocess.PIPE).stdout
    return base64.b64encode(hashlib.sha256(raw).digest()).decode()
