#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

static void print_reply(const json_t *reply)
{
	const char *warning = agent_text(reply, "warning");
	const json_t *name;
	size_t i;

	puts("locked");
	json_array_foreach (json_object_get(reply, "signedOut"), i, name) {
		_cleanup_free_ char *clean = printable(json_string_value(name));

		printf("signed out of '%s', which no store keeps\n", clean);
	}
	if (warning)
		log_warning("warning: %s", warning);
}

static int run(const void *userdata, char *const *words)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	struct error err;

	(void)userdata;
	(void)words;
	if (!agent_open(&client, &err) || !agent_call(client, "Lock", json_object(), &reply, &err))
		return command_fail(&err);
	print_reply(reply);
	return IAMIC_EXIT_OK;
}

const struct command command_lock = {
	.name = "lock",
	.words = "",
	.group = COMMAND_SIGN_IN,
	.summary = "forget all secrets until 'iamic unlock'",
	.description = "Locks iamic: tokens and credentials are gone from memory at once, and nobody is\n"
		       "served before 'iamic unlock', not by another daemon either. What a tool was\n"
		       "given before stays valid until it expires.",
	.example = "iamic lock",
	.run = run,
};
