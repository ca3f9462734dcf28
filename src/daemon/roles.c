/*
 * One entry a role, and the gate in front of them:
 *
 *   (asked) ──► role_fetch ──► kept, everyone answered ──(in use: renewal time)──┐
 *                   ▲  │                                                          │
 *                   │  └──(refused, no answer)──► what is kept and valid, else the error
 *                   └─────────────────────────────────────────────────────────────┘
 */
#include "daemon/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/denial.h"
#include "daemon/role_cache.h"
#include "daemon/role_fetch.h"
#include "daemon/timer.h"

#define BACKGROUND_DEADLINE_USEC (60 * USEC_PER_SEC)
#define FETCH_INTERVAL_USEC      (30 * USEC_PER_SEC) /* for one role, while something valid is left */
#define RENEW_AGAIN_USEC         (60 * USEC_PER_SEC) /* after a renewal that failed */
#define JITTER_RANGE             1024

struct roles {
	struct session_deps deps;
	struct role_cache *cache; /* struct entry, by .cached */
};

struct entry {
	struct cached_role cached;
	struct roles *roles;
	bool was_used;          /* since they were granted */
	uint64_t fetched_usec;  /* when a fetch last began; 0: never */
	unsigned jitter;        /* of its renewals */
	sd_event_source *timer; /* renewal, then expiry */

	struct role_fetch *fetch; /* under way, or NULL */
	bool is_background;
	uint64_t deadline_usec;
	struct list waiters; /* struct role_waiter, by .link */
};

struct role_waiter {
	struct list link;
	struct entry *entry; /* NULL once answered */
	bool awaits_login;
	role_fn fn;
	void *userdata;
};

/* ---- entries ---- */

static struct entry *entry_of(struct cached_role *cached)
{
	return cached ? list_entry(cached, struct entry, cached) : NULL;
}

static struct entry *entry_free(struct entry *entry)
{
	struct role_waiter *waiter;

	list_for_each (waiter, &entry->waiters, struct role_waiter, link) {
		list_remove(&waiter->link);
		waiter->entry = NULL;
	}
	role_fetch_free(entry->fetch);
	timer_disarm(&entry->timer);
	cached_role_done(&entry->cached);
	free(entry);
	return NULL;
}

static bool forget(struct cached_role *cached)
{
	struct entry *entry = entry_of(cached);

	if (entry->fetch || !list_is_empty(&entry->waiters))
		return false;
	log_debug("role '%s' in %s: forgotten to make room", cached->role_name, cached->account_id);
	entry_free(entry);
	return true;
}

struct roles *roles_new(const struct session_deps *deps)
{
	struct roles *roles = xcalloc(1, sizeof(*roles));

	roles->deps = *deps;
	roles->cache = role_cache_new(deps->clock, forget);
	return roles;
}

struct roles *roles_free(struct roles *roles)
{
	struct list *all;

	if (!roles)
		return NULL;
	all = role_cache_by_use(roles->cache);
	while (!list_is_empty(all))
		entry_free(entry_of(list_first(all, struct cached_role, use_link)));
	role_cache_free(roles->cache);
	free(roles);
	return NULL;
}

static struct entry *entry_new(struct roles *roles, const struct role_key *key)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	list_init(&entry->waiters);
	entry->roles = roles;
	role_cache_add(roles->cache, &entry->cached, key);
	return entry;
}

static bool has_valid(const struct entry *entry)
{
	return cached_role_has_valid(entry->roles->cache, &entry->cached);
}

static bool may_fetch(const struct entry *entry)
{
	return !entry->fetched_usec || !has_valid(entry) ||
	       clock_boot_usec() - entry->fetched_usec >= FETCH_INTERVAL_USEC;
}

/* ---- answers ---- */

/* A callback may free other waiters, never an entry: it runs from the loop alone. */
static void answer_these(struct list *waiters, const struct credentials *credentials, const struct error *err)
{
	struct role_waiter *waiter;

	while ((waiter = list_first(waiters, struct role_waiter, link))) {
		list_remove(&waiter->link);
		waiter->entry = NULL;
		waiter->fn(credentials, err, waiter->userdata);
	}
}

/* Everyone who waits hears the same. */
static void answer(struct entry *entry, const struct error *err)
{
	struct list waiters;

	list_init(&waiters);
	list_splice(&waiters, &entry->waiters);
	answer_these(&waiters, err ? NULL : entry->cached.credentials, err);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata);

/* When they are to outlast the portal session; 0: they do, or it is not known when it ends. */
static int64_t last_renewal_at(const struct entry *entry)
{
	struct session_status status;
	struct session_end end;

	session_get_status(entry->cached.key.session, &status);
	session_foretell_end(entry->cached.key.session, &end);
	return credentials_last_renewal_at(entry->cached.credentials, status.signed_in_at, end.sure,
					   entry->jitter);
}

