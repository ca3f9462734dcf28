#include "aws/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define CAPACITY_FIRST 16

struct name_slot {
	const char *name; /* NULL: free */
	uint64_t hash;
	size_t number;
};

/* FNV-1a. */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		hash = (hash ^ *p) * 0x100000001b3;
	return hash;
}

/* The slot that holds the name, or the free one where it belongs. */
static struct name_slot *probe(const struct names *names, const char *name, uint64_t hash)
{
	for (size_t i = hash & (names->capacity - 1);; i = (i + 1) & (names->capacity - 1)) {
		struct name_slot *slot = &names->slots[i];

		if (!slot->name || (slot->hash == hash && strcmp(slot->name, name) == 0))
			return slot;
	}
}

static void grow(struct names *names)
{
	size_t capacity = names->capacity ? names->capacity * 2 : CAPACITY_FIRST;
	struct names bigger = {xcalloc(capacity, sizeof(*names->slots)), capacity, names->n};

	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i].name)
			*probe(&bigger, names->slots[i].name, names->slots[i].hash) = names->slots[i];
	free(names->slots);
	*names = bigger;
}

bool names_add(struct names *names, const char *name, size_t number)
{
	uint64_t hash = hash_of(name);

	if (names->n * 2 >= names->capacity)
		grow(names);
	struct name_slot *slot = probe(names, name, hash);
	if (slot->name)
		return false;
	*slot = (struct name_slot){name, hash, number};
	names->n++;
	return true;
}

bool names_find(const struct names *names, const char *name, size_t *ret_number)
{
	const struct name_slot *slot = names->n ? probe(names, name, hash_of(name)) : NULL;

	if (!slot || !slot->name)
		return false;
	*ret_number = slot->number;
	return true;
}

void names_done(struct names *names)
{
	free(names->slots);
	*names = (struct names){0};
}
