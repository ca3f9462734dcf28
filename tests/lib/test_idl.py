"""The interface file's grammar and the checks made from it."""
import pytest
from idl import SERVICE, BadInterface, Interface
from varlink import AGENT

SAMPLE = Interface("""
# A comment, also before anything else.
interface org.example.sample
type Kind (red, green)
type Pair (left: int, right: ?Pair)   # may refer to itself
method Get(kind: ?Kind) -> (
  pair: Pair, names: []string, sizes: [string]int, inner: (on: bool, x: float), any: ?object, both: []?Kind
)
method Nothing() -> ()
error Broken (message: string)
""")

GOOD = {"pair": {"left": 1, "right": {"left": 2}}, "names": ["a"], "sizes": {"a": 1}, "inner": {"on": True, "x": 1},
        "any": [{}], "both": ["red", None]}


def test_a_good_reply_has_no_problems():
    assert SAMPLE.reply_problems("Get", GOOD) == []
    assert SAMPLE.reply_problems("Get", {**GOOD, "any": None}) == []
    assert SAMPLE.reply_problems("Nothing", {}) == []
    assert SAMPLE.error_problems("Broken", {"message": "x"}) == []


@pytest.mark.parametrize("change, problem", [
    ({"pair": {"left": "1"}}, "Get reply.pair.left: int wanted, got string"),
    ({"pair": {"left": True}}, "Get reply.pair.left: int wanted, got bool"),
    ({"pair": {"left": 1, "right": {}}}, "Get reply.pair.right.left: missing"),
    ({"pair": None}, "Get reply.pair: object wanted, got null"),
    ({"names": {}}, "Get reply.names: array wanted, got object"),
    ({"names": [None]}, "Get reply.names[0]: string wanted, got null"),
    ({"sizes": {"a": 1.5}}, "Get reply.sizes.a: int wanted, got float"),
    ({"sizes": []}, "Get reply.sizes: object wanted, got array"),
    ({"inner": {"on": 1, "x": 1}}, "Get reply.inner.on: bool wanted, got int"),
    ({"inner": {"on": True, "x": False}}, "Get reply.inner.x: float wanted, got bool"),
    ({"both": ["blue"]}, "Get reply.both[0]: one of red, green wanted, got string"),
    ({"extra": 1}, "Get reply.extra: not in the interface file"),
])
def test_a_bad_reply_is_told_by_its_path(change, problem):
    assert SAMPLE.reply_problems("Get", {**GOOD, **change}) == [problem]


def test_missing_and_unknown_fields_and_errors_are_found():
    assert SAMPLE.reply_problems("Get", {}) == [f"Get reply.{name}: missing" for name in GOOD if name != "any"]
    assert SAMPLE.reply_problems("Nothing", {"a": 1}) == ["Nothing reply.a: not in the interface file"]
    assert SAMPLE.error_problems("Broken", {}) == ["error Broken.message: missing"]
    assert SAMPLE.error_problems("Other", {}) == ["error Other is not in the interface file"]


def test_problems_do_not_show_values():
    assert "hush" not in str(SAMPLE.reply_problems("Get", {**GOOD, "pair": "hush", "both": ["hush"]}))


@pytest.mark.parametrize("text, says", [
    ("", "ends too early"),
    ("interface agent", "no interface name"),
    ("interface a.b method Get() -> (", "ends too early"),
    ("interface a.b method Get()", "ends too early"),
    ("interface a.b method get() -> ()", "no member name"),
    ("interface a.b method Get(a: Missing) -> ()", "type Missing is used but not defined"),
    ("interface a.b method Get(a: int, a: int) -> ()", "stands twice"),
    ("interface a.b method Get(a: int b: int) -> ()", "',' wanted"),
    ("interface a.b method Get(a: int,) -> ()", "comma before"),
    ("interface a.b method Get(a, b) -> ()", "got an enumeration"),
    ("interface a.b type T (a: int, b)", "has no type"),
    ("interface a.b type T (a: ??int)", "type wanted, got '?'"),
    ("interface a.b type T (a: integer)", "type wanted, got 'integer'"),
    ("interface a.b type T () type T ()", "defined twice"),
    ("interface a.b error E {}", "unexpected '{'"),
    ("interface a.b thing T ()", "got 'thing'"),
])
def test_a_broken_interface_file_is_refused(text, says):
    with pytest.raises(BadInterface, match=None) as caught:
        Interface(text)
    assert says in str(caught.value)


def test_the_agents_interface_is_understood():
    assert AGENT.name == "io.iamic.Agent"
    assert {"GetCredentials", "Login", "Status", "ListAccounts"} <= AGENT.methods.keys()
    assert {"LoginRequired", "Denied", "Unavailable", "Internal"} <= AGENT.errors.keys()
    assert "GetInterfaceDescription" in SERVICE.methods


@pytest.mark.parametrize("fields, problem", [
    ({}, None),
    ({"expires": None}, None),
    ({"expires": "2026-01-31 12:00:00"}, "expires: not of the form"),
    ({"expires": "2026-01-31T12:00:00+01:00"}, "expires: not of the form"),
    ({"accountId": "12345678901"}, "accountId: not of the form"),
    ({"accountId": 123456789012}, "accountId: string wanted, got int"),
])
def test_times_and_account_ids_have_one_form(fields, problem):
    role = {"session": "corp", "accountId": "012345678901", "roleName": "R", "expires": "2026-01-31T12:00:00Z"}
    problems = list(AGENT.types["Role"].problems({**role, **fields}, "role"))
    assert (not problems) if problem is None else problem in problems[0]
