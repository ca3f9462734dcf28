"""What a terminal shows after all that was written to it: rows of characters, wide ones taking two columns.

It knows what iamic may use and nothing else, so a sequence that came from elsewhere fails the test.
"""
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b\[(\d*)([A-Za-z])|[\s\S]")


def width(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """columns: of the terminal; a character that does not fit begins the next row, as on a real one."""

    def __init__(self, columns=80):
        self.columns, self.rows, self.row, self.column = columns, [[]], 0, 0

    def write(self, text):
        for match in SEQUENCE.finditer(text):
            number, letter = match.groups()
            if letter:
                self.sequence(int(number or 0), letter)
            else:
                self.character(match[0])

    def sequence(self, number, letter):
        if letter == "J" and number == 0:
            self.rows[self.row:] = [self.rows[self.row][:self.column]]
        elif letter == "A":
            self.row = max(0, self.row - (number or 1))
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + (number or 1))
        else:
            assert letter == "m" and number in (0, 1, 31, 32, 33), f"an escape sequence: {number}{letter}"

    def character(self, character):
        if character == "\n":
            self.row += 1
            if self.row == len(self.rows):
                self.rows.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        else:
            assert character.isprintable(), f"not for a terminal: {character!r}"
            self.put(character)

    def put(self, character):
        if self.column + width(character) > self.columns:
            self.character("\n")
            self.column = 0
        cells = self.rows[self.row]
        cells += [" "] * (self.column - len(cells))
        cells[self.column:self.column + width(character)] = [character] + [""] * (width(character) - 1)
        self.column += width(character)

    def lines(self):
        return ["".join(cells).rstrip() for cells in self.rows]


def screen_of(text, columns=80):
    screen = Screen(columns)
    screen.write(text)
    return screen.lines()
