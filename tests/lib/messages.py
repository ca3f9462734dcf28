"""The messages that the sources can give to a person: their formats, as they stand in the calls that make them."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("cli", "shim", "daemon", "aws", "ipc", "base")
# Calls with a format among their arguments. What the daemon logs is for whoever keeps it, not for who runs a command.
MAKERS = ("error_set", "error_fill", "error_errno", "error_fill_errno", "error_prefix", "error_put_before")
MAKERS_OF = {"cli": ("log_error", "log_warning", "log_info", "wrong"), "aws": ("refuse", "reply_explain"),
             "base": ("refuse",), "shim": ("fail", "not_understood"), "daemon": ("fail", "fail_first", "session_end")}
STRING = r'"(?:\\.|[^"\\\n])*"'
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "0": "\0"}


def without_comments(text):
    """Comments blanked, so that lines stay where they are."""
    return re.sub(rf"({STRING}|'(?:\\.|[^'\\\n])*')|/\*.*?\*/|//[^\n]*",
                  lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)


def arguments(text, start):
    """The arguments of the call whose parenthesis opens at start, each as it is written."""
    found, depth, begin, at = [], 0, start + 1, start
    for match in re.compile(rf"{STRING}|'(?:\\.|[^'\\\n])*'|[()\[\]{{}},]").finditer(text, start):
        at = match.start()
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and match[0] == ","):
            found.append(text[begin:at].strip())
            begin = at + 1
        if depth == 0:
            break
    return found


def unescape(literal):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), literal[1:-1])


class Sources:
    def __init__(self, root=ROOT):
        self.root = root
        paths = [path for folder in ("src", "include") for path in sorted((root / folder).rglob("*.[ch]"))]
        self.texts = {path: without_comments(path.read_text()) for path in paths}
        self.macros = {path: self.macros_of(text) for path, text in self.texts.items()}
        self.shared = {}
        for path in paths:
            if path.suffix == ".h":
                self.shared.update(self.macros[path])

    @staticmethod
    def macros_of(text):
        """{name: value} of the macros that are made of literals."""
        found = re.findall(rf"#define (\w+)\s+((?:\\\n|[ \t]|{STRING}|\b[A-Z_]+\b)+)$", text, re.MULTILINE)
        return {name: value for name, value in found if '"' in value}

    def joined(self, path, argument, depth=0):
        """The text that an argument of adjacent literals and macros of literals is; None if it is anything else."""
        pieces = re.findall(rf"{STRING}|\w+|\S", argument.replace("\\\n", " "))
        text = ""
        for piece in pieces:
            if piece[0] == '"':
                text += unescape(piece)
            elif (piece in self.macros[path] or piece in self.shared) and depth < 3:
                text += self.joined(path, self.macros[path].get(piece) or self.shared[piece], depth + 1) or ""
            else:
                return None
        return text if pieces else None

    def literals(self, path, argument):
        """The texts of an argument: one, or several where it chooses between them."""
        chooses = "?" in re.sub(STRING, "", argument)
        choices = re.split(rf"(?:{STRING}|[^?:\"])*?\?|:", argument) if chooses else [argument]
        return [text for text in (self.joined(path, one) for one in choices if one) if text]

    def formats(self):
        """(path, format) of every message; what is only passed on, as by "%s", was made elsewhere."""
        found = set()
        for path, text in self.texts.items():
            folder = path.relative_to(self.root).parts[1]
            if path.suffix != ".c" or folder not in FOLDERS:
                continue
            names = "|".join(MAKERS + MAKERS_OF.get(folder, ()))
            for match in re.finditer(rf"(?<!#define )\b({names})\s*\(", text):
                for argument in arguments(text, match.end() - 1):
                    texts = [one for one in self.literals(path, argument) if re.search("[A-Za-z]{2}", one)]
                    found.update((path.relative_to(self.root).as_posix(), one) for one in texts)
                    if texts:
                        break
        return found


    def has_literal(self, folder, words):
        """Does a file of that folder hold the text, in whatever literal?"""
        wanted = words.replace('"', '\\"')
        return any(wanted in re.sub(r'"\s*"', "", text) for path, text in self.texts.items()
                   if path.parent == self.root / folder)


def words_of(text):
    """The longest part of a format that stands in every message made of it."""
    return max(re.split(r"%[-0-9.*]*(?:l|ll|z)?[a-z]|%%", text), key=len).strip(" :'")


def pattern(text):
    """A regular expression for what printf() makes of a format."""
    pieces = re.split(r"(%[-0-9.*]*(?:l|ll|z)?[a-z]|%%)", text)
    return "".join(r"[^\n]*" if piece.startswith("%") and piece != "%%" else re.escape(piece.replace("%%", "%"))
                   for piece in pieces)
