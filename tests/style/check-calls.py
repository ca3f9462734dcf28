#!/usr/bin/python3
"""Functions that only some files may call, or none; and the one that every program calls first."""
import re

from source import code, files, finish, line_of, root

NOWHERE = r"(?!)"

# (functions, files that may call them, why)
RULES = [
    (r"strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|strtok_r|atoi|atol|atoll|atof|rand|srand|random|system|popen"
     r"|alloca|strncpy|strncat|tmpnam|mktemp|setjmp|longjmp", NOWHERE, "banned"),
    (r"getpwuid|getpwnam|getpwuid_r|getpwnam_r|getaddrinfo|gethostbyname|dlopen", r"src/(daemon|cli|stores)/",
     "pulls in NSS or a loader: never in what the shim links"),
    (r"clock_gettime|gettimeofday|time|ftime|timespec_get|localtime|gmtime|mktime", r"src/base/clock\.c",
     "only base/clock.c reads a clock"),
    (r"clock_boot_usec|clock_wall_s", r"src/(base|ipc|daemon|cli|stores|shim)/",
     "aws/ is pure: `now` is a parameter"),
    (r"open|openat|fopen|read|write|socket|connect|getenv|secure_getenv|opendir|stat|lstat",
     r"src/(base|ipc|daemon|cli|stores|shim)/", "aws/ is pure: bytes in, structs out"),
    (r"log_(?:error|warning|info|debug|line|open|set_level)", r"src/(daemon|cli|stores)/|src/base/log\.[ch]",
     "only daemon/, cli/ and stores/ log"),
    (r"printf|vprintf|puts|putchar|perror|fputs|fprintf", r"src/(daemon|cli|stores|shim)/|src/base/log\.c",
     "libraries return errors, they print nothing"),
    (r"http_start\w*|http_request_start\w*|http_(?:get|post)\w*", r"src/daemon/(http|retry)\.[ch]",
     "only the retry module starts, and so repeats, a request"),
    (r"assert", r"tests/", "an assertion may be compiled out: decide what happens"),
]


FIRST = ("environ_scrub", "helper_harden")
# Up to the first statement that is a call: declarations stand before it.
MAIN = re.compile(r"^int main\(.*?^\t(\w+)\(", re.DOTALL | re.MULTILINE)


def begins_badly(name, text):
    """Before a library can look at them, variables that steer it are gone from the environment."""
    return [f"{name}:{line_of(text, main.start(1))}: main() calls {main[1]}() before environ_scrub()"
            for main in MAIN.finditer(text) if main[1] not in FIRST]


def check(top):
    problems = []
    for path in files(top, "src"):
        name, text = str(path.relative_to(top)), code(path)
        problems += begins_badly(name, text)
        for functions, allowed, why in RULES:
            if re.match(allowed, name):
                continue
            for match in re.finditer(rf"(?<![\w.>])({functions})\s*\(", text):
                problems.append(f"{name}:{line_of(text, match.start())}: {match[1]}(): {why}")
    return problems


finish(check(root()))
