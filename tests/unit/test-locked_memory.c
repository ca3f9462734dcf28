#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "check.h"
#include "stores/locked_memory.h"

static void it_serves_before_there_is_an_arena(void)
{
	char *p = locked_alloc(100);

	CHECK(p);
	memset(p, 'x', 100);
	locked_release(p);
	locked_release(NULL);
}

static void blocks_are_aligned_and_apart(void)
{
	char *before = locked_alloc(1);

	for (size_t size = 1; size < 100; size++) {
		char *p = locked_alloc(size);

		CHECK((uintptr_t)p % _Alignof(max_align_t) == 0);
		CHECK(p > before);
		memset(p, 'x', size);
		before = p;
	}
	locked_release(before);
}

static void what_is_given_back_is_erased(void)
{
	const volatile char *p = locked_alloc(1000);

	memset((char *)(uintptr_t)p, 'S', 1000);
	locked_release((void *)(uintptr_t)p);
	for (size_t i = 0; i < 1000; i++)
		CHECK(p[i] == 0);
}

static void what_malloc_gave_is_taken_as_well(void)
{
	locked_release(malloc(100));
}

/* ARENA_SIZE in all, and then some. */
static void when_it_is_used_up_the_heap_serves(void)
{
	static char *blocks[40];

	for (size_t i = 0; i < 40; i++) {
		blocks[i] = locked_alloc(64 * 1024);
		CHECK(blocks[i]);
		memset(blocks[i], (char)i, 64 * 1024);
	}
	for (size_t i = 0; i < 40; i++) {
		CHECK(blocks[i][0] == (char)i && blocks[i][64 * 1024 - 1] == (char)i);
		locked_release(blocks[i]);
	}
	CHECK(locked_memory.alloc(16));
}

static void what_is_huge_is_no_trouble(void)
{
	char *p = locked_alloc(16 * 1024 * 1024);

	CHECK(p);
	memset(p, 'x', 16 * 1024 * 1024);
	locked_memory.release(p, 16 * 1024 * 1024);
}

/* "dd" keeps a mapping out of core dumps. */
static void it_is_kept_out_of_dumps(void)
{
	const char *p = locked_alloc(16);
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[512];
	bool is_inside = false, is_kept_out = false;

	CHECK(maps);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long begin, end;

		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			is_inside = (uintptr_t)p >= begin && (uintptr_t)p < end;
		else if (is_inside && strncmp(line, "VmFlags:", 8) == 0)
			is_kept_out = strstr(line, " dd") != NULL;
	}
	fclose(maps);
	CHECK(is_kept_out);
}

int main(void)
{
	it_serves_before_there_is_an_arena();
	locked_memory_init();
	it_is_kept_out_of_dumps();
	blocks_are_aligned_and_apart();
	what_is_given_back_is_erased();
	what_malloc_gave_is_taken_as_well();
	when_it_is_used_up_the_heap_serves();
	what_is_huge_is_no_trouble();
	return 0;
}
