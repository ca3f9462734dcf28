/* When iamicd leaves: told to, found by nobody any more, or not asked for anything for long. And how. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/desktop.h"
#include "daemon/main_private.h"
#include "daemon/server.h"
#include "daemon/timer.h"
#include "iamic/protocol.h"

#define LEAVE_USEC (3 * USEC_PER_SEC) /* for calls that are open when we are asked to leave */

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

void iamicd_begin_to_leave(void *userdata)
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
	iamicd_begin_to_leave(userdata);
	return 0;
}

bool iamicd_catch_signals(struct iamicd *iamicd, struct error *err)
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

/* A sign-in goes on without its client, who may have left it to the browser, and a button wants to be clicked
 * on: that is not idle. */
static uint64_t idle_since(const struct iamicd *iamicd)
{
	const struct agent *agent = &iamicd->agent;

	/* Whoever gets a port of ours next would be asked for what we are asked for there. */
	if (sessions_are_signing_in(agent->sessions) || desktop_awaits_click(agent->deps.desktop) ||
	    roles_await_answer(agent->roles) || containers_are_open(agent->containers) ||
	    link_doors_are_open(agent->doors))
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

void iamicd_arm_idle_exit(struct iamicd *iamicd)
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
		iamicd_begin_to_leave(iamicd);
	else
		iamicd_arm_idle_exit(iamicd);
	return 0;
}
