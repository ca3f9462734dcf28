#include "aws/names.h"

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"

static void a_name_is_found_with_its_number_and_no_other(void)
{
	static const char *const all[] = {"b",         "",     "a",        "aa",        "aaa",
					  "ab",        "\xff", "\x01",     "a\x01",     "profile a",
					  "profile b", "B",    "\xc3\xa9", "profile ab"};
	static const char *const none[] = {"c",        "aaaa",      "A",    "profile",
					   "profile ", "profile c", "\xfe", "a\x02"};
	struct names names = {0};
	unsigned number = 99;

	CHECK(!names_find(&names, "", &number));
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		CHECK(names_add(&names, all[i], i));
		CHECK(!names_add(&names, all[i], 77));
		for (unsigned k = 0; k < ARRAY_SIZE(all); k++)
			CHECK(names_find(&names, all[k], &number) == (k <= i) && (k > i || number == k));
	}
	for (unsigned i = 0; i < ARRAY_SIZE(none); i++)
		CHECK(!names_find(&names, none[i], &number));
	CHECK(names.n == ARRAY_SIZE(all));
	names_done(&names);
	CHECK(!names_find(&names, "a", &number));
	CHECK(names_add(&names, "a", 1));
	names_done(&names);
}

/* Every number of four digits, in an order that is not theirs. */
static void ten_thousand_names_are_kept_apart(void)
{
	static char text[10000][5];
	struct names names = {0};
	unsigned number;

	for (unsigned i = 0; i < 10000; i++) {
		unsigned n = i * 7919 % 10000;

		snprintf(text[n], sizeof(text[n]), "%04u", n);
		CHECK(names_add(&names, text[n], n));
	}
	for (unsigned i = 0; i < 10000; i++)
		CHECK(names_find(&names, text[i], &number) && number == i && !names_add(&names, text[i], 0));
	names_done(&names);
}

int main(void)
{
	a_name_is_found_with_its_number_and_no_other();
	ten_thousand_names_are_kept_apart();
	return 0;
}
