"""The interface file of a varlink service: its grammar, and what is wrong with a message that claims to follow it.

A value is checked strictly: our own daemon sends no field that the file does not name, every field that is not
nullable, and the formats that the file promises in its head (times, account ids).
"""
import re

TOKEN = re.compile(r"\s+|#[^\n]*|(?P<token>->|\[\]|\[string\]|[A-Za-z][A-Za-z0-9_.-]*|[():,?])")
BASIC = {"bool": bool, "int": int, "float": (int, float), "string": str}

# The interface file says once for all fields how times and account ids look.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ACCOUNT = re.compile(r"\d{12}")
FORMAT = {name: TIME for name in ("signedInAt", "expires", "refreshAt", "sessionEnds", "until", "deadline", "retryAt",
                                  "Expiration")}
FORMAT.update({name: ACCOUNT for name in ("accountId", "AccountId")})


class BadInterface(Exception):
    """The interface file itself is not valid."""


class Basic:
    def __init__(self, name):
        self.name = name

    def problems(self, value, where):
        right = isinstance(value, BASIC[self.name]) and (self.name == "bool" or not isinstance(value, bool))
        if not right:
            yield f"{where}: {self.name} wanted, got {kind(value)}"


class Object:
    """Any JSON at all."""

    def problems(self, value, where):
        return iter(())


class Enum:
    def __init__(self, names):
        self.names = names

    def problems(self, value, where):
        if not isinstance(value, str) or value not in self.names:
            yield f"{where}: one of {', '.join(self.names)} wanted, got {kind(value)}"


class Struct:
    def __init__(self, fields):
        self.fields = fields

    def problems(self, value, where):
        if not isinstance(value, dict):
            yield f"{where}: object wanted, got {kind(value)}"
            return
        for name in value.keys() - self.fields.keys():
            yield f"{where}.{name}: not in the interface file"
        for name, type_ in self.fields.items():
            if name not in value:
                if not isinstance(type_, Maybe):
                    yield f"{where}.{name}: missing"
                continue
            yield from type_.problems(value[name], f"{where}.{name}")
            pattern = FORMAT.get(name)
            if pattern and isinstance(value[name], str) and not pattern.fullmatch(value[name]):
                yield f"{where}.{name}: not of the form {pattern.pattern}"


class Array:
    def __init__(self, item):
        self.item = item

    def problems(self, value, where):
        if not isinstance(value, list):
            yield f"{where}: array wanted, got {kind(value)}"
            return
        for n, item in enumerate(value):
            yield from self.item.problems(item, f"{where}[{n}]")


class Map:
    def __init__(self, item):
        self.item = item

    def problems(self, value, where):
        if not isinstance(value, dict):
            yield f"{where}: object wanted, got {kind(value)}"
            return
        for name, item in value.items():
            yield from self.item.problems(item, f"{where}.{name}")


class Maybe:
    def __init__(self, inner):
        self.inner = inner

    def problems(self, value, where):
        return iter(()) if value is None else self.inner.problems(value, where)


class Named:
    """A type by its name; looked up when it is used, because the file may define it further down."""

    def __init__(self, name, types):
        self.name, self.types = name, types

    def problems(self, value, where):
        return self.types[self.name].problems(value, where)


def kind(value):
    """What a value is, never what it says: it may be a secret."""
    if value is None:
        return "null"
    names = {bool: "bool", int: "int", float: "float", str: "string", list: "array", dict: "object"}
    return f"{names[type(value)]}"


class Interface:
    """name, types {name: Struct|Enum}, methods {name: (Struct in, Struct out)}, errors {name: Struct}, text."""

    def __init__(self, text):
        self.text = text
        self.types, self.methods, self.errors = {}, {}, {}
        self._tokens = list(tokens(text))
        self._used = []
        self._interface()

    def reply_problems(self, method, parameters):
        return list(self.methods[method][1].problems(parameters, f"{method} reply"))

    def error_problems(self, error, parameters):
        if error not in self.errors:
            return [f"error {error} is not in the interface file"]
        return list(self.errors[error].problems(parameters, f"error {error}"))

    # The grammar, top down.

    def _interface(self):
        self._expect("interface")
        self.name = self._take()
        if not re.fullmatch(r"[A-Za-z](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)+", self.name):
            raise BadInterface(f"'{self.name}' is no interface name")
        while self._tokens:
            self._member()
        for name in self._used:
            if name not in self.types:
                raise BadInterface(f"type {name} is used but not defined")

    def _member(self):
        keyword, name = self._take(), self._take()
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            raise BadInterface(f"'{name}' is no member name")
        if name in self.types or name in self.methods or name in self.errors:
            raise BadInterface(f"{name} is defined twice")
        if keyword == "type":
            self.types[name] = self._parenthesis()
        elif keyword == "method":
            wanted = self._struct()
            self._expect("->")
            self.methods[name] = (wanted, self._struct())
        elif keyword == "error":
            self.errors[name] = self._struct()
        else:
            raise BadInterface(f"type, method or error wanted, got '{keyword}'")

    def _type(self, nullable=True):
        token = self._take()
        if token == "?" and nullable:
            return Maybe(self._type(nullable=False))
        if token == "[]":
            return Array(self._type())
        if token == "[string]":
            return Map(self._type())
        if token == "(":
            self._tokens.insert(0, token)
            return self._parenthesis()
        if token in BASIC:
            return Basic(token)
        if token == "object":
            return Object()
        if re.fullmatch(r"[A-Z][A-Za-z0-9]*", token):
            self._used.append(token)
            return Named(token, self.types)
        raise BadInterface(f"type wanted, got '{token}'")

    def _struct(self):
        body = self._parenthesis()
        if not isinstance(body, Struct):
            raise BadInterface("fields with types wanted, got an enumeration")
        return body

    def _parenthesis(self):
        """(a: type, …) is a struct, (a, b) an enumeration, () the empty struct."""
        self._expect("(")
        fields, names = {}, []
        while self._peek() != ")":
            name = self._take()
            if not re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", name):
                raise BadInterface(f"'{name}' is no field name")
            if name in fields or name in names:
                raise BadInterface(f"field {name} stands twice")
            if self._peek() == ":":
                self._take()
                fields[name] = self._type()
            else:
                names.append(name)
            if self._peek() != ")":
                self._expect(",")
                if self._peek() == ")":
                    raise BadInterface("comma before ')'")
        self._take()
        if fields and names:
            raise BadInterface(f"field {names[0]} has no type")
        return Enum(names) if names else Struct(fields)

    def _peek(self):
        return self._tokens[0] if self._tokens else None

    def _take(self):
        if not self._tokens:
            raise BadInterface("the file ends too early")
        return self._tokens.pop(0)

    def _expect(self, wanted):
        token = self._take()
        if token != wanted:
            raise BadInterface(f"'{wanted}' wanted, got '{token}'")


def tokens(text):
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise BadInterface(f"line {text.count(chr(10), 0, at) + 1}: unexpected '{text[at]}'")
        if match["token"]:
            yield match["token"]
        at = match.end()


# What every varlink service offers beside its own interfaces.
SERVICE = Interface("""
interface org.varlink.service

method GetInfo() -> (vendor: string, product: string, version: string, url: string, interfaces: []string)
method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound (interface: string)
error MethodNotFound (method: string)
error MethodNotImplemented (method: string)
error InvalidParameter (parameter: string)
error PermissionDenied ()
error ExpectedMore ()
""")
