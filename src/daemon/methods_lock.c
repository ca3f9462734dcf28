/* Lock and Unlock. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/locking.h"
#include "daemon/methods_private.h"
#include "daemon/unlocking.h"

#define LOCK_PATIENCE_USEC (3 * USEC_PER_SEC) /* for what is to be stored first; a person waits */

/* ---- Lock ---- */

struct locked {
	struct call *call;
	struct agent *agent;
	struct locking_wait *wait;
};

static void locked_release(void *held)
{
	struct locked *locked = held;

	locking_wait_free(locked->wait);
	free(locked);
}

static void append_name(const char *name, void *userdata)
{
	json_array_append_new(userdata, json_string_or_null(name));
}

static void reply_locked(const struct locked *locked, const char *warning)
{
	json_t *names = json_array();

	sessions_visit_lost(locked->agent->sessions, append_name, names);
	call_reply(locked->call, json_pack("{s:o, s:o}", "signedOut", names, "warning",
					   json_string_or_null(warning))); /* nothing after this line */
}

static void on_settled(void *userdata)
{
	const struct locked *locked = userdata;

	reply_locked(locked, locking_warning(locked->agent->locking)); /* nothing after this line */
}

static void on_patience_over(struct call *call)
{
	static const char still[] =
		"a token is on its way from AWS or to the store, and is forgotten once it is stored";

	reply_locked(call_held(call), still); /* nothing after this line */
}

void method_lock(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct locked *locked = xcalloc(1, sizeof(*locked));

	(void)parameters;
	*locked = (struct locked){.call = call, .agent = agent};
	call_hold(call, locked_release, locked);
	call_set_deadline(call, clock_boot_usec() + LOCK_PATIENCE_USEC, on_patience_over);
	locking_lock(agent->locking, "by 'iamic lock'");
	locked->wait = locking_wait(agent->locking, on_settled, locked);
}

/* ---- Unlock ---- */

struct unlocked {
	struct call *call;
	struct agent *agent;
	struct unlocking *unlocking;
};

static void unlocked_release(void *held)
{
	struct unlocked *unlocked = held;

	unlocking_free(unlocked->unlocking);
	free(unlocked);
}

static void on_unlocked(enum unlocking_end end, const struct error *err, void *userdata)
{
	struct unlocked *unlocked = userdata;

	if (end == UNLOCKING_FAILED)
		call_fail(unlocked->call, err, NULL); /* nothing after this line */
	else
		call_reply(unlocked->call,
			   json_pack("{s:b, s:b}", "needsPassphrase", end == UNLOCKING_NEEDS_PASSPHRASE,
				     "isNew", store_is_new(unlocked->agent->deps.store)));
	/* nothing after this line */
}

void method_unlock(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	const char *passphrase = NULL;
	struct unlocked *unlocked;

	if (!parameters_read(call, parameters, "{s?s}", "passphrase", &passphrase))
		return;
	demand_person_acted(agent->deps.demand);
	unlocked = xcalloc(1, sizeof(*unlocked));
	*unlocked = (struct unlocked){.call = call, .agent = agent};
	call_hold(call, unlocked_release, unlocked);
	unlocked->unlocking = unlocking_start(agent, passphrase, on_unlocked, unlocked);
}
