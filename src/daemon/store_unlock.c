/*
 * Opening what is locked. The keyring has a prompt of its own, which is shown once for the first operation
 * that needs it and then not again until a person has acted; a sealed file that is closed with a passphrase
 * waits for 'iamic unlock'.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/store_private.h"
#include "daemon/timer.h"

struct store_unlock {
	struct list link;    /* in store.unlocks */
	struct store *store; /* NULL once answered */
	store_unlock_fn fn;
	void *userdata;
};

static void answer(struct store *store, const struct error *err)
{
	struct store_unlock *unlock;
	struct list unlocks;

	list_init(&unlocks);
	list_splice(&unlocks, &store->unlocks);
	while ((unlock = list_first(&unlocks, struct store_unlock, link))) {
		list_remove(&unlock->link);
		unlock->store = NULL;
		unlock->fn(err, unlock->userdata);
	}
}

/* The key of a sealed file comes back with the reply: what a passphrase makes, or the keyring's item. */
static void take_key(struct store *store, const struct store_reply *reply)
{
	if (reply->key.len > 0) {
		secret_free(store->backend.key);
		store->backend.key = secret_new(reply->key.data, reply->key.len);
		xstrdup_to(&store->backend.key_source, "passphrase");
		xstrdup_to(&store->backend.sealed_with, "passphrase");
	} else if (reply->secret.len > 0 && store->is_key_locked) {
		secret_free(store->options.known_key);
		store->options.known_key = secret_new(reply->secret.data, reply->secret.len);
	}
	store->is_key_locked = false;
}

/* An item that is not there is no reason to call an open keyring locked. */
static bool is_open(const struct store_reply *reply)
{
	return reply && (reply->state == STORE_REPLY_OK || reply->state == STORE_REPLY_ABSENT);
}

/* iamic was locked while the prompt was shown, and nobody unlocks it: the key would only lie there. */
static bool is_late(const struct store *store)
{
	return store->is_shut && list_is_empty(&store->unlocks);
}

static void on_answer(const struct store_reply *reply, const struct error *ask_err, void *userdata)
{
	struct store *store = userdata;
	struct store_helper *answered = TAKE(store->prompt); /* reply lives in it */
	struct error err;

	if (ask_err)
		err = *ask_err;
	else if (!is_open(reply))
		error_fill(&err, ERROR_STORE, "%s: it stays locked: try 'iamic unlock' again",
			   reply->message ? reply->message : "nobody has unlocked the keyring");
	if (!is_open(reply)) {
		store_helper_free(answered);
		log_info("%s", err.message);
		answer(store, &err); /* nothing after this line */
		return;
	}
	if (!is_late(store))
		take_key(store, reply);
	store_helper_free(answered);
	store->has_prompted = store->is_locked = false;
	if (store->unlocked)
		store->unlocked(store->unlocked_userdata);
	answer(store, NULL); /* nothing after this line */
}

/* Which helper can open it, if not the one that keeps the sign-ins: the keyring keeps the file's key. */
static const char *opener(const struct store *store)
{
	bool is_in_keyring =
		!store->backend.program || strcmp(store->backend.kind, "secret-service") == 0 ||
		(store->backend.key_source && strcmp(store->backend.key_source, "secret-service") == 0);

	return is_in_keyring ? store_secret_service_program : store->backend.program;
}

bool store_has_prompt(const struct store *store)
{
	bool is_file = store->backend.program && strcmp(store->backend.kind, "file") == 0;

	return strcmp(store->options.kind, "memory") != 0 &&
	       (!is_file || opener(store) == store_secret_service_program);
}

bool store_has_passphrase(const struct store *store)
{
	return store->backend.key_source && strcmp(store->backend.key_source, "passphrase") == 0;
}

bool store_needs_passphrase(const struct store *store)
{
	return store_has_passphrase(store) && !store->backend.key;
}

bool store_is_new(const struct store *store)
{
	return store->backend.is_new && store_needs_passphrase(store);
}

static void ask(struct store *store, const char *passphrase)
{
	struct store_request request = {
		.secret = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory),
		.key = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory),
	};
	const char *program = opener(store);

	if (store->backend.key &&
	    !buffer_append(&request.key, secret_text(store->backend.key), secret_len(store->backend.key)))
		log_warning("the sealed file's key does not fit into memory");
	if (store->is_key_locked)
		request.name = xstrdup(STORE_KEY_ITEM);
	if (passphrase && buffer_append_text(&request.secret, passphrase)) {
		request.key_source = xstrdup("passphrase");
		program = store_file_program;
	}
	store->prompt = store_helper_ask(store->event, program, store->options.collection, "unlock", &request,
					 on_answer, store);
	store_request_done(&request);
}

void store_prompt_once(struct store *store)
{
	if (store->prompt || store->has_prompted || opener(store) != store_secret_service_program)
		return;
	store->has_prompted = true;
	ask(store, NULL);
}

void store_allow_prompt(struct store *store)
{
	store->has_prompted = false;
}

struct store_unlock *store_unlock_start(struct store *store, const char *passphrase, store_unlock_fn fn,
					void *userdata)
{
	struct store_unlock *unlock = xcalloc(1, sizeof(*unlock));

	*unlock = (struct store_unlock){.store = store, .fn = fn, .userdata = userdata};
	list_append(&store->unlocks, &unlock->link);
	if (!store->prompt)
		ask(store, passphrase);
	return unlock;
}

struct store_unlock *store_unlock_free(struct store_unlock *unlock)
{
	if (!unlock)
		return NULL;
	if (unlock->store)
		list_remove(&unlock->link);
	free(unlock);
	return NULL;
}

void store_unlock_done(struct store *store)
{
	struct store_unlock *unlock;

	store->prompt = store_helper_free(store->prompt);
	list_for_each (unlock, &store->unlocks, struct store_unlock, link) {
		list_remove(&unlock->link);
		unlock->store = NULL;
	}
}
