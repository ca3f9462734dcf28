/*
 * iamicd: puts the parts together, runs the loop, and leaves in order.
 *
 *   harden ──► one instance ──► configuration, store, http ──► sessions, roles ──► socket ──► READY
 *   SIGTERM, SIGINT, the socket gone ──► no new calls, the open ones end or time out ──► _exit
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/environ.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/aws_clock.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/http.h"
#include "daemon/instance.h"
#include "daemon/lock_state.h"
#include "daemon/lock_watch.h"
#include "daemon/locking.h"
#include "daemon/main_options.h"
#include "daemon/main_socket.h"
#include "daemon/methods.h"
#include "daemon/process.h"
#include "daemon/retry.h"
#include "daemon/server.h"
#include "daemon/timer.h"
#include "daemon/watch.h"

#define LEAVE_USEC (3 * USEC_PER_SEC) /* for calls that are open when we are asked to leave */

struct iamicd {
	sd_event *event;
	struct aws_clock clock;
	struct http *http;
	struct server *server;
	struct main_socket *socket;
	struct watch *watch;
	struct agent agent;
	sd_event_source *leaving, *idle;
	int lock;
};

static _Noreturn void fail(const struct error *err)
{
	log_error("%s", err->message);
	exit(err->kind);
}

/* ---- leaving ---- */

/* No curl_multi_cleanup(), no waiting for a thread that resolves a name: the kernel takes all of it back. */
static _Noreturn void leave(struct iamicd *iamicd)
{
	struct error ignored; /* it has been said */

	shares_end(iamicd->agent.shares); /* which a last call may have opened */
	(void)!ledger_write(iamicd->agent.ledger, &ignored);
	log_info("leaving");
	fflush(NULL);
	_exit(IAMIC_EXIT_OK);
}

/* What was granted is to be kept before we go: a refresh token that AWS has rotated is the only one there is.
 * And what somebody signed out of, and did not wait for, is to be forgotten. */
static void leave_when_stored(void *userdata)
{
	struct iamicd *iamicd = userdata;
	struct agent *agent = &iamicd->agent;

	agent->logged_out = leave_when_stored;
	agent->logged_out_userdata = iamicd;
	if (agent->n_logouts > 0)
		return;
	if (store_is_busy(agent->deps.store))
		store_on_idle(agent->deps.store, leave_when_stored, iamicd);
	else
		leave(iamicd);
}

static int on_patience_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	leave(userdata);
	return 0;
}

static void begin_to_leave(void *userdata)
{
	struct iamicd *iamicd = userdata;

	if (iamicd->leaving)
		return;
	sd_notify(0, "STOPPING=1\nSTATUS=Answering the calls that are open");
	timer_arm(iamicd->event, &iamicd->leaving, clock_boot_usec() + LEAVE_USEC, on_patience_over, iamicd);
	main_socket_remove(iamicd->socket); /* who comes now starts another, which waits for us */
	shares_end(iamicd->agent.shares);
	sessions_keep_unsaved(iamicd->agent.sessions);
	server_drain(iamicd->server, leave_when_stored, iamicd); /* may leave at once */
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)source;
	log_info("asked to leave by signal %u", info->ssi_signo);
	begin_to_leave(userdata);
	return 0;
}

/* A sign-in goes on without its client, who may have left it to the browser, and a button wants to be clicked
 * on: that is not idle. */
static uint64_t idle_since(const struct iamicd *iamicd)
{
	const struct agent *agent = &iamicd->agent;

	/* Whoever gets a port of ours next would be asked for what we are asked for there. */
	if (sessions_are_signing_in(agent->sessions) || desktop_awaits_click(agent->deps.desktop) ||
	    containers_are_open(agent->containers) || link_doors_are_open(agent->doors))
		return UINT64_MAX;
	return server_idle_since(iamicd->server);
}

/* 0: for ever. */
static uint64_t idle_length(const struct iamicd *iamicd)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	if (!configuration_get(iamicd->agent.configuration, &config, &settings, &err))
		return 0;
	return (uint64_t)settings->idle_exit_s * USEC_PER_SEC;
}

static int on_idle_check(sd_event_source *source, uint64_t usec, void *userdata);

static void arm_idle_exit(struct iamicd *iamicd)
{
	uint64_t since = idle_since(iamicd), length = idle_length(iamicd);

	timer_disarm(&iamicd->idle);
	if (length > 0)
		timer_arm(iamicd->event, &iamicd->idle,
			  (since == UINT64_MAX ? clock_boot_usec() : since) + length, on_idle_check, iamicd);
}

