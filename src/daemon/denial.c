#include "daemon/denial.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"

static const char *hint_of(const struct configuration *configuration)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;

	return configuration_get(configuration, &config, &settings, &ignored) ? settings->denied_hint : NULL;
}

void denial_complete(struct error *err, const char *session, const struct configuration *configuration)
{
	_cleanup_free_ char *command = command_to_type("iamic login --force", session);
	const char *hint = hint_of(configuration);
	size_t n;

	error_put_before(err, "session '%s'", session);
	n = strlen(err->message);
	snprintf(err->message + n, sizeof(err->message) - n, ": %s%s%s", command, hint ? ": " : "",
		 hint ? hint : "");
}

void denial_of_token(const char *session, struct error *err)
{
	_cleanup_free_ char *command = command_to_type("iamic-login --force", session);

	error_set(err, ERROR_LOGIN_REQUIRED, "session '%s' is no longer accepted: run %s", session, command);
}
