/* Unlock. */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon/methods_private.h"

struct unlocking {
	struct call *call;
	struct store_unlock *unlock;
};

static void unlocking_release(void *held)
{
	struct unlocking *unlocking = held;

	store_unlock_free(unlocking->unlock);
	free(unlocking);
}

static void on_unlocked(const struct error *err, void *userdata)
{
	struct unlocking *unlocking = userdata;

	if (err)
		call_fail(unlocking->call, err, NULL); /* nothing after this line */
	else
		call_reply(unlocking->call,
			   json_pack("{s:b}", "needsPassphrase", 0)); /* nothing after this line */
}

void method_unlock(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	const char *passphrase = NULL;
	struct unlocking *unlocking;
	struct store_status status;

	if (!parameters_read(call, parameters, "{s?s}", "passphrase", &passphrase))
		return;
	store_get_status(agent->deps.store, &status);
	if (strcmp(status.kind, "memory") == 0 ||
	    (!passphrase && store_needs_passphrase(agent->deps.store))) {
		call_reply(call,
			   json_pack("{s:b}", "needsPassphrase", store_needs_passphrase(agent->deps.store)));
		return;
	}
	unlocking = xcalloc(1, sizeof(*unlocking));
	unlocking->call = call;
	call_hold(call, unlocking_release, unlocking);
	unlocking->unlock = store_unlock_start(agent->deps.store, passphrase, on_unlocked, unlocking);
}
