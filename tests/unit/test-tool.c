#include "cli/tool.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "check.h"

#define PATIENCE (10 * USEC_PER_SEC)

static struct tool_answer ask(const char *script, uint64_t patience)
{
	struct tool_answer answer;

	tool_ask("sh -c", (const char *const[]){script, NULL}, patience, &answer);
	return answer;
}

static void check(const char *script, int status, const char *text)
{
	_cleanup_(tool_answer_done) struct tool_answer answer = ask(script, PATIENCE);

	CHECK(answer.status == status);
	CHECK_STR(answer.text, text);
}

static void what_it_says_and_how_it_ends_is_told(void)
{
	check("echo a; echo b >&2; exit 3", 3, "a\nb\n");
	check("exit 0", 0, "");
	check("kill -TERM $$", 128 + SIGTERM, "");
	check("cat", 0, ""); /* there is no input */
}

static void one_that_is_not_there_is_no_failure_of_one_that_is(void)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;

	tool_ask("/nonexistent/program", NULL, PATIENCE, &answer);
	CHECK(answer.status == TOOL_NOT_THERE);
	CHECK_STR(answer.text, "");
}

static void nobody_is_waited_for_longer_than_that(void)
{
	uint64_t began = clock_boot_usec();
	_cleanup_(tool_answer_done) struct tool_answer answer =
		ask("echo a; exec sleep 60", 200 * USEC_PER_MSEC);

	CHECK(answer.status == TOOL_SILENT && answer.text);
	CHECK(clock_boot_usec() - began < PATIENCE);
}

static void what_it_leaves_behind_is_not_waited_for(void)
{
	uint64_t began = clock_boot_usec();
	_cleanup_(tool_answer_done) struct tool_answer answer = ask("echo a; sleep 5 & exit 4", PATIENCE);

	CHECK(answer.status == 4);
	CHECK_STR(answer.text, "a\n");
	CHECK(clock_boot_usec() - began < 4 * USEC_PER_SEC);
}

static void more_than_a_pipe_holds_is_taken_and_more_than_that_is_not_listened_to(void)
{
	_cleanup_(tool_answer_done) struct tool_answer much =
		ask("head -c 40000 /dev/zero | tr '\\0' x; printf y", PATIENCE);
	_cleanup_(tool_answer_done) struct tool_answer more =
		ask("head -c 400000 /dev/zero | tr '\\0' x; exit 0", PATIENCE);

	CHECK(much.status == 0 && strlen(much.text) == 40001 && much.text[40000] == 'y');
	CHECK(more.status >= 0 && strlen(more.text) <= TOOL_TEXT_MAX);
}

static void check_last(const char *script, const char *expected)
{
	_cleanup_(tool_answer_done) struct tool_answer answer = ask(script, PATIENCE);
	_cleanup_free_ char *line = tool_last_line(&answer);

	CHECK_STR(line, expected);
}

static void the_last_line_is_what_it_ended_with(void)
{
	check_last("echo a; printf ' b\\033[1m \\n\\n'", " b?[1m");
	check_last("printf 'a\\nb'", "b");
	check_last("exit 1", "");
	check_last("echo", "");
}

int main(void)
{
	what_it_says_and_how_it_ends_is_told();
	one_that_is_not_there_is_no_failure_of_one_that_is();
	nobody_is_waited_for_longer_than_that();
	what_it_leaves_behind_is_not_waited_for();
	more_than_a_pipe_holds_is_taken_and_more_than_that_is_not_listened_to();
	the_last_line_is_what_it_ended_with();
	return 0;
}
