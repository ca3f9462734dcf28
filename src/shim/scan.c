#include "shim/scan.h"

#include <string.h>

#define DEPTH_MAX 32

static bool skip_value(struct scan *scan, int depth);

static void skip_space(struct scan *scan)
{
	while (scan->p < scan->end && memchr(" \t\n\r", *scan->p, 4))
		scan->p++;
}

static bool take(struct scan *scan, char c)
{
	if (scan->p >= scan->end || *scan->p != c)
		return false;
	scan->p++;
	return true;
}

static bool is_digit(const struct scan *scan)
{
	return scan->p < scan->end && *scan->p >= '0' && *scan->p <= '9';
}

static bool skip_digits(struct scan *scan)
{
	if (!is_digit(scan))
		return false;
	while (is_digit(scan))
		scan->p++;
	return true;
}

static bool skip_number(struct scan *scan)
{
	take(scan, '-');
	if (!take(scan, '0') && !skip_digits(scan))
		return false;
	if (take(scan, '.') && !skip_digits(scan))
		return false;
	if (!take(scan, 'e') && !take(scan, 'E'))
		return true;
	if (!take(scan, '+'))
		take(scan, '-');
	return skip_digits(scan);
}

static bool skip_word(struct scan *scan, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(scan->end - scan->p) < n || memcmp(scan->p, word, n) != 0)
		return false;
	scan->p += n;
	return true;
}

static bool skip_escape(struct scan *scan)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	if (!take(scan, 'u')) {
		if (scan->p >= scan->end || !memchr("\"\\/bfnrt", *scan->p, 8))
			return false;
		scan->p++;
		return true;
	}
	for (int i = 0; i < 4; i++, scan->p++) {
		if (scan->p >= scan->end || !memchr(hex, *scan->p, sizeof(hex) - 1))
			return false;
	}
	return true;
}

static bool skip_string(struct scan *scan)
{
	if (!take(scan, '"'))
		return false;
	while (scan->p < scan->end && *scan->p != '"') {
		if ((unsigned char)*scan->p < 0x20)
			return false;
		if (take(scan, '\\')) {
			if (!skip_escape(scan))
				return false;
		} else {
			scan->p++;
		}
	}
	return take(scan, '"');
}

static bool skip_member(struct scan *scan, int depth)
{
	if (!skip_string(scan))
		return false;
	skip_space(scan);
	if (!take(scan, ':'))
		return false;
	skip_space(scan);
	return skip_value(scan, depth);
}

/* What stands between braces or brackets, which end with close. */
static bool skip_group(struct scan *scan, char close, int depth)
{
	if (depth == 0)
		return false;
	skip_space(scan);
	if (take(scan, close))
		return true;
	for (;;) {
		skip_space(scan);
		if (!(close == '}' ? skip_member(scan, depth - 1) : skip_value(scan, depth - 1)))
			return false;
		skip_space(scan);
		if (take(scan, close))
			return true;
		if (!take(scan, ','))
			return false;
	}
}

static bool skip_value(struct scan *scan, int depth)
{
	if (scan->p >= scan->end)
		return false;
	switch (*scan->p) {
	case '{':
		scan->p++;
		return skip_group(scan, '}', depth);
	case '[':
		scan->p++;
		return skip_group(scan, ']', depth);
	case '"':
		return skip_string(scan);
	case 't':
		return skip_word(scan, "true");
	case 'f':
		return skip_word(scan, "false");
	case 'n':
		return skip_word(scan, "null");
	default:
		return skip_number(scan);
	}
}

struct scan scan_object(struct span text)
{
	struct scan scan = {.p = text.data, .end = text.data + text.len};

	skip_space(&scan);
	scan.is_bad = !take(&scan, '{');
	return scan;
}

static bool next(struct scan *scan, struct span *ret_name, struct span *ret_value)
{
	const char *name, *value;
	size_t name_len;

	if (scan->is_begun && !take(scan, ','))
		return false;
	scan->is_begun = true;
	skip_space(scan);
	name = scan->p;
	if (!skip_string(scan))
		return false;
	name_len = (size_t)(scan->p - name);
	skip_space(scan);
	if (!take(scan, ':'))
		return false;
	skip_space(scan);
	value = scan->p;
	if (!skip_value(scan, DEPTH_MAX))
		return false;
	*ret_name = (struct span){name + 1, name_len - 2};
	*ret_value = (struct span){value, (size_t)(scan->p - value)};
	return true;
}

bool scan_next(struct scan *scan, struct span *ret_name, struct span *ret_value)
{
	if (scan->is_bad || scan->is_ended)
		return false;
	skip_space(scan);
	if (take(scan, '}')) {
		scan->is_ended = true;
		skip_space(scan);
		return false;
	}
	scan->is_bad = !next(scan, ret_name, ret_value);
	return !scan->is_bad;
}

bool scan_is_complete(const struct scan *scan)
{
	return scan->is_ended && scan->p == scan->end;
}

bool span_is(struct span span, const char *text)
{
	return span.data && strlen(text) == span.len && memcmp(span.data, text, span.len) == 0;
}

bool span_string(struct span value, struct span *ret)
{
	if (!value.data || value.len < 2 || value.data[0] != '"')
		return false;
	*ret = (struct span){value.data + 1, value.len - 2};
	return true;
}
