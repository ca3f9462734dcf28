#pragma once
/* A role as a person confirms it, however it is come by. */
#include <stdbool.h>

#include "daemon/role_cache.h"

struct confirmation_role {
	const struct session *session; /* sessions' */
	char *account_id, *role_name;
	char *role_arn; /* of one that is assumed; or NULL */
	char *origin;   /* in words: what that is assumed from in the end */
};

struct confirmation_role confirmation_role_new(const struct role_key *key);
void confirmation_role_done(struct confirmation_role *role);
bool confirmation_role_is(const struct confirmation_role *role, const struct role_key *key);
/* The session's, or a namesake's; NULL: whatever it is of. */
bool confirmation_role_is_of(const struct confirmation_role *role, const struct session *session);
