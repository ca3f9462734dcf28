#pragma once
/*
 * Allocation that cannot fail: out of memory says so on stderr and aborts.
 *
 * The state that matters is in the store and a client starts the daemon again, so an abort costs a person
 * nothing, while a failure path in nearly every function would cost every reader. Whatever is sized by a peer
 * has a cap that is checked before anything here is called.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/cleanup.h"

void *xcalloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
/* For arrays of plain data; never for secrets, realloc() would leave a copy behind. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t n) __attribute__((malloc, returns_nonnull));
char *xvasprintf(const char *format, va_list args)
	__attribute__((format(printf, 1, 0), malloc, returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

/* xstrdup() that maps NULL to NULL. */
char *xstrdup_or_null(const char *text);
/* Frees *slot and puts a copy of text, or NULL, there. */
void xstrdup_to(char **slot, const char *text);

static inline void freep(void *p)
{
	free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(freep)
