#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_fill(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	err->kind = kind;
	err->retry_at = 0;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
}

void error_fill_errno(struct error *err, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t n;

	err->kind = ERROR_INTERNAL;
	err->retry_at = 0;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	n = strlen(err->message);
	snprintf(err->message + n, sizeof(err->message) - n, ": %s", strerror(saved));
}

void error_put_before(struct error *err, const char *format, ...)
{
	char old[sizeof(err->message)];
	va_list args;
	size_t n;

	memcpy(old, err->message, sizeof(old));
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	n = strlen(err->message);
	for (const char *p = ": "; *p && n < sizeof(err->message) - 1; p++)
		err->message[n++] = *p;
	for (const char *p = old; *p && n < sizeof(err->message) - 1; p++)
		err->message[n++] = *p;
	err->message[n] = '\0';
}
