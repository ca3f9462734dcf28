#pragma once
/*
 * What people and programs read on stdout.
 *
 * Nothing that came from elsewhere is printed as it is: for people controls become '?', for programs they are
 * escaped, so no account name can move a cursor or turn a line around.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* Writes out what was printed so far. ERROR_INTERNAL when stdout takes no more; without a message when its
 * reader has gone (head), about which nothing needs to be said. */
bool output_flush(struct error *err) MUST_CHECK;

/* Waits up to that long for whoever reads stdout to go away. */
bool output_has_lost_reader(int wait_ms);

/* A copy that is fit for a terminal; "-" for NULL. */
char *printable(const char *text);

/* Emphasis, where stdout is a terminal that knows it and NO_COLOR is not set; otherwise the text alone. */
enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_GOOD, STYLE_WAITING, STYLE_BAD };
void print_styled(enum style style, const char *text);

/*
 * A line of words, broken between them where the terminal is narrower; what follows is moved in by indent.
 * The first line may have something in front already, of `used` columns. Returns how many rows that takes.
 */
size_t print_words(const char *text, size_t used, size_t indent);
void print_styled_words(enum style style, const char *text, size_t used, size_t indent);

/* An address at the end of a line, likewise but never broken by us: to be clicked where the terminal can, and
 * copied everywhere. */
size_t print_link(const char *address, size_t used);

/* "  label  text", the label in so many columns; the text goes on below itself, or on a narrow terminal below
 * the label. */
void print_entry(const char *label, size_t width, const char *text);
/* Lines of ours, which are broken anew for a terminal that is narrower than they are. */
void print_paragraph(const char *text);
/* "  label      value", the value made printable. */
void print_field(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Columns, with two blanks between them; cells are made printable, NULL is "-". A list that comes in pages is
 * aligned page by page: call fit for each row of a page, then row for each; columns only ever grow.
 */
#define TABLE_COLUMNS_MAX 5
struct table {
	size_t n_columns;
	size_t widths[TABLE_COLUMNS_MAX];
	int indent;
};
void table_fit(struct table *table, const char *const *cells);
void table_row(const struct table *table, const char *const *cells);

/* "14:20 (in 42 min)", with the date when that is another day; local time. */
#define TIME_TEXT_SIZE 64
const char *time_text(int64_t at, int64_t now, char text[static TIME_TEXT_SIZE]);
/* "in 42 min", "3 h ago". */
const char *span_text(int64_t at, int64_t now, char text[static TIME_TEXT_SIZE]);

/* One line, or indented. Control characters of every kind are escaped; other UTF-8 is left alone. */
bool json_format(struct buffer *out, const json_t *json, bool one_line) MUST_CHECK;
bool print_json(const json_t *json, bool one_line, struct error *err) MUST_CHECK;
