#pragma once
/*
 * The terminal that a person sits at, for questions: keys come one by one, whatever stdout is.
 *
 * It is a terminal to ask at when stdin is one. Interrupts come as keys, so that it is never left without its
 * echo; what was typed ahead is not lost.
 */
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define TTY_TEXT_SIZE 5 /* a character of UTF-8, and NUL */

struct tty {
	int fd;
	bool is_smart; /* can move its cursor: not TERM=dumb */
	struct termios before;
};

enum tty_key {
	TTY_NOTHING, /* a key that we do not know */
	TTY_TEXT,
	TTY_ENTER,
	TTY_BACKSPACE,
	TTY_CLEAR, /* Ctrl-U, Escape */
	TTY_UP,
	TTY_DOWN,
	TTY_PAGE_UP,
	TTY_PAGE_DOWN,
	TTY_HOME,
	TTY_END,
	TTY_RESIZED,
	TTY_INTERRUPT, /* Ctrl-C, Ctrl-D, or the terminal has gone */
};

/* False: there is none. */
bool tty_open(struct tty *ret);
void tty_close(struct tty *tty);
enum tty_key tty_read(const struct tty *tty, char text[static TTY_TEXT_SIZE]);
size_t tty_columns(const struct tty *tty);
size_t tty_rows(const struct tty *tty);
bool tty_has_colour(const struct tty *tty);
