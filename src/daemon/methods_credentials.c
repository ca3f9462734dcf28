/* GetCredentials, the call that everything is for. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

#define TIMEOUT_MAX_MS (24 * 60 * 60 * 1000)

/* A GetCredentials that waits. */
struct waiting {
	struct call *call;
	struct agent *agent;
	struct session *session; /* sessions' */
	struct role_waiter *waiter;
	struct session_follower *follower; /* in place of waiter: only for the address of a sign-in */
	bool awaits_login;
	uint64_t timeout_usec, login_usec; /* for AWS, and for a person; 0 once used */
};

static void waiting_release(void *held)
{
	struct waiting *waiting = held;

	waiting->agent->n_waiting_credentials--;
	role_waiter_free(waiting->waiter);
	session_follower_free(waiting->follower);
	free(waiting);
}

static void reply(struct call *call, const struct credentials *credentials)
{
	call_reply_secret(call, secret_text(credentials->document), secret_len(credentials->document));
}

/* To whom it is lent a sign-in that waits for a person is none of their business. */
static void refuse(struct call *call, const struct session *session, const struct error *err)
{
	struct error of_lender;

	if (!call_share(call) || err->kind != ERROR_LOGIN_REQUIRED) {
		call_fail(call, err, session_error_members(session, err));
		return;
	}
	error_set(&of_lender, ERROR_LOGIN_REQUIRED,
		  "session '%.100s' is signed out where this is lent from: run 'iamic-login' there",
		  session_name(session));
	call_fail(call, &of_lender,
		  json_pack("{s:o}", "session", json_string_or_null(session_name(session))));
}

static void fail(struct waiting *waiting, const struct error *err)
{
	refuse(waiting->call, waiting->session, err);
}

static void on_out_of_time(struct call *call);

/* The address of a sign-in that began on demand, or why there is none. */
static void on_progress(const struct session_progress *progress, void *userdata)
{
	struct waiting *waiting = userdata;
	struct error err;

	if (progress->stage == SESSION_STAGE_REGISTERING)
		return;
	if (progress->err)
		err = *progress->err;
	else if (!session_is_signed_out(waiting->session, &err))
		error_set(&err, ERROR_LOGIN_REQUIRED, "session '%s' was signed in to just now: try again",
			  session_name(waiting->session));
	fail(waiting, &err); /* nothing after this line */
}

/*
 * Signed out, and nobody waits for a person. If on_demand makes a sign-in begin the caller is to hear its
 * address, which AWS has yet to give; the time that the caller has for AWS is for that.
 */
static bool follow_demand(struct waiting *waiting, const struct error *err)
{
	static const struct session_wish wish = {.flow = FLOW_DEVICE, .is_unattended = true};

	bool is_for_person = err->kind == ERROR_LOGIN_REQUIRED || err->kind == ERROR_LOCKED;

	if (!is_for_person || waiting->awaits_login || call_share(waiting->call) ||
	    !session_demand(waiting->session))
		return false;
	waiting->follower = session_login(waiting->session, &wish, on_progress, waiting);
	return true;
}

static void on_credentials(const struct credentials *credentials, const struct error *err, void *userdata)
{
	struct waiting *waiting = userdata;

	if (credentials)
		reply(waiting->call, credentials); /* nothing after this line */
	else if (!follow_demand(waiting, err))
		fail(waiting, err); /* nothing after this line */
}

static bool needs_person(const struct waiting *waiting, struct error *err)
{
	return waiting->follower ? session_is_signed_out(waiting->session, err)
				 : role_waiter_needs_person(waiting->waiter, err);
}

/* Who has no time for a person waits for an answer at the desktop in the time for AWS. */
static bool is_for_person(const struct waiting *waiting)
{
	struct error ignored;

	if (waiting->waiter && role_waiter_needs_answer(waiting->waiter, &ignored))
		return waiting->login_usec > 0;
	return !waiting->follower && needs_person(waiting, &ignored);
}

