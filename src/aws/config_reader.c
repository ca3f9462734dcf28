#include "aws/config_reader.h"

#include <stdlib.h>
#include <string.h>

#include "aws/config_private.h"
#include "aws/strip.h"
#include "aws/words.h"
#include "base/text.h"
#include "base/xalloc.h"

#define LINES_AT_ONCE 100000

/*
 * The states of a reader are those of Python's configparser: the section it is in, the key whose value may go
 * on, and how far that key was indented. A line that is indented deeper belongs to the value. Values that go
 * on are joined in place: the joined text is never longer than the lines it came from.
 */
struct config_reader {
	struct config *config;
	char *next, *end; /* what has not been read; *end is ours to write to */
	unsigned line;
	struct names headers; /* all seen, as written; the number is the line */

	bool has_section;
	struct config_section section; /* no name: of a kind that we do not keep */
	size_t capacity;               /* of its keys */
	struct names keys;             /* of this section; the number is the line */
	struct names default_keys;     /* of all [DEFAULT] sections */
	bool is_default;

	char *value_end;        /* of the last key; NULL: none yet */
	size_t n_empty_lines;   /* since value_end */
	size_t indent;          /* of the last key or header, in characters */
	bool is_nested;         /* the key's own line has no value: a block of "name = value" may follow */
	size_t n_profiles_done; /* after the last line */
};

struct config_reader *config_reader_new(const char *path, char *data_taken, size_t len)
{
	struct config_reader *reader = xcalloc(1, sizeof(*reader));

	reader->config = config_new_empty(path);
	/* One more byte, so that the last value can be ended in place. */
	reader->config->data = xreallocarray(data_taken, len + 1, 1);
	reader->next = reader->config->data;
	reader->end = reader->next + len;
	return reader;
}

struct config_reader *config_reader_free(struct config_reader *reader)
{
	if (!reader)
		return NULL;
	config_section_done(&reader->section);
	names_done(&reader->headers);
	names_done(&reader->keys);
	names_done(&reader->default_keys);
	config_free(reader->config);
	free(reader);
	return NULL;
}

