#include "daemon/endpoint_yeses.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/confirmation_role.h"

struct endpoint_yes {
	struct list link;
	struct confirmation_role role;
	const void *endpoint;
};

static void yes_free(struct endpoint_yes *yes)
{
	list_remove(&yes->link);
	confirmation_role_done(&yes->role);
	free(yes);
}

bool endpoint_yeses_have(const struct list *yeses, const struct role_key *role, const void *endpoint)
{
	const struct endpoint_yes *yes;

	list_for_each (yes, yeses, struct endpoint_yes, link) {
		if (yes->endpoint == endpoint && confirmation_role_is(&yes->role, role))
			return true;
	}
	return false;
}

void endpoint_yeses_add(struct list *yeses, const struct role_key *role, const void *endpoint)
{
	struct endpoint_yes *yes;

	if (endpoint_yeses_have(yeses, role, endpoint))
		return;
	yes = xcalloc(1, sizeof(*yes));
	yes->role = confirmation_role_new(role);
	yes->endpoint = endpoint;
	list_append(yeses, &yes->link);
}

void endpoint_yeses_end(struct list *yeses, const void *endpoint)
{
	struct endpoint_yes *yes;

	list_for_each (yes, yeses, struct endpoint_yes, link) {
		if (yes->endpoint == endpoint)
			yes_free(yes);
	}
}

void endpoint_yeses_forget(struct list *yeses, const struct session *session)
{
	struct endpoint_yes *yes;

	list_for_each (yes, yeses, struct endpoint_yes, link) {
		if (confirmation_role_is_of(&yes->role, session))
			yes_free(yes);
	}
}
