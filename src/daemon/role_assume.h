#pragma once
/*
 * One AssumeRole: the source's credentials, which come through the gate like anyone's, then STS.
 *
 * Owned by whoever started it. Its callback runs once, from the event loop, and frees it; freeing it before
 * that cancels it. The source is a role as every other: it may be kept already, being fetched for others, or
 * itself be assumed from another one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/endpoint.h"
#include "daemon/role_fetch.h"
#include "daemon/roles.h"

struct role_assume;

/*
 * key is copied, what it points to is borrowed; endpoints are main's. Where there is no token for want of a
 * person, the result is ROLE_FETCH_NO_TOKEN, as for the portal's roles.
 */
struct role_assume *role_assume_start(struct roles *roles, struct role_cache *cache,
				      const struct session_deps *deps,
				      const struct endpoint_options *endpoints, const struct role_key *key,
				      bool awaits_login, uint64_t deadline_usec, role_fetch_fn fn,
				      void *userdata);
/* Someone else waits for it as well, and longer. */
void role_assume_extend(struct role_assume *assume, uint64_t deadline_usec);
/* What it waits for, if that is the source; else NULL. */
const struct role_waiter *role_assume_source(const struct role_assume *assume);
/* Has it come as far as STS? */
bool role_assume_asks_sts(const struct role_assume *assume);
struct role_assume *role_assume_free(struct role_assume *assume);

/* Is STS known to be away, or its address unusable? Then err says so. */
bool role_assume_is_hopeless(const struct session_deps *deps, const struct endpoint_options *endpoints,
			     const struct role_key *key, struct error *err);