/* format goes on behind "PATH:LINE: ". */
#define refuse(reader, err, format, ...)                                                                     \
	(error_fill(err, ERROR_CONFIG, "%s:%u: " format, (reader)->config->path, (reader)->line,             \
		    ##__VA_ARGS__),                                                                          \
	 text_make_printable((err)->message), false)

/*
 * "profile NAME", "sso-session NAME", "services NAME" or "default". What merely begins with such a word is
 * split as well, and needs two words: so does botocore. NULL for what is none of them.
 */
static char *parse_header(const char *header, enum config_kind *ret_kind)
{
	static const char *const prefixes[CONFIG_KINDS] = {"profile", "sso-session", "services"};

	for (size_t kind = 0; kind < CONFIG_KINDS; kind++) {
		size_t n;

		if (strncmp(header, prefixes[kind], strlen(prefixes[kind])) != 0)
			continue;
		_cleanup_free_ char **words = words_split(header, &n);
		*ret_kind = (enum config_kind)kind;
		return words && n == 2 ? xstrdup(words[1]) : NULL;
	}
	*ret_kind = CONFIG_PROFILE;
	return strcmp(header, "default") == 0 ? xstrdup(header) : NULL;
}

static void append_section(struct sections *sections, struct config_section *section)
{
	if (sections->n == sections->capacity) {
		sections->capacity = sections->capacity ? sections->capacity * 2 : 16;
		sections->items =
			xreallocarray(sections->items, sections->capacity, sizeof(*sections->items));
	}
	names_add(&sections->index, section->name, (unsigned)sections->n);
	sections->items[sections->n++] = *section;
}

/* The names of two sections can be the same although their headers are not: the last one counts whole. */
static void replace_section(struct config_section *old, struct config_section *section)
{
	char *name = TAKE(old->name); /* the index borrows it */

	free(section->name);
	config_section_done(old);
	*old = *section;
	old->name = name;
}

static void close_section(struct config_reader *reader)
{
	struct config_section *section = &reader->section;
	struct sections *sections = &reader->config->sections[section->kind];
	unsigned i;

	if (!section->name) {
		config_section_done(section);
	} else {
		section->keys = xreallocarray(section->keys, section->n_keys, sizeof(*section->keys));
		if (names_find(&sections->index, section->name, &i))
			replace_section(&sections->items[i], section);
		else
			append_section(sections, section);
	}
	*section = (struct config_section){0};
	reader->capacity = 0;
	names_done(&reader->keys);
	reader->value_end = NULL;
}

/* Python's pattern is greedy: the header ends at the last ']' of the line, whatever follows it. */
static bool read_header(struct config_reader *reader, char *start, char *end, struct error *err)
{
	char *close = memrchr(start, ']', (size_t)(end - start));
	unsigned first_line;

	if (!close)
		return refuse(reader, err, "a section header without ']': write it as [profile NAME]");
	if (close == start + 1)
		return refuse(reader, err, "a section header without a name: write it as [profile NAME]");
	*close = '\0';
	start++;
	close_section(reader);
	reader->has_section = true;
	reader->is_default = strcmp(start, "DEFAULT") == 0;
	if (!reader->is_default && !names_add(&reader->headers, start, reader->line)) {
		(void)names_find(&reader->headers, start, &first_line);
		return refuse(reader, err, "[%.100s] stands in line %u already: merge the two sections",
			      start, first_line);
	}
	reader->section.line = reader->line;
	reader->section.name = parse_header(start, &reader->section.kind);
	return true;
}

static void append_key(struct config_reader *reader, char *name, char *value)
{
	struct config_section *section = &reader->section;

	if (section->n_keys == reader->capacity) {
		reader->capacity = reader->capacity ? reader->capacity * 2 : 8;
		section->keys = xreallocarray(section->keys, reader->capacity, sizeof(*section->keys));
	}
	section->keys[section->n_keys++] = (struct config_key){name, value, reader->line, reader->line};
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static bool read_key(struct config_reader *reader, char *start, char *end, struct error *err)
{
	struct names *keys = reader->is_default ? &reader->default_keys : &reader->keys;
	char *delimiter = start, *value, *name_end;
	unsigned first_line;

	while (delimiter < end && *delimiter != '=' && *delimiter != ':')
		delimiter++;
	if (delimiter == end)
		return refuse(reader, err,
			      "neither a [section] nor 'key = value': complete the line or remove it");
	if (delimiter == start)
		return refuse(reader, err, "no key in front of '%c': complete the line or remove it",
			      *delimiter);
	value = delimiter + 1;
	name_end = delimiter;
	strip(&start, &name_end);
	strip(&value, &end);
	*name_end = '\0';
	*end = '\0';
	lower(start);
	if (!names_add(keys, start, reader->line)) {
		(void)names_find(keys, start, &first_line);
		return refuse(reader, err,
			      "key '%.100s' stands in line %u of this section already: remove one of them",
			      start, first_line);
	}
	append_key(reader, start, value);
	reader->value_end = end;
	reader->n_empty_lines = 0;
	reader->is_nested = value == end;
	return true;
}

/* A line that belongs to the last key's value: moved up behind it, with the empty lines between. */
static bool continue_value(struct config_reader *reader, char *start, char *end, struct error *err)
{
	if (reader->is_nested && !memchr(start, '=', (size_t)(end - start)))
		return refuse(reader, err,
			      "a line without '=' in an indented block: complete it, or write the value "
			      "behind its key");
	char *out = reader->value_end;

	memset(out, '\n', reader->n_empty_lines + 1);
	out += reader->n_empty_lines + 1;
	memmove(out, start, (size_t)(end - start));
	reader->value_end = out + (end - start);
	*reader->value_end = '\0';
	reader->n_empty_lines = 0;
	reader->section.keys[reader->section.n_keys - 1].last_line = reader->line;
	return true;
}

/* The next line, without its end: "\n", "\r\n", or "\r", which Python takes for one as well. */
static bool next_line(struct config_reader *reader, char **ret_start, char **ret_end, struct error *err)
{
	char *start = reader->next, *end = start;

	reader->line++;
	while (end < reader->end && *end != '\n' && *end != '\r')
		end++;
	reader->next = end;
	if (reader->next < reader->end && *reader->next++ == '\r' && reader->next < reader->end &&
	    *reader->next == '\n')
		reader->next++;
	if (memchr(start, '\0', (size_t)(end - start)))
		return refuse(reader, err, "a zero byte: this is no text file, write it anew");
	if (!utf8_is_valid(start, (size_t)(end - start)))
		return refuse(reader, err, "bytes that are not UTF-8: save the file as UTF-8");
	if (reader->line == 1 && end - start >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
		return refuse(reader, err,
			      "a byte order mark, which the AWS CLI refuses as well: save the file as UTF-8 "
			      "without it");
	*ret_start = start;
	*ret_end = end;
	return true;
}

static bool read_line(struct config_reader *reader, struct error *err)
{
	char *start, *end;

	if (!next_line(reader, &start, &end, err))
		return false;
	size_t indent = strip(&start, &end);
	if (start == end) {
		reader->n_empty_lines++;
		return true;
	}
	if (*start == '#' || *start == ';')
		return true;
	if (reader->value_end && indent > reader->indent)
		return continue_value(reader, start, end, err);
	reader->indent = indent;
	if (*start == '[')
		return read_header(reader, start, end, err);
	if (!reader->has_section)
		return refuse(reader, err,
			      "text before any section: put [default] or [profile NAME] above it");
	return read_key(reader, start, end, err);
}

/* Profiles come to an end only with the file, because a later one may replace an earlier one. */
static bool index_next_profile(struct config_reader *reader)
{
	const struct sections *profiles = &reader->config->sections[CONFIG_PROFILE];

	if (reader->n_profiles_done == profiles->n)
		return false;
	const struct config_section *profile = &profiles->items[reader->n_profiles_done++];
	legacy_add(&reader->config->legacy, profile);
	profile_endpoints_add(&reader->config->endpoints, reader->config, profile);
	return true;
}

enum config_progress config_reader_step(struct config_reader *reader, size_t max_lines, struct config **ret,
					struct error *err)
{
	for (; max_lines > 0; max_lines--) {
		if (reader->next < reader->end) {
			if (!read_line(reader, err))
				return CONFIG_FAILED;
			continue;
		}
		close_section(reader);
		if (!index_next_profile(reader)) {
			*ret = TAKE(reader->config);
			return CONFIG_DONE;
		}
	}
	return CONFIG_MORE;
}

bool config_parse(const char *path, const char *data, size_t len, struct config **ret, struct error *err)
{
	char *copy = xcalloc(len + 1, 1);
	enum config_progress progress;

	if (len)
		memcpy(copy, data, len);
	_cleanup_(config_reader_freep) struct config_reader *reader = config_reader_new(path, copy, len);
	do
		progress = config_reader_step(reader, LINES_AT_ONCE, ret, err);
	while (progress == CONFIG_MORE);
	return progress == CONFIG_DONE;
}
