/* What there is, for 'iamic status' and whoever wants one that is in use. */
#include "daemon/role_entry.h"

static struct role_status status_of(const struct cached_role *cached)
{
	return (struct role_status){
		.session = cached->key.session,
		.account_id = role_key_account(&cached->key),
		.role_name = role_key_name(&cached->key),
		.role_arn = cached->assumed ? cached->assumed->role_arn : NULL,
		.expires = cached->credentials->expires_at,
	};
}

bool roles_last_used(const struct roles *roles, const struct session *session, struct role_status *ret)
{
	const struct list *all = role_cache_by_use(roles->cache);

	for (struct list *link = all->prev; link != all; link = link->prev) {
		const struct cached_role *cached = list_entry(link, struct cached_role, use_link);

		if (cached->key.session != session || cached->assumed ||
		    !cached_role_has_unexpired(roles->cache, cached))
			continue;
		*ret = status_of(cached);
		return true;
	}
	return false;
}

void roles_visit(const struct roles *roles, roles_visit_fn fn, void *userdata)
{
	const struct list *all = role_cache_by_use(roles->cache);

	for (struct list *link = all->prev; link != all; link = link->prev) {
		const struct cached_role *cached = list_entry(link, struct cached_role, use_link);

		if (cached_role_has_valid(roles->cache, cached)) {
			struct role_status status = status_of(cached);

			fn(&status, userdata);
		}
	}
}
