#pragma once
/*
 * Is iamic locked? From 'iamic lock', or what lock_on names, until a person unlocks it; that outlives the
 * daemon, which would otherwise be unlocked by killing it.
 *
 * Whoever guards something asks here: role credentials (roles_get()), tokens and sign-ins (a session's
 * state). Locking itself stands in locking.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct lock_state;

/* As it was left. A note of it that cannot be read counts as one that says so. */
struct lock_state *lock_state_new(void);

bool lock_state_is_locked(const struct lock_state *lock);
/* Is it locked? Then err says so, and what to type. */
bool lock_state_refuses(const struct lock_state *lock, struct error *err) MUST_CHECK;
/* What everyone hears while it is. */
void lock_state_explain(struct error *err);
/* While it is locked: since when, in seconds since the epoch, and why, for people. */
int64_t lock_state_since(const struct lock_state *lock);
const char *lock_state_why(const struct lock_state *lock);

/* why: one line. */
void lock_state_lock(struct lock_state *lock, const char *why);
/* Over the daemon's end, too; false: it will be unlocked by that. */
bool lock_state_keep(const struct lock_state *lock, struct error *err) MUST_CHECK;
/* False: the next daemon will be locked again. */
bool lock_state_unlock(struct lock_state *lock, struct error *err) MUST_CHECK;

/*
 * Something secret must stay until it is stored, although iamic is locked: once for each. When the last of
 * them is let go, settled is called.
 */
void lock_state_hold(struct lock_state *lock);
void lock_state_let_go(struct lock_state *lock);
bool lock_state_is_held(const struct lock_state *lock);
void lock_state_on_settled(struct lock_state *lock, void (*settled)(void *userdata), void *userdata);

/* A person who cannot be asked for a passphrase wants it unlocked: clicked is called, and may fail. */
void lock_state_click(struct lock_state *lock);
void lock_state_on_clicked(struct lock_state *lock, void (*clicked)(void *userdata), void *userdata);
