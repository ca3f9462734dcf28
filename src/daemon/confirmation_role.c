#include "daemon/confirmation_role.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const char *arn_of(const struct role_key *key)
{
	return key->assumed ? key->assumed->role_arn : NULL;
}

struct confirmation_role confirmation_role_new(const struct role_key *key)
{
	return (struct confirmation_role){
		.session = key->session,
		.account_id = xstrdup(role_key_account(key)),
		.role_name = xstrdup(role_key_name(key)),
		.role_arn = xstrdup_or_null(arn_of(key)),
		.origin = key->assumed ? xasprintf("%s in %s", key->role_name, key->account_id) : NULL,
	};
}

void confirmation_role_done(struct confirmation_role *role)
{
	free(role->account_id);
	free(role->role_name);
	free(role->role_arn);
	free(role->origin);
}

bool confirmation_role_is(const struct confirmation_role *role, const struct role_key *key)
{
	const char *arn = arn_of(key);

	return role->session == key->session && strcmp(role->account_id, role_key_account(key)) == 0 &&
	       strcmp(role->role_name, role_key_name(key)) == 0 && !role->role_arn == !arn &&
	       (!arn || strcmp(role->role_arn, arn) == 0);
}

bool confirmation_role_is_of(const struct confirmation_role *role, const struct session *session)
{
	return !session || session_is_namesake(role->session, session);
}
