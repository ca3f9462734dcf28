/* Puts the parts together that methods stand on, and passes on what a changed configuration says to each. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/http.h"
#include "daemon/list_memory.h"
#include "daemon/lock_state.h"
#include "daemon/lock_watch.h"
#include "daemon/main_private.h"
#include "daemon/retry.h"

static void get_http_options(struct iamicd *iamicd, struct http_options *ret)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	*ret = (struct http_options){0};
	if (!configuration_get(iamicd->agent.configuration, &config, &settings, &err))
		return;
	ret->ca_bundle = settings->ca_bundle;
	ret->proxy = settings->https_proxy;
	ret->no_proxy = settings->no_proxy;
}

static void apply_log_level(struct iamicd *iamicd)
{
	const struct settings *settings;
	const struct config *config;
	enum log_level level;
	struct error err;

	if (configuration_get(iamicd->agent.configuration, &config, &settings, &err) &&
	    log_level_parse(settings->log_level, &level))
		log_set_level(level);
}

/* Until a configuration is in force every request hears why not, and nothing is stored. */
static void configure_store(struct iamicd *iamicd)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	if (configuration_get(iamicd->agent.configuration, &config, &settings, &err))
		store_configure(iamicd->agent.deps.store, settings->store, settings->key,
				settings->collection);
}

static void on_configuration_changed(void *userdata)
{
	struct iamicd *iamicd = userdata;
	struct http_options options;

	if (!iamicd->agent.deps.upstream)
		return;
	log_info("the configuration has been read again");
	get_http_options(iamicd, &options);
	http_configure(iamicd->http, &options);
	upstream_network_changed(iamicd->agent.deps.upstream); /* perhaps what kept it away has been mended */
	apply_log_level(iamicd);
	configure_store(iamicd);
	sessions_foretell_again(iamicd->agent.sessions);
	roles_foretell_again(iamicd->agent.roles);
	roles_confirm_again(iamicd->agent.roles);
	iamicd_arm_idle_exit(iamicd);
	if (iamicd->agent.lock_watch)
		lock_watch_configure(iamicd->agent.lock_watch);
}

static const char *lookup(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

/* A store that keeps nothing makes no files either. */
static bool keeps_files(struct iamicd *iamicd)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	return configuration_get(iamicd->agent.configuration, &config, &settings, &err) &&
	       strcmp(settings->store, "memory") != 0;
}

static void on_store_unlocked(void *userdata)
{
	struct iamicd *iamicd = userdata;

	sessions_store_unlocked(iamicd->agent.sessions);
}

static void on_aws_clock_moved(void *userdata)
{
	struct iamicd *iamicd = userdata;

	log_info("AWS's clock is ahead of this machine's by %lld s",
		 (long long)aws_clock_ahead_s(&iamicd->clock));
	sessions_try_again(iamicd->agent.sessions);
}

static bool find_role(void *userdata, const struct target *target, struct role **ret_role,
		      struct session **ret_session, struct error *err)
{
	return agent_role(userdata, target, ret_role, ret_session, err);
}

void iamicd_make_agent(struct iamicd *iamicd)
{
	struct agent *agent = &iamicd->agent;
	struct http_options options;

	agent->event = iamicd->event;
	agent->configuration = configuration_new(iamicd->event, on_configuration_changed, iamicd);
	apply_log_level(iamicd);
	endpoint_options_read(&agent->endpoints, lookup, NULL);
	get_http_options(iamicd, &options);
	iamicd->http = http_new(iamicd->event, &options);
	agent->deps.store = store_new(iamicd->event);
	store_on_unlocked(agent->deps.store, on_store_unlocked, iamicd);
	configure_store(iamicd);
	agent->deps.event = iamicd->event;
	agent->deps.configuration = agent->configuration;
	agent->deps.history = history_new(keeps_files(iamicd));
	agent->deps.demand = demand_new(agent->configuration, agent->deps.history);
	agent->deps.desktop = desktop_new(iamicd->event);
	agent->deps.lock = lock_state_new();
	iamicd->clock = (struct aws_clock){.moved = on_aws_clock_moved, .userdata = iamicd};
	agent->deps.clock = &iamicd->clock;
	agent->deps.upstream = upstream_new(iamicd->event, iamicd->http, &iamicd->clock);
	agent->deps.configuration = agent->configuration;
	agent->sessions = sessions_new(&agent->deps, &agent->endpoints);
	agent->ledger = ledger_new(iamicd->event, keeps_files(iamicd));
	agent->lists = list_memory_new();
	agent->roles = roles_new(&agent->deps, &agent->endpoints, agent->ledger);
	agent->identities = identities_new(&agent->deps, agent->roles, &agent->endpoints);
	agent->containers = containers_new(&(struct containers_deps){
		.event = agent->event,
		.roles = agent->roles,
		.find_role = find_role,
		.userdata = agent,
	});
	agent->doors = link_doors_new(agent->event);
	agent->socket_path = main_socket_path(iamicd->socket);
}
