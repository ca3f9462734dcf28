#include "base/ini.h"

#include <ctype.h>
#include <ini.h>
#include <string.h>

#include "base/text.h"

/* What inih 55 as Debian builds it takes: INI_MAX_LINE, less line end and NUL, and its fixed MAX_SECTION. */
#define LINE_MAX_LEN    198
#define SECTION_MAX_LEN 49

struct source {
	const char *path;
	const char *next, *end;
	unsigned line, section_line;
	ini_entry_fn fn;
	void *userdata;
	bool is_failed;
	struct error *err;
};

#define refuse(source, ...) (error_set((source)->err, ERROR_CONFIG, __VA_ARGS__))

static bool check_header(const struct source *source, const char *start, const char *end)
{
	const char *close = memchr(start, ']', (size_t)(end - start));

	if (!close)
		return refuse(source, "a section header without ']': write it as [session NAME]");
	if (close - start - 1 > SECTION_MAX_LEN)
		return refuse(source, "the name of a section has more than %d bytes: choose a shorter one",
			      SECTION_MAX_LEN);
	return true;
}

/* inih takes a ';' behind white space for the start of a comment, wherever it stands. */
static bool check_key(const struct source *source, const char *start, const char *end)
{
	const char *p = start;

	while (p < end && *p != '=' && *p != ':')
		p++;
	if (p == end || p == start)
		return refuse(source,
			      "neither a [section] nor 'key = value': complete the line or remove it");
	for (p = start + 1; p < end; p++)
		if (*p == ';' && isspace((unsigned char)p[-1]))
			return refuse(source,
				      "text behind ' ;' would be lost: put comments on lines of their own");
	return true;
}

static bool check_line(struct source *source, const char *start, const char *end)
{
	size_t len = (size_t)(end - start);

	if (memchr(start, '\0', len) || !utf8_is_valid(start, len))
		return refuse(source, "bytes that are not UTF-8 text: save the file as UTF-8");
	if (len > 0 && (*start == '#' || *start == ';'))
		return true;
	if (len > LINE_MAX_LEN)
		return refuse(source, "the line has more than %d bytes: write it shorter", LINE_MAX_LEN);
	if (len == 0)
		return true;
	if (*start != '[')
		return check_key(source, start, end);
	source->section_line = source->line;
	return check_header(source, start, end);
}

/* Sets the ends of the next line, without white space around it and without a byte order mark. */
static void take_line(struct source *source, const char **ret_start, const char **ret_end)
{
	const char *start = source->next;
	const char *end = memchr(start, '\n', (size_t)(source->end - start));

	source->line++;
	source->next = end ? end + 1 : source->end;
	end = end ? end : source->end;
	if (source->line == 1 && end - start >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
		start += 3;
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	*ret_start = start;
	*ret_end = end;
}

/* inih's fgets(). A comment, however long, is an empty line to it. */
static char *on_line_wanted(char *line, int size, void *stream)
{
	struct source *source = stream;
	const char *start, *end;

	if (source->is_failed || source->next == source->end)
		return NULL;
	take_line(source, &start, &end);
	if (!check_line(source, start, end)) {
		source->is_failed = true;
		error_put_before(source->err, "%s:%u", source->path, source->line);
		return NULL;
	}
	if (start < end && (*start == '#' || *start == ';'))
		end = start;
	size_t len = (size_t)(end - start);
	if (len + 2 > (size_t)size)
		return NULL;
	memcpy(line, start, len);
	memcpy(line + len, "\n", 2);
	return line;
}

static int on_entry(void *userdata, const char *section, const char *name, const char *value)
{
	struct source *source = userdata;
	const struct ini_entry entry = {section, source->section_line, name, value, source->line};

	if (!source->is_failed)
		source->is_failed = !source->fn(&entry, source->userdata, source->err);
	return !source->is_failed;
}

bool ini_read(const char *path, const char *data, size_t len, ini_entry_fn fn, void *userdata,
	      struct error *err)
{
	struct source source = {
		.path = path,
		.next = data,
		.end = data + len,
		.fn = fn,
		.userdata = userdata,
		.err = err,
	};
	int first_bad_line = len > 0 ? ini_parse_stream(on_line_wanted, &source, on_entry, &source) : 0;

	if (source.is_failed)
		return false;
	if (first_bad_line != 0 || source.next != source.end)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: a line that cannot be read: write it as 'key = value'", path,
				 first_bad_line > 0 ? (unsigned)first_bad_line : source.line);
	return true;
}
