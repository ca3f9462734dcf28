#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"

#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT    24

#define CLEAR_TO_END "\033[K"

static bool is_shown; /* the one line at the end */

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

/* One that this system does not have, as may be over SSH, still tells what the terminal is like. */
static bool locale_is_named_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

/* Some are of UTF-8 and do not say so, such as vi_VN. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_utf8 = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return is_utf8;
}

bool terminal_knows_utf8(void)
{
	return terminal_is_smart() && (locale_is_named_utf8() || locale_is_utf8());
}

/*
 * There is no way to ask. Terminals that know no links pass over them, as do tmux and screen where they do
 * not pass them on. The console of Linux has nothing to click with, and its older versions show what they do
 * not know.
 */
bool terminal_knows_links(void)
{
	return terminal_is_smart() && strcmp(getenv("TERM"), "linux") != 0;
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

unsigned terminal_rows(void)
{
	return terminal_rows_of(STDOUT_FILENO);
}

/* A line that fills the width would wrap, and could not be taken back. */
void terminal_show_line(const char *text)
{
	int room = (int)terminal_columns() - 1;

	if (!terminal_is_smart())
		return;
	printf("\r%.*s" CLEAR_TO_END, room, text);
	fflush(stdout);
	is_shown = true;
}

void terminal_clear_line(void)
{
	if (!is_shown)
		return;
	fputs("\r" CLEAR_TO_END, stdout);
	fflush(stdout);
	is_shown = false;
}

void terminal_clear_interrupt(void)
{
	if (!terminal_is_smart() && isatty(STDERR_FILENO))
		fputc('\n', stderr);
	is_shown = terminal_is_smart();
	terminal_clear_line();
}

/*
 * What a person had there can be scrolled back to. What we had is cleared line by line: what is cleared at
 * once many terminals keep, too.
 */
void terminal_clear_screen(void)
{
	static bool is_ours;
	const char *step = is_ours ? CLEAR_TO_END "\033[B" : "\n";

	if (is_ours)
		fputs("\033[H", stdout);
	for (unsigned i = terminal_rows(); i > 0; i--)
		fputs(step, stdout);
	fputs("\033[H", stdout);
	is_ours = true;
}
