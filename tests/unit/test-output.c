/* What is shown: nothing that moves a cursor, times as a person says them, JSON that escapes what could lie.
 */
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"
#include "cli/output.h"

#define NOON INT64_C(1769860800) /* 2026-01-31T12:00:00Z */

/* What fn() prints, for free(). */
static char *printed_by(void (*fn)(void))
{
	static char text[4096];
	FILE *file = tmpfile();
	int saved;
	size_t n;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	CHECK(file && saved >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
	fn();
	fflush(stdout);
	CHECK(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

static void a_time_is_local_and_tells_how_far_away_it_is(void)
{
	static const struct {
		int64_t after;
		const char *text;
	} cases[] = {
		{0, "12:00 (now)"},
		{59, "12:00 (in 59 s)"},
		{60, "12:01 (in 1 min)"},
		{42 * 60 + 59, "12:42 (in 42 min)"},
		{3600, "13:00 (in 1 h)"},
		{3 * 3600 + 5 * 60, "15:05 (in 3 h 5 min)"},
		{11 * 3600 + 59 * 60, "23:59 (in 11 h)"},
		{12 * 3600, "2026-02-01 00:00 (in 12 h)"},
		{5 * 86400, "2026-02-05 12:00 (in 5 days)"},
		{-1, "11:59 (1 s ago)"},
		{-7200, "10:00 (2 h ago)"},
	};
	char text[TIME_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_STR(time_text(NOON + cases[i].after, NOON, text), cases[i].text);
	setenv("TZ", "IST-5:30", 1);
	tzset();
	CHECK_STR(time_text(NOON, NOON, text), "17:30 (now)");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void a_time_out_of_all_bounds_is_still_text(void)
{
	char text[TIME_TEXT_SIZE];

	CHECK(strlen(time_text(INT64_MAX, NOON, text)) < TIME_TEXT_SIZE);
	CHECK(strlen(time_text(INT64_MIN + NOON + 1, NOON, text)) < TIME_TEXT_SIZE);
	CHECK(strlen(span_text(INT64_MAX, INT64_MIN, text)) < TIME_TEXT_SIZE);
}

static void print_hostile_rows(void)
{
	static const char *const rows[][3] = {
		{"111122223333", "Prod\033]0;x\007", "a@example.com"},
		{"444455556666", "\xe2\x80\xaeoops", NULL},
		{"777788889999", "\xff\xfe\n", "b@example.com"},
	};
	struct table table = {.n_columns = 3};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		table_fit(&table, rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		table_row(&table, rows[i]);
	print_field("label", "%s", "one\rtwo\nthree");
	print_styled(STYLE_BAD, "plain\t");
}

static void nothing_that_a_terminal_would_obey_is_printed(void)
{
	CHECK_STR(printed_by(print_hostile_rows), "111122223333  Prod?]0;x?  a@example.com\n"
						  "444455556666  ?oops       -\n"
						  "777788889999  ???         b@example.com\n"
						  "  label      one?two?three\n"
						  "plain?");
}

static void print_two_pages(void)
{
	static const char *const first[] = {"1", "short"}, *const second[] = {"22", "x"};
	struct table table = {.n_columns = 2, .indent = 2};

	table_fit(&table, first);
	table_row(&table, first);
	table_fit(&table, second);
	table_row(&table, second);
}

static void a_later_page_may_widen_a_column(void)
{
	CHECK_STR(printed_by(print_two_pages), "  1  short\n  22  x\n");
}

static void print_long_cell(void)
{
	static const char *const cells[] = {"a cell that is much longer than a column ever grows to be", "x"};
	static const char *const shorter[] = {"y", "z"};
	struct table table = {.n_columns = 2};

	table_fit(&table, cells);
	table_row(&table, cells);
	table_row(&table, shorter);
}

static void one_long_name_does_not_push_all_others_away(void)
{
	CHECK_STR(printed_by(print_long_cell),
		  "a cell that is much longer than a column ever grows to be  x\n"
		  "y                                         z\n");
}

static void check_json(const char *value, const char *want)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(4096, &buffer_heap);
	json_t *json = json_pack("{s:s}", "k", value);

	CHECK(json && json_format(&out, json, true));
	CHECK_STR(out.data, want);
	json_decref(json);
}

static void json_escapes_every_kind_of_control_and_nothing_else(void)
{
	check_json("Z\xc3\xbcrich", "{\"k\":\"Z\xc3\xbcrich\"}");
	check_json("a\033b\n", "{\"k\":\"a\\u001Bb\\n\"}");
	check_json("\x7f", "{\"k\":\"\\u007f\"}");
	check_json("\xc2\x9b"
		   "2J",
		   "{\"k\":\"\\u009b2J\"}");
	check_json("a\xe2\x80\xae"
		   "b\xe2\x81\xa6",
		   "{\"k\":\"a\\u202eb\\u2066\"}");
	check_json("\"\\", "{\"k\":\"\\\"\\\\\"}");
	check_json("\xf0\x9f\x94\x91", "{\"k\":\"\xf0\x9f\x94\x91\"}");
}

static void json_that_does_not_fit_is_not_written_in_part(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(8, &buffer_heap);
	json_t *json = json_pack("{s:s}", "key", "\x7f\x7f\x7f");

	CHECK(!json_format(&out, json, true));
	json_decref(json);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	a_time_is_local_and_tells_how_far_away_it_is();
	a_time_out_of_all_bounds_is_still_text();
	nothing_that_a_terminal_would_obey_is_printed();
	a_later_page_may_widen_a_column();
	one_long_name_does_not_push_all_others_away();
	json_escapes_every_kind_of_control_and_nothing_else();
	json_that_does_not_fit_is_not_written_in_part();
	return 0;
}
