/* CanConfirm: whether the person of the keys confirm and confirm_for could be asked. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/desktop.h"
#include "daemon/methods_private.h"

#define DEADLINE_USEC (2 * USEC_PER_SEC)

/* The desktop's, for it answers in any case; without its call it is for nobody. */
struct looking {
	struct call *call;
};

static void looking_release(void *held)
{
	struct looking *looking = held;

	looking->call = NULL;
}

static void reply(struct call *call, bool can_ask)
{
	const struct agent *agent = call_userdata(call);
	const struct settings *settings;
	const struct config *config;
	struct error err;

	if (configuration_get(agent->configuration, &config, &settings, &err))
		call_reply(call, json_pack("{s:o, s:b}", "confirm", json_string_or_null(settings->confirm),
					   "canAsk", can_ask));
	else
		call_fail(call, &err, NULL);
}

static void on_found(bool is_so, void *userdata)
{
	struct looking *looking = userdata;

	if (looking->call)
		reply(looking->call, is_so);
	free(looking);
}

static void on_out_of_time(struct call *call)
{
	reply(call, false);
}

void method_can_confirm(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct looking *looking = xcalloc(1, sizeof(*looking));

	(void)parameters;
	looking->call = call;
	call_hold(call, looking_release, looking);
	call_set_deadline(call, clock_boot_usec() + DEADLINE_USEC, on_out_of_time);
	desktop_find_buttons(agent->deps.desktop, on_found, looking);
}
