/* What the daemon knows, for people, for programs, and as an exit status. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/network.h"
#include "cli/output.h"
#include "cli/session_refusal.h"
#include "cli/status_text.h"
#include "cli/terminal.h"
#include "iamic/protocol.h"

#define WATCH_INTERVAL_MS 2000
/* How long a store that is being read is waited for. */
#define LOADING_SHOWN (500 * USEC_PER_MSEC) /* for people, who can look again */
#define LOADING_MAX   (15 * USEC_PER_SEC)   /* for an exit status; a store's own deadline is 10 s */

struct status_values {
	struct target target;
	bool json, check, watch;
	int64_t min_s;
};

static const struct option status_options[] = {
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct status_values, target.profile),
	 .parse = option_text,
	 .help = "of the session that this profile belongs to"},
	{.name = "json", .offset = offsetof(struct status_values, json), .help = "print JSON"},
	{.name = "check",
	 .offset = offsetof(struct status_values, check),
	 .help = "print nothing; exit 0 if signed in, else 3"},
	{.name = "min",
	 .value = "DURATION",
	 .offset = offsetof(struct status_values, min_s),
	 .parse = option_duration,
	 .help = "with --check: for at least that long, such as 30m"},
	{.name = "watch",
	 .offset = offsetof(struct status_values, watch),
	 .help = "go on, and show it again when it changes"},
};

static bool check_values(const struct status_values *values, const char *session, struct error *err)
{
	const struct target target = {.profile = values->target.profile, .session = session};

	if (values->check && (values->json || values->watch))
		return error_set(err, ERROR_USAGE,
				 "'--check' prints nothing: not with '--json' or '--watch'");
	if (values->min_s && !values->check)
		return error_set(err, ERROR_USAGE, "'--min' belongs to '--check'");
	return choice_check_session(&target, err);
}

/* *ret stays NULL for all of them. */
static bool find_session(const char *named, const char *profile, char **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *status = NULL;

	*ret = xstrdup_or_null(named);
	return !profile || (agent_open(&client, err) && agent_status(client, &status, err) &&
			    choice_session_of(status, profile, ret, err));
}

/* Leaves only the rows whose member is name. */
static void keep_rows(json_t *rows, const char *member, const char *name)
{
	for (size_t i = json_array_size(rows); i-- > 0;) {
		const char *text = agent_text(json_array_get(rows, i), member);

		if (!text || strcmp(text, name) != 0)
			json_array_remove(rows, i);
	}
}

static void keep_session(json_t *status, const char *name)
{
	keep_rows(json_object_get(status, "sessions"), "name", name);
	keep_rows(json_object_get(status, "roles"), "session", name);
}

/* name NULL: of all sessions. */
static bool fetch(const char *name, uint64_t loading_max_usec, json_t **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *status = NULL;

	if (!agent_open(&client, err) || !agent_status_loaded(client, name, loading_max_usec, &status, err))
		return false;
	if (name && !agent_find_session(status, name))
		return session_refuse_unknown(status, name, err);
	if (name)
		keep_session(status, name);
	*ret = TAKE(status);
	return true;
}

/* The members that are promised, null where there is none. */
static json_t *pick(const json_t *from, const char *const *members)
{
	json_t *out = json_object();

	for (size_t i = 0; members[i]; i++) {
		json_t *value = json_object_get(from, members[i]);

		json_object_set_new(out, members[i], value ? json_incref(value) : json_null());
	}
	return out;
}

static json_t *pick_rows(const json_t *rows, const char *const *members)
{
	json_t *out = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		json_array_append_new(out, pick(row, members));
	return out;
}

static json_t *for_programs(const json_t *status)
{
	static const char *const top[] = {"version", "pid", "socket", NULL};
	static const char *const store[] = {"kind", "state", "protects", "lastError", NULL};
	static const char *const sessions[] = {"name",       "startUrl", "region",    "state",
					       "signedInAt", "expires",  "refreshAt", "sessionEnds",
					       "lastError",  NULL};
	static const char *const roles[] = {"session", "accountId", "roleName", "roleArn", "expires", NULL};
	static const char *const shares[] = {"name", "profiles", "until", NULL};
	json_t *out = pick(status, top), *network = json_object_get(status, "network");

	json_object_set_new(out, "store", pick(json_object_get(status, "store"), store));
	json_object_set_new(out, "sessions", pick_rows(json_object_get(status, "sessions"), sessions));
	json_object_set_new(out, "roles", pick_rows(json_object_get(status, "roles"), roles));
	json_object_set_new(out, "shares", pick_rows(json_object_get(status, "shares"), shares));
	json_object_set_new(out, "network", network ? json_incref(network) : json_object());
	return out;
}

