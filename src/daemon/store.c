/* The store as a whole: what it is set to, how it does, what it becomes. store_queue.c: what it is asked. */
#include "daemon/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/store_private.h"

struct store *store_new(sd_event *event)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->event = sd_event_ref(event);
	list_init(&store->queue);
	list_init(&store->unlocks);
	list_init(&store->generations);
	store_configure(store, "memory", "auto", "default");
	return store;
}

void store_configure(struct store *store, const char *kind, const char *key, const char *collection)
{
	if (store->has_begun)
		return;
	xstrdup_to(&store->options.kind, kind);
	xstrdup_to(&store->options.key, key);
	xstrdup_to(&store->options.collection, collection);
}

struct store *store_free(struct store *store)
{
	if (!store)
		return NULL;
	store_choice_free(store->choice);
	store_helper_free(store->run);
	store_unlock_done(store);
	store_drop_queue(store);
	store_forget_generations(store);
	store_backend_done(&store->backend);
	free(store->last_error);
	free(store->options.kind);
	free(store->options.key);
	free(store->options.collection);
	secret_free(store->options.known_key);
	sd_event_unref(store->event);
	free(store);
	return NULL;
}

void store_on_unlocked(struct store *store, void (*fn)(void *userdata), void *userdata)
{
	store->unlocked = fn;
	store->unlocked_userdata = userdata;
}

bool store_is_in(const struct store *store, const char *where)
{
	return strcmp(store->options.kind, where) == 0 ||
	       (store->backend.kind && strcmp(store->backend.kind, where) == 0);
}

bool store_is_writable(const struct store *store)
{
	return !store->is_locked && !store->is_failing;
}

void store_get_status(const struct store *store, struct store_status *ret)
{
	*ret = (struct store_status){.kind = store->backend.kind ? store->backend.kind : store->options.kind};
	if (!store_keeps(store)) {
		ret->state = "ready";
		ret->protects =
			"from whoever copies the disk, where nothing is kept: a sign-in ends with the daemon";
		return;
	}
	ret->state = store->is_locked                           ? "locked"
		     : store->is_failing                        ? "failing"
		     : store->choice || !store->backend.program ? "loading"
								: "ready";
	ret->last_error = store->last_error;
	ret->key = store->backend.sealed_with;
	ret->protects = store->backend.protects ? store->backend.protects : "not known yet";
}

static void swap_lists(struct list *a, struct list *b)
{
	struct list between;

	list_init(&between);
	list_splice(&between, a);
	list_splice(a, b);
	list_splice(b, &between);
}

void store_swap(struct store *store, struct store *other)
{
	struct store_backend backend = store->backend;
	char *kind = store->options.kind;
	bool is_chosen = store->is_chosen;

	store->backend = other->backend;
	store->options.kind = other->options.kind;
	store->is_chosen = other->is_chosen;
	other->backend = backend;
	other->options.kind = kind;
	other->is_chosen = is_chosen;
	swap_lists(&store->generations, &other->generations);
	store_clear_trouble(store);
	store_choice_record(store->options.kind);
	store_forget_keys(store);
}

/* ---- iamic is locked ---- */

void store_shut(struct store *store)
{
	store->is_shut = true;
	store_forget_keys(store);
}

void store_open(struct store *store)
{
	store->is_shut = false;
}
