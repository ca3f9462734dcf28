#include "stores/envelope.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define MARK    "iamic:"
#define VERSION "1:"

bool envelope_append(struct buffer *out, int64_t generation, const struct buffer *secret)
{
	return buffer_append_format(out, MARK VERSION "%" PRId64 ":", generation) &&
	       buffer_append(out, secret->data, secret->len);
}

static bool skip(const char **p, const char *end, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(end - *p) < len || memcmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

/* Decimal, without sign or leading zeros: each number has one form. */
static bool skip_number(const char **p, const char *end, int64_t *ret)
{
	const char *digits = *p;
	int64_t number = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, **p - '0', &number))
			return false;
	}
	*ret = number;
	return *p > digits && (*digits != '0' || *p == digits + 1);
}

bool envelope_parse(const char *data, size_t len, int64_t *ret_generation, const char **ret_secret,
		    size_t *ret_len, struct error *err)
{
	const char *p = data, *end = data + len;
	int64_t generation;

	if (!skip(&p, end, MARK))
		return error_set(err, ERROR_STORE, "it does not hold what iamic writes");
	if (!skip(&p, end, VERSION))
		return error_set(err, ERROR_STORE, "a newer version of iamic wrote it");
	if (!skip_number(&p, end, &generation) || !skip(&p, end, ":") || p == end ||
	    !utf8_is_valid(p, (size_t)(end - p)) || memchr(p, '\0', (size_t)(end - p)))
		return error_set(err, ERROR_STORE, "something else than iamic has changed it");
	*ret_generation = generation;
	*ret_secret = p;
	*ret_len = (size_t)(end - p);
	return true;
}
