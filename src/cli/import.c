#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

struct import_values {
	struct target target; /* profile only */
	bool wipe;
};

static const struct option import_options[] = {
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct import_values, target.profile),
	 .parse = option_text,
	 .help = "take over the session that this profile belongs to"},
	{.name = "wipe",
	 .offset = offsetof(struct import_values, wipe),
	 .help = "remove the AWS CLI's copy, which is plain text"},
};

static bool import(const struct import_values *values, const char *session, json_t **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *name = NULL;
	struct target target = values->target;
	json_t *parameters;

	target.session = session;
	if (!choice_check_session(&target, err) || !agent_open(&client, err) ||
	    !choice_session(client, &target, &name, err) ||
	    (!name && !choice_only_session(client, false, &name, err)))
		return false;
	parameters = json_pack("{s:s}", "session", name);
	if (values->wipe)
		json_object_set_new(parameters, "wipe", json_true());
	return agent_call(client, "ImportSession", parameters, ret, err);
}

/* Two who renew one sign-in end it: each makes the other's refresh token void. */
static void warn(const json_t *reply, bool wipe)
{
	const char *file = agent_text(reply, "file"), *warning = agent_text(reply, "warning");

	if (warning)
		log_warning("warning: %s", warning);
	if (json_is_true(json_object_get(reply, "isWiped")))
		return;
	if (wipe)
		log_warning("warning: the AWS CLI's copy is still there: remove %s", file ? file : "it");
	else
		log_warning(
			"warning: the AWS CLI has it, too, in plain text, and may renew it: 'rm %s', or next "
			"time 'iamic import --wipe'",
			file ? file : "FILE");
}

static void print_reply(const json_t *reply, bool wipe)
{
	_cleanup_free_ char *session = printable(agent_text(reply, "session"));
	char until[TIME_TEXT_SIZE];
	int64_t expires;

	if (!json_is_true(json_object_get(reply, "taken"))) {
		printf("nothing to do: already signed in to '%s'\n", session);
		if (wipe)
			log_info("nothing was removed: 'iamic doctor --clean' removes what the AWS CLI has "
				 "in plain text");
		return;
	}
	printf("took over the AWS CLI's sign-in to '%s'", session);
	if (json_is_true(json_object_get(reply, "isRenewable")))
		puts(", which renews itself");
	else if (agent_time(reply, "expires", &expires))
		printf(", until %s\n", time_text(expires, clock_wall_s(), until));
	else
		putchar('\n');
	warn(reply, wipe);
}

static int run(const void *userdata, char *const *words)
{
	const struct import_values *values = userdata;
	_cleanup_json_ json_t *reply = NULL;
	struct error err;

	if (!import(values, words[0], &reply, &err))
		return command_fail(&err);
	print_reply(reply, values->wipe);
	return IAMIC_EXIT_OK;
}

const struct command command_import = {
	.name = "import",
	.words = "[SESSION]",
	.max_words = 1,
	.group = COMMAND_SIGN_IN,
	.summary = "take over a sign-in of the AWS CLI",
	.description = "Takes over the sign-in that 'aws sso login' left in ~/.aws/sso/cache, so that\n"
		       "nobody has to sign in once more.",
	.example = "iamic import corp --wipe",
	.options = import_options,
	.n_options = ARRAY_SIZE(import_options),
	.values_size = sizeof(struct import_values),
	.run = run,
};
