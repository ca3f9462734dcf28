/*
 * The file is cut into lines; what the reader found says which of them belong to a section and to a key. A
 * change leaves marks on lines (another text, more lines behind it, none at all), and in the end the lines
 * are put together.
 */
#include "aws/config_edit.h"

#include <stdlib.h>
#include <string.h>

#include "aws/config_edit_check.h"
#include "aws/config_reader.h"
#include "aws/config_word.h"
#include "aws/strip.h"
#include "base/text.h"
#include "base/xalloc.h"

struct line {
	char *text;
	size_t len, end_len;            /* without its end; that of "\n", "\r\n", "\r" or of nothing */
	bool is_dropped, is_of_removed; /* the latter: with the section that it is of */
	char *instead;                  /* other text, or NULL */
	char *behind;                   /* whole lines that follow, or NULL */
};

struct editor {
	char *data; /* the file's */
	struct line *lines;
	size_t n;
	const char *newline;
	struct buffer tail; /* sections that are new */
};

static void editor_done(struct editor *editor)
{
	for (size_t i = 0; i < editor->n; i++) {
		free(editor->lines[i].instead);
		free(editor->lines[i].behind);
	}
	free(editor->lines);
	free(editor->data);
	buffer_clear(&editor->tail);
}

/* ---- lines ---- */

/* The reader's idea of a line: a lone "\r" ends one, too. */
static size_t cut_line(char *p, const char *end, struct line *ret)
{
	size_t len = 0, left = (size_t)(end - p);

	while (len < left && p[len] != '\n' && p[len] != '\r')
		len++;
	*ret = (struct line){.text = p, .len = len};
	if (len < left)
		ret->end_len = p[len] == '\r' && len + 1 < left && p[len + 1] == '\n' ? 2 : 1;
	return len + ret->end_len;
}

static struct editor editor_open(const char *data, size_t len, size_t max)
{
	struct editor editor = {
		.data = xcalloc(len + 1, 1), .newline = "\n", .tail = BUFFER_INIT(max, &buffer_heap)};
	size_t capacity = 0;

	if (len)
		memcpy(editor.data, data, len);
	for (char *p = editor.data, *end = p + len; p < end; editor.n++) {
		if (editor.n == capacity) {
			capacity = capacity ? capacity * 2 : 64;
			editor.lines = xreallocarray(editor.lines, capacity, sizeof(*editor.lines));
		}
		p += cut_line(p, end, &editor.lines[editor.n]);
	}
	if (editor.n > 0 && editor.lines[0].end_len == 2)
		editor.newline = "\r\n";
	return editor;
}

/* Without white space at its ends. */
static struct line stripped(const struct line *line)
{
	char *start = line->text, *end = start + line->len;

	strip(&start, &end);
	return (struct line){.text = start, .len = (size_t)(end - start)};
}

static bool is_blank(const struct line *line)
{
	return stripped(line).len == 0;
}

static bool is_comment(const struct line *line)
{
	struct line text = stripped(line);

	return text.len > 0 && (*text.text == '#' || *text.text == ';');
}

static int indent_len(const struct line *line)
{
	return (int)(stripped(line).text - line->text);
}

static void append(char **slot, char *more_taken)
{
	_cleanup_free_ char *before = *slot, *more = more_taken;

	*slot = xasprintf("%s%s", before ? before : "", more);
}

/* ---- one key ---- */

/* Up to where the value begins, or to behind the delimiter: so the key stays spelt and spaced as it is. */
static int value_offset(const struct line *line)
{
	char *behind = line->text, *end = line->text + line->len, *value;

	while (*behind != '=' && *behind != ':')
		behind++;
	value = ++behind;
	strip(&value, &end);
	return (int)((value < end ? value : behind) - line->text);
}

/* Comments that stand inside a value are not part of it. */
static void drop_lines(struct editor *editor, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!is_comment(&editor->lines[i]))
			editor->lines[i].is_dropped = true;
}

static void replace_value(struct editor *editor, const struct config_key *key, const char *value)
{
	struct line *line = &editor->lines[key->line - 1];
	bool was_empty = !*key->value || *key->value == '\n';

	line->instead = xasprintf("%.*s%s%s", value_offset(line), line->text, was_empty ? " " : "", value);
	drop_lines(editor, key->line, key->last_line);
}

/*
 * How far a new key behind line i is indented: as the key above it, for deeper would be part of that one's
 * value; in an empty section as the header below, which would be part of the new one's if it were deeper.
 */
