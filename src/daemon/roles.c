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

/* Without anyone's being waited for: ROLES_LATER is what AWS must be asked for. */
static enum roles_answer look(struct roles *roles, const struct role_wish *wish, struct role_entry **ret_entry,
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

static struct role_waiter *waiter_new(struct roles *roles, const struct caller *caller,
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

static void join(struct role_entry *entry, struct role_waiter *waiter)
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

static enum roles_answer get_allowed(struct roles *roles, const struct caller *caller,
				     const struct role_wish *wish, role_fn fn, void *userdata,
				     const struct credentials **ret_now, struct role_waiter **ret_waiter,
				     struct error *err)
{
	struct role_entry *entry;
	enum roles_answer answer = look(roles, wish, &entry, err);

	if (answer == ROLES_NOW)
		*ret_now = give_kept(entry, caller);
	if (answer != ROLES_LATER)
		return answer;
	*ret_waiter = waiter_new(roles, caller, wish, fn, userdata);
	join(entry ? entry : role_entry_new(roles, &wish->role), *ret_waiter);
	return ROLES_LATER;
}

/* ---- allowed by a person ---- */

static void allow_endpoint(struct roles *roles, const struct caller *caller, const struct role_key *role)
{
	if (caller->endpoint)
		confirmation_endpoint_allowed(roles->confirmation, role, caller->endpoint);
}

/* Whoever waited for a person goes on to wait for AWS, if need be. */
static void on_allowed(struct role_waiter *waiter)
{
	struct roles *roles = waiter->roles;
	const struct role_wish wish = {.role = *waiter->wanted, .awaits_login = waiter->awaits_login};
	const struct credentials *now;
	struct role_entry *entry;
	struct error err;

	allow_endpoint(roles, &waiter->caller, waiter->wanted);
	waiter->deadline_usec += clock_boot_usec() - waiter->asked_usec; /* AWS has its own time */
	switch (look(roles, &wish, &entry, &err)) {
	case ROLES_NOW:
		entry->was_used = true;
		if (!waiter->is_asked_again)
			role_entry_hand_out(entry, &waiter->caller);
		now = entry->cached.credentials;
		waiter->fn(now, NULL, waiter->userdata); /* may free waiter: nothing of it after this line */
		return;
	case ROLES_REFUSED:
		waiter->fn(NULL, &err, waiter->userdata); /* may free waiter: nothing of it after this line */
		return;
	case ROLES_LATER:
		join(entry ? entry : role_entry_new(roles, waiter->wanted), waiter);
		return;
	}
}

static void on_answer(const struct error *err, void *userdata)
{
	struct role_waiter *waiter = userdata;

	waiter->question = confirmation_waiter_free(waiter->question);
	if (err)
		waiter->fn(NULL, err, waiter->userdata); /* may free waiter: nothing of it after this line */
	else
		on_allowed(waiter); /* nothing of waiter after this line */
}

/* Nobody is asked to allow what cannot be had. */
static bool cannot_be_had(struct roles *roles, const struct role_wish *wish, struct error *err)
{
	struct role_entry *entry;

	return look(roles, wish, &entry, err) == ROLES_REFUSED;
}

static enum roles_answer get_confirmed(struct roles *roles, const struct caller *caller,
				       const struct role_wish *wish, role_fn fn, void *userdata,
				       const struct credentials **ret_now, struct role_waiter **ret_waiter,
				       struct error *err)
{
	struct role_waiter *waiter = waiter_new(roles, caller, wish, fn, userdata);

	switch (confirmation_ask(roles->confirmation, caller, &wish->role, on_answer, waiter,
				 &waiter->question, err)) {
	case CONFIRMATION_LATER:
		waiter->wanted = role_key_copy(&wish->role);
		*ret_waiter = waiter;
		return ROLES_LATER;
	case CONFIRMATION_YES:
		role_waiter_free(waiter);
		allow_endpoint(roles, caller, &wish->role);
		return get_allowed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
	case CONFIRMATION_NO:
		break;
	}
	role_waiter_free(waiter);
	return ROLES_REFUSED;
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
		return get_allowed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
	if (cannot_be_had(roles, wish, err))
		return ROLES_REFUSED;
	return get_confirmed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
}

void role_waiter_extend(struct role_waiter *waiter, uint64_t deadline_usec)
{
	if (waiter->entry)
		role_entry_extend(waiter->entry, deadline_usec);
	else if (deadline_usec > waiter->deadline_usec)
		waiter->deadline_usec = deadline_usec;
}

bool role_waiter_needs_answer(const struct role_waiter *waiter, struct error *err)
{
	if (waiter->question)
		confirmation_explain_silence(waiter->question, err);
	return waiter->question;
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

void roles_endpoint_allowed(struct roles *roles, const struct role_key *role, const void *endpoint)
{
	confirmation_endpoint_allowed(roles->confirmation, role, endpoint);
}

void roles_endpoint_ended(struct roles *roles, const void *endpoint)
{
	confirmation_endpoint_ended(roles->confirmation, endpoint);
}

void roles_confirm_again(struct roles *roles)
{
	confirmation_look_again(roles->confirmation);
}

bool roles_await_answer(const struct roles *roles)
{
	return confirmation_awaits_person(roles->confirmation);
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

/* ---- what there is ---- */

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
