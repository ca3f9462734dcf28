/*
 * iamicd: from its first line to the loop (main_agent.c: its parts; main_leave.c: how it ends).
 *
 *   harden ──► one instance ──► configuration, store, http ──► sessions, roles ──► socket ──► READY
 *   SIGTERM, SIGINT, the socket gone ──► no new calls, the open ones end or time out ──► _exit
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "base/environ.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/instance.h"
#include "daemon/lock_watch.h"
#include "daemon/locking.h"
#include "daemon/main_options.h"
#include "daemon/main_private.h"
#include "daemon/process.h"
#include "daemon/retry.h"
#include "daemon/server.h"
#include "daemon/timer.h"
#include "daemon/watch.h"

static _Noreturn void fail(const struct error *err)
{
	log_error("%s", err->message);
	exit(err->kind);
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
	return timers_open(iamicd->event, err) && iamicd_catch_signals(iamicd, err);
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
	main_socket_watch(iamicd->socket, iamicd->event, iamicd_begin_to_leave, iamicd);
	iamicd->watch = watch_new(iamicd->event, on_moved, iamicd);
	iamicd_arm_idle_exit(iamicd);
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
	iamicd_make_agent(&iamicd);
	if (!main_socket_open(iamicd.socket, &err))
		fail(&err);
	serve(&iamicd);
	say_ready(&iamicd);
	if (options.was_started_by_client)
		process_let_go_of_stdio();
	return sd_event_loop(iamicd.event) < 0 ? IAMIC_EXIT_INTERNAL : IAMIC_EXIT_OK;
}
