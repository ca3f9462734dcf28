"""Kills a program at any of its system calls: before it, and after it.

    run = Stepper(argv, env, input=b"…")
    for point in run.points(every=7):
        run.kill_at(point)
        …look at what the program left behind, and put things back…

A point is a stop of ptrace's at the entry or the exit of a system call. Those of a program that only starts the one in
question (unshare, sh) do not count: the first point is the last execve(). Programs that are started in between are not
followed.
"""
import ctypes
import os
import platform
import signal
import struct
import tempfile

from ptrace import LIBC, O_EXITKILL, SETOPTIONS, TRACEME, WALL, ptrace

SYSCALL, GET_SYSCALL_INFO = 24, 0x420e
O_SYSGOOD, O_EXEC = 0x1, 0x10
EVENT_EXEC = 4
SYSCALL_STOP = signal.SIGTRAP | 0x80

# Those that make a file durable, by number.
CALLS = {
    "x86_64": {1: "write", 74: "fsync", 82: "rename", 87: "unlink", 316: "rename"},
    "aarch64": {64: "write", 82: "fsync", 38: "rename", 276: "rename", 35: "unlink"},
}[platform.machine()]


class Stepper:
    def __init__(self, argv, env, input=b""):
        self.argv, self.env = [str(word) for word in argv], env
        self.input = input

    def points(self, every=1, offset=0):
        """Runs the program to its end and says which points there were."""
        stops, first = self._run(None)
        assert stops - first > 20, f"only {stops - first} points: not the program that was meant?"
        return range(first + offset, stops + 1, every)

    def kill_at(self, point):
        """Runs the program up to a point and kills it there; one that has ended before is as good."""
        self._run(point)

    def calls(self):
        """The names of the calls that matter to a file, in the order they were made."""
        made = []
        self._run(None, lambda pid: made.append(CALLS.get(number_of_call(pid))))
        return [name for name in made if name]

    def _run(self, point, look=lambda pid: None):
        pid = self._start()
        stops = first = 0
        pending = 0
        while True:
            if stops == point:
                os.kill(pid, signal.SIGKILL)
                while not self._wait(pid)[1]:
                    pass
                return stops, first
            ptrace(SYSCALL, pid, pending)
            pending = 0
            status, has_ended = self._wait(pid)
            if has_ended:
                return stops, first
            if status >> 16 == EVENT_EXEC:
                first = stops
            elif os.WSTOPSIG(status) == SYSCALL_STOP:
                stops += 1
                look(pid)
            else:
                pending = os.WSTOPSIG(status)

    def _start(self):
        with tempfile.TemporaryFile() as stdin:
            stdin.write(self.input)
            stdin.seek(0)
            pid = os.fork()
            if pid == 0:
                try:
                    null = os.open("/dev/null", os.O_RDWR)
                    for there, wanted in ((stdin.fileno(), 0), (null, 1), (null, 2)):
                        os.dup2(there, wanted)
                    ptrace(TRACEME, 0)
                    os.execve(self.argv[0], self.argv, self.env)
                finally:
                    os._exit(127)
        status, has_ended = self._wait(pid)
        assert not has_ended and os.WSTOPSIG(status) == signal.SIGTRAP
        ptrace(SETOPTIONS, pid, O_SYSGOOD | O_EXEC | O_EXITKILL)
        return pid

    @staticmethod
    def _wait(pid):
        _, status = os.waitpid(pid, WALL)
        return status, not os.WIFSTOPPED(status)


def number_of_call(pid):
    """Of the system call that a process stopped at the entry of; None at an exit."""
    info = ctypes.create_string_buffer(128)
    if LIBC.ptrace(GET_SYSCALL_INFO, pid, len(info), ctypes.addressof(info)) < 0:
        raise OSError(ctypes.get_errno(), "PTRACE_GET_SYSCALL_INFO")
    op, number = struct.unpack_from("=B23xQ", info)
    return number if op == 1 else None
