/* The gate, and what stands behind it: one entry a role (role_entry.h). */
#include "daemon/roles.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/role_entry.h"

struct roles *roles_new(const struct session_deps *deps, const struct endpoint_options *endpoints,
			struct ledger *ledger)
{
	struct roles *roles = xcalloc(1, sizeof(*roles));

	roles->deps = *deps;
	roles->endpoints = endpoints;
	roles->ledger = ledger;
	roles->cache = role_cache_new(deps->clock, role_entry_forget);
	roles->confirmation = confirmation_new(deps);
	return roles;
}

/* The warm path: credentials that are good enough, or the best there can be for now. */
static bool has_kept(struct roles *roles, struct role_entry *entry)
{
	if (!entry || !role_entry_has_valid(entry))
		return false;
	return credentials_are_good(entry->cached.credentials, aws_clock_now(roles->deps.clock)) ||
	       !role_entry_may_fetch(entry);
}

/* What nobody should wait for: a person who must sign in, and an AWS that is known to be away. */
static bool is_hopeless(struct roles *roles, const struct role_key *key, bool awaits_login, struct error *err)
{
	if (key->assumed) {
		const struct role_key source = role_key_source(key);
		struct role_entry *entry = role_entry_of(role_cache_find(roles->cache, &source));

		if (role_assume_is_hopeless(&roles->deps, roles->endpoints, key, err))
			return true;
		return !(entry && role_entry_has_valid(entry)) &&
		       is_hopeless(roles, &source, awaits_login, err);
	}
	if (!awaits_login && session_is_signed_out(key->session, err))
		return true;
	if (upstream_is_away(roles->deps.upstream, session_portal_url(key->session), err)) {
		error_prefix(err, "session '%s'", session_name(key->session));
		text_make_message(err->message);
		return true;
	}
	return false;
}

enum roles_answer roles_look(struct roles *roles, const struct role_wish *wish, struct role_entry **ret_entry,
			     struct error *err)
{
	struct role_entry *entry = role_entry_of(role_cache_find(roles->cache, &wish->role));

	*ret_entry = entry;
	if (has_kept(roles, entry)) {
		role_cache_touch(roles->cache, &entry->cached);
		return ROLES_NOW;
	}
	if (!is_hopeless(roles, &wish->role, wish->awaits_login, err))
		return ROLES_LATER;
	/* little life left, but the best there is */
	return entry && role_entry_has_valid(entry) ? ROLES_NOW : ROLES_REFUSED;
}

static const struct credentials *give_kept(struct role_entry *entry, const struct caller *caller)
{
	entry->was_used = true;
	role_entry_hand_out(entry, caller);
	return entry->cached.credentials;
}

struct role_waiter *role_waiter_new(struct roles *roles, const struct caller *caller,
				    const struct role_wish *wish, role_fn fn, void *userdata)
{
	struct role_waiter *waiter = xcalloc(1, sizeof(*waiter));

	*waiter = (struct role_waiter){
		.asked_usec = clock_boot_usec(),
		.deadline_usec = wish->deadline_usec,
		.roles = roles,
		.caller = *caller,
		.awaits_login = wish->awaits_login,
		.is_asked_again = wish->is_asked_again,
		.fn = fn,
		.userdata = userdata,
	};
	list_init(&waiter->link);
	return waiter;
}

void role_waiter_join(struct role_waiter *waiter, struct role_entry *entry)
{
	list_append(&entry->waiters, &waiter->link);
	waiter->entry = entry;
	role_cache_touch(entry->roles->cache, &entry->cached);
	entry->is_background = false;
	if (!role_entry_is_fetching(entry)) {
		entry->deadline_usec = waiter->deadline_usec;
		role_entry_start_fetch(entry, false);
	} else {
		role_entry_extend(entry, waiter->deadline_usec);
	}
}

enum roles_answer roles_get_allowed(struct roles *roles, const struct caller *caller,
				    const struct role_wish *wish, role_fn fn, void *userdata,
				    const struct credentials **ret_now, struct role_waiter **ret_waiter,
				    struct error *err)
{
	struct role_entry *entry;
	enum roles_answer answer = roles_look(roles, wish, &entry, err);

