#include "cli/choice.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"

static const char *usual_profile(void)
{
	const char *profile = getenv("AWS_PROFILE");

	return profile && *profile ? profile : "default";
}

bool choice_check(const struct target *target, struct error *err)
{
	if (target->profile && (target->session || target->account_id || target->role_name))
		return error_set(err, ERROR_USAGE,
				 "'--profile' stands alone: it names session, account and role");
	if (!target->account_id != !target->role_name)
		return error_set(err, ERROR_USAGE, "'--account-id' and '--role-name' belong together");
	if (target->session && !target->account_id && !target->role_arn)
		return error_set(err, ERROR_USAGE, "'--sso-session' needs '--account-id' and '--role-name'");
	return true;
}

bool choice_check_session(const struct target *target, struct error *err)
{
	if (target->profile && target->session)
		return error_set(err, ERROR_USAGE, "'--profile' and a session contradict each other");
	return true;
}

static bool session_of_profile(const char *profile, const char *path, char **ret_name, struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	if (!configuration_settings(&settings, err) || !configuration_aws(path, &config, err) ||
	    !sso_session_of_profile(config, settings, profile, &session, err))
		return false;
	*ret_name = TAKE(session->name);
	return true;
}

/* Without a session or profile that says it, the usual profile may still belong to one. */
bool choice_session(struct client *client, const struct target *target, char **ret_name, struct error *err)
{
	_cleanup_json_ json_t *status = NULL;
	const char *path;
	struct error ignored;

	if (!agent_call(client, "Status", json_object(), &status, err))
		return false;
	path = agent_text(status, "configFile");
	if (!path)
		return error_set(err, ERROR_UNAVAILABLE, "the daemon does not say which file it reads");
	configuration_warn_if_other(path);
	if (target->session) {
		*ret_name = xstrdup(target->session);
		return true;
	}
	if (target->profile)
		return session_of_profile(target->profile, path, ret_name, err);
	if (!session_of_profile(usual_profile(), path, ret_name, &ignored))
		*ret_name = NULL;
	return true;
}

bool choice_only_session(struct client *client, char **ret_name, struct error *err)
{
	_cleanup_json_ json_t *status = NULL;
	const json_t *sessions;
	const char *name;

	if (!agent_call(client, "Status", json_object(), &status, err))
		return false;
	sessions = json_object_get(status, "sessions");
	name = agent_text(json_array_get(sessions, 0), "name");
	if (!name)
		return error_set(err, ERROR_CONFIG,
				 "no session is configured: add an [sso-session NAME] section to the AWS "
				 "configuration");
	if (json_array_size(sessions) > 1)
		return error_set(err, ERROR_USAGE, "there are several sessions, name one");
	*ret_name = xstrdup(name);
	return true;
}

static void set(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_string(text));
}

/* Where nothing names the role, or the source of an ARN, the usual profile does. */
static bool is_open(const struct target *target)
{
	return !target->profile && !target->session && !target->account_id;
}

bool choice_target(struct client *client, const struct target *target, json_t **ret, struct error *err)
{
	_cleanup_free_ char *session = NULL;
	const char *profile = target->profile;

	if (!choice_session(client, target, &session, err))
		return false;
	/* An ARN may say everything but the session: then the usual profile need not be there. */
	if (is_open(target) && (session || !target->role_arn))
		profile = usual_profile();
	if (!profile && !session && target->role_arn && !choice_only_session(client, &session, err))
		return false;
	if (profile && !utf8_is_valid(profile, strlen(profile)))
		return error_set(err, ERROR_CONFIG, "AWS_PROFILE is not UTF-8");
	*ret = json_object();
	set(*ret, "profile", profile);
	set(*ret, "session", profile ? NULL : session);
	set(*ret, "accountId", target->account_id);
	set(*ret, "roleName", target->role_name);
	set(*ret, "roleArn", target->role_arn);
	return true;
}
