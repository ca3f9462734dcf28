/*
 * One entry a role:
 *
 *   (asked) ──► session_wait() ──► GetRoleCredentials ──► kept, everyone answered ──(in use: renewal time)──┐
 *                   ▲                   │                                                                   │
 *                   └──(401, once)──────┤◄──────────────────────────────────────────────────────────────────┘
 *                                       └──(refused, no answer)──► what is kept and valid, else the error
 */
#include "daemon/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/portal.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define BUCKETS                  256
#define BACKGROUND_DEADLINE_USEC (60 * USEC_PER_SEC)
#define FETCH_INTERVAL_USEC      (30 * USEC_PER_SEC) /* for one role, while something valid is left */
#define RENEW_AGAIN_USEC         (60 * USEC_PER_SEC) /* after a renewal that failed */
#define ARENA_KEPT_FREE          (512 * 1024) /* for requests and replies under way, sign-ins among them */
#define JITTER_RANGE             1024

struct roles {
	struct session_deps deps;
	struct list buckets[BUCKETS]; /* struct entry, by .link */
	struct list by_use;           /* struct entry, by .use_link, the most recently used last */
};

struct entry {
	struct list link, use_link;
	struct roles *roles;
	struct session *session; /* sessions' */
	char *account_id, *role_name;

	struct credentials *credentials; /* or NULL */
	uint64_t granted_to;             /* the generation of the token that got them */
	bool was_used;                   /* since they were granted */
	uint64_t fetched_usec;           /* when a fetch last began; 0: never */
	sd_event_source *timer;          /* renewal, then expiry */

	struct session_waiter *token_waiter; /* a fetch under way: first this, */
	struct retry *request;               /* then this */
	bool awaits_login;                   /* the token waiter does */
	uint64_t generation;                 /* of the token that was sent */
	bool was_unauthorized;               /* in this fetch */
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

static void start_fetch(struct entry *entry, bool awaits_login);

/* ---- entries ---- */

struct roles *roles_new(const struct session_deps *deps)
{
	struct roles *roles = xcalloc(1, sizeof(*roles));

	roles->deps = *deps;
	list_init(&roles->by_use);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&roles->buckets[i]);
	return roles;
}

static void stop_fetch(struct entry *entry)
{
	entry->token_waiter = session_waiter_free(entry->token_waiter);
	entry->request = retry_free(entry->request);
	entry->was_unauthorized = false;
	entry->is_background = false;
}

static struct entry *entry_free(struct entry *entry)
{
	struct role_waiter *waiter;

	list_remove(&entry->link);
	list_remove(&entry->use_link);
	list_for_each (waiter, &entry->waiters, struct role_waiter, link) {
		list_remove(&waiter->link);
		waiter->entry = NULL;
	}
	stop_fetch(entry);
	timer_disarm(&entry->timer);
	credentials_free(entry->credentials);
	free(entry->account_id);
	free(entry->role_name);
	free(entry);
	return NULL;
}

struct roles *roles_free(struct roles *roles)
{
	if (!roles)
		return NULL;
	while (!list_is_empty(&roles->by_use))
		entry_free(list_first(&roles->by_use, struct entry, use_link));
	free(roles);
	return NULL;
}

static struct list *bucket_of(struct roles *roles, const struct session *session, const char *account_id,
			      const char *role_name)
{
	uint32_t hash = (uint32_t)((uintptr_t)session >> 4);

	for (const char *p = account_id; *p; p++)
		hash = hash * 31 + (unsigned char)*p;
	for (const char *p = role_name; *p; p++)
		hash = hash * 31 + (unsigned char)*p;
	return &roles->buckets[hash % BUCKETS];
}

static struct entry *find(struct roles *roles, const struct role_wish *wish)
{
	struct list *bucket = bucket_of(roles, wish->session, wish->account_id, wish->role_name);
	struct entry *entry;

	list_for_each (entry, bucket, struct entry, link) {
		if (entry->session == wish->session && strcmp(entry->account_id, wish->account_id) == 0 &&
		    strcmp(entry->role_name, wish->role_name) == 0)
			return entry;
	}
	return NULL;
}

