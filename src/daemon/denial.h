#pragma once
/* What a person can do about a sign-in, an account or a role that AWS does not let them use. */
#include "base/error.h"
#include "daemon/configuration.h"

/* Makes AWS's no a whole message: which session, the way to newer assignments, and the key `denied_hint`. */
void denial_complete(struct error *err, const char *session, const struct configuration *configuration);
/* AWS has refused a token, and the one that came in its place too. */
void denial_of_token(const char *session, struct error *err);
