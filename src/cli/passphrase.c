#include "cli/passphrase.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/tty.h"

enum key { KEY_MORE, KEY_DONE, KEY_INTERRUPTED };

static enum key take_key(unsigned char key, struct buffer *passphrase)
{
	switch (key) {
	case TTY_BYTE_CTRL_C:
		return KEY_INTERRUPTED;
	case '\r':
	case '\n':
	case TTY_BYTE_CTRL_D:
		return KEY_DONE;
	case TTY_BYTE_CTRL_U:
		buffer_clear(passphrase);
		return KEY_MORE;
	case TTY_BYTE_BACKSPACE:
	case TTY_BYTE_DELETE:
		do { /* a character of UTF-8 as a whole */
			if (passphrase->len == 0)
				break;
			passphrase->len--;
		} while ((passphrase->data[passphrase->len] & 0xc0) == 0x80);
		return KEY_MORE;
	default:
		return buffer_append(passphrase, &key, 1) ? KEY_MORE : KEY_DONE;
	}
}

/* Keys come one by one, signals as characters: so the terminal is never left without its echo. */
static enum key read_keys(int tty, struct buffer *passphrase)
{
	enum key key = KEY_MORE;
	unsigned char byte;

	while (key == KEY_MORE) {
		if (read(tty, &byte, 1) != 1)
			return KEY_INTERRUPTED;
		key = take_key(byte, passphrase);
	}
	return key;
}

bool passphrase_ask(const char *prompt, struct buffer *ret, struct error *err)
{
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, silent;
	enum key key;

	if (tty < 0 || tcgetattr(tty, &before) < 0)
		return error_set(err, ERROR_USAGE,
				 "a passphrase is asked for at a terminal, and there is none");
	silent = tty_keys(&before, true);
	tcsetattr(tty, TCSAFLUSH, &silent); /* before the prompt: nothing typed at it is shown, or flushed */
	dprintf(tty, "%s", prompt);
	key = read_keys(tty, ret);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	if (key == KEY_DONE)
		return true;
	buffer_clear(ret);
	error_fill(err, ERROR_NONE, "%s", "");
	return false;
}
