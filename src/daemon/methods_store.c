/* MoveStore. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/methods_private.h"
#include "daemon/store_move.h"

struct moving {
	struct call *call; /* NULL: the client has gone */
	struct agent *agent;
	char *to;
	struct store_name *names; /* strings are the sessions' */
	size_t n_names;
	struct store_move *move;
};

static void moving_free(struct moving *moving)
{
	store_move_free(moving->move);
	free(moving->names);
	free(moving->to);
	free(moving);
}

/* Once it is certain it is seen through. */
static void moving_release(void *held)
{
	struct moving *moving = held;

	moving->call = NULL;
	if (!moving->move || !store_move_is_settled(moving->move))
		moving_free(moving);
}

/* The store that iamic's own file names counts at the next start. */
static json_t *hint(const struct moving *moving)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;
	bool is_recorded = strcmp(moving->to, "file") == 0 || strcmp(moving->to, "secret-service") == 0;

	if (!configuration_get(moving->agent->configuration, &config, &settings, &ignored) ||
	    strcmp(settings->store, moving->to) == 0 || (is_recorded && strcmp(settings->store, "auto") == 0))
		return json_null();
	return json_sprintf("store = %s", moving->to);
}

static void reply_moved(const struct moving *moving)
{
	json_t *names = json_array();

	for (size_t i = 0; i < moving->n_names; i++)
		json_array_append_new(names, json_string_or_null(moving->names[i].session));
	call_reply(moving->call, json_pack("{s:o, s:o}", "sessions", names, "hint", hint(moving)));
	/* nothing after this line */
}

static void on_moved(void *userdata)
{
	const struct moving *moving = userdata;

	log_info("store: moved to %s", moving->to);
	sessions_store_moved(moving->agent->sessions);
}

static void on_done(const struct error *err, void *userdata)
{
	struct moving *moving = userdata;

	moving->move = store_move_free(moving->move);
	if (!moving->call)
		moving_free(moving);
	else if (err)
		call_fail(moving->call, err, NULL); /* nothing after this line */
	else
		reply_moved(moving); /* nothing after this line */
}

static void find_names(struct moving *moving, const struct config *config, const struct settings *settings)
{
	struct session *session;
	struct error ignored;
	size_t n;
	char **names = sso_session_names(config, settings, &n);

	moving->names = xcalloc(n + 1, sizeof(*moving->names));
	for (size_t i = 0; i < n; i++) {
		if (agent_named_session(moving->agent, config, settings, names[i], &session, &ignored))
			moving->names[moving->n_names++] = (struct store_name){
				.session = session_definition(session)->name,
				.start_url = session_definition(session)->start_url,
				.region = session_definition(session)->region,
			};
		free(names[i]);
	}
	free(names);
}

static bool check_destination(struct agent *agent, const char *to, struct error *err)
{
	if (strcmp(to, "secret-service") != 0 && strcmp(to, "file") != 0 && strcmp(to, "memory") != 0 &&
	    to[0] != '/')
		return error_set(
			err, ERROR_CONFIG,
			"'%.64s' is no store: name secret-service, file, memory or the path of a helper", to);
	if (store_is_in(agent->deps.store, to))
		return error_set(err, ERROR_CONFIG,
				 "the sign-ins are in '%.256s' already: nothing is to be done", to);
	return true;
}

void method_move_store(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	const struct settings *settings;
	const struct config *config;
	struct moving *moving;
	struct error err;
	const char *to;

	if (!parameters_read(call, parameters, "{s:s}", "to", &to))
		return;
	if (lock_state_refuses(agent->deps.lock, &err) ||
	    !configuration_get(agent->configuration, &config, &settings, &err) ||
	    !check_destination(agent, to, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	moving = xcalloc(1, sizeof(*moving));
	*moving = (struct moving){.call = call, .agent = agent, .to = xstrdup(to)};
	find_names(moving, config, settings);
	call_hold(call, moving_release, moving);
	moving->move = store_move_start(agent->deps.store, to, moving->names, moving->n_names,
					&(struct store_move_watcher){on_moved, on_done, moving});
}
