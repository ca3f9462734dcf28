/* Times in headers, files and credentials. */
#include "base/clock.h"

#include "fuzz.h"

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
	return 0;
}
