"""A phone before a terminal: a picture of the screen, and what zbar reads in it."""
import subprocess

# Which halves of a cell a character inks. What is no block of a code is text: grey, as from a distance.
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
GREY, SCALE = 128, 4
# Brightness of hand and ground.
DARK, LIGHT = (200, 0), (0, 255)
BLACK_ON_WHITE = (0, 255)


def picture_of(screen, theme):
    """A picture (PGM) of a screen (screen.py) on a terminal of that theme: two squares a cell."""
    rows = []
    for cells in screen.cells:
        cells = cells + [(" ", "")] * (screen.columns - len(cells))
        for half in (0, 1):
            line = bytes(brightness(character, colour, half, theme) for character, colour in cells)
            rows += [bytes(value for value in line for _ in range(SCALE))] * SCALE
    return b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(rows)


def brightness(character, colour, half, theme):
    hand, ground = BLACK_ON_WHITE if colour == "30;47;107" else theme
    if character not in BLOCKS:
        return GREY
    return hand if BLOCKS[character][half] else ground


def read(screen, theme, folder):
    """The texts of all codes that are seen, one a line."""
    path = folder / "screen.pgm"
    path.write_bytes(picture_of(screen, theme))
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", path],
                          capture_output=True, text=True)
    assert done.returncode in (0, 4) and not done.stderr, done  # 4: there is none
    return done.stdout
