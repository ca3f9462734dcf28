/*
 * What is on the screen is one question line with what was typed behind it, and rows below; each change draws
 * both anew from the question on, and puts the cursor back behind what was typed.
 */
#include "cli/menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/menu_layout.h"
#include "cli/question.h"

#define ROWS_SHOWN_MAX  12
#define LIST_SHOWN_MAX  40    /* where it cannot be redrawn */
#define MARK_COLUMNS    2     /* in front of a row; the last column of a line stays free */
#define TYPED_MAX       256   /* bytes */
#define DRAWING_MAX     65536 /* bytes */
#define LINES_BESIDE    3     /* the question, how many more there are, and one that stays free */
#define NUMBER_TEXT_MAX 20
#define RANKS           4

/* ---- what matches ---- */

static const char *cell(const struct menu *menu, size_t row, size_t column)
{
	const char *text = menu->cells[row * menu->n_columns + column];

	return text ? text : "-";
}

static bool has_word(const struct menu *menu, size_t row, const char *word)
{
	for (size_t column = 0; column < menu->n_columns; column++)
		if (strcasestr(cell(menu, row, column), word))
			return true;
	return false;
}

static bool matches(const struct menu *menu, size_t row, const char *typed)
{
	_cleanup_free_ char *copy = xstrdup(typed);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		if (!has_word(menu, row, word))
			return false;
	return true;
}

static bool is_number_of(const char *typed, size_t row)
{
	char number[NUMBER_TEXT_MAX + 1];

	snprintf(number, sizeof(number), "%zu", row + 1);
	return strcmp(typed, number) == 0;
}

/* Is it what a cell of the row begins with, or (whole) all of it? */
static bool begins_cell(const struct menu *menu, size_t row, const char *typed, bool whole)
{
	size_t len = strlen(typed);

	for (size_t column = 0; column < menu->n_columns; column++) {
		const char *text = cell(menu, row, column);

		if (strncasecmp(text, typed, len) == 0 && (!whole || !text[len]))
			return true;
	}
	return false;
}

/* The less, the further up. */
static int rank(const struct menu *menu, size_t row, const char *typed)
{
	if (is_number_of(typed, row))
		return 0;
	if (!matches(menu, row, typed))
		return RANKS;
	return begins_cell(menu, row, typed, true) ? 1 : begins_cell(menu, row, typed, false) ? 2 : 3;
}

size_t menu_filter(const struct menu *menu, const char *typed, size_t *ret_rows)
{
	size_t n = 0;

	for (int wanted = 0; wanted < RANKS; wanted++)
		for (size_t row = 0; row < menu->n_rows; row++)
			if (rank(menu, row, typed) == wanted)
				ret_rows[n++] = row;
	return n;
}

/* ---- the choice as it stands ---- */

struct choice {
	const struct tty *tty;
	const struct menu *menu;
	struct menu_layout widest;
	struct buffer typed;
	size_t *rows, n_rows; /* that match */
	size_t chosen, top;   /* of rows: the one that Enter takes, the first on the screen */
};

static void choice_done(struct choice *choice)
{
	buffer_clear(&choice->typed);
	free(choice->rows);
}

static const char *typed_text(const struct choice *choice)
{
	return choice->typed.data ? choice->typed.data : "";
}

static void filter(struct choice *choice)
{
	choice->n_rows = menu_filter(choice->menu, typed_text(choice), choice->rows);
	choice->chosen = choice->top = 0;
	for (size_t i = 0; choice->typed.len == 0 && i < choice->n_rows; i++)
		if (choice->rows[i] == choice->menu->usual)
			choice->chosen = i;
}

static struct choice choice_of(const struct tty *tty, const struct menu *menu)
{
	struct choice choice = {.tty = tty, .menu = menu, .typed = BUFFER_INIT(TYPED_MAX, &buffer_heap)};

	choice.rows = xcalloc(menu->n_rows, sizeof(*choice.rows));
	choice.widest = menu_layout_of(menu);
	filter(&choice);
	return choice;
}

/* ---- drawing ---- */

static size_t room_for_rows(const struct choice *choice)
{
	size_t rows = tty_rows(choice->tty);
	size_t room = rows > LINES_BESIDE + 1 ? rows - LINES_BESIDE : 1;

	return room < ROWS_SHOWN_MAX ? room : ROWS_SHOWN_MAX;
}

