#include "cli/output.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "cli/terminal.h"

#define INDENT           2
#define FIELD_WIDTH      11
#define WORDS_ROOM       24 /* columns: for less, words stand on lines of their own */
#define TEXT_WIDTH       80 /* that texts of ours are broken for */
#define COLUMN_WIDTH_MAX 40
#define LINK_MAX         700          /* bytes: of a sequence of more than 767 GNU screen shows the rest */
#define JSON_MAX         (64UL << 20) /* lists of every page together */

#define MINUTE UINT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Whoever ignores SIGPIPE gets an error for it, which stdio may have met long before it is asked. */
bool output_has_lost_reader(int wait_ms)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	return poll(&output, 1, wait_ms) == 1 && output.revents & (POLLERR | POLLHUP);
}

bool output_flush(struct error *err)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	if (errno == EPIPE || output_has_lost_reader(0))
		return error_set(err, ERROR_INTERNAL, "%s", "");
	return errno ? error_errno(err, "cannot write the output")
		     : error_set(err, ERROR_INTERNAL, "cannot write the output");
}

char *printable(const char *text)
{
	char *copy = xstrdup(text ? text : "-");

	text_make_printable(copy);
	return copy;
}

static bool begin_style(enum style style)
{
	static const char *const codes[] = {"", "1", "32", "33", "31"};
	bool is_seen = style != STYLE_PLAIN && terminal_has_colour();

	if (is_seen)
		printf("\033[%sm", codes[style]);
	return is_seen;
}

void print_styled(enum style style, const char *text)
{
	_cleanup_free_ char *clean = printable(text);
	bool is_seen = begin_style(style);

	printf("%s%s", clean, is_seen ? "\033[0m" : "");
}

static size_t line_room(void)
{
	return terminal_is_smart() ? terminal_columns() : SIZE_MAX;
}

/* More than one where the terminal breaks a word of so many columns. */
static size_t rows_of(size_t columns)
{
	return columns ? (columns - 1) / line_room() + 1 : 1;
}

/* A word that no line has room for, such as an address, is left whole: it can be copied then. */
static size_t put_words(const char *text, size_t used, size_t indent)
{
	_cleanup_free_ char *copy = xstrdup(text);
	size_t room = line_room(), rows = 0;
	char *rest = copy, *word;

	for (bool is_first = true; (word = strsep(&rest, " ")); is_first = false) {
		size_t width = text_columns(word), gap = !is_first;

		if (used + gap + width > room && used > indent) {
			printf("\n%*s", (int)indent, "");
			rows += rows_of(used);
			used = indent;
		} else if (gap) {
			putchar(' ');
			used++;
		}
		fputs(word, stdout);
		used += width;
	}
	return rows + rows_of(used);
}

size_t print_words(const char *text, size_t used, size_t indent)
{
	size_t rows = put_words(text, used, indent);

	putchar('\n');
	return rows;
}

/* What may stand in a link's sequence: neither what would end it nor what a terminal would have to decode. */
static bool can_be_link(const char *address)
{
	size_t len = 0;

	while (address[len] > ' ' && address[len] <= '~')
		len++;
	return !address[len] && len <= LINK_MAX;
}

size_t print_link(const char *address, size_t used)
{
	_cleanup_free_ char *clean = printable(address);
	bool is_link = terminal_knows_links() && can_be_link(address);

	if (is_link)
		printf("\033]8;;%s\033\\", address);
	fputs(clean, stdout);
	puts(is_link ? "\033]8;;\033\\" : "");
	return rows_of(used + text_columns(clean));
}

void print_styled_words(enum style style, const char *text, size_t used, size_t indent)
{
	_cleanup_free_ char *clean = printable(text);
	bool is_seen = begin_style(style);

	put_words(clean, used, indent);
	puts(is_seen ? "\033[0m" : "");
}

/* Beside the label, which may be one wider, where there is room for a few words, else below it. */
void print_entry(const char *label, size_t width, const char *text)
{
	size_t begin = INDENT + width + 2;

	if (line_room() >= begin + WORDS_ROOM || line_room() <= 2 * INDENT) {
		printf("%*s%-*s ", INDENT, "", (int)width + 1, label);
		print_words(text, begin, begin);
		return;
	}
	if (*label)
		printf("%*s%s\n", INDENT, "", label);
	printf("%*s", 2 * INDENT, "");
	print_words(text, 2 * INDENT, 2 * INDENT);
}

