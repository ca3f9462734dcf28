#pragma once
/*
 * Calls to AWS as a role, which the daemon signs and makes (iamicd(8), Call): AWS's own JSON in and out.
 */
#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"
#include "ipc/client.h"

/* Whose calls; all of it is the caller's own. */
struct signed_caller {
	struct client *client; /* of the daemon */
	json_t *target;        /* the role, as Call takes it */
	const char *region;    /* or NULL: the daemon finds one itself */
};

/* service as Call has it: "sso-admin". input_taken NULL: {}. */
bool signed_call(const struct signed_caller *caller, const char *service, const char *operation,
		 json_t *input_taken, json_t **ret, struct error *err) MUST_CHECK;
/* One that makes or changes something. */
bool signed_change(const struct signed_caller *caller, const char *service, const char *operation,
		   json_t *input_taken, json_t **ret, struct error *err) MUST_CHECK;
/* Appends what all pages have in that member; not more than fit into memory. */
bool signed_list(const struct signed_caller *caller, const char *service, const char *operation,
		 json_t *input_taken, const char *member, json_t *rows, struct error *err) MUST_CHECK;
/* What AWS called its refusal of the call that failed last ("ConflictException"); "": it was none. */
const char *signed_refusal(const struct signed_caller *caller);
