#pragma once
/*
 * A set of names, each with a number: which profile is where, and whether one was seen before. The names are
 * borrowed, and must outlive the set. Starts as {0}.
 */
#include <stdbool.h>
#include <stddef.h>

struct names {
	struct name_slot *slots; /* open addressing, at most half of them in use */
	size_t capacity;         /* a power of two, or 0 */
	size_t n;
};

/* False if the name is there already, which changes nothing. */
bool names_add(struct names *names, const char *name, size_t number);
bool names_find(const struct names *names, const char *name, size_t *ret_number);
/* Empty again, and usable. */
void names_done(struct names *names);
static inline void names_donep(struct names *names)
{
	names_done(names);
}
