#include "cli/paste.h"

#include <unistd.h>

#include "base/cleanup.h"

#define LINE_MAX_LEN (16 * 1024)
#define CTRL_C       0x03
#define CTRL_U       0x15
#define BACKSPACE    0x7f

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
	silent = paste->before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	silent.c_cc[VMIN] = 0; /* what is there, and no more */
	silent.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &silent) < 0)
		return false;
	paste->tty = STDIN_FILENO;
	return true;
}

static enum paste_event take_byte(struct paste *paste, unsigned char byte)
{
	struct buffer *line = &paste->line;

	switch (byte) {
	case CTRL_C:
		return PASTE_INTERRUPTED;
	case '\r':
	case '\n':
		return PASTE_LINE;
	case CTRL_U:
		buffer_clear(line);
		return PASTE_MORE;
	case '\b':
	case BACKSPACE:
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
