/*
 *   (first operation) ──► choice ──► queue: one helper at a time, in order
 *                           │            └──(locked)──► it fails; a person is asked once (store_unlock.c)
 *                           └──(no helper can serve)──► every operation fails; the next one chooses again
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/store_private.h"
#include "daemon/timer.h"

struct store_operation {
	struct list link; /* in store.queue */
	struct store *store;
	const char *verb; /* static */
	char *session, *start_url, *region;
	struct buffer document;
	bool is_wanted; /* its owner has not freed it */
	bool is_over;   /* its callback has run */
	store_fn fn;
	void *userdata;
};

static void operation_done(struct store_operation *operation)
{
	list_remove(&operation->link);
	buffer_clear(&operation->document);
	free(operation->session);
	free(operation->start_url);
	free(operation->region);
	free(operation);
}

void store_drop_queue(struct store *store)
{
	timer_disarm(&store->turn);
	while (!list_is_empty(&store->queue))
		operation_done(list_first(&store->queue, struct store_operation, link));
}

static bool changes_something(const struct store_operation *operation)
{
	return strcmp(operation->verb, "save") == 0 || strcmp(operation->verb, "erase") == 0;
}

bool store_is_busy(const struct store *store)
{
	const struct store_operation *operation;

	list_for_each (operation, &store->queue, const struct store_operation, link) {
		if (changes_something(operation))
			return true;
	}
	return false;
}

void store_on_idle(struct store *store, void (*fn)(void *userdata), void *userdata)
{
	store->idle = fn;
	store->idle_userdata = userdata;
}

void store_clear_trouble(struct store *store)
{
	store->is_locked = store->is_failing = false;
	xstrdup_to(&store->last_error, NULL);
}

bool store_keeps(const struct store *store)
{
	return strcmp(store->options.kind, "memory") != 0;
}

/* The choice begins anew, for it is what reads a key from the keyring. */
void store_forget_keys(struct store *store)
{
	if (!store->is_shut || !list_is_empty(&store->queue))
		return;
	store->backend.key = secret_free(store->backend.key);
	store->options.known_key = secret_free(store->options.known_key);
	store->is_chosen = false;
}

static void advance(struct store *store);

static int on_turn(sd_event_source *source, void *userdata)
{
	struct store *store = userdata;

	(void)source;
	timer_disarm(&store->turn);
	advance(store);
	return 0;
}

static void advance_soon(struct store *store)
{
	if (!store->turn)
		timer_defer(store->event, &store->turn, on_turn, store);
}

/* The first operation is over. Its owner, who may start others, hears it last. */
static void finish_first(struct store *store, const struct buffer *document, const struct error *err)
{
	struct store_operation *operation = list_first(&store->queue, struct store_operation, link);

	list_remove(&operation->link);
	operation->is_over = true;
	store_forget_keys(store);
	if (!list_is_empty(&store->queue))
		advance_soon(store);
	else if (store->idle)
		store->idle(store->idle_userdata);
	if (operation->is_wanted)
		operation->fn(document, err, operation->userdata); /* its owner frees it */
	else
		operation_done(operation);
}

static void fail_first(struct store *store, bool is_locked, const char *why)
{
	struct error err;

	store->is_locked = is_locked;
	store->is_failing = !is_locked;
	xstrdup_to(&store->last_error, why);
	if (is_locked)
		error_fill(&err, ERROR_STORE, "%s: run 'iamic unlock'", why);
	else
		error_fill(&err, ERROR_STORE, "%s: see 'iamic status'", why);
	if (is_locked && !store->is_shut)
		store_prompt_once(store);
	finish_first(store, NULL, &err); /* nothing after this line */
}

static int64_t *generation_of(struct store *store, const struct store_operation *operation)
{
	return store_generation(store, operation->session, operation->start_url, operation->region);
}

static void on_helper(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store *store = userdata;
	struct store_operation *operation = list_first(&store->queue, struct store_operation, link);
	_cleanup_(store_helper_freep) struct store_helper *answered =
		TAKE(store->run); /* reply lives in it */

	(void)answered;
	if (err) {
		fail_first(store, false, err->message);
		return;
	}
	if (reply->state == STORE_REPLY_LOCKED || reply->state == STORE_REPLY_FAILED) {
		fail_first(store, reply->state == STORE_REPLY_LOCKED,
			   reply->message ? reply->message : "the store does not say why");
		return;
	}
	store_clear_trouble(store);
	if (reply->message && strcmp(reply->message, STORE_ASKS_ON_REPLACE) != 0)
		log_warning("store: %s", reply->message);
	if (strcmp(operation->verb, "load") == 0)
		*generation_of(store, operation) = reply->generation;
	finish_first(store, reply->state == STORE_REPLY_OK && reply->secret.len ? &reply->secret : NULL,
		     NULL);
}

