#include "aws/oidc_refusal.h"

#include <string.h>

#include "aws/reply.h"
#include "base/text.h"
#include "base/xalloc.h"

static bool is_named(const struct aws_fault *fault, const char *name)
{
	return strcmp(fault->name, name) == 0;
}

/* What an administrator must mend: reasons in the model of the service. */
static const char *kms_hint(const struct aws_fault *fault)
{
	static const struct {
		const char *reason, *hint;
	} hints[] = {
		{"KMS_AccessDeniedException",
		 "Identity Center may not use its KMS key (KMS_AccessDeniedException): "
		 "ask your administrator to allow it"},
		{"KMS_NotFoundException",
		 "the KMS key of Identity Center is gone (KMS_NotFoundException): ask "
		 "your administrator"},
		{"KMS_InvalidKeyUsageException", "the KMS key of Identity Center is not meant for encryption "
						 "(KMS_InvalidKeyUsageException): ask your administrator"},
		{"KMS_InvalidStateException", "the KMS key of Identity Center is in no usable state "
					      "(KMS_InvalidStateException): ask your administrator"},
		{"KMS_DisabledException",
		 "the KMS key of Identity Center is disabled (KMS_DisabledException): "
		 "ask your administrator to enable it"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (strcmp(fault->reason, hints[i].reason) == 0)
			return hints[i].hint;
	}
	return NULL;
}

/* What a company has blocked may be only one way of signing in. */
static const char *other_way(enum flow flow)
{
	return flow == FLOW_DEVICE ? "; if a policy blocks device codes: 'iamic-login --browser'"
				   : "; with a device code: 'iamic-login --device'";
}

/* Refusals that end a sign-in, with what a person can do about each. */
static enum oidc_outcome fail(const struct aws_reply *reply, const struct aws_fault *fault,
			      const char *operation, enum flow flow, struct error *err)
{
	static const struct {
		const char *name;
		enum error_kind kind;
		const char *hint;
	} hints[] = {
		{"AccessDeniedException", ERROR_DENIED, "the sign-in was denied, by a person or by a policy"},
		{"UnauthorizedClientException", ERROR_DENIED, "this way of signing in is not allowed here"},
		{"UnsupportedGrantTypeException", ERROR_DENIED, "this way of signing in is not offered here"},
		{"InvalidRedirectUriException", ERROR_DENIED, "this way of signing in is not offered here"},
		{"ExpiredTokenException", ERROR_LOGIN_REQUIRED,
		 "nobody approved the sign-in in time: run 'iamic-login' again"},
		{"InvalidRequestException", ERROR_CONFIG, "check sso_region and sso_start_url"},
		{"InvalidScopeException", ERROR_CONFIG, "check sso_registration_scopes"},
	};
	const char *kms = kms_hint(fault);

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		_cleanup_free_ char *hint = NULL;

		if (!is_named(fault, hints[i].name))
			continue;
		hint = xasprintf("%s%s", hints[i].hint, hints[i].kind == ERROR_DENIED ? other_way(flow) : "");
		if (kms)
			reply_explain(reply, fault, operation,
				      hints[i].kind == ERROR_DENIED ? ERROR_DENIED : ERROR_UNAVAILABLE, kms,
				      err);
		else
			reply_explain(reply, fault, operation, hints[i].kind, hint, err);
		return OIDC_FAILED;
	}
	reply_explain_unknown(reply, fault, operation, err);
	return OIDC_FAILED;
}

/* err is filled for every outcome but GRANTED, PENDING and SLOW_DOWN. */
enum oidc_outcome oidc_sort(const struct aws_reply *reply, const char *operation, enum flow flow,
			    struct error *err)
{
	struct aws_fault fault;

	if (reply->status == 200)
		return OIDC_GRANTED;
	aws_fault_read(reply, &fault);
	if (reply->status < 500 && is_named(&fault, "AuthorizationPendingException"))
		return OIDC_PENDING;
	if (reply->status < 500 && is_named(&fault, "SlowDownException"))
		return OIDC_SLOW_DOWN;
	if (reply_is_passing_trouble(reply, &fault)) {
		reply_explain_unknown(reply, &fault, operation, err);
		return OIDC_TRY_LATER;
	}
	if (is_named(&fault, "InvalidClientException")) {
		reply_explain(reply, &fault, operation, ERROR_LOGIN_REQUIRED,
			      "AWS no longer knows this client's registration: run 'iamic-login'", err);
		return OIDC_INVALID_CLIENT;
	}
	if (is_named(&fault, "InvalidGrantException")) {
		reply_explain(reply, &fault, operation, ERROR_LOGIN_REQUIRED,
			      "AWS does not accept this sign-in any longer: run 'iamic-login'", err);
		return OIDC_INVALID_GRANT;
	}
	return fail(reply, &fault, operation, flow, err);
}

enum oidc_outcome oidc_sort_unpolled(const struct aws_reply *reply, const char *operation, enum flow flow,
				     struct error *err)
{
	enum oidc_outcome outcome = oidc_sort(reply, operation, flow, err);
	struct aws_fault fault;

	if (outcome != OIDC_PENDING && outcome != OIDC_SLOW_DOWN)
		return outcome;
	aws_fault_read(reply, &fault);
	reply_explain_unknown(reply, &fault, operation, err);
	return outcome == OIDC_SLOW_DOWN ? OIDC_TRY_LATER : OIDC_FAILED;
}
