#include "cli/agent.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

/* The daemon has shorter deadlines of its own and says what it waited for; these are for one that is stuck.
 */
#define OPEN_DEADLINE_S  15
#define REPLY_DEADLINE_S 90
#define LOADING_PAUSE_US (20 * USEC_PER_MSEC)
#define ROWS_MAX         50000

static json_t *last_status;

static uint64_t deadline_in(unsigned s)
{
	return clock_boot_usec() + s * USEC_PER_SEC;
}

bool agent_open(struct client **ret, struct error *err)
{
	return client_open(deadline_in(OPEN_DEADLINE_S), ret, err);
}

bool agent_call(struct client *client, const char *method, json_t *parameters_taken, json_t **ret,
		struct error *err)
{
	if (client_call(client, method, parameters_taken, deadline_in(REPLY_DEADLINE_S), ret, err))
		return true;
	agent_explain(client, err);
	return false;
}

bool agent_status(struct client *client, json_t **ret, struct error *err)
{
	if (!agent_call(client, "Status", json_object(), ret, err))
		return false;
	json_decref(last_status);
	last_status = json_incref(*ret);
	return true;
}

static bool is_session_in(const json_t *session, const char *state)
{
	const char *text = agent_text(session, "state");

	return text && strcmp(text, state) == 0;
}

const json_t *agent_find_session(const json_t *status, const char *name)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(status, "sessions"), i, session) {
		const char *known = agent_text(session, "name");

		if (known && strcmp(known, name) == 0)
			return session;
	}
	return NULL;
}

bool agent_has_state(const json_t *status, const char *state)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(status, "sessions"), i, session) {
		if (is_session_in(session, state))
			return true;
	}
	return false;
}

bool agent_status_loaded(struct client *client, const char *session, uint64_t max_usec, json_t **ret,
			 struct error *err)
{
	uint64_t give_up = clock_boot_usec() + max_usec;

	for (;;) {
		_cleanup_json_ json_t *status = NULL;
		bool is_loading;

		if (!agent_status(client, &status, err))
			return false;
		is_loading = session ? is_session_in(agent_find_session(status, session), "loading")
				     : agent_has_state(status, "loading");
		if (!is_loading || clock_boot_usec() >= give_up) {
			*ret = TAKE(status);
			return true;
		}
		usleep(LOADING_PAUSE_US);
	}
}

const json_t *agent_last_status(void)
{
	return last_status;
}

void agent_print_warnings(const json_t *status)
{
	const json_t *warning;
	size_t i;

	json_array_foreach (json_object_get(status, "warnings"), i, warning) {
		if (json_is_string(warning))
			log_warning("warning: %s", json_string_value(warning));
	}
}

const char *agent_session_state(const char *name)
{
	return agent_text(agent_find_session(last_status, name), "state");
}

static bool is_signing_in(const char *name)
{
	const char *state = agent_session_state(name);

	return state && strcmp(state, "signing_in") == 0;
}

void agent_explain(const struct client *client, struct error *err)
{
	const char *session = agent_text(client_error_parameters(client), "session");

	if (err->kind == ERROR_LOGIN_REQUIRED && session && is_signing_in(session)) {
		error_fill(err, ERROR_LOGIN_REQUIRED,
			   "session '%.100s': a sign-in is under way: approve it, or run 'iamic-login "
			   "%.100s' to "
			   "see its address",
			   session, session);
		text_make_printable(err->message);
	}
}

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_string(text));
}

json_t *agent_session_parameters(const char *name, const struct session_proposal *proposal)
{
	json_t *parameters = json_object();

	set_text(parameters, "session", name);
	if (proposal) {
		set_text(parameters, "startUrl", proposal->start_url);
		set_text(parameters, "region", proposal->region);
		set_text(parameters, "scopes", proposal->scopes);
	}
	return parameters;
}

struct rows {
	const char *name;
	json_t *all;
};

static bool take_rows(const json_t *page, void *userdata, struct error *err)
{
	struct rows *rows = userdata;
	json_t *some = json_object_get(page, rows->name);

	if (!json_is_array(some) || json_array_size(rows->all) + json_array_size(some) > ROWS_MAX)
		return error_set(err, ERROR_UNAVAILABLE,
				 "a page of %s from the daemon is not understood: try again", rows->name);
	json_array_extend(rows->all, some);
	return true;
}

bool agent_list_rows(struct client *client, const char *method, const char *name, json_t *parameters_taken,
		     json_t *rows, struct error *err)
{
	struct rows all = {name, rows};

	return agent_list(client, method, parameters_taken, take_rows, &all, err);
}

static bool receive_list(struct client *client, page_fn on_page, void *userdata, struct error *err)
{
	bool continues = true;

	while (continues) {
		_cleanup_json_ json_t *page = NULL;

		if (!client_next(client, deadline_in(REPLY_DEADLINE_S), &page, &continues, err)) {
			agent_explain(client, err);
			return false;
		}
		if (!on_page(page, userdata, err))
			return false;
	}
	return true;
}

bool agent_receive_rows(struct client *client, const char *name, json_t *rows, struct error *err)
{
	struct rows all = {name, rows};

	return receive_list(client, take_rows, &all, err);
}

bool agent_list(struct client *client, const char *method, json_t *parameters_taken, page_fn on_page,
		void *userdata, struct error *err)
{
	return client_send(client, method, parameters_taken, true, err) &&
	       receive_list(client, on_page, userdata, err);
}

const char *agent_text(const json_t *reply, const char *name)
{
	return json_string_value(json_object_get(reply, name));
}

bool agent_time(const json_t *reply, const char *name, int64_t *ret)
{
	const char *text = agent_text(reply, name);

	return text && rfc3339_parse(text, ret);
}

int64_t agent_now(const json_t *reply)
{
	return clock_wall_s() + json_integer_value(json_object_get(reply, "clockAhead"));
}
