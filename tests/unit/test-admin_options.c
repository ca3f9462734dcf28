#include "cli/admin_options.h"

#include "base/cleanup.h"
#include "check.h"
#include "cli/admin_plan.h"
#include "cli/options.h"

static char *repeated(const char *text, size_t n, char *ret)
{
	ret[0] = '\0';
	for (size_t i = 0; i < n; i++)
		memcpy(ret + i * strlen(text), text, strlen(text) + 1);
	return ret;
}

static bool takes(option_fn parse, const char *text)
{
	const char *value = NULL;
	struct error err = {0};
	bool ok = parse(text, &value, &err);

	CHECK(ok ? value == text : err.kind == ERROR_USAGE && value == NULL);
	return ok;
}

static void names_are_in_any_script(void)
{
	static const char *const good[] = {"alice",  "alice@example.com", "\u00fcn\u00ef", "\u9ec4", "a",
					   "x_y-z.1"};
	static const char *const bad[] = {"",
					  "a b",
					  "a\tb",
					  "a\nb",
					  "\x7f",
					  "a\u00a0"
					  "b",
					  "\u3000x",
					  "\u202e"
					  "a",
					  "\u2028",
					  "\xff",
					  "\xc2\x9b"
					  "2J"};
	static char text[8192];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(takes(option_user_name, good[i]) && takes(option_name, good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!takes(option_user_name, bad[i]));
	CHECK(takes(option_name, "Alice Pleasance Liddell") && takes(option_name, "\u674e \u3000 x"));
	CHECK(!takes(option_name, "") && !takes(option_name, "a\nb") && !takes(option_name, "a\u202e"));
	CHECK(takes(option_user_name, repeated("\u00fc", 128, text)));
	CHECK(!takes(option_user_name, repeated("\u00fc", 129, text)));
	CHECK(takes(option_name, repeated("\u9ec4", 1024, text)));
	CHECK(!takes(option_name, repeated("\u9ec4", 1025, text)));
}

static void an_address_has_one_at(void)
{
	static const char *const good[] = {"alice@example.com", "a+b@example.com", "x@localhost",
					   "\u00fc@b.de"};
	static const char *const bad[] = {
		"", "alice", "@example.com", "alice@", "a@b@c", "a b@example.com", "a@.com", "a@b.", "a@b\n"};
	static char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(takes(option_email, good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!takes(option_email, bad[i]));
	repeated("a", 300, text);
	text[10] = '@';
	CHECK(!takes(option_email, text));
}

static void sessions_last_from_one_hour_to_twelve(void)
{
	static const struct {
		const char *text;
		int64_t s; /* 0: refused */
	} rows[] = {
		{"1h", 3600}, {"12h", 43200}, {"90m", 5400}, {"3600", 3600}, {"59m", 0},
		{"12h1s", 0}, {"1d", 0},      {"0", 0},      {"PT1H", 0},    {"", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		int64_t s = 0;

		CHECK(option_session_length(rows[i].text, &s, &err) == (rows[i].s != 0));
		CHECK(s == rows[i].s);
	}
}

static void what_is_given_several_times_is_gathered_once(void)
{
	struct grant_list list = {.n = 0};
	struct error err = {0};

	CHECK(option_policy("ReadOnlyAccess", &list, &err) && option_policy("Billing", &list, &err));
	CHECK(option_policy("ReadOnlyAccess", &list, &err) && list.n == 2);
	CHECK_STR(list.texts[1], "Billing");
	CHECK(!option_policy("arn:aws:iam::111122223333:policy/Mine", &list, &err) && list.n == 2);
	list.n = 0;
	CHECK(option_target_account("111122223333", &list, &err) && list.n == 1);
	CHECK(!option_target_account("11112222333", &list, &err) && err.kind == ERROR_USAGE);
}

static void a_list_has_an_end(void)
{
	static const char names[GRANT_LIST_MAX + 1][3] = {"a", "b", "c", "d", "e", "f", "g",
							  "h", "i", "j", "k", "l", "m", "n",
							  "o", "p", "q", "r", "s", "t", "u"};
	struct grant_list list = {.n = 0};
	struct error err = {0};

	for (size_t i = 0; i < GRANT_LIST_MAX; i++)
		CHECK(option_policy(names[i], &list, &err));
	CHECK(!option_policy(names[GRANT_LIST_MAX], &list, &err) &&
	      strstr(err.message, "more than 20 times"));
	CHECK(option_policy(names[0], &list, &err));
}

int main(void)
{
	names_are_in_any_script();
	an_address_has_one_at();
	sessions_last_from_one_hour_to_twelve();
	what_is_given_several_times_is_gathered_once();
	a_list_has_an_end();
	return 0;
}
