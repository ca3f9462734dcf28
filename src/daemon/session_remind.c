/* A notification shortly before the portal session's foretold end, once for each sign-in. */
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/desktop.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

#define LOOK_AGAIN_USEC (60 * USEC_PER_SEC) /* while the screen is locked */
#define SHORT_PART      4                   /* of a short sign-in it is the last quarter */

/* 0: not wanted. */
static int64_t notify_before_s(const struct session *session)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	return configuration_get(session->deps.configuration, &config, &settings, &err)
		       ? settings->notify_before_s
		       : 0;
}

static int64_t signed_in_at(const struct session *session)
{
	return session->token ? session->token->signed_in_at : 0;
}

static bool is_due(const struct session *session, int64_t *ret_end)
{
	struct session_end end;

	session_foretell_end(session, &end);
	*ret_end = end.foretold;
	return end.foretold > aws_clock_now(session->deps.clock) && notify_before_s(session) > 0 &&
	       history_reminded_of(session->deps.history, session_name(session)) != signed_in_at(session);
}

static void on_shown(bool is_so, void *userdata)
{
	struct session *session = userdata;

	if (is_so)
		history_reminded(session->deps.history, session_name(session), signed_in_at(session));
}

static void show(struct session *session, int64_t end)
{
	int64_t minutes = (end - aws_clock_now(session->deps.clock) + 59) / 60;

	log_info("session '%s': a reminder of its end", session_name(session));
	session_show(session,
		     xasprintf("The sign-in to '%s' ends in about %lld min", session_name(session),
			       (long long)minutes),
		     &(struct desktop_notice){
			     .body = "Sign in again now, or later with iamic-login.",
			     .button = "Sign in",
			     .shown = on_shown,
			     .clicked = session_clicked_on_reminder,
		     });
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata);

static void on_person(bool is_there, void *userdata)
{
	struct session *session = userdata;
	int64_t end;

	if (!is_due(session, &end))
		return;
	if (is_there)
		show(session, end);
	else
		timer_arm(session->deps.event, &session->reminder, clock_boot_usec() + LOOK_AGAIN_USEC,
			  on_time, session);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct session *session = userdata;
	int64_t end;

	(void)source;
	(void)usec;
	timer_disarm(&session->reminder);
	if (is_due(session, &end))
		desktop_find_person(session->deps.desktop, on_person, session);
	return 0;
}

void session_arm_reminder(struct session *session)
{
	int64_t now = aws_clock_now(session->deps.clock), before_s = notify_before_s(session), end, wait_s;

	timer_disarm(&session->reminder);
	if (!is_due(session, &end))
		return;
	if (before_s > (end - signed_in_at(session)) / SHORT_PART)
		before_s = (end - signed_in_at(session)) / SHORT_PART;
	wait_s = end - before_s > now ? end - before_s - now : 0;
	timer_arm(session->deps.event, &session->reminder,
		  clock_boot_usec() + (uint64_t)wait_s * USEC_PER_SEC, on_time, session);
}
