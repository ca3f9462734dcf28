#pragma once
/*
 * One signed call to AWS with a role's credentials, out of a fixed list of services and operations. Today
 * that is STS GetCallerIdentity; its XML arrives as JSON.
 *
 * Owned by whoever started it; the callback runs once, from the event loop, and may free the call.
 */
#include <stdbool.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/roles.h"

struct aws_call;

struct aws_call_spec {
	const char *service, *operation; /* "sts", "GetCallerIdentity" */
	const char *region;              /* valid */
	const char *endpoint;            /* base URL */
};

/* document: AWS's reply as JSON, borrowed; or NULL and err. */
typedef void (*aws_call_fn)(json_t *document, const struct error *err, void *userdata);

/* ERROR_DENIED for a pair that is not on the list, or one that writes without is_write. */
bool aws_call_is_listed(const char *service, const char *operation, bool is_write,
			struct error *err) MUST_CHECK;
struct aws_call *aws_call_start(struct roles *roles, const struct session_deps *deps,
				const struct caller *caller, const struct role_wish *wish,
				const struct aws_call_spec *spec, aws_call_fn fn, void *userdata);
struct aws_call *aws_call_free(struct aws_call *call);
DEFINE_CLEANUP(struct aws_call *, aws_call_free)
