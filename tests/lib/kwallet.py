"""KWallet as the Secret Service of a test's home, without a display.

Its wallet opens with what a login would hand over. In the start that makes the wallet the Secret Service does not see
it: that one is over before the real one begins. Whoever starts it must do so before anybody asks the bus for a keyring.
"""
import time

from home import wait_for
from keyring import SecretService

NAME, PATH = "org.kde.kwalletd5", "/modules/kwalletd5"
WALLET = "kdewallet"
PASSWORD_HASH = bytes(range(56))
SETTINGS = f"""[Wallet]
Enabled=true
First Use=false
Prompt on Open=false
Use One Wallet=true
Default Wallet={WALLET}
Close When Idle=false
Leave Open=true
[org.freedesktop.secrets]
apiEnabled=true
"""


class KWallet(SecretService):
    def __init__(self, bus):
        super().__init__(bus)
        bus.home.write(".config/kwalletrc", SETTINGS)
        self.start()
        self.open()
        self.stop(is_written=False)

    def start(self):
        """With the wallet closed."""
        env = {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": self.bus.home.base}
        self.process = self.bus.home.spawn("/usr/bin/kwalletd5", env=env)
        wait_for(lambda: self.pid and self.bus.owner_pid(NAME), 20,
                 lambda: f"no wallet: {self.process.result(self.process.poll())}")
        return self

    def open(self):
        self.call_wallet("pamOpen", "sayi", WALLET, PASSWORD_HASH, 0)
        wait_for(lambda: self.call_wallet("isOpen", "s", WALLET), 10, lambda: "the wallet does not open")
        return self

    def call_wallet(self, method, signature, *values):
        return self.bus.call(NAME, PATH, f"org.kde.KWallet.{method}", signature, *values)

    def stop(self, is_written=True):
        """A secret is written five seconds after the last change, and not when KWallet ends."""
        time.sleep(6 if is_written else 0)
        self.process.terminate()
        self.process.wait()
        wait_for(lambda: not self.bus.owner_pid(NAME), 5, lambda: "the bus still knows the wallet")
