/* Text from elsewhere, made fit to be shown. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = text_of(data, size);
	_cleanup_free_ char *printable = xstrdup(text);
	size_t len = strlen(text);

	text_make_printable(printable);
	REQUIRE(strlen(printable) <= len);
	REQUIRE(utf8_is_valid(printable, strlen(printable)) && !text_has_controls(printable));
	if (!text_has_controls(text))
		REQUIRE(strcmp(printable, text) == 0);
	if (!utf8_is_valid(text, len))
		REQUIRE(text_has_controls(text));
	text_make_message(text);
	REQUIRE(!strpbrk(text, "\\\"") && !text_has_controls(text));
	REQUIRE(text_columns(text) <= 2 * strlen(text));
	return 0;
}
