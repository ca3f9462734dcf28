"""What a terminal shows after all that was written to it: rows of characters, wide ones taking two columns.

It knows what iamic may use and nothing else, so a sequence that came from elsewhere fails the test.
"""
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b\[([\d;]*)([A-Za-z])|\x1b\]8;;([!-~]*)(\x1b\\)|[\s\S]")
COLOURS = {"0", "", "1", "31", "32", "33", "30;47;107"}


def width(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """columns: of the terminal; a character that does not fit begins the next row, as on a real one.

    cells: the rows, as lists of (character, its colour as in the sequence); links: [(address, the text to click on)]
    """

    def __init__(self, columns=80):
        self.columns, self.cells, self.row, self.column = columns, [[]], 0, 0
        self.colour, self.link, self.links = "", "", []

    def write(self, text):
        for match in SEQUENCE.finditer(text):
            numbers, letter, link, link_ends = match.groups()
            if letter:
                self.sequence(numbers, letter)
            elif link_ends:
                self.begin_link(link)
            else:
                self.character(match[0])

    def begin_link(self, address):
        assert bool(address) != bool(self.link), "a link within a link, or an end of none"
        self.link = address
        if address:
            self.links.append((address, ""))

    def sequence(self, numbers, letter):
        if letter == "J" and not numbers:
            self.cells[self.row:] = [self.cells[self.row][:self.column]]
        elif letter == "K" and not numbers:
            del self.cells[self.row][self.column:]
        elif letter == "A":
            self.row = max(0, self.row - int(numbers or 1))
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + int(numbers or 1))
        else:
            assert letter == "m" and numbers in COLOURS, f"an escape sequence: {numbers}{letter}"
            self.colour = "" if numbers == "0" else numbers

    def character(self, character):
        if character == "\n":
            self.row += 1
            if self.row == len(self.cells):
                self.cells.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        else:
            assert character.isprintable(), f"not for a terminal: {character!r}"
            self.put(character)

    def put(self, character):
        if self.link:
            address, text = self.links.pop()
            self.links.append((address, text + character))
        if self.column + width(character) > self.columns:
            self.character("\n")
            self.column = 0
        cells = self.cells[self.row]
        cells += [(" ", "")] * (self.column - len(cells))
        cells[self.column:self.column + width(character)] = [
            (character, self.colour), *[("", self.colour)] * (width(character) - 1)]
        self.column += width(character)

    def lines(self):
        return ["".join(character for character, _ in row).rstrip() for row in self.cells]


def screen_of(text, columns=80):
    screen = Screen(columns)
    screen.write(text)
    return screen.lines()