	if (answer == ROLES_NOW)
		*ret_now = give_kept(entry, caller);
	if (answer != ROLES_LATER)
		return answer;
	*ret_waiter = role_waiter_new(roles, caller, wish, fn, userdata);
	role_waiter_join(*ret_waiter, entry ? entry : role_entry_new(roles, &wish->role));
	return ROLES_LATER;
}

/* Nobody is asked to allow what cannot be had. */
static bool cannot_be_had(struct roles *roles, const struct role_wish *wish, struct error *err)
{
	struct role_entry *entry;

	return roles_look(roles, wish, &entry, err) == ROLES_REFUSED;
}

enum roles_answer roles_get(struct roles *roles, const struct caller *caller, const struct role_wish *wish,
			    role_fn fn, void *userdata, const struct credentials **ret_now,
			    struct role_waiter **ret_waiter, struct error *err)
{
	log_debug("role '%s' in %s: asked for by pid %d on %s", role_key_name(&wish->role),
		  role_key_account(&wish->role), (int)caller->pid, caller->listener);
	if (lock_state_refuses(roles->deps.lock, err))
		return ROLES_REFUSED;
	if (confirmation_covers(roles->confirmation, caller, &wish->role))
		return roles_get_allowed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
	if (cannot_be_had(roles, wish, err))
		return ROLES_REFUSED;
	return roles_get_confirmed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
}

void role_waiter_extend(struct role_waiter *waiter, uint64_t deadline_usec)
{
	if (waiter->entry)
		role_entry_extend(waiter->entry, deadline_usec);
	else if (deadline_usec > waiter->deadline_usec)
		waiter->deadline_usec = deadline_usec;
}

bool role_waiter_needs_person(const struct role_waiter *waiter, struct error *err)
{
	const struct role_entry *entry = waiter->entry;
	const struct role_waiter *source;

	if (!entry || (entry->assume && role_assume_asks_sts(entry->assume)))
		return false;
	source = entry->assume ? role_assume_source(entry->assume) : NULL;
	return source ? role_waiter_needs_person(source, err)
		      : session_is_signed_out(entry->cached.key.session, err);
}

/* A fetch goes on without anyone who waits for it; waiting for a person does not. */
static void stop_awaiting(struct role_entry *entry)
{
	if (!list_is_empty(&entry->waiters) || !role_entry_awaits_login(entry))
		return;
	role_entry_stop_fetch(entry);
	role_entry_time_now(entry);
}

struct role_waiter *role_waiter_free(struct role_waiter *waiter)
{
	if (!waiter)
		return NULL;
	list_remove(&waiter->link);
	confirmation_waiter_free(waiter->question);
	role_key_free(waiter->wanted);
	if (waiter->entry)
		stop_awaiting(waiter->entry);
	free(waiter);
	return NULL;
}

/* session NULL: of all. */
static bool is_of(const struct cached_role *cached, const struct session *session)
{
	return !session || session_is_namesake(cached->key.session, session);
}

static void forget(struct roles *roles, const struct session *session, const struct error *why)
{
	struct cached_role *cached;

	/* First all of them, for some wait for others. */
	list_for_each (cached, role_cache_by_use(roles->cache), struct cached_role, use_link) {
		if (!session || cached->key.session == session)
			role_entry_stop_fetch(role_entry_of(cached));
	}
	list_for_each (cached, role_cache_by_use(roles->cache), struct cached_role, use_link) {
		struct role_entry *entry = role_entry_of(cached);

		if (!is_of(cached, session))
			continue;
		role_entry_answer(entry, why);
		role_entry_free(entry);
	}
	confirmation_forget(roles->confirmation, session, why);
}

void roles_forget(struct roles *roles, const struct session *session)
{
	_cleanup_free_ char *command = command_to_type("iamic-login", session_name(session));
	struct error err;

	error_set(&err, ERROR_LOGIN_REQUIRED, "session '%s' was signed out: run %s", session_name(session),
		  command);
	text_make_message(err.message);
	forget(roles, session, &err);
}

void roles_lock(struct roles *roles)
{
	struct error err;

	lock_state_explain(&err);
	forget(roles, NULL, &err);
}

void roles_foretell_again(struct roles *roles)
{
	struct cached_role *cached;

	list_for_each (cached, role_cache_by_use(roles->cache), struct cached_role, use_link) {
		struct role_entry *entry = role_entry_of(cached);

		if (!role_entry_is_fetching(entry) && role_entry_has_valid(entry))
			role_entry_arm_timer(entry);
	}
}
