#pragma once
/*
 * What a person begins to unlock iamic: what keeps the sign-ins is opened first, by its prompt or a
 * passphrase; where it stays closed iamic stays locked. A store that is locked while iamic is not is opened
 * the same way.
 *
 * Owned by whoever started it; the callback runs once, from the event loop, and may free it. Freeing it
 * before that gives it up.
 */
#include "base/error.h"

struct agent;
struct unlocking;

enum unlocking_end {
	UNLOCKING_DONE,
	UNLOCKING_NEEDS_PASSPHRASE, /* nothing was done for want of one */
	UNLOCKING_FAILED,           /* err says why */
};
typedef void (*unlocking_fn)(enum unlocking_end end, const struct error *err, void *userdata);

struct unlocking *unlocking_start(struct agent *agent, const char *passphrase /* or NULL */, unlocking_fn fn,
				  void *userdata);
struct unlocking *unlocking_free(struct unlocking *unlocking);
