#include "aws/duration.h"

#include <stdio.h>
#include <string.h>

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

/* The units of one part, each at most once and in this order. Gives what stands behind them; NULL: a unit is
 * wrong. */
static const char *add_units(const char *text, const char *units, int64_t unit_lengths[], int64_t *total_s)
{
	while (*text && *text != 'T') {
		size_t n = strspn(text, "0123456789");
		const char *unit = text[n] ? strchr(units, text[n]) : NULL;
		int64_t number = 0;

		if (n == 0 || n > 9 || !unit)
			return NULL;
		for (size_t i = 0; i < n; i++)
			number = number * 10 + (text[i] - '0');
		*total_s += number * unit_lengths[unit - units];
		unit_lengths += unit + 1 - units;
		units = unit + 1;
		text += n + 1;
	}
	return text;
}

bool duration_parse_iso(const char *text, int64_t *ret_s)
{
	int64_t days[] = {7 * 24 * 3600, 24 * 3600}, times[] = {3600, 60, 1}, total_s = 0;
	const char *rest;

	if (text[0] != 'P' || !text[1])
		return false;
	rest = add_units(text + 1, "WD", days, &total_s);
	if (rest && *rest == 'T')
		rest = rest[1] ? add_units(rest + 1, "HMS", times, &total_s) : NULL;
	if (!rest || *rest || total_s > DURATION_MAX_S)
		return false;
	*ret_s = total_s;
	return true;
}

static const char *format(int64_t s, const char *before, const char *units, char text[static DURATION_SIZE])
{
	const int64_t parts[] = {s / 3600, s % 3600 / 60, s % 60};
	int n = snprintf(text, DURATION_SIZE, "%s", before);

	for (size_t i = 0; i < 3; i++) {
		if (parts[i] > 0 || (s == 0 && i == 2))
			n += snprintf(text + n, DURATION_SIZE - (size_t)n, "%lld%c", (long long)parts[i],
				      units[i]);
	}
	return text;
}

const char *duration_format(int64_t s, char text[static DURATION_SIZE])
{
	return format(s, "", "hms", text);
}

const char *duration_format_iso(int64_t s, char text[static DURATION_SIZE])
{
	return format(s, "PT", "HMS", text);
}
