#include "aws/member.h"

#include <string.h>

#include "base/text.h"

/* NULL if it is missing or null. */
static const json_t *find(const struct members *members, const char *name)
{
	const json_t *value = json_object_get(members->object, name);

	return json_is_null(value) ? NULL : value;
}

static void blame(struct members *members, const char *name)
{
	if (!members->unusable)
		members->unusable = name;
}

static void require(struct members *members, const char *name)
{
	if (!find(members, name))
		blame(members, name);
}

const char *member_text_or_null(struct members *members, const char *name)
{
	const json_t *value = find(members, name);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (!value)
		return NULL;
	if (!text || len == 0 || len > MEMBER_TEXT_MAX || strlen(text) != len || text_has_controls(text)) {
		blame(members, name);
		return NULL;
	}
	return text;
}

const char *member_text(struct members *members, const char *name)
{
	require(members, name);
	return member_text_or_null(members, name);
}

static bool is_visible_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return true;
}

struct secret *member_secret_or_null(struct members *members, const char *name)
{
	const json_t *value = find(members, name);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);
	struct secret *secret;

	if (!value)
		return NULL;
	if (!text || len == 0 || len > MEMBER_SECRET_MAX || !is_visible_ascii(text, len)) {
		blame(members, name);
		return NULL;
	}
	secret = secret_new(text, len);
	if (!secret) {
		blame(members, name);
		members->is_full = true;
	}
	return secret;
}

struct secret *member_secret(struct members *members, const char *name)
{
	require(members, name);
	return member_secret_or_null(members, name);
}

/* Saturates; false if there is a fraction. */
static bool integer_of(double real, int64_t *ret)
{
	if (real >= 9e18 || real <= -9e18) {
		*ret = real < 0 ? INT64_MIN : INT64_MAX;
		return true;
	}
	*ret = (int64_t)real;
	return (double)*ret == real;
}

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
	return value < min ? min : value > max ? max : value;
}

int64_t member_number_or(struct members *members, const char *name, int64_t absent, int64_t min, int64_t max)
{
	const json_t *value = find(members, name);
	int64_t number = json_integer_value(value);

	if (!value)
		return absent;
	if (!json_is_integer(value) &&
	    !(json_is_real(value) && integer_of(json_real_value(value), &number))) {
		blame(members, name);
		return min;
	}
	return clamp(number, min, max);
}

int64_t member_number(struct members *members, const char *name, int64_t min, int64_t max)
{
	require(members, name);
	return member_number_or(members, name, min, min, max);
}
