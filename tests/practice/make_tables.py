#!/usr/bin/python3
"""Make the tables of AWS's operations from its service models, without their prose.

Usage: make_tables.py MODELS_DIR

MODELS_DIR holds botocore's models as SERVICE/service-2.json. A table says of every member where it is bound,
its type, length, pattern and allowed values; of every operation its method, path and errors.
"""

import json
import pathlib
import sys

TABLES = pathlib.Path(__file__).resolve().parent / "tables"

# None: every operation of the service.
SERVICES = {
    "sso-oidc": ["RegisterClient", "StartDeviceAuthorization", "CreateToken"],
    "sso": None,
    "sts": ["GetCallerIdentity", "AssumeRole"],
    "sso-admin": [
        "ListInstances", "DescribeInstance", "ListPermissionSets", "DescribePermissionSet", "CreatePermissionSet",
        "UpdatePermissionSet", "ListManagedPoliciesInPermissionSet", "AttachManagedPolicyToPermissionSet",
        "ListAccountsForProvisionedPermissionSet", "ProvisionPermissionSet", "DescribePermissionSetProvisioningStatus",
        "ListPermissionSetsProvisionedToAccount", "ListAccountAssignments", "CreateAccountAssignment",
        "DescribeAccountAssignmentCreationStatus",
    ],
    "identitystore": [
        "GetUserId", "DescribeUser", "ListUsers", "CreateUser", "GetGroupId", "DescribeGroup", "ListGroups",
        "CreateGroup", "GetGroupMembershipId", "CreateGroupMembership",
    ],
    "cloudtrail": ["DescribeTrails", "GetTrailStatus"],
    "iam": ["GetAccountSummary"],
}

BOUND = {"header": "header", "querystring": "query", "uri": "path"}

# The models' patterns are Java's: ASCII classes, and Unicode properties that Python's re does not know. What is a
# letter, mark, symbol, number or punctuation is everything but separators and controls.
VISIBLE = r"\p{L}\p{M}\p{S}\p{N}\p{P}"
JAVA_TO_PYTHON = [
    (f"[{VISIBLE}]", r"[^\s\x00-\x1f\x7f-\x9f]"),
    (rf"[{VISIBLE}\t\n\r " + "\u00a0]", r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
    (rf"[{VISIBLE}\t\n\r " + "\u00a0\u3000]", r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
    (r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]", r"[^\x00-\x1f\x7f-\x9f]"),
    (r"\p{L}\p{Z}\p{N}_", r"\w\s"), (r"\p{L}", r"[^\W0-9_]"),
    (r"[\w]", "[A-Za-z0-9_]"), (r"[\w+", "[A-Za-z0-9_+"), (r"[\d]", "[0-9]"), (r"\d", "[0-9]"),
    (r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF"),
]


def python_pattern(pattern):
    for java, python in JAVA_TO_PYTHON:
        pattern = pattern.replace(java, python)
    return pattern


def describe(shapes, name):
    """What a value of this shape may be."""
    shape = shapes[name]
    about = {"type": "document" if shape.get("document") else shape["type"]}
    for key in ("min", "max", "enum"):
        if key in shape:
            about[key] = shape[key]
    if "pattern" in shape:
        about["pattern"] = python_pattern(shape["pattern"])
    if shape.get("sensitive"):
        about["secret"] = True
    if shape["type"] == "list":
        about["each"] = describe(shapes, shape["member"]["shape"])
    if about["type"] == "structure":
        about["members"] = members(shapes, name)
    return about


def members(shapes, name):
    shape = shapes[name]
    required = shape.get("required", [])
    table = {}
    for member, reference in shape["members"].items():
        about = describe(shapes, reference["shape"])
        if member in required:
            about["required"] = True
        if "location" in reference:
            about["in"] = BOUND[reference["location"]]
        if "locationName" in reference:
            about["as"] = reference["locationName"]
        table[member] = about
    return table


def errors(shapes, operation):
    """Code on the wire to HTTP status."""
    table = {}
    for reference in operation.get("errors", []):
        error = shapes[reference["shape"]].get("error", {})
        table[error.get("code", reference["shape"])] = error.get("httpStatusCode", 400)
    return table


def operation_table(model, name):
    shapes, operation = model["shapes"], model["operations"][name]
    table = {
        "method": operation["http"]["method"],
        "path": operation["http"]["requestUri"],
        "signed": operation.get("authtype") != "none",
        "input": members(shapes, operation["input"]["shape"]) if "input" in operation else {},
        "output": {},
        "errors": errors(shapes, operation),
    }
    if "output" in operation:
        table["output"] = members(shapes, operation["output"]["shape"])
    return table


def service_table(model, names):
    metadata = model["metadata"]
    table = {"protocol": metadata["protocol"], "version": metadata["apiVersion"], "operations": {}}
    if "targetPrefix" in metadata:
        table["target"] = metadata["targetPrefix"]
    if "xmlNamespace" in metadata:
        table["namespace"] = metadata["xmlNamespace"]
    for name in names or sorted(model["operations"]):
        table["operations"][name] = operation_table(model, name)
    return table


def written(value, depth=0):
    """JSON with one member a line: short, and a change of AWS's model is a short diff."""
    flat = json.dumps(value)
    if not isinstance(value, dict) or depth + len(flat) < 100 or not value:
        return flat
    pad = " " * (depth + 1)
    lines = [f"{pad}{json.dumps(key)}: {written(item, depth + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().split("\n\n")[1])
    models = pathlib.Path(sys.argv[1])
    TABLES.mkdir(exist_ok=True)
    for service, names in SERVICES.items():
        model = json.loads((models / service / "service-2.json").read_text())
        (TABLES / f"{service}.json").write_text(written(service_table(model, names)) + "\n")


if __name__ == "__main__":
    main()
