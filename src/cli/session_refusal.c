#include "cli/session_refusal.h"

#include "aws/name_text.h"
#include "aws/target.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"

static const char *config_file(const json_t *status)
{
	const char *path = agent_text(status, "configFile");

	return path ? path : "the AWS configuration";
}

static void add_names(const json_t *status, struct name_text *names)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(status, "sessions"), i, session) {
		const char *name = agent_text(session, "name");

		if (name)
			name_text_add(names, name);
	}
}

bool session_refuse_none(const json_t *status, struct error *err)
{
	return error_set(err, ERROR_CONFIG, SSO_SESSION_NONE, config_file(status));
}

bool session_refuse_unknown(const json_t *status, const char *name, struct error *err)
{
	struct name_text there = {0};

	if (configuration_is_profile(agent_text(status, "configFile"), name)) {
		_cleanup_free_ char *word = shell_word(name);

		return error_set(err, ERROR_CONFIG, SSO_SESSION_PROFILE, name, config_file(status), word);
	}
	add_names(status, &there);
	if (there.n == 0)
		return session_refuse_none(status, err);
	return error_set(err, ERROR_CONFIG, SSO_SESSION_UNKNOWN, name, config_file(status),
			 name_text_end(&there));
}

bool session_refuse_several(const json_t *status, bool by_option, struct error *err)
{
	struct name_text there = {0};

	add_names(status, &there);
	return error_set(err, ERROR_USAGE, "there are several sessions, name one%s: %s",
			 by_option ? " with --sso-session" : "", name_text_end(&there));
}