/* A renewal, the last one before the portal session ends, or, if neither is to come, their own end. */
static void arm_timer(struct entry *entry)
{
	const struct session_deps *deps = &entry->roles->deps;
	const struct credentials *credentials = entry->cached.credentials;
	int64_t now = aws_clock_now(deps->clock);
	int64_t renew_at = credentials_renew_at(credentials, entry->jitter);
	int64_t last_at = last_renewal_at(entry);
	int64_t next = now < renew_at ? renew_at : credentials->expires_at;

	if (last_at && last_at < next && (now < last_at || entry->was_used))
		next = last_at;
	timer_arm(deps->event, &entry->timer, aws_clock_boot_usec_of(deps->clock, next), on_time, entry);
}

static void keep(struct entry *entry, const struct role_fetch_result *result)
{
	struct cached_role *cached = &entry->cached;

	credentials_free(cached->credentials);
	cached->credentials = result->credentials_taken;
	cached->granted_to = result->generation;
	entry->jitter = random_u32() % JITTER_RANGE;
	entry->was_used = !list_is_empty(&entry->waiters);
	arm_timer(entry);
}

/* An error for people: which session, which role, and what to do. */
static void complete(const struct entry *entry, struct error *err)
{
	const char *session = session_name(entry->cached.key.session);

	if (err->kind == ERROR_DENIED)
		denial_complete(err, session, entry->roles->deps.configuration);
	else if (err->kind != ERROR_LOGIN_REQUIRED)
		error_prefix(err, "session '%s'", session);
	text_make_message(err->message);
}

/* What is kept and still valid is better than the error; else the error is, and the entry has no more use. */
static void fail(struct entry *entry, const struct error *err)
{
	const struct session_deps *deps = &entry->roles->deps;
	struct error full = *err;

	if (has_valid(entry)) {
		log_info("role '%s' in %s: not renewed: %s", entry->cached.role_name,
			 entry->cached.account_id, err->message);
		entry->was_used = entry->was_used || !list_is_empty(&entry->waiters);
		timer_arm(deps->event, &entry->timer, clock_boot_usec() + RENEW_AGAIN_USEC, on_time, entry);
		answer(entry, NULL);
		return;
	}
	complete(entry, &full);
	answer(entry, &full);
	if (list_is_empty(&entry->waiters) && !entry->fetch)
		entry_free(entry);
}

/* ---- a fetch, and the time for the next ---- */

static void start_fetch(struct entry *entry, bool awaits_login);

/* Signed out: those who await a sign-in go on waiting, the others hear it. */
static void on_signed_out(struct entry *entry, const struct error *err)
{
	struct list others;
	struct role_waiter *waiter;

	list_init(&others);
	list_for_each (waiter, &entry->waiters, struct role_waiter, link) {
		if (!waiter->awaits_login) {
			list_remove(&waiter->link);
			list_append(&others, &waiter->link);
		}
	}
	if (list_is_empty(&entry->waiters)) {
		list_splice(&entry->waiters, &others);
		fail(entry, err);
		return;
	}
	start_fetch(entry, true);
	answer_these(&others, NULL, err);
}

static bool is_for_want_of_a_person(const struct entry *entry, const struct role_fetch_result *result,
				    bool is_background, struct error *ret)
{
	*ret = result->err;
	return result->end == ROLE_FETCH_NO_TOKEN && ret->kind == ERROR_LOGIN_REQUIRED && !has_valid(entry) &&
	       session_is_signed_out(entry->cached.key.session, ret) && !is_background;
}

static void on_fetched(const struct role_fetch_result *result, void *userdata)
{
	struct entry *entry = userdata;
	bool was_background = entry->is_background;
	struct error err;

	entry->fetch = role_fetch_free(entry->fetch);
	entry->is_background = false;
	if (is_for_want_of_a_person(entry, result, was_background, &err)) {
		on_signed_out(entry, &err);
		return;
	}
	if (result->end != ROLE_FETCH_GRANTED) {
		fail(entry, &err);
		return;
	}
	keep(entry, result);
	role_cache_make_room(entry->roles->cache);
	answer(entry, NULL);
}

static void start_fetch(struct entry *entry, bool awaits_login)
{
	struct roles *roles = entry->roles;

	entry->fetched_usec = clock_boot_usec();
	entry->fetch = role_fetch_start(&roles->deps, roles->cache, &entry->cached.key, awaits_login,
					entry->deadline_usec, on_fetched, entry);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct entry *entry = userdata;
	struct roles *roles = entry->roles;

	(void)source;
	(void)usec;
	timer_disarm(&entry->timer);
	if (entry->fetch)
		return 0; /* its end arms the timer again */
	if (!has_valid(entry)) {
		entry_free(entry);
	} else if (!entry->was_used) {
		arm_timer(entry); /* nobody wants it renewed: it goes when it expires */
	} else if (!may_fetch(entry)) {
		timer_arm(roles->deps.event, &entry->timer, entry->fetched_usec + FETCH_INTERVAL_USEC,
			  on_time, entry);
	} else {
		entry->is_background = true;
		entry->deadline_usec = clock_boot_usec() + BACKGROUND_DEADLINE_USEC;
		start_fetch(entry, false);
	}
	return 0;
}

/* ---- the gate ---- */

