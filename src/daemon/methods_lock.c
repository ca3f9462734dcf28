/* Lock and Unlock. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/lock_state.h"
#include "daemon/locking.h"
#include "daemon/methods_private.h"

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

/*   Unlock ──► which store is it? ──► [its prompt, or the passphrase] ──► unlocked: sign-ins are read   */
struct unlocking {
	struct call *call;
	struct agent *agent;
	struct secret *passphrase; /* or NULL */
	struct store_operation *look;
	struct store_unlock *unlock;
};

static void unlocking_release(void *held)
{
	struct unlocking *unlocking = held;

	store_operation_free(unlocking->look);
	store_unlock_free(unlocking->unlock);
	secret_free(unlocking->passphrase);
	free(unlocking);
}

/* needs_passphrase: nothing was done for want of one. */
static void reply_unlocked(const struct unlocking *unlocking, bool needs_passphrase)
{
	struct agent *agent = unlocking->agent;

	if (!needs_passphrase)
		locking_unlock(agent->locking);
	call_reply(unlocking->call, json_pack("{s:b, s:b}", "needsPassphrase", needs_passphrase, "isNew",
					      store_is_new(agent->deps.store))); /* nothing after this line */
}

static void on_unlocked(const struct error *err, void *userdata)
{
	struct unlocking *unlocking = userdata;

	if (err)
		call_fail(unlocking->call, err, NULL); /* nothing after this line */
	else
		reply_unlocked(unlocking, false); /* nothing after this line */
}

/* A store that is out of order says so to whoever needs it: it is no reason to keep everybody out. */
static bool can_be_opened(const struct store *store, const struct error *err)
{
	struct store_status status;

	store_get_status(store, &status);
	return store_has_prompt(store) && !(err && strcmp(status.state, "failing") == 0);
}

static void on_looked(const struct buffer *document, const struct error *err, void *userdata)
{
	struct unlocking *unlocking = userdata;
	struct store *store = unlocking->agent->deps.store;
	const char *passphrase = unlocking->passphrase ? secret_text(unlocking->passphrase) : NULL;

	(void)document;
	if (passphrase || can_be_opened(store, err))
		unlocking->unlock = store_unlock_start(store, passphrase, on_unlocked, unlocking);
	unlocking->passphrase = secret_free(unlocking->passphrase);
	unlocking->look = store_operation_free(unlocking->look);
	if (!unlocking->unlock)
		reply_unlocked(unlocking, store_needs_passphrase(store)); /* nothing after this line */
}

static void fail_full(struct call *call)
{
	struct error err;

	error_set(&err, ERROR_UNAVAILABLE, "too many roles in use: try again when some have expired");
	call_fail(call, &err, NULL); /* nothing after this line */
}

void method_unlock(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	const char *passphrase = NULL;
	struct unlocking *unlocking;

	if (!parameters_read(call, parameters, "{s?s}", "passphrase", &passphrase))
		return;
	demand_person_acted(agent->deps.demand);
	unlocking = xcalloc(1, sizeof(*unlocking));
	*unlocking = (struct unlocking){.call = call, .agent = agent};
	call_hold(call, unlocking_release, unlocking);
	unlocking->passphrase = passphrase ? secret_new(passphrase, strlen(passphrase)) : NULL;
	if (passphrase && !unlocking->passphrase)
		fail_full(call); /* nothing after this line */
	else
		unlocking->look = store_look(agent->deps.store, on_looked, unlocking);
}
