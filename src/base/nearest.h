#pragma once
/*
 * Which known name a mistyped one was meant to be.
 *
 *     struct nearest nearest = {.word = "acounts"};
 *     for each known name
 *             nearest_try(&nearest, name);
 *     … nearest.name is "accounts", or NULL where none is near enough to be a slip
 */
#include <stddef.h>

struct nearest {
	const char *word; /* what was typed */
	size_t len;       /* of it; 0: up to its end */
	const char *name; /* borrowed of nearest_try() */
	size_t distance;
};

void nearest_try(struct nearest *nearest, const char *name);
