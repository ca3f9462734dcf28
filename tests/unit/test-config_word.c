#include "aws/config_word.h"

#include "aws/config_reader.h"
#include "base/xalloc.h"
#include "check.h"

static void check_header(enum config_kind kind, const char *name, const char *want)
{
	_cleanup_free_ char *header = NULL;
	struct error err = {0};

	CHECK(config_header(kind, name, &header, &err) == (want != NULL));
	if (want)
		CHECK_STR(header, want);
	else
		CHECK(err.kind == ERROR_CONFIG && !strpbrk(err.message, "\n\r\033"));
}

/* What is written is what the reader reads: the name, whole. */
static void every_character_comes_back_or_is_refused(void)
{
	for (int c = 1; c < 256; c++) {
		const char name[] = {'a', (char)c, 'b', '\0'};
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_free_ char *header = NULL;
		struct error err;

		if (!config_header(CONFIG_PROFILE, name, &header, &err))
			continue;
		CHECK(config_parse("cfg", header, strlen(header), &config, &err));
		CHECK(config_find(config, CONFIG_PROFILE, name));
	}
}

static void names_are_quoted_only_where_they_must_be(void)
{
	check_header(CONFIG_PROFILE, "default", "[default]");
	check_header(CONFIG_SSO_SESSION, "default", "[sso-session default]");
	check_header(CONFIG_PROFILE, "A-z_0/.%@:+", "[profile A-z_0/.%@:+]");
	check_header(CONFIG_PROFILE, "a b", "[profile 'a b']");
	check_header(CONFIG_SERVICES, "s", "[services s]");
	CHECK(config_name_is_plain("a.b") && !config_name_is_plain("a b") && !config_name_is_plain(""));
}

static void names_that_others_misread_are_refused(void)
{
	static const char *const names[] = {"",
					    " a",
					    "a ",
					    "a]b",
					    "a[b",
					    "a#b",
					    "a;b",
					    "a'b",
					    "a\"",
					    "a\\b",
					    "a\tb",
					    "a\nb",
					    "a=b",
					    "a,b",
					    "a$b",
					    ("\x9b"
					     "a"),
					    "\xc3\xa9",
					    "a\x7f"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_header(CONFIG_PROFILE, names[i], NULL);
}

static void values_that_do_not_come_back_are_refused(void)
{
	static const char *const bad[] = {"",
					  " a",
					  "a ",
					  "a\nb",
					  "a\rb",
					  "a #b",
					  "a\t;b",
					  "#a",
					  ";a",
					  "a\033[0m",
					  "\xff",
					  "a\xc2\xa0",
					  ("\xe3\x80\x80"
					   "a"),
					  "\xe2\x80\xae"};
	static const char *const good[] = {"a",   "a b",          "https://h/start/#/",
					   "a;b", "/p 'a b' --c", "\xc3\xa9"};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!config_check_value("x", bad[i], &err) && err.kind == ERROR_CONFIG);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(config_check_value("x", good[i], &err));
}

int main(void)
{
	every_character_comes_back_or_is_refused();
	names_are_quoted_only_where_they_must_be();
	names_that_others_misread_are_refused();
	values_that_do_not_come_back_are_refused();
	return 0;
}
