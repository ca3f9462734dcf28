#pragma once
/*
 * What administrators ask, through iamic doctor and iamic admin: a fixed list of operations of AWS's
 * administrative services, none of which takes anything away. JSON in, JSON out; where AWS answers in XML it
 * is made JSON of. Pure. Source: botocore's models of sso-admin, identitystore, iam and cloudtrail.
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
	bool is_write;  /* it makes or changes something */
};

/* NULL: not on the list. */
const struct admin_operation *admin_find(const char *service, const char *name);
/* input: the operation's own, as AWS's JSON has it. Takes the keys. */
bool admin_write(struct aws_request *ret, const struct admin_operation *operation, const char *endpoint,
		 const char *region, const char *input, struct role_keys *keys_taken,
		 struct error *err) MUST_CHECK;
/* ERROR_DENIED for what AWS refuses, with its code and words; fault says the same for programs, and names
 * nothing where it was no refusal. */
bool admin_read(const struct admin_operation *operation, const struct aws_reply *reply, json_t **ret,
		struct aws_fault *ret_fault, struct error *err) MUST_CHECK;
