#include "daemon/role_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/xalloc.h"

#define BUCKETS         256
#define ARENA_KEPT_FREE (512 * 1024) /* for requests and replies under way, sign-ins among them */

struct role_cache {
	struct aws_clock *clock; /* main's */
	role_forget_fn forget;
	struct list buckets[BUCKETS]; /* struct cached_role, by .link */
	struct list by_use;           /* the same, by .use_link */
};

struct role_cache *role_cache_new(struct aws_clock *clock, role_forget_fn forget)
{
	struct role_cache *cache = xcalloc(1, sizeof(*cache));

	cache->clock = clock;
	cache->forget = forget;
	list_init(&cache->by_use);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&cache->buckets[i]);
	return cache;
}

struct role_cache *role_cache_free(struct role_cache *cache)
{
	free(cache);
	return NULL;
}

static struct list *bucket_of(struct role_cache *cache, const struct role_key *key)
{
	uint32_t hash = (uint32_t)((uintptr_t)key->session >> 4);

	for (const char *p = key->account_id; *p; p++)
		hash = hash * 31 + (unsigned char)*p;
	for (const char *p = key->role_name; *p; p++)
		hash = hash * 31 + (unsigned char)*p;
	hash = hash * 31 + assumption_hash(key->assumed);
	return &cache->buckets[hash % BUCKETS];
}

static bool is_same(const struct role_key *a, const struct role_key *b)
{
	return a->session == b->session && strcmp(a->account_id, b->account_id) == 0 &&
	       strcmp(a->role_name, b->role_name) == 0 && assumption_is_same(a->assumed, b->assumed);
}

struct cached_role *role_cache_find(struct role_cache *cache, const struct role_key *key)
{
	struct cached_role *role;

	list_for_each (role, bucket_of(cache, key), struct cached_role, link) {
		if (is_same(&role->key, key))
			return role;
	}
	return NULL;
}

void role_cache_add(struct role_cache *cache, struct cached_role *role, const struct role_key *key)
{
	role->account_id = xstrdup(key->account_id);
	role->role_name = xstrdup(key->role_name);
	role->assumed = assumption_copy(key->assumed);
	role->key = (struct role_key){
		.session = key->session,
		.account_id = role->account_id,
		.role_name = role->role_name,
		.assumed = role->assumed,
	};
	list_append(bucket_of(cache, key), &role->link);
	list_append(&cache->by_use, &role->use_link);
}

void cached_role_done(struct cached_role *role)
{
	list_remove(&role->link);
	list_remove(&role->use_link);
	credentials_free(role->credentials);
	free(role->account_id);
	free(role->role_name);
	assumption_free(role->assumed);
}

struct role_key role_key_of(struct session *session, const struct role *role)
{
	return (struct role_key){
		.session = session,
		.account_id = role->account_id,
		.role_name = role->role_name,
		.assumed = role->assumed,
	};
}

struct role_key_copy {
	struct role_key key; /* its pointers are the three below */
	char *account_id, *role_name;
	struct assumption *assumed;
};

struct role_key *role_key_copy(const struct role_key *key)
{
	struct role_key_copy *copy = xcalloc(1, sizeof(*copy));

	copy->account_id = xstrdup(key->account_id);
	copy->role_name = xstrdup(key->role_name);
	copy->assumed = assumption_copy(key->assumed);
	copy->key = (struct role_key){
		.session = key->session,
		.account_id = copy->account_id,
		.role_name = copy->role_name,
		.assumed = copy->assumed,
	};
	return &copy->key;
}

struct role_key *role_key_free(struct role_key *key)
{
	struct role_key_copy *copy = list_entry(key, struct role_key_copy, key);

	if (!key)
		return NULL;
	free(copy->account_id);
	free(copy->role_name);
	assumption_free(copy->assumed);
	free(copy);
	return NULL;
}

const char *role_key_account(const struct role_key *key)
{
	return key->assumed ? key->assumed->account_id : key->account_id;
}

const char *role_key_name(const struct role_key *key)
{
	return key->assumed ? key->assumed->role_name : key->role_name;
}

struct role_key role_key_source(const struct role_key *key)
{
	struct role_key source = *key;

	source.assumed = key->assumed->source;
	return source;
}

void role_cache_touch(struct role_cache *cache, struct cached_role *role)
{
	list_remove(&role->use_link);
	list_append(&cache->by_use, &role->use_link);
}

bool cached_role_has_unexpired(const struct role_cache *cache, const struct cached_role *role)
{
	return role->credentials && !credentials_are_expired(role->credentials, aws_clock_now(cache->clock));
}

bool cached_role_has_valid(const struct role_cache *cache, const struct cached_role *role)
{
	return cached_role_has_unexpired(cache, role) &&
	       session_is_of_this_sign_in(role->key.session, role->granted_to);
}

struct list *role_cache_by_use(struct role_cache *cache)
{
	return &cache->by_use;
}

bool role_cache_evict_one(struct role_cache *cache)
{
	struct cached_role *role;

	list_for_each (role, &cache->by_use, struct cached_role, use_link) {
		if (role->credentials && cache->forget(role))
			return true;
	}
	return false;
}

void role_cache_make_room(struct role_cache *cache)
{
	while (secret_room() < ARENA_KEPT_FREE && role_cache_evict_one(cache))
		;
}