static struct entry *entry_new(struct roles *roles, const struct role_wish *wish)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	list_init(&entry->waiters);
	entry->roles = roles;
	entry->session = wish->session;
	entry->account_id = xstrdup(wish->account_id);
	entry->role_name = xstrdup(wish->role_name);
	list_append(bucket_of(roles, wish->session, wish->account_id, wish->role_name), &entry->link);
	list_append(&roles->by_use, &entry->use_link);
	return entry;
}

static bool is_fetching(const struct entry *entry)
{
	return entry->token_waiter || entry->request;
}

static bool has_unexpired(const struct entry *entry)
{
	return entry->credentials &&
	       !credentials_are_expired(entry->credentials, aws_clock_now(entry->roles->deps.clock));
}

/* What an earlier sign-in was granted is another person's, for all that is known here. */
static bool has_valid(const struct entry *entry)
{
	return has_unexpired(entry) && session_is_of_this_sign_in(entry->session, entry->granted_to);
}

static bool may_fetch(const struct entry *entry)
{
	return !entry->fetched_usec || !has_valid(entry) ||
	       clock_boot_usec() - entry->fetched_usec >= FETCH_INTERVAL_USEC;
}

bool roles_evict_one(struct roles *roles)
{
	struct entry *entry;

	list_for_each (entry, &roles->by_use, struct entry, use_link) {
		if (entry->credentials && !is_fetching(entry) && list_is_empty(&entry->waiters)) {
			log_debug("role '%s' in %s: forgotten to make room", entry->role_name,
				  entry->account_id);
			entry_free(entry);
			return true;
		}
	}
	return false;
}

/* The cache never fills the arena: what is under way needs some of it, and cannot choose whose. */
static void make_room(struct roles *roles)
{
	while (secret_room() < ARENA_KEPT_FREE && roles_evict_one(roles))
		;
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
	answer_these(&waiters, err ? NULL : entry->credentials, err);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct entry *entry = userdata;
	struct roles *roles = entry->roles;

	(void)source;
	(void)usec;
	timer_disarm(&entry->timer);
	if (is_fetching(entry))
		return 0; /* its end arms the timer again */
	if (!has_valid(entry)) {
		entry_free(entry);
	} else if (!may_fetch(entry)) {
		timer_arm(roles->deps.event, &entry->timer, entry->fetched_usec + FETCH_INTERVAL_USEC,
			  on_time, entry);
	} else if (entry->was_used) {
		entry->is_background = true;
		entry->deadline_usec = clock_boot_usec() + BACKGROUND_DEADLINE_USEC;
		start_fetch(entry, false);
	} else { /* nobody wants it renewed: it goes when it expires */
		timer_arm(roles->deps.event, &entry->timer,
			  aws_clock_boot_usec_of(roles->deps.clock, entry->credentials->expires_at), on_time,
			  entry);
	}
	return 0;
}

static void keep(struct entry *entry, struct credentials *credentials_taken)
{
	const struct session_deps *deps = &entry->roles->deps;
	int64_t renew_at;

	credentials_free(entry->credentials);
	entry->credentials = credentials_taken;
	entry->granted_to = entry->generation;
	entry->was_used = false;
	renew_at = credentials_renew_at(entry->credentials, random_u32() % JITTER_RANGE);
	timer_arm(deps->event, &entry->timer, aws_clock_boot_usec_of(deps->clock, renew_at), on_time, entry);
}

/* An error for people: which session, which role, and what to do. */
static void complete(const struct entry *entry, struct error *err)
{
	const char *session = session_name(entry->session);

	if (err->kind == ERROR_DENIED) {
		error_prefix(err, "session '%s'", session);
		size_t n = strlen(err->message);

		snprintf(err->message + n, sizeof(err->message) - n, ": 'iamic login --force %s'", session);
	} else if (err->kind != ERROR_LOGIN_REQUIRED) {
		error_prefix(err, "session '%s'", session);
	}
	text_make_message(err->message);
}

