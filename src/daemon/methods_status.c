/* What stands where: Status, and of one profile ProfileSession. They wait for nothing. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/cli_cache.h"
#include "daemon/lock_state.h"
#include "daemon/lock_watch.h"
#include "daemon/methods_private.h"

#include "build-config.h"

/* Has the binary been replaced since this process was started from it? */
static bool is_stale(void)
{
	struct stat running, installed;

	return stat("/proc/self/exe", &running) == 0 && stat(IAMIC_BINDIR "/iamicd", &installed) == 0 &&
	       (running.st_dev != installed.st_dev || running.st_ino != installed.st_ino);
}

/* A path, say, whose bytes are not UTF-8: as much of it as can be said. */
static json_t *shown(const char *text)
{
	json_t *string = json_string(text);
	_cleanup_free_ char *printable = string ? NULL : xstrdup(text);

	if (string)
		return string;
	text_make_printable(printable);
	return json_string(printable);
}

/* What the store protects is of less worth with a copy beside it. */
static json_t *describe_store(const struct agent *agent, const struct settings *settings)
{
	static const char beside[] =
		"; cache = aws-cli keeps access tokens in plain text in ~/" CLI_CACHE_FOLDER;
	_cleanup_free_ char *protects = NULL;
	struct store_status status;

	store_get_status(agent->deps.store, &status);
	protects = xasprintf("%s%s", status.protects, settings->cache_aws_cli ? beside : "");
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "kind", status.kind, "state", status.state, "protects",
			 json_string_or_null(protects), "key", json_string_or_null(status.key), "lastError",
			 json_string_or_null(status.last_error));
}

static json_t *describe_session(const struct session *session)
{
	const struct sso_session *definition = session_definition(session);
	struct session_status status;
	struct session_end end;

	session_get_status(session, &status);
	session_foretell_end(session, &end);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name",
			 json_string_or_null(definition->name), "startUrl",
			 json_string_or_null(definition->start_url), "region",
			 json_string_or_null(definition->region), "state", session_state_name(status.state),
			 "signedInAt", json_time_or_null(status.signed_in_at), "expires",
			 json_time_or_null(status.expires), "refreshAt", json_time_or_null(status.refresh_at),
			 "sessionEnds", json_time_or_null(end.foretold), "lastError",
			 json_string_or_null(status.last_error));
}

/* A session that the configuration names but does not describe well enough to have. */
static json_t *describe_broken(const char *name, const struct error *err)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:n, s:n, s:n, s:n, s:o}", "name", json_string_or_null(name),
			 "startUrl", "", "region", "", "state", "signed_out", "signedInAt", "expires",
			 "refreshAt", "sessionEnds", "lastError", json_string_or_null(err->message));
}

/* Where a session's requests go, if profiles have a say in that. */
static void describe_addresses(const struct session *session, json_t *network)
{
	const struct endpoint_options *said = &session_definition(session)->endpoints;
	_cleanup_free_ char *oidc = xasprintf("sso_oidc of %s", session_name(session));
	_cleanup_free_ char *portal = xasprintf("sso of %s", session_name(session));

	if (!said->service[AWS_SSO_OIDC].url && !said->service[AWS_SSO].url && !said->fips &&
	    !said->dual_stack)
		return;
	json_object_set_new(network, oidc, shown(session_oidc_url(session)));
	json_object_set_new(network, portal, shown(session_portal_url(session)));
}

static json_t *describe_sessions(struct agent *agent, const struct config *config,
				 const struct settings *settings, json_t *network)
{
	json_t *array = json_array();
	struct session *session;
	struct error err;
	size_t n;
	char **names = sso_session_names(config, settings, &n);

	for (size_t i = 0; i < n; i++) {
		if (agent_named_session(agent, config, settings, names[i], &session, &err)) {
			json_array_append_new(array, describe_session(session));
			describe_addresses(session, network);
		} else {
			json_array_append_new(array, describe_broken(names[i], &err));
		}
		free(names[i]);
	}
	free(names);
	return array;
}

static void append_role(const struct role_status *role, void *userdata)
{
	json_array_append_new(userdata, json_pack("{s:o, s:s, s:s, s:o, s:o}", "session",
						  json_string_or_null(session_name(role->session)),
						  "accountId", role->account_id, "roleName", role->role_name,
						  "roleArn", json_string_or_null(role->role_arn), "expires",
						  json_time_or_null(role->expires)));
}

