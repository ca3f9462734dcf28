#pragma once
/*
 * A strict scanner for one JSON object: says where its members are, builds nothing. Pure.
 *
 *     struct scan scan = scan_object(text);
 *     while (scan_next(&scan, &name, &value))
 *             …
 *     if (!scan_is_complete(&scan))
 *             … text is no JSON object
 *
 * What is in values is checked as well, so whoever has seen the whole object knows that all of it is JSON.
 * UTF-8 is not: see utf8_is_valid().
 */
#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *data; /* borrowed of the text; NULL: none */
	size_t len;
};

struct scan {
	const char *p, *end;
	bool is_begun; /* a member was seen */
	bool is_ended; /* the closing brace was */
	bool is_bad;
};

struct scan scan_object(struct span text);
/* ret_name is what stands between the quotes, as written; ret_value the whole value. */
bool scan_next(struct scan *scan, struct span *ret_name, struct span *ret_value);
/* After scan_next() was false: the object is well-formed, and only white space follows. */
bool scan_is_complete(const struct scan *scan);

bool span_is(struct span span, const char *text);
/* What stands between the quotes of a string, as written; false for other values. */
bool span_string(struct span value, struct span *ret);
