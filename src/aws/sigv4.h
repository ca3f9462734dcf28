#pragma once
/*
 * AWS Signature Version 4 of the requests that we make: a POST without a query, to a path that
 * needs no encoding; and of an address that another opens. By hand, because libcurl signs by the machine's
 * clock, and AWS refuses what is dated some minutes off. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/request.h"

/* Fills request->signature with the headers for one attempt, which is made at that time of AWS's clock. */
void sigv4_sign(struct aws_request *request, int64_t now);

/* An address that is signed, so that somebody else can open it; a GET without a body. */
struct sigv4_address {
	const char *endpoint; /* base URL, without a path */
	const char *query;    /* sorts before "X-Amz-", and is encoded */
	const char *service, *region;
	const char *header, *header_value; /* that whoever opens it must send; sorts behind "host" */
	int expires_s;
};
/* Appended to out, a secret as long as it is good; false when it does not fit. */
bool sigv4_presign(struct buffer *out, const struct sigv4_address *address, const struct role_keys *keys,
		   int64_t now) MUST_CHECK;
