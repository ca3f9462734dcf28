#include "daemon/list_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/xalloc.h"

struct kept {
	struct list link; /* in list_memory.lists */
	const struct session *session;
	uint64_t sign_in; /* its generation */
	char *account_id; /* or NULL */
	json_t *items;
	uint64_t at_usec;
};

struct list_memory {
	struct list lists; /* struct kept, by .link, the oldest first */
	size_t cost;
};

struct list_memory *list_memory_new(void)
{
	struct list_memory *memory = xcalloc(1, sizeof(*memory));

	list_init(&memory->lists);
	return memory;
}

/* An empty list is not for nothing, either. */
static size_t cost_of(const json_t *items)
{
	return json_array_size(items) + 1;
}

static void forget(struct list_memory *memory, struct kept *kept)
{
	list_remove(&kept->link);
	memory->cost -= cost_of(kept->items);
	json_decref(kept->items);
	free(kept->account_id);
	free(kept);
}

static bool is_of(const struct kept *kept, const char *account_id)
{
	return account_id && kept->account_id ? strcmp(kept->account_id, account_id) == 0
					      : account_id == kept->account_id;
}

/* What is replaced, and what an earlier sign-in was shown. */
static void forget_former(struct list_memory *memory, const struct session *session, const char *account_id)
{
	uint64_t sign_in = session_sign_in_generation(session);
	struct kept *kept;

	list_for_each (kept, &memory->lists, struct kept, link) {
		if (kept->session == session && (kept->sign_in != sign_in || is_of(kept, account_id)))
			forget(memory, kept);
	}
}

static void make_room(struct list_memory *memory, size_t cost)
{
	while (memory->cost + cost > LIST_MEMORY_MAX)
		forget(memory, list_first(&memory->lists, struct kept, link));
}

void list_memory_keep(struct list_memory *memory, const struct session *session, uint64_t sign_in,
		      const char *account_id, json_t *items)
{
	struct kept *kept;

	forget_former(memory, session, account_id);
	if (sign_in != session_sign_in_generation(session) || cost_of(items) > LIST_MEMORY_MAX)
		return;
	make_room(memory, cost_of(items));
	kept = xcalloc(1, sizeof(*kept));
	*kept = (struct kept){.session = session,
			      .sign_in = sign_in,
			      .account_id = xstrdup_or_null(account_id),
			      .items = json_incref(items),
			      .at_usec = clock_boot_usec()};
	list_append(&memory->lists, &kept->link);
	memory->cost += cost_of(items);
}

json_t *list_memory_find(const struct list_memory *memory, const struct session *session,
			 const char *account_id, int64_t max_age_s)
{
	uint64_t now = clock_boot_usec(), sign_in = session_sign_in_generation(session);
	const struct kept *kept;

	list_for_each (kept, &memory->lists, struct kept, link) {
		if (kept->session == session && kept->sign_in == sign_in && is_of(kept, account_id) &&
		    (int64_t)((now - kept->at_usec) / USEC_PER_SEC) < max_age_s)
			return kept->items;
	}
	return NULL;
}
