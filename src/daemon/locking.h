#pragma once
/*
 * Locks iamic, and unlocks it: tokens, role credentials, the store's key, sign-ins that wait for a person and
 * links that lead on to AWS are forgotten at once. What is on its way to the store is stored first, and
 * whoever must know when that is over too (a machine that is about to sleep) waits.
 */
#include <systemd/sd-event.h>

#include "base/error.h"

struct agent;
struct locking;
struct locking_wait;

/* Takes hold of what agent has: all of it must be there by then, and the server. */
struct locking *locking_new(struct agent *agent);

/* why: one line for people, such as "the machine went to sleep". Locked already: only an unlocking under way
 * ends. */
void locking_lock(struct locking *locking, const char *why);
/* Why that will not outlive the daemon, or NULL. */
const char *locking_warning(const struct locking *locking);
/* The store is open: sign-ins are read from it. */
void locking_unlock(struct locking *locking);

/* From the loop, once nothing secret is left. Owned by whoever waits; freeing it withdraws it. */
typedef void (*locking_fn)(void *userdata);
struct locking_wait *locking_wait(struct locking *locking, locking_fn fn, void *userdata);
struct locking_wait *locking_wait_free(struct locking_wait *wait);
