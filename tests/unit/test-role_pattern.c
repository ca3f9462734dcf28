#include "aws/role_pattern.h"

#include "check.h"

static const struct role_name role = {"012345678901", "Pay/Roll EU", "Power+User"};
static const struct role_name account = {"012345678901", "Pay/Roll EU", NULL};
static const struct role_name nameless = {"012345678901", NULL, "Power+User"};

static bool matches(const char *pattern, const struct role_name *name)
{
	return role_pattern_matches(pattern, strlen(pattern), name);
}

static void a_pattern_is_an_account_or_an_account_and_a_role(void)
{
	CHECK(matches("*", &role));
	CHECK(matches("012345678901", &role) && matches("0123*", &role));
	CHECK(matches("pay*", &role) && matches("pay/roll*/*", &role));
	CHECK(!matches("pay/roll*", &role)); /* the last slash is the one before the role */
	CHECK(matches("*/power+user", &role) && matches("*/Power*", &role));
	CHECK(!matches("*/Read*", &role) && !matches("1*/Power*", &role));
	CHECK(matches("*/Power*", &nameless) && !matches("*EU/*", &nameless));
	CHECK(!role_pattern_matches("*/Read", 0, &role) && role_pattern_matches("*/Read", 1, &role));
}

static void an_account_alone_may_have_any_role(void)
{
	CHECK(matches("*/Read*", &account) && !matches("1*/Read*", &account));
}

static void only_patterns_without_a_role_match_all_of_an_account(void)
{
	const struct role_patterns some = {{"0*/Read*", "1*"}, 2}, whole = {{"x", "0*/*"}, 2},
				   none = {{0}, 0};

	CHECK(role_patterns_match(&some, &account) && !role_patterns_match_whole_account(&some, &account));
	CHECK(!role_patterns_match(&some, &role));
	CHECK(role_patterns_match(&whole, &role) && role_patterns_match_whole_account(&whole, &account));
	CHECK(!role_patterns_match(&none, &role) && !role_patterns_match_whole_account(&none, &account));
}

static void an_option_is_given_so_often_and_never_empty(void)
{
	struct role_patterns patterns = {0};
	struct error err = {0};

	CHECK(!role_patterns_add(&patterns, "", &err) && err.kind == ERROR_USAGE);
	for (int i = 0; i < ROLE_PATTERNS_MAX; i++)
		CHECK(role_patterns_add(&patterns, "x", &err));
	CHECK(!role_patterns_add(&patterns, "x", &err) && err.kind == ERROR_USAGE);
}

static void in_a_list_a_word_alone_is_a_role(void)
{
	CHECK(role_list_matches("*admin* power+user", &nameless) &&
	      !role_list_matches("*admin*,Bill?ng", &nameless));
	CHECK(role_list_matches(" x, 0123*/power* ,", &nameless) &&
	      !role_list_matches("1*/Power*", &nameless));
	CHECK(role_list_matches("x,*", &nameless) && !role_list_matches("012345678901", &nameless));
	CHECK(!role_list_matches("", &nameless) && !role_list_matches(" , ", &nameless));
}

int main(void)
{
	in_a_list_a_word_alone_is_a_role();
	a_pattern_is_an_account_or_an_account_and_a_role();
	an_account_alone_may_have_any_role();
	only_patterns_without_a_role_match_all_of_an_account();
	an_option_is_given_so_often_and_never_empty();
	return 0;
}
