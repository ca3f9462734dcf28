#pragma once
/* STS in AWS's query protocol: form in, XML out. Pure. Source: botocore's model sts, 2011-06-15.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/assumption.h"
#include "aws/credentials.h"
#include "aws/request.h"
#include "base/error.h"

/* Takes the keys. */
void sts_write_get_caller_identity(struct aws_request *ret, const char *endpoint, const char *region,
				   struct role_keys *keys_taken);
/* {"Account","Arn","UserId"}; an error document becomes ERROR_DENIED or ERROR_UNAVAILABLE with AWS's code and
 * words. */
bool sts_read_caller_identity(const struct aws_reply *reply, json_t **ret, struct error *err) MUST_CHECK;

/* Takes the keys, which are the source's. */
void sts_write_assume_role(struct aws_request *ret, const char *endpoint, const char *region,
			   const struct assumption *assumption, struct role_keys *keys_taken);
/* now is AWS's. An error document becomes ERROR_DENIED or ERROR_UNAVAILABLE, as above. */
enum grant_outcome sts_read_assumed_role(const struct aws_reply *reply, const struct assumption *assumption,
					 int64_t now, struct credentials **ret, struct error *err) MUST_CHECK;

/* The part behind the last '/' of an assumed-role ARN: who signed in. NULL for other ARNs. */
char *sts_user_of_arn(const char *arn);
