/* Call and SigninLink: what the daemon asks AWS for with the credentials of a role. */
#include <stdlib.h>

#include "aws/console.h"
#include "aws/federation.h"
#include "aws/region.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/aws_call.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

#define DOCUMENT_MAX (2 * 1024 * 1024)
#define LINK_MAX     (16 * 1024)

struct calling {
	struct call *call;
	struct session *session; /* sessions' */
	char *destination;       /* of a link, with the endpoint; or NULL */
	char *endpoint;
	bool is_hidden; /* the link */
	struct aws_call *aws_call;
};

static void calling_release(void *held)
{
	struct calling *calling = held;

	aws_call_free(calling->aws_call);
	free(calling->destination);
	free(calling->endpoint);
	free(calling);
}

/* Programs go by AWS's name for a refusal. Only there the kind is Denied and the call is known. */
static json_t *error_members(const struct calling *calling, const struct error *err)
{
	const char *refusal = calling->aws_call ? aws_call_refusal(calling->aws_call) : NULL;

	return err->kind == ERROR_DENIED && refusal ? json_pack("{s:s}", "awsCode", refusal)
						    : session_error_members(calling->session, err);
}

static void fail(const struct calling *calling, const struct error *err)
{
	call_fail(calling->call, err, error_members(calling, err)); /* nothing after this line */
}

static void fail_too_large(const struct calling *calling)
{
	struct error err;

	error_set(&err, ERROR_UNAVAILABLE, "AWS's reply is too large");
	fail(calling, &err); /* nothing after this line */
}

static void on_out_of_time(struct call *call)
{
	const struct calling *calling = call_held(call);
	struct error err;

	if (!aws_call_explain_silence(calling->aws_call, &err))
		session_explain_silence(calling->session, &err);
	call_fail(call, &err, NULL); /* nothing after this line */
}

/* What a call is about, once it is known to be well-formed. */
struct subject {
	struct role *role; /* owned */
	struct session *session;
	const char *region;                  /* valid */
	char *endpoint;                      /* owned */
	struct endpoint_options of_profile;  /* owned */
	const struct endpoint_options *said; /* the profile's that was named, or the session's */
};

static void subject_done(struct subject *subject)
{
	role_free(subject->role);
	free(subject->endpoint);
	endpoint_options_done(&subject->of_profile);
}

/* A profile says itself where its calls go; a role that is named without one goes where its session says. */
static bool find_endpoints(struct agent *agent, const char *profile, struct subject *subject,
			   struct error *err)
{
	subject->said = profile ? &subject->of_profile : &session_definition(subject->session)->endpoints;
	return !profile || agent_profile_endpoints(agent, profile, &subject->of_profile, err);
}

/* region NULL: the profile's own, else the session's. */
static bool find_subject(struct agent *agent, const struct target *target, const char *region,
			 struct subject *ret, struct error *err)
{
	if (!agent_role(agent, target, &ret->role, &ret->session, err) ||
	    !find_endpoints(agent, target->profile, ret, err))
		return false;
	ret->region = region;
	if (!region)
		ret->region =
			ret->role->region ? ret->role->region : session_definition(ret->session)->region;
	return region_check(ret->region, "region", err);
}

static void start(struct call *call, struct calling *calling, const struct subject *subject,
		  struct aws_call_spec *spec, aws_call_fn fn)
{
	struct agent *agent = call_userdata(call);
	const struct caller caller = caller_of(call);
	const struct role_wish wish = {
		.role = role_key_of(subject->session, subject->role),
		.deadline_usec = clock_boot_usec() + IAMIC_TIMEOUT_DEFAULT_MS * USEC_PER_MSEC,
	};

	spec->region = subject->region;
	spec->endpoint = subject->endpoint;
	calling->call = call;
	calling->session = subject->session;
	call_hold(call, calling_release, calling);
	call_set_deadline(call, wish.deadline_usec, on_out_of_time);
	calling->aws_call = aws_call_start(agent->roles, &agent->deps, &caller, &wish, spec, fn, calling);
}

/* ---- Call ---- */

static void on_called(json_t *document, const struct error *err, void *userdata)
{
	struct calling *calling = userdata;
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(DOCUMENT_MAX, &buffer_heap);

	if (!document)
		fail(calling, err); /* nothing of calling after the call has ended */
	else if (json_append(&body, document))
		call_reply(calling->call, json_pack("{s:i, s:s}", "status", 200, "body", body.data));
	else
		fail_too_large(calling);
}

