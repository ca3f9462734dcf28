#pragma once
/*
 * What iamic doctor reads of an account: a fixed list of operations of AWS's administrative services, none of
 * which changes anything. JSON in, JSON out; where AWS answers in XML it is made JSON of. Pure. Source:
 * botocore's models of sso-admin, iam and cloudtrail.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/endpoint.h"
#include "aws/request.h"
#include "base/error.h"

struct admin_operation {
	const char *service, *name; /* "sso-admin", "ListInstances" */
	enum aws_service endpoint;
	const char *sign_service;
	const char *
		target; /* X-Amz-Target of the JSON protocol, in front of ".NAME"; NULL: the query protocol */
};

/* NULL: not on the list. */
const struct admin_operation *admin_find(const char *service, const char *name);
/* input: the operation's own, as AWS's JSON has it. Takes the keys. */
bool admin_write(struct aws_request *ret, const struct admin_operation *operation, const char *endpoint,
		 const char *region, const char *input, struct role_keys *keys_taken,
		 struct error *err) MUST_CHECK;
/* ERROR_DENIED for what the role may not look at, with AWS's code and words. */
bool admin_read(const struct admin_operation *operation, const struct aws_reply *reply, json_t **ret,
		struct error *err) MUST_CHECK;
