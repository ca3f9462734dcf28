/*
 *   for each sign-in: load ──► look there (what to outnumber) ──► save there ──► load there, compare
 *   then the store is the other one ──► for each: erase what is left behind
 *
 * In that order, so that whoever is killed in between has lost nothing. Into memory nothing is copied: there
 * all is erased first.
 */
#include "daemon/store_move.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/xalloc.h"
#include "daemon/store_private.h"
#include "daemon/timer.h"

#define DOCUMENT_MAX (64 * 1024)

struct store_move {
	struct store *store;            /* main's */
	struct store *other;            /* where it moves to; later, what it has left */
	struct store *left;             /* of these two, the one that is erased; NULL: not yet */
	const struct store_name *names; /* the owner's */
	size_t n_names, at;
	struct buffer document; /* of the one at hand, */
	struct buffer copy;     /* and what is given away of it */
	sd_event_source *begin;
	struct store_operation *operation;
	struct store_move_watcher watcher;
};

static void copy_next(struct store_move *move);
static void erase_next(struct store_move *move);

static void fail(struct store_move *move, const struct error *err)
{
	struct error full = *err;

	error_prefix(&full, "nothing was moved");
	move->watcher.done(&full, move->watcher.userdata); /* may free move: nothing after this line */
}

static void fail_with(struct store_move *move, const char *why)
{
	struct error err;

	error_set(&err, ERROR_STORE, "session '%s': %s", move->names[move->at].session, why);
	fail(move, &err); /* nothing after this line */
}

static bool is_the_same(const struct buffer *a, const struct buffer *b)
{
	return b && a->len == b->len && CRYPTO_memcmp(a->data, b->data, a->len) == 0;
}

/* What was asked of a store is over. False when it failed, and the move with it: nothing after that. */
static bool went_well(struct store_move *move, const struct error *store_err)
{
	struct error err;

	if (store_err)
		err = *store_err;
	move->operation = store_operation_free(move->operation);
	if (store_err)
		fail(move, &err);
	return !store_err;
}

static void on_read_back(const struct buffer *document, const struct error *store_err, void *userdata)
{
	struct store_move *move = userdata;
	bool is_same = is_the_same(&move->document, document);

	buffer_clear(&move->document);
	if (!went_well(move, store_err))
		return;
	if (!is_same) {
		fail_with(move, "what was copied did not come back as it was");
		return; /* nothing after this line */
	}
	move->at++;
	copy_next(move);
}

static void on_copied(const struct buffer *document, const struct error *store_err, void *userdata)
{
	struct store_move *move = userdata;

	(void)document;
	if (went_well(move, store_err))
		move->operation = store_load(move->other, &move->names[move->at], on_read_back, move);
}

static void on_destination_seen(const struct buffer *document, const struct error *store_err, void *userdata)
{
	struct store_move *move = userdata;

	(void)document;
	if (went_well(move, store_err))
		move->operation =
			store_save(move->other, &move->names[move->at], &move->copy, on_copied, move);
}

static void on_loaded(const struct buffer *document, const struct error *store_err, void *userdata)
{
	struct store_move *move = userdata;
	bool is_kept = true, is_there = document != NULL;

	move->copy = BUFFER_INIT(DOCUMENT_MAX, &secret_memory); /* the last one was given away */
	if (is_there)
		is_kept = buffer_append(&move->document, document->data, document->len) &&
			  buffer_append(&move->copy, document->data, document->len);
	if (!went_well(move, store_err))
		return;
	if (!is_kept) {
		fail_with(move, "there is no memory for it"); /* nothing after this line */
	} else if (is_there) {
		move->operation = store_load(move->other, &move->names[move->at], on_destination_seen, move);
	} else {
		move->at++;
		copy_next(move);
	}
}

static void copy_next(struct store_move *move)
{
	if (move->at < move->n_names) {
		move->operation = store_load(move->store, &move->names[move->at], on_loaded, move);
		return;
	}
	move->at = 0;
	store_swap(move->store, move->other);
	move->left = move->other;
	move->watcher.moved(move->watcher.userdata);
	erase_next(move);
}

/* A copy that stays behind is old, which its generation tells: no reason to stop. */
static void on_erased(const struct buffer *document, const struct error *err, void *userdata)
{
	struct store_move *move = userdata;

	(void)document;
	(void)err;
	move->operation = store_operation_free(move->operation);
	move->at++;
	erase_next(move);
}

static void erase_next(struct store_move *move)
{
	if (move->at < move->n_names) {
		move->operation = store_erase(move->left, &move->names[move->at], on_erased, move);
		return;
	}
	if (move->left == move->store) {
		store_swap(move->store, move->other);
		move->watcher.moved(move->watcher.userdata);
	}
	move->watcher.done(NULL, move->watcher.userdata); /* may free move: nothing after this line */
}

static int on_begin(sd_event_source *source, void *userdata)
{
	struct store_move *move = userdata;

	(void)source;
	timer_disarm(&move->begin);
	if (strcmp(move->other->options.kind, "memory") == 0) {
		move->left = move->store;
		erase_next(move); /* nothing after this line */
	} else {
		copy_next(move); /* nothing after this line */
	}
	return 0;
}

struct store_move *store_move_start(struct store *store, const char *to, const struct store_name *names,
				    size_t n_names, const struct store_move_watcher *watcher)
{
	struct store_move *move = xcalloc(1, sizeof(*move));

	move->store = store;
	move->other = store_new(store->event);
	store_configure(move->other, to, store->options.key, store->options.collection);
	move->names = names;
	move->n_names = n_names;
	move->document = move->copy = BUFFER_INIT(DOCUMENT_MAX, &secret_memory);
	move->watcher = *watcher;
	timer_defer(store->event, &move->begin, on_begin, move);
	return move;
}

bool store_move_is_settled(const struct store_move *move)
{
	return move->left;
}

struct store_move *store_move_free(struct store_move *move)
{
	if (!move)
		return NULL;
	timer_disarm(&move->begin);
	store_operation_free(move->operation);
	buffer_clear(&move->document);
	buffer_clear(&move->copy);
	store_free(move->other);
	free(move);
	return NULL;
}