/* Moves what is seen so that the chosen row is; returns how many rows are. */
static size_t scroll(struct choice *choice)
{
	size_t room = room_for_rows(choice);

	if (choice->chosen < choice->top)
		choice->top = choice->chosen;
	if (choice->chosen >= choice->top + room)
		choice->top = choice->chosen + 1 - room;
	return choice->n_rows - choice->top < room ? choice->n_rows - choice->top : room;
}

static bool draw_line(const struct choice *choice, const char *text, bool is_chosen, struct buffer *out)
{
	bool bold = is_chosen && tty_has_colour(choice->tty);

	return buffer_append_text(out, bold ? "\n\033[1m" : "\n") &&
	       buffer_append(out, text, text_fit(text, tty_columns(choice->tty) - 1)) &&
	       (!bold || buffer_append_text(out, "\033[0m"));
}

static struct menu_layout layout_of(const struct choice *choice)
{
	size_t columns = tty_columns(choice->tty), beside = MARK_COLUMNS + 1;

	return menu_layout_fit(choice->menu, &choice->widest, columns > beside ? columns - beside : 0,
			       choice->tty->is_smart);
}

static bool draw_rows(const struct choice *choice, size_t n, struct buffer *out)
{
	struct menu_layout layout = layout_of(choice);

	for (size_t i = choice->top; i < choice->top + n; i++) {
		bool is_chosen = i == choice->chosen;
		_cleanup_free_ char *row = menu_layout_row(choice->menu, &layout, choice->rows[i]);
		_cleanup_free_ char *line = xasprintf("%s %s", is_chosen ? ">" : " ", row);

		if (!draw_line(choice, line, is_chosen, out))
			return false;
	}
	return true;
}

/* What stands below the rows: how many others match, or that none does. */
static char *note_below(const struct choice *choice, size_t n)
{
	if (choice->n_rows == 0)
		return xstrdup("  nothing matches");
	if (choice->n_rows > n)
		return xasprintf("  %zu of %zu", choice->chosen + 1, choice->n_rows);
	return NULL;
}

/* The end of what was typed, where the line has no room for all of it. */
static const char *visible_typed(const struct choice *choice)
{
	const char *text = typed_text(choice);
	size_t used = text_columns(choice->menu->question) + strlen(": "),
	       room = tty_columns(choice->tty) - 1;

	while (*text && used + text_columns(text) > room)
		do
			text++;
		while ((*text & 0xc0) == 0x80);
	return text;
}

static void draw(struct choice *choice)
{
	static const char hint[] = "(type to search, arrow keys, Enter)";
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(DRAWING_MAX, &buffer_heap);
	size_t n = scroll(choice), columns = tty_columns(choice->tty), lines = n;
	_cleanup_free_ char *note = note_below(choice, n);
	_cleanup_free_ char *question = xasprintf("%s: %s", choice->menu->question, visible_typed(choice));
	size_t cursor = text_fit(question, columns - 1) ? text_columns(question) : 0;
	bool fits = buffer_append_text(&out, "\r\033[J") &&
		    buffer_append(&out, question, text_fit(question, columns - 1));

	if (choice->typed.len == 0 && cursor + strlen(hint) < columns)
		fits = fits && buffer_append_text(&out, hint);
	fits = fits && draw_rows(choice, n, &out) && (!note || draw_line(choice, note, false, &out));
	lines += note != NULL;
	fits = fits && buffer_append_format(&out, "\033[%zuA\r", lines) &&
	       (cursor == 0 ||
		buffer_append_format(&out, "\033[%zuC", cursor < columns ? cursor : columns - 1));
	if (fits)
		dprintf(choice->tty->fd, "%s", out.data);
}

/* ---- keys ---- */

static void move(struct choice *choice, long by)
{
	long n = (long)choice->n_rows, to = (long)choice->chosen + by;

	if (n > 0)
		choice->chosen = (size_t)(to < 0 ? 0 : to >= n ? n - 1 : to);
}

static void take_back(struct choice *choice)
{
	struct buffer *typed = &choice->typed;

	do {
		if (typed->len == 0)
			return;
		typed->len--;
	} while ((typed->data[typed->len] & 0xc0) == 0x80);
	typed->data[typed->len] = '\0';
	filter(choice);
}

