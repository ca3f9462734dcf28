#!/usr/bin/python3
"""The options of every program are the same in its man page, in its --help and in its parser."""
import pathlib
import re
import subprocess
import sys

from source import code_with_strings, files, finish, root

# program: (man page, folders of its source)
PROGRAMS = {
    "iamicd": ("man/iamicd.8", ["src/daemon"]),
    "iamic": ("man/iamic.1", ["src/cli"]),
    "iamic-login": ("man/iamic-login.1", ["src/cli"]),
    "iamic-credential-process": ("man/iamic-credential-process.1", ["src/shim"]),
}
OPTION = r"--([a-z][a-z0-9-]*)"
UNKNOWN = "--no-such-option"


def run(program, *words):
    """(exit status, stdout, stderr) in an environment where nothing can be reached or changed."""
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "IAMIC_SOCKET": "/nonexistent/socket"}
    done = subprocess.run([program, *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=20)
    return done.returncode, done.stdout, done.stderr


def ways_to_call(program, words=("help",)):
    """The words that choose a verb: iamic has many, the others none. Some verbs are groups of their own."""
    if program.name != "iamic":
        return [()]
    found = []
    for verb in dict.fromkeys(re.findall(r"^  ([a-z][a-z-]*)(?: |$)", run(program, *words)[1], re.MULTILINE)):
        way = (*words[1:], verb)
        is_group = run(program, *way, "--help")[1].startswith(f"usage: iamic {' '.join(way)} [OPTION]... COMMAND\n")
        found += [way, *(ways_to_call(program, ("help", *way)) if is_group else [])]
    return found


def options_of_help(program, words):
    """{name: takes a value} of the lines that begin with an option."""
    status, out, err = run(program, *words, "--help")
    if status != 0 or err:
        return None
    found = {}
    for line in re.findall(r"^ +(--.*)$", out, re.MULTILINE):
        match = re.match(rf"{OPTION}(\[?=| )?([A-Z]*)", line)
        found[match[1]] = bool(match[3]) and "[=" not in line.split("  ")[0]
    return found


def options_of_page(path):
    """What stands as the head of a paragraph that explains an option."""
    text = path.read_text().replace(r"\-", "-")
    text = re.sub(r"\\f[A-Z]|\\f\[[A-Z]*\]|\\&|\"", "", text)
    heads = re.findall(r"^\.T[PQ].*\n(.*)$", text, re.MULTILINE)
    return {name for head in heads if re.match(r"(\.[A-Z]+ )?-", head) for name in re.findall(OPTION, head)}


def refused_by_parser(program, words, options):
    """Options of --help that the parser does not know. It must come to the unknown one behind them."""
    for name, has_value in sorted(options.items()):
        if name in ("help", "version"):
            continue
        given = [f"--{name}", "1"] if has_value else [f"--{name}"]
        status, out, err = run(program, *words, *given, UNKNOWN)
        expected = 125 if words == ("exec",) else 2
        if status != expected or out:
            yield f"{program.name}: --{name} and {UNKNOWN} together end with {status}, not with {expected}"
        elif UNKNOWN not in err and f"--{name}" not in err or re.search(rf"unknown option '?--{name}\b", err):
            yield f"{program.name} {' '.join(words)}: --{name} is in --help, but the parser does not know it"


def options_in_source(top, folders):
    """What the source compares words with: literals that are an option and nothing else, and getopt's tables."""
    for path in files(top, *folders, suffixes=(".c",)):
        text = code_with_strings(path)
        yield from re.findall(rf'"{OPTION}=?"', text)
        yield from re.findall(r'"([a-z][a-z0-9-]*)",\s*(?:no|required|optional)_argument', text)


def check_program(top, program, page, folders):
    in_help = {}
    for words in ways_to_call(program):
        options = options_of_help(program, words)
        if options is None or not {"help", "version"} <= options.keys():
            yield f"{' '.join([program.name, *words])} --help does not list --help and --version, or fails"
            continue
        yield from refused_by_parser(program, words, options)
        in_help.update(options)
    for name in sorted(set(options_in_source(top, folders)) - in_help.keys()):
        yield f"{program.name}: --{name} is in the source, but not in --help"
    if not (top / page).exists():
        yield f"{page} is missing"
        return
    in_page = options_of_page(top / page)
    for name in sorted(in_help.keys() - in_page):
        yield f"{page} does not explain --{name}"
    for name in sorted(in_page - in_help.keys()):
        yield f"{page} explains --{name}, which {program.name} does not have"


def check(top, prefix):
    for name, (page, folders) in PROGRAMS.items():
        program = prefix / "bin" / name
        if program.exists():
            yield from check_program(top, program, page, folders)
        else:
            yield f"{name} is not installed"


finish(list(check(root(), pathlib.Path(sys.argv[2]).resolve())))
