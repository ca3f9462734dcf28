#pragma once
/*
 * Moves sign-ins from one store to another: each is copied and read back before anything is erased. If that
 * fails, the old store has everything, and stays in use; from then on the new one is in use, and what is left
 * in the old one is erased.
 *
 * Owned by whoever started it; done() runs once, last, from the event loop.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "daemon/store.h"

struct store_move;

struct store_move_watcher {
	void (*moved)(void *userdata);                         /* store is the other one now */
	void (*done)(const struct error *err, void *userdata); /* err NULL: nothing is left behind */
	void *userdata;
};

/* to: a kind as in the settings, not "auto". The names and their strings are borrowed as long as the move is
 * there. */
struct store_move *store_move_start(struct store *store, const char *to, const struct store_name *names,
				    size_t n_names, const struct store_move_watcher *watcher);
/* Is it certain by now? Then to free it would leave copies behind. */
bool store_move_is_settled(const struct store_move *move);
struct store_move *store_move_free(struct store_move *move);
