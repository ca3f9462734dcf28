#pragma once
/*
 * Where sign-ins are kept between runs: load, save, erase, each asynchronous, each by a helper program
 * (iamic-store(7)).
 *
 * A document is what token_format() writes, in secret memory. An operation is owned by whoever started it;
 * its callback runs exactly once, from the event loop and never from inside store_load() and its siblings,
 * and only while the operation is alive. Freeing one withdraws the interest in its outcome; a save or erase
 * is carried out all the same. One helper runs at a time, so operations take effect in the order in which
 * they were started; a load that nobody waits for any more is none.
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
	const char *kind;       /* "memory", "file", "secret-service", "helper"; "auto" until it is decided */
	const char *state;      /* "loading", "ready", "locked", "failing" */
	const char *protects;   /* what it protects from, for people */
	const char *key;        /* of the sealed file: where it comes from, as in the settings; or NULL */
	const char *last_error; /* why it is locked or failing; or NULL */
};

/*
 * "memory" until it is configured, which has an effect only before the first operation: a store does not
 * change under a sign-in. The strings are those of the settings, and copied.
 */
struct store *store_new(sd_event *event);
void store_configure(struct store *store, const char *kind, const char *key, const char *collection);
struct store *store_free(struct store *store);
/* A person has unlocked the keyring: what was refused is worth asking again. */
void store_on_unlocked(struct store *store, void (*fn)(void *userdata), void *userdata);
void store_get_status(const struct store *store, struct store_status *ret);
/* Is it that one? where: as store_configure() takes it. */
bool store_is_in(const struct store *store, const char *where);
/* Does it keep anything, as far as is known? */
bool store_keeps(const struct store *store);
/* Did it take what it was given last, as far as is known? */
bool store_is_writable(const struct store *store);
/* Is anything on its way to be kept? */
bool store_is_busy(const struct store *store);
/* fn is called whenever the last operation has ended. */
void store_on_idle(struct store *store, void (*fn)(void *userdata), void *userdata);

/*
 * document: NULL with err NULL when there is none; gone when the callback returns. err is of kind
 * ERROR_STORE; while a keyring is locked it says so, and a person is asked once to unlock it.
 */
typedef void (*store_fn)(const struct buffer *document, const struct error *err, void *userdata);

struct store_operation *store_load(struct store *store, const struct store_name *name, store_fn fn,
				   void *userdata);
/* Takes the document's bytes. Durable when the callback runs without an error. */
struct store_operation *store_save(struct store *store, const struct store_name *name,
				   struct buffer *document_taken, store_fn fn, void *userdata);
struct store_operation *store_erase(struct store *store, const struct store_name *name, store_fn fn,
				    void *userdata);
/* Chooses the store, if it is not known yet which one it is, and asks nothing of it. */
struct store_operation *store_look(struct store *store, store_fn fn, void *userdata);
struct store_operation *store_operation_free(struct store_operation *operation);

/*
 * iamic is locked: keys are forgotten as soon as nothing is under way, and no prompt is shown unasked. What
 * is asked of the store all the same, store_unlock_start() above all, is done.
 */
void store_shut(struct store *store);
void store_open(struct store *store);

/* A person has acted: the keyring's prompt may be shown again. */
void store_allow_prompt(struct store *store);

/*
 * Can a person be asked to open it? Not where nothing is kept, nor where it is a file with a key of its own.
 */
bool store_has_prompt(const struct store *store);
/* The sealed file is closed with a passphrase. */
bool store_has_passphrase(const struct store *store);
/* With one that we do not have yet. */
bool store_needs_passphrase(const struct store *store);
/* And that file is not there yet: the passphrase that is given first will close it. */
bool store_is_new(const struct store *store);

struct store_unlock;
/* err NULL: what was locked is open. Gone when the callback returns. */
typedef void (*store_unlock_fn)(const struct error *err, void *userdata);
/*
 * A person wants it open: the keyring's prompt, or with a passphrase the sealed file that is closed with one;
 * where there is no file yet, that passphrase will close it. Owned by whoever started it; the callback runs
 * once, from the event loop.
 */
struct store_unlock *store_unlock_start(struct store *store, const char *passphrase /* or NULL */,
					store_unlock_fn fn, void *userdata);
struct store_unlock *store_unlock_free(struct store_unlock *unlock);
