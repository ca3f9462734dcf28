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
	struct target target; /* profile only */
	bool all;
};

static const struct option logout_options[] = {
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct logout_values, target.profile),
	 .parse = option_text,
	 .help = "sign out of the session that this profile belongs to"},
	{.name = "all", .offset = offsetof(struct logout_values, all), .help = "sign out of every session"},
};

/* To the daemon no name means all of them. */
static bool choose(struct client *client, const struct target *target, char **ret_name, struct error *err)
{
	if (!choice_session(client, target, ret_name, err))
		return false;
	return *ret_name || choice_only_session(client, false, ret_name, err);
}

/* session NULL: all there are. */
static void print_reply(const json_t *reply, const char *session)
{
	const json_t *sessions = json_object_get(reply, "sessions"), *name;
	const char *warning = agent_text(reply, "warning");
	size_t i;

	json_array_foreach (sessions, i, name) {
		_cleanup_free_ char *clean = printable(json_string_value(name));

		printf("signed out of '%s'\n", clean);
	}
	if (json_array_size(sessions) == 0 && session) {
		_cleanup_free_ char *clean = printable(session);

		printf("nothing to do: not signed in to '%s'\n", clean);
	} else if (json_array_size(sessions) == 0) {
		puts("nothing to do: not signed in");
	}
	if (warning)
		log_warning("warning: %s", warning);
}

static bool check_values(const struct logout_values *values, const struct target *target, struct error *err)
{
	if (values->all && (target->session || target->profile))
		return error_set(err, ERROR_USAGE, "'--all' and a session contradict each other");
	return choice_check_session(target, err);
}

static int run(const void *userdata, char *const *words)
{
	const struct logout_values *values = userdata;
	const struct target target = {.profile = values->target.profile, .session = words[0]};
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *session = NULL;
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters;
	struct error err;

	if (!check_values(values, &target, &err) || !agent_open(&client, &err) ||
	    (!values->all && !choose(client, &target, &session, &err)))
		return command_fail(&err);
	parameters = session ? json_pack("{s:s}", "session", session) : json_object();
	if (!agent_call(client, "Logout", parameters, &reply, &err))
		return command_fail(&err);
	print_reply(reply, session);
	return IAMIC_EXIT_OK;
}

const struct command command_logout = {
	.name = "logout",
	.words = "[SESSION]",
	.max_words = 1,
	.group = COMMAND_SIGN_IN,
	.summary = "sign out",
	.description = "Signs out of a session. Without SESSION: of the profile's in AWS_PROFILE, else\n"
		       "of the only one. AWS ends the portal session; token and role credentials are\n"
		       "forgotten. What a tool was given before stays valid until it expires.",
	.example = "iamic logout --all",
	.options = logout_options,
	.n_options = ARRAY_SIZE(logout_options),
	.values_size = sizeof(struct logout_values),
	.run = run,
};
