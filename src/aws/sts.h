#pragma once
/* STS in AWS's query protocol (PROTOCOL 7): form in, XML out. Pure. Source: botocore's model sts, 2011-06-15.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/request.h"
#include "base/error.h"

/* Takes the keys. */
void sts_write_get_caller_identity(struct aws_request *ret, const char *endpoint, const char *region,
				   struct role_keys *keys_taken);
/* {"Account","Arn","UserId"}; an error document becomes ERROR_DENIED or ERROR_UNAVAILABLE with AWS's code and
 * words. */
bool sts_read_caller_identity(const struct aws_reply *reply, json_t **ret, struct error *err) MUST_CHECK;
/* The part behind the last '/' of an assumed-role ARN: who signed in. NULL for other ARNs. */
char *sts_user_of_arn(const char *arn);
