#include "cli/paste.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "cli/tty.h"

#define LINE_MAX_LEN (16 * 1024)

void paste_init(struct paste *paste)
{
	*paste = (struct paste){.tty = -1, .line = BUFFER_INIT(LINE_MAX_LEN, &buffer_heap)};
}

bool paste_open(struct paste *paste)
{
	struct termios silent;

	if (paste->tty >= 0)
		return true;
	if (tcgetattr(STDIN_FILENO, &paste->before) < 0 || tcgetpgrp(STDIN_FILENO) != getpgrp())
		return false;
	silent = tty_keys(&paste->before, false);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &silent) < 0)
		return false;
	paste->tty = STDIN_FILENO;
	return true;
}

static enum paste_event take_byte(struct paste *paste, unsigned char byte)
{
	struct buffer *line = &paste->line;

	switch (byte) {
	case TTY_BYTE_CTRL_C:
		return PASTE_INTERRUPTED;
	case '\r':
	case '\n':
		return PASTE_LINE;
	case TTY_BYTE_CTRL_U:
		buffer_clear(line);
		return PASTE_MORE;
	case TTY_BYTE_BACKSPACE:
	case TTY_BYTE_DELETE:
		if (line->len > 0)
			line->data[--line->len] = '\0';
		return PASTE_MORE;
	default: /* no blank is in an address, but may be copied with it */
		return byte <= ' ' || buffer_append(line, &byte, 1) ? PASTE_MORE : PASTE_LINE;
	}
}

enum paste_event paste_read(struct paste *paste)
{
	enum paste_event event = PASTE_MORE;
	unsigned char byte;
	ssize_t n = 1;

	while (event == PASTE_MORE && n == 1) {
		n = read(paste->tty, &byte, 1);
		if (n == 1)
			event = take_byte(paste, byte);
	}
	return n < 0 ? PASTE_GONE : event;
}

void paste_clear(struct paste *paste)
{
	buffer_clear(&paste->line);
}

void paste_close(struct paste *paste)
{
	if (paste->tty >= 0)
		tcsetattr(paste->tty, TCSANOW, &paste->before);
	paste->tty = -1;
	buffer_clear(&paste->line);
}
