#include "cli/role_credentials.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/configuration.h"

const struct role_variable role_variables[ROLE_VARIABLES] = {
	{"AWS_ACCESS_KEY_ID", "AccessKeyId"},
	{"AWS_SECRET_ACCESS_KEY", "SecretAccessKey"},
	{"AWS_SESSION_TOKEN", "SessionToken"},
	{"AWS_CREDENTIAL_EXPIRATION", "Expiration"},
};

const struct role_variable endpoint_variables[ENDPOINT_VARIABLES] = {
	{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "url"},
	{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "token"},
};

const char *const foreign_credentials[] = {
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_SECURITY_TOKEN",
	"AWS_CREDENTIAL_EXPIRATION",
	"AWS_CREDENTIAL_SCOPE",
	"AWS_ACCOUNT_ID", /* SDKs take it for that of the keys, and make host names of it */
	"AWS_PROFILE",
	"AWS_DEFAULT_PROFILE",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_ROLE_ARN",
	"AWS_ROLE_SESSION_NAME",
	"IAMIC_PROFILE",
	NULL,
};

/* What stands in keys, tokens and times, and is only text to every shell that they are printed for. */
static bool is_plain(const char *text)
{
	return *text && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
					  "/+=_-.:,@")] == '\0';
}

const char *role_credentials_text(const struct role_credentials *credentials,
				  const struct role_variable *variable)
{
	return agent_text(credentials->document, variable->member);
}

static bool check(const struct role_credentials *credentials, const struct role_variable *variables, size_t n,
		  struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = role_credentials_text(credentials, &variables[i]);

		if (!text || !is_plain(text))
			return error_set(err, ERROR_UNAVAILABLE,
					 "the daemon's '%s' is missing or malformed: try again",
					 variables[i].member);
	}
	return true;
}

/* Asks for what target means, and notes the profile that said it. */
static bool open_target(const struct target *target, struct client **ret_client, json_t **ret_target,
			struct role_credentials *credentials, struct error *err)
{
	_cleanup_free_ char *here = NULL;
	const char *profile, *path;

	if (!choice_check(target, err) || !agent_open(ret_client, err) ||
	    !choice_target(*ret_client, target, ret_target, err))
		return false;
	profile = agent_text(*ret_target, "profile");
	credentials->profile = xstrdup_or_null(profile);
	path = agent_text(agent_last_status(), "configFile");
	if (!path)
		path = here = configuration_shell_path();
	credentials->region = profile ? configuration_region(path, profile) : NULL;
	return true;
}

static bool get(const struct target *target, const char *method, bool is_wrapped,
		const struct role_variable *variables, size_t n, struct role_credentials *ret,
		struct error *err)
{
	_cleanup_(role_credentials_donep) struct role_credentials credentials = {0};
	_cleanup_(client_closep) struct client *client = NULL;
	json_t *parameters;

	if (!open_target(target, &client, &parameters, &credentials, err))
		return false;
	if (is_wrapped)
		parameters = json_pack("{s:o}", "target", parameters);
	if (!agent_call(client, method, parameters, &credentials.document, err) ||
	    !check(&credentials, variables, n, err))
		return false;
	*ret = credentials;
	credentials = (struct role_credentials){0};
	return true;
}

bool role_credentials_get(const struct target *target, struct role_credentials *ret, struct error *err)
{
	return get(target, "GetCredentials", false, role_variables, ROLE_VARIABLES, ret, err);
}

bool role_credentials_serve(const struct target *target, struct role_credentials *ret, struct error *err)
{
	return get(target, "ServeRole", true, endpoint_variables, ENDPOINT_VARIABLES, ret, err);
}

void role_credentials_done(struct role_credentials *credentials)
{
	json_decref(credentials->document);
	free(credentials->profile);
	free(credentials->region);
}
