#pragma once
/*
 * A choice among rows, such as accounts: by typing a part of what is looked for, by arrow keys, or by number.
 *
 * A row matches when each word that was typed stands in one of its cells, in whatever case; those with a cell
 * that is what was typed, or begins with it, come first. A number that is a row's own puts that row in front
 * of all, so a number and Enter choose it, while the digits of an account id find the account.
 *
 * On a terminal that cannot move its cursor it is a numbered list and a line to answer on.
 */
#include "base/error.h"
#include "cli/tty.h"

#define MENU_COLUMNS_MAX 4

struct menu {
	const char *question;     /* "account" */
	const char *const *cells; /* row by row; NULL is "-" */
	size_t n_rows, n_columns;
	size_t usual; /* the row that Enter alone chooses */
};

/* At least one row. False with kind ERROR_NONE: Ctrl-C. */
bool menu_choose(const struct tty *tty, const struct menu *menu, size_t *ret_row,
		 struct error *err) MUST_CHECK;

/* The rows that match, in the order in which they are shown; returns how many. ret_rows has room for all. */
size_t menu_filter(const struct menu *menu, const char *typed, size_t *ret_rows);
