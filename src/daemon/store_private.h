#pragma once
/* What the store*.c share. */
#include "base/list.h"
#include "daemon/store.h"
#include "daemon/store_choice.h"
#include "daemon/store_helper.h"

struct store {
	sd_event *event;
	struct store_options options;
	struct store_choice *choice;  /* being made */
	struct store_backend backend; /* program NULL: not chosen, or memory */
	bool is_chosen;               /* false: once more, for its key was forgotten */
	bool is_shut;                 /* iamic is locked */
	bool is_locked, is_failing;
	char *last_error;            /* with one of these */
	bool is_key_locked;          /* it is the sealed file's key that a person must let us have */
	bool has_begun;              /* an operation was asked for: the options stay */
	bool has_prompted;           /* and nobody has acted since */
	struct store_helper *prompt; /* a person is being asked */
	struct list unlocks;         /* struct store_unlock, by .link: who waits for that */

	struct list queue;        /* struct store_operation, by .link; the first one runs */
	struct list generations;  /* struct generation, by .link */
	struct store_helper *run; /* of the first */
	sd_event_source *turn;
	void (*unlocked)(void *userdata);
	void *unlocked_userdata;
	void (*idle)(void *userdata);
	void *idle_userdata;
};

/*
 * Each becomes what the other was: kind, helper, key and generations; store is recorded where auto would
 * look.
 */
void store_swap(struct store *store, struct store *other);

/* store_generation.c */
/* The generation that this document has in the store, as far as we know: to be read and set. */
int64_t *store_generation(struct store *store, const char *session, const char *start_url,
			  const char *region);
void store_forget_generations(struct store *store);

/* store_queue.c */
/* Once it is shut, and nothing is under way that needs them. */
void store_forget_keys(struct store *store);
void store_drop_queue(struct store *store);
/* It has answered. */
void store_clear_trouble(struct store *store);

/* store_unlock.c: shows the keyring's prompt, unless it has been shown since a person acted last. */
void store_prompt_once(struct store *store);
void store_unlock_done(struct store *store);
