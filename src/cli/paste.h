#pragma once
/*
 * A line that a person pastes into the terminal while something else goes on: it is not shown, and may be
 * longer than the 4,095 bytes that a terminal's own lines have.
 *
 * Ctrl-C comes as PASTE_INTERRUPTED and not as a signal, so that the terminal is never left without its echo.
 */
#include <stdbool.h>
#include <termios.h>

#include "base/buffer.h"

struct paste {
	int tty; /* to be polled; -1: not open */
	struct termios before;
	struct buffer line; /* so far */
};

enum paste_event { PASTE_MORE, PASTE_LINE, PASTE_INTERRUPTED, PASTE_GONE };

void paste_init(struct paste *paste);
/* False where stdin is no terminal, or another program has it. */
bool paste_open(struct paste *paste);
/* What has been typed by now. After PASTE_LINE the line stays until paste_clear(). */
enum paste_event paste_read(struct paste *paste);
void paste_clear(struct paste *paste);
void paste_close(struct paste *paste);