void print_paragraph(const char *text)
{
	_cleanup_free_ char *joined = xstrdup(text);
	char *rest = joined, *line;

	for (char *p = joined; line_room() < TEXT_WIDTH && *p; p++) {
		if (*p == '\n' && p > joined && p[1] && p[1] != ' ')
			*p = ' ';
	}
	while ((line = strsep(&rest, "\n")))
		print_words(line, 0, 0);
}

void print_field(const char *label, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	text_make_printable(text);
	print_entry(label, FIELD_WIDTH - 2, text);
}

void table_fit(struct table *table, const char *const *cells)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t width = text_columns(cells[i] ? cells[i] : "-");

		if (width > COLUMN_WIDTH_MAX)
			width = COLUMN_WIDTH_MAX;
		if (width > table->widths[i])
			table->widths[i] = width;
	}
}

/* A cell that would be broken by the terminal's edge stands below, moved in, if it is less broken there. */
void table_row(const struct table *table, const char *const *cells)
{
	size_t indent = (size_t)table->indent, used = indent, begin = indent, room = line_room();

	printf("%*s", table->indent, "");
	for (size_t i = 0; i < table->n_columns; i++) {
		_cleanup_free_ char *cell = printable(cells[i]);
		size_t width = text_columns(cell), gap = i ? 2 : 0;

		if (begin < used + gap)
			begin = used + gap;
		if (i > 0 && begin + width > room && (indent + 2 + width <= room || begin > room / 2)) {
			printf("\n%*s", (int)indent + 2, "");
			begin = used = indent + 2;
		}
		printf("%*s%s", (int)(begin - used), "", cell);
		used = begin + width;
		begin += table->widths[i] + 2;
	}
	putchar('\n');
}

const char *span_text(int64_t at, int64_t now, char text[static TIME_TEXT_SIZE])
{
	uint64_t s = at >= now ? (uint64_t)at - (uint64_t)now : (uint64_t)now - (uint64_t)at;
	const char *before = at >= now ? "in " : "", *after = at >= now ? "" : " ago";

	if (s == 0)
		snprintf(text, TIME_TEXT_SIZE, "now");
	else if (s < MINUTE)
		snprintf(text, TIME_TEXT_SIZE, "%s%d s%s", before, (int)s, after);
	else if (s < HOUR)
		snprintf(text, TIME_TEXT_SIZE, "%s%d min%s", before, (int)(s / MINUTE), after);
	else if (s < 10 * HOUR && s % HOUR >= MINUTE)
		snprintf(text, TIME_TEXT_SIZE, "%s%d h %d min%s", before, (int)(s / HOUR),
			 (int)(s % HOUR / MINUTE), after);
	else if (s < 2 * DAY)
		snprintf(text, TIME_TEXT_SIZE, "%s%d h%s", before, (int)(s / HOUR), after);
	else
		snprintf(text, TIME_TEXT_SIZE, "%s%llu days%s", before, (unsigned long long)(s / DAY), after);
	return text;
}

const char *time_text(int64_t at, int64_t now, char text[static TIME_TEXT_SIZE])
{
	time_t at_time = at, now_time = now;
	struct tm then = {0}, today = {0};
	char clock[32], span[TIME_TEXT_SIZE];
	bool same_day;

	localtime_r(&at_time, &then);
	localtime_r(&now_time, &today);
	same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
	if (strftime(clock, sizeof(clock), same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &then) == 0)
		clock[0] = '\0';
	snprintf(text, TIME_TEXT_SIZE, "%.20s (%.40s)", clock, span_text(at, now, span));
	return text;
}

/* Outside of strings JSON is ASCII: whatever else is a control character can be escaped where it stands. */
static bool append_escaped(struct buffer *out, const char *text, size_t len)
{
	const char *end = text + len, *begin = text;
	uint32_t character;

	for (const char *p = text; p < end;) {
		size_t n = utf8_decode(p, end, &character);

		if (n == 0)
			return false;
		if (character >= 0x7f && character_is_control(character)) {
			if (!buffer_append(out, begin, (size_t)(p - begin)) ||
			    !buffer_append_format(out, "\\u%04x", (unsigned)character))
				return false;
			begin = p + n;
		}
		p += n;
	}
	return buffer_append(out, begin, (size_t)(end - begin));
}

bool json_format(struct buffer *out, const json_t *json, bool one_line)
{
	_cleanup_free_ char *text = json_dumps(json, one_line ? JSON_COMPACT : JSON_INDENT(2));

	return text && append_escaped(out, text, strlen(text));
}

bool print_json(const json_t *json, bool one_line, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(JSON_MAX, &buffer_heap);

	if (!json_format(&text, json, one_line))
		return error_set(err, ERROR_INTERNAL, "the reply cannot be written as JSON");
	puts(text.data);
	return output_flush(err);
}
