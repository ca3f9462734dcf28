#pragma once
/*
 * Where a start URL with a company's own name leads: its host is asked once, no redirect is followed, and
 * nothing but an address of AWS's is believed. AWS's own host is asked for its page, which is good to have
 * and no more: once, and not again where that fails.
 */
#include <stdint.h>

#include "daemon/retry.h"

struct retry *start_url_ask(struct upstream *upstream, const char *start_url, uint64_t deadline_usec,
			    retry_fn fn, void *userdata);
/* *ret: where it leads, or a copy of start_url where the answer is no redirect. The caller's to free. */
bool start_url_read(const struct aws_reply *reply, const char *start_url, char **ret,
		    struct error *err) MUST_CHECK;
