/* 'iamic login', which is 'iamic-login' too: what is asked for; sign_in.c does it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/pick.h"
#include "cli/session_refusal.h"
#include "cli/sign_in.h"
#include "iamic/protocol.h"

struct login_values {
	struct target target; /* profile only */
	bool device, browser, no_browser, no_qr, all, force;
	int64_t timeout_s; /* 0: the sign-in's own deadline */
	int port;          /* 0: any */
};

static const struct option login_options[] = {
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct login_values, target.profile),
	 .parse = option_text,
	 .help = "sign in to the session that this profile belongs to"},
	{.name = "all", .offset = offsetof(struct login_values, all), .help = "sign in to every session"},
	{.name = "device",
	 .offset = offsetof(struct login_values, device),
	 .help = "approve a code in any browser, on any machine"},
	{.name = "browser",
	 .offset = offsetof(struct login_values, browser),
	 .help = "approve in this machine's browser, without a code"},
	{.name = "no-browser",
	 .offset = offsetof(struct login_values, no_browser),
	 .help = "show the address only (with --browser: paste its end)"},
	{.name = "no-qr",
	 .offset = offsetof(struct login_values, no_qr),
	 .help = "no QR code for a phone where no browser is opened"},
	{.name = "port",
	 .value = "N",
	 .offset = offsetof(struct login_values, port),
	 .parse = option_port,
	 .help = "local port that the browser returns to, with --browser"},
	{.name = "timeout",
	 .value = "SECONDS",
	 .offset = offsetof(struct login_values, timeout_s),
	 .parse = option_seconds,
	 .help = "give up after that time"},
	{.name = "force",
	 .offset = offsetof(struct login_values, force),
	 .help = "sign out first, then in: new time, new assignments"},
};

static bool check_values(const struct login_values *values, const char *session, struct error *err)
{
	if (values->device && values->browser)
		return error_set(err, ERROR_USAGE, "'--device' and '--browser' contradict each other");
	if (values->port && !values->browser)
		return error_set(err, ERROR_USAGE, "'--port' belongs to '--browser'");
	if (values->all && (session || values->target.profile))
		return error_set(err, ERROR_USAGE, "'--all' and a session contradict each other");
	return choice_check_session(&(struct target){.profile = values->target.profile, .session = session},
				    err);
}

/* NULL: as the daemon's configuration says. */
static bool choose_flow(const struct login_values *values, const char **ret_flow, struct error *err)
{
	if (!values->device && !values->browser)
		return sign_in_usual_flow(ret_flow, err);
	*ret_flow = values->device ? "device" : "browser";
	return true;
}

/* A person who has named none of several is shown them. */
static bool may_pick(void)
{
	return isatty(STDIN_FILENO) && json_array_size(json_object_get(agent_last_status(), "sessions")) > 1;
}

static int sign_in_to_one(const struct login_values *values, const struct sign_in_wish *wish,
			  const char *word)
{
	const struct target target = {.profile = values->target.profile, .session = word};
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *session = NULL;
	struct error err;

	if (!agent_open(&client, &err) || !choice_session(client, &target, &session, &err) ||
	    (!session && may_pick() && !pick_session(agent_last_status(), &session, &err)))
		return command_fail(&err);
	return sign_in(wish, TAKE(client), session);
}

/* The names of all sessions, in the configuration's order. */
static bool list_sessions(json_t **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *status = NULL;

	if (!agent_open(&client, err) || !agent_status(client, &status, err))
		return false;
	agent_print_warnings(status);
	if (json_array_size(json_object_get(status, "sessions")) == 0)
		return session_refuse_none(status, err);
	*ret = json_incref(json_object_get(status, "sessions"));
	return true;
}

/* One after the other. One that fails does not keep a person from the rest; an interrupt does. */
static int sign_in_to_all(const struct sign_in_wish *wish)
{
	_cleanup_json_ json_t *sessions = NULL;
	const json_t *session;
	struct error err;
	int status = IAMIC_EXIT_OK;
	size_t i;

	if (!list_sessions(&sessions, &err))
		return command_fail(&err);
	json_array_foreach (sessions, i, session) {
		struct client *client;
		int failed;

		if (!agent_open(&client, &err))
			return command_fail(&err);
		failed = sign_in(wish, client, agent_text(session, "name"));
		if (failed == IAMIC_EXIT_INTERRUPTED)
			return failed;
		if (status == IAMIC_EXIT_OK)
			status = failed;
	}
	return status;
}

static int run(const void *userdata, char *const *words)
{
	const struct login_values *values = userdata;
	struct sign_in_wish wish = {
		.port = values->port,
		.force = values->force,
		.timeout_s = values->timeout_s,
		.browser = values->no_browser ? BROWSER_NEVER
			   : values->browser  ? BROWSER_ALWAYS
					      : BROWSER_IF_THERE,
		.no_qr = values->no_qr,
	};
	struct error err;

	if (!check_values(values, words[0], &err) || !choose_flow(values, &wish.flow, &err))
		return command_fail(&err);
	return values->all ? sign_in_to_all(&wish) : sign_in_to_one(values, &wish, words[0]);
}

const struct command command_login = {
	.name = "login",
	.words = "[SESSION]",
	.max_words = 1,
	.group = COMMAND_SIGN_IN,
	.summary = "sign in (also: iamic-login)",
	.description = "Signs in to a session of IAM Identity Center. Without SESSION: the session of\n"
		       "the profile in AWS_PROFILE, else the only one. A sign-in under way is joined.",
	.example = "iamic login corp --no-browser",
	.options = login_options,
	.n_options = ARRAY_SIZE(login_options),
	.values_size = sizeof(struct login_values),
	.run = run,
};
