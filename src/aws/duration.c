#include <string.h>

#include "aws/settings.h"

#define DURATION_MAX_S (INT64_C(10) * 366 * 24 * 3600)

/* Seconds of a unit, 0 for what is none. */
static int64_t unit_s(char c)
{
	return c == 's' ? 1 : c == 'm' ? 60 : c == 'h' ? 3600 : c == 'd' ? 24 * 3600 : 0;
}

bool duration_parse(const char *text, int64_t *ret_s)
{
	bool is_bare = *text && text[strspn(text, "0123456789")] == '\0';
	int64_t total_s = 0;

	if (!*text)
		return false;
	while (*text) {
		size_t n = strspn(text, "0123456789");
		int64_t number = 0;

		if (n == 0 || n > 9)
			return false;
		for (size_t i = 0; i < n; i++)
			number = number * 10 + (text[i] - '0');
		text += n;
		int64_t unit = is_bare ? 1 : unit_s(*text);
		if (unit == 0)
			return false;
		total_s += number * unit;
		if (total_s > DURATION_MAX_S)
			return false;
		text += !is_bare;
	}
	*ret_s = total_s;
	return true;
}
