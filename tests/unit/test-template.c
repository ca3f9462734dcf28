#include "aws/template.h"

#include "base/xalloc.h"
#include "check.h"

static const struct template_values usual = {"Pay Roll (EU)", "012345678901", "Power+User", "corp"};

/* What comes out, or the error's message. */
static char *made(const char *text, const struct template_values *values)
{
	_cleanup_(template_freep) struct template *template = NULL;
	struct error err = {0};
	char *name;

	if (!template_parse(text, &template, &err)) {
		CHECK(err.kind == ERROR_USAGE);
		return xstrdup(err.message);
	}
	if (!template_format(template, values, &name, &err)) {
		CHECK(err.kind == ERROR_CONFIG);
		return xstrdup(err.message);
	}
	return name;
}

static void check_made(const char *text, const struct template_values *values, const char *want)
{
	_cleanup_free_ char *got = made(text, values);

	CHECK_STR(got, want);
}

static void fields_and_filters_make_a_name(void)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
		{"{account_id}", "012345678901"},
		{"{account_name}", "Pay Roll (EU)"},
		{"{account_name|lower}", "pay roll (eu)"},
		{"{account_name|slug}-{role_name|lower}", "pay-roll-eu-power+user"},
		{"{session}/{role_name|slug}", "corp/power-user"},
		{"x", "x"},
		{"{role_name|replace:+:_}", "Power_User"},
		{"{role_name|replace:er::}",
		 "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty"},
		{"{role_name|replace:er:}", "Pow+Us"},
		{"{role_name|replace:er:er}", "Power+User"},
		{"{role_name|replace:e:ee|replace:ee:e|lower}", "power+user"},
		{"{account_name|replace: :-|lower}", "pay-roll-(eu)"},
		{"{session|slug|slug|lower}", "corp"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_made(rows[i].text, &usual, rows[i].name);
}

static void an_account_without_a_name_that_is_left_goes_by_its_id(void)
{
	static const char *const names[] = {NULL, "", "日本", "--- \x01\x1b ---"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct template_values values = {names[i], "000000000001", "R", "s"};

		check_made("{account_name|slug}-{role_name}", &values, "000000000001-R");
	}
}

static void a_slug_holds_nothing_but_letters_and_digits_with_single_dashes_between(void)
{
	static const struct {
		const char *name, *slug;
	} rows[] = {
		{"A", "a"},
		{"a  b", "a-b"},
		{"[x]\n[profile y]", "x-profile-y"},
		{"'; rm -rf / #", "rm-rf"},
		{"\x1b]0;title\x07z", "0-title-z"},
		{"Gr\xc3\xb6\xc3\x9f"
		 "e 7",
		 "gr-e-7"},
		{"_a.b_", "a-b"},
		{"\xff\xfe"
		 "a",
		 "a"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct template_values values = {rows[i].name, "1", "R", "s"};

		check_made("{account_name|slug}", &values, rows[i].slug);
	}
}

static void what_is_no_template_says_what_is_wrong(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"{", "a brace is not closed: write fields as {account_name} or {role_name|lower}"},
		{"a}", "a brace closes nothing: write fields as {account_name} or {role_name|lower}"},
		{"{a{session}}",
		 "a brace is not closed: write fields as {account_name} or {role_name|lower}"},
		{"{}", "there is no field '': use account_name, account_id, role_name or session"},
		{"{ session }",
		 "there is no field ' session ': use account_name, account_id, role_name or session"},
		{"{\x1b}", "there is no field '?': use account_name, account_id, role_name or session"},
		{"{session|}", "there is no filter '': use lower, slug or replace:TEXT:OTHER"},
		{"{session|upper}", "there is no filter 'upper': use lower, slug or replace:TEXT:OTHER"},
		{"{session|lower:x}", "there is no filter 'lower': use lower, slug or replace:TEXT:OTHER"},
		{"{session|replace}",
		 "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty"},
		{"{session|replace:a}",
		 "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty"},
		{"{session|replace::a}",
		 "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_made(rows[i].text, &usual, rows[i].message);
}

static void a_name_that_is_empty_or_too_long_is_none(void)
{
	static const char long_error[] =
		"the profile's name would be longer than 128 bytes: use another template, or leave it out";
	char name[5001] = "";
	const struct template_values values = {name, "1", "R", ""};

	check_made("", &values, "the profile's name would be empty: use another template");
	check_made("{session}", &values, "the profile's name would be empty: use another template");
	memset(name, 'x', TEMPLATE_NAME_MAX);
	check_made("{account_name}", &values, name);
	check_made("{account_name}-", &values, long_error);
	check_made("{account_name|replace:x:y}x", &values, long_error);
	check_made("{account_name|replace:x:xxxxxxxxxxxxxxxx|replace:x:xxxxxxxxxxxxxxxx|replace:x:}", &values,
		   long_error);
	memset(name, 'x', sizeof(name) - 1);
	check_made("{account_name|slug}", &values, long_error);
}

int main(void)
{
	fields_and_filters_make_a_name();
	an_account_without_a_name_that_is_left_goes_by_its_id();
	a_slug_holds_nothing_but_letters_and_digits_with_single_dashes_between();
	what_is_no_template_says_what_is_wrong();
	a_name_that_is_empty_or_too_long_is_none();
	return 0;
}
