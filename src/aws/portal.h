#pragma once
/*
 * The SSO portal service: writes its requests, reads its replies. Pure. endpoint is the base
 * URL; the access token goes into x-amz-sso_bearer_token. Source: botocore's model sso, 2019-06-10.
 */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "aws/credentials.h"
#include "aws/request.h"

/* Each copies the token; it returns false (ERROR_UNAVAILABLE "too many …") when the arena is full. */
bool portal_write_get_role_credentials(struct aws_request *ret, const char *endpoint,
				       const struct secret *access_token, const char *account_id,
				       const char *role_name, struct error *err) MUST_CHECK;
bool portal_write_list_accounts(struct aws_request *ret, const char *endpoint,
				const struct secret *access_token, const char *next_token /* or NULL */,
				struct error *err) MUST_CHECK;
bool portal_write_list_account_roles(struct aws_request *ret, const char *endpoint,
				     const struct secret *access_token, const char *account_id,
				     const char *next_token, struct error *err) MUST_CHECK;
bool portal_write_logout(struct aws_request *ret, const char *endpoint, const struct secret *access_token,
			 struct error *err) MUST_CHECK;

enum portal_outcome {
	PORTAL_OK,
	PORTAL_UNAUTHORIZED, /* 401: the access token is no longer good; the only one that ends it */
	PORTAL_DENIED,       /* 400, 403, 404: not assigned or unknown; the token is fine; err says so */
	PORTAL_TRY_LATER,    /* 429, 5xx */
	PORTAL_FAILED,       /* not understood: ERROR_UNAVAILABLE */
	PORTAL_FULL, /* the arena has no room for the secret; err is ERROR_UNAVAILABLE "too many roles in use"
		      */
};

/* Any reply but 200, sorted; PORTAL_OK for 200. err is set for all but OK and UNAUTHORIZED. */
enum portal_outcome portal_read_outcome(const struct aws_reply *reply, struct error *err) MUST_CHECK;
/* now is AWS's. account_id and role_name are what was asked for: the document and the message of a denial
 * hold them. */
enum portal_outcome portal_read_role_credentials(const struct aws_reply *reply, const char *account_id,
						 const char *role_name, int64_t now, struct credentials **ret,
						 struct error *err) MUST_CHECK;
/* An array in the socket's form, [{"accountId","accountName","emailAddress"}] or [{"accountId","roleName"}].
 * *ret_next: NULL at the end. */
enum portal_outcome portal_read_accounts(const struct aws_reply *reply, json_t **ret_accounts,
					 char **ret_next, struct error *err) MUST_CHECK;
enum portal_outcome portal_read_account_roles(const struct aws_reply *reply, json_t **ret_roles,
					      char **ret_next, struct error *err) MUST_CHECK;
