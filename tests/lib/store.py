"""A store helper, asked as the daemon asks it: one verb, one object on stdin, one on stdout."""
import json
import pathlib
import tempfile

CORP = {"version": 1, "name": "corp", "startUrl": "https://corp.example/start", "region": "us-east-1"}
NOBODY = {"version": 1, "name": "", "startUrl": "", "region": ""}
LEAKS_OF_OTHERS = pathlib.Path(__file__).with_name("leaks-of-others.txt")
# What the daemon lets through from its own environment, and what the sanitizers need.
PASSED = ("HOME", "PATH", "LANG", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "ASAN_OPTIONS", "UBSAN_OPTIONS")


class Helper:
    def __init__(self, home, name, **env):
        self.home, self.program = home, home.prefix / "libexec/iamic" / name
        self.env = {known: None for known in home.env if known not in PASSED} | env
        # Whose leak it is shows only in the whole stack.
        self.env |= {"ASAN_OPTIONS": f"{home.env['ASAN_OPTIONS']}:fast_unwind_on_malloc=0",
                     "LSAN_OPTIONS": f"print_suppressions=0:suppressions={LEAKS_OF_OTHERS}"}

    def run(self, *words, input="", env=None, timeout=10):
        """With any words, and anything on stdin: text or bytes."""
        return self.start(*words, input=input, env=env).finish(timeout)

    def start(self, *words, input="", env=None):
        with tempfile.TemporaryFile(dir=self.home.logs) as stdin:
            stdin.write(input.encode() if isinstance(input, str) else input)
            stdin.seek(0)
            return self.home.spawn(self.program, *words, env=self.env | (env or {}), stdin=stdin)

    def ask(self, verb, request=CORP, env=None, timeout=10, **members):
        """The reply to a request. The helper may say nothing but this one object."""
        result = self.run(verb, input=json.dumps({**request, **members}), env=env, timeout=timeout)
        return self.reply(result)

    @staticmethod
    def reply(result):
        assert result.status == 0 and result.err == "", result
        reply = json.loads(result.out)
        message = reply.get("message", "")
        assert message.isprintable() and "\\" not in message and '"' not in message, message
        assert reply["state"] in ("ok", "absent", "locked", "failed"), reply
        return reply
