#pragma once
/*
 * One fetch of a role's credentials from the portal: a token, GetRoleCredentials, and once more after a 401.
 *
 * A fetch is owned by whoever started it. Its callback runs once, from the event loop, and frees the fetch;
 * freeing it before that cancels it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "base/error.h"
#include "daemon/role_cache.h"
#include "daemon/session.h"

struct role_fetch;

enum role_fetch_end {
	ROLE_FETCH_GRANTED,
	ROLE_FETCH_NO_TOKEN, /* err says why: a person who must sign in, say */
	ROLE_FETCH_FAILED,   /* err says why */
};

struct role_fetch_result {
	enum role_fetch_end end;
	struct credentials *credentials_taken; /* GRANTED */
	uint64_t generation;                   /* GRANTED: of the token that was sent */
	struct error err;
};
typedef void (*role_fetch_fn)(const struct role_fetch_result *result, void *userdata);

/* key is copied, its strings are borrowed; cache makes room where the arena is full. */
struct role_fetch *role_fetch_start(const struct session_deps *deps, struct role_cache *cache,
				    const struct role_key *key, bool awaits_login, uint64_t deadline_usec,
				    role_fetch_fn fn, void *userdata);
/* Someone else waits for it as well, and longer. */
void role_fetch_extend(struct role_fetch *fetch, uint64_t deadline_usec);
/* Is it a person that it waits for? */
bool role_fetch_awaits_login(const struct role_fetch *fetch);
struct role_fetch *role_fetch_free(struct role_fetch *fetch);
