/* ServeRole:   the gate (roles_get) ──► the endpoint is open, and what it serves is warm ──► reply   */
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/container.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

#define REPLY_MAX 1024

struct serving {
	struct call *call;
	struct agent *agent;
	struct session *session; /* sessions' */
	struct role_waiter *waiter;
	json_t *parameters; /* the caller's, in which target's strings are */
	struct target target;
};

static void serving_release(void *held)
{
	struct serving *serving = held;

	role_waiter_free(serving->waiter);
	json_decref(serving->parameters);
	free(serving);
}

static void reply(struct serving *serving)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(REPLY_MAX, &secret_memory);
	const struct secret *token;
	_cleanup_json_ json_t *document = NULL;
	_cleanup_free_ char *url = NULL;
	struct error err;

	if (!containers_open(serving->agent->containers, call_pid(serving->call), &serving->target, &url,
			     &token, &err)) {
		call_fail(serving->call, &err, NULL); /* nothing after this line */
		return;
	}
	document = json_pack_secret("{s:s, s:s}", "url", url, "token", secret_text(token));
	if (document && json_append(&text, document)) {
		call_reply_secret(serving->call, text.data, text.len); /* nothing after this line */
		return;
	}
	error_set(&err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	call_fail(serving->call, &err, NULL); /* nothing after this line */
}

static void fail(struct serving *serving, const struct error *err)
{
	call_fail(serving->call, err,
		  session_error_members(serving->session, err)); /* nothing after this line */
}

static void on_credentials(const struct credentials *credentials, const struct error *err, void *userdata)
{
	struct serving *serving = userdata;

	serving->waiter = role_waiter_free(serving->waiter);
	if (credentials)
		reply(serving); /* nothing after this line */
	else
		fail(serving, err); /* nothing after this line */
}

static void on_out_of_time(struct call *call)
{
	const struct serving *serving = call_held(call);
	struct error err;

	error_set(&err, ERROR_TIMED_OUT, "session '%s': AWS has not answered in time: try again",
		  session_name(serving->session));
	call_fail(call, &err, NULL); /* nothing after this line */
}

static void ask(struct serving *serving, const struct role *role)
{
	const struct caller caller = {.pid = call_pid(serving->call),
				      .listener = call_listener(serving->call)};
	const struct role_wish wish = {
		.role = role_key_of(serving->session, role),
		.deadline_usec = clock_boot_usec() + IAMIC_TIMEOUT_DEFAULT_MS * USEC_PER_MSEC,
	};
	const struct credentials *now;
	struct error err;

	switch (roles_get(serving->agent->roles, &caller, &wish, on_credentials, serving, &now,
			  &serving->waiter, &err)) {
	case ROLES_NOW:
		reply(serving); /* nothing after this line */
		return;
	case ROLES_REFUSED:
		fail(serving, &err); /* nothing after this line */
		return;
	case ROLES_LATER:
		call_set_deadline(serving->call, wish.deadline_usec, on_out_of_time);
		return;
	}
}

/* NULL for one that is missing or null. */
static const char *member(const json_t *parameters, const char *name)
{
	return json_string_value(json_object_get(json_object_get(parameters, "target"), name));
}

void method_serve_role(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	_cleanup_(role_freep) struct role *role = NULL;
	struct target target = {0};
	struct serving *serving;
	struct session *session;
	struct error err;

	if (!parameters_read(call, parameters, "{s:{s?s, s?s, s?s, s?s, s?s}}", "target", "profile",
			     &target.profile, "session", &target.session, "accountId", &target.account_id,
			     "roleName", &target.role_name, "roleArn", &target.role_arn))
		return;
	if (!agent_role(agent, &target, &role, &session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	serving = xcalloc(1, sizeof(*serving));
	*serving = (struct serving){
		.call = call,
		.agent = agent,
		.session = session,
		.parameters = json_deep_copy(parameters),
	};
	serving->target = (struct target){
		.profile = member(serving->parameters, "profile"),
		.session = member(serving->parameters, "session"),
		.account_id = member(serving->parameters, "accountId"),
		.role_name = member(serving->parameters, "roleName"),
		.role_arn = member(serving->parameters, "roleArn"),
	};
	call_hold(call, serving_release, serving);
	ask(serving, role);
}
