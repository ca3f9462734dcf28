"""Every message that a person can get from iamic, iamic-login and iamic-credential-process, by the file that makes it:
its format, the exit status, and how the real programs come to say it. test_errors.py carries it out, and compares
the table with the sources.
"""
import os
import socket

from error_ways import (ACCOUNT, AT_QUESTION, BEFORE, BUG, CONTRACT, DEPLOY, Elsewhere, IN_CLI, IN_DOCTOR, IN_SHARE,
                        IN_SHIM, IN_START, IN_STORE, KERNEL, KEYS, MEMORY, NOT_UTF8, Never, PLAIN, Part, ROLE,
                        SESSION, Said, administered, answered, assumed, aws, bare, browser_says, cancelled_by_another,
                        cli, comes_back, configure_on_terminal, configured, fault, imported, in_folder, lending,
                        logged, looked_in_vain, many_scopes, moved, of_the_aws_cli, on_terminal, own, port_in_use,
                        profiles, real, refused_by_oidc, shim, shim_answered, sign_in_fault, signed_out_while_waiting,
                        starting, store_of, timed_out, typed, unreadable_home)
from scripted_agent import done, registering, session, stages, status, waiting

TABLE = {
    "src/aws/admin.c": {
        "%s takes no input: its body is {}": CONTRACT,
        "%s: AWS's answer (HTTP 200) is not understood: check the proxy": IN_DOCTOR,
        "ask the account's administrator": Elsewhere("test_call.py", "USER not found"),
        "change that, and try again": Elsewhere("test_call.py", "Duplicate GroupDisplayName"),
        "the body of %s is not a JSON object": CONTRACT,
        "the body of %s is too long": CONTRACT,
    },
    "src/aws/assumption.c": {
        "%s:%u: %s in profile '%.64s' %s": assumed("duration_seconds = 1"),
        "is more than the hour (3600) that AWS allows for a role assumed from another role, as those of Identity "
        "Center "
        "are: remove it; iamic renews in time": assumed("duration_seconds = 4000"),
        "must be a number of seconds from 900 to 3600": assumed("duration_seconds = x"),
        "must be keys of up to 50 tags, such as team,cost-center": assumed("transitive_session_tags = ,"),
        "must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME": aws(
            f"{SESSION}[profile p]\nrole_arn = x\nsource_profile = q\n[profile q]\nsso_session = corp\n{KEYS}"),
        "must be up to 50 tags, such as team=payments,cost-center=12": assumed("session_tags = x"),
    },
    "src/aws/cli_cache.c": {
        "%s: sign in with 'iamic-login' instead": imported(8, "{"),
        "it holds no sign-in that can be understood": imported(8, "{}"),
        "it is not JSON, or only half of it": imported(8, "{"),
        "there is no room for its tokens": MEMORY,
    },
    "src/aws/role_pattern.c": {
        "it can be given %d times: leave some out": cli(2, "profiles", *("--include", "x") * 65),
        "it is empty": cli(2, "profiles", "--include", ""),
    },
    "src/aws/template.c": {
        "a brace %s: write fields as {account_name} or {role_name|lower}": cli(2, "profiles", "--template", "{"),
        "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty": cli(
            2, "profiles", "--template", "{session|replace}"),
        "the profile's name would be empty: use another template": profiles(
            7, "--template", "{session|replace:corp:}"),
        "the profile's name would be longer than %d bytes: use another template, or leave it out": profiles(
            7, "--template", "x" * 129),
        "there is no field '%.64s': use account_name, account_id, role_name or session": cli(
            2, "profiles", "--template", "{name}"),
        "there is no filter '%.64s': use lower, slug or replace:TEXT:OTHER": cli(
            2, "profiles", "--template", "{session|upper}"),
    },
    "src/aws/pkce.c": {
        "the browser came back with %s%s%s: %s": comes_back(4, "error=access_denied"),
        "the browser came back without a code: run 'iamic-login' again": comes_back(5, "x=y"),
        "too many roles in use: try again when some have expired": MEMORY,
    },
    "src/aws/profile_endpoints.c": {
        "%s and %s contradict each other, but session '%.64s' has one address for all its profiles: write the same in "
        "both, or give them a session each": Said(7, "home", lambda home: (
            home.write_aws_config(SESSION + "".join(
                f"[profile {name}]\nsso_session = corp\nendpoint_url = https://{name}.example\n{KEYS}"
                for name in "pq")),
            home.credential_process("--profile", "p", env={"AWS_ENDPOINT_URL": None}))[-1]),
        "%s: there is no section [services %.100s]: add it, or remove this line":
            aws(f"{SESSION}[profile p]\nsso_session = corp\nservices = nowhere\n{KEYS}"),
    },
    "src/aws/question.c": {
        "%s:%u: profile '%.100s' has a role_arn and lacks source_profile: add the profile whose role assumes it":
            aws(f"{SESSION}[profile p]\nrole_arn = {DEPLOY}\n"),
        "more than %d profiles lead to one another: leave some of them out": aws("".join(
            f"[profile p{n or ''}]\nrole_arn = {DEPLOY}\nsource_profile = p{n + 1}\n" for n in range(200))
            + f"{SESSION}[profile p200]\nsso_session = corp\n{KEYS}"),
        "profile%s %s %s: let one of them name a session, an account and a role": aws("".join(
            f"[profile {a}]\ncredential_process = iamic-credential-process --profile {b}\n" for a, b in ("pq", "qp"))),
    },
    "src/aws/config.c": {
        "%s:%u: ": BEFORE,
        "[%.100s] stands in line %u already: merge the two sections": aws("[profile p]\n[profile p]\n"),
        "a byte order mark, which the AWS CLI refuses as well: save the file as UTF-8 without it":
            aws("\ufeff[profile p]\n"),
        "a line without '=' in an indented block: complete it, or write the value behind its key":
            aws("[profile p]\ns3 =\n  x\n"),
        "a section header without ']': write it as [profile NAME]": aws("[profile p\n"),
        "a section header without a name: write it as [profile NAME]": aws("[]\n"),
        "a zero byte: this is no text file, write it anew": aws("[profile p]\na = \0\n"),
        "bytes that are not UTF-8: save the file as UTF-8": aws(f"[profile p]\na = {NOT_UTF8}\n"),
        "key '%.100s' stands in line %u of this section already: remove one of them":
            aws("[profile p]\na = 1\na = 2\n"),
        "neither a [section] nor 'key = value': complete the line or remove it": aws("[profile p]\nword\n"),
        "no key in front of '%c': complete the line or remove it": aws("[profile p]\n= 1\n"),
        "text before any section: put [default] or [profile NAME] above it": aws("a = 1\n"),
    },
    "src/aws/config_edit.c": {
        "the file would have more than %zu bytes: nothing was written": Never("takes a configuration of 16 MiB"),
        "%s: it cannot be changed without changing something else in it: do it by hand": Never(
            "what would be written is read again, and means what it should: the other case is a defect of ours"),
    },
    "src/aws/config_word.c": {
        "'%.100s' cannot be the name of a %s: other tools would misread it: use letters, digits and -_/.%%@:+":
            configured(
            7, SESSION, *PLAIN, "--profile", "a]b"),
        "'%.200s' cannot be written as %s: other tools would misread it: choose another": configured(
            7, SESSION, *PLAIN, "--sso-registration-scopes", "a\nb"),
    },
    "src/aws/console.c": {
        "'%.100s' is neither a service such as s3 or ec2, nor an https:// address": cli(2, "console", "S3!"),
        "no console is known for region %.64s: give its https:// address": cli(
            7, "console", *ROLE, "--region", "nowhere-north-1", "s3"),
        "this is no address of a console: it begins with https:// and has no blanks or user name in it": cli(
            2, "console", "http://x/"),
    },
    "src/aws/endpoint.c": {
        "%s is not an address that can be used: write https://HOST (http:// only for a loopback host), without user "
        "name, "
        "query and blanks": Said(7, "home", lambda home: (home.configure(), home.credential_process(
            *ROLE, env={"AWS_ENDPOINT_URL": "ftp://x"}))[1]),
        "no sign-in page of the console is known for region %s: set AWS_ENDPOINT_URL_SIGNIN":
            Never("that no console is known for the region is said before"),
        "start URL '%.200s' belongs to region %.64s, but sso_region is %.64s: write sso_region = %.64s":
            Said(7, "home", lambda home: (home.write_aws_config(
                "[sso-session corp]\nsso_start_url = https://x.portal.eu-west-1.app.aws\nsso_region = us-east-1\n"),
                home.credential_process(*ROLE, env={"AWS_ENDPOINT_URL": None}))[1]),
    },
    "src/aws/federation.c": {
        "the console takes no such credentials: use another role":
            fault(4, "GetSigninToken", "status", "console", "--print", *ROLE,
                                                       status=400, code="InvalidCredentials"),
    },
    "src/aws/oidc_refusal.c": {
        "the sign-in was denied, by a person or by a policy": refused_by_oidc(4, "AccessDeniedException"),
        "this way of signing in is not allowed here": refused_by_oidc(4, "UnauthorizedClientException"),
        "this way of signing in is not offered here": refused_by_oidc(4, "UnsupportedGrantTypeException"),
        "nobody approved the sign-in in time: run 'iamic-login' again": refused_by_oidc(3, "ExpiredTokenException"),
        "check sso_region and sso_start_url": refused_by_oidc(7, "InvalidRequestException"),
        "check sso_registration_scopes": refused_by_oidc(7, "InvalidScopeException", "RegisterClient"),
        "AWS does not accept this sign-in any longer: run 'iamic-login'": Never("becomes the state 'signed out', which "
                                                                               "is what a person is told"),
        "AWS no longer knows this client's registration: run 'iamic-login'": Never("the client is registered anew"),
    },
    "src/aws/portal.c": {
        "%s: AWS's credentials have %zu bytes, more than %d: use another role":
            Never("AWS's session tokens are a tenth of that"),
        "%s: AWS's credentials have expired already: check the clock of this machine":
            fault(5, "GetRoleCredentials", "skew", seconds=10 * 86400),
        "%s: too many roles in use: try again when some have expired": MEMORY,
        "account %s, role '%s' is not assigned to you, or was assigned after you signed in":
            real(4, lambda home: home.iamic("whoami", *ROLE[:-1], "Nope")),
        "not assigned to you, or unknown": fault(4, "ListAccounts", "status", "accounts", status=403,
                                                  code="ForbiddenException"),
    },
    "src/aws/process.c": {
        "%s: iamic-credential-process has no option '%.100s', or its value is missing: correct the line":
            aws("[profile p]\ncredential_process = iamic-credential-process --nonsense\n"),
        "%s: a quote is not closed in credential_process: close it":
            aws("[profile p]\ncredential_process = iamic-credential-process '\n"),
    },
    "src/aws/region.c": {
        "%s: '%.64s' is not a region of AWS: write one like us-east-1":
            aws(SESSION.replace("us-east-1", "nowhere") + "[profile p]\nsso_session = corp\n" + KEYS),
    },
    "src/aws/reply.c": {
        "%s: AWS answered HTTP %ld%s%s%s%s%s: %s": fault(5, "GetRoleCredentials", "status", status=418, code="Teapot"),
        "%s: AWS's answer (HTTP %ld) is %s: try again, and check the proxy": fault(5, "GetRoleCredentials", "garbage"),
        "%s: AWS's answer has no usable %s: try again later": fault(5, "GetRoleCredentials", "missing"),
        "%s: AWS's answer is a redirect (HTTP %ld): check the endpoint and the proxy":
            fault(5, "GetRoleCredentials", "status", status=302),
        "%s: a web page came in the place of AWS's answer (HTTP %ld): check the proxy, or sign in to this network":
            fault(5, "GetRoleCredentials", "html"),
        "%s: too many roles in use: try again when some have expired": MEMORY,
        "try again later": fault(5, "ListAccounts", "status", "accounts", status=418, code="Teapot"),
    },
    "src/aws/settings.c": {
        "%s begins with ~/, but HOME is not an absolute path: set HOME":
            own("", env={
                "HOME": "x", "IAMIC_AWS_CONFIG_FILE": "~/config", "XDG_CONFIG_HOME": "/dev/null",
                "XDG_STATE_HOME": "/dev/null", "XDG_DATA_HOME": "/dev/null"}),
        "%s holds a control character: remove it": own("", env={"HTTPS_PROXY": "http://\033"}),
        "HTTPS_PROXY must be %s": own("", env={"HTTPS_PROXY": "nonsense://x"}),
        "%s must be %s": own("", env={"IAMIC_AWS_CONFIG_FILE": "relative"}),
        "%s: %s holds a control character: remove it": own("store = \x01\n"),
        "%s: %s must be %s": own("store = nonsense\n"),
    },
    "src/aws/sso_session.c": {
        "%s: %s '%.100s' lacks %s: add it to this section": aws("[sso-session corp]\nsso_region = us-east-1\n"
                                                               "[profile p]\nsso_session = corp\n" + KEYS),
        "%s: scopes must be up to %d words with commas between them, such as sso:account:access":
            aws(SESSION + "sso_registration_scopes = a b\n[profile p]\nsso_session = corp\n" + KEYS),
        "%s: session '%.100s' lacks region: add it to this section":
            own("[session corp]\nstart_url = https://corp.awsapps.com/start\n", *ROLE),
        "%s: sso_redirect_port must be a number from 1 to %d":
            aws(SESSION + "sso_redirect_port = x\n[profile p]\nsso_session = corp\n" + KEYS),
        "%s: sso_use_device_code must be true or false":
            aws(SESSION + "sso_use_device_code = x\n[profile p]\nsso_session = corp\n" + KEYS),
        "%s: the start URL must be an https:// address (http:// only for a loopback host) without user name, blanks "
        "and "
        "comment": aws(SESSION.replace("https", "ftp") + "[profile p]\nsso_session = corp\n" + KEYS),
        "%s:%u and line %u: profiles '%.64s' and '%.64s' have one sso_start_url but different sso_region: write the "
        "same in "
        "both": aws(f"[profile p]\nsso_start_url = https://a.awsapps.com/start\nsso_region = us-east-1\n{KEYS}"
                    f"[profile q]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\n{KEYS}"),
        "'%.100s' is a profile in %s, not a session: say --profile %.100s":
            aws("[profile p]\nregion = us-east-1\n", "--sso-session", "p", *ROLE[2:]),
        "no session is configured in %s: run 'iamic configure'": aws("", *ROLE[2:], env={"X": "1"}),
        "session '%.100s' has different start URLs in %s and %s: remove one of them":
            aws(SESSION, *ROLE, own="[session corp]\nstart_url = https://other.awsapps.com/start\nregion = "
                                    "us-east-1\n"),
        "session '%.100s' is not in %s, which has: %s": aws(SESSION, "--sso-session", "other", *ROLE[2:]),
        "session '%.100s' is not in %s, nor is any other: run 'iamic configure'": aws("", *ROLE),
        **dict.fromkeys([
            "session '%.100s' is there already with another start URL or region (%s): choose another name",
            "the name of session '%.100s' holds a control character"],
            Never("'iamic configure' has looked before it proposes a session to the daemon")),
        "the name of session '%.100s' holds a control character: give it another name":
            aws("", "--sso-session", "a\033b", *ROLE[2:]),
        "there are several sessions, name one (iamic-login NAME, --sso-session NAME): %s":
            aws(SESSION + SESSION.replace("corp", "other"), *ROLE[2:]),
    },
    "src/aws/start_url.c": {
        "start URL '%.150s' leads to '%.150s', which is no access portal of AWS's: give the one that your browser "
        "shows "
        "when you have signed in": Elsewhere("test_network.py", "which is no access portal of AWS's"),
    },
    "src/aws/sts.c": {
        "%s: AWS's answer (HTTP 200) has no usable credentials: try again, and check the proxy": fault(
            5, "AssumeRole", "missing", "whoami", *ROLE, "--role-arn", DEPLOY),
        "%s: AWS's answer (HTTP 200) has no usable %s: try again, and check the proxy":
            real(5, lambda home: (home.practice.fault("GetCallerIdentity", "missing", times=None),
                                  home.iamic("whoami", *ROLE))[1]),
        "try again later": Never("what passes is tried again, and then said by the daemon's own words"),
    },
    "src/aws/target.c": {
        "%s:%u": BEFORE,
        "%s:%u: %s must be %s":
            aws(SESSION + "[profile p]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\n"),
        "%s:%u: %s of profile '%.64s' is not that of session '%.64s' (%s): remove this line":
            aws(SESSION + f"[profile p]\nsso_session = corp\nsso_region = eu-west-1\n{KEYS}"),
        "%s:%u: profile '%.100s' %s: use a profile with sso_session": aws("[profile p]\nlogin_session = x\n"),
        "%s:%u: profile '%.100s' lacks %s: add it to this section":
            aws(SESSION + f"[profile p]\nsso_session = corp\nsso_account_id = {ACCOUNT}\n"),
        "%s:%u: profile '%.100s' lacks sso_region: add it to this section":
            aws(f"[profile p]\nsso_start_url = https://a.awsapps.com/start\n{KEYS}"),
        "%s:%u: profile '%.100s' names no session: add to it credential_process = iamic-credential-process "
        "--sso-session "
        "NAME --account-id ID --role-name ROLE": aws("[profile p]\nregion = us-east-1\n"),
        "'%.64s' is not the name of a role: write 1 to 32 of A-Z a-z 0-9 _ + = , . @ -": aws(
            SESSION, *ROLE[:-1], "a b"),
        "account id '%.32s' is not 12 digits: correct it": aws(
            SESSION + "[profile p]\ncredential_process = iamic-credential-process --account-id 1 --role-name x\n"),
        "'%.200s' is not the ARN of a role: write arn:aws:iam::ACCOUNT:role/NAME": aws(SESSION, "--role-arn", "arn:x"),
        "role '%.200s' has to be assumed from another role: name that as well, by a profile, or by account id and role "
        "name": aws(SESSION, "--role-arn", DEPLOY),
        "no role is named: give a profile, or a session, an account id and a role name together": aws(
            SESSION + "[profile p]\ncredential_process = iamic-credential-process --sso-session corp\n"),
        "profile '%.100s' is not in %s, nor is any other: run 'iamic configure'": aws(""),
        "profile '%.100s' is not in %s: name one that is, with --profile: %s": aws("[profile q]\nregion = us-east-1\n"),
        "profile 'default', which is meant where none is named, is not in %s: name one that is, with --profile: %s":
            aws("[profile q]\nregion = us-east-1\n", "--profile", "default"),
    },
    "src/aws/token.c": dict.fromkeys([
        "no room for what is stored: too many roles in use: try again", "the stored %s has no usable %s: sign in again",
        "the stored %s is malformed: sign in again", "what is stored is not a JSON object: sign in again",
        "what is stored was not written by iamic: sign in again",
        "what is stored was written by a newer iamic: update iamic, or sign in again"],
        Never("a person is told that the store holds no sign-in of iamic's; this goes to the log")),
    "src/base/fs.c": {
        "'%s' has more than %zu bytes: is it the right file?": own("#" * (300 << 10)),
        "'%s' is a symbolic link: remove it": IN_SHIM,
        "'%s' is not a directory: remove it": in_folder("iamic", lambda home, path: path.write_text("")),
        "'%s' is not an absolute path: begin it with '/'": BUG,
        "'%s' belongs to uid %u: remove it": Never("looked at a moment before, in ipc/address.c, with the same words"),
        "others can write to '%s': chmod 700 '%s'":
            in_folder("iamic", lambda home, path: (path.mkdir(), path.chmod(0o777))),
        "HOME is %s: set it to your home directory": bare(7, lambda home: home.credential_process(
            env={"HOME": None, "XDG_RUNTIME_DIR": None})),
        "cannot look at '%s'": KERNEL,
        "cannot make directory '%s'": Said(5, "bare_home", lambda home: (
            home.runtime.chmod(0o500), home.credential_process(
                env={"XDG_RUNTIME_DIR": "/proc/self"} if os.geteuid() == 0 else None))[1]),
        "cannot open '%s'": Elsewhere("test_configuration.py"),
        "cannot read '%s'": bare(7, lambda home: ((home.path / ".aws/config").mkdir(parents=True),
                                                  home.credential_process("--profile", "p"))[1]),
        "no memory for '%s'": MEMORY,
    },
    "src/base/ini.c": {
        "%s:%u": BEFORE,
        "%s:%u: a line that cannot be read: write it as 'key = value'": BUG,
        "a section header without ']': write it as [session NAME]": own("[session x\n"),
        "bytes that are not UTF-8 text: save the file as UTF-8": own(f"store = {NOT_UTF8}\n"),
        "neither a [section] nor 'key = value': complete the line or remove it": own("word\n"),
        "text behind ' ;' would be lost: put comments on lines of their own": own("store = file ; really\n"),
        "the line has more than %d bytes: write it shorter": own(f"store = {'x' * 300}\n"),
        "the name of a section has more than %d bytes: choose a shorter one": own(f"[session {'x' * 60}]\n"),
    },
    "src/base/json.c": {
        "%s is not JSON: %s (byte %d)": BUG,
        "%s is not a JSON object": Never("whoever parses says it in words of his own"),
    },
    "src/base/state_file.c": {
        "cannot remove '%s'": Never("goes to the log"),
        "cannot write '%s'": looked_in_vain,
    },
    "src/cli/agent.c": {
        "session '%.100s': a sign-in is under way: approve it, or run 'iamic-login %.100s' to see its address": cli(
            3, "accounts", Status=status(session(state="signing_in")),
            ListAccounts=lambda call: call.error("LoginRequired", session="corp", message="signed out")),
        "warning: %s": cli(0, "status", notice=True, Status=status(warnings=["a key is not known"])),
    },
    "src/cli/browser.c": {
        "a quote is left open in the browser's command '%s'": browser_says(0, "x '"),
        "the browser's command is empty": browser_says(0, " "),
        "the browser's command is too long": browser_says(0, "x" * 9000),
        "cannot start '%s'": browser_says(0, "/nonexistent/browser"),
    },
    "src/cli/choice.c": {
        "'--profile' stands alone: it names session, account and role": cli(2, "whoami", "--profile", "p", *ROLE),
        "'--account-id' and '--role-name' belong together": cli(2, "whoami", "--account-id", ACCOUNT),
        "'--sso-session' needs '--account-id' and '--role-name'": cli(2, "whoami", "--sso-session", "corp"),
        "'--profile' and a session contradict each other": cli(2, "login", "--profile", "p", "corp"),
        "warning: AWS_PROFILE: %s": cli(0, "accounts", notice=True, env={"AWS_PROFILE": "nowhere"},
                                        ListAccounts={"accounts": []}),
        "the running daemon is older: systemctl --user restart iamicd": cli(
            5, "accounts", Status=lambda call: call.send({"parameters": {"version": "0.0.1"}})),
    },
    "src/cli/session_refusal.c": {
        "no session is configured in %s: run 'iamic configure'": cli(
            7, "logout", Status=lambda call: call.reply({**status(), "sessions": []})),
        "session '%.100s' is not in %s, which has: %s": cli(7, "status", "other"),
        "there are several sessions, name one%s: %s": cli(2, "logout", Status=status(session(), session("other"))),
        "'%.100s' is a profile in %s, not a session: say --profile %.100s": real(
            7, lambda home: home.configure({"dev": (ACCOUNT, ROLE)}) and home.iamic("status", "dev")),
        "AWS_PROFILE is not UTF-8: correct or unset it": cli(7, "whoami", env={"AWS_PROFILE": NOT_UTF8}),
    },
    "src/cli/config_file.c": {
        "'%s' belongs to uid %u, nothing was written: put what is printed here into it": Never(
            "to root no file is another's, and nobody else can give one away"),
        "'%s' is a symbolic link that leads nowhere: remove it, or make what it leads to": configured(
            7, lambda home: ((home.path / ".aws").mkdir(), home.aws_config.symlink_to("nowhere")), *PLAIN),
        "'%s' is not a file: it is not changed": Never("the daemon has refused to read it before"),
        "'%s' is not an absolute path": BUG,
        "'%s' is read-only, nothing was written: put what is printed here into it, where it is made": Never(
            "to root nothing is read-only but a file system that is, and that cannot be made everywhere"),
        "'%s' was changed by another program just now, nothing was written: try again": Never(
            "another program's write in the same millisecond"),
        "another program is changing '%s' since %d s: try again": Never("two programs that write for seconds"),
        "cannot look at '%s'": KERNEL,
        "cannot open '%s'": KERNEL,
        "cannot write '%s'": Elsewhere("test_full_disk.py"),
        "cannot write in '%s'": Elsewhere("test_full_disk.py"),
        "the difference is too large to be shown": Never("takes a configuration of 16 MiB"),
    },
    "src/cli/configure.c": {
        "'%s' is none of json, yaml, yaml-stream, text, table, off": cli(2, "configure", "--output", "x"),
        "'%s' is not an https:// address": cli(2, "configure", "--sso-start-url", "ftp://x"),
        "'--%s' takes everything from the profile: only --sso-session and --dry-run go with it": cli(
            2, "configure", "--adopt", "p", "--region", "us-east-1"),
        "'--adopt', '--adopt-all' and '--release' contradict each other": cli(
            2, "configure", "--adopt", "p", "--release", "q"),
        "cancelled: nothing was written": typed(130, ("portal: ", b"\x03"),
            words=("configure", "--sso-session", "new"), notice=True),
        "nothing was written: is %s the region of your Identity Center?":
            Part("stands behind why nobody could sign in"),
        "the running daemon is older: systemctl --user restart iamicd": cli(
            5, "configure", Status=lambda call: call.send({"parameters": {"version": "0.0.1"}})),
        "there is no terminal to ask at: give --account-id and --role-name, and for a new session --sso-start-url and "
        "--sso-region": configured(2, ""),
    },
    "src/cli/configure_convert.c": {
        "the AWS CLI's own sign-in is still used by %s: 'iamic configure --adopt-all' makes them iamic's":
            Elsewhere("test_configure.py"),
        "%s says where the sign-in of session '%.64s' goes, and would no longer: write that into blocks sso and "
        "sso_oidc "
        "of a services section first": Said(7, "bare_home", lambda home: (home.write_aws_config(
            f"{SESSION}[profile p]\nsso_session = corp\nendpoint_url = https://x.example\n{KEYS}"),
            home.iamic("configure", "--adopt", "p"))[1]),
        "%s: the credential_process of profile '%.100s' is another program's: remove it first": configured(
            7, f"{SESSION}[profile p]\nsso_session = corp\ncredential_process = other\n{KEYS}", "--adopt", "p"),
        "not adopted: %s": configured(
            0, f"{SESSION}[profile p]\nsso_session = corp\ncredential_process = other\n{KEYS}", "--adopt-all",
            notice=True),
        "session '%.100s' is there already with another start URL or region: choose another name": configured(
            7, f"{SESSION}[profile p]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n{KEYS}",
            "--adopt", "p", "--sso-session", "corp"),
    },
    "src/cli/configure_profile.c": {
        "%s:%u: profile '%.100s' is there for something else, it has %s: choose another name": configured(
            7, f"{SESSION}[profile p]\naws_access_key_id = x\n", *PLAIN, "--profile", "p"),
        "'%.64s' is not a region of AWS: one looks like us-east-1": AT_QUESTION,
    },
    "src/cli/configure_role.c": {
        "AWS names an account or a role in a way that cannot be used: try again": configure_on_terminal(
            5, ListAccounts=lambda call: call.send({"parameters": {"accounts": [{"accountId": "x"}]}})),
        "a page of %s from the daemon is not understood: try again": configure_on_terminal(
            5, ListAccounts=lambda call: call.send({"parameters": {}})),
        "no accounts are assigned to you in session '%.100s': ask whoever administers Identity Center":
            configure_on_terminal(4, ListAccounts={"accounts": []}),
        "no roles are assigned to you in account %s: ask whoever administers Identity Center": configure_on_terminal(
            4, "--account-id", ACCOUNT, ListRoles={"roles": []}),
        "there are several %s and no terminal to choose at: give --%s": Never(
            "standard input is a terminal, and yet there is none"),
    },
    "src/cli/configure_session.c": {
        "neither the start URL nor its page shows the region: give it with --sso-region": Said(
            2, "home", lambda home: (home.practice.set(start_page=""), home.iamic(
                "configure", *PLAIN, "--sso-start-url", home.practice.start_url))[1]),
        "session '%.100s' is there already with another start URL or region (%s): change it there, or choose another "
        "name":
            configured(7, SESSION, *PLAIN, "--sso-session", "corp", "--sso-start-url", "https://x.awsapps.com/start"),
        "session '%.100s' is there already: choose another name": AT_QUESTION,
        "that is no https:// address: it stands in the browser when you open your company's access portal": AT_QUESTION,
        "the daemon does not say where the start URL leads: try again": Never("the running daemon knows that method"),
        "region of your Identity Center: %s (its page says so)": Said(
            0, "home", lambda home: home.iamic("configure", *PLAIN, "--profile", "p", "--region", "us-east-1",
                                               "--sso-start-url", home.practice.start_url),
            is_notice=True),
        "warning: the page of the start URL names region %s, not %s: if signing in fails, that is why": Said(
            0, "home", lambda home: home.iamic("configure", *PLAIN, "--profile", "p", "--region", "us-east-1",
                                               "--sso-start-url", home.practice.start_url, "--sso-region", "eu-west-1"),
            is_notice=True),
        "the start URL is of region %s, not of %s: leave --sso-region out": configured(
            7, "", *PLAIN, "--sso-start-url", "https://ssoins-1.portal.eu-west-1.app.aws", "--sso-region", "us-east-1"),
        "there are several sessions: name one with --sso-session": configured(
            2, SESSION + SESSION.replace("corp", "other"), *PLAIN),
        "there is no terminal to ask at: give --sso-start-url, --sso-region, --account-id and --role-name": configured(
            2, "", *PLAIN),
    },
    "src/cli/config_outcome.c": {
        "nothing to do: %s says that already": configured(
            0, f"{SESSION}[profile p]\ncredential_process = iamic-credential-process {' '.join(ROLE)}\n",
            "--adopt", "p", notice=True),
        "warning: most tools take the keys at %s:%u instead of what was written: remove them": configured(
            0, lambda home: (home.write_aws_config(SESSION), home.write(
                ".aws/credentials", "[p]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = x\n")),
            *PLAIN, "--profile", "p", notice=True),
    },
    "src/cli/configure_write.c": {
        "warning: not every SDK reads a profile with blanks in its name": configured(
            0, SESSION, *PLAIN, "--profile", "a b", notice=True),
    },
    "src/cli/menu.c": {
        "nothing matches '%s'": AT_QUESTION,
        "several match '%s': type a number, or more of it": AT_QUESTION,
    },
    "src/cli/pick.c": {
        "there is no terminal to choose at: say --profile NAME":
            Never("standard input is a terminal, and yet none is there"),
        "no roles are assigned to you: ask whoever administers Identity Center": on_terminal(
            4, "whoami", ListAccounts={"accounts": []}),
        "all sessions are signed out: run 'iamic-login SESSION', with one of: %s": Elsewhere("test_picker.py"),
    },
    "src/cli/profiles.c": {
        "'--prune' needs '--write' or '--diff'": cli(2, "profiles", "--prune"),
        "'--write' and '--diff' contradict each other": cli(2, "profiles", "--write", "--diff"),
        "there is no glob in front of '=': write REGION alone for all": cli(
            2, "profiles", "--region", "=us-east-1"),
        "no role is left to make a profile for": profiles(0, "--exclude", "*", notice=True),
        "session '%.200s' has no name yet: run 'iamic configure --adopt-all' first": Elsewhere("test_profiles.py"),
        "the roles of %zu account%s could not be listed%s: try again later": Elsewhere("test_profiles.py"),
        "warning: roles of account %s could not be listed: %s": Elsewhere("test_profiles.py"),
    },
    "src/cli/profiles_make.c": {
        "no role that you may use matches --include %s: see 'iamic accounts' and 'iamic roles'": profiles(
            4, "--include", "nothing"),
        "role %s of account %s": BEFORE,
        "role %s of account %s and role %s of account %s would both be profile '%.128s': use %s in the "
        "template, or leave one out with --exclude": profiles(7, "--template", "x"),
        "role %s of account %s would be the profile that all programs take by themselves: use another template, or "
        "'iamic configure --profile default'": profiles(7, "--template", "default", "--include", "*/First"),
        "warning: not every SDK reads a profile with blanks in its name": profiles(
            0, "--template", "a b", "--include", "*/First", notice=True),
    },
    "src/cli/profiles_plan.c": {
        "warning: %s %s there already for something else, and left as %s: use another template":
            Elsewhere("test_profiles.py"),
        "warning: no region for %s: most tools need one: give it with --region REGION": profiles(
            0, "--include", "*/First", notice=True),
    },
    "src/cli/question.c": {
        "%s is asked for at a terminal, and there is none":
            Never("standard input is a terminal, and yet there is none"),
    },
    "src/cli/configuration.c": {
        "others can write to '%s': chmod go-w '%s'": IN_CLI,
        "profile '%.100s' is not in %s, nor is any other: run 'iamic configure'": cli(7, "use", "--shell", "bash", "x"),
        "profile '%.100s' is not in %s, which has: %s": configured(
            7, f"{SESSION}[profile p]\nregion = us-east-1\n", "--adopt", "q"),
        "warning: the daemon reads '%s', but this shell's AWS configuration is '%s'": cli(
            0, "status", notice=True, env={"AWS_CONFIG_FILE": "/elsewhere"}),
    },
    "src/cli/doctor_account.c": {
        "is not among the permission sets of this instance": IN_DOCTOR,
        "no role was chosen: iamic doctor --profile NAME": Elsewhere("test_doctor.py", "no role was chosen"),
    },
    "src/cli/admin.c": {
        "%s%.100s is not seen in %s: name the role of an account that administers it (--profile NAME), or another "
        "--region": administered(4, {"ListInstances": {"Instances": []}}, "users"),
        "there are several instances, name one with --instance-arn: %s": administered(
            2, {"ListInstances": {"Instances": [{"InstanceArn": f"arn:{n}", "IdentityStoreId": "d"} for n in "ab"]}},
            "users"),
        "where is Identity Center? name its region with --region": administered(2, {}, "users", session=False),
    },
    "src/cli/admin_apply.c": {
        "%s: AWS's answer has no usable %s: try again later": administered(
            5, {"GetGroupId": "ResourceNotFoundException", "CreateGroup": {}}, "grant", "--group", "x", "--yes"),
        "AWS could not do it: %.200s: correct that, and try again": Elsewhere("test_admin.py"),
        "AWS has begun, and needs more time: try again, to see how it went": Never("no test waits three minutes"),
    },
    "src/cli/admin_assignments.c": {
        "of which account? name it by its 12 digits": cli(2, "admin", "assignments"),
    },
    "src/cli/admin_find.c": {
        "%s: AWS's answer has no usable %s: try again later": administered(5, {"GetGroupId": {}}, "grant", "--group",
                                                                          "x"),
    },
    "src/cli/admin_grant.c": {
        "'--json' needs '--yes' or '--dry-run'": cli(2, "admin", "grant", "--group", "x", "--json"),
        "'--yes' and '--dry-run' contradict each other": cli(2, "admin", "grant", "--group", "x", "--yes", "--dry-run"),
        "answer y or n": AT_QUESTION,
        "nothing was done: the plan is not confirmed: answer y to do it": Elsewhere("test_admin.py",
                                                                                     "nothing was done"),
        "nothing was done: there is no terminal to ask at: say --yes to do it": administered(
            2, {"GetGroupId": "ResourceNotFoundException"}, "grant", "--group", "x"),
    },
    "src/cli/admin_options.c": {
        "'%.300s' is not a name: 1 to %d characters of text are": cli(2, "admin", "grant", "--group", "a\nb"),
        "'%.300s' is not a policy of AWS's own, such as ReadOnlyAccess or arn:aws:iam::aws:policy/ReadOnlyAccess":
            cli(2, "admin", "grant", "--policy", "a b"),
        "'%.300s' is not a user name: 1 to %d characters without blanks are": cli(2, "admin", "grant", "--user-name",
                                                                                  "a b"),
        "'%.300s' is not an e-mail address such as alice@example.com": cli(2, "admin", "grant", "--email", "x"),
        "'%s' is not from 1h to 12h, as AWS allows": cli(2, "admin", "grant", "--session-duration", "13h"),
        "it is given more than %d times: leave some for later": cli(
            2, "admin", "grant", *(word for n in range(21) for word in ("--policy", f"P{n}"))),
    },
    "src/cli/admin_plan.c": {
        "'--given-name', '--family-name', '--display-name' and '--email' need '--user-name'": cli(
            2, "admin", "grant", "--group", "x", "--email", "a@example.com"),
        "'--policy', '--session-duration' and '--update' need '--permission-set'": cli(
            2, "admin", "grant", "--group", "x", "--policy", "P"),
        "'--target-account' needs '--permission-set', and '--group' or '--user-name'": cli(
            2, "admin", "grant", "--group", "x", "--target-account", ACCOUNT),
        "'--update' needs '--session-duration'": cli(2, "admin", "grant", "--permission-set", "x", "--update"),
        "permission set '%.32s' is not there: to make it, give --policy, such as ReadOnlyAccess": administered(
            2, {"ListPermissionSets": {"PermissionSets": []}}, "grant", "--permission-set", "x"),
        "user '%.128s' is not there: to make it, give --given-name, --family-name and --email as well": administered(
            2, {"GetUserId": "ResourceNotFoundException"}, "grant", "--user-name", "x"),
        "what is there to be? name it with --user-name, --group or --permission-set": cli(2, "admin", "grant"),
    },
    "src/cli/permission_set.c": {
        "DescribePermissionSet: AWS's answer has no usable PermissionSet: try again later": administered(
            5, {"ListPermissionSets": {"PermissionSets": ["arn:x"]}, "DescribePermissionSet": {}}, "permission-sets"),
    },
    "src/cli/signed_call.c": {
        "%s: AWS's answer has no usable %s: try again later": administered(5, {"ListUsers": {}}, "users"),
        "the role lacks the permission %s:%s: name one that has it (--profile NAME)": administered(
            4, {"ListUsers": "AccessDeniedException"}, "users"),
        "what %s is asked with is too long: make it shorter": Never("names are of 4 KiB at most"),
    },
    "src/cli/console.c": {
        "'%.100s' is not a region: correct AWS_REGION, or the profile's":
            cli(7, "console", *ROLE, env={"AWS_REGION": "x y"}),
        "warning: '%.100s' is taken for a service; for the profile say --profile %.100s": Elsewhere("test_console.py"),
        "no browser opened, 'iamic console --print' prints the link": Part("says why it failed"),
        "no browser opened: '%.100s' failed: 'iamic console --print' prints the link": Elsewhere("test_console.py"),
        "the daemon's reply has no link: try again": cli(
            5, "console", *ROLE, "--print", SigninLink=lambda call: call.send({"parameters": {}})),
        "there is no browser to open here: 'iamic console --print' prints the link": Elsewhere("test_console.py"),
    },
    "src/cli/exec.c": {
        "cannot run '%.200s'": Elsewhere("test_export.py"),
        "'%.100s' is a profile, not a program: say --profile %.100s": Elsewhere("test_export.py"),
        "cannot set %s": MEMORY,
    },
    "src/cli/export.c": {
        "'%s' is none of process, env, env-no-export, powershell, windows-cmd, fish": cli(2, "export", "--format", "x"),
        "'--unset' is about no role: it goes with '--format' alone": cli(
            2, "export", "--unset", "--format", "env", "--profile", "p"),
        "'--unset' needs the '--format' of a shell, such as env": cli(2, "export", "--unset", "--format", "process"),
    },
    "src/cli/import.c": {
        "nothing was removed: 'iamic doctor --clean' removes what the AWS CLI has in plain text":
            Elsewhere("test_import.py", "nothing was removed: 'iamic doctor --clean' removes "),
        "warning: %s": Elsewhere("test_import.py", "in plain text, and may renew it"),
        "warning: the AWS CLI has it, too, in plain text, and may renew it: 'rm %s', or next time 'iamic import "
        "--wipe'":
            Elsewhere("test_import.py", "in plain text, and may renew it"),
        "warning: the AWS CLI's copy is still there: remove %s": Never("its folder is the person's own, and writable"),
    },
    "src/cli/shell.c": {
        "'%.100s' is not a shell that we know: one of bash, zsh, fish": cli(2, "init", "tcsh"),
        "which shell? 'iamic %s' is followed by one of bash, zsh, fish": cli(2, "init"),
    },
    "src/cli/use.c": {
        "session '%.100s' is signed out: run %s": Elsewhere("test_picker.py"),
        "'--clear' and a profile contradict each other": cli(2, "use", "--clear", "p"),
        "'iamic use' works through a function of the shell: write '%s' into %s, and type it here": cli(2, "use", "p"),
        "a profile's name has no control characters": cli(2, "use", "--shell", "bash", "a\tb"),
        "the running daemon is older: systemctl --user restart iamicd": cli(
            5, "use", "--shell", "bash", "x", Status=lambda call: call.send({"parameters": {"version": "0.0.1"}})),
    },
    "src/cli/pick_profile.c": {
        "no profile is in %s: run 'iamic configure'": real(7, lambda home: home.iamic("use", "--shell", "bash")),
        "which profile? name one, or say --clear": real(
            2, lambda home: home.configure({"dev": (ACCOUNT, ROLE)}) and home.iamic("use", "--shell", "bash")),
    },
    "src/cli/list.c": {
        "no account of yours has the id or the name '%.100s': 'iamic accounts' lists those that are assigned":
            real(4, lambda home: home.iamic("roles", "Nowhere")),
        "several accounts have the name '%.100s': give the id of one, of %s": cli(2, "roles", "a", ListAccounts={
            "accounts": [{"accountId": f"11112222333{n}", "accountName": "A"} for n in (3, 4)]}),
        "'--new' needs to know your last look, and store = memory keeps nothing on disk: leave '--new' out, or set "
        "another "
        "store (iamic-config(5))": cli(7, "accounts", "--new"),
        "a page of %s from the daemon has no rows: try again": cli(
            5, "accounts", ListAccounts=lambda call: call.send({"parameters": {}})),
        "argument": Part("names what was wrong"),
        "no %s are assigned to you: ask whoever administers Identity Center": cli(
            0, "accounts", notice=True, ListAccounts={"accounts": []}),
        "no %s are new since your last look": Elsewhere("test_looks.py"),
        "warning: %s: the next '--new' shows these again": looked_in_vain,
    },
    "src/cli/login.c": {
        "'--all' and a session contradict each other": cli(2, "login", "--all", "corp"),
        "'--device' and '--browser' contradict each other": cli(2, "login", "--device", "--browser"),
        "'--port' belongs to '--browser'": cli(2, "login", "--port", "8400"),
        "IAMIC_LOGIN is '%s': allowed are device, browser, auto": cli(7, "login", env={"IAMIC_LOGIN": "x"}),
    },
    "src/cli/logout.c": {
        "'--all' and a session contradict each other": cli(2, "logout", "--all", "corp"),
        "warning: %s":
            cli(0, "logout", "corp", notice=True, Logout={"sessions": ["corp"], "warning": "AWS did not answer"}),
    },
    "src/cli/main.c": {
        "%.400s: see '%s --help'": cli(2, "status", "--nonsense"),
        "unknown %s '%.100s'%s%s%s": cli(2, "frobnicate"),
        "option '%.*s' stands behind a command, not before it": cli(2, "--profile=dev", "whoami"),
    },
    "src/cli/network.c": {
        "warning: the daemon is a service and has other values than this shell for %s: write them into iamic's config "
        "(iamic-config(5)), then: %s": Never("only for a daemon that a user's service manager has started"),
        "warning: the daemon's environment is that of the shell that started it, and has other values for %s: '%s' "
        "ends it, "
        "and the next command starts one from this shell":
            cli(0, "status", notice=True, env={"HTTPS_PROXY": "http://p:1"}),
    },
    "src/cli/options.c": {
        "'%s' is not a duration such as 30m, 8h or 1h30m": cli(2, "status", "--check", "--min", "soon"),
        "'%s' is not a number from %d to %d": cli(2, "login", "--timeout", "0"),
        "'%s' is not a region such as eu-central-1": cli(2, "console", "--region", "x y"),
        "'%s' is not a role name: 1 to 32 letters, digits and +=,.@-_ are": cli(2, "whoami", "--role-name", "a b"),
        "'%s' is not a role's ARN such as arn:aws:iam::111122223333:role/Admin": cli(2, "whoami", "--role-arn", "x"),
        "'%s' is not an account id, which is 12 digits": cli(2, "roles", "1"),
        "an argument is wrong": cli(2, "status", ""),
        "it is empty": cli(2, "login", "--profile", ""),
        "it is not UTF-8": cli(2, "login", "--profile", NOT_UTF8),
        "option '--%s'": cli(2, "login", "--port", "x"),
        "option '--%s' needs a value: %s": cli(2, "login", "--port"),
        "option '--%s' takes no value": cli(2, "login", "--all=yes"),
        "unexpected argument '%.100s'%s": cli(2, "whoami", "x"),
        "unknown option '%.*s'%s%s%s": cli(2, "whoami", "--profil"),
    },
    "src/base/rolling_file.c": {
        "'%s' is not a file of yours: remove it": logged(lambda log: os.mkfifo(log)),
        "cannot close '%s' to others": Never("one's own file takes the mode that one gives it"),
        "cannot rename '%s' to '%s'": logged(lambda log: (
            log.write_text("x" * (1 << 20)), log.with_name("log.old").mkdir()), exit_status=1),
    },
    "src/cli/log.c": {
        "nothing is recorded: store = memory keeps no files": Said(0, "home", lambda home: (
            home.write_config("store = memory\n"), home.iamic("log"))[-1], True),
        "warning: %d more, which could not be recorded": logged(
            lambda log: log.write_text('{"time":"2026-01-31T12:00:00Z","lost":3}\n'), "--json"),
        "warning: %s: what happened since is not in the log": logged(lambda log: os.mkfifo(log)),
    },
    "src/cli/share.c": {
        "'%s' is lent no longer: its time is over": IN_SHARE,
        "'%s' is not the number of a user, as 'id -u' prints it": cli(2, "share", "--uid", "root"),
        "iamicd has made '%s' where you cannot see it: choose a path beside its own socket, which 'iamic status' "
        "shows": IN_SHARE,
        "there may be %d of them": cli(2, "share", *["--profile", "x"] * 65),
        "this folder has no name": Said(1, "cli", lambda home: home.run("/bin/sh", "-c", (
            f"mkdir x && cd x && rmdir ../x && exec {home.program('iamic')} share --socket s --profile p"))),
        "what shall be lent? name a profile with --profile": cli(2, "share", "--socket", "x"),
        "where shall the socket be? name it with --socket": cli(2, "share", "--profile", "x"),
    },
    "src/daemon/methods_share.c": {
        "%.100s is not lent here: only credentials are, by GetCredentials": IN_SHARE,
        "nothing may be lent for more than %s: choose less, or change share_limit in iamic's config":
            Elsewhere("test_share.py", "nothing may be lent for more than"),
        "nothing may be lent: share_limit in iamic's config is 0: change that first": lending(
            4, config="share_limit = 0\n"),
    },
    "src/daemon/share.c": {
        "%d are lent something already: end one of them": IN_SHARE,
        "iamicd has ended, and with it what was lent: run 'iamic share' again": IN_SHARE,
        "profile '%.64s' is not lent here: use one of %s": IN_SHARE,
        "something is lent as '%s' already: choose another name with --name": IN_SHARE,
        "that role is not lent here: use one of the profiles %s": Elsewhere(
            "test_share.py", "not lent here: use one of"),
        "the name of what is lent must have 1 to %d bytes of printable UTF-8: name it with --name": lending(
            7, "--name", "x" * 65),
        "uid %u cannot be told from others here, for iamicd runs in a user namespace: lend it to uid %u, or run "
        "iamicd without PrivateUsers": Elsewhere("test_share.py", "cannot be told from others here"),
    },
    "src/daemon/share_path.c": {
        "'%s' belongs to uid %u: put the socket into a folder of your own": Elsewhere(
            "test_share.py", ": put the socket"),
        "'%s' is there already, and no socket of yours: choose another path": lending(7, path="/etc/passwd"),
        "cannot remove '%s'": KERNEL,
        "others can write to '%s': put the socket into a folder of your own": Elsewhere(
            "test_share.py", "others can write to"),
        "somebody listens on '%s' already: end that, or choose another path": lending(7, path="run/iamic/socket"),
    },
    "src/cli/log_file.c": {
        "'%s' has a line that is too long": BUG,
        "cannot read '%s'": cli(1, "log", Log={"file": "/", "problem": None}),
    },
    "src/cli/output.c": {
        "cannot write the output": IN_CLI,
        "the reply cannot be written as JSON": Never("a list of 64 MiB"),
    },
    "src/cli/passphrase.c": {
        "a passphrase is asked for at a terminal, and there is none": Said(2, "cli", lambda home: home.run(
            "/usr/bin/setsid", "--wait", home.program("iamic"), "unlock", "--set"), False),
    },
    "src/daemon/confirmation_text.c": {
        "session '%.64s'": BEFORE,
        **{f"role '%.64s' in %s is not confirmed: {why}": Elsewhere("test_confirm.py", words) for why, words in {
            "it was denied at the desktop: to be asked once more, try again in %d s": "it was denied at the desktop",
            "its notification was closed: to be asked once more, try again in %d s": "its notification was closed: ",
            "nobody has answered the notification: answer it, then try again": None,
            "nothing here shows notifications: try again at the desktop, or see confirm in 'man iamic-config'": None,
            "the screen is locked: unlock it, then try again": None,
            "too many others are to be confirmed: answer a notification, then try again": None,
        }.items()},
    },
    "src/daemon/container.c": {
        "%d programs have endpoints already: end one of them": Elsewhere("test_container.py"),
        "cannot watch process %d": KERNEL,
        "too many roles in use: try again": MEMORY,
    },
    "src/daemon/methods_container.c": {"too many roles in use: try again": MEMORY},
    "src/daemon/methods_role.c": {
        "session '%s': AWS has not answered in time: try again": Elsewhere("test_container.py"),
    },
    "src/daemon/methods_eks.c": {
        "a token that is too long": Never("an address has 16 KiB at most, and its token a third more"),
        "too many roles in use: try again": MEMORY,
    },
    "src/aws/eks.c": {
        "'%.110s' is not the name of a cluster: up to 100 letters, digits, '-' and '_' are":
            Elsewhere("test_token_eks.py"),
        "the role's session token is too long to be put into an address": Never("AWS's have a tenth of that"),
    },
    "src/cli/token.c": {
        "a token for what? 'iamic token eks' makes one for kubectl": cli(2, "token"),
        "the daemon's reply has no token: try again": cli(
            5, "token", "eks", "--cluster-name", "c", *ROLE, EksToken=lambda call: call.send({"parameters": {}})),
        "which cluster? name it with --cluster-name": cli(2, "token", "eks"),
    },
    "src/cli/role_credentials.c": {
        "the daemon's '%s' is missing or malformed: try again": cli(
            5, "export", *ROLE, GetCredentials=lambda call: call.send({"parameters": {}})),
    },
    "src/cli/seen.c": {
        "iamic's file '%s' would have more than %lu bytes": Never("a hundred thousand accounts and roles"),
        "warning: %s: what you have seen before is not known": cli(
            0, "accounts", "--new", notice=True, files={".local/state/iamic/seen": "{"}, ListAccounts={"accounts": []},
            Status=status(store={"kind": "file", "state": "ready", "protects": ""})),
    },
    "src/cli/sign_in.c": {
        "that is not where this sign-in ends: paste all of the browser's last address": AT_QUESTION,
        "the address could not be handed over: %s": Part("says why, and the sign-in goes on"),
        "cancelled": IN_CLI,
        "cannot wait for signals": KERNEL,
        "cannot wait for the daemon": KERNEL,
        "no browser opened, open the address yourself: %s": browser_says(0, "/nonexistent/browser"),
        "the address for signing in is no https address, and is not opened: try again": cli(
            5, "login", Login=stages(waiting(openUrl="ftp://x", verificationUri="ftp://x"), done()), CancelLogin={}),
        "the code for signing in is longer than %d bytes: try again": cli(
            5, "login", Login=stages(waiting(code="x" * 65), done()), CancelLogin={}),
        "the daemon ended the sign-in without saying how: try again": cli(5, "login", Login=registering()),
        "the sign-in took too long: try again with 'iamic login'": cli(
            6, "login", "--timeout", "1", Login=lambda call: call.wait_for_close()),
        "warning: %s": cli(0, "login", notice=True, Login=stages(waiting(), done(warning="another came back"))),
    },
    "src/cli/status.c": {
        "'--check' prints nothing: not with '--json' or '--watch'": cli(2, "status", "--check", "--json"),
        "'--min' belongs to '--check'": cli(2, "status", "--min", "30m"),
    },
    "src/cli/unlock.c": {
        "'--set' and '--move-to' contradict each other": cli(2, "unlock", "--set", "--move-to", "file"),
        "an empty passphrase protects nothing": typed(2, ("new passphrase: ", b"\n")),
        "the passphrase is not UTF-8": typed(2, ("new passphrase: ", b"\xff\n"), ("once more: ", b"\xff\n")),
        "the two passphrases differ": typed(2, ("new passphrase: ", b"a\n"), ("once more: ", b"b\n")),
    },
    "src/cli/whoami.c": {
        "the reply of STS has the HTTP status %d: try again": cli(5, "whoami", *ROLE, Call={"status": 500, "body": ""}),
        "the reply of STS lacks '%s': try again": cli(5, "whoami", *ROLE, Call={"status": 200, "body": "{}"}),
    },
    "src/daemon/aws_call.c": {
        "'%.64s %.64s' changes something, and is only made for who says write: true": Elsewhere(
            "test_call.py", "only made for who says write: true"),
        "'%.64s %.64s' is not among the calls that iamicd makes: see iamicd(8)": CONTRACT,
        "too many roles in use: try again": MEMORY,
    },
    "src/daemon/call.c": {
        "the reply has more than %d MiB: ask for it page by page ('more')": CONTRACT,
        "too many credentials are in use at the moment: try again": MEMORY,
    },
    "src/daemon/configuration.c": {
        "others can write to '%s': chmod go-w '%s'": bare(7, lambda home: (
            home.write(".config/iamic/config", "", mode=0o666), home.credential_process())[1]),
        "'%s' belongs to uid %u: it must be yours or root's": Said(7, "bare_home", lambda home: (
            os.chown(home.write(".config/iamic/config", ""), 12345, 12345), home.credential_process())[1]),
        "HOME is not set, and no aws_config_file is: set one of them":
            Never("without HOME no folder for the socket is found, "
                                                                             "or the configuration's"),
    },
    "src/daemon/connection.c": {
        "this iamicd serves uid %u only, and you are uid %u: run as uid %u": IN_SHARE,
        "this socket is lent to uid %u only, and you are uid %u: run as uid %u, or have it lent with --uid %u":
            IN_SHARE,
        "the request has more than %d bytes: ask for less at once": CONTRACT,
        "the request was not complete within %d s: send it at once": CONTRACT,
    },
    "src/daemon/denial.c": {
        "session '%s'": BEFORE,
        "session '%s' is no longer accepted: run %s":
            fault(3, "ListAccounts", "status", "accounts", status=401, code="UnauthorizedException"),
    },
    "src/daemon/history.c": {"the history of sign-ins is too long": Never("goes to the log")},
    "src/daemon/http_error.c": {
        "%s: %s%.100s%s TLS certificate, issued by '%.100s', is not trusted: %.100s: %s": Said(5, "home", lambda home: (
            home.configure(), home.iamic("login", "--timeout", "20", env={"AWS_CA_BUNDLE": None}))[1]),
        "%s: its reply is larger than any of AWS's: check the endpoint and the proxy":
            fault(5, "GetRoleCredentials", "oversize"),
        "%s: its proxy %.100s is not reachable: %.120s: check the network, and https_proxy (iamic-config(5)) or "
        "HTTPS_PROXY":
            Elsewhere("test_network.py", "DEAD"),
        "%s: no answer%s in time%s%.100s: %s": Elsewhere("test_network.py", "no answer in time through the proxy"),
        "%s: not reachable%s%.100s: %.120s: check the network; 'iamic status' shows addresses and proxy": Said(
            5, "home", lambda home: (home.configure(), home.iamic(
                "login", "--timeout", "30", env={"AWS_ENDPOINT_URL": "https://localhost:1"}, timeout=40))[1]),
        "%s: the CA bundle cannot be read: %s: check ca_bundle (iamic-config(5)) and AWS_CA_BUNDLE": Said(
            5, "home", lambda home: (home.configure(), home.iamic("login", "--timeout", "20", env={
                "AWS_CA_BUNDLE": "/nonexistent"}))[1]),
        "%s: the proxy %.100s wants a user name and password (HTTP %ld): put USER:PASSWORD@ before its host in "
        "https_proxy (iamic-config(5)) or HTTPS_PROXY": Elsewhere("test_network.py", "USER:PASSWORD@"),
        "%s: the proxy %.100s does not take this user name and password (HTTP %ld): check them in https_proxy "
        "(iamic-config(5)) or HTTPS_PROXY": Elsewhere("test_network.py", "check them in https_proxy"),
        "%s: the proxy %.100s cannot reach it (HTTP %ld): try again later, or name the host in no_proxy "
        "(iamic-config(5)) "
        "if it is reached without the proxy": Elsewhere("test_network.py", "cannot reach it"),
        "%s: the proxy %.100s lets nobody through to it (HTTP %ld): ask who runs it, or name the host in no_proxy "
        "(iamic-config(5))": Elsewhere("test_network.py", "lets nobody through"),
    },
    "src/daemon/instance.c": {
        "'%s' is not an absolute path": BUG,
        "an iamicd on host '%s' has the store: end it there": Elsewhere("test_instance.py", "elsewhere.example"),
        "another iamicd has the store and does not say which: try again":
            Elsewhere("test_instance.py", "does not say which"),
        "cannot open '%s'": Never("then the lock lies beside the socket"),
        "the lock's file cannot be written": Never("goes to the log"),
        "the lock's file takes no locks": Never("goes to the log"),
    },
    "src/daemon/listing.c": {
        "account %s is not assigned to you, or was assigned after you signed in":
            real(4, lambda home: home.iamic("roles", "999999999999")),
        "session '%s'": BEFORE,
        "the portal's list does not end: try again": Never("a thousand pages, or a page that names itself as the next"),
    },
    "src/daemon/login_device.c": {
        "AWS does not know the client that it has just registered: try again":
            refused_by_oidc(5, "InvalidClientException"),
        "AWS no longer knows this sign-in: run 'iamic-login' again":
            sign_in_fault(3, "CreateToken", "status", status=400, code="InvalidGrantException"),
        "nobody approved the sign-in in time: run 'iamic-login' again; if the page called it invalid, check sso_region":
            Said(3, "home", lambda home: (home.configure(), home.practice.set(device_life=2), home.iamic("login"))[-1]),
    },
    "src/daemon/login_pkce.c": {
        "AWS does not take what the browser brought, which came too late or was used before: run 'iamic-login' again":
            comes_back(3, "code=nonsense"),
        "the address for the browser would be too long: ask for fewer sso_registration_scopes":
            Said(7, "home", many_scopes),
        "the browser did not come back in time: run 'iamic-login' again; if its page showed an error, check "
        "sso_region and "
        "sso_start_url": Never("after ten minutes, which are AWS's"),
    },
    "src/daemon/loopback.c": {
        "cannot listen on 127.0.0.1": KERNEL,
        "cannot listen on port %d of 127.0.0.1": KERNEL,
        "cannot watch port %d of 127.0.0.1": KERNEL,
        "port %d of 127.0.0.1 %s: choose another with --port or sso_redirect_port, or none":
            Said(7, "home", port_in_use),
    },
    "src/daemon/methods_import.c": {
        "the AWS CLI has no sign-in to '%s' in %s: run %s": Said(3, "home", lambda home: (
            home.configure(), home.iamic("import", "corp"))[1]),
    },
    "src/daemon/main.c": {"cannot make an event loop": KERNEL},
    "src/daemon/main_leave.c": dict.fromkeys(["cannot block signals", "cannot wait for signal %d"], KERNEL),
    "src/daemon/main_socket.c": {
        "cannot look at '%s'": KERNEL,
        "cannot use the socket that systemd handed over": KERNEL,
        "systemd handed over something else than one listening stream socket: see iamicd.socket":
            Elsewhere("test_process.py", "one listening stream socket"),
    },
    "src/daemon/methods_call.c": dict.fromkeys([
        "AWS's reply is too large", "a link with a part that is not UTF-8",
        "the destination is not an https:// address"], CONTRACT),
    "src/daemon/methods_credentials.c": {
        "session '%.100s' is signed out where this is lent from: run 'iamic-login' there": IN_SHARE,
        "%d calls wait for credentials already: try again in a moment": Elsewhere("test_limits.py", "1024 calls wait"),
        "session '%s': its store has not answered in time: try again": Said(6, "home", lambda home: (
            home.configure(), home.write("helper", "#!/bin/sh\nsleep 5\n", mode=0o700),
            home.write_config(f"store = {home.path}/helper\n"), home.credential_process("--timeout", "1", *ROLE))[-1]),
        "session '%s' was signed in to just now: try again": Never("an address is there before anyone has used it"),
    },
    "src/daemon/methods_list.c": {
        "account id '%.32s' is not 12 digits": CONTRACT,
        "session '%s': more than %d %s: ask for them page by page ('more')": CONTRACT,
    },
    "src/daemon/methods_session.c": {
        "flow is device, browser or auto": CONTRACT,
        "port is a number from 1 to %d, or 0 for any": CONTRACT,
        "session '%s': nobody has approved the sign-in yet; it goes on: run %s": Said(
            6, "home", lambda home: (home.configure(), home.iamic("login", "--timeout", "1"))[1]),
    },
    "src/daemon/methods_start_url.c": {"the start URL is no https:// address": CONTRACT},
    "src/daemon/methods_status.c":
        {"not in force, what was read before is": Part("a warning of 'iamic status' names what")},
    "src/daemon/methods_store.c": {
        "'%.64s' is no store: name secret-service, file, memory or the path of a helper": Said(
            7, "home", lambda home: moved(home, "nonsense")),
        "the sign-ins are in '%.256s' already: nothing is to be done": Said(7, "home", moved),
    },
    "src/daemon/process.c": {
        "OpenSSL does not take an allocator any more": BUG,
        "cannot open /dev/null": KERNEL,
        "libcurl cannot be used": KERNEL,
        "there is no memory that secrets could be kept in": KERNEL,
    },
    "src/daemon/retry.c": {
        "%s: answers HTTP %ld: try again later": Never("only until the next attempt, whose answer is said"),
    },
    "src/daemon/upstream.c": {
        "%s: no answer in time%s%.100s: try again, or wait longer": real(6, timed_out),
    },
    "src/daemon/role_assume.c": {
        "session '%s': role '%s' in %s, assumed from role '%s' in %s": BEFORE,
        "too many roles in use: try again": MEMORY,
    },
    "src/daemon/session_import.c": {
        "session '%s' is not signed out": Never("that there is nothing to do is said before"),
        "session '%s': the AWS CLI's sign-in has ended: run %s": imported(3, of_the_aws_cli),
        "session '%s': the AWS CLI's sign-in is to another start URL or region: run %s": imported(
            7, lambda home: of_the_aws_cli(home, startUrl="https://other.awsapps.com/start")),
    },
    "src/daemon/lock_state.c": {
        "iamic is locked: run 'iamic unlock'": Said(9, "home", lambda home: (
            home.configure(), home.iamic("lock"), home.credential_process(*ROLE))[-1]),
    },
    "src/daemon/unlocking.c": {"too many roles in use: try again when some have expired": MEMORY},
    "src/daemon/roles.c": {
        "session '%s'": BEFORE,
        "session '%s' was signed out: run %s": real(3, signed_out_while_waiting),
    },
    "src/daemon/session.c": {
        "AWS has ended the portal session": Part("'iamic status' shows it as the last error"),
    },
    "src/daemon/session_status.c": {
        "session '%s'": BEFORE,
        "session '%s' is being signed in to: approve %s at %s, or run %s": Elsewhere("test_roles.py"),
        "session '%s' is being signed in to: to go on, run %s": Elsewhere("test_roles.py"),
        "session '%s' is signed out: open %s and approve %s, then try again": Said(
            3, "home", lambda home: (home.configure(), home.write_config("on_demand = code\n"),
                                     home.credential_process(*ROLE))[-1]),
        "session '%s' is signed out: run %s": Said(
            3, "home", lambda home: (home.configure(), home.credential_process(*ROLE))[1]),
    },
    "src/daemon/session_load.c": {
        "the store has answered with the sign-in of another session: its helper must be mended":
            Never("a helper that mixes sessions up"),
        "what the store holds is not a sign-in of iamic's: 'iamic logout' discards it": store_of(
            """cat >/dev/null; echo '{"version":1,"state":"ok","secret":"nonsense","generation":1}'"""),
    },
    "src/daemon/session_followers.c": {"session '%s'": BEFORE},
    "src/daemon/session_login.c": {
        "the old sign-in goes on": Elsewhere("test_signin_again.py"),
        "the sign-in was cancelled: run 'iamic-login' again": Never("who cancels is the last who waits for it"),
    },
    "src/daemon/session_logout.c": {
        "signed out meanwhile: run 'iamic-login' again": Said(3, "home", cancelled_by_another)},
    "src/daemon/session_refresh.c": dict.fromkeys([
        "AWS no longer knows the client that signed in", "its token has expired", "the portal session has ended"],
        Part("'iamic status' shows it as the last error")),
    "src/daemon/sessions.c": {
        "%s: session '%s'": BEFORE,
        "iamicd has had %d sessions by now: end it ('kill %d'), and try again": Elsewhere("test_limits.py"),
    },
    "src/daemon/spawn.c": {
        "'%s' answered with too much": IN_STORE,
        "'%s' cannot be run: is it there, and executable?": Said(8, "home", lambda home: (
            home.configure(), home.write_config("store = /nonexistent/helper\n"), home.credential_process(*ROLE))[-1]),
        "'%s' failed with exit status %d": IN_STORE,
        "'%s' has not answered in time": IN_STORE,
        "'%s' was ended by signal %d": IN_STORE,
        "cannot run '%s'": KERNEL,
    },
    "src/daemon/store_queue.c": {
        "%s: run 'iamic unlock'": IN_STORE,
        "%s: see 'iamic status'": store_of("exit 3"),
        "the store does not say why": store_of("""cat >/dev/null; echo '{"version":1,"state":"failed"}'"""),
        "there was no memory for what is to be stored": MEMORY,
    },
    "src/daemon/store_choice.c": {
        **dict.fromkeys(["the key of the sealed file cannot be kept in the keyring", "the keyring is locked",
                         "the key of the sealed file is no longer in the keyring", "the keyring does not answer",
                         "the sealed file cannot be used"],
                        Never("needs a keyring that fails between two questions, or a file's helper that is damaged")),
        "there is no keyring that could keep the key of the sealed file": Said(8, "home", lambda home: (
            home.configure(), home.write_config("store = file\nkey = secret-service\n"),
            home.credential_process(*ROLE, timeout=40))[-1]),
    },
    "src/daemon/store_helper.c": {
        "store helper '%s' does not speak its protocol: see iamic-store(7)": store_of("cat >/dev/null; echo hello"),
        "there is no memory for what is to be stored: try again": MEMORY,
    },
    "src/daemon/store_move.c": {
        "session '%s': %s": Part("names whose move failed, and why"),
        "nothing was moved": Part("says why it failed"),
    },
    "src/daemon/store_unlock.c": {"%s: it stays locked: try 'iamic unlock' again": store_of(
        """cat >/dev/null; echo '{"version":1,"state":"locked"}'""", "unlock")},
    "src/daemon/timer.c": {"cannot wait for a moment in time": KERNEL},
    "src/ipc/address.c": {
        "%s: set XDG_RUNTIME_DIR to a folder of yours that can be written to": IN_SHIM,
        "'%s' belongs to uid %u, not to you: remove it": in_folder("iamic", lambda home, path: (
            path.mkdir(0o700), os.chown(path, 12345, 12345))),
        "'%s' is a symbolic link: remove it": IN_SHIM,
        "'%s' is not a directory: remove it": in_folder("iamic", lambda home, path: path.write_text("")),
        "HOME is '%s', which is not a directory: set it to yours": bare(7, unreadable_home),
        "IAMIC_SOCKET is '%.200s', not an absolute path: correct or unset it": shim(7, env={"IAMIC_SOCKET": "x"}),
        "cannot look at '%s'": KERNEL,
        "no folder for the socket: '%s' is not yours alone, chmod go-w it or set XDG_RUNTIME_DIR to one that is": bare(
            7, lambda home: ((home.path / ".cache").mkdir(), (home.path / ".cache").chmod(0o777),
                             home.credential_process(env={"XDG_RUNTIME_DIR": None}))[-1]),
        "others can write to '%s': chmod 700 '%s'":
            in_folder("iamic", lambda home, path: (path.mkdir(), path.chmod(0o777))),
        "the socket's path '%.200s' has %zu bytes, over %d: set %s": shim(7, env={"IAMIC_SOCKET": "/" + "x" * 107}),
    },
    "src/ipc/client.c": {
        "a request has more than %d bytes: name less at once": cli(2, "login", "x" * 70000),
        "cannot read the daemon's reply": KERNEL,
        "the daemon answered '%s': try again": answered(1, b'{"error":"com.example.Odd","parameters":{}}\0'),
        "the daemon answers '%s' in parts, unasked: try again": answered(
            5, b'{"parameters":{},"continues":true}\0'),
        "the daemon does not take this '%s': give another": answered(
            2, b'{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"session"}}\0'),
        "the daemon ended before it answered: try again; 'iamic status' starts it and says what it has": cli(
            5, "status", Status=lambda call: call.connection.shutdown(socket.SHUT_RDWR)),
        "the daemon's reply has more than %d bytes: try again": answered(5, b"x" * (5 << 20)),
        "the running daemon is older: systemctl --user restart iamicd": answered(
            5, b'{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"x"}}\0'),
    },
    "src/ipc/connect.c": {
        "no daemon runs": Never("to 'iamic prompt', which shows nothing then"),
        "another program is starting iamicd, which is not ready yet: try again": IN_START,
        "cannot start a daemon": BEFORE,
        "iamicd runs already, but nobody listens on '%s': end it and try again": IN_START,
        "no daemon listens on '%s' (from IAMIC_SOCKET): start it with 'iamicd' or unset IAMIC_SOCKET": shim(
            5, env={"IAMIC_SOCKET": "/nonexistent/socket"}),
    },
    "src/ipc/message.c": {
        "'%s' of a message is not true or false: try again": answered(5, b'{"parameters":{},"continues":1}\0'),
        "no memory for a message: try again": MEMORY,
        "the daemon's reply is not a JSON object: try again, or end the daemon": answered(5, b"[]\0"),
        "the daemon's reply is an error that continues: try again": answered(
            5, b'{"error":"io.iamic.Agent.Denied","parameters":{"message":"x"},"continues":true}\0'),
        "the error in the daemon's reply has no name: try again": answered(5, b'{"error":1}\0'),
        "the parameters of a message are not an object: try again": answered(5, b'{"parameters":1}\0'),
        "the request names no method: name one": CONTRACT,
    },
    "src/ipc/socket.c": {
        "cannot connect to '%s'": Said(5, "bare_home", lambda home: (
            (home.path / "loop").symlink_to("loop"),
            home.credential_process(env={"IAMIC_SOCKET": home.path / "loop"}))[1]),
        "cannot get random bytes": KERNEL,
        "cannot listen on '%s'": KERNEL,
        "cannot make a socket": KERNEL,
        "cannot make the socket '%s'": KERNEL,
        "cannot make the socket '%s': no free name beside it": KERNEL,
        "cannot send to the daemon": KERNEL,
        "cannot tell whose daemon listens on '%s'": KERNEL,
        "cannot wait for the daemon": KERNEL,
        "the daemon at '%s' belongs to uid %u, and you are %u: run as uid %u": IN_SHIM,
        "the daemon at '%s' is too busy to take a connection: try again": IN_SHIM,
        "the daemon took too long to %s: try again": IN_SHIM,
        "the socket's path '%.200s' has %zu bytes: at most %d can be used": BUG,
        "the socket's path '%s' is not absolute": BUG,
    },
    "src/ipc/start.c": {
        "cannot start a daemon: cannot fork": KERNEL,
        "cannot start a daemon: cannot make a pipe": KERNEL,
        "iamicd did not start: %s": IN_START,
        "iamicd did not start: it ended with status %d and gave no reason: run '%s' to see why": starting(5, "exit 1"),
        "iamicd did not start: signal %d ended it: run '%s' to see why": starting(5, "kill -9 $$"),
        "iamicd was started but is not ready yet: try again": IN_START,
    },
    "src/ipc/start_lock.c": {
        "'%s' is a symbolic link: remove it": IN_START,
        "cannot open '%s'": Said(5, "bare_home", lambda home: (
            (home.runtime / "iamic").mkdir(0o700), (home.runtime / "iamic/socket.lock").mkdir(),
            home.credential_process())[-1]),
    },
    "src/ipc/store_message.c": dict.fromkeys([
        "its reply has no state that is known here", "its reply's secret or key is not text, or there is no room for "
            "it",
        "the request lacks a member, or has one of the wrong type", "the request's secret or key is not text, or too "
            "long",
        "version %d of the protocol is not known here"], Never("between the daemon and a store's helper; a person is "
            "told "
                                                               "that the helper does not speak its protocol")),
    "src/shim/main.c": {
        "cannot write to stdout": Elsewhere("test_bad_input.py"),
        "the daemon ended before it answered: try again; 'iamic status' starts it and says what it has": IN_SHIM,
        "the options have more than %d bytes": shim(2, "--profile", "x" * 70000),
    },
    "src/shim/options.c": {
        "%s '%.200s' is not a number of seconds from 1 to %d": shim(2, "--timeout", "x"),
        "%s has an empty value": shim(2, "--profile", ""),
        "%s is not UTF-8": shim(2, "--profile", NOT_UTF8),
        "%s needs %s": shim(2, "--account-id", ACCOUNT),
        "%s needs a value": shim(2, "--profile"),
        "%s takes no value": shim(2, "--help=x"),
        "--account-id '%.200s' is not 12 digits": shim(2, "--account-id", "1", "--role-name", "x"),
        "--profile says it all: %s does not go with it": shim(2, "--profile", "p", *ROLE),
        "--role-arn '%.200s' is not an ARN": shim(2, "--role-arn", "x"),
        "--sso-session needs --account-id and --role-name": shim(2, "--sso-session", "corp"),
        "AWS_PROFILE is not UTF-8, correct or unset it": shim(2, env={"AWS_PROFILE": NOT_UTF8}),
        "unexpected argument '%.200s'": shim(2, "x"),
        "unknown option '%.*s'%s%s%s": shim(2, "--nonsense"),
    },
    "src/shim/reply.c": {
        "%s%.*s%s": Part("puts the pieces together"),
        "it has no parameters": Said(5, "cli", shim_answered(b"{}\0")),
        "it holds no credentials": Said(5, "cli", shim_answered(b'{"parameters":{}}\0')),
        "it is not UTF-8": Said(5, "cli", shim_answered(b"\xff\0")),
        "it is not a JSON object": Said(5, "cli", shim_answered(b"[]\0")),
        "it is too long": Said(5, "cli", shim_answered(b"x" * 20000)),
        "its error has no name": Said(5, "cli", shim_answered(b'{"error":1}\0')),
        "its parameters are no object": Said(5, "cli", shim_answered(b'{"error":"x","parameters":1}\0')),
        "the daemon answered '": Said(1, "cli", shim_answered(b'{"error":"com.example.Odd"}\0')),
        "the daemon does not take this '": Said(2, "cli", shim_answered(
            b'{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"profile"}}\0')),
        "the daemon's reply is not understood, try again: ": IN_SHIM,
        "the running daemon is older: systemctl --user restart iamicd": IN_SHIM,
    },
}
