#include "cli/choice.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/pick.h"
#include "cli/session_refusal.h"
#include "ipc/error_name.h"

/* NULL where the environment does not say. */
static const char *profile_of_environment(void)
{
	const char *profile = getenv("AWS_PROFILE");

	return profile && *profile ? profile : NULL;
}

const char *choice_usual_profile(void)
{
	const char *profile = profile_of_environment();

	return profile ? profile : "default";
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

/* *ret_is_there: the failure is another than that there is no such profile. */
static bool session_of_profile(const char *profile, const char *path, char **ret_name, bool *ret_is_there,
			       struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	*ret_is_there = true;
	if (!configuration_settings(&settings, err) || !configuration_aws(path, &config, err))
		return false;
	*ret_is_there = config_find(config, CONFIG_PROFILE, profile) != NULL;
	if (!sso_session_of_profile(config, settings, profile, &session, err))
		return false;
	*ret_name = TAKE(session->name);
	return true;
}

/* A profile that belongs to no session names none; one that is misspelt is not passed over in silence. */
static void usual_session(const char *path, bool warns, char **ret_name)
{
	bool is_there;
	struct error err;

	if (session_of_profile(choice_usual_profile(), path, ret_name, &is_there, &err))
		return;
	*ret_name = NULL;
	if (warns && !is_there && profile_of_environment())
		log_warning("warning: AWS_PROFILE: %s", err.message);
}

/* warns: of what the usual profile is not. */
static bool choose_session(struct client *client, const struct target *target, bool warns, char **ret_name,
			   struct error *err)
{
	_cleanup_json_ json_t *status = NULL;
	const char *path;
	bool is_there;

	if (!agent_status(client, &status, err))
		return false;
	path = agent_text(status, "configFile");
	if (!path)
		return error_set(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	agent_print_warnings(status);
	configuration_warn_if_other(path);
	if (target->session) {
		*ret_name = xstrdup(target->session);
		return true;
	}
	if (target->profile)
		return session_of_profile(target->profile, path, ret_name, &is_there, err);
	usual_session(path, warns, ret_name);
	return true;
}

/* Without a session or profile that says it, the usual profile may still belong to one. */
bool choice_session(struct client *client, const struct target *target, char **ret_name, struct error *err)
{
	return choose_session(client, target, true, ret_name, err);
}

bool choice_session_of(const json_t *status, const char *profile, char **ret_name, struct error *err)
{
	const char *path = agent_text(status, "configFile");
	bool is_there;

	if (!path)
		return error_set(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	return session_of_profile(profile, path, ret_name, &is_there, err);
}

bool choice_only_session(struct client *client, bool by_option, char **ret_name, struct error *err)
{
	_cleanup_json_ json_t *status = NULL;
	const json_t *sessions;
	const char *name;

	if (!agent_status(client, &status, err))
		return false;
	sessions = json_object_get(status, "sessions");
	name = agent_text(json_array_get(sessions, 0), "name");
	if (!name)
		return session_refuse_none(status, err);
	if (json_array_size(sessions) > 1)
		return session_refuse_several(status, by_option, err);
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

/* A permission set's ARN names account and role; any other role is assumed from one that is named as well. */
static bool says_it_all(const char *role_arn)
{
	char account_id[ACCOUNT_ID_LEN + 1];
	_cleanup_free_ char *role_name = NULL;

	return role_arn && arn_is_permission_set(role_arn, account_id, &role_name);
}

/* A person who has named nothing, and whose default profile is none, is shown what there is. */
static bool may_pick(const struct target *target)
{
	return is_open(target) && !target->role_arn && !profile_of_environment() && isatty(STDIN_FILENO);
}

/* *ret stays NULL where the target is named. */
static bool pick_target(struct client *client, const struct target *target, json_t **ret, struct error *err)
{
	const char *path = agent_text(agent_last_status(), "configFile");
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(picked_done) struct picked picked = {0};
	struct error ignored;

	if (!may_pick(target) || !configuration_settings(&settings, &ignored) ||
	    !configuration_aws(path, &config, &ignored) || config_find(config, CONFIG_PROFILE, "default"))
		return true;
	if (!pick_role(client, config, settings, &picked, err))
		return false;
	*ret = json_object();
	set(*ret, "profile", picked.profile);
	if (!picked.profile) {
		set(*ret, "session", picked.session);
		set(*ret, "accountId", picked.account_id);
		set(*ret, "roleName", picked.role_name);
	}
	return true;
}

bool choice_target(struct client *client, const struct target *target, json_t **ret, struct error *err)
{
	_cleanup_free_ char *session = NULL;
	const char *profile = target->profile;
	bool says_all = says_it_all(target->role_arn);

	*ret = NULL;
	/*
	 * The daemon says itself what is wrong with a profile that it is asked about. A socket that is lent
	 * gives credentials, and tells nothing else: there, what is named is all that counts.
	 */
	if (!choose_session(client, target, !is_open(target) || says_all, &session, err)) {
		if (err->kind != ERROR_DENIED)
			return false;
		says_all = false;
		session = xstrdup_or_null(target->session);
	} else if (!pick_target(client, target, ret, err)) {
		return false;
	}
	if (*ret)
		return true;
	/* An ARN may say everything but the session: then the usual profile need not be there. */
	if (is_open(target) && (session || !says_all))
		profile = choice_usual_profile();
	if (!profile && !session && says_all && !choice_only_session(client, true, &session, err))
		return false;
	if (profile && !utf8_is_valid(profile, strlen(profile)))
		return error_set(err, ERROR_CONFIG, "AWS_PROFILE is not UTF-8: correct or unset it");
	*ret = json_object();
	set(*ret, "profile", profile);
	set(*ret, "session", profile ? NULL : session);
	set(*ret, "accountId", target->account_id);
	set(*ret, "roleName", target->role_name);
	set(*ret, "roleArn", target->role_arn);
	return true;
}

const json_t *choice_home_session(const json_t *target)
{
	const json_t *status = agent_last_status(), *sessions = json_object_get(status, "sessions");
	const char *profile = agent_text(target, "profile"), *name = agent_text(target, "session");
	_cleanup_free_ char *of_profile = NULL;
	struct error ignored;
	bool is_there;

	if (profile &&
	    session_of_profile(profile, agent_text(status, "configFile"), &of_profile, &is_there, &ignored))
		name = of_profile;
	if (name)
		return agent_find_session(status, name);
	return json_array_size(sessions) == 1 ? json_array_get(sessions, 0) : NULL;
}
