#include "daemon/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon/timer.h"

struct store {
	sd_event *event;
};

struct store_operation {
	sd_event_source *deferred;
	store_fn fn;
	void *userdata;
};

bool store_new(sd_event *event, const char *kind, struct store **ret, struct error *err)
{
	struct store *store;

	if (strcmp(kind, "memory") != 0 && strcmp(kind, "auto") != 0)
		return error_set(
			err, ERROR_CONFIG,
			"store '%s' is not part of this version: write 'store = memory' in iamic's config",
			kind);
	store = xcalloc(1, sizeof(*store));
	store->event = sd_event_ref(event);
	*ret = store;
	return true;
}

struct store *store_free(struct store *store)
{
	if (!store)
		return NULL;
	sd_event_unref(store->event);
	free(store);
	return NULL;
}

void store_get_status(const struct store *store, struct store_status *ret)
{
	(void)store;
	*ret = (struct store_status){
		.kind = "memory",
		.state = "ready",
		.protects = "nothing is kept on disk: a sign-in ends with the daemon",
	};
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct store_operation *operation = userdata;

	(void)source;
	timer_disarm(&operation->deferred);
	operation->fn(NULL, NULL, operation->userdata); /* may free operation: nothing after this line */
	return 0;
}

static struct store_operation *operation_new(struct store *store, store_fn fn, void *userdata)
{
	struct store_operation *operation = xcalloc(1, sizeof(*operation));

	operation->fn = fn;
	operation->userdata = userdata;
	timer_defer(store->event, &operation->deferred, on_turn, operation);
	return operation;
}

struct store_operation *store_load(struct store *store, const struct store_name *name, store_fn fn,
				   void *userdata)
{
	(void)name;
	return operation_new(store, fn, userdata);
}

struct store_operation *store_save(struct store *store, const struct store_name *name,
				   struct buffer *document_taken, store_fn fn, void *userdata)
{
	(void)name;
	buffer_clear(document_taken);
	return operation_new(store, fn, userdata);
}

struct store_operation *store_erase(struct store *store, const struct store_name *name, store_fn fn,
				    void *userdata)
{
	(void)name;
	return operation_new(store, fn, userdata);
}

struct store_operation *store_operation_free(struct store_operation *operation)
{
	if (!operation)
		return NULL;
	timer_disarm(&operation->deferred);
	free(operation);
	return NULL;
}
