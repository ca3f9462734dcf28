#pragma once
/* How the SSO OIDC service refuses, what a person can do about it, and what comes next. Pure. */
#include "aws/reply.h"
#include "aws/token.h"
#include "base/error.h"

/* OIDC_INVALID_CLIENT: register once more. InvalidRequestException is explained: "check sso_region". */
enum oidc_outcome {
	OIDC_GRANTED,        /* err is filled for all but this and the next two */
	OIDC_PENDING,        /* go on polling */
	OIDC_SLOW_DOWN,      /* go on, OIDC_SLOW_DOWN_STEP_S slower for good */
	OIDC_INVALID_CLIENT, /* the registration is not (any longer) known */
	OIDC_INVALID_GRANT,  /* the refresh token is dead: the portal session has ended */
	OIDC_FAILED, /* err says why; its kind is LOGIN_REQUIRED for an expired sign-in, DENIED for a denied
			one */
	OIDC_TRY_LATER, /* 429, 5xx: err says why, a retry makes sense */
};

/* Status 200 is OIDC_GRANTED. A refusal names the other flow, which may be allowed. */
enum oidc_outcome oidc_sort(const struct aws_reply *reply, const char *operation, enum flow flow,
			    struct error *err) MUST_CHECK;
/* Where nothing is polled, slow_down means no more than 429, and pending means nothing. */
enum oidc_outcome oidc_sort_unpolled(const struct aws_reply *reply, const char *operation, enum flow flow,
				     struct error *err) MUST_CHECK;