static struct line indent_behind(const struct editor *editor, const struct config_section *section, size_t i)
{
	if (section->n_keys > 0)
		i = section->keys[section->n_keys - 1].line - 1;
	else
		do
			i++;
		while (i < editor->n && (is_blank(&editor->lines[i]) || is_comment(&editor->lines[i])));
	if (i >= editor->n)
		return (struct line){.text = editor->data};
	return (struct line){.text = editor->lines[i].text, .len = (size_t)indent_len(&editor->lines[i])};
}

/* Of the section's own lines; comments behind its last key belong to what follows, as often as not. */
static size_t last_line_of(const struct config_section *section)
{
	return (section->n_keys > 0 ? section->keys[section->n_keys - 1].last_line : section->line) - 1;
}

/* The first key that the edit takes away; NULL: none. */
static const struct config_key *first_removed(const struct config_section *section,
					      const struct config_edit *edit)
{
	const struct config_key *first = NULL;

	for (size_t i = 0; i < edit->n_changes; i++) {
		const struct config_change *change = &edit->changes[i];
		const struct config_key *key =
			change->value ? NULL : config_section_key(section, change->key);

		if (key && (!first || key->line < first->line))
			first = key;
	}
	return first;
}

/* What comes in the place of others stands in their place, so that there and back is where one was. */
static void add_key(struct editor *editor, const struct config_section *section,
		    const struct config_key *removed, const struct config_change *change)
{
	size_t i = removed ? removed->line - 1 : last_line_of(section);
	struct line *line = &editor->lines[i];
	struct line indent = removed ? (struct line){.text = line->text, .len = (size_t)indent_len(line)}
				     : indent_behind(editor, section, i);

	append(&line->behind, xasprintf("%.*s%s = %s%s", (int)indent.len, indent.text, change->key,
					change->value, editor->newline));
}

static void change_key(struct editor *editor, const struct config_section *section,
		       const struct config_key *removed, const struct config_change *change)
{
	const struct config_key *key = config_section_key(section, change->key);

	if (!key && change->value)
		add_key(editor, section, removed, change);
	else if (key && !change->value)
		drop_lines(editor, key->line - 1, key->last_line);
	else if (key && strcmp(key->value, change->value) != 0)
		replace_value(editor, key, change->value);
}

/* ---- one section ---- */

static bool refuse_size(const struct buffer *buffer, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "the file would have more than %zu bytes: nothing was written",
			 buffer->max);
}

/* The header behind a removed section would be part of the value above it if it were indented deeper. */
static void unindent_next_header(struct editor *editor, size_t i)
{
	while (i < editor->n && (is_blank(&editor->lines[i]) || is_comment(&editor->lines[i])))
		i++;
	if (i == editor->n || editor->lines[i].instead || indent_len(&editor->lines[i]) == 0)
		return;
	struct line text = stripped(&editor->lines[i]);
	editor->lines[i].instead = xstrndup(text.text, text.len);
}

/* With the blank lines that set it apart from what follows. */
static void remove_section(struct editor *editor, const struct config_section *section)
{
	size_t first = section->line - 1, end = last_line_of(section) + 1, next = end;

	while (next < editor->n && is_blank(&editor->lines[next]))
		next++;
	if (next == editor->n || first == 0 || is_blank(&editor->lines[first - 1]))
		end = next;
	for (size_t i = first; i < end; i++)
		editor->lines[i].is_dropped = editor->lines[i].is_of_removed = true;
	unindent_next_header(editor, end);
}

/* Where nothing follows any more, nothing is to be set apart from it. */
static void trim_end(struct editor *editor)
{
	size_t i = editor->n;

	while (i > 0 && editor->lines[i - 1].is_of_removed)
		i--;
	while (i > 0 && i < editor->n && is_blank(&editor->lines[i - 1]))
		editor->lines[--i].is_dropped = true;
}

static bool sets_something(const struct config_edit *edit)
{
	for (size_t i = 0; i < edit->n_changes; i++)
		if (edit->changes[i].value)
			return !edit->removes;
	return false;
}

static bool add_section(struct editor *editor, const struct config_edit *edit, struct error *err)
{
	_cleanup_free_ char *header = NULL;
	struct buffer *tail = &editor->tail;
	bool fits;

	if (!sets_something(edit))
		return true;
	if (!config_header(edit->kind, edit->name, &header, err))
		return false;
	fits = buffer_append_format(tail, "%s%s%s", tail->len ? editor->newline : "", header,
				    editor->newline);
	for (size_t i = 0; i < edit->n_changes && fits; i++) {
		const struct config_change *change = &edit->changes[i];

		fits = !change->value ||
		       buffer_append_format(tail, "%s = %s%s", change->key, change->value, editor->newline);
	}
	return fits || refuse_size(tail, err);
}

static bool edit_section(struct editor *editor, const struct config *config, const struct config_edit *edit,
			 struct error *err)
{
	const struct config_section *section = config_find(config, edit->kind, edit->name);

