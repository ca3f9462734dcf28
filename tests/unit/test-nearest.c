#include "base/nearest.h"

#include "base/cleanup.h"
#include "check.h"

static const char *nearest_of(const char *word, size_t len)
{
	static const char *const names[] = {"login", "logout",      "status", "accounts",
					    "roles", "sso-session", "a"};
	struct nearest nearest = {.word = word, .len = len};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		nearest_try(&nearest, names[i]);
	return nearest.name;
}

static void slips_are_understood(void)
{
	CHECK_STR(nearest_of("login", 0), "login");
	CHECK_STR(nearest_of("lgoin", 0), "login");
	CHECK_STR(nearest_of("logn", 0), "login");
	CHECK_STR(nearest_of("logutt", 0), "logout");
	CHECK_STR(nearest_of("acounts", 0), "accounts");
	CHECK_STR(nearest_of("role", 0), "roles");
	CHECK_STR(nearest_of("sso_sesion", 0), "sso-session");
}

static void the_beginning_of_a_name_is_enough(void)
{
	CHECK_STR(nearest_of("acc", 0), "accounts");
	CHECK_STR(nearest_of("sso", 0), "sso-session");
}

static void only_len_bytes_count(void)
{
	CHECK_STR(nearest_of("statsu=x", 6), "status");
}

static void what_is_like_nothing_has_no_nearest(void)
{
	CHECK(!nearest_of("frobnicate", 0));
	CHECK(!nearest_of("", 0));
	CHECK(!nearest_of("x", 0));
	CHECK(!nearest_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0));
}

int main(void)
{
	slips_are_understood();
	the_beginning_of_a_name_is_enough();
	only_len_bytes_count();
	what_is_like_nothing_has_no_nearest();
	return 0;
}
