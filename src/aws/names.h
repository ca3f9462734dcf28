#pragma once
/*
 * A set of names, each with a number: which profile is where, and whether one was seen before. The names are
 * borrowed, and must outlive the set. Starts as {0}.
 *
 * It is a crit-bit tree: finding and adding take time by the name's length alone, whatever the names are, so
 * that no step of a reader is longer than another because a table grows.
 */
#include <stdbool.h>
#include <stddef.h>

struct names {
	struct name_leaf *leaves;
	struct name_node *nodes; /* one less than leaves */
	size_t n, capacity;      /* of leaves */
	unsigned root;
};

/* False if the name is there already, which changes nothing. */
bool names_add(struct names *names, const char *name, unsigned number);
bool names_find(const struct names *names, const char *name, unsigned *ret_number);
/* Empty again, and usable. */
void names_done(struct names *names);
