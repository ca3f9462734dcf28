/*
 *   lock ──► calls end, everything is forgotten ──(nothing to be stored)──► the store's key ──► whoever waits
 *                  └──(a refresh under way, a token to be saved)──► stored ──▲
 */
#include "daemon/locking.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/cli_cache.h"
#include "daemon/desktop.h"
#include "daemon/lock_state.h"
#include "daemon/methods.h"
#include "daemon/retry.h"
#include "daemon/timer.h"
#include "daemon/unlocking.h"

struct locking {
	struct agent *agent; /* main's */
	struct list waits;   /* struct locking_wait, by .link */
	sd_event_source *settling;
	char *warning;
	struct unlocking *clicked; /* by a notification's button; or NULL */
	bool is_click_new;         /* and whether someone is there to have clicked is not known yet */
};

struct locking_wait {
	struct list link;
	locking_fn fn;
	void *userdata;
};

/* ---- whoever waits ---- */

static void settle_soon(void *userdata);

static int on_settled(sd_event_source *source, void *userdata)
{
	struct locking *locking = userdata;
	const struct session_deps *deps = &locking->agent->deps;
	struct locking_wait *wait;

	(void)source;
	timer_disarm(&locking->settling);
	if (lock_state_is_held(deps->lock))
		return 0;
	if (lock_state_is_locked(deps->lock)) {
		store_shut(deps->store);
		upstream_forget_connections(deps->upstream); /* each remembers what it sent last */
	}
	while ((wait = list_first(&locking->waits, struct locking_wait, link))) {
		list_remove(&wait->link);
		wait->fn(wait->userdata); /* may free wait */
	}
	return 0;
}

static void settle_soon(void *userdata)
{
	struct locking *locking = userdata;

	if (!locking->settling)
		timer_defer(locking->agent->event, &locking->settling, on_settled, locking);
}

struct locking_wait *locking_wait(struct locking *locking, locking_fn fn, void *userdata)
{
	struct locking_wait *wait = xcalloc(1, sizeof(*wait));

	wait->fn = fn;
	wait->userdata = userdata;
	list_append(&locking->waits, &wait->link);
	settle_soon(locking);
	return wait;
}

struct locking_wait *locking_wait_free(struct locking_wait *wait)
{
	if (!wait)
		return NULL;
	list_remove(&wait->link);
	free(wait);
	return NULL;
}

/* ---- locking ---- */

/* Where nothing is kept there is nothing to come back to, and no file is made. */
static bool is_kept(const struct agent *agent)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;

	return !configuration_get(agent->configuration, &config, &settings, &ignored) ||
	       !store_is_in(agent->deps.store, "memory");
}

static void note(struct locking *locking)
{
	struct error err;

	xstrdup_to(&locking->warning, NULL);
	if (!is_kept(locking->agent) || lock_state_keep(locking->agent->deps.lock, &err))
		return;
	locking->warning = xasprintf("%s: a new iamicd will not be locked", err.message);
	log_warning("%s", locking->warning);
}

/* Someone who is being asked for a passphrase, say, was asked before. */
static void end_calls(const struct agent *agent)
{
	struct error err;

	lock_state_explain(&err);
	server_end_calls(agent->server, &err);
}

/* First the calls, which hold the most; the note last, for a slow disk must not come in between. */
void locking_lock(struct locking *locking, const char *why)
{
	struct agent *agent = locking->agent;
	bool was_locked = lock_state_is_locked(agent->deps.lock);

	if (!was_locked)
		lock_state_lock(agent->deps.lock, why);
	end_calls(agent);
	locking->clicked = unlocking_free(locking->clicked);
	locking->is_click_new = false;
	if (was_locked)
		return;
	log_info("locked: %s", why);
	identities_stop(agent->identities);
	link_doors_close(agent->doors);
	roles_lock(agent->roles);
	sessions_lock(agent->sessions);
	cli_cache_take_back_all(agent->configuration);
	upstream_forget_connections(agent->deps.upstream);
	settle_soon(locking);
	note(locking);
}

const char *locking_warning(const struct locking *locking)
{
	return locking->warning;
}

void locking_unlock(struct locking *locking)
{
	const struct session_deps *deps = &locking->agent->deps;
	struct error err;

	if (!lock_state_is_locked(deps->lock))
		return;
	log_info("unlocked");
	if (!lock_state_unlock(deps->lock, &err))
		log_warning("%s: a new iamicd will be locked", err.message);
	desktop_withdraw(deps->desktop, locking);
	store_open(deps->store);
	sessions_unlock(locking->agent->sessions);
}

/* ---- a click ---- */

static void on_click_over(enum unlocking_end end, const struct error *err, void *userdata)
{
	struct locking *locking = userdata;

	locking->clicked = unlocking_free(locking->clicked);
	if (end == UNLOCKING_DONE)
		return;
	if (err)
		log_info("%s", err->message);
	desktop_show(locking->agent->deps.desktop,
		     &(struct desktop_notice){.summary = "iamic stays locked",
					      .body = "Run iamic unlock in a terminal.",
					      .userdata = locking});
}

/* Some desktops show notifications, and their buttons, on the locked screen, too. */
static void on_person(bool is_there, void *userdata)
{
	struct locking *locking = userdata;

	if (is_there && locking->is_click_new && lock_state_is_locked(locking->agent->deps.lock) &&
	    !locking->clicked)
		locking->clicked = unlocking_start(locking->agent, NULL, on_click_over, locking);
	locking->is_click_new = false;
}

static void on_clicked(void *userdata)
{
	struct locking *locking = userdata;

	locking->is_click_new = desktop_find_person(locking->agent->deps.desktop, on_person, locking);
}

struct locking *locking_new(struct agent *agent)
{
	struct locking *locking = xcalloc(1, sizeof(*locking));

	locking->agent = agent;
	list_init(&locking->waits);
	lock_state_on_settled(agent->deps.lock, settle_soon, locking);
	lock_state_on_clicked(agent->deps.lock, on_clicked, locking);
	if (lock_state_is_locked(agent->deps.lock)) {
		log_info("locked, as it was left: run 'iamic unlock'");
		store_shut(agent->deps.store);
	}
	return locking;
}