static void on_text(struct choice *choice, const char *character)
{
	if (buffer_append_text(&choice->typed, character))
		filter(choice);
}

static void on_key(struct choice *choice, enum tty_key key, const char *character)
{
	long page = (long)room_for_rows(choice);

	switch (key) {
	case TTY_TEXT:
		on_text(choice, character);
		break;
	case TTY_BACKSPACE:
		take_back(choice);
		break;
	case TTY_CLEAR:
		buffer_clear(&choice->typed);
		filter(choice);
		break;
	case TTY_UP:
	case TTY_DOWN:
		move(choice, key == TTY_UP ? -1 : 1);
		break;
	case TTY_PAGE_UP:
	case TTY_PAGE_DOWN:
		move(choice, key == TTY_PAGE_UP ? -page : page);
		break;
	case TTY_HOME:
	case TTY_END:
		move(choice, key == TTY_HOME ? -(long)choice->n_rows : (long)choice->n_rows);
		break;
	default:
		break;
	}
}

static bool choose_on_screen(struct choice *choice, size_t *ret_row, struct error *err)
{
	char character[TTY_TEXT_SIZE] = "";
	enum tty_key key;

	do {
		draw(choice);
		key = tty_read(choice->tty, character);
		on_key(choice, key, character);
	} while (key != TTY_INTERRUPT && !(key == TTY_ENTER && choice->n_rows > 0));
	dprintf(choice->tty->fd, "\r\033[J");
	if (key == TTY_INTERRUPT)
		return error_set(err, ERROR_NONE, "%s", "");
	*ret_row = choice->rows[choice->chosen];
	return true;
}

/* ---- where nothing can be drawn ---- */

static void list_rows(const struct choice *choice)
{
	size_t n = choice->n_rows < LIST_SHOWN_MAX ? choice->n_rows : LIST_SHOWN_MAX;
	struct menu_layout layout = layout_of(choice);

	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *row = menu_layout_row(choice->menu, &layout, choice->rows[i]);

		dprintf(choice->tty->fd, "  %s\n", row);
	}
	if (choice->n_rows > n)
		dprintf(choice->tty->fd, "  and %zu more\n", choice->n_rows - n);
}

/* The first of several is meant if it alone is what was typed. */
static bool is_settled(const struct choice *choice, const char *answer)
{
	const struct menu *menu = choice->menu;

	if (choice->n_rows == 1 || is_number_of(answer, choice->rows[0]))
		return true;
	return begins_cell(menu, choice->rows[0], answer, true) &&
	       !begins_cell(menu, choice->rows[1], answer, true);
}

/* An answer is a number, or words that only one row has; otherwise those that have them are listed. */
static bool check_answer(char **answer, void *userdata, struct error *err)
{
	struct choice *choice = userdata;

	choice->n_rows = menu_filter(choice->menu, *answer, choice->rows);
	if (choice->n_rows == 0)
		return error_set(err, ERROR_USAGE, "nothing matches '%s'", *answer);
	if (is_settled(choice, *answer))
		return true;
	list_rows(choice);
	return error_set(err, ERROR_USAGE, "several match '%s': type a number, or more of it", *answer);
}

static bool choose_from_list(struct choice *choice, size_t *ret_row, struct error *err)
{
	_cleanup_free_ char *question = xasprintf("%s, number or part of it", choice->menu->question);
	_cleanup_free_ char *usual = xasprintf("%zu", choice->menu->usual + 1), *answer = NULL;
	const struct question asked = {question, usual, check_answer, choice};

	list_rows(choice);
	if (!question_ask_at(choice->tty, &asked, &answer, err))
		return false;
	*ret_row = choice->rows[0];
	return true;
}

bool menu_choose(const struct tty *tty, const struct menu *menu, size_t *ret_row, struct error *err)
{
	_cleanup_(choice_done) struct choice choice = choice_of(tty, menu);
	bool chosen = tty->is_smart ? choose_on_screen(&choice, ret_row, err)
				    : choose_from_list(&choice, ret_row, err);

	if (chosen) {
		_cleanup_free_ char *words = menu_layout_words(menu, *ret_row);

		dprintf(tty->fd, "%s: %s\n", menu->question, words);
	}
	return chosen;
}
