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

/* Keys as bytes: what terminals send for them. */
#define TTY_BYTE_CTRL_C    0x03
#define TTY_BYTE_CTRL_D    0x04
#define TTY_BYTE_CTRL_U    0x15
#define TTY_BYTE_BACKSPACE 0x08 /* of some; of most it is the next */
#define TTY_BYTE_DELETE    0x7f

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

/*
 * What a terminal is set to for keys that come one by one, unseen, those that interrupt among them. waits:
 * reading waits for a key; else it takes what is there.
 */
struct termios tty_keys(const struct termios *before, bool waits);

/* False: there is none. */
bool tty_open(struct tty *ret);
void tty_close(struct tty *tty);
enum tty_key tty_read(const struct tty *tty, char text[static TTY_TEXT_SIZE]);
size_t tty_columns(const struct tty *tty);
size_t tty_rows(const struct tty *tty);
bool tty_has_colour(const struct tty *tty);
