"""Each style check finds what it is there to find, in a small tree made for it, and nothing in a good one."""
import pathlib
import subprocess

import pytest

STYLE = pathlib.Path(__file__).resolve().parent

LONG = "int f(void)\n{\n" + "\tg();\n" * 81 + "}\n"

# (check, file, its text, what the check says)
VIOLATIONS = [
    ("layers.py", "src/base/a.c", '#include "daemon/a.h"\n', "src/base/a.c:1: base/ must not include daemon/"),
    ("layers.py", "src/aws/a.c", '\n#include "ipc/address.h"\n', "src/aws/a.c:2: aws/ must not include ipc/"),
    ("layers.py", "src/ipc/a.c", '#  include "aws/token.h"\n', "src/ipc/a.c:1: ipc/ must not include aws/"),
    ("layers.py", "src/cli/a.c", '#include "daemon/session.h"\n', "cli/ must not include daemon/"),
    ("layers.py", "src/shim/a.c", '#include "base/json.h"\n', "base/json.h needs more"),
    ("layers.py", "src/shim/a.c", "#include <jansson.h>\n", "not <jansson.h>"),
    ("layers.py", "src/shim/a.c", '#include "aws/token.h"\n', "shim/ must not include aws/"),
    ("layers.py", "src/daemon/roles.c", '#include "daemon/http.h"\n', "only the retry module starts requests"),
    ("layers.py", "src/ipc/a.c", '#include "base/log.h"\n', "only daemon/, cli/ and stores/ log"),
    ("layers.py", "src/base/a.c", '#include "error.h"\n', "not qualified with its folder"),
    ("layers.py", "src/extra/a.c", "#include <stdio.h>\n", "extra/ is no layer"),
    ("layers.py", "include/iamic/a.h", "#include <stdint.h>\n", "include/iamic/a.h:1: include/ holds"),
    ("calls.py", "src/cli/a.c", "x = strcpy (a, b);\n", "src/cli/a.c:1: strcpy(): banned"),
    ("calls.py", "src/cli/a.c", "/*\n */\nsystem(a);\n", "src/cli/a.c:3: system(): banned"),
    ("calls.py", "src/daemon/a.c", "t = time(NULL);\n", "only base/clock.c reads a clock"),
    ("calls.py", "src/aws/a.c", "t = clock_wall_s();\n", "`now` is a parameter"),
    ("calls.py", "src/aws/a.c", 'f = fopen("x", "r");\n', "bytes in, structs out"),
    ("calls.py", "src/ipc/a.c", 'log_warning("x");\n', "log_warning(): only daemon/"),
    ("calls.py", "src/base/a.c", 'fprintf(stderr, "x");\n', "they print nothing"),
    ("calls.py", "src/daemon/roles.c", "http_start(http, request);\n", "only the retry module"),
    ("calls.py", "src/shim/a.c", "p = getpwuid(getuid());\n", "never in what the shim links"),
    ("calls.py", "src/cli/main.c", "int main(void)\n{\n\tint a;\n\n\trun();\n\tenviron_scrub();\n}\n",
     "src/cli/main.c:5: main() calls run() before environ_scrub()"),
    ("functions.py", "src/cli/a.c", LONG, "src/cli/a.c:2: a function of 81 lines"),
    ("format.sh", "src/cli/a.c", "int  a;\n", "src/cli/a.c:1:"),
    ("format.sh", "tests/unit/a.h", "int f(void) {\n}\n", "tests/unit/a.h:1:"),
    ("shell.sh", "packaging/a", "#!/bin/sh\necho $1\n", "SC2086"),
    ("shell.sh", "packaging/a", "#!/bin/bash\nif run_it x; then\n\techo\nfi\n", "packaging/a: run_it: no such"),
    ("lines.py", "src/cli/a.c", "int a; \n", "src/cli/a.c:1: white space at the end"),
    ("lines.py", "src/cli/a.c", "int a;", "src/cli/a.c: no newline at the end"),
    ("lines.py", "src/cli/a.c", "/* " + "x" * 110 + " */\n", "wider than 110 columns"),
    ("lines.py", "tests/a.py", "if x:\n\ty()\n", "tests/a.py:2: a tab in Python"),
    ("lines.py", "README.md", "cd /wo" "rk/main\n", "README.md:1: a path of one machine"),
    ("lines.py", "man/a.1", "TO" "DO: say more\n", "man/a.1:1: something left for later"),
]

