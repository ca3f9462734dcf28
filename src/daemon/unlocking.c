/*   which store is it? ──► [its prompt, or the passphrase] ──► unlocked: sign-ins are read   */
#include "daemon/unlocking.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/locking.h"
#include "daemon/methods.h"

struct unlocking {
	struct agent *agent;       /* main's */
	struct secret *passphrase; /* or NULL; also when there was no room for it */
	bool has_passphrase;
	struct store_operation *look;
	struct store_unlock *unlock;
	unlocking_fn fn;
	void *userdata;
};

/* Nothing of unlocking after this. */
static void end(struct unlocking *unlocking, enum unlocking_end how, const struct error *err)
{
	if (how == UNLOCKING_DONE)
		locking_unlock(unlocking->agent->locking);
	unlocking->fn(how, err, unlocking->userdata);
}

static void on_opened(const struct error *err, void *userdata)
{
	end(userdata, err ? UNLOCKING_FAILED : UNLOCKING_DONE, err);
}

/* A store that is out of order says so to whoever needs it: it is no reason to keep everybody out. */
static bool has_prompt(const struct store *store, const struct error *look_err)
{
	struct store_status status;

	store_get_status(store, &status);
	return store_has_prompt(store) && !(look_err && strcmp(status.state, "failing") == 0);
}

/* While iamic is locked a key is no sign that a person gave it: it may be there for a token to be stored. */
static bool needs_passphrase(const struct agent *agent)
{
	const struct store *store = agent->deps.store;

	return store_needs_passphrase(store) ||
	       (lock_state_is_locked(agent->deps.lock) && store_has_passphrase(store));
}

static void on_looked(const struct buffer *document, const struct error *look_err, void *userdata)
{
	struct unlocking *unlocking = userdata;
	struct store *store = unlocking->agent->deps.store;
	const struct secret *passphrase = unlocking->passphrase;
	struct error err;

	(void)document;
	if (passphrase || (!unlocking->has_passphrase && has_prompt(store, look_err)))
		unlocking->unlock = store_unlock_start(store, passphrase ? secret_text(passphrase) : NULL,
						       on_opened, unlocking);
	unlocking->passphrase = secret_free(unlocking->passphrase);
	unlocking->look = store_operation_free(unlocking->look);
	if (unlocking->unlock)
		return;
	if (unlocking->has_passphrase) {
		error_set(&err, ERROR_UNAVAILABLE, "too many roles in use: try again when some have expired");
		end(unlocking, UNLOCKING_FAILED, &err); /* nothing after this line */
	} else {
		end(unlocking,
		    needs_passphrase(unlocking->agent) ? UNLOCKING_NEEDS_PASSPHRASE : UNLOCKING_DONE,
		    NULL); /* nothing after this line */
	}
}

struct unlocking *unlocking_start(struct agent *agent, const char *passphrase, unlocking_fn fn,
				  void *userdata)
{
	struct unlocking *unlocking = xcalloc(1, sizeof(*unlocking));

	*unlocking = (struct unlocking){
		.agent = agent,
		.passphrase = passphrase ? secret_new(passphrase, strlen(passphrase)) : NULL,
		.has_passphrase = passphrase != NULL,
		.fn = fn,
		.userdata = userdata,
	};
	unlocking->look = store_look(agent->deps.store, on_looked, unlocking);
	return unlocking;
}

struct unlocking *unlocking_free(struct unlocking *unlocking)
{
	if (!unlocking)
		return NULL;
	store_operation_free(unlocking->look);
	store_unlock_free(unlocking->unlock);
	secret_free(unlocking->passphrase);
	free(unlocking);
	return NULL;
}
