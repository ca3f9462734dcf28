#pragma once
/*
 * A role that is assumed from another one, as a profile with role_arn says it: which, and
 * how. Assumptions form a chain, from the role that was asked for down to the one that the portal grants.
 * Pure.
 *
 * Beside the keys that AWS's SDKs know there are three that only iamic and aws-vault read: source_identity,
 * session_tags and transitive_session_tags.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/config.h"
#include "aws/endpoint.h"
#include "aws/identifier.h"
#include "base/cleanup.h"
#include "base/error.h"

struct assumption {
	struct assumption *source; /* what it is assumed from; NULL: the portal's role */
	char *role_arn;
	char account_id[ACCOUNT_ID_LEN + 1]; /* of role_arn, */
	char *role_name;                     /* without its path */
	char *form;                          /* the body of the request */
	char *region;                        /* whose STS is asked; NULL: the session's */
	struct endpoint_options endpoints;   /* where it is; says nothing of it: where the session says */
};

struct assumption *assumption_free(struct assumption *assumption); /* with its sources */
DEFINE_CLEANUP(struct assumption *, assumption_free)

/* A role by its ARN alone; NULL if it is not the ARN of a role. */
struct assumption *assumption_new(const char *role_arn);
/* What a profile with role_arn says, but for its source. ERROR_CONFIG with file and line. */
bool assumption_read(const struct config *config, const struct config_section *profile,
		     struct assumption **ret, struct error *err) MUST_CHECK;

struct assumption *assumption_copy(const struct assumption *assumption);
/* Would both be granted the same? With their sources; either may be NULL. */
bool assumption_is_same(const struct assumption *a, const struct assumption *b);
uint32_t assumption_hash(const struct assumption *assumption);
