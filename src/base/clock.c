#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEAR_9999_END INT64_C(253402300799)
#define YEAR_0_BEGIN  INT64_C(-62167219200)

uint64_t clock_boot_usec(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		abort();
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

int64_t clock_wall_s(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		abort();
	return now.tv_sec;
}

const char *rfc3339_format(int64_t s, char text[static RFC3339_SIZE])
{
	time_t clamped = s > YEAR_9999_END ? YEAR_9999_END : s < YEAR_0_BEGIN ? YEAR_0_BEGIN : s;
	struct tm tm;

	gmtime_r(&clamped, &tm);
	strftime(text, RFC3339_SIZE, "%04Y-%m-%dT%H:%M:%SZ", &tm); /* %Y alone does not fill up to 4 digits */
	return text;
}

/* Exactly n digits at *p as a number within [min, max]; moves *p behind them. */
static bool digits(const char **p, int n, int min, int max, int *ret)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return false;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*ret = value;
	return value >= min && value <= max;
}

static bool literal(const char **p, const char *either)
{
	if (!**p || !strchr(either, **p))
		return false;
	(*p)++;
	return true;
}

/* "Z", "UTC", "+01:00"; yields what must be subtracted. */
static bool zone(const char **p, int *ret_offset_s)
{
	int hours, minutes, sign;

	*ret_offset_s = 0;
	if (strcmp(*p, "UTC") == 0) {
		*p += 3;
		return true;
	}
	if (literal(p, "Zz"))
		return true;
	sign = **p == '-' ? -1 : 1;
	if (!literal(p, "+-") || !digits(p, 2, 0, 23, &hours) || !literal(p, ":") ||
	    !digits(p, 2, 0, 59, &minutes))
		return false;
	*ret_offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* "12:00:00", the seconds up to a leap second. */
static bool time_of_day(const char **p, struct tm *tm)
{
	return digits(p, 2, 0, 23, &tm->tm_hour) && literal(p, ":") && digits(p, 2, 0, 59, &tm->tm_min) &&
	       literal(p, ":") && digits(p, 2, 0, 60, &tm->tm_sec);
}

/* False for a day that the month does not have. */
static bool seconds_of(const struct tm *tm, int64_t *ret_s)
{
	struct tm normal = *tm;
	int64_t s;

	normal.tm_sec = 0; /* a leap second is no other day */
	s = timegm(&normal);
	if (normal.tm_mon != tm->tm_mon)
		return false;
	*ret_s = s + tm->tm_sec;
	return true;
}

bool rfc3339_parse(const char *text, int64_t *ret_s)
{
	int offset_s, year, month;
	struct tm tm = {0};
	const char *p = text;
	int64_t s;

	if (!digits(&p, 4, 0, 9999, &year) || !literal(&p, "-") || !digits(&p, 2, 1, 12, &month) ||
	    !literal(&p, "-") || !digits(&p, 2, 1, 31, &tm.tm_mday) || !literal(&p, "Tt ") ||
	    !time_of_day(&p, &tm))
		return false;
	if (literal(&p, ".")) {
		size_t n = strspn(p, "0123456789");

		if (n == 0)
			return false;
		p += n;
	}
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (!zone(&p, &offset_s) || *p || !seconds_of(&tm, &s))
		return false;
	*ret_s = s - offset_s;
	return true;
}

static bool month_name(const char **p, int *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (strncmp(*p, months + 3 * (size_t)i, 3) == 0) {
			*p += 3;
			*ret = i;
			return true;
		}
	}
	return false;
}

bool http_date_parse(const char *text, int64_t *ret_s)
{
	const char *p = strchr(text, ',');
	struct tm tm = {0};
	int year;

	if (p != text + 3) /* which day of the week it is says nothing new */
		return false;
	p++;
	if (!literal(&p, " ") || !digits(&p, 2, 1, 31, &tm.tm_mday) || !literal(&p, " ") ||
	    !month_name(&p, &tm.tm_mon) || !literal(&p, " ") || !digits(&p, 4, 1970, 9999, &year) ||
	    !literal(&p, " ") || !time_of_day(&p, &tm) || strcmp(p, " GMT") != 0)
		return false;
	tm.tm_year = year - 1900;
	return seconds_of(&tm, ret_s);
}