/* What is kept and still valid is better than the error; else the error is, and the entry has no more use. */
static void fail(struct entry *entry, const struct error *err)
{
	const struct session_deps *deps = &entry->roles->deps;
	struct error full = *err;

	stop_fetch(entry);
	if (has_valid(entry)) {
		log_info("role '%s' in %s: not renewed: %s", entry->role_name, entry->account_id,
			 err->message);
		entry->was_used = entry->was_used || !list_is_empty(&entry->waiters);
		timer_arm(deps->event, &entry->timer, clock_boot_usec() + RENEW_AGAIN_USEC, on_time, entry);
		answer(entry, NULL);
		return;
	}
	complete(entry, &full);
	answer(entry, &full);
	if (list_is_empty(&entry->waiters) && !is_fetching(entry))
		entry_free(entry);
}

/* ---- a fetch, in the order in which it runs ---- */

static enum portal_outcome read_reply(struct entry *entry, const struct aws_reply *reply,
				      struct credentials **ret, struct error *err)
{
	enum portal_outcome outcome;

	do
		outcome = portal_read_role_credentials(reply, entry->account_id, entry->role_name,
						       aws_clock_now(entry->roles->deps.clock), ret, err);
	while (outcome == PORTAL_FULL && roles_evict_one(entry->roles));
	return outcome;
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct entry *entry = userdata;
	struct credentials *credentials = NULL;
	enum portal_outcome outcome;
	struct error err;

	if (!reply) {
		err = *ask_err; /* it lives in the request that ends now */
		fail(entry, &err);
		return;
	}
	outcome = read_reply(entry, reply, &credentials, &err);
	if (outcome == PORTAL_UNAUTHORIZED) {
		entry->request = retry_free(entry->request);
		session_token_refused(entry->session, entry->generation);
		if (!entry->was_unauthorized) {
			entry->was_unauthorized = true;
			start_fetch(entry, false);
			return;
		}
		error_set(&err, ERROR_LOGIN_REQUIRED,
			  "session '%s' is no longer accepted: run 'iamic-login --force %s'",
			  session_name(entry->session), session_name(entry->session));
		fail(entry, &err);
		return;
	}
	if (outcome == PORTAL_OK || outcome == PORTAL_DENIED)
		session_token_worked(entry->session);
	if (outcome != PORTAL_OK) {
		fail(entry, &err);
		return;
	}
	stop_fetch(entry);
	if (!session_is_of_this_sign_in(entry->session, entry->generation)) {
		credentials_free(credentials); /* someone has signed in anew meanwhile */
		start_fetch(entry, false);
		return;
	}
	keep(entry, credentials);
	make_room(entry->roles);
	entry->was_used = !list_is_empty(&entry->waiters);
	answer(entry, NULL);
}

static bool write_request(struct entry *entry, const struct secret *access_token, struct aws_request *request,
			  struct error *err)
{
	make_room(entry->roles);
	do {
		if (portal_write_get_role_credentials(request, session_portal_url(entry->session),
						      access_token, entry->account_id, entry->role_name, err))
			return true;
	} while (roles_evict_one(entry->roles));
	return false;
}

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

static void on_token(const struct session_token *token, const struct error *token_err, void *userdata)
{
	struct entry *entry = userdata;
	struct session_waiter *answered = TAKE(entry->token_waiter);
	struct aws_request request;
	struct error err;

	if (!token) {
		err = *token_err;
		session_waiter_free(answered);
		if (err.kind == ERROR_LOGIN_REQUIRED && !has_valid(entry) &&
		    session_is_signed_out(entry->session, &err) && !entry->is_background)
			on_signed_out(entry, &err);
		else
			fail(entry, &err);
		return;
	}
	entry->generation = token->generation;
	if (!write_request(entry, token->access_token, &request, &err)) {
		session_waiter_free(answered);
		fail(entry, &err);
		return;
	}
	session_waiter_free(answered);
	entry->request =
		retry_start(entry->roles->deps.upstream, &request, entry->deadline_usec, on_replied, entry);
}

