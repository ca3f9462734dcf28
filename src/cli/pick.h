#pragma once
/*
 * The pickers: every role that a person may use, to choose one by profile, role, account name or account id,
 * the recently used ones first; and every profile of the AWS configuration, or every session, for which AWS
 * is not asked.
 */
#include <jansson.h>

#include "aws/config.h"
#include "aws/settings.h"
#include "base/error.h"
#include "ipc/client.h"

struct picked {
	char *profile; /* that names the role; or NULL */
	char *session, *account_id, *role_name;
};
void picked_done(struct picked *picked);

/* False with kind ERROR_NONE: Ctrl-C. There must be a terminal. */
bool pick_role(struct client *client, const struct config *config, const struct settings *settings,
	       struct picked *ret, struct error *err) MUST_CHECK;
/* The same for a session, of the daemon's status; without a terminal, ERROR_USAGE. */
bool pick_session(const json_t *status, char **ret, struct error *err) MUST_CHECK;
/* The same for a profile, whatever it is for; without a terminal, ERROR_USAGE. */
bool pick_profile(const struct config *config, const struct settings *settings, char **ret,
		  struct error *err) MUST_CHECK;
