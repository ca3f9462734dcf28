#include <malloc.h>
#include <stdint.h>

#include "base/wipe.h"
#include "check.h"

/* Under ASan too much memory is to be NULL, as it is without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void memory_is_as_malloc_gives_it(void)
{
	char *p = wipe_malloc(100), *q = wipe_calloc(10, 10);

	CHECK(p && q);
	memset(p, 'x', 100);
	for (int i = 0; i < 100; i++)
		CHECK(q[i] == 0);
	wipe_free(p);
	wipe_free(q);
	wipe_free(NULL);
}

static void too_much_is_null(void)
{
	volatile size_t most = SIZE_MAX;
	char *p = wipe_malloc(8);

	memcpy(p, "kept", 5);
	CHECK(!wipe_calloc(most, 2));
	CHECK(!wipe_realloc(p, most / 2));
	CHECK_STR(p, "kept");
	wipe_free(p);
}

static void realloc_keeps_what_fits(void)
{
	char *p = wipe_realloc(NULL, 4);

	memcpy(p, "abc", 4);
	p = wipe_realloc(p, 1000);
	CHECK_STR(p, "abc");
	p = wipe_realloc(p, 2);
	CHECK(p[0] == 'a' && p[1] == 'b');
	CHECK(!wipe_realloc(p, 0));
	p = wipe_strdup("text");
	CHECK_STR(p, "text");
	wipe_free(p);
}

/*
 * Blocks that malloc() gave are looked at after they were freed, through a number that the compiler does not
 * follow; the first bytes then hold malloc's own links. Not under a sanitizer, for which this is a crime.
 */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define IS_WATCHED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define IS_WATCHED
#endif

#ifdef IS_WATCHED
static void what_is_freed_is_erased(void)
{
}
#else
#define OWN_LINKS 32

static size_t residue(uintptr_t block, size_t size)
{
	const volatile char *p;
	size_t n = 0;

	__asm__ volatile("" : "+r"(block));
	p = (const volatile char *)block;
	for (size_t i = OWN_LINKS; i < size; i++)
		n += p[i] == 'S';
	return n;
}

static void what_is_freed_is_erased(void)
{
	char *p = wipe_malloc(500), *q;
	uintptr_t block = (uintptr_t)p;

	memset(p, 'S', 500);
	CHECK(residue(block, 500) == 500 - OWN_LINKS);
	wipe_free(p);
	CHECK(residue(block, 500) == 0);
	p = wipe_malloc(500);
	block = (uintptr_t)p;
	memset(p, 'S', 500);
	q = wipe_realloc(p, 5000);
	CHECK(q && residue(block, 500) == 0);
	wipe_free(q);
}
#endif

int main(void)
{
	memory_is_as_malloc_gives_it();
	too_much_is_null();
	realloc_keeps_what_fits();
	what_is_freed_is_erased();
	return 0;
}
