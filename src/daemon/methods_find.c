/* Who calls, and which session or role a call means, by what is in force and by what the files say by now. */
#include "aws/profile_endpoints.h"
#include "daemon/methods_private.h"

struct caller caller_of(const struct call *call)
{
	return (struct caller){
		.pid = call_pid(call), .listener = call_listener(call), .share = call_share(call)};
}

typedef bool (*find_fn)(const struct config *config, const struct settings *settings, const void *what,
			void *ret, struct error *err);

static bool find_in_force(struct agent *agent, find_fn find, const void *what, void *ret, struct error *err)
{
	const struct settings *settings;
	const struct config *config;

	return configuration_get(agent->configuration, &config, &settings, err) &&
	       find(config, settings, what, ret, err);
}

/*
 * Finds it in what is in force; if it is not there, once more in what the files say by now. Where a file is
 * not in force for a fault of its own, that fault is the better answer: what is missing may well stand in it.
 */
static bool with_configuration(struct agent *agent, find_fn find, const void *what, void *ret,
			       struct error *err)
{
	if (find_in_force(agent, find, what, ret, err))
		return true;
	if (err->kind != ERROR_CONFIG)
		return false;
	if (configuration_look_again(agent->configuration) && find_in_force(agent, find, what, ret, err))
		return true;
	if (err->kind == ERROR_CONFIG)
		(void)configuration_is_refused(agent->configuration, err);
	return false;
}

static bool find_session(const struct config *config, const struct settings *settings, const void *what,
			 void *ret, struct error *err)
{
	const struct session_proposal *wanted = what;

	if (wanted->name && wanted->start_url && wanted->region)
		return sso_session_propose(config, settings, wanted, ret, err);
	return sso_session_resolve(config, settings, wanted->name, ret, err);
}

bool agent_session(struct agent *agent, const struct session_proposal *wanted, struct session **ret,
		   struct error *err)
{
	struct sso_session *definition;

	/*
	 * A person asks, perhaps just after having written the file; who only wants credentials does not wait
	 * for it.
	 */
	configuration_look_again(agent->configuration);
	return with_configuration(agent, find_session, wanted, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

bool agent_named_session(struct agent *agent, const struct config *config, const struct settings *settings,
			 const char *name, struct session **ret, struct error *err)
{
	struct sso_session *definition;

	return sso_session_resolve(config, settings, name, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

static bool find_profile_session(const struct config *config, const struct settings *settings,
				 const void *what, void *ret, struct error *err)
{
	return sso_session_of_profile(config, settings, what, ret, err);
}

bool agent_profile_session(struct agent *agent, const char *profile, struct session **ret, struct error *err)
{
	struct sso_session *definition;

	return with_configuration(agent, find_profile_session, profile, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

static bool find_role(const struct config *config, const struct settings *settings, const void *what,
		      void *ret, struct error *err)
{
	return target_resolve(config, settings, what, ret, err);
}

bool agent_role(struct agent *agent, const struct target *target, struct role **ret_role,
		struct session **ret_session, struct error *err)
{
	_cleanup_(role_freep) struct role *role = NULL;

	if (!with_configuration(agent, find_role, target, &role, err) ||
	    !sessions_get(agent->sessions, TAKE(role->session), ret_session, err))
		return false;
	*ret_role = TAKE(role);
	return true;
}

bool agent_profile_endpoints(struct agent *agent, const char *profile, struct endpoint_options *ret,
			     struct error *err)
{
	const struct config_section *section;
	const struct settings *settings;
	const struct config *config;

	if (!configuration_get(agent->configuration, &config, &settings, err))
		return false;
	section = config_find(config, CONFIG_PROFILE, profile);
	return !section || profile_endpoints_read(config, section, ret, err);
}
