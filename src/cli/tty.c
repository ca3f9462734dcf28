#include "cli/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/terminal.h"

#define ESCAPE_MS    50 /* a key's bytes come together; Escape alone is followed by nothing */
#define SEQUENCE_MAX 16

#define CTRL_N 0x0e
#define CTRL_P 0x10
#define ESCAPE 0x1b

struct termios tty_keys(const struct termios *before, bool waits)
{
	struct termios keys = *before;

	keys.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	keys.c_cc[VMIN] = waits;
	keys.c_cc[VTIME] = 0;
	return keys;
}

static void on_resize(int number)
{
	(void)number;
}

bool tty_open(struct tty *ret)
{
	const struct sigaction resize = {.sa_handler = on_resize}; /* no SA_RESTART: reading ends */
	struct tty tty = {.fd = -1};
	struct termios keys;

	if (!isatty(STDIN_FILENO))
		return false;
	tty.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty.fd < 0)
		return false;
	if (tcgetattr(tty.fd, &tty.before) < 0) {
		close(tty.fd);
		return false;
	}
	tty.is_smart = terminal_type_is_smart();
	fflush(stdout);
	keys = tty_keys(&tty.before, true);
	tcsetattr(tty.fd, TCSADRAIN, &keys);
	sigaction(SIGWINCH, &resize, NULL);
	*ret = tty;
	return true;
}

void tty_close(struct tty *tty)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};

	sigaction(SIGWINCH, &usual, NULL);
	tcsetattr(tty->fd, TCSADRAIN, &tty->before);
	close(tty->fd);
	tty->fd = -1;
}

static bool has_more(const struct tty *tty)
{
	struct pollfd fd = {.fd = tty->fd, .events = POLLIN};

	return poll(&fd, 1, ESCAPE_MS) == 1;
}

static bool read_byte(const struct tty *tty, unsigned char *ret)
{
	return read(tty->fd, ret, 1) == 1;
}

/* Behind "ESC [" or "ESC O": "5~", "A", "1;5B". */
static enum tty_key read_sequence(const struct tty *tty)
{
	static const struct {
		unsigned char end, first;
		enum tty_key key;
	} keys[] = {
		{'A', 0, TTY_UP},        {'B', 0, TTY_DOWN},        {'H', 0, TTY_HOME},   {'F', 0, TTY_END},
		{'~', '5', TTY_PAGE_UP}, {'~', '6', TTY_PAGE_DOWN}, {'~', '1', TTY_HOME}, {'~', '4', TTY_END},
	};
	unsigned char byte = 0, first = 0;

	for (int n = 0; n < SEQUENCE_MAX && has_more(tty) && read_byte(tty, &byte); n++) {
		if (n == 0)
			first = byte;
		if (byte >= 0x40 && byte <= 0x7e)
			break;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].end == byte && (!keys[i].first || keys[i].first == first))
			return keys[i].key;
	return TTY_NOTHING;
}

static enum tty_key read_escape(const struct tty *tty)
{
	unsigned char byte;

	if (!has_more(tty))
		return TTY_CLEAR;
	if (!read_byte(tty, &byte))
		return TTY_INTERRUPT;
	return byte == '[' || byte == 'O' ? read_sequence(tty) : TTY_NOTHING;
}

static enum tty_key control(unsigned char byte)
{
	switch (byte) {
	case '\r':
	case '\n':
		return TTY_ENTER;
	case TTY_BYTE_BACKSPACE:
	case TTY_BYTE_DELETE:
		return TTY_BACKSPACE;
	case TTY_BYTE_CTRL_U:
		return TTY_CLEAR;
	case CTRL_P:
		return TTY_UP;
	case CTRL_N:
		return TTY_DOWN;
	case TTY_BYTE_CTRL_C:
	case TTY_BYTE_CTRL_D:
		return TTY_INTERRUPT;
	default:
		return TTY_NOTHING;
	}
}

/* The rest of a character of UTF-8. */
static enum tty_key read_character(const struct tty *tty, unsigned char first,
				   char text[static TTY_TEXT_SIZE])
{
	size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	uint32_t character;

	memset(text, 0, TTY_TEXT_SIZE);
	text[0] = (char)first;
	for (size_t i = 1; i < len; i++) {
		unsigned char byte;

		if (!has_more(tty) || !read_byte(tty, &byte))
			return TTY_NOTHING;
		text[i] = (char)byte;
	}
	if (utf8_decode(text, text + len, &character) != len || character_is_control(character))
		return TTY_NOTHING;
	return TTY_TEXT;
}

enum tty_key tty_read(const struct tty *tty, char text[static TTY_TEXT_SIZE])
{
	unsigned char byte;

	errno = 0;
	if (!read_byte(tty, &byte))
		return errno == EINTR ? TTY_RESIZED : TTY_INTERRUPT;
	if (byte == ESCAPE)
		return read_escape(tty);
	if (byte < 0x20 || byte == TTY_BYTE_DELETE)
		return control(byte);
	return read_character(tty, byte, text);
}

size_t tty_columns(const struct tty *tty)
{
	return terminal_columns_of(tty->fd);
}

size_t tty_rows(const struct tty *tty)
{
	return terminal_rows_of(tty->fd);
}

bool tty_has_colour(const struct tty *tty)
{
	return tty->is_smart && terminal_may_colour();
}
