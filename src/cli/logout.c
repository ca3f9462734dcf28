#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

struct logout_values {
	bool all;
};

static const struct option logout_options[] = {
	{.name = "all", .offset = offsetof(struct logout_values, all), .help = "of every session"},
};

/* The daemon takes no session for all of them, so the only one must be known by its name. */
static bool only_session(struct client *client, char **ret_name, struct error *err)
{
	_cleanup_json_ json_t *status = NULL;
	const json_t *sessions;
	const char *name;

	if (!agent_call(client, "Status", json_object(), &status, err))
		return false;
	sessions = json_object_get(status, "sessions");
	name = agent_text(json_array_get(sessions, 0), "name");
	if (!name)
		return error_set(err, ERROR_CONFIG, "no session is configured: see iamic-config(5)");
	if (json_array_size(sessions) > 1)
		return error_set(err, ERROR_USAGE, "there are several sessions: name one, or say '--all'");
	*ret_name = xstrdup(name);
	return true;
}

static bool choose(struct client *client, const char *word, char **ret_name, struct error *err)
{
	const struct target target = {.session = word};

	if (!choice_session(client, &target, ret_name, err))
		return false;
	return *ret_name || only_session(client, ret_name, err);
}

static void print_reply(const json_t *reply)
{
	const json_t *sessions = json_object_get(reply, "sessions"), *name;
	const char *warning = agent_text(reply, "warning");
	size_t i;

	json_array_foreach(sessions, i, name)
	{
		_cleanup_free_ char *clean = printable(json_string_value(name));

		printf("signed out of '%s'\n", clean);
	}
	if (json_array_size(sessions) == 0)
		puts("nothing to do: not signed in");
	if (warning)
		log_warning("warning: %s", warning);
}

static int run(const void *userdata, char *const *words)
{
	const struct logout_values *values = userdata;
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *session = NULL;
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters;
	struct error err;

	if (values->all && words[0]) {
		error_fill(&err, ERROR_USAGE, "'--all' and a session contradict each other");
		return command_fail(&err);
	}
	if (!agent_open(&client, &err) || (!values->all && !choose(client, words[0], &session, &err)))
		return command_fail(&err);
	parameters = session ? json_pack("{s:s}", "session", session) : json_object();
	if (!agent_call(client, "Logout", parameters, &reply, &err))
		return command_fail(&err);
	print_reply(reply);
	return IAMIC_EXIT_OK;
}

const struct command command_logout = {
	.name = "logout",
	.words = "[SESSION]",
	.max_words = 1,
	.summary = "sign out",
	.description =
		"Signs out: AWS ends the portal session, and tokens and role credentials are forgotten.\n"
		"Credentials that a tool was given before remain valid until they expire.",
	.options = logout_options,
	.n_options = ARRAY_SIZE(logout_options),
	.values_size = sizeof(struct logout_values),
	.run = run,
};
