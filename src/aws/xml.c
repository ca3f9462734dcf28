#include "aws/xml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"

#define SPACE             " \t\r\n"
#define REFERENCE_LEN_MAX 12 /* "&#x0010FFFF;" */

static bool has_forbidden_control(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)data[i] < ' ' && !(data[i] && strchr(SPACE, data[i])))
			return true;
	}
	return false;
}

void xml_reader_init(struct xml_reader *reader, const char *data, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	bool is_marked = len >= 3 && memcmp(data, mark, 3) == 0;

	*reader = (struct xml_reader){.p = data + (is_marked ? 3 : 0), .end = data + len};
	reader->is_malformed = !utf8_is_valid(data, len) || has_forbidden_control(data, len);
}

static size_t left(const struct xml_reader *reader)
{
	return (size_t)(reader->end - reader->p);
}

/* Moves behind text, if it stands here. */
static bool skip(struct xml_reader *reader, const char *text)
{
	size_t len = strlen(text);

	if (left(reader) < len || memcmp(reader->p, text, len) != 0)
		return false;
	reader->p += len;
	return true;
}

/* Moves behind the next text, wherever it stands. */
static bool skip_past(struct xml_reader *reader, const char *text)
{
	const char *found = memmem(reader->p, left(reader), text, strlen(text));

	if (!found)
		return false;
	reader->p = found + strlen(text);
	return true;
}

static bool is_space(char c)
{
	return c && strchr(SPACE, c);
}

/* Whether there was any. */
static bool skip_space(struct xml_reader *reader)
{
	const char *from = reader->p;

	while (reader->p < reader->end && is_space(*reader->p))
		reader->p++;
	return reader->p > from;
}

