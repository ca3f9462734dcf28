#pragma once
/* A role's credentials as the daemon hands them out, for the verbs that pass them on. */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "aws/target.h"
#include "base/error.h"

struct role_credentials {
	json_t *document; /* what the daemon answered; erased when it is freed */
	char *profile;    /* that named the role, or NULL */
	char *region;     /* the profile's own, or NULL */
};

/* Under which name AWS's tools look for what, in the order in which they print it. */
struct role_variable {
	const char *name;   /* "AWS_ACCESS_KEY_ID" */
	const char *member; /* "AccessKeyId" */
};
#define ROLE_VARIABLES 4
extern const struct role_variable role_variables[ROLE_VARIABLES];
/* Likewise for the endpoint that hands them out. */
#define ENDPOINT_VARIABLES 2
extern const struct role_variable endpoint_variables[ENDPOINT_VARIABLES];

/* Variables from which an AWS tool would take other credentials than those it is meant to have, or mix them
 * with these; NULL behind the last. */
extern const char *const foreign_credentials[];

/* ERROR_LOGIN_REQUIRED, ERROR_DENIED and so on, as GetCredentials answers them. */
bool role_credentials_get(const struct target *target, struct role_credentials *ret,
			  struct error *err) MUST_CHECK;
/* An endpoint of the daemon's, which serves them for as long as this process runs, and what it becomes. */
bool role_credentials_serve(const struct target *target, struct role_credentials *ret,
			    struct error *err) MUST_CHECK;
void role_credentials_done(struct role_credentials *credentials);

static inline void role_credentials_donep(struct role_credentials *credentials)
{
	role_credentials_done(credentials);
}

/* Never NULL for what there is, and made of nothing that a shell would take for more than text. */
const char *role_credentials_text(const struct role_credentials *credentials,
				  const struct role_variable *variable);
