/*
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations": a shortest way from the one text to the
 * other, by how far along each diagonal (old line minus new line) a given number of changes comes. What both
 * have in common at their ends is set aside first; texts that differ in more than CHANGES_MAX lines between
 * them are not worth the memory, and shown as one replaced by the other.
 */
#include "cli/diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define CONTEXT     3
#define CHANGES_MAX 2000

struct line {
	const char *text;
	size_t len; /* with its end */
};

struct lines {
	struct line *items;
	bool *is_changed; /* not in the other text */
	int n;
};

static void lines_done(struct lines *lines)
{
	free(lines->items);
	free(lines->is_changed);
}

static struct lines cut(const struct diff_text *text)
{
	int capacity = 64;
	struct lines lines = {.items = xcalloc((size_t)capacity, sizeof(*lines.items))};

	for (const char *p = text->len ? text->data : "", *end = p + text->len; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *next = newline ? newline + 1 : end;

		if (lines.n == capacity) {
			capacity *= 2;
			lines.items = xreallocarray(lines.items, (size_t)capacity, sizeof(*lines.items));
		}
		lines.items[lines.n++] = (struct line){p, (size_t)(next - p)};
		p = next;
	}
	lines.is_changed = xcalloc((size_t)lines.n + 1, sizeof(*lines.is_changed));
	return lines;
}

static bool is_same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* What is between the common ends of two texts, and the way from one to the other so far. */
struct search {
	struct line *a, *b;
	bool *is_deleted, *is_added;
	int n, m;
	int *reach;  /* by diagonal, from its middle: the line of a that has been come to */
	int **trace; /* the same as it was before each change, from -d to d */
};

/* The last of d changes on diagonal k is a line more of b; or else one less of a. */
static bool is_added_last(const int *reach, int k, int d)
{
	return k == -d || (k != d && reach[k - 1] < reach[k + 1]);
}

/* As far as d changes lead along every diagonal; true: to the end. */
static bool walk(struct search *search, int d)
{
	int *reach = search->reach;

	for (int k = -d; k <= d; k += 2) {
		int x = is_added_last(reach, k, d) ? reach[k + 1] : reach[k - 1] + 1, y = x - k;

		while (x < search->n && y < search->m && is_same(&search->a[x], &search->b[y]))
			x++, y++;
		reach[k] = x;
		if (x >= search->n && y >= search->m)
			return true;
	}
	return false;
}

static int *copy_reach(const int *reach, int d)
{
	size_t n = 2 * (size_t)d + 3;
	int *copy = xcalloc(n, sizeof(*copy));

	memcpy(copy, reach - d - 1, n * sizeof(*copy));
	return copy;
}

/* Back from the end, a change at a time. */
static void mark_way(struct search *search, int d)
{
	int x = search->n, y = search->m;

	for (; d > 0; d--) {
		const int *reach = search->trace[d] + d + 1;
		int k = x - y, before = is_added_last(reach, k, d) ? k + 1 : k - 1;

		x = reach[before];
		y = x - before;
		if (before == k + 1)
			search->is_added[y] = true;
		else
			search->is_deleted[x] = true;
	}
}

static void mark_all(struct search *search)
{
	memset(search->is_deleted, true, (size_t)search->n);
	memset(search->is_added, true, (size_t)search->m);
}

static void find_way(struct search *search)
{
	int max = search->n + search->m < CHANGES_MAX ? search->n + search->m : CHANGES_MAX, d = 0;
	_cleanup_free_ int *room = xcalloc(2 * (size_t)max + 5, sizeof(*room));
	bool is_there = false;

	search->reach = room + max + 2;
	search->trace = xcalloc((size_t)max + 1, sizeof(*search->trace));
	for (; d <= max; d++) {
		search->trace[d] = copy_reach(search->reach, d);
		is_there = walk(search, d);
		if (is_there)
			break;
	}
	if (is_there)
		mark_way(search, d);
	else
		mark_all(search);
	for (int i = 0; i <= max; i++)
		free(search->trace[i]);
	free(search->trace);
}

