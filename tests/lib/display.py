"""A display of a test's own, where whatever asks a person shows up, and xdotool is the person."""
import subprocess
import time

from home import wait_for


class Display:
    """For all that the home starts from now on."""

    def __init__(self, home):
        self.home = home
        server = home.spawn("/usr/bin/Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp")
        home.env["DISPLAY"] = ":" + server.until(r"(\d+)\n")[1]

    def windows(self):
        found = subprocess.run(["/usr/bin/xdotool", "search", "--onlyvisible", "--name", "."],
                               env=self.home.with_env(), capture_output=True, text=True)
        return found.stdout.split()

    def answer(self, *keys):
        """Waits for a window with a title, gives it a moment to take the keyboard, and types."""
        wait_for(self.windows, 20, lambda: "no prompt on the display", pause=0.2)
        time.sleep(1)
        for key in keys:
            assert self.home.run("/usr/bin/xdotool", *key).status == 0