static void run_first(struct store *store)
{
	struct store_operation *operation = list_first(&store->queue, struct store_operation, link);
	int64_t *generation = generation_of(store, operation);
	struct store_request request = {
		.name = xstrdup(operation->session),
		.start_url = xstrdup(operation->start_url),
		.region = xstrdup(operation->region),
		.key_source = xstrdup_or_null(store->backend.key_source),
		.secret = operation->document,
		.key = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory),
	};

	operation->document = BUFFER_INIT(0, &buffer_heap);
	if (strcmp(operation->verb, "save") == 0 && request.secret.len == 0) {
		store_request_done(&request);
		fail_first(store, false, "there was no memory for what is to be stored");
		return;
	}
	if (strcmp(operation->verb, "load") != 0)
		request.generation = ++*generation;
	if (store->backend.key &&
	    !buffer_append(&request.key, secret_text(store->backend.key), secret_len(store->backend.key)))
		log_warning("the sealed file's key does not fit into memory");
	store->run = store_helper_ask(store->event, store->backend.program, store->options.collection,
				      operation->verb, &request, on_helper, store);
	store_request_done(&request);
}

static void on_chosen(struct store_backend *backend, bool is_locked, const struct error *err, void *userdata)
{
	struct store *store = userdata;
	struct store_choice *made = TAKE(store->choice);
	struct error why;

	if (backend) {
		struct secret *known = TAKE(store->backend.key); /* a passphrase may have come first */

		if (!backend->key)
			backend->key = known;
		else
			secret_free(known);
		store_backend_done(&store->backend);
		store->backend = *backend;
		*backend = (struct store_backend){0};
		store->is_chosen = true;
		log_info("store: %s", store->backend.kind);
	} else {
		why = *err;
	}
	store_choice_free(made);
	if (store->is_chosen) {
		advance(store);
		return;
	}
	store->is_key_locked = is_locked; /* nothing else is asked of a keyring so early */
	fail_first(store, is_locked, why.message);
}

static bool is_given_up(const struct store_operation *operation)
{
	return !operation->is_wanted && !changes_something(operation);
}

static void advance(struct store *store)
{
	const struct store_operation *first = list_first(&store->queue, const struct store_operation, link);

	if (!first || store->run || store->choice)
		return;
	if (!store_keeps(store) || is_given_up(first))
		finish_first(store, NULL, NULL);
	else if (!store->is_chosen)
		store->choice = store_choice_start(store->event, &store->options, on_chosen, store);
	else if (strcmp(first->verb, "look") == 0)
		finish_first(store, NULL, NULL);
	else
		run_first(store);
}

static struct store_operation *enqueue(struct store *store, const char *verb, const struct store_name *name,
				       store_fn fn, void *userdata)
{
	struct store_operation *operation = xcalloc(1, sizeof(*operation));

	*operation = (struct store_operation){
		.store = store,
		.verb = verb,
		.session = xstrdup(name->session),
		.start_url = xstrdup(name->start_url),
		.region = xstrdup(name->region),
		.document = BUFFER_INIT(0, &buffer_heap),
		.is_wanted = true,
		.fn = fn,
		.userdata = userdata,
	};
	store->has_begun = true;
	list_append(&store->queue, &operation->link);
	advance_soon(store);
	return operation;
}

struct store_operation *store_load(struct store *store, const struct store_name *name, store_fn fn,
				   void *userdata)
{
	return enqueue(store, "load", name, fn, userdata);
}

struct store_operation *store_save(struct store *store, const struct store_name *name,
				   struct buffer *document_taken, store_fn fn, void *userdata)
{
	struct store_operation *operation = enqueue(store, "save", name, fn, userdata);

	operation->document = *document_taken;
	*document_taken = BUFFER_INIT(0, &buffer_heap);
	return operation;
}

struct store_operation *store_erase(struct store *store, const struct store_name *name, store_fn fn,
				    void *userdata)
{
	return enqueue(store, "erase", name, fn, userdata);
}

struct store_operation *store_look(struct store *store, store_fn fn, void *userdata)
{
	static const struct store_name nothing = {"", "", ""};

	return enqueue(store, "look", &nothing, fn, userdata);
}

struct store_operation *store_operation_free(struct store_operation *operation)
{
	if (!operation)
		return NULL;
	if (operation->is_over)
		operation_done(operation);
	else
		operation->is_wanted = false; /* a change is carried out all the same, in its turn */
	return NULL;
}
