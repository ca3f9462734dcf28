/*   start ──► the gate (roles_get) ──► sign, ask ──► document, or error   */
#include "daemon/aws_call.h"

#include <stdlib.h>
#include <string.h>

#include "aws/federation.h"
#include "aws/sts.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

struct aws_call {
	struct session_deps deps;
	const struct aws_call_kind *kind;    /* or */
	const struct admin_operation *admin; /* with input */
	char *region, *endpoint, *input;
	uint64_t deadline_usec;
	aws_call_fn fn;
	void *userdata;

	struct role_waiter *waiter;
	struct retry *request;
	sd_event_source *deferred;
	struct error err;       /* for on_refused() */
	struct aws_fault fault; /* of AWS's refusal */
};

const struct aws_call_kind aws_call_caller_identity = {
	"sts", "GetCallerIdentity", AWS_STS, sts_write_get_caller_identity, sts_read_caller_identity,
};

/* Nothing on it changes anything. */
static const struct aws_call_kind *const listed[] = {&aws_call_caller_identity};

/* The federation endpoint takes the keys themselves, so there is nothing to sign, and no region. */
static void write_signin_token(struct aws_request *ret, const char *endpoint, const char *region,
			       struct role_keys *keys_taken)
{
	(void)region;
	federation_write_signin_token(ret, endpoint, keys_taken);
}

const struct aws_call_kind aws_call_signin_token = {
	"signin", "getSigninToken", AWS_SIGNIN, write_signin_token, federation_read_signin_token,
};

bool aws_call_find(const char *service, const char *operation, bool may_write, struct aws_call_spec *ret,
		   enum aws_service *ret_endpoint, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(listed) && !ret->kind; i++) {
		if (strcmp(listed[i]->service, service) == 0 && strcmp(listed[i]->operation, operation) == 0)
			ret->kind = listed[i];
	}
	if (!ret->kind)
		ret->admin = admin_find(service, operation);
	if (!ret->kind && !ret->admin)
		return error_set(err, ERROR_DENIED,
				 "'%.64s %.64s' is not among the calls that iamicd makes: see iamicd(8)",
				 service, operation);
	if (ret->admin && ret->admin->is_write && !may_write)
		return error_set(err, ERROR_DENIED,
				 "'%.64s %.64s' changes something, and is only made for who says write: true",
				 service, operation);
	*ret_endpoint = ret->kind ? ret->kind->endpoint : ret->admin->endpoint;
	return true;
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct aws_call *call = userdata;
	_cleanup_json_ json_t *document = NULL;
	struct error err;

	if (!reply)
		err = *ask_err;
	else if (call->kind ? call->kind->read(reply, &document, &err)
			    : admin_read(call->admin, reply, &document, &call->fault, &err)) {
		call->fn(document, NULL, call->userdata); /* may free call: nothing of it after this line */
		return;
	}
	text_make_message(err.message);
	call->fn(NULL, &err, call->userdata); /* may free call: nothing of it after this line */
}

static bool ask(struct aws_call *call, const struct credentials *credentials, struct error *err)
{
	struct role_keys *keys = credentials_keys(credentials);
	struct aws_request request;

	if (!keys)
		return error_set(err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	if (call->kind)
		call->kind->write(&request, call->endpoint, call->region, keys);
	else if (!admin_write(&request, call->admin, call->endpoint, call->region, call->input, keys, err))
		return false;
	call->request = retry_start(call->deps.upstream, &request, call->deadline_usec, on_replied, call);
	return true;
}

static void on_credentials(const struct credentials *credentials, const struct error *role_err,
			   void *userdata)
{
	struct aws_call *call = userdata;
	struct error err;

	call->waiter = role_waiter_free(call->waiter);
	if (credentials && ask(call, credentials, &err))
		return;
	if (!credentials)
		err = *role_err;
	call->fn(NULL, &err, call->userdata); /* may free call: nothing after this line */
}

static int on_refused(sd_event_source *source, void *userdata)
{
	struct aws_call *call = userdata;
	struct error err = call->err;

	(void)source;
	timer_disarm(&call->deferred);
	call->fn(NULL, &err, call->userdata); /* may free call: nothing after this line */
	return 0;
}

struct aws_call *aws_call_start(struct roles *roles, const struct session_deps *deps,
				const struct caller *caller, const struct role_wish *wish,
				const struct aws_call_spec *spec, aws_call_fn fn, void *userdata)
{
	struct aws_call *call = xcalloc(1, sizeof(*call));
	const struct credentials *credentials;
	enum roles_answer answer;

	call->deps = *deps;
	call->kind = spec->kind;
	call->admin = spec->admin;
	call->input = xstrdup_or_null(spec->input);
	call->region = xstrdup(spec->region);
	call->endpoint = xstrdup(spec->endpoint);
	call->deadline_usec = wish->deadline_usec;
	call->fn = fn;
	call->userdata = userdata;
	answer =
		roles_get(roles, caller, wish, on_credentials, call, &credentials, &call->waiter, &call->err);
	if (answer == ROLES_REFUSED || (answer == ROLES_NOW && !ask(call, credentials, &call->err)))
		timer_defer(deps->event, &call->deferred, on_refused, call);
	return call;
}

const char *aws_call_refusal(const struct aws_call *call)
{
	return call->fault.name[0] ? call->fault.name : NULL;
}

bool aws_call_explain_silence(const struct aws_call *call, struct error *err)
{
	if (call->waiter && role_waiter_needs_answer(call->waiter, err))
		return true;
	if (!call->request)
		return false;
	upstream_explain_silence(call->deps.upstream, call->endpoint, err);
	return true;
}

struct aws_call *aws_call_free(struct aws_call *call)
{
	if (!call)
		return NULL;
	role_waiter_free(call->waiter);
	retry_free(call->request);
	timer_disarm(&call->deferred);
	free(call->region);
	free(call->endpoint);
	free(call->input);
	free(call);
	return NULL;
}
