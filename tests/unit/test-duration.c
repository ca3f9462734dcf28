#include "aws/duration.h"

#include "base/cleanup.h"
#include "check.h"

static void durations_have_units(void)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
		{"0", 0},           {"90", 90},         {"90s", 90},
		{"15m", 900},       {"8h", 28800},      {"1h30m", 5400},
		{"1d", 86400},      {"0m", 0},          {"007", 7},
		{"", -1},           {"m", -1},          {"1h30", -1},
		{"-1", -1},         {"1.5h", -1},       {" 1h", -1},
		{"1h ", -1},        {"1H", -1},         {"1w", -1},
		{"9999999999", -1}, {"999999999d", -1}, {"99999999999999999999h", -1},
		{"1hm", -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t seconds = -1;

		CHECK(duration_parse(rows[i].text, &seconds) == (rows[i].seconds >= 0));
		CHECK(seconds == rows[i].seconds);
	}
}

static void awss_form_is_read(void)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
		{"PT8H", 28800}, {"PT1H30M", 5400}, {"PT45M", 2700},
		{"PT0S", 0},     {"P1D", 86400},    {"P1DT1H", 90000},
		{"P1W", 604800}, {"PT12H", 43200},  {"PT1H0M5S", 3605},
		{"", -1},        {"P", -1},         {"PT", -1},
		{"T1H", -1},     {"PT1H1H", -1},    {"PT1M1H", -1},
		{"PT1.5H", -1},  {"-PT1H", -1},     {"PT1", -1},
		{"PTH", -1},     {"PT1H ", -1},     {"pt1h", -1},
		{"P1H", -1},     {"P1Y", -1},       {"PT9999999999H", -1},
		{"P1T1H", -1},   {"PT1HT1M", -1},   {"PT999999999H", -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t seconds = -1;

		CHECK(duration_parse_iso(rows[i].text, &seconds) == (rows[i].seconds >= 0));
		CHECK(seconds == rows[i].seconds);
	}
}

static void what_is_written_is_read_again(void)
{
	static const struct {
		int64_t seconds;
		const char *text, *iso;
	} rows[] = {
		{0, "0s", "PT0S"},          {3600, "1h", "PT1H"},   {28800, "8h", "PT8H"},
		{5400, "1h30m", "PT1H30M"}, {61, "1m1s", "PT1M1S"}, {86400, "24h", "PT24H"},
		{3605, "1h5s", "PT1H5S"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[DURATION_SIZE];
		int64_t seconds;

		CHECK_STR(duration_format(rows[i].seconds, text), rows[i].text);
		CHECK(duration_parse(text, &seconds) && seconds == rows[i].seconds);
		CHECK_STR(duration_format_iso(rows[i].seconds, text), rows[i].iso);
		CHECK(duration_parse_iso(text, &seconds) && seconds == rows[i].seconds);
	}
}

int main(void)
{
	durations_have_units();
	awss_form_is_read();
	what_is_written_is_read_again();
	return 0;
}