static void start_fetch(struct entry *entry, bool awaits_login)
{
	entry->fetched_usec = clock_boot_usec();
	entry->awaits_login = awaits_login;
	entry->token_waiter = session_wait(entry->session, awaits_login, on_token, entry);
}

/* ---- the gate ---- */

/* The warm path: credentials that are good enough, or the best there can be for now. */
static const struct credentials *take_kept(struct roles *roles, struct entry *entry)
{
	if (!entry || !has_valid(entry))
		return NULL;
	if (!credentials_are_good(entry->credentials, aws_clock_now(roles->deps.clock)) && may_fetch(entry))
		return NULL;
	entry->was_used = true;
	list_remove(&entry->use_link);
	list_append(&roles->by_use, &entry->use_link);
	return entry->credentials;
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
	list_remove(&entry->use_link);
	list_append(&entry->roles->by_use, &entry->use_link);
	if (!is_fetching(entry)) {
		entry->deadline_usec = wish->deadline_usec;
		start_fetch(entry, false);
		return;
	}
	entry->is_background = false;
	if (wish->deadline_usec > entry->deadline_usec)
		entry->deadline_usec = wish->deadline_usec;
	if (entry->request)
		retry_extend(entry->request, entry->deadline_usec);
}

enum roles_answer roles_get(struct roles *roles, const struct caller *caller, const struct role_wish *wish,
			    role_fn fn, void *userdata, const struct credentials **ret_now,
			    struct role_waiter **ret_waiter, struct error *err)
{
	struct entry *entry = find(roles, wish);
	struct role_waiter *waiter;

	log_debug("role '%s' in %s: asked for by pid %d on %s", wish->role_name, wish->account_id,
		  (int)caller->pid, caller->listener);
	*ret_now = take_kept(roles, entry);
	if (*ret_now)
		return ROLES_NOW;
	if (is_hopeless(roles, wish, err)) {
		if (!entry || !has_valid(entry))
			return ROLES_REFUSED;
		*ret_now = entry->credentials; /* little life left, but the best there is */
		entry->was_used = true;
		return ROLES_NOW;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct role_waiter){.awaits_login = wish->awaits_login, .fn = fn, .userdata = userdata};
	join(entry ? entry : entry_new(roles, wish), wish, waiter);
	*ret_waiter = waiter;
	return ROLES_LATER;
}

/* A fetch goes on without anyone who waits for it; waiting for a person does not. */
static void stop_awaiting(struct entry *entry)
{
	if (!entry->token_waiter || !entry->awaits_login || !list_is_empty(&entry->waiters))
		return;
	stop_fetch(entry);
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
	struct entry *entry;
	struct error err;

	error_set(&err, ERROR_LOGIN_REQUIRED, "session '%s' was signed out: run 'iamic-login %s'",
		  session_name(session), session_name(session));
	text_make_message(err.message);
	list_for_each (entry, &roles->by_use, struct entry, use_link) {
		if (entry->session != session)
			continue;
		stop_fetch(entry);
		answer(entry, &err);
		entry_free(entry);
	}
}

static struct role_status status_of(const struct entry *entry)
{
	return (struct role_status){
		.session = entry->session,
		.account_id = entry->account_id,
		.role_name = entry->role_name,
		.expires = entry->credentials->expires_at,
	};
}

bool roles_last_used(const struct roles *roles, const struct session *session, struct role_status *ret)
{
	for (struct list *link = roles->by_use.prev; link != &roles->by_use; link = link->prev) {
		const struct entry *entry = list_entry(link, struct entry, use_link);

		if (entry->session != session || !has_unexpired(entry))
			continue;
		*ret = status_of(entry);
		return true;
	}
	return false;
}

void roles_visit(const struct roles *roles, roles_visit_fn fn, void *userdata)
{
	for (struct list *link = roles->by_use.prev; link != &roles->by_use; link = link->prev) {
		const struct entry *entry = list_entry(link, struct entry, use_link);

		if (has_valid(entry)) {
			struct role_status status = status_of(entry);

			fn(&status, userdata);
		}
	}
}
