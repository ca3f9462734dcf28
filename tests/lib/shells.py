"""The shells that iamic knows, with a script and at a terminal; none of them reads what this machine's are set to."""
import shlex

from terminal import Terminal

ACCOUNT, ROLE = "012345678901", "ReadOnly"
PROFILES = {"dev": (ACCOUNT, ROLE), "demo": (ACCOUNT, ROLE), "it's odd": (ACCOUNT, ROLE), "prod": (ACCOUNT, ROLE)}
SHELLS = ["bash", "zsh", "fish"]
WITH_SCRIPT = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}
INTERACTIVE = {"bash": ["--norc", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}
EVALUATE = {"bash": 'eval "$(iamic {0} bash)"', "zsh": 'eval "$(iamic {0} zsh)"', "fish": "iamic {0} fish | source"}


def with_shell(home):
    """Someone who has some profiles, and finds iamic by PATH."""
    home.configure({shlex.quote(name): role for name, role in PROFILES.items()})
    home.env["PATH"] = f"{home.prefix}/bin:/usr/bin:/bin"
    return home


def evaluate(shell, verb):
    return EVALUATE[shell].format(verb)


def run_in(home, shell, script, **options):
    """A script behind what 'iamic init' prints."""
    return home.run(f"/usr/bin/{shell}", *WITH_SCRIPT[shell], f"{evaluate(shell, 'init')}\n{script}", **options)


def at_terminal(home, shell, *set_up):
    """A shell in which a person has typed these lines."""
    terminal = Terminal(home, *INTERACTIVE[shell], program=f"/usr/bin/{shell}", columns=200, PS1="ready> ")
    terminal.until(r"[#>] ")
    terminal.type("; ".join([*set_up, "echo set''up"]) + "\n")
    terminal.until(r"[\r\n]setup")
    return terminal
