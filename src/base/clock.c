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
	strftime(text, RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
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

bool rfc3339_parse(const char *text, int64_t *ret_s)
{
	struct tm tm = {0};
	const char *p = text;
	int offset_s, year, month, second;
	time_t s;

	if (!digits(&p, 4, 0, 9999, &year) || !literal(&p, "-") || !digits(&p, 2, 1, 12, &month) ||
	    !literal(&p, "-") || !digits(&p, 2, 1, 31, &tm.tm_mday) || !literal(&p, "Tt ") ||
	    !digits(&p, 2, 0, 23, &tm.tm_hour) || !literal(&p, ":") || !digits(&p, 2, 0, 59, &tm.tm_min) ||
	    !literal(&p, ":") || !digits(&p, 2, 0, 60, &second))
		return false;
	if (literal(&p, ".")) {
		size_t n = strspn(p, "0123456789");

		if (n == 0)
			return false;
		p += n;
	}
	if (!zone(&p, &offset_s) || *p)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	s = timegm(&tm);
	if (tm.tm_mon != month - 1)
		return false; /* a day that the month does not have */
	*ret_s = s + second - offset_s;
	return true;
}

bool http_date_parse(const char *text, int64_t *ret_s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char name[4];
	struct tm tm = {0};
	const char *month;
	int year, end = 0;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm.tm_mday, name, &year,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
	    end == 0 || text[end] != '\0')
		return false;
	month = strstr(months, name);
	if (!month || strlen(name) != 3 || (month - months) % 3 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_hour < 0 || tm.tm_min < 0 ||
	    tm.tm_sec < 0 || year < 1970)
		return false;
	tm.tm_mon = (int)(month - months) / 3;
	tm.tm_year = year - 1900;
	*ret_s = timegm(&tm);
	return true;
}
