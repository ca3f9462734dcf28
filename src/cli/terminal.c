#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT    24
#define ECHO_LEN        2 /* of the "^C" that the terminal may have shown behind the line */

static int shown; /* columns of the line that stands there now */

bool terminal_type_is_smart(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_may_colour(void)
{
	const char *no_color = getenv("NO_COLOR");

	return terminal_type_is_smart() && !(no_color && *no_color);
}

bool terminal_is_smart(void)
{
	return terminal_type_is_smart() && isatty(STDOUT_FILENO);
}

bool terminal_has_colour(void)
{
	return terminal_may_colour() && isatty(STDOUT_FILENO);
}

unsigned terminal_columns_of(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS_DEFAULT;
}

unsigned terminal_rows_of(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : ROWS_DEFAULT;
}

unsigned terminal_columns(void)
{
	return terminal_columns_of(STDOUT_FILENO);
}

/* Nothing but \r and blanks: a line that fills the width would wrap, and could not be taken back. */
void terminal_show_line(const char *text)
{
	int room = (int)terminal_columns() - 1, len = (int)strlen(text);

	if (!terminal_is_smart())
		return;
	if (len > room)
		len = room;
	printf("\r%.*s%*s", len, text, shown > len ? shown - len : 0, "");
	fflush(stdout);
	shown = len;
}

void terminal_clear_line(void)
{
	int room = (int)terminal_columns() - 1, len = shown + ECHO_LEN < room ? shown + ECHO_LEN : room;

	if (shown == 0)
		return;
	printf("\r%*s\r", len, "");
	fflush(stdout);
	shown = 0;
}

/*
 * What a person had there can be scrolled back to. What we had is cleared line by line: what is cleared at
 * once many terminals keep, too.
 */
void terminal_clear_screen(void)
{
	static bool is_ours;
	const char *step = is_ours ? "\033[K\033[B" : "\n";

	if (is_ours)
		fputs("\033[H", stdout);
	for (unsigned i = terminal_rows_of(STDOUT_FILENO); i > 0; i--)
		fputs(step, stdout);
	fputs("\033[H", stdout);
	is_ours = true;
}