static bool is_name_character(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       (unsigned char)c >= 0x80 || (!is_first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

static bool take_name(struct xml_reader *reader, struct xml_name *ret)
{
	const char *from = reader->p;

	while (reader->p < reader->end && is_name_character(*reader->p, reader->p == from))
		reader->p++;
	*ret = (struct xml_name){from, (size_t)(reader->p - from)};
	return ret->len > 0;
}

static bool skip_attribute(struct xml_reader *reader)
{
	struct xml_name name;
	const char *quote;

	if (!take_name(reader, &name))
		return false;
	skip_space(reader);
	if (!skip(reader, "="))
		return false;
	skip_space(reader);
	quote = skip(reader, "\"") ? "\"" : skip(reader, "'") ? "'" : NULL;
	if (!quote)
		return false;
	while (reader->p < reader->end && *reader->p != *quote && *reader->p != '<')
		reader->p++;
	return skip(reader, quote);
}

static enum xml_event malformed(struct xml_reader *reader)
{
	reader->is_malformed = true;
	return XML_MALFORMED;
}

/* Behind '<'. */
static enum xml_event take_open(struct xml_reader *reader)
{
	struct xml_name name;

	if (!take_name(reader, &name) || reader->depth == XML_DEPTH_MAX ||
	    (reader->depth == 0 && reader->has_root))
		return malformed(reader);
	for (;;) {
		bool spaced = skip_space(reader);

		if (skip(reader, ">"))
			break;
		if (skip(reader, "/>")) {
			reader->closes_next = true;
			break;
		}
		if (!spaced || !skip_attribute(reader))
			return malformed(reader);
	}
	reader->has_root = true;
	reader->open[reader->depth++] = name;
	return XML_OPEN;
}

/* Behind "</". */
static enum xml_event take_close(struct xml_reader *reader)
{
	const struct xml_name *open;
	struct xml_name name;

	if (!take_name(reader, &name) || reader->depth == 0)
		return malformed(reader);
	open = &reader->open[reader->depth - 1];
	skip_space(reader);
	if (!skip(reader, ">") || name.len != open->len || memcmp(name.data, open->data, name.len) != 0)
		return malformed(reader);
	reader->depth--;
	return XML_CLOSE;
}

static enum xml_event take_text(struct xml_reader *reader)
{
	const char *next = memchr(reader->p, '<', left(reader));

	reader->text = reader->p;
	reader->p = next ? next : reader->end;
	reader->text_len = (size_t)(reader->p - reader->text);
	reader->is_literal = false;
	return XML_TEXT;
}

/* Behind "<![CDATA[". */
static enum xml_event take_literal(struct xml_reader *reader)
{
	static const char end[] = "]]>";

	reader->text = reader->p;
	if (reader->depth == 0 || !skip_past(reader, end))
		return malformed(reader);
	reader->text_len = (size_t)(reader->p - reader->text) - strlen(end);
	reader->is_literal = true;
	return XML_TEXT;
}

enum xml_event xml_next(struct xml_reader *reader)
{
	if (reader->is_malformed)
		return XML_MALFORMED;
	if (reader->closes_next) {
		reader->closes_next = false;
		reader->depth--;
		return XML_CLOSE;
	}
	for (;;) {
		if (reader->depth == 0)
			skip_space(reader);
		if (reader->p == reader->end)
			return reader->depth == 0 && reader->has_root ? XML_END : malformed(reader);
		if (*reader->p != '<')
			return reader->depth > 0 ? take_text(reader) : malformed(reader);
		if (skip(reader, "<![CDATA["))
			return take_literal(reader);
		if (skip(reader, "</"))
			return take_close(reader);
		if (skip(reader, "<!--") ? skip_past(reader, "-->")
					 : skip(reader, "<?") && skip_past(reader, "?>"))
			continue;
		return skip(reader, "<") ? take_open(reader) : malformed(reader);
	}
}

static bool is_name(const struct xml_name *name, const char *text, size_t len)
{
	const char *colon = memrchr(name->data, ':', name->len);
	const char *local = colon ? colon + 1 : name->data;

	return (size_t)(name->data + name->len - local) == len && memcmp(local, text, len) == 0;
}

bool xml_is_at(const struct xml_reader *reader, const char *path)
{
	for (size_t i = 0; i < reader->depth; i++) {
		size_t len = strcspn(path, "/");
		bool is_last = path[len] == '\0';

		if (!is_name(&reader->open[i], path, len) || is_last != (i + 1 == reader->depth))
			return false;
		path += is_last ? len : len + 1;
	}
	return *path == '\0';
}

/* UTF-8; returns the length. */
static size_t encode(uint32_t character, char out[static 4])
{
	static const uint32_t ends[] = {0x80, 0x800, 0x10000};
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = 1;

	while (n < 4 && character >= ends[n - 1])
		n++;
	for (size_t i = n; i-- > 0; character >>= 6)
		out[i] = (char)(i > 0 ? 0x80 | (character & 0x3f) : marks[n] | character);
	return n;
}

/* "#65" and "#x41". */
static bool character_of_number(const char *text, uint32_t *ret)
{
	int base = text[1] == 'x' ? 16 : 10;
	const char *digits = text + (base == 16 ? 2 : 1);
	unsigned long value;

	if (!*digits || digits[strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	value = strtoul(digits, NULL, base); /* saturates */
	*ret = value > 0x10ffff ? 0 : (uint32_t)value;
	return *ret >= ' ' ? *ret < 0xd800 || *ret > 0xdfff : *ret && strchr(SPACE, (int)*ret);
}

/* What stands between & and ;. */
static bool character_of(const char *reference, uint32_t *ret)
{
	static const struct {
		const char *name;
		char character;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

	if (reference[0] == '#')
		return character_of_number(reference, ret);
	for (size_t i = 0; i < ARRAY_SIZE(entities); i++) {
		if (strcmp(reference, entities[i].name) == 0) {
			*ret = (uint32_t)entities[i].character;
			return true;
		}
	}
	return false;
}

/* Decodes the reference at p, which begins with &; returns its length, 0 for what is none. */
static size_t decode_reference(const char *p, size_t len, uint32_t *ret)
{
	const char *end = memchr(p, ';', len < REFERENCE_LEN_MAX ? len : REFERENCE_LEN_MAX);
	char name[REFERENCE_LEN_MAX];

	if (!end)
		return 0;
	len = (size_t)(end - p) - 1;
	memcpy(name, p + 1, len);
	name[len] = '\0';
	return character_of(name, ret) ? len + 2 : 0;
}

bool xml_decode_text(const struct xml_reader *reader, char *out, size_t size, size_t *len)
{
	const char *p = reader->text, *end = p + reader->text_len;

	while (p < end) {
		char bytes[4] = {*p};
		size_t taken = 1, made = 1;
		uint32_t character;

		if (*p == '&' && !reader->is_literal) {
			taken = decode_reference(p, (size_t)(end - p), &character);
			if (taken == 0)
				return false;
			made = encode(character, bytes);
		}
		if (made > size - *len)
			return false;
		memcpy(out + *len, bytes, made);
		*len += made;
		p += taken;
	}
	return true;
}

/* In place, with a NUL behind it. */
static void trim(char *text, size_t len)
{
	size_t from = 0;

	while (len > 0 && is_space(text[len - 1]))
		len--;
	while (from < len && is_space(text[from]))
		from++;
	memmove(text, text + from, len - from);
	text[len - from] = '\0';
}

bool xml_copy_text(const char *data, size_t len, const char *path, char *out, size_t size)
{
	enum { BEFORE, INSIDE, BEHIND } where = BEFORE;
	struct xml_reader reader;
	size_t text_len = 0;

	xml_reader_init(&reader, data, len);
	for (;;) {
		switch (xml_next(&reader)) {
		case XML_OPEN:
			if (where == INSIDE)
				return false;
			if (where == BEFORE && xml_is_at(&reader, path))
				where = INSIDE;
			break;
		case XML_TEXT:
			if (where == INSIDE && !xml_decode_text(&reader, out, size - 1, &text_len))
				return false;
			break;
		case XML_CLOSE:
			if (where == INSIDE)
				where = BEHIND;
			break;
		case XML_END:
			if (where == BEHIND)
				trim(out, text_len);
			return where == BEHIND;
		case XML_MALFORMED:
			return false;
		}
	}
}

char *xml_find_text(const char *data, size_t len, const char *path)
{
	char text[XML_TEXT_MAX + 1];

	return xml_copy_text(data, len, path, text, sizeof(text)) ? xstrdup(text) : NULL;
}