GOOD = {
    "src/base/a.c": '#include "base/error.h"\n\n#include <stdio.h>\n',
    "src/base/clock.c": "int64_t clock_wall_s(void)\n{\n\treturn time(NULL);\n}\n",
    "src/daemon/retry.c": '#include "daemon/http.h"\n\nvoid f(void)\n{\n\thttp_start(1);\n}\n',
    "src/daemon/main.c": "/* strcpy(a, b); is banned */\nvoid f(void)\n{\n\tmy_system(x.time(1));\n}\n",
    "src/daemon/roles.c": 'void f(void)\n{\n\tlog_info("strcpy(a)");\n}\n',
    "src/shim/main.c": '#include "iamic/protocol.h"\n#include "ipc/address.h"\n\nint main(void)\n{\n\tint a;\n\n'
                       '\tenviron_scrub();\n\treturn run(a);\n}\n',
    "include/iamic/protocol.h": "#pragma once\n#include <stddef.h>\n",
    "packaging/quickstart": '#!/usr/bin/env bash\necho "$1"\n',
    "README.md": "# A good tree\n",
}


def tree(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name in (".ci", "src", "include", "tests", "packaging"):
        (folder / name).mkdir(exist_ok=True)
    (folder / ".clang-format").write_text((STYLE.parents[1] / ".clang-format").read_text())
    return folder


def run(check, folder):
    done = subprocess.run([STYLE / f"check-{check}", folder], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("check, name, text, says", VIOLATIONS, ids=lambda value: str(value)[:40])
def test_a_violation_is_found(check, name, text, says, tmp_path):
    status, output = run(check, tree(tmp_path, {name: text}))
    assert status != 0, "found nothing"
    assert says in output


@pytest.mark.parametrize("check", sorted({check for check, *_ in VIOLATIONS}))
def test_a_good_tree_passes(check, tmp_path):
    status, output = run(check, tree(tmp_path, GOOD))
    assert status == 0, output


LINKS = """
    printf 'int main(void) { return 0; }' >a.c
    mkdir -p prefix/bin prefix/libexec/iamic
    for name in bin/iamicd bin/iamic bin/iamic-login bin/iamic-credential-process \\
                libexec/iamic/store-secret-service libexec/iamic/store-file; do
        flags=$(eval echo "\\$$(basename $name | tr - _)")
        gcc -pie -Wl,-z,now -Wl,-z,relro -Wl,--no-as-needed a.c -o prefix/$name $flags
    done
"""
RIGHT_LINKS = {"iamicd": "-ljansson -lcrypto -linih -lcurl -lsystemd", "iamic": "-ljansson -linih",
               "iamic_login": "-ljansson -linih", "iamic_credential_process": "",
               "store_secret_service": "-ljansson -lsecret-1 -lgio-2.0 -lgobject-2.0 -lglib-2.0",
               "store_file": "-ljansson -lcrypto"}


def run_links(folder, **flags):
    subprocess.run(["sh", "-ec", LINKS], cwd=folder, check=True, env={"PATH": "/usr/bin:/bin", **RIGHT_LINKS, **flags})
    done = subprocess.run([STYLE / "check-links.py", folder, folder / "prefix"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_links_of_the_table_pass(tmp_path):
    assert run_links(tmp_path) == (0, "")


@pytest.mark.parametrize("flags, says", [
    ({"iamic": "-ljansson -linih -lcrypto"}, "bin/iamic links libcrypto.so.3"),
    ({"iamic": "-ljansson -linih -lqrencode"}, "bin/iamic links libqrencode.so.4"),
    ({"iamic_credential_process": "-ljansson"}, "bin/iamic-credential-process links libjansson.so.4"),
    ({"iamicd": "-ljansson"}, "bin/iamicd does not link libcurl.so.4"),
    ({"iamic_credential_process": "-Wl,-z,lazy"}, "has no full RELRO"),
    ({"iamic_credential_process": "-Wl,-z,execstack"}, "has an executable stack"),
    ({"iamic_credential_process": "-no-pie"}, "is not position independent"),
    ({"iamic_credential_process": "-Wl,-rpath,/opt"}, "has a search path for libraries"),
])
def test_a_wrong_link_is_found(flags, says, tmp_path):
    status, output = run_links(tmp_path, **flags)
    assert status == 1
    assert says in output


PROGRAM = """#!/bin/sh
# A program with --timeout and --force.
for word; do
    case $word in
    --help) printf '  --timeout SECONDS  how long\\n  --force  at once\\n  --help  this\\n  --version  it\\n'; exit 0 ;;
    --timeout | --force | [0-9]*) ;;
    *) echo "iamic: unknown option '$word'" >&2; exit 2 ;;
    esac
done
"""
PAGE = ".TH X 1\n.SH OPTIONS\n" + "".join(f".TP\n.BR \\-\\-{name} \" \" \\fIX\\fR\nText with \\-\\-other in it.\n"
                                          for name in ("timeout", "force", "help", "version"))
VERBS = """[ "$1" != help ] || { echo "  go  does it"; exit; }
[ "$1" != go ] || shift
"""
IAMIC = PROGRAM.replace("for word", VERBS + "for word", 1)


def options_tree(folder, page=PAGE, program=PROGRAM, source='x = strcmp(a, "--timeout");\n'):
    tree(folder, {"man/iamicd.8": PAGE, "man/iamic.1": PAGE, "man/iamic-login.1": page,
                  "man/iamic-credential-process.1": PAGE, "src/shim/main.c": source})
    for name, text in (("iamicd", PROGRAM), ("iamic", IAMIC), ("iamic-login", program),
                       ("iamic-credential-process", PROGRAM)):
        (folder / "prefix/bin").mkdir(parents=True, exist_ok=True)
        (folder / "prefix/bin" / name).write_text(text)
        (folder / "prefix/bin" / name).chmod(0o755)
    done = subprocess.run([STYLE / "check-options.py", folder, folder / "prefix"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_options_that_agree_pass(tmp_path):
    assert options_tree(tmp_path) == (0, "")


@pytest.mark.parametrize("change, says", [
    ({"page": PAGE.replace("force", "force-it")}, "man/iamic-login.1 does not explain --force"),
    ({"page": PAGE.replace("force", "force-it")}, "explains --force-it, which iamic-login does not have"),
    ({"program": PROGRAM.replace("| --force |", "|")}, "--force is in --help, but the parser does not know it"),
    ({"program": PROGRAM.replace("exit 2", "exit 1")}, "end with 1, not with 2"),
    ({"program": PROGRAM.replace("--version  it", "")}, "does not list --help and --version"),
    ({"source": 'if (streq(word, "--hidden"))\n'}, "iamic-credential-process: --hidden is in the source"),
    ({"source": '{"hidden", required_argument, 0, 1},\n'}, "iamic-credential-process: --hidden is in the source"),
])
def test_options_that_disagree_are_found(change, says, tmp_path):
    status, output = options_tree(tmp_path, **change)
    assert status == 1
    assert says in output


MANUAL = r""".TH IAMIC\-LOGIN 1
.SH NAME
iamic\-login \- signs in
.SH SYNOPSIS
.B iamic\-login
.SH DESCRIPTION
See iamic\-login(1).
.SH OPTIONS
None.
.SH EXIT STATUS
0 good, 3 bad.
.SH EXAMPLES
.TP
.B iamic\-login \-\-timeout 3
Waits.
.SH SEE ALSO
.BR iamic\-login (1)
"""
STATUSES = "#define IAMIC_EXIT_OK 0\n#define IAMIC_EXIT_LOGIN_REQUIRED 3\n#define IAMIC_EXIT_EXEC_FAILED 125\n"


def manual_tree(folder, page):
    tree(folder, {"man/iamic-login.1": page, "include/iamic/protocol.h": STATUSES, "prefix/bin/iamic": IAMIC,
                  "prefix/bin/iamic-login": PROGRAM})
    for path in (folder / "prefix/bin").iterdir():
        path.chmod(0o755)
    done = subprocess.run([STYLE / "check-manual.py", folder, folder / "prefix"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_good_manual_passes(tmp_path):
    assert manual_tree(tmp_path, MANUAL) == (0, "")


@pytest.mark.parametrize("old, new, says", [
    (".SH OPTIONS\nNone.\n", "", "has no section OPTIONS"),
    ("See iamic", "See iamic\\-log(7), iamic", "refers to iamic-log(7), which there is not"),
    (", 3 bad", "", "does not tell of the exit status 3"),
    ("timeout 3", "time 3", "has an example of iamic-login  with --time, which it does not know"),
    ("timeout 3", "force || iamic went", "has an example of iamic went, which there is not"),
    (".SH EXAMPLES", ".SH EXAMPLES\n.nonsense", "nonsense"),
    ("See iamic", f"See {'configuration ' * 9}and iamic", "cuts a word: "),
])
def test_a_fault_of_the_manual_is_found(old, new, says, tmp_path):
    assert old in MANUAL
    status, output = manual_tree(tmp_path, MANUAL.replace(old, new))
    assert status == 1
    assert says in output


def test_a_command_without_an_example_is_found(tmp_path):
    (tmp_path / "man").mkdir()
    (tmp_path / "man/iamic.1").write_text(MANUAL.replace("3 bad", "3 bad, 125 worse"))
    status, output = manual_tree(tmp_path, MANUAL)
    assert status == 1 and output == "man/iamic.1: has no example of iamic go\n", output