struct shares_seen {
	json_t *array;
	const struct aws_clock *clock;
};

static json_t *describe_roles(const struct agent *agent)
{
	json_t *array = json_array();

	roles_visit(agent->roles, append_role, array);
	return array;
}

static void append_share(const struct share *share, void *userdata)
{
	const struct shares_seen *seen = userdata;
	json_t *profiles = json_array();
	size_t n;
	const struct lent_role *roles = share_roles(share, &n);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(profiles, json_string_or_null(roles[i].profile));
	json_array_append_new(seen->array,
			      json_pack("{s:s, s:o, s:o}", "name", share_name(share), "profiles", profiles,
					"until", json_time_or_null(share_until(share, seen->clock))));
}

static json_t *describe_shares(const struct agent *agent)
{
	struct shares_seen seen = {.array = json_array(), .clock = agent->deps.clock};

	shares_visit(agent->shares, append_share, &seen);
	return seen.array;
}

static json_t *without_user(const char *url)
{
	_cleanup_free_ char *text = url_without_user(url);

	return shown(text);
}

static json_t *describe_lock(const struct lock_state *lock)
{
	if (!lock_state_is_locked(lock))
		return json_null();
	return json_pack("{s:o, s:o}", "since", json_time_or_null(lock_state_since(lock)), "why",
			 json_string_or_null(lock_state_why(lock)));
}

static json_t *describe_network(const struct settings *settings)
{
	static const char *const variables[] = {
		"AWS_ENDPOINT_URL",        "AWS_ENDPOINT_URL_SSO_OIDC",
		"AWS_ENDPOINT_URL_SSO",    "AWS_ENDPOINT_URL_STS",
		"AWS_USE_FIPS_ENDPOINT",   "AWS_USE_DUALSTACK_ENDPOINT",
		"AWS_ENDPOINT_URL_SIGNIN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	};
	json_t *network = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			json_object_set_new(network, variables[i], without_user(value));
	}
	if (settings->https_proxy)
		json_object_set_new(network, "HTTPS_PROXY", without_user(settings->https_proxy));
	if (settings->no_proxy)
		json_object_set_new(network, "NO_PROXY", shown(settings->no_proxy));
	if (settings->ca_bundle)
		json_object_set_new(network, "AWS_CA_BUNDLE", shown(settings->ca_bundle));
	return network;
}

static json_t *describe_warnings(const struct agent *agent)
{
	json_t *array = json_array();
	struct error err;
	size_t n;
	char *const *warnings = configuration_warnings(agent->configuration, &n);

	if (configuration_is_refused(agent->configuration, &err)) {
		error_prefix(&err, "not in force, what was read before is");
		json_array_append_new(array, json_string_or_null(err.message));
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string_or_null(warnings[i]));
	if (lock_watch_warning(agent->lock_watch))
		json_array_append_new(array, json_string(lock_watch_warning(agent->lock_watch)));
	return array;
}

static json_t *describe_clock(const struct aws_clock *clock)
{
	return clock->date_s ? json_integer(aws_clock_ahead_s(clock)) : json_null();
}

void method_status(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	const struct settings *settings;
	const struct config *config;
	json_t *network, *sessions;
	struct error err;

	(void)parameters;
	configuration_look_again(agent->configuration);
	if (!configuration_get(agent->configuration, &config, &settings, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	network = describe_network(settings);
	sessions = describe_sessions(agent, config, settings, network);
	call_reply(call,
		   json_pack("{s:s, s:i, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
			     IAMIC_VERSION, "pid", (int)getpid(), "socket", shown(agent->socket_path),
			     "configFile", shown(config_path(config)), "stale", is_stale(), "store",
			     describe_store(agent, settings), "sessions", sessions, "roles",
			     describe_roles(agent), "shares", describe_shares(agent), "network", network,
			     "warnings", describe_warnings(agent), "clockAhead",
			     describe_clock(agent->deps.clock), "locked", describe_lock(agent->deps.lock)));
}

void method_profile_session(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct session *session;
	const char *profile;
	struct error err;

	if (!parameters_read(call, parameters, "{s:s}", "profile", &profile))
		return;
	if (!agent_profile_session(agent, profile, &session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	call_reply(call, json_pack("{s:o, s:I}", "session", describe_session(session), "clockAhead",
				   (json_int_t)aws_clock_ahead_s(agent->deps.clock)));
}