static bool print(const json_t *status, const struct status_values *values, struct error *err)
{
	_cleanup_json_ json_t *document = NULL;

	if (!values->json) {
		status_print(status, agent_now(status));
		return output_flush(err);
	}
	document = for_programs(status);
	return print_json(document, values->watch, err);
}

/*
 * Signed in, and for as long as is asked. The token's own end does not count while it is renewed; the portal
 * session's does, where it is foretold.
 */
static bool is_usable(const json_t *session, int64_t now, int64_t min_s)
{
	int64_t expires, ends, renewal;

	if (!agent_time(session, "expires", &expires) || expires <= now)
		return false;
	if (agent_time(session, "sessionEnds", &ends))
		return ends >= now + min_s;
	return agent_time(session, "refreshAt", &renewal) || expires >= now + min_s;
}

static bool are_usable(const json_t *status, int64_t min_s)
{
	const json_t *sessions = json_object_get(status, "sessions"), *session;
	size_t i;

	if (json_array_size(sessions) == 0)
		return false; /* who checks wants to use one */
	json_array_foreach (sessions, i, session) {
		if (!is_usable(session, agent_now(status), min_s))
			return false;
	}
	return !agent_has_state(status, "locked");
}

static int check(const char *name, int64_t min_s)
{
	_cleanup_json_ json_t *status = NULL;
	struct error err;

	if (!fetch(name, LOADING_MAX, &status, &err))
		return command_fail(&err);
	return are_usable(status, min_s) ? IAMIC_EXIT_OK : IAMIC_EXIT_LOGIN_REQUIRED;
}

/* A terminal shows one picture; a file or a pipe gets it again when it has changed. Ends by an
 * interrupt, or when nobody reads any more. */
static int watch(const char *name, const struct status_values *values)
{
	bool redraws = terminal_is_smart() && !values->json;
	_cleanup_json_ json_t *last = NULL;
	struct error err;

	for (;;) {
		_cleanup_json_ json_t *status = NULL;

		if (!fetch(name, 0, &status, &err))
			return command_fail(&err);
		if (redraws)
			terminal_clear_screen();
		if (redraws || !json_equal(status, last)) {
			if (last && !redraws && !values->json)
				putchar('\n');
			if (!print(status, values, &err))
				return command_fail(&err);
		}
		json_decref(last);
		last = TAKE(status);
		if (output_has_lost_reader(WATCH_INTERVAL_MS))
			return IAMIC_EXIT_INTERNAL;
	}
}

static int run(const void *userdata, char *const *words)
{
	const struct status_values *values = userdata;
	_cleanup_free_ char *session = NULL;
	_cleanup_json_ json_t *status = NULL;
	struct error err;

	if (!check_values(values, words[0], &err) ||
	    !find_session(words[0], values->target.profile, &session, &err))
		return command_fail(&err);
	if (values->check)
		return check(session, values->min_s);
	if (values->watch)
		return watch(session, values);
	if (!fetch(session, LOADING_SHOWN, &status, &err))
		return command_fail(&err);
	agent_print_warnings(status);
	if (agent_text(status, "configFile"))
		configuration_warn_if_other(agent_text(status, "configFile"));
	if (!values->json)
		network_warn_if_other(status);
	return print(status, values, &err) ? IAMIC_EXIT_OK : command_fail(&err);
}

const struct command command_status = {
	.name = "status",
	.words = "[SESSION]",
	.max_words = 1,
	.group = COMMAND_SIGN_IN,
	.summary = "show the daemon, sessions and cached roles",
	.description = "Shows the daemon and its store, each session's state, how long it lasts and\n"
		       "what comes next, and the roles whose credentials are in memory.",
	.example = "iamic status --check --min 30m || iamic login",
	.options = status_options,
	.n_options = ARRAY_SIZE(status_options),
	.values_size = sizeof(struct status_values),
	.run = run,
};