static int on_idle_check(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct iamicd *iamicd = userdata;
	uint64_t since = idle_since(iamicd), length = idle_length(iamicd);

	(void)source;
	(void)usec;
	if (length > 0 && since != UINT64_MAX && clock_boot_usec() - since >= length)
		begin_to_leave(iamicd);
	else
		arm_idle_exit(iamicd);
	return 0;
}

/* ---- putting it together ---- */

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
	arm_idle_exit(iamicd);
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

static void make_agent(struct iamicd *iamicd)
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

static bool catch_signals(struct iamicd *iamicd, struct error *err)
{
	static const int signals[] = {SIGTERM, SIGINT};
	sigset_t all;

	sigfillset(&all); /* also in the threads that libcurl will start */
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return error_errno(err, "cannot block signals");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sd_event_add_signal(iamicd->event, NULL, signals[i], on_signal, iamicd) < 0)
			return error_set(err, ERROR_INTERNAL, "cannot wait for signal %d", signals[i]);
	}
	return true;
}

static void on_moved(const char *what, void *userdata)
{
	struct iamicd *iamicd = userdata;

	log_info("%s", what);
	upstream_network_changed(iamicd->agent.deps.upstream);
	sessions_try_again(iamicd->agent.sessions);
}

static bool make_loop(struct iamicd *iamicd, struct error *err)
{
	int r = sd_event_default(&iamicd->event);

	if (r < 0) {
		errno = -r;
		return error_errno(err, "cannot make an event loop");
	}
	return timers_open(iamicd->event, err) && catch_signals(iamicd, err);
}

static void serve(struct iamicd *iamicd)
{
	const struct listener listener = {
		.name = "socket",
		.fd = main_socket_fd(iamicd->socket),
		.uid = getuid(),
		.methods = agent_methods,
		.n_methods = agent_n_methods,
		.userdata = &iamicd->agent,
		.outlives_us = main_socket_is_inherited(iamicd->socket),
	};

	iamicd->server = server_new(iamicd->event);
	iamicd->agent.server = iamicd->server;
	iamicd->agent.shares = agent_shares_new(&iamicd->agent);
	iamicd->agent.locking = locking_new(&iamicd->agent);
	iamicd->agent.lock_watch = lock_watch_new(&iamicd->agent);
	server_listen(iamicd->server, &listener);
	main_socket_watch(iamicd->socket, iamicd->event, begin_to_leave, iamicd);
	iamicd->watch = watch_new(iamicd->event, on_moved, iamicd);
	arm_idle_exit(iamicd);
}

static void say_ready(const struct iamicd *iamicd)
{
	_cleanup_free_ char *path = xstrdup(main_socket_path(iamicd->socket));

	text_make_printable(path);
	log_info("ready on %s", path);
	sd_notifyf(0, "READY=1\nSTATUS=Listening on %s", path);
}

static void claim_instance(struct iamicd *iamicd, const struct main_options *options)
{
	struct instance_holder holder;
	struct error err;

	switch (instance_claim(main_socket_path(iamicd->socket),
			       options->replaces || main_socket_is_inherited(iamicd->socket), &iamicd->lock,
			       &holder, &err)) {
	case INSTANCE_OURS:
		return;
	case INSTANCE_TAKEN:
		log_info("already running: pid %d, socket %s", holder.pid, holder.socket);
		exit(options->replaces || main_socket_is_inherited(iamicd->socket) ? IAMIC_EXIT_UNAVAILABLE
										   : IAMIC_EXIT_OK);
	case INSTANCE_FAILED:
		fail(&err);
	}
}

int main(int argc, char **argv)
{
	static struct iamicd iamicd; /* as long as the process: leave() does not come back */
	struct main_options options = {0};
	struct error err;

	environ_scrub();
	log_open("iamicd", process_logs_to_journal());
	main_options_read(argc, argv, &options);
	if (!process_harden(&err) || !main_socket_new(&iamicd.socket, &err))
		fail(&err);
	claim_instance(&iamicd, &options);
	if (!make_loop(&iamicd, &err))
		fail(&err);
	make_agent(&iamicd);
	if (!main_socket_open(iamicd.socket, &err))
		fail(&err);
	serve(&iamicd);
	say_ready(&iamicd);
	if (options.was_started_by_client)
		process_let_go_of_stdio();
	return sd_event_loop(iamicd.event) < 0 ? IAMIC_EXIT_INTERNAL : IAMIC_EXIT_OK;
}
