"""A tree that has been booted: systemd as process 1 of namespaces of its own, network included; programs in there.

systemd moves whoever is in the cgroup that it starts in, and whoever is in it when it ends goes with it: it never
starts but in a cgroup of its own. It has no capability by which it could change the kernel, and no unit runs that
would.
"""
import contextlib
import ctypes
import os
import pathlib
import re
import signal

from home import Process, comm, stat_fields, wait_for

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
MASKED = ("systemd-sysctl.service", "systemd-modules-load.service", "systemd-binfmt.service", "systemd-udevd.service",
          "timers.target")

# $1: the cgroup's folder, $2: its name, $3: the tree, $4: what is run in the namespaces
ISOLATE = r"""
set -eu
echo $$ >"$1/cgroup.procs"
grep -q "^0::.*/$2\$" /proc/self/cgroup
exec unshare --mount --pid --fork --kill-child --cgroup --uts --ipc --net bash -euc "$4" bash "$3"
"""
BOOT = r"""
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs -o ro sysfs "$1/sys"
mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for device in null zero full random urandom tty; do
  touch "$1/dev/$device"
  mount --bind "/dev/$device" "$1/dev/$device"
done
mkdir "$1/dev/pts" "$1/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
ln -s pts/ptmx "$1/dev/ptmx"
ln -s /proc/self/fd "$1/dev/fd"
mount -t tmpfs tmpfs "$1/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$1/run"
mount -t tmpfs tmpfs "$1/tmp"
cd "$1"
pivot_root . mnt
cd /
umount -l /mnt
mount --make-rshared /
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv \
  --bounding-set=-sys_module,-sys_time,-sys_rawio,-sys_boot,-syslog,-audit_control,-audit_read,-block_suspend \
  /lib/systemd/systemd
"""
ENTER = 'echo $$ >"$0/cgroup.procs"; exec nsenter --target "$@"'


class Booted:
    """Commands run as root unless `user` is one of the tree."""

    def __init__(self, tree, logs):
        self.tree, self.logs, self.path, self.written = pathlib.Path(tree), pathlib.Path(logs), "/", 0
        for unit in MASKED:
            mask = self.tree / "etc/systemd/system" / unit
            mask.unlink(missing_ok=True)
            mask.symlink_to("/dev/null")
        self.cgroup = cgroups() / f"iamic-test-{os.getpid()}"
        (self.cgroup / "entered").mkdir(parents=True)
        self.isolated = Process(self, ["bash", "-c", ISOLATE, "bash", str(self.cgroup), self.cgroup.name,
                                       str(self.tree), BOOT], tools(), "boot", preexec_fn=end_with_parent)
        try:
            self.pid = wait_for(self.first_process, 20, lambda: str(self.isolated.result(self.isolated.poll())))
            wait_for(lambda: self.state() in ("running", "degraded"), 60, self.state)
            assert self.state() == "running", self.run("systemctl", "--failed").out
        except BaseException:
            self.close()
            raise

    def first_process(self):
        """systemd, once it is no longer the shell that mounts."""
        assert self.isolated.poll() is None, self.isolated.result(self.isolated.poll())
        found = [int(pid) for pid in os.listdir("/proc") if pid.isdigit()
                 and stat_fields(pid)[1:2] == [str(self.isolated.pid)]]
        return found[0] if found and comm(found[0]) == "systemd" else None

    def state(self):
        return self.run("systemctl", "is-system-running").out.strip()

    def file(self, path):
        """A path inside, as it is seen from outside."""
        return pathlib.Path(f"/proc/{self.pid}/root") / path.lstrip("/")

    def run(self, *argv, timeout=20, **options):
        return self.spawn(*argv, **options).finish(timeout)

    def spawn(self, *argv, user=None, env=None):
        """Starts a program inside; its environment is `env` and what a login sets."""
        argv = [str(word) for word in argv]
        self.written += 1
        stem = f"{self.written:04d}-{pathlib.Path(argv[0]).name}"
        become = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] if user else []
        settings = [f"{name}={value}" for name, value in {**self.environment(user), **(env or {})}.items()]
        enter = [str(self.pid), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net", "--root", "--wd"]
        process = Process(self, ["sh", "-c", ENTER, str(self.cgroup / "entered"), *enter, "--", *become, "env", "-i",
                                 *settings, *argv], tools(), stem)
        process.argv = argv
        return process

    def environment(self, user):
        common = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
        if not user:
            return {**common, "HOME": "/root"}
        runtime = f"/run/user/{self.uid(user)}"
        return {**common, "HOME": f"/home/{user}", "USER": user, "LOGNAME": user, "XDG_RUNTIME_DIR": runtime,
                "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus"}

    def uid(self, user):
        return int(re.search(rf"^{user}:[^:]*:(\d+)", (self.tree / "etc/passwd").read_text(), re.MULTILINE)[1])

    def pids(self, name, user):
        """Process ids outside of a user's programs inside."""
        namespace, uid = os.readlink(f"/proc/{self.pid}/ns/pid"), self.uid(user)
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if comm(pid) == name
                and is_of(pid, namespace, uid)]

    @contextlib.contextmanager
    def network(self):
        """The calling thread, and what it starts meanwhile, is in the network inside."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/proc/{self.pid}/ns/net") as inside:
            enter_network(inside)
            try:
                yield
            finally:
                enter_network(outside)

    def close(self):
        """As when the power fails."""
        if getattr(self, "pid", None):
            os.kill(self.pid, signal.SIGKILL)
        self.isolated.kill()
        self.isolated.wait()
        wait_for(lambda: remove_cgroups(self.cgroup), 10, lambda: f"{self.cgroup} cannot be removed")


def tools():
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def end_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter_network(file):
    if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def is_of(pid, namespace, uid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return (os.readlink(f"/proc/{pid}/ns/pid") == namespace and f"\nUid:\t{uid}\t" in status
                and "\nState:\tZ" not in status)
    except (FileNotFoundError, ProcessLookupError):
        return False


def cgroups():
    """Where version 2 is mounted, beside or instead of version 1."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        words = line.split()
        if words[words.index("-") + 1] == "cgroup2":
            return pathlib.Path(words[4])
    raise AssertionError("no cgroup2 is mounted: systemd cannot be booted here")


def remove_cgroups(top):
    """False while somebody is still in one."""
    try:
        for folder, _, _ in os.walk(top, topdown=False):
            os.rmdir(folder)
    except OSError:
        return False
    return True