/* The warm path: credentials that are good enough, or the best there can be for now. */
static const struct credentials *take_kept(struct roles *roles, struct entry *entry)
{
	if (!entry || !has_valid(entry))
		return NULL;
	if (!credentials_are_good(entry->cached.credentials, aws_clock_now(roles->deps.clock)) &&
	    may_fetch(entry))
		return NULL;
	entry->was_used = true;
	role_cache_touch(roles->cache, &entry->cached);
	return entry->cached.credentials;
}

/* What nobody should wait for: a person who must sign in, and an AWS that is known to be away. */
static bool is_hopeless(struct roles *roles, const struct role_wish *wish, struct error *err)
{
	if (!wish->awaits_login && session_is_signed_out(wish->session, err))
		return true;
	if (upstream_is_away(roles->deps.upstream, session_portal_url(wish->session), err)) {
		error_prefix(err, "session '%s'", session_name(wish->session));
		text_make_message(err->message);
		return true;
	}
	return false;
}

static void join(struct entry *entry, const struct role_wish *wish, struct role_waiter *waiter)
{
	list_append(&entry->waiters, &waiter->link);
	waiter->entry = entry;
	role_cache_touch(entry->roles->cache, &entry->cached);
	entry->is_background = false;
	if (!entry->fetch) {
		entry->deadline_usec = wish->deadline_usec;
		start_fetch(entry, false);
		return;
	}
	if (wish->deadline_usec > entry->deadline_usec)
		entry->deadline_usec = wish->deadline_usec;
	role_fetch_extend(entry->fetch, entry->deadline_usec);
}

enum roles_answer roles_get(struct roles *roles, const struct caller *caller, const struct role_wish *wish,
			    role_fn fn, void *userdata, const struct credentials **ret_now,
			    struct role_waiter **ret_waiter, struct error *err)
{
	const struct role_key key = {
		.session = wish->session, .account_id = wish->account_id, .role_name = wish->role_name};
	struct entry *entry = entry_of(role_cache_find(roles->cache, &key));
	struct role_waiter *waiter;

	log_debug("role '%s' in %s: asked for by pid %d on %s", wish->role_name, wish->account_id,
		  (int)caller->pid, caller->listener);
	*ret_now = take_kept(roles, entry);
	if (*ret_now)
		return ROLES_NOW;
	if (is_hopeless(roles, wish, err)) {
		if (!entry || !has_valid(entry))
			return ROLES_REFUSED;
		*ret_now = entry->cached.credentials; /* little life left, but the best there is */
		entry->was_used = true;
		return ROLES_NOW;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct role_waiter){.awaits_login = wish->awaits_login, .fn = fn, .userdata = userdata};
	join(entry ? entry : entry_new(roles, &key), wish, waiter);
	*ret_waiter = waiter;
	return ROLES_LATER;
}

/* A fetch goes on without anyone who waits for it; waiting for a person does not. */
static void stop_awaiting(struct entry *entry)
{
	if (!entry->fetch || !role_fetch_awaits_login(entry->fetch) || !list_is_empty(&entry->waiters))
		return;
	entry->fetch = role_fetch_free(entry->fetch);
	timer_arm(entry->roles->deps.event, &entry->timer, clock_boot_usec(), on_time, entry);
}

struct role_waiter *role_waiter_free(struct role_waiter *waiter)
{
	if (!waiter)
		return NULL;
	list_remove(&waiter->link);
	if (waiter->entry)
		stop_awaiting(waiter->entry);
	free(waiter);
	return NULL;
}

void roles_forget(struct roles *roles, const struct session *session)
{
	struct cached_role *cached;
	struct error err;

	error_set(&err, ERROR_LOGIN_REQUIRED, "session '%s' was signed out: run 'iamic-login %s'",
		  session_name(session), session_name(session));
	text_make_message(err.message);
	list_for_each (cached, role_cache_by_use(roles->cache), struct cached_role, use_link) {
		struct entry *entry = entry_of(cached);

		if (!session_is_namesake(cached->key.session, session))
			continue;
		entry->fetch = role_fetch_free(entry->fetch);
		answer(entry, &err);
		entry_free(entry);
	}
}

void roles_foretell_again(struct roles *roles)
{
	struct cached_role *cached;

	list_for_each (cached, role_cache_by_use(roles->cache), struct cached_role, use_link) {
		struct entry *entry = entry_of(cached);

		if (!entry->fetch && has_valid(entry))
			arm_timer(entry);
	}
}

/* ---- what there is ---- */

static struct role_status status_of(const struct cached_role *cached)
{
	return (struct role_status){
		.session = cached->key.session,
		.account_id = cached->account_id,
		.role_name = cached->role_name,
		.expires = cached->credentials->expires_at,
	};
}

bool roles_last_used(const struct roles *roles, const struct session *session, struct role_status *ret)
{
	const struct list *all = role_cache_by_use(roles->cache);

	for (struct list *link = all->prev; link != all; link = link->prev) {
		const struct cached_role *cached = list_entry(link, struct cached_role, use_link);

		if (cached->key.session != session || !cached_role_has_unexpired(roles->cache, cached))
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
