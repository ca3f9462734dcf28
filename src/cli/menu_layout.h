#pragma once
/*
 * The rows of a menu as lines: numbered, in columns. Where a line has no room for all of them the first
 * columns give way, so that the last one, by which rows are told apart, is seen as well; where that does not
 * help, a row is its cells one behind the other.
 */
#include "cli/menu.h"

struct menu_layout {
	size_t number_width, widths[MENU_COLUMNS_MAX];
	bool is_aligned, is_cut; /* the cells that are too wide for their columns */
};

/* As wide as its widest cells. */
struct menu_layout menu_layout_of(const struct menu *menu);
/* For lines of that many columns. Without may_cut cells stay whole. */
struct menu_layout menu_layout_fit(const struct menu *menu, const struct menu_layout *widest, size_t columns,
				   bool may_cut);
/* "  2  012345678901  Production", fit for a terminal, and as long as it is. The caller's to free. */
char *menu_layout_row(const struct menu *menu, const struct menu_layout *layout, size_t row);
/* A row's cells with one blank between them, without those that are NULL. The caller's to free. */
char *menu_layout_words(const struct menu *menu, size_t row);
