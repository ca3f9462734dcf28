"""A terminal of a test's own, and a program on it."""
import codecs
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

LINK = re.compile(r"\x1b\]8;;[!-~]*\x1b\\")


class Terminal:
    """A process on a terminal of its own, iamic unless it says another, and all that it wrote there."""

    def __init__(self, home, *words, program=None, term="xterm", columns=80, rows=24, **env):
        self.text, self.decoder = "", codecs.getincrementaldecoder("utf-8")()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                program = program or str(home.program("iamic"))
                os.execve(program, [program, *words], home.with_env({"TERM": term, **env}))
            finally:
                os._exit(127)  # never a second pytest

    @property
    def plain(self):
        """The text without what makes links of addresses."""
        return LINK.sub("", self.text)

    def until(self, pattern, timeout=10):
        ends = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            assert time.monotonic() < ends, f"no {pattern!r} in {self.text!r}"
            self.read(0.1)
        return self.text

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return True
        try:
            chunk = os.read(self.fd, 65536)
        except OSError:
            chunk = b""
        self.text += self.decoder.decode(chunk, final=not chunk)
        return bool(chunk)

    def type(self, text):
        os.write(self.fd, text.encode())

    def finish(self):
        while self.read(10):
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