/* A person and AWS have their time one after the other, each its own; false when both had it. */
static bool wait_on(struct waiting *waiting)
{
	uint64_t *left_usec = is_for_person(waiting) ? &waiting->login_usec : &waiting->timeout_usec;

	if (*left_usec == 0)
		return false;
	call_set_deadline(waiting->call, clock_boot_usec() + *left_usec, on_out_of_time);
	*left_usec = 0;
	return true;
}

/* Time is up: for want of a person, or of AWS? */
static void on_out_of_time(struct call *call)
{
	struct waiting *waiting = call_held(call);
	struct session_status status;
	struct error err;

	if (wait_on(waiting))
		return;
	session_get_status(waiting->session, &status);
	if (waiting->waiter && role_waiter_needs_answer(waiting->waiter, &err)) {
		fail(waiting, &err); /* nothing after this line */
		return;
	}
	if (!needs_person(waiting, &err)) {
		session_explain_silence(waiting->session, &err);
		if (status.state == SESSION_LOADING)
			error_set(&err, ERROR_TIMED_OUT,
				  "session '%s': its store has not answered in time: try again",
				  session_name(waiting->session));
	}
	fail(waiting, &err); /* nothing after this line */
}

static void wait_for(struct call *call, struct waiting *waiting_taken)
{
	struct agent *agent = waiting_taken->agent;
	struct error err;

	agent->n_waiting_credentials++;
	call_hold(call, waiting_release, waiting_taken);
	if (agent->n_waiting_credentials <= IAMIC_WAITING_CREDENTIALS_MAX) {
		if (!wait_on(waiting_taken))
			on_out_of_time(call); /* nothing after this line */
		return;
	}
	error_set(&err, ERROR_UNAVAILABLE, "%d calls wait for credentials already: try again in a moment",
		  IAMIC_WAITING_CREDENTIALS_MAX);
	call_fail(call, &err, NULL); /* nothing after this line */
}

static uint64_t milliseconds(json_int_t ms)
{
	return (uint64_t)(ms < 0 ? 0 : ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : ms) * USEC_PER_MSEC;
}

void credentials_answer(struct call *call, struct agent *agent, struct session *session,
			const struct role *role, const struct credentials_request *request)
{
	const uint64_t timeout_usec = milliseconds(request->timeout_ms);
	const uint64_t login_usec = milliseconds(request->login_ms);
	const struct caller caller = caller_of(call);
	const struct role_wish wish = {
		.role = role_key_of(session, role),
		.awaits_login = login_usec > 0,
		.deadline_usec = clock_boot_usec() + timeout_usec + login_usec,
	};
	struct waiting *waiting = xcalloc(1, sizeof(*waiting));
	const struct credentials *now;
	struct error err;

	*waiting = (struct waiting){
		.call = call,
		.agent = agent,
		.session = session,
		.awaits_login = wish.awaits_login,
		.timeout_usec = timeout_usec,
		.login_usec = login_usec,
	};
	switch (roles_get(agent->roles, &caller, &wish, on_credentials, waiting, &now, &waiting->waiter,
			  &err)) {
	case ROLES_NOW:
		free(waiting);
		reply(call, now);
		return;
	case ROLES_REFUSED:
		if (follow_demand(waiting, &err)) {
			wait_for(call, waiting);
			return;
		}
		free(waiting);
		refuse(call, session, &err);
		return;
	case ROLES_LATER:
		wait_for(call, waiting);
		return;
	}
}

bool credentials_request_read(struct call *call, const json_t *parameters, struct credentials_request *ret)
{
	*ret = (struct credentials_request){.timeout_ms = IAMIC_TIMEOUT_DEFAULT_MS};
	return parameters_read(call, parameters, "{" TARGET_FORMAT ", s?I, s?I}", TARGET_SLOTS(&ret->target),
			       "timeoutMs", &ret->timeout_ms, "loginMs", &ret->login_ms);
}

void method_get_credentials(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	_cleanup_(role_freep) struct role *role = NULL;
	struct credentials_request request;
	struct session *session;
	struct error err;

	if (!credentials_request_read(call, parameters, &request))
		return;
	if (agent_role(agent, &request.target, &role, &session, &err))
		credentials_answer(call, agent, session, role, &request);
	else
		call_fail(call, &err, NULL);
}
