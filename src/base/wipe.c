#include "base/wipe.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *wipe_malloc(size_t size)
{
	return malloc(size);
}

void *wipe_calloc(size_t n, size_t size)
{
	return calloc(n, size);
}

void *wipe_realloc(void *p, size_t size)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *fresh;

	if (p && size == 0) {
		wipe_free(p);
		return NULL;
	}
	fresh = malloc(size);
	if (!fresh || !p)
		return fresh;
	memcpy(fresh, p, old < size ? old : size);
	wipe_free(p);
	return fresh;
}

char *wipe_strdup(const char *text)
{
	return strdup(text);
}

/* The barrier hides from the compiler which block this is, and with it the size that was asked for. */
void wipe_free(void *p)
{
	if (!p)
		return;
	__asm__ volatile("" : "+r"(p));
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}