/* Marks the lines that the other text does not have. */
static void compare(struct lines *a, struct lines *b)
{
	int first = 0, behind = 0;

	while (first < a->n && first < b->n && is_same(&a->items[first], &b->items[first]))
		first++;
	while (behind < a->n - first && behind < b->n - first &&
	       is_same(&a->items[a->n - 1 - behind], &b->items[b->n - 1 - behind]))
		behind++;
	struct search search = {
		.a = a->items + first,
		.b = b->items + first,
		.is_deleted = a->is_changed + first,
		.is_added = b->is_changed + first,
		.n = a->n - first - behind,
		.m = b->n - first - behind,
	};
	if (search.n > 0 && search.m > 0)
		find_way(&search);
	else
		mark_all(&search);
}

/* ---- hunks ---- */

/* Where one is in both texts. */
struct place {
	int i, j;
};

static bool is_changed(const struct lines *lines, int i)
{
	return i < lines->n && lines->is_changed[i];
}

static bool is_at_end(const struct lines *a, const struct lines *b, struct place at)
{
	return at.i >= a->n && at.j >= b->n;
}

static bool put_line(struct buffer *out, char sign, const struct line *line)
{
	bool has_end = line->text[line->len - 1] == '\n';

	return buffer_append(out, &sign, 1) && buffer_append(out, line->text, line->len) &&
	       (has_end || buffer_append_text(out, "\n\\ No newline at end of file\n"));
}

/* The end of the hunk that begins there: behind it are more lines in common than two contexts need. */
static struct place hunk_end(const struct lines *a, const struct lines *b, struct place at)
{
	struct place end = at;

	for (int n_same = 0; !is_at_end(a, b, at) && n_same <= 2 * CONTEXT;) {
		bool deleted = is_changed(a, at.i), added = is_changed(b, at.j);

		n_same = deleted || added ? 0 : n_same + 1;
		at.i += deleted || !added;
		at.j += added || !deleted;
		if (n_same <= CONTEXT)
			end = at;
	}
	return end;
}

/* As diff has it, an empty range stands behind the line that its number names. */
static bool put_range(struct buffer *out, char sign, int first, int n)
{
	return n == 1 ? buffer_append_format(out, "%c%d", sign, first + 1)
		      : buffer_append_format(out, "%c%d,%d", sign, n ? first + 1 : first, n);
}

static bool put_hunk(struct buffer *out, const struct lines *a, const struct lines *b, struct place from,
		     struct place end)
{
	bool fits = buffer_append_text(out, "@@ ") && put_range(out, '-', from.i, end.i - from.i) &&
		    buffer_append_text(out, " ") && put_range(out, '+', from.j, end.j - from.j) &&
		    buffer_append_text(out, " @@\n");

	while (fits && (from.i < end.i || from.j < end.j)) {
		if (from.i < end.i && is_changed(a, from.i)) {
			fits = put_line(out, '-', &a->items[from.i++]);
		} else if (from.j < end.j && is_changed(b, from.j)) {
			fits = put_line(out, '+', &b->items[from.j++]);
		} else {
			fits = put_line(out, ' ', &a->items[from.i++]);
			from.j++;
		}
	}
	return fits;
}

static bool put_hunks(struct buffer *out, const struct lines *a, const struct lines *b)
{
	struct place at = {0, 0};

	for (;;) {
		while (!is_at_end(a, b, at) && !is_changed(a, at.i) && !is_changed(b, at.j))
			at.i++, at.j++;
		if (is_at_end(a, b, at))
			return true;
		int before = at.i < at.j ? at.i : at.j;
		if (before > CONTEXT)
			before = CONTEXT;
		/* What lies between two hunks is in common, and longer than this. */
		struct place from = {at.i - before, at.j - before}, end = hunk_end(a, b, at);
		if (!put_hunk(out, a, b, from, end))
			return false;
		at = end;
	}
}

bool diff_unified(const struct diff_text *old_text, const struct diff_text *new_text, struct buffer *ret)
{
	_cleanup_(lines_done) struct lines a = cut(old_text);
	_cleanup_(lines_done) struct lines b = cut(new_text);
	bool fits = true;

	if (old_text->len == new_text->len &&
	    (old_text->len == 0 || memcmp(old_text->data, new_text->data, old_text->len) == 0))
		return true;
	compare(&a, &b);
	fits = buffer_append_format(ret, "--- %s\n+++ %s\n", old_text->name, new_text->name);
	return fits && put_hunks(ret, &a, &b);
}
