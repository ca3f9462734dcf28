#pragma once
/* What the methods share. */
#include <jansson.h>

#include "daemon/methods.h"

void method_get_info(struct call *call, const json_t *parameters);
void method_get_interface_description(struct call *call, const json_t *parameters);
void method_get_credentials(struct call *call, const json_t *parameters);
void method_serve_role(struct call *call, const json_t *parameters);
void method_eks_token(struct call *call, const json_t *parameters);
void method_signin_link(struct call *call, const json_t *parameters);
void method_call(struct call *call, const json_t *parameters);
void method_login(struct call *call, const json_t *parameters);
void method_finish_login(struct call *call, const json_t *parameters);
void method_cancel_login(struct call *call, const json_t *parameters);
void method_logout(struct call *call, const json_t *parameters);
void method_import_session(struct call *call, const json_t *parameters);
void method_resolve_start_url(struct call *call, const json_t *parameters);
void method_lock(struct call *call, const json_t *parameters);
void method_unlock(struct call *call, const json_t *parameters);
void method_move_store(struct call *call, const json_t *parameters);
void method_status(struct call *call, const json_t *parameters);
void method_profile_session(struct call *call, const json_t *parameters);
void method_log(struct call *call, const json_t *parameters);
void method_can_confirm(struct call *call, const json_t *parameters);
void method_reach(struct call *call, const json_t *parameters);
void method_share(struct call *call, const json_t *parameters);
void method_list_accounts(struct call *call, const json_t *parameters);
void method_list_roles(struct call *call, const json_t *parameters);

/* Who asks, for the gate. */
struct caller caller_of(const struct call *call);
/*
 * Reads parameters by a format as json_unpack() has it, of s, I, b and objects that are not optional. A
 * member that is null is one that is left out. On failure the call has failed with InvalidParameter, which
 * names the member, and is gone.
 */
bool parameters_read(struct call *call, const json_t *parameters, const char *format, ...) MUST_CHECK;

/* How a call names its session, for parameters_read(): with what describes one that no file has yet. */
#define SESSION_FORMAT "s?s, s?s, s?s, s?s"
#define SESSION_SLOTS(session)                                                                               \
	"session", &(session)->name, "startUrl", &(session)->start_url, "region", &(session)->region,        \
		"scopes", &(session)->scopes

/* The same for what a call is about. */
#define TARGET_FORMAT "s?s, s?s, s?s, s?s, s?s"
#define TARGET_SLOTS(target)                                                                                 \
	"profile", &(target)->profile, "session", &(target)->session, "accountId", &(target)->account_id,    \
		"roleName", &(target)->role_name, "roleArn", &(target)->role_arn

/* The session of that name; NULL: the only one. With a start URL and a region it need not be in a file. */
bool agent_session(struct agent *agent, const struct session_proposal *wanted, struct session **ret,
		   struct error *err) MUST_CHECK;
/* As above for a name out of what is in force, which is not looked at again: for loops over its names. */
bool agent_named_session(struct agent *agent, const struct config *config, const struct settings *settings,
			 const char *name, struct session **ret, struct error *err) MUST_CHECK;
/* The session that a profile's credentials come from. */
bool agent_profile_session(struct agent *agent, const char *profile, struct session **ret,
			   struct error *err) MUST_CHECK;
/* What a profile that is there says of the addresses of its calls. */
bool agent_profile_endpoints(struct agent *agent, const char *profile, struct endpoint_options *ret,
			     struct error *err) MUST_CHECK;
/* What a method got for the target among its parameters. All of it is good until the call has ended. */
struct granted_role {
	struct agent *agent;
	const json_t *parameters;
	struct target target;
	struct session *session;
	const struct role *role;
	const struct credentials *credentials; /* until the method returns */
};
typedef void (*granted_fn)(struct call *call, const struct granted_role *grant);
/*
 * parameters are well-formed, and have a member target. stays: the caller is to be served on for as long as
 * it runs. fn ends the call, unless that ended before.
 */
void call_with_role(struct call *call, const json_t *parameters, bool stays, granted_fn fn);

/* What GetCredentials is asked, on whatever socket. */
struct credentials_request {
	struct target target;
	json_int_t timeout_ms, login_ms;
};
/* False: the call has failed, and is gone. */
bool credentials_request_read(struct call *call, const json_t *parameters,
			      struct credentials_request *ret) MUST_CHECK;
/* Ends the call with the credentials of that role, now or later. */
void credentials_answer(struct call *call, struct agent *agent, struct session *session,
			const struct role *role, const struct credentials_request *request);

/* The extra members of an error about that session: its name, and the sign-in that waits for a person. */
json_t *session_error_members(const struct session *session, const struct error *err);
/* A string, or null for NULL. */
json_t *json_string_or_null(const char *text);
/* RFC 3339, or null for 0. */
json_t *json_time_or_null(int64_t s);
