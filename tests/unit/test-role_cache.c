#include "daemon/role_cache.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"

#define ACCOUNT "111122223333"

/* What the cache's owner embeds a cached_role in. */
struct owner {
	struct cached_role cached;
	bool is_needed;
};

static int n_forgotten;

static bool forget(struct cached_role *cached)
{
	struct owner *owner = list_entry(cached, struct owner, cached);

	if (owner->is_needed)
		return false;
	cached_role_done(cached);
	free(owner);
	n_forgotten++;
	return true;
}

static struct role_key key_of(const char *role_name, const struct assumption *assumed)
{
	return (struct role_key){.account_id = ACCOUNT, .role_name = role_name, .assumed = assumed};
}

static struct owner *add(struct role_cache *cache, const struct role_key *key, bool has_credentials)
{
	struct owner *owner = xcalloc(1, sizeof(*owner));

	role_cache_add(cache, &owner->cached, key);
	owner->cached.credentials = has_credentials ? xcalloc(1, sizeof(struct credentials)) : NULL;
	return owner;
}

static void forget_all(struct role_cache *cache)
{
	struct list *all = role_cache_by_use(cache);

	while (!list_is_empty(all)) {
		struct owner *owner = list_entry(all->next, struct owner, cached.use_link);

		cached_role_done(&owner->cached);
		free(owner);
	}
	role_cache_free(cache);
}

static void a_role_is_found_by_all_that_it_is(void)
{
	_cleanup_(assumption_freep) struct assumption *a = assumption_new("arn:aws:iam::999988887777:role/A");
	_cleanup_(assumption_freep) struct assumption *b = assumption_new("arn:aws:iam::999988887777:role/B");
	const struct role_key keys[] = {key_of("One", NULL), key_of("Two", NULL), key_of("One", a),
					key_of("One", b)};
	struct role_cache *cache = role_cache_new(NULL, forget);
	struct owner *owners[ARRAY_SIZE(keys)];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		CHECK(!role_cache_find(cache, &keys[i]));
		owners[i] = add(cache, &keys[i], true);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK(role_cache_find(cache, &keys[i]) == &owners[i]->cached);
	CHECK(owners[2]->cached.key.assumed != a); /* a copy */
	CHECK_STR(role_key_name(&keys[2]), "A");
	CHECK_STR(role_key_account(&keys[2]), "999988887777");
	CHECK_STR(role_key_name(&keys[0]), "One");
	const struct role_key source = role_key_source(&keys[2]);
	CHECK(role_cache_find(cache, &source) == &owners[0]->cached);
	forget_all(cache);
}

static void the_least_recently_used_goes_first(void)
{
	const struct role_key keys[] = {key_of("A", NULL), key_of("B", NULL), key_of("C", NULL),
					key_of("D", NULL)};
	struct role_cache *cache = role_cache_new(NULL, forget);
	struct owner *first = add(cache, &keys[0], true), *second = add(cache, &keys[1], true);

	add(cache, &keys[2], false); /* holds nothing that could make room */
	add(cache, &keys[3], true);
	role_cache_touch(cache, &first->cached);
	second->is_needed = true;
	n_forgotten = 0;
	CHECK(role_cache_evict_one(cache) && !role_cache_find(cache, &keys[3]) && n_forgotten == 1);
	CHECK(role_cache_evict_one(cache) && !role_cache_find(cache, &keys[0]) && n_forgotten == 2);
	CHECK(!role_cache_evict_one(cache) && role_cache_find(cache, &keys[1]) && n_forgotten == 2);
	second->is_needed = false;
	CHECK(role_cache_evict_one(cache) && role_cache_find(cache, &keys[2]));
	forget_all(cache);
}

static void there_is_room_for_what_is_under_way(void)
{
	struct role_cache *cache = role_cache_new(NULL, forget);
	const struct role_key key = key_of("A", NULL);
	size_t room = secret_room();
	char *secrets[4] = {NULL};

	add(cache, &key, true);
	n_forgotten = 0;
	role_cache_make_room(cache);
	CHECK(n_forgotten == 0);
	for (size_t i = 0; i < ARRAY_SIZE(secrets) && secret_room() > room / 16; i++)
		secrets[i] = secret_malloc(secret_room() / 2 - 4096);
	role_cache_make_room(cache);
	CHECK(n_forgotten == 1);
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		secret_release(secrets[i]);
	forget_all(cache);
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_role_is_found_by_all_that_it_is();
	the_least_recently_used_goes_first();
	there_is_room_for_what_is_under_way();
	return 0;
}
