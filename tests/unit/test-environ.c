#include <stdbool.h>
#include <unistd.h>

#include "base/environ.h"
#include "check.h"

static bool has(const char *entry)
{
	for (char **p = environ; *p; p++) {
		if (strcmp(*p, entry) == 0)
			return true;
	}
	return false;
}

static void what_steers_libraries_is_taken_away(void)
{
	static char entries[][40] = {
		"HOME=/home/x",
		"SSLKEYLOGFILE=/tmp/keys",
		"OPENSSL_CONF=/tmp/c",
		"OPENSSL_MODULES=/tmp",
		"OPENSSL_ENGINES=",
		"HOSTALIASES=/tmp/h",
		"RES_OPTIONS=x",
		"MALLOC_PERTURB_=1",
		"MALLOC_=",
		"G_MESSAGES_DEBUG=all",
		"GIO_EXTRA_MODULES=/",
		"PATH=/bin",
		"SSLKEYLOGFILE2=kept",
		"OPENSSL_CONFIGURED=kept",
		"XMALLOC_=kept",
		"noname",
		"=odd",
		"",
		"SSLKEYLOGFILE=again",
		"SSLKEYLOGFILE",
	};
	static char *list[sizeof(entries) / sizeof(entries[0]) + 1];
	char **saved = environ;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		list[i] = entries[i];
	environ = list;
	environ_scrub();
	while (environ[n])
		n++;
	CHECK(has("HOME=/home/x") && has("PATH=/bin") && has("noname") && has("=odd") && has(""));
	CHECK(has("SSLKEYLOGFILE2=kept") && has("OPENSSL_CONFIGURED=kept") && has("XMALLOC_=kept"));
	CHECK(has("SSLKEYLOGFILE"));
	CHECK(n == 9);
	CHECK(!getenv("SSLKEYLOGFILE") && !getenv("MALLOC_PERTURB_"));
	environ = saved;
}

static void no_environment_at_all_is_none(void)
{
	char **saved = environ, *empty[] = {NULL};

	environ = empty;
	environ_scrub();
	CHECK(!environ[0]);
	environ = NULL;
	environ_scrub();
	environ = saved;
}

int main(void)
{
	what_steers_libraries_is_taken_away();
	no_environment_at_all_is_none();
	return 0;
}
