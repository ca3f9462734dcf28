#include "cli/glance.h"

#include <stdlib.h>

#include "aws/target.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"

#define PATIENCE      (100 * USEC_PER_MSEC) /* a prompt stands behind it */
#define CALL_PATIENCE USEC_PER_SEC

/* The reply, and the client that got it; or NULL, and none. */
static json_t *ask(const char *method, json_t *parameters_taken, struct client **ret)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *parameters = parameters_taken;
	uint64_t deadline_usec = clock_boot_usec() + PATIENCE;
	struct error ignored;
	json_t *reply;

	if (!client_open_running(deadline_usec, &client, &ignored) ||
	    !client_call(client, method, TAKE(parameters), deadline_usec, &reply, &ignored))
		return NULL;
	*ret = TAKE(client);
	return reply;
}

json_t *glance_profile_session(const char *profile)
{
	_cleanup_(client_closep) struct client *client = NULL;

	return ask("ProfileSession", json_pack("{s:s}", "profile", profile), &client);
}

void glance_take(struct glance *ret)
{
	_cleanup_free_ char *here = NULL;
	struct error ignored;
	const char *path;

	*ret = (struct glance){0};
	ret->status = ask("Status", NULL, &ret->client);
	if (!configuration_settings(&ret->settings, &ignored))
		ret->settings = settings_new();
	path = agent_text(ret->status, "configFile");
	if (!path)
		path = here = configuration_shell_path();
	if (!path || !configuration_aws(path, &ret->config, &ignored))
		ret->config = config_new_empty("");
}

void glance_done(struct glance *glance)
{
	client_close(glance->client);
	json_decref(glance->status);
	settings_free(glance->settings);
	config_free(glance->config);
}

json_t *glance_call(struct glance *glance, const char *method, json_t *parameters_taken)
{
	uint64_t deadline_usec = clock_boot_usec() + CALL_PATIENCE;
	json_t *reply = NULL;
	struct error ignored;

	if (!glance->client) {
		json_decref(parameters_taken);
		return NULL;
	}
	if (!client_call(glance->client, method, parameters_taken, deadline_usec, &reply, &ignored))
		return NULL;
	return reply;
}

char *glance_session_of_profile(const struct glance *glance, const char *profile)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error ignored;

	if (!sso_session_of_profile(glance->config, glance->settings, profile, &session, &ignored))
		return NULL;
	return TAKE(session->name);
}
