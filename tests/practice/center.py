"""The practice Identity Center: a request's way through log, checks, faults and handlers."""

import time
import traceback

from practice import control, faults, oidc, visitors
from practice.journal import Journal
from practice.message import Refusal, Reply
from practice.operations import operation_of
from practice.state import State


class Center:
    def __init__(self, ports, settings, front=None):
        self.ports = ports
        self.initial = settings
        self.front = front
        self.forms = visitors.Forms()
        self.reset()

    def reset(self):
        self.state = State(self.initial)
        self.journal = Journal()
        self.faults = faults.Faults()

    def base(self, port):
        return f"https://localhost:{port}"

    def start_urls(self):
        hosts = ("localhost", "127.0.0.1", "[::1]")
        return [f"https://{host}:{port}/start" for host in hosts for port in self.ports]

    def answer(self, request):
        """A reply to any request; never an exception."""
        try:
            if request.path.startswith("/_practice/"):
                return control.answer(self, request)
            return self.observed(request, operation_of(self, request))
        except Exception:
            self.journal.violation("practice", "the practice server itself failed: " + traceback.format_exc())
            return Reply(500)

    def observed(self, request, operation):
        """Log, check, carry out unless a fault forbids it, spoil, delay."""
        grant = oidc.requested_grant(request) if operation.name == "CreateToken" else None
        entry = self.journal.open(request, operation.name, grant)
        given, refused = self.checked(request, operation)
        taken = self.faults.before(operation, grant)
        if refused is None and not any(fault.instead() for fault in taken):
            reply = self.carried_out(request, operation, given)
        else:
            reply = refused or Reply()
        taken += self.faults.after(operation, grant, reply, taken)
        faults.apply(taken, reply, operation)
        entry["signed_by"] = request.signed_by and {"key_id": request.signed_by.key_id, "arn": request.signed_by.arn()}
        entry["fault"] = taken[-1].kind if taken else None
        entry["status"] = None if reply.vanish else reply.status
        time.sleep(reply.delay + (0 if operation.page else self.state.settings["latency"]))
        return reply

    def checked(self, request, operation):
        """(input, None), or (None, the error that the form of the request deserves)."""
        if request.method not in operation.methods:
            self.journal.violation(operation.name, f"{request.method} {request.path} is no operation")
            return None, operation.service.error("UnknownOperationException", "Unknown operation", 404)
        if operation.page:
            return None, None
        given, problems = operation.service.read(operation.name, request)
        for problem in problems:
            self.journal.violation(operation.name, problem.text)
        fatal = next((problem for problem in problems if problem.fatal), None)
        return given, operation.service.malformed(fatal.text) if fatal else None

    def carried_out(self, request, operation, given):
        state = self.state
        with state.lock:
            if operation.page:
                return operation.handler(self, request)
            try:
                return operation.handler(self, request, given)
            except Refusal as refusal:
                if refusal.violation:
                    self.journal.violation(operation.name, refusal.message)
                return operation.service.error(refusal.code, refusal.message, refusal.status)
