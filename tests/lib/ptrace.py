"""Stops a program's descendants at a moment that no signal could hit: right after fork(), before they do anything."""
import ctypes
import os
import signal

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long

TRACEME, CONT, ATTACH, DETACH, SETOPTIONS, GETEVENTMSG, SETSIGMASK = 0, 7, 16, 17, 0x4200, 0x4201, 0x420b
SIGMASK_BYTES = 8
O_FORKS, O_EXITKILL = 0x2 | 0x4 | 0x8, 0x100000
EVENT_FORKS = (1, 2, 3)
WALL = 0x40000000


def ptrace(request, pid, data=0, address=None):
    if LIBC.ptrace(request, pid, address, data) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace({request:#x}, {pid})")


def until_stop(pid):
    """Waits for a stop of the process; returns the event, 0 for a plain signal, None at its end."""
    _, status = os.waitpid(pid, WALL)
    return status >> 16 if os.WIFSTOPPED(status) else None


class Traced:
    """argv, run under the eyes of this thread."""

    def __init__(self, argv, env):
        self.pid = os.fork()
        if self.pid == 0:
            try:
                null = os.open("/dev/null", os.O_RDWR)
                for fd in (0, 1, 2):
                    os.dup2(null, fd)
                ptrace(TRACEME, 0)
                os.execve(argv[0], argv, env)
            finally:
                os._exit(127)
        assert until_stop(self.pid) is not None
        ptrace(SETOPTIONS, self.pid, O_FORKS | O_EXITKILL)

    def next_fork(self, pid):
        """Lets pid run up to its next fork(); returns the child, which is stopped as pid is."""
        while True:
            ptrace(CONT, pid)
            event = until_stop(pid)
            assert event is not None, f"{pid} ended without a fork"
            if event in EVENT_FORKS:
                child = ctypes.c_ulong()
                ptrace(GETEVENTMSG, pid, ctypes.addressof(child))
                assert until_stop(child.value) is not None
                return child.value

    @staticmethod
    def let_go(pid):
        ptrace(DETACH, pid)


def crash(pid):
    """Ends a child by SIGABRT though it blocks it, as a fault of its own would."""
    mask = ctypes.create_string_buffer(SIGMASK_BYTES)
    ptrace(ATTACH, pid)
    assert until_stop(pid) is not None
    ptrace(SETSIGMASK, pid, ctypes.addressof(mask), SIGMASK_BYTES)
    ptrace(DETACH, pid, signal.SIGABRT)


def kill(pid):
    """Ends a traced process and takes leave of it."""
    os.kill(pid, signal.SIGKILL)
    while until_stop(pid) is not None:
        pass
