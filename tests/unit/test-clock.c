#include "base/clock.h"
#include "check.h"

static void check_time(const char *text, int64_t want)
{
	int64_t got = -1;

	if (!rfc3339_parse(text, &got) || got != want) {
		fprintf(stderr, "'%s' gave %lld, want %lld\n", text, (long long)got, (long long)want);
		exit(1);
	}
}

static void what_others_write_is_read(void)
{
	check_time("1970-01-01T00:00:00Z", 0);
	check_time("2026-01-31T12:00:00Z", 1769860800);
	check_time("2026-01-31T12:00:00.123Z", 1769860800);
	check_time("2026-01-31T12:00:00.999999999Z", 1769860800);
	check_time("2026-01-31T12:00:00.010Z", 1769860800);
	check_time("2026-01-31T12:00:00UTC", 1769860800);
	check_time("2026-01-31t12:00:00z", 1769860800);
	check_time("2026-01-31 12:00:00Z", 1769860800);
	check_time("2026-01-31T13:00:00+01:00", 1769860800);
	check_time("2026-01-31T06:30:00-05:30", 1769860800);
	check_time("2024-02-29T00:00:00Z", 1709164800);
	check_time("2016-12-31T23:59:60Z", 1483228800);
	check_time("1969-12-31T23:59:59Z", -1);
	check_time("9999-12-31T23:59:59Z", INT64_C(253402300799));
}

static void what_is_no_time_is_refused(void)
{
	static const char *const texts[] = {
		"",
		"2026",
		"2026-01-31",
		"2026-01-31T12:00:00",
		"2026-01-31T12:00Z",
		"2026-1-31T12:00:00Z",
		"2026-0:-31T12:00:00Z",
		"2026-1/-31T12:00:00Z",
		"2026-01-31T12:00:00ZZ",
		"2026-01-31T12:00:00Z ",
		" 2026-01-31T12:00:00Z",
		"2026-01-31T12:00:00.Z",
		"2026-01-31T12:00:00+0100",
		"2026-01-31T12:00:00+01",
		"2026-01-31T12:00:00+24:00",
		"2026-01-31T12:00:00+01:60",
		"2026-00-31T12:00:00Z",
		"2026-13-31T12:00:00Z",
		"2026-01-00T12:00:00Z",
		"2026-01-32T12:00:00Z",
		"2026-02-29T12:00:00Z",
		"2026-02-30T12:00:00Z",
		"2026-04-31T12:00:00Z",
		"2026-01-31T24:00:00Z",
		"2026-01-31T12:60:00Z",
		"2026-01-31T12:00:61Z",
		"-026-01-31T12:00:00Z",
		"2026-01-31T12:00:-1Z",
		"2026-01-31T12:00:00\xc3\xa9",
		"99999-01-31T12:00:00Z",
		"1769860800",
	};
	int64_t s = 42;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (rfc3339_parse(texts[i], &s)) {
			fprintf(stderr, "'%s' was taken for %lld\n", texts[i], (long long)s);
			exit(1);
		}
	}
	CHECK(s == 42);
}

static void what_is_written_has_one_form(void)
{
	char text[RFC3339_SIZE];

	CHECK_STR(rfc3339_format(0, text), "1970-01-01T00:00:00Z");
	CHECK_STR(rfc3339_format(1769860800, text), "2026-01-31T12:00:00Z");
	CHECK_STR(rfc3339_format(-1, text), "1969-12-31T23:59:59Z");
	CHECK_STR(rfc3339_format(INT64_MAX, text), "9999-12-31T23:59:59Z");
	CHECK_STR(rfc3339_format(INT64_MIN, text), "0000-01-01T00:00:00Z");
	CHECK_STR(rfc3339_format(INT64_C(-59011459200), text), "0100-01-01T00:00:00Z");
}

static void what_is_written_can_be_read_again(void)
{
	char text[RFC3339_SIZE];

	for (int64_t s = INT64_C(-62167219200); s < INT64_C(253402300799); s += INT64_C(7919 * 86413))
		check_time(rfc3339_format(s, text), s);
}

static void dates_of_http_are_read(void)
{
	int64_t s = 0;

	CHECK(http_date_parse("Tue, 24 Nov 2026 22:48:39 GMT", &s));
	CHECK(s == 1795560519);
	CHECK(http_date_parse("Thu, 01 Jan 1970 00:00:00 GMT", &s));
	CHECK(s == 0);
	CHECK(http_date_parse("Thu, 31 Dec 2026 00:00:00 GMT", &s));
	CHECK(s == 1798675200);
}

static void dates_that_are_none_are_refused(void)
{
	static const char *const texts[] = {
		"",
		"Tue",
		"Tue, 24 Nov 2026 22:48:39",
		"Tue, 24 Nov 2026 22:48:39 GMT+1",
		"Tue, 24 Nov 2026 22:48:39 CET",
		"Tue, 24 Nxv 2026 22:48:39 GMT",
		"Tue, 24 anF 2026 22:48:39 GMT",
		"Tue, 24 N 2026 22:48:39 GMT",
		"Tue, 00 Nov 2026 22:48:39 GMT",
		"Tue, 32 Nov 2026 22:48:39 GMT",
		"Tue, 31 Nov 2026 22:48:39 GMT",
		"Tue, -1 Nov 2026 22:48:39 GMT",
		"Tue, 24 Nov 1969 22:48:39 GMT",
		"Tue, 24 Nov 2026 24:48:39 GMT",
		"Tue, 24 Nov 2026 22:60:39 GMT",
		"Tue, 24 Nov 2026 22:48:61 GMT",
		"Tue, 24 Nov 2026 -1:48:39 GMT",
		"Tuesday, 24-Nov-26 22:48:39 GMT",
		"Tue Nov 24 22:48:39 2026",
		"1795560519",
	};
	int64_t s = 42;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (http_date_parse(texts[i], &s)) {
			fprintf(stderr, "'%s' was taken for %lld\n", texts[i], (long long)s);
			exit(1);
		}
	}
	CHECK(s == 42);
}

static void clocks_go_on(void)
{
	uint64_t before = clock_boot_usec();

	CHECK(before > 0 && clock_boot_usec() >= before);
	CHECK(clock_wall_s() > INT64_C(1700000000));
}

int main(void)
{
	what_others_write_is_read();
	what_is_no_time_is_refused();
	what_is_written_has_one_form();
	what_is_written_can_be_read_again();
	dates_of_http_are_read();
	dates_that_are_none_are_refused();
	clocks_go_on();
	return 0;
}
