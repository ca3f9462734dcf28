#include <errno.h>

#include "base/error.h"
#include "check.h"

static void set_is_false_and_keeps_kind_and_words(void)
{
	struct error err = {.retry_at = 7};

	CHECK(!error_set(&err, ERROR_DENIED, "no %s", "entry"));
	CHECK(err.kind == ERROR_DENIED && err.retry_at == 0);
	CHECK_STR(err.message, "no entry");
}

static void errno_is_put_into_words(void)
{
	struct error err;

	errno = ENOENT;
	CHECK(!error_errno(&err, "cannot open '%s'", "x"));
	CHECK(err.kind == ERROR_INTERNAL);
	CHECK_STR(err.message, "cannot open 'x': No such file or directory");
}

static void a_long_message_is_cut_not_overrun(void)
{
	struct error err;

	errno = ENOENT;
	CHECK(!error_errno(&err, "%0600d", 7));
	CHECK(strlen(err.message) == sizeof(err.message) - 1);
	CHECK(!error_set(&err, ERROR_CONFIG, "%0600d", 7));
	CHECK(strlen(err.message) == sizeof(err.message) - 1);
	CHECK(!error_prefix(&err, "%0600d", 7));
	CHECK(strlen(err.message) == sizeof(err.message) - 1);
}

static void a_prefix_keeps_kind_and_time_and_cuts_at_the_end(void)
{
	struct error err;

	error_fill(&err, ERROR_UNAVAILABLE, "%0505d", 7);
	err.retry_at = 42;
	CHECK(!error_prefix(&err, "session '%s'", "corp"));
	CHECK(err.kind == ERROR_UNAVAILABLE && err.retry_at == 42);
	CHECK(strncmp(err.message, "session 'corp': 000", 19) == 0);
	CHECK(strlen(err.message) == sizeof(err.message) - 1);
}

static void the_kinds_are_the_exit_statuses(void)
{
	CHECK(ERROR_INTERNAL == 1 && ERROR_USAGE == 2 && ERROR_LOGIN_REQUIRED == 3 && ERROR_DENIED == 4);
	CHECK(ERROR_UNAVAILABLE == 5 && ERROR_TIMED_OUT == 6 && ERROR_CONFIG == 7 && ERROR_STORE == 8);
	CHECK(ERROR_LOCKED == 9);
}

int main(void)
{
	set_is_false_and_keeps_kind_and_words();
	errno_is_put_into_words();
	a_long_message_is_cut_not_overrun();
	a_prefix_keeps_kind_and_time_and_cuts_at_the_end();
	the_kinds_are_the_exit_statuses();
	return 0;
}
