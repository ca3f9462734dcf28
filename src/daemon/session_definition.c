/* Which session it is: its name, where it is, what it has in common with others. */
#include <string.h>

#include "daemon/session_private.h"

const char *session_name(const struct session *session)
{
	return session->definition->name;
}

const struct sso_session *session_definition(const struct session *session)
{
	return session->definition;
}

bool session_is_namesake(const struct session *session, const struct session *other)
{
	const struct sso_session *a = session->definition, *b = other->definition;

	return strcmp(a->name, b->name) == 0 && strcmp(a->start_url, b->start_url) == 0 &&
	       strcmp(a->region, b->region) == 0;
}

const char *session_oidc_url(const struct session *session)
{
	return session->oidc_url;
}

const char *session_portal_url(const struct session *session)
{
	return session->portal_url;
}

void session_store_name(const struct session *session, struct store_name *ret)
{
	*ret = (struct store_name){
		.session = session->definition->name,
		.start_url = session->definition->start_url,
		.region = session->definition->region,
	};
}
