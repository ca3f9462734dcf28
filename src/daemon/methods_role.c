/*
 * Methods that do something with the credentials of a role, and need no more of AWS than those:
 *
 *   parameters ──► the gate (roles_get) ──► granted: the method goes on, and replies
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

struct asking {
	struct call *call;
	struct granted_role grant;
	struct role *role;
	struct role_waiter *waiter;
	json_t *parameters;
	bool stays;
	granted_fn fn;
};

static void asking_release(void *held)
{
	struct asking *asking = held;

	role_waiter_free(asking->waiter);
	role_free(asking->role);
	json_decref(asking->parameters);
	free(asking);
}

static void fail(struct asking *asking, const struct error *err)
{
	call_fail(asking->call, err,
		  session_error_members(asking->grant.session, err)); /* nothing after this line */
}

static void go_on(struct asking *asking, const struct credentials *credentials)
{
	asking->grant.credentials = credentials;
	asking->fn(asking->call, &asking->grant); /* nothing after this line */
}

static void on_credentials(const struct credentials *credentials, const struct error *err, void *userdata)
{
	struct asking *asking = userdata;

	asking->waiter = role_waiter_free(asking->waiter);
	if (credentials)
		go_on(asking, credentials); /* nothing after this line */
	else
		fail(asking, err); /* nothing after this line */
}

static void on_out_of_time(struct call *call)
{
	const struct asking *asking = call_held(call);
	struct error err;

	if (!role_waiter_needs_answer(asking->waiter, &err))
		error_set(&err, ERROR_TIMED_OUT, "session '%s': AWS has not answered in time: try again",
			  session_name(asking->grant.session));
	call_fail(call, &err, NULL); /* nothing after this line */
}

static void ask(struct asking *asking)
{
	struct caller caller = caller_of(asking->call);
	const struct role_wish wish = {
		.role = role_key_of(asking->grant.session, asking->role),
		.deadline_usec = clock_boot_usec() + IAMIC_TIMEOUT_DEFAULT_MS * USEC_PER_MSEC,
	};
	const struct credentials *now;
	struct error err;

	caller.stays = asking->stays;
	switch (roles_get(asking->grant.agent->roles, &caller, &wish, on_credentials, asking, &now,
			  &asking->waiter, &err)) {
	case ROLES_NOW:
		go_on(asking, now); /* nothing after this line */
		return;
	case ROLES_REFUSED:
		fail(asking, &err); /* nothing after this line */
		return;
	case ROLES_LATER:
		call_set_deadline(asking->call, wish.deadline_usec, on_out_of_time);
		return;
	}
}

/* NULL for one that is missing or null. */
static const char *member(const json_t *target, const char *name)
{
	return json_string_value(json_object_get(target, name));
}

void call_with_role(struct call *call, const json_t *parameters, bool stays, granted_fn fn)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));
	struct granted_role *grant = &asking->grant;
	const json_t *target;
	struct error err;

	asking->call = call;
	asking->stays = stays;
	asking->fn = fn;
	asking->parameters = json_deep_copy(parameters);
	target = json_object_get(asking->parameters, "target");
	grant->agent = call_userdata(call);
	grant->parameters = asking->parameters;
	grant->target = (struct target){
		.profile = member(target, "profile"),
		.session = member(target, "session"),
		.account_id = member(target, "accountId"),
		.role_name = member(target, "roleName"),
		.role_arn = member(target, "roleArn"),
	};
	call_hold(call, asking_release, asking);
	if (!agent_role(grant->agent, &grant->target, &asking->role, &grant->session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	grant->role = asking->role;
	ask(asking);
}
