"""A daemon whose replies a test writes, which says what a real one says rarely, late or never; and such replies."""
import json
import re
import select
import socket
import threading
import time

import varlink

URL = "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH"
CODE = "ABCD-EFGH"


def in_seconds(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Call:
    """One call that the stand-in received."""

    def __init__(self, connection, message):
        self.connection = connection
        self.method = message["method"].rpartition(".")[2]
        self.parameters, self.more = message.get("parameters", {}), message.get("more", False)

    def reply(self, parameters, continues=False):
        varlink.check_parameters(self.method, parameters)
        self.send({"parameters": parameters, **({"continues": True} if continues else {})})

    def error(self, name, **parameters):
        full = f"{varlink.AGENT.name}.{name}"
        varlink.check_error(full, parameters)
        self.send({"error": full, "parameters": parameters})

    def send(self, *messages):
        self.send_raw(b"".join(json.dumps(message, ensure_ascii=False).encode() + b"\0" for message in messages))

    def send_raw(self, *pieces, pause=0.0005):
        for piece in pieces:
            self.connection.sendall(piece)
            time.sleep(pause)

    def wait_for_close(self, timeout=10):
        """True when the client has closed the connection."""
        return bool(select.select([self.connection], [], [], timeout)[0]) and not self.connection.recv(1)


class ScriptedAgent:
    """A server whose answers a test writes: answers[METHOD] is a function of the call, or the reply."""

    def __init__(self, path):
        self.path, self.answers, self.calls, self.faults = path, {"Status": status()}, [], []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        received = b""
        with connection:
            try:
                while chunk := connection.recv(65536):
                    received += chunk
                    while b"\0" in received:
                        message, _, received = received.partition(b"\0")
                        self.answer(Call(connection, json.loads(message)))
            except (BrokenPipeError, ConnectionResetError):
                pass
            except Exception as fault:
                self.faults.append(repr(fault))

    def answer(self, call):
        self.calls.append((call.method, call.parameters))
        problems = list(varlink.AGENT.methods[call.method][0].problems(call.parameters, call.method))
        assert not problems, problems
        answer = self.answers[call.method]
        if callable(answer):
            answer(call)
        else:
            call.reply(answer)

    def parameters_of(self, method):
        return [parameters for name, parameters in self.calls if name == method]

    def close(self):
        self.listener.close()


def session(name="corp", **members):
    return {"name": name, "startUrl": "https://d-1234567890.awsapps.com/start", "region": "us-east-1",
            "state": "ready", "expires": in_seconds(3000), "refreshAt": in_seconds(2000), **members}


def status(*sessions, **members):
    return {"version": "0.1.0", "pid": 4711, "socket": "/run/user/1000/iamic/socket",
            "configFile": "/nonexistent/config", "stale": False,
            "store": {"kind": "memory", "state": "ready", "protects": "nothing is kept on disk"},
            "sessions": list(sessions) or [session()], "roles": [], "shares": [], "network": {}, **members}


def account(number, **members):
    return {"accountId": f"{number:012d}", "accountName": f"Account {number}",
            "emailAddress": f"aws-{number}@example.com", **members}


def registering(**members):
    return {"stage": "registering", "session": "corp", **members}


def waiting(**members):
    return {"stage": "waiting", "session": "corp", "openUrl": URL, "code": CODE, "deadline": in_seconds(600),
            "verificationUri": "https://device.sso.us-east-1.amazonaws.com/", **members}


def envelope(parameters, continues):
    varlink.check_parameters("Login", parameters)
    return json.dumps({"parameters": parameters, **({"continues": True} if continues else {})}).encode() + b"\0"


def done(**members):
    return {"stage": "done", "session": "corp", "expires": in_seconds(3600), "user": "alice", **members}


def stages(*replies):
    def answer(call):
        assert call.more
        for reply in replies[:-1]:
            call.reply(reply, continues=True)
        call.reply(replies[-1])
    return answer


def fails(result, code, *words):
    """One line on stderr that begins with the program's name, and nothing on stdout."""
    assert result.status == code and result.out == "", result
    assert re.fullmatch(r"iamic: [^\n]+\n", result.err), result
    for word in words:
        assert word in result.err, result