	for (size_t i = 0; i < edit->n_changes; i++)
		if (edit->changes[i].value &&
		    !config_check_value(edit->changes[i].key, edit->changes[i].value, err))
			return false;
	if (!section)
		return add_section(editor, edit, err);
	if (edit->removes)
		remove_section(editor, section);
	for (size_t i = 0; i < edit->n_changes && !edit->removes; i++)
		change_key(editor, section, first_removed(section, edit), &edit->changes[i]);
	return true;
}

/* ---- the new text ---- */

static bool put_line(const struct editor *editor, const struct line *line, struct buffer *out)
{
	const char *text = line->instead ? line->instead : line->text;
	size_t len = line->instead ? strlen(text) : line->len;

	if (!line->is_dropped) {
		if (len && !buffer_append(out, text, len))
			return false;
		if (line->end_len && !buffer_append(out, line->text + line->len, line->end_len))
			return false;
		if (!line->end_len && line->behind && !buffer_append_text(out, editor->newline))
			return false;
	}
	return !line->behind || buffer_append_text(out, line->behind);
}

static bool ends_line(const struct buffer *out, size_t len)
{
	return len == 0 || out->data[len - 1] == '\n' || out->data[len - 1] == '\r';
}

/* A blank line in front of it, unless it comes first. */
static bool put_tail(const struct editor *editor, struct buffer *out)
{
	size_t newline_len = strlen(editor->newline);

	if (!ends_line(out, out->len) && !buffer_append_text(out, editor->newline))
		return false;
	if (out->len > 0 && !(out->len > newline_len && ends_line(out, out->len - newline_len)) &&
	    !buffer_append_text(out, editor->newline))
		return false;
	return buffer_append(out, editor->tail.data, editor->tail.len);
}

static void cut_last_newline(struct buffer *out)
{
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
	if (out->len > 0 && out->data[out->len - 1] == '\r')
		out->len--;
	out->data[out->len] = '\0';
}

static bool put_together(const struct editor *editor, struct buffer *out)
{
	for (size_t i = 0; i < editor->n; i++)
		if (!put_line(editor, &editor->lines[i], out))
			return false;
	if (editor->tail.len > 0 && !put_tail(editor, out))
		return false;
	if (editor->n > 0 && editor->lines[editor->n - 1].end_len == 0 && out->len > 0)
		cut_last_newline(out);
	return true;
}

/* ---- the whole ---- */

static bool edit_once(const struct config *before, const char *data, size_t len,
		      const struct config_edit *edits, size_t n_edits, struct buffer *out, struct error *err)
{
	_cleanup_(editor_done) struct editor editor = editor_open(data, len, out->max);

	for (size_t i = 0; i < n_edits; i++)
		if (!edit_section(&editor, before, &edits[i], err))
			return false;
	trim_end(&editor);
	return put_together(&editor, out) || refuse_size(out, err);
}

/* Behind a section that was removed there may be another of the same name, which then counts. */
static bool must_go_on(const struct config *after, const struct config_edit *edits, size_t n_edits)
{
	for (size_t i = 0; i < n_edits; i++)
		if (edits[i].removes && config_find(after, edits[i].kind, edits[i].name))
			return true;
	return false;
}

static bool edit_wholly(const char *path, const struct config *before, const char *data, size_t len,
			const struct config_edit *edits, size_t n_edits, struct buffer *out,
			struct config **ret_after, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer once = BUFFER_INIT(out->max, &buffer_heap);
	_cleanup_(config_freep) struct config *after = NULL;

	if (!edit_once(before, data, len, edits, n_edits, &once, err) ||
	    !config_parse(path, once.data, once.len, &after, err))
		return false;
	if (must_go_on(after, edits, n_edits))
		return edit_wholly(path, after, once.data, once.len, edits, n_edits, out, ret_after, err);
	*ret_after = TAKE(after);
	return (once.len == 0 || buffer_append(out, once.data, once.len)) || refuse_size(out, err);
}

bool config_edit(const char *path, const char *data, size_t len, const struct config_edit *edits,
		 size_t n_edits, struct buffer *ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(ret->max, &buffer_heap);
	_cleanup_(config_freep) struct config *before = NULL, *after = NULL;

	if (!config_parse(path, data, len, &before, err) ||
	    !edit_wholly(path, before, data, len, edits, n_edits, &out, &after, err))
		return false;
	if (!config_edit_holds(before, after, edits, n_edits))
		return error_set(err, ERROR_INTERNAL,
				 "%s: it cannot be changed without changing something else in it: do it by "
				 "hand",
				 path);
	return out.len == 0 || buffer_append(ret, out.data, out.len) || refuse_size(ret, err);
}
