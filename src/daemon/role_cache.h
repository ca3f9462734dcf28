#pragma once
/*
 * What is kept of roles: found by whose they are, forgotten in the order of their use.
 *
 * Credentials are kept in memory only, one secret a role, and a full arena is a quota: those that were used
 * least recently make room. A cached_role is embedded in its owner's struct; the cache owns nothing.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/assumption.h"
#include "aws/credentials.h"
#include "base/list.h"
#include "daemon/session.h"

struct role_cache;

struct role_key {
	struct session *session;            /* sessions' */
	const char *account_id, *role_name; /* what the portal grants */
	const struct assumption *assumed;   /* from that; NULL: it is that */
};

struct cached_role {
	struct list link, use_link;
	struct role_key key; /* its pointers are the three below */
	char *account_id, *role_name;
	struct assumption *assumed;
	struct credentials *credentials; /* or NULL */
	uint64_t granted_to;             /* the generation of the token that got them */
};

/* Ends what role is embedded in; or returns false, for someone needs it just now. */
typedef bool (*role_forget_fn)(struct cached_role *role);

struct role_cache *role_cache_new(struct aws_clock *clock, role_forget_fn forget);
/* Of an empty cache. */
struct role_cache *role_cache_free(struct role_cache *cache);

/* NULL when it is not there. */
struct cached_role *role_cache_find(struct role_cache *cache, const struct role_key *key);
void role_cache_add(struct role_cache *cache, struct cached_role *role, const struct role_key *key);
/* Leaves the cache, which it need not be in, and gives back what is kept. */
void cached_role_done(struct cached_role *role);
/* It borrows of both. */
struct role_key role_key_of(struct session *session, const struct role *role);
/* For people: of the assumed role, where it is one. */
const char *role_key_account(const struct role_key *key);
const char *role_key_name(const struct role_key *key);
/* Of its own; session is borrowed as ever. */
struct role_key *role_key_copy(const struct role_key *key);
struct role_key *role_key_free(struct role_key *key);
/* What it is assumed from. */
struct role_key role_key_source(const struct role_key *key);
/* It has been used just now. */
void role_cache_touch(struct role_cache *cache, struct cached_role *role);

bool cached_role_has_unexpired(const struct role_cache *cache, const struct cached_role *role);
/* What an earlier sign-in was granted is another person's, for all that is known here. */
bool cached_role_has_valid(const struct role_cache *cache, const struct cached_role *role);

/* struct cached_role, by .use_link, the most recently used last. */
struct list *role_cache_by_use(struct role_cache *cache);
/* Makes room in the arena; false when nothing is left that could go. */
bool role_cache_evict_one(struct role_cache *cache);
/* The cache never fills the arena: what is under way needs some of it, and cannot choose whose. */
void role_cache_make_room(struct role_cache *cache);
