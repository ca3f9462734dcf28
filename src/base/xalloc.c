#include "base/xalloc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *p)
{
	static const char message[] = "iamic: out of memory\n";

	if (!p) {
		ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);

		(void)ignored;
		abort();
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n ? n : 1, size));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xstrndup(const char *text, size_t n)
{
	return checked(strndup(text, n));
}

char *xvasprintf(const char *format, va_list args)
{
	char *text = NULL;
	int n = vasprintf(&text, format, args);

	return checked(n < 0 ? NULL : text);
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return text;
}

char *xstrdup_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void xstrdup_to(char **slot, const char *text)
{
	char *copy = xstrdup_or_null(text);

	free(*slot);
	*slot = copy;
}
