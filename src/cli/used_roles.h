#pragma once
/* The roles that were used last: those in the daemon's memory, then those in its log, which outlasts it. */
#include <jansson.h>
#include <stddef.h>

#include "ipc/client.h"

/* Newest first, objects with session, accountId and roleName; the caller's to free. status is the daemon's.
 * What is not recorded, or cannot be read, is not in it. */
json_t *used_roles_list(struct client *client, const json_t *status);
/* The place of a role in that list; SIZE_MAX: it is not in it. */
size_t used_roles_place(const json_t *used, const char *session, const char *account_id,
			const char *role_name);
