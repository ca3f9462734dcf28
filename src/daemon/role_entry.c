/*
 *   (asked) ──► role_fetch or role_assume ──► kept, everyone answered ──(in use: renewal time)──┐
 *                   ▲  │                                                                        │
 *                   │  └──(refused, no answer)──► what is kept and valid, else the error        │
 *                   └───────────────────────────────────────────────────────────────────────────┘
 */
#include "daemon/role_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/denial.h"
#include "daemon/timer.h"

#define BACKGROUND_DEADLINE_USEC (60 * USEC_PER_SEC)
#define FETCH_INTERVAL_USEC      (30 * USEC_PER_SEC) /* for one role, while something valid is left */
#define RENEW_AGAIN_USEC         (60 * USEC_PER_SEC) /* after a renewal that failed */
#define JITTER_RANGE             1024

struct role_entry *role_entry_of(struct cached_role *cached)
{
	return cached ? list_entry(cached, struct role_entry, cached) : NULL;
}

struct role_entry *role_entry_new(struct roles *roles, const struct role_key *key)
{
	struct role_entry *entry = xcalloc(1, sizeof(*entry));

	list_init(&entry->waiters);
	entry->roles = roles;
	role_cache_add(roles->cache, &entry->cached, key);
	return entry;
}

struct role_entry *role_entry_free(struct role_entry *entry)
{
	struct role_waiter *waiter;

	list_for_each (waiter, &entry->waiters, struct role_waiter, link) {
		list_remove(&waiter->link);
		waiter->entry = NULL;
	}
	role_entry_stop_fetch(entry);
	timer_disarm(&entry->timer);
	cached_role_done(&entry->cached);
	free(entry);
	return NULL;
}

bool role_entry_forget(struct cached_role *cached)
{
	struct role_entry *entry = role_entry_of(cached);

	if (role_entry_is_fetching(entry) || entry->is_answering || !list_is_empty(&entry->waiters))
		return false;
	log_debug("role '%s' in %s: forgotten to make room", role_key_name(&cached->key),
		  role_key_account(&cached->key));
	role_entry_free(entry);
	return true;
}

bool role_entry_is_fetching(const struct role_entry *entry)
{
	return entry->fetch || entry->assume;
}

void role_entry_stop_fetch(struct role_entry *entry)
{
	entry->fetch = role_fetch_free(entry->fetch);
	entry->assume = role_assume_free(entry->assume);
	entry->is_background = false;
}

bool role_entry_has_valid(const struct role_entry *entry)
{
	return cached_role_has_valid(entry->roles->cache, &entry->cached);
}

bool role_entry_may_fetch(const struct role_entry *entry)
{
	return !entry->fetched_usec || !role_entry_has_valid(entry) ||
	       clock_boot_usec() - entry->fetched_usec >= FETCH_INTERVAL_USEC;
}

bool role_entry_awaits_login(const struct role_entry *entry)
{
	const struct role_waiter *source = entry->assume ? role_assume_source(entry->assume) : NULL;

	if (source)
		return source->entry && role_entry_awaits_login(source->entry);
	return entry->fetch && role_fetch_awaits_login(entry->fetch);
}

/* ---- answers ---- */

void role_entry_hand_out(const struct role_entry *entry, const struct caller *caller)
{
	const struct role_key *key = &entry->cached.key;

	if (caller->is_iamicd) /* what iamicd does with them itself is somebody's wish that is on record */
		return;
	ledger_add(entry->roles->ledger, &(struct handout){
						 .session = session_name(key->session),
						 .account_id = role_key_account(key),
						 .role_name = role_key_name(key),
						 .pid = caller->pid,
						 .share = caller->share,
					 });
}

/* A callback may free other waiters, never an entry: it runs from the loop alone. */
static void answer_these(struct role_entry *entry, struct list *waiters, const struct error *err)
{
	const struct credentials *credentials = err ? NULL : entry->cached.credentials;
	struct role_waiter *waiter;

	while ((waiter = list_first(waiters, struct role_waiter, link))) {
		list_remove(&waiter->link);
		waiter->entry = NULL;
		if (credentials && !waiter->is_asked_again)
			role_entry_hand_out(entry, &waiter->caller);
		waiter->fn(credentials, err, waiter->userdata);
	}
}

void role_entry_answer(struct role_entry *entry, const struct error *err)
{
	struct list waiters;

	list_init(&waiters);
	list_splice(&waiters, &entry->waiters);
	entry->is_answering = true; /* who hears it may need room for what it is the source of */
	answer_these(entry, &waiters, err);
	entry->is_answering = false;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata);

/* When they are to outlast the portal session; 0: they do, or it is not known when it ends. */
static int64_t last_renewal_at(const struct role_entry *entry)
{
	struct session_status status;
	struct session_end end;

	session_get_status(entry->cached.key.session, &status);
	session_foretell_end(entry->cached.key.session, &end);
	return credentials_last_renewal_at(entry->cached.credentials, status.signed_in_at, end.sure,
					   entry->jitter);
}

void role_entry_arm_timer(struct role_entry *entry)
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

