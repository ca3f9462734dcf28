#pragma once
/* What a person can do about a role or an account that AWS does not let them use. */
#include "base/error.h"
#include "daemon/configuration.h"

/* Makes AWS's no a whole message: which session, the way to newer assignments, and the key `denied_hint`. */
void denial_complete(struct error *err, const char *session, const struct configuration *configuration);
