
#include "base/text.h"
#include "base/xalloc.h"
#include "check.h"

static void check_printable(const char *given, const char *want)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", given);
	text_make_printable(text);
	CHECK_STR(text, want);
	CHECK(!text_has_controls(text));
}

static void characters_of_every_length_are_decoded(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t character;
	} cases[] = {
		{"A", 1, 'A'},
		{"\x7f", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xc3\xa9", 2, 0xe9},
		{"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xe2\x82\xac", 3, 0x20ac},
		{"\xed\x9f\xbf", 3, 0xd7ff},
		{"\xee\x80\x80", 3, 0xe000},
		{"\xef\xbf\xbf", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000},
		{"\xf0\x9f\x94\x91", 4, 0x1f511},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t got = 0;

		CHECK(utf8_decode(cases[i].bytes, cases[i].bytes + cases[i].len, &got) == cases[i].len);
		CHECK(got == cases[i].character);
		CHECK(utf8_is_valid(cases[i].bytes, cases[i].len));
	}
}

static void bytes_that_are_no_characters_are_refused(void)
{
	static const char *const cases[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",         /* overlong */
		"\xc1\xbf",         /* overlong */
		"\xe0\x9f\xbf",     /* overlong */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80",     /* surrogate */
		"\xed\xbf\xbf",     /* surrogate */
		"\xf4\x90\x80\x80", /* behind the last one */
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x94",
		"\xc3(",
		"\xe2(\xac",
		"\xf0\x9f(\x91",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *end = cases[i] + strlen(cases[i]);
		uint32_t got = 42;

		if (utf8_decode(cases[i], end, &got) != 0) {
			fprintf(stderr, "case %zu was decoded\n", i);
			exit(1);
		}
		CHECK(got == 42);
		CHECK(!utf8_is_valid(cases[i], strlen(cases[i])));
	}
}

/* Under ASan this fails if a byte behind the end is looked at. */
static void nothing_behind_the_end_is_read(void)
{
	static const char cut[] = {'\xf0', '\x9f', '\x94'};
	char *exact = malloc(sizeof(cut));
	uint32_t got;

	memcpy(exact, cut, sizeof(cut));
	CHECK(utf8_decode(exact, exact + sizeof(cut), &got) == 0);
	CHECK(utf8_decode(exact + sizeof(cut), exact + sizeof(cut), &got) == 0);
	CHECK(!utf8_is_valid(exact, sizeof(cut)));
	CHECK(utf8_is_valid(exact, 0));
	free(exact);
}

static void what_could_lie_to_a_reader_is_a_control(void)
{
	CHECK(text_has_controls("a\nb") && text_has_controls("\x1b[2J") && text_has_controls("\x7f"));
	CHECK(text_has_controls("\xc2\x9b") && text_has_controls("\xe2\x80\xae") &&
	      text_has_controls("\xe2\x81\xa6"));
	CHECK(text_has_controls("\xff"));
	CHECK(!text_has_controls("") && !text_has_controls("caf\xc3\xa9 \xf0\x9f\x94\x91"));
	CHECK(character_is_control(0x202a) && character_is_control(0x2069) && !character_is_control(0x202f));
	CHECK(character_is_control(0x9f) && !character_is_control(0xa0));
}

static void text_becomes_one_line_that_no_terminal_obeys(void)
{
	check_printable("", "");
	check_printable("plain", "plain");
	check_printable("caf\xc3\xa9", "caf\xc3\xa9");
	check_printable("a\r\nb\tc", "a??b?c");
	check_printable("\x1b]0;title\x07", "?]0;title?");
	check_printable("\xc2\x9b"
			"31m",
			"?31m");
	check_printable("abc\xe2\x80\xae"
			"def",
			"abc?def");
	check_printable("\xff\xfe", "??");
	check_printable("cut \xe2\x82", "cut ??");
	check_printable("\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91");
}

static void a_message_needs_no_escapes_in_json(void)
{
	char text[] = "C:\\x said \"no\"\n\xff";

	text_make_message(text);
	CHECK_STR(text, "C:/x said 'no'??");
}

static void check_shell_word(const char *text, const char *want)
{
	_cleanup_free_ char *word = shell_word(text);

	CHECK_STR(word, want);
}

static void a_name_is_quoted_only_where_a_shell_needs_it(void)
{
	check_shell_word("corp", "corp");
	check_shell_word("https://d-1.awsapps.com/start", "https://d-1.awsapps.com/start");
	check_shell_word("https://d-1.awsapps.com/start#", "'https://d-1.awsapps.com/start#'");
	check_shell_word("my corp", "'my corp'");
	check_shell_word("it's", "'it'\\''s'");
	check_shell_word("", "''");
	check_shell_word("$(reboot)", "'$(reboot)'");
	check_shell_word("a\033[2Jb", "'a?[2Jb'");
}

static void check_command(const char *word, const char *want)
{
	_cleanup_free_ char *command = command_to_type("iamic-login", word);

	CHECK_STR(command, want);
}

static void a_command_in_a_message_can_be_typed_as_it_stands(void)
{
	check_command("corp", "'iamic-login corp'");
	check_command("my corp", "iamic-login 'my corp'");
}

static void columns_are_counted_as_a_terminal_does(void)
{
	CHECK(text_columns("") == 0);
	CHECK(text_columns("abc") == 3);
	CHECK(text_columns("\xff\x01") == 2);
	CHECK(text_columns("caf\xc3\xa9") == 4);
	CHECK(text_columns("\xe6\x97\xa5\xe6\x9c\xac") == 4);
	CHECK(text_columns("e\xcc\x81") == 1);
	CHECK(text_fit("caf\xc3\xa9", 4) == 5 && text_fit("caf\xc3\xa9", 3) == 3);
	CHECK(text_fit("\xe6\x97\xa5\xe6\x9c\xac", 3) == 3 && text_fit("ab", 9) == 2);
}

int main(void)
{
	characters_of_every_length_are_decoded();
	bytes_that_are_no_characters_are_refused();
	nothing_behind_the_end_is_read();
	what_could_lie_to_a_reader_is_a_control();
	text_becomes_one_line_that_no_terminal_obeys();
	a_message_needs_no_escapes_in_json();
	a_name_is_quoted_only_where_a_shell_needs_it();
	a_command_in_a_message_can_be_typed_as_it_stands();
	columns_are_counted_as_a_terminal_does();
	return 0;
}
