#pragma once
/*
 * AWS Signature Version 4 (PROTOCOL 7) of the requests that we make: a POST without a query, to a path that
 * needs no encoding. By hand, because libcurl signs by the machine's clock, and AWS refuses what is dated
 * some minutes off. Pure.
 */
#include <stdint.h>

#include "aws/request.h"

/* Fills request->signature with the headers for one attempt, which is made at that time of AWS's clock. */
void sigv4_sign(struct aws_request *request, int64_t now);
