#include "base/environ.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

/* A trailing '_' stands for every variable that begins so. */
static const char *const unwanted[] = {
	"SSLKEYLOGFILE", /* libcurl writes TLS secrets there */
	"OPENSSL_CONF",  "OPENSSL_MODULES", "OPENSSL_ENGINES",  "HOSTALIASES",
	"RES_OPTIONS",   "MALLOC_",         "G_MESSAGES_DEBUG", "GIO_EXTRA_MODULES",
};

static int is_unwanted(const char *entry)
{
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		size_t n = strlen(unwanted[i]);

		if (strncmp(entry, unwanted[i], n) == 0 && (unwanted[i][n - 1] == '_' || entry[n] == '='))
			return 1;
	}
	return 0;
}

/* Entries are dropped from the array itself: unsetenv() takes a name, and a strange entry may have none. */
void environ_scrub(void)
{
	char **out = environ;

	if (!environ)
		return;
	for (char **in = environ; *in; in++) {
		if (!is_unwanted(*in))
			*out++ = *in;
	}
	*out = NULL;
}
