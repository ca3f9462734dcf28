#pragma once
/*
 * Moves sign-ins from one store to another: each is copied and read back before anything is erased, and what
 * was in use goes on being so until the end. If it fails in the middle, the old store has everything.
 *
 * Owned by whoever started it; the callback runs once, from the event loop.
 */
#include <stddef.h>

#include "base/cleanup.h"
#include "daemon/store.h"

struct store_move;

/* err NULL: store now is the other one. */
typedef void (*store_move_fn)(const struct error *err, void *userdata);

/* to: a kind as in the settings, not "auto". The names' strings are borrowed until the move is freed. */
struct store_move *store_move_start(struct store *store, const char *to, const struct store_name *names,
				    size_t n_names, store_move_fn fn, void *userdata);
struct store_move *store_move_free(struct store_move *move);
