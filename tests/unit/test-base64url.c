#include "aws/base64url.h"

#include <string.h>

#include "check.h"

static void rfc_4648s_vectors_hold(void)
{
	static const char *const rows[][2] = {
		{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
		{"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(64, &buffer_heap);

		CHECK(buffer_append_text(&out, "x.") &&
		      base64url_append(&out, rows[i][0], strlen(rows[i][0])));
		CHECK(strncmp(out.data, "x.", 2) == 0 && out.len == 2 + strlen(rows[i][1]));
		CHECK_STR(out.data + 2, rows[i][1]);
	}
}

static void what_is_no_letter_of_an_address_does_not_come_out(void)
{
	char text[8];

	base64url((const unsigned char *)"\xfb\xff\xfe", 3, text);
	CHECK_STR(text, "-__-");
}

static void what_does_not_fit_is_refused(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(7, &buffer_heap);

	CHECK(!base64url_append(&out, "foobar", 6) && out.len == 0);
	CHECK(base64url_append(&out, "foo", 3) && out.len == 4);
}

int main(void)
{
	rfc_4648s_vectors_hold();
	what_is_no_letter_of_an_address_does_not_come_out();
	what_does_not_fit_is_refused();
	return 0;
}
