#include "cli/menu_layout.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/output.h"

#define GAP            2
#define CELL_COLUMNS   34    /* of any but the last, where room is short */
#define CELL_MIN       16    /* for less, columns are no help */
#define LAST_MIN       12    /* an account's id */
#define ROW_MAX        65536 /* bytes */
#define ELLIPSIS       "..."
#define ELLIPSIS_WIDTH 3

struct menu_layout menu_layout_of(const struct menu *menu)
{
	struct menu_layout layout = {.is_aligned = true};

	layout.number_width = (size_t)snprintf(NULL, 0, "%zu", menu->n_rows);
	for (size_t i = 0; i < menu->n_rows * menu->n_columns; i++) {
		_cleanup_free_ char *clean = printable(menu->cells[i]);
		size_t width = text_columns(clean), *widest = &layout.widths[i % menu->n_columns];

		if (width > *widest)
			*widest = width;
	}
	return layout;
}

static size_t width_of(const struct menu_layout *layout, size_t n_columns)
{
	size_t width = layout->number_width;

	for (size_t column = 0; column < n_columns; column++)
		width += GAP + layout->widths[column];
	return width;
}

static size_t *widest_of(struct menu_layout *layout, size_t n_columns)
{
	size_t *widest = &layout->widths[0];

	for (size_t column = 1; column < n_columns; column++) {
		if (layout->widths[column] > *widest)
			widest = &layout->widths[column];
	}
	return widest;
}

struct menu_layout menu_layout_fit(const struct menu *menu, const struct menu_layout *widest, size_t columns,
				   bool may_cut)
{
	struct menu_layout layout = *widest;
	size_t last = menu->n_columns - 1;

	if (width_of(&layout, menu->n_columns) <= columns)
		return layout;
	layout.is_cut = may_cut;
	for (size_t column = 0; column < last; column++) {
		if (layout.widths[column] > CELL_COLUMNS)
			layout.widths[column] = CELL_COLUMNS;
	}
	if (layout.widths[last] > LAST_MIN)
		layout.widths[last] = LAST_MIN;
	while (layout.is_aligned && width_of(&layout, menu->n_columns) > columns) {
		size_t *giving_way = widest_of(&layout, last);

		if (!may_cut || last == 0 || *giving_way <= CELL_MIN)
			layout.is_aligned = false;
		else
			--*giving_way;
	}
	return layout;
}

/* Filled up, or cut. */
static bool append_cell(struct buffer *out, const char *text, size_t width, bool is_cut)
{
	size_t columns = text_columns(text);

	if (columns <= width || !is_cut)
		return buffer_append_format(out, "%s%*s", text, columns < width ? (int)(width - columns) : 0,
					    "");
	size_t n = text_fit(text, width - ELLIPSIS_WIDTH);
	_cleanup_free_ char *begin = xstrndup(text, n);

	return buffer_append_format(out, "%s" ELLIPSIS "%*s", begin,
				    (int)(width - ELLIPSIS_WIDTH - text_columns(begin)), "");
}

char *menu_layout_row(const struct menu *menu, const struct menu_layout *layout, size_t row)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(ROW_MAX, &buffer_heap);
	bool fits = buffer_append_format(&out, "%*zu", (int)layout->number_width, row + 1);

	for (size_t column = 0; column < menu->n_columns && fits; column++) {
		const char *text = menu->cells[row * menu->n_columns + column];
		_cleanup_free_ char *clean = printable(text);
		bool is_filled = layout->is_aligned && column < menu->n_columns - 1;

		if (layout->is_aligned || text)
			fits = buffer_append_format(&out, "%*s", GAP, "") &&
			       (is_filled ? append_cell(&out, clean, layout->widths[column], layout->is_cut)
					  : buffer_append_text(&out, clean));
	}
	return xstrdup(out.data);
}

char *menu_layout_words(const struct menu *menu, size_t row)
{
	char *words = xstrdup("");

	for (size_t column = 0; column < menu->n_columns; column++) {
		const char *text = menu->cells[row * menu->n_columns + column];
		_cleanup_free_ char *clean = printable(text), *before = words;

		words = xasprintf("%s%s%s", before, text && *before ? " " : "", text ? clean : "");
	}
	return words;
}
