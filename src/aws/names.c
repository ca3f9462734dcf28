#include "aws/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct name_leaf {
	const char *name;
	unsigned number;
};

/*
 * Names below child[0] and child[1] differ first in this bit of this byte; the way down goes by rising byte
 * and falling bit. A child is the index of a node, or that of a leaf, times two, plus one for a leaf.
 */
struct name_node {
	unsigned child[2];
	uint32_t byte;
	uint32_t bit;
};

static bool is_leaf(unsigned child)
{
	return child & 1;
}

/* A name is as if followed by NULs without end. */
static unsigned side(const struct name_node *node, const char *name, size_t len)
{
	return node->byte < len && ((unsigned char)name[node->byte] & node->bit) != 0;
}

/* The leaf with that name, if there is one. */
static struct name_leaf *closest(const struct names *names, const char *name, size_t len)
{
	unsigned at = names->root;

	while (!is_leaf(at)) {
		const struct name_node *node = &names->nodes[at / 2];

		at = node->child[side(node, name, len)];
	}
	return &names->leaves[at / 2];
}

static void grow(struct names *names)
{
	if (names->n < names->capacity)
		return;
	names->capacity = names->capacity ? names->capacity * 2 : 8;
	names->leaves = xreallocarray(names->leaves, names->capacity, sizeof(*names->leaves));
	names->nodes = xreallocarray(names->nodes, names->capacity, sizeof(*names->nodes));
}

/* Puts leaf n, which differs from its closest in bit of byte, and the node above it in their place. */
static void insert(struct names *names, const char *name, uint32_t byte, uint32_t bit)
{
	unsigned fresh = (unsigned)names->n - 1, leaf = (unsigned)names->n * 2 + 1;
	size_t len = strlen(name);
	unsigned *slot = &names->root;

	while (!is_leaf(*slot)) {
		struct name_node *node = &names->nodes[*slot / 2];

		if (node->byte > byte || (node->byte == byte && node->bit < bit))
			break;
		slot = &node->child[side(node, name, len)];
	}
	struct name_node *node = &names->nodes[fresh];
	*node = (struct name_node){.byte = byte, .bit = bit};
	node->child[side(node, name, len)] = leaf;
	node->child[!side(node, name, len)] = *slot;
	*slot = fresh * 2;
}

bool names_add(struct names *names, const char *name, unsigned number)
{
	grow(names);
	if (names->n > 0) {
		const char *other = closest(names, name, strlen(name))->name;
		uint32_t byte = 0;

		for (; name[byte] == other[byte]; byte++)
			if (!name[byte])
				return false;
		unsigned difference = (unsigned char)name[byte] ^ (unsigned char)other[byte];
		insert(names, name, byte, 1U << (31 - __builtin_clz(difference)));
	} else {
		names->root = 1;
	}
	names->leaves[names->n++] = (struct name_leaf){name, number};
	return true;
}

bool names_find(const struct names *names, const char *name, unsigned *ret_number)
{
	const struct name_leaf *leaf = names->n ? closest(names, name, strlen(name)) : NULL;

	if (!leaf || strcmp(leaf->name, name) != 0)
		return false;
	*ret_number = leaf->number;
	return true;
}

void names_done(struct names *names)
{
	free(names->leaves);
	free(names->nodes);
	*names = (struct names){0};
}
