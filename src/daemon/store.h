#pragma once
/*
 * Where sign-ins are kept between runs: load, save, erase, each asynchronous.
 *
 * A document is what token_format() writes, in secret memory. An operation is owned by whoever started it;
 * its callback runs exactly once, from the event loop and never from inside store_load() and its siblings,
 * and only while the operation is alive. Freeing one withdraws the interest in its outcome; a save that has
 * begun is not undone. Operations on one name end in the order in which they were started.
 *
 * "memory" keeps nothing: what a running daemon knows is its sessions' own, and a new daemon begins signed
 * out.
 */
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

struct store;
struct store_operation;

/* Which session's document: two sessions of one name at different addresses never mix. Strings are copied. */
struct store_name {
	const char *session;
	const char *start_url;
	const char *region;
};

struct store_status {
	const char *kind;     /* "memory" */
	const char *state;    /* "loading", "ready", "locked", "absent", "failing" */
	const char *protects; /* what it protects from, for people */
};

/* kind as in the settings. ERROR_CONFIG for one that this version cannot use. */
bool store_new(sd_event *event, const char *kind, struct store **ret, struct error *err) MUST_CHECK;
struct store *store_free(struct store *store);
void store_get_status(const struct store *store, struct store_status *ret);

/* document: NULL with err NULL when there is none; gone when the callback returns. */
typedef void (*store_fn)(const struct buffer *document, const struct error *err, void *userdata);

struct store_operation *store_load(struct store *store, const struct store_name *name, store_fn fn,
				   void *userdata);
/* Takes the document's bytes. Durable when the callback runs without an error. */
struct store_operation *store_save(struct store *store, const struct store_name *name,
				   struct buffer *document_taken, store_fn fn, void *userdata);
struct store_operation *store_erase(struct store *store, const struct store_name *name, store_fn fn,
				    void *userdata);
struct store_operation *store_operation_free(struct store_operation *operation);
