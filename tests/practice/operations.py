"""Which operation of AWS, or which page for people, a request is."""

from practice import account, admin, identitystore, instance, oidc, people, portal, s3, signin, sts, tables, visitors

WHAT_BROWSERS_ASK = ("/favicon.ico", "/robots.txt")


class Operation:
    """An operation of AWS, or a page for people (then without a reader of its input)."""

    def __init__(self, name, service, handler, methods, page=False):
        self.name = name
        self.service = service
        self.handler = handler
        self.methods = methods
        self.page = page


def modelled(name, service, handler):
    return Operation(name, service, handler, (tables.operations()[name]["method"],))


def page(name, handler, methods=("GET", "HEAD")):
    return Operation(name, people, handler, methods, page=True)


REST = {tables.operations()[one.name]["path"]: one for one in [
    modelled("RegisterClient", oidc, oidc.register_client),
    modelled("StartDeviceAuthorization", oidc, oidc.start_device_authorization),
    modelled("CreateToken", oidc, oidc.create_token),
    modelled("GetRoleCredentials", portal, portal.get_role_credentials),
    modelled("ListAccounts", portal, portal.list_accounts),
    modelled("ListAccountRoles", portal, portal.list_account_roles),
    modelled("Logout", portal, portal.logout),
]}
STS = {one.name: one for one in [
    Operation("GetCallerIdentity", sts, sts.get_caller_identity, ("POST", "GET")),
    modelled("AssumeRole", sts, sts.assume_role),
]}
S3 = {name: Operation(name, s3, handler, ("GET", "HEAD", "PUT", "DELETE")) for name, handler in s3.HANDLERS.items()}
ADMIN = {name: Operation(name, admin.IAM if name in admin.XML else admin, handler, ("POST",))
         for handlers in (account.HANDLERS, instance.HANDLERS, identitystore.HANDLERS)
         for name, handler in handlers.items()}
LOOK = Operation("Look", oidc, oidc.looked_at, ("GET",), page=True)
SIGNIN = Operation("GetSigninToken", signin, signin.get_signin_token, ("GET", "POST"))
CONSOLE, HOME = page("ConsoleLogin", people.console), page("Start", people.home)
PAGES = {
    "/device": page("Device", people.device, ("GET", "HEAD", "POST")),
    "/provider": page("IdentityProvider", visitors.provider, ("GET", "HEAD", "POST")),
    "/signed-in": page("SignedIn", visitors.signed_in),
    "/authorize": page("Authorize", people.authorize),
    "/vanity": page("Vanity", people.vanity),
    "/start": page("Start", people.start), "/start/": page("Start", people.start),
    **{path: page("Browser", people.nothing) for path in WHAT_BROWSERS_ASK},
}
UNKNOWN_ACTION = Operation("Unknown", sts, None, ())
UNKNOWN_OF_S3 = Operation("Unknown", s3, None, ())
UNKNOWN_PATH = Operation("Unknown", portal, None, ())
PAGE_NAMES = {one.name for one in PAGES.values()} | {CONSOLE.name, LOOK.name}
NAMES = PAGE_NAMES | {one.name for table in (REST, STS, S3, ADMIN) for one in table.values()} | {SIGNIN.name, "Unknown"}


def operation_of(center, request):
    if s3.is_addressed(center, request):
        return S3.get(s3.operation_name(request), UNKNOWN_OF_S3)
    if request.path == "/federation":
        return CONSOLE if signin.arguments(request).get("Action") == "login" else SIGNIN
    if request.path == "/":
        if request.method == "GET" and request.header("authorization") is None and not sts.is_address(request):
            return HOME
        return ADMIN.get(admin.operation_name(request)) or STS.get(sts.action_of(request), UNKNOWN_ACTION)
    if request.method == "GET" and request.path == "/device_authorization":
        return LOOK
    return REST.get(request.path) or PAGES.get(request.path, UNKNOWN_PATH)