static void keep(struct role_entry *entry, const struct role_fetch_result *result)
{
	struct cached_role *cached = &entry->cached;

	credentials_free(cached->credentials);
	cached->credentials = result->credentials_taken;
	cached->granted_to = result->generation;
	entry->jitter = random_u32() % JITTER_RANGE;
	entry->was_used = !list_is_empty(&entry->waiters);
	role_entry_arm_timer(entry);
}

/* An error for people: which session, which role, and what to do. That of an assumed role is complete. */
static void complete(const struct role_entry *entry, struct error *err)
{
	const char *session = session_name(entry->cached.key.session);

	if (entry->cached.assumed)
		return;
	if (err->kind == ERROR_DENIED)
		denial_complete(err, session, entry->roles->deps.configuration);
	else if (err->kind != ERROR_LOGIN_REQUIRED)
		error_prefix(err, "session '%s'", session);
	text_make_message(err->message);
}

/* What is kept and still valid is better than the error; else the error is, and the entry has no more use. */
static void fail(struct role_entry *entry, const struct error *err)
{
	const struct session_deps *deps = &entry->roles->deps;
	struct error full = *err;

	if (role_entry_has_valid(entry)) {
		log_info("role '%s' in %s: not renewed: %s", role_key_name(&entry->cached.key),
			 role_key_account(&entry->cached.key), err->message);
		entry->was_used = entry->was_used || !list_is_empty(&entry->waiters);
		timer_arm(deps->event, &entry->timer, clock_boot_usec() + RENEW_AGAIN_USEC, on_time, entry);
		role_entry_answer(entry, NULL);
		return;
	}
	complete(entry, &full);
	role_entry_answer(entry, &full);
	if (list_is_empty(&entry->waiters) && !role_entry_is_fetching(entry))
		role_entry_free(entry);
}

/* ---- a fetch, and the time for the next ---- */

/* Signed out: those who await a sign-in go on waiting, the others hear it. */
static void on_signed_out(struct role_entry *entry, const struct error *err)
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
	role_entry_start_fetch(entry, true);
	answer_these(entry, &others, err);
}

static bool is_for_want_of_a_person(const struct role_entry *entry, const struct role_fetch_result *result,
				    bool is_background, struct error *ret)
{
	*ret = result->err;
	return result->end == ROLE_FETCH_NO_TOKEN && ret->kind == ERROR_LOGIN_REQUIRED &&
	       !role_entry_has_valid(entry) && session_is_signed_out(entry->cached.key.session, ret) &&
	       !is_background;
}

static void on_fetched(const struct role_fetch_result *result, void *userdata)
{
	struct role_entry *entry = userdata;
	struct roles *roles = entry->roles;
	bool was_background = entry->is_background;
	struct error err;

	role_entry_stop_fetch(entry);
	if (is_for_want_of_a_person(entry, result, was_background, &err)) {
		on_signed_out(entry, &err);
		return;
	}
	if (result->end != ROLE_FETCH_GRANTED) {
		fail(entry, &err);
		return;
	}
	keep(entry, result);
	role_entry_answer(entry, NULL);
	role_cache_make_room(roles->cache); /* perhaps that of entry: nothing of it after this line */
}

void role_entry_start_fetch(struct role_entry *entry, bool awaits_login)
{
	struct roles *roles = entry->roles;

	entry->fetched_usec = clock_boot_usec();
	if (entry->cached.assumed)
		entry->assume = role_assume_start(roles, roles->cache, &roles->deps, roles->endpoints,
						  &entry->cached.key, awaits_login, entry->deadline_usec,
						  on_fetched, entry);
	else
		entry->fetch = role_fetch_start(&roles->deps, roles->cache, &entry->cached.key, awaits_login,
						entry->deadline_usec, on_fetched, entry);
}

void role_entry_extend(struct role_entry *entry, uint64_t deadline_usec)
{
	if (deadline_usec > entry->deadline_usec)
		entry->deadline_usec = deadline_usec;
	if (entry->fetch)
		role_fetch_extend(entry->fetch, entry->deadline_usec);
	if (entry->assume)
		role_assume_extend(entry->assume, entry->deadline_usec);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct role_entry *entry = userdata;
	struct roles *roles = entry->roles;

	(void)source;
	(void)usec;
	timer_disarm(&entry->timer);
	if (role_entry_is_fetching(entry))
		return 0; /* its end arms the timer again */
	if (!role_entry_has_valid(entry)) {
		role_entry_free(entry);
	} else if (!entry->was_used) {
		role_entry_arm_timer(entry); /* nobody wants it renewed: it goes when it expires */
	} else if (!role_entry_may_fetch(entry)) {
		timer_arm(roles->deps.event, &entry->timer, entry->fetched_usec + FETCH_INTERVAL_USEC,
			  on_time, entry);
	} else {
		entry->is_background = true;
		entry->deadline_usec = clock_boot_usec() + BACKGROUND_DEADLINE_USEC;
		role_entry_start_fetch(entry, false);
	}
	return 0;
}

void role_entry_time_now(struct role_entry *entry)
{
	timer_arm(entry->roles->deps.event, &entry->timer, clock_boot_usec(), on_time, entry);
}
