/* Times in headers, files and credentials, and how long something lasts. */
#include "aws/duration.h"
#include "base/clock.h"

#include "fuzz.h"

/* What is read can be written, and is read again. */
static void check_durations(const char *text)
{
	char formatted[DURATION_SIZE];
	int64_t s, again;

	if (duration_parse(text, &s))
		REQUIRE(duration_parse(duration_format(s, formatted), &again) && again == s);
	if (duration_parse_iso(text, &s))
		REQUIRE(duration_parse_iso(duration_format_iso(s, formatted), &again) && again == s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = text_of(data, size);
	char formatted[RFC3339_SIZE];
	int64_t s, again;

	if (rfc3339_parse(text, &s)) {
		rfc3339_format(s, formatted);
		REQUIRE(rfc3339_parse(formatted, &again));
		REQUIRE(again == s || s < INT64_C(-62167219200) || s > INT64_C(253402300799));
	}
	if (http_date_parse(text, &s)) {
		rfc3339_format(s, formatted);
		REQUIRE(rfc3339_parse(formatted, &again) && again == s);
	}
	check_durations(text);
	return 0;
}
