"""AWS's operations as make_tables.py wrote them down."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "tables"
OIDC, PORTAL, STS, SSO_ADMIN, IDENTITYSTORE, CLOUDTRAIL, IAM = (
    json.loads((FOLDER / f"{name}.json").read_text())
    for name in ("sso-oidc", "sso", "sts", "sso-admin", "identitystore", "cloudtrail", "iam"))


def operations():
    """Every operation of the services that everyone uses, by name."""
    return {name: table for service in (OIDC, PORTAL, STS) for name, table in service["operations"].items()}


def statuses(service):
    """HTTP status of every error of a service by its code."""
    found = {}
    for table in service["operations"].values():
        found.update(table["errors"])
    return found


def secret_names():
    """Members whose values must never be shown, by the models' own mark and those the models forgot."""
    forgotten = {"deviceCode", "code", "user_code", "SigninToken", "Session", "sessionToken", "csrf",
                 "cookie", "ticket", "assertion"}
    marked = {member for table in operations().values() for side in ("input", "output")
              for member, about in table[side].items() if about.get("secret")}
    return forgotten | marked | {"x-amz-sso_bearer_token", "x-amz-security-token", "authorization"}
