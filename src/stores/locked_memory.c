#include "stores/locked_memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/wipe.h"

#define ARENA_SIZE (1024 * 1024) /* only pages in use are locked */

/* In front of each block of the arena, so that the block can be erased. */
struct block {
	_Alignas(max_align_t) size_t size;
};

static char *arena;
static size_t used;

void locked_memory_init(void)
{
	void *p = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	madvise(p, ARENA_SIZE, MADV_DONTDUMP);
	/* What RLIMIT_MEMLOCK allows: the front is used first. */
	for (size_t n = ARENA_SIZE; n > 0 && mlock2(p, n, MLOCK_ONFAULT) != 0;)
		n /= 2;
	arena = p;
}

void *locked_alloc(size_t size)
{
	const size_t align = _Alignof(struct block);
	struct block *block;
	size_t whole;

	if (!arena || size > ARENA_SIZE / 2)
		return wipe_malloc(size);
	whole = sizeof(*block) + (size + align - 1) / align * align;
	if (whole > ARENA_SIZE - used)
		return wipe_malloc(size);
	block = (void *)(arena + used);
	block->size = size;
	used += whole;
	return block + 1;
}

static bool is_in_arena(const void *p)
{
	return arena && (uintptr_t)p >= (uintptr_t)arena && (uintptr_t)p < (uintptr_t)arena + ARENA_SIZE;
}

void locked_release(void *p)
{
	if (is_in_arena(p))
		explicit_bzero(p, ((struct block *)p - 1)->size);
	else
		wipe_free(p);
}

static void release(void *p, size_t size)
{
	(void)size;
	locked_release(p);
}

const struct buffer_memory locked_memory = {locked_alloc, release};
