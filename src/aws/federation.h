#pragma once
/*
 * Links that sign a browser in to the console with the credentials of a role. Pure. Source:
 * IAM user guide, "Enabling custom identity broker access to the AWS console".
 *
 * The session in the console lasts as long as the credentials: no SessionDuration is asked for, which AWS
 * would refuse for a role that was assumed from another.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/request.h"
#include "base/buffer.h"
#include "base/error.h"

/* Takes the keys. They go into the body, never into the query, which proxies write down. */
void federation_write_signin_token(struct aws_request *ret, const char *endpoint,
				   struct role_keys *keys_taken);
/* {"SigninToken"}, in secret memory. */
bool federation_read_signin_token(const struct aws_reply *reply, json_t **ret, struct error *err) MUST_CHECK;
/*
 * The link for such a reply, a secret that is good for 15 minutes, appended to out. issuer is where AWS sends
 * the person when the session has ended. False when out takes no more.
 */
bool federation_append_link(struct buffer *out, const char *endpoint, const char *issuer,
			    const char *destination, const json_t *token) MUST_CHECK;
