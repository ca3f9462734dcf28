#pragma once
/* Why no session can be meant: what the daemon's status says of those that there are. */
#include <jansson.h>

#include "base/error.h"

/* Each is false. ERROR_CONFIG: the configuration names no session, or none of that name, which may be a
 * profile's. */
bool session_refuse_none(const json_t *status, struct error *err);
bool session_refuse_unknown(const json_t *status, const char *name, struct error *err);
/* ERROR_USAGE: one of them must be named, by a word or by --sso-session. */
bool session_refuse_several(const json_t *status, bool by_option, struct error *err);
