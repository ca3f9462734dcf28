/* Which generation of each document the store has: what is older is not written over it. */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon/store_private.h"

/* The generation that a session's document has in the store, as far as we know. */
struct generation {
	struct list link;
	char *session, *start_url, *region;
	int64_t number;
};

int64_t *store_generation(struct store *store, const char *session, const char *start_url, const char *region)
{
	struct generation *generation;

	list_for_each (generation, &store->generations, struct generation, link) {
		if (strcmp(generation->session, session) == 0 &&
		    strcmp(generation->start_url, start_url) == 0 && strcmp(generation->region, region) == 0)
			return &generation->number;
	}
	generation = xcalloc(1, sizeof(*generation));
	generation->session = xstrdup(session);
	generation->start_url = xstrdup(start_url);
	generation->region = xstrdup(region);
	list_append(&store->generations, &generation->link);
	return &generation->number;
}

void store_forget_generations(struct store *store)
{
	struct generation *generation;

	list_for_each (generation, &store->generations, struct generation, link) {
		list_remove(&generation->link);
		free(generation->session);
		free(generation->start_url);
		free(generation->region);
		free(generation);
	}
}
