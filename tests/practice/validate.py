"""Hold a request against a table of AWS's model. Nothing here knows a single operation."""

import json
import re

PYTHON_TYPES = {"string": str, "list": list, "structure": dict, "boolean": bool, "integer": int, "long": int}
MAY_STAND_IN_A_QUERY = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*")


class Problem:
    """One breach of the form. One that is not fatal is recorded, and answered as if nothing were wrong."""

    def __init__(self, text, fatal=True):
        self.text = text
        self.fatal = fatal


def json_body(body):
    """The object in a body, or None and why not."""
    try:
        document = json.loads(body.decode("utf-8"))
    except ValueError as error:
        return None, [Problem(f"the body is not JSON: {error}")]
    if not isinstance(document, dict):
        return None, [Problem("the body is not a JSON object")]
    return document, []


def query_encoding(query):
    """Every name and value must be percent-encoded down to RFC 3986's unreserved characters."""
    for pair in query.split("&") if query else []:
        for part in pair.split("=", 1):
            if not MAY_STAND_IN_A_QUERY.fullmatch(part):
                return [Problem("the query is not percent-encoded: it holds a reserved character")]
        if "=" not in pair:
            return [Problem("the query holds a name without a value")]
    names = [pair.partition("=")[0] for pair in query.split("&")]
    repeated = len(set(names)) != len(names)
    return [Problem("the query holds a name twice")] if repeated else []


def value(about, name, given):
    """Problems of one value with its type, length, pattern and members."""
    kind = PYTHON_TYPES.get(about["type"])
    if kind and (not isinstance(given, kind) or (kind is int and isinstance(given, bool))):
        return [Problem(f"{name} is not of the type {about['type']}")]
    if kind is int:
        return in_range(about, name, given, "is")
    if kind is str:
        return text(about, name, given)
    if kind is list:
        found = in_range(about, name, len(given), "has a length of")
        for item in given:
            found += value(about["each"], f"an element of {name}", item)
        return found
    return structure(about["members"], given, f"{name}.") if kind is dict else []


def in_range(about, name, number, verb):
    if number < about.get("min", number):
        return [Problem(f"{name} {verb} less than {about['min']}")]
    if number > about.get("max", number):
        return [Problem(f"{name} {verb} more than {about['max']}")]
    return []


def text(about, name, given):
    found = in_range(about, name, len(given), "has a length of")
    if about.get("required") and not given and about.get("min") != 0:
        found.append(Problem(f"{name} is required and empty"))
    if "pattern" in about and not re.fullmatch(about["pattern"], given):
        found.append(Problem(f"{name} does not match {about['pattern']}"))
    if "enum" in about and given not in about["enum"]:
        found.append(Problem(f"{name} is none of {', '.join(about['enum'])}"))
    return found


def structure(members, given, prefix=""):
    found = []
    for name, about in members.items():
        if given.get(name) is not None:
            found += value(about, prefix + name, given[name])
        elif about.get("required"):
            found.append(Problem(f"{prefix}{name} is required and missing"))
    for name in given:
        if name not in members:
            found.append(Problem(f"{prefix}{name} is unknown to AWS's model", fatal=False))
    return found


def bound(table, request):
    """The input of a rest-json request whose members stand in query and headers."""
    query, given = request.parameters(), {}
    for name, about in table["input"].items():
        wire = about.get("as", name)
        raw = query.pop(wire, None) if about.get("in") == "query" else request.header(wire)
        if raw is not None:
            given[name] = number(raw) if about["type"] == "integer" else raw
    return given, [Problem(f"{name} in the query is unknown to AWS's model", fatal=False) for name in query]


def number(raw):
    return int(raw) if re.fullmatch(r"-?[0-9]{1,9}", raw) else raw


def rest_json(table, request):
    """(input, problems) of a rest-json request."""
    in_body = {name: about for name, about in table["input"].items() if "in" not in about}
    given, found = bound(dict(table, input={n: a for n, a in table["input"].items() if "in" in a}), request)
    found += query_encoding(request.query)
    if in_body:
        if request.media_type() not in ("", "application/json"):
            found.append(Problem(f"the Content-Type is {request.media_type()}, not application/json"))
        document, wrong = json_body(request.body)
        if wrong:
            return given, found + wrong
        given.update(document)
    elif request.body:
        found.append(Problem("a body where AWS's model has none", fatal=False))
    return given, found + structure(table["input"], given)


def json_protocol(table, request):
    """(input, problems) of a request of AWS's JSON protocol, whose operation stands in a header."""
    found = []
    if request.media_type() != "application/x-amz-json-1.1":
        found.append(Problem(f"the Content-Type is {request.media_type()}, not application/x-amz-json-1.1"))
    document, wrong = json_body(request.body)
    if wrong:
        return {}, found + wrong
    return document, found + structure(table["input"], document)


def unflatten(form, members):
    """Query protocol: Tags.member.1.Key=… as nested lists and structures."""
    given = {}
    for key, raw in form.items():
        parts, about, place = key.split("."), {"type": "structure", "members": members}, given
        while parts:
            part = parts.pop(0)
            if about["type"] == "list" and part == "member" and parts:
                part, about = int(parts.pop(0)) if parts[0].isdigit() else parts.pop(0), about["each"]
            else:
                about = about.get("members", {}).get(part, {"type": "unknown"})
            if parts:
                place = place.setdefault(part, {})
                if not isinstance(place, dict):
                    break
            else:
                place[part] = number(raw) if about["type"] == "integer" else raw
    return {name: listed(members[name], item) if name in members else item for name, item in given.items()}


def listed(about, item):
    """Turn the numbered entries that unflatten() gathered into lists."""
    if about["type"] == "list" and isinstance(item, dict):
        return [listed(about["each"], item[key]) for key in sorted(item, key=str)]
    if about["type"] == "structure" and isinstance(item, dict):
        members = about["members"]
        return {name: listed(members.get(name, {"type": "unknown"}), part) for name, part in item.items()}
    return item


def query_protocol(service, table, form):
    """(input, problems) of a form of AWS's query protocol."""
    form = {name: text for name, text in form.items() if name != "Action"}
    found = []
    if form.pop("Version", None) != service["version"]:
        found.append(Problem(f"Version is not {service['version']}"))
    given = unflatten(form, table["input"])
    return given, found + structure(table["input"], given)