void method_call(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	_cleanup_(subject_done) struct subject subject = {0};
	const char *service, *operation, *region = NULL, *body;
	struct aws_call_spec spec = {0};
	struct target target = {0};
	enum aws_service endpoint;
	int is_write = 0;
	struct error err;

	if (!parameters_read(call, parameters, "{s:{" TARGET_FORMAT "}, s:s, s:s, s?s, s:s, s?b}", "target",
			     TARGET_SLOTS(&target), "service", &service, "operation", &operation, "region",
			     &region, "body", &body, "write", &is_write))
		return;
	spec.input = body;
	if (!aws_call_find(service, operation, is_write, &spec, &endpoint, &err) ||
	    !find_subject(agent, &target, region, &subject, &err) ||
	    !endpoint_url(endpoint, subject.region, &agent->endpoints, subject.said, &subject.endpoint,
			  &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	start(call, xcalloc(1, sizeof(struct calling)), &subject, &spec, on_called);
}

/* ---- SigninLink ---- */

static void reply_link(struct call *call, struct buffer *link)
{
	_cleanup_json_ json_t *reply = json_pack_secret("{s:s}", "url", link->data);
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(LINK_MAX, &buffer_heap);
	struct error err;

	if (reply && json_append(&text, reply)) {
		call_reply_secret(call, text.data, text.len); /* the call is gone after this line */
		return;
	}
	error_set(&err, ERROR_INTERNAL, "a link with a part that is not UTF-8");
	call_fail(call, &err, NULL); /* nothing after this line */
}

static void reply_door(struct call *call, const char *link)
{
	struct agent *agent = call_userdata(call);
	_cleanup_free_ char *url = NULL;
	struct error err;

	if (link_doors_open(agent->doors, link, &url, &err))
		call_reply(call, json_pack("{s:s}", "url", url)); /* nothing after this line */
	else
		call_fail(call, &err, NULL); /* nothing after this line */
}

static void reply_made_link(const struct calling *calling, struct buffer *link)
{
	if (calling->is_hidden)
		reply_door(calling->call, link->data); /* nothing of calling after the call has ended */
	else
		reply_link(calling->call, link);
}

static void on_token(json_t *token, const struct error *err, void *userdata)
{
	struct calling *calling = userdata;
	_cleanup_(buffer_clearp) struct buffer link = BUFFER_INIT(LINK_MAX, &buffer_heap);

	if (!token)
		fail(calling, err); /* nothing of calling after the call has ended */
	else if (federation_append_link(&link, calling->endpoint,
					session_definition(calling->session)->start_url, calling->destination,
					token))
		reply_made_link(calling, &link);
	else
		fail_too_large(calling);
}

/* Where no sign-in page of the console is known, the access portal knows the way. */
static void reply_portal_link(struct call *call, const struct subject *subject, const char *destination)
{
	_cleanup_(buffer_clearp) struct buffer link = BUFFER_INIT(LINK_MAX, &buffer_heap);
	_cleanup_free_ char *text =
		console_portal_link(session_definition(subject->session)->start_url,
				    subject->role->account_id, subject->role->role_name, destination);

	if (!buffer_append_text(&link, text))
		abort(); /* start URL and destination have 2,048 bytes at most */
	reply_link(call, &link);
}

/* Where it shall lead: to the address that was given, else to the console's home, if there is one. */
static bool find_destination(const char *destination, const struct subject *subject, char **ret,
			     struct error *err)
{
	if (destination && !url_is_acceptable(destination))
		return error_set(err, ERROR_CONFIG, "the destination is not an https:// address");
	return console_destination(destination, NULL, subject->region, ret, err);
}

static void start_link(struct call *call, const struct subject *subject, const char *destination,
		       bool is_hidden)
{
	struct calling *calling = xcalloc(1, sizeof(*calling));

	calling->destination = xstrdup(destination);
	calling->endpoint = xstrdup(subject->endpoint);
	calling->is_hidden = is_hidden;
	start(call, calling, subject, &(struct aws_call_spec){.kind = &aws_call_signin_token}, on_token);
}

void method_signin_link(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	_cleanup_(subject_done) struct subject subject = {0};
	_cleanup_free_ char *there = NULL;
	const char *destination = NULL;
	struct target target = {0};
	int is_hidden = 0;
	struct error err;

	if (!parameters_read(call, parameters, "{s:{" TARGET_FORMAT "}, s?s, s?b}", "target",
			     TARGET_SLOTS(&target), "destination", &destination, "hidden", &is_hidden))
		return;
	if (!find_subject(agent, &target, NULL, &subject, &err) ||
	    (destination && !find_destination(destination, &subject, &there, &err)))
		call_fail(call, &err, NULL);
	else if (!console_is_known(subject.region) && !agent->endpoints.service[AWS_SIGNIN].url &&
		 !subject.said->service[AWS_SIGNIN].url)
		reply_portal_link(call, &subject, there);
	else if ((!there && !find_destination(NULL, &subject, &there, &err)) ||
		 !endpoint_url(AWS_SIGNIN, subject.region, &agent->endpoints, subject.said, &subject.endpoint,
			       &err))
		call_fail(call, &err, NULL);
	else
		start_link(call, &subject, there, is_hidden);
}
