/*
 *   new ──► REGISTERING ──► AUTHORIZING ──► WAITING ⇄ POLLING ──► done
 *     └───(a usable client)─────▲              (every interval until granted,
 *                                               denied, expired or out of time)
 *
 * Before that, a start URL with a company's own name is asked where it leads (login_attempt.c).
 *
 * The functions below stand in the order in which they run. Each one either moves on or finishes. A login
 * holds at most one request and one timer, both replaced on every move. Polls never come closer than the
 * interval that AWS named, slowed down for good by every slow_down, and backing off while AWS cannot be
 * reached.
 */
#include "daemon/login_device.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define POLL_PAUSE_MAX_S 30 /* while AWS cannot be reached, unless the interval itself is longer */

struct login_device {
	struct login_attempt attempt;
	struct device_authorization *device;
	struct login_prompt prompt; /* strings are device's */
	int64_t interval_s;
	unsigned n_unreachable; /* polls in a row */
};

static void wait_interval(struct login_device *login);

static void invite(struct login_device *login)
{
	const struct device_authorization *device = login->device;
	struct login_attempt *attempt = &login->attempt;

	login->interval_s = device->interval_s;
	attempt->deadline_usec = clock_boot_usec() + (uint64_t)device->expires_in_s * USEC_PER_SEC;
	login->prompt = (struct login_prompt){
		.open_url = device->open_url,
		.verification_uri = device->verification_uri,
		.code = device->user_code,
		.deadline_usec = attempt->deadline_usec,
	};
	wait_interval(login);
	attempt->watcher.prompt(&login->prompt, attempt->watcher.userdata);
	/* may have freed login: nothing after this line */
}

static void on_authorized(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_device *login = userdata;
	enum oidc_outcome outcome;
	struct error err;

	if (!reply) {
		err = *ask_err;
		login_attempt_fail(&login->attempt, &err); /* nothing after this line */
		return;
	}
	outcome = oidc_read_device_authorization(reply, &login->device, &err);
	if (outcome == OIDC_INVALID_CLIENT && !login->attempt.has_registered) {
		login_attempt_register(&login->attempt);
		return;
	}
	if (outcome == OIDC_INVALID_CLIENT)
		error_set(&err, ERROR_UNAVAILABLE,
			  "AWS does not know the client that it has just registered: try again");
	if (outcome == OIDC_GRANTED)
		invite(login); /* nothing after this line */
	else
		login_attempt_fail(&login->attempt, &err); /* nothing after this line */
}

static void authorize(void *owner)
{
	struct login_device *login = owner;
	struct aws_request request;

	oidc_write_start_device_authorization(&request, login->attempt.oidc_url, login->attempt.registration,
					      login->attempt.start_url);
	login_attempt_ask(&login->attempt, &request, on_authorized);
}

static void on_polled(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_device *login = userdata;
	struct oidc_tokens tokens = {0};
	enum oidc_outcome outcome = OIDC_TRY_LATER;
	struct error err;

	if (reply)
		outcome = oidc_read_tokens(reply, FLOW_DEVICE, &tokens, &err);
	else
		err = *ask_err;
	switch (outcome) {
	case OIDC_GRANTED:
		login_attempt_finish(&login->attempt, &tokens, NULL); /* nothing of login after this line */
		oidc_tokens_done(&tokens);
		return;
	case OIDC_SLOW_DOWN:
		login->interval_s += OIDC_SLOW_DOWN_STEP_S;
		__attribute__((fallthrough));
	case OIDC_PENDING:
		login->n_unreachable = 0;
		wait_interval(login);
		return;
	case OIDC_TRY_LATER:
		log_info("session '%s': %s: asking again until the sign-in expires", login->attempt.session,
			 err.message);
		login->n_unreachable++;
		wait_interval(login);
		return;
	case OIDC_INVALID_CLIENT:
	case OIDC_INVALID_GRANT:
		error_set(&err, ERROR_LOGIN_REQUIRED,
			  "AWS no longer knows this sign-in: run 'iamic-login' again");
		break;
	case OIDC_FAILED:
		break;
	}
	login_attempt_fail(&login->attempt, &err); /* nothing after this line */
}

static int on_interval_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct login_device *login = userdata;
	struct aws_request request;

	(void)source;
	(void)usec;
	timer_disarm(&login->attempt.timer);
	oidc_write_token_for_device(&request, login->attempt.oidc_url, login->attempt.registration,
				    login->device->device_code);
	request.is_poll = true;
	login_attempt_ask(&login->attempt, &request, on_polled);
	return 0;
}

static int on_out_of_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct login_device *login = userdata;
	struct error err;

	(void)source;
	(void)usec;
	error_set(&err, ERROR_LOGIN_REQUIRED,
		  "nobody approved the sign-in in time: run 'iamic-login' again; if the page called it "
		  "invalid, check sso_region");
	login_attempt_fail(&login->attempt, &err); /* nothing after this line */
	return 0;
}

static int64_t poll_pause_s(const struct login_device *login)
{
	int64_t pause_s = login->interval_s;

	for (unsigned i = 0; i < login->n_unreachable && pause_s < POLL_PAUSE_MAX_S; i++)
		pause_s *= 2;
	return pause_s > POLL_PAUSE_MAX_S && login->interval_s < POLL_PAUSE_MAX_S ? POLL_PAUSE_MAX_S
										  : pause_s;
}

static void wait_interval(struct login_device *login)
{
	uint64_t at_usec = clock_boot_usec() + (uint64_t)poll_pause_s(login) * USEC_PER_SEC;
	struct login_attempt *attempt = &login->attempt;

	if (at_usec < attempt->deadline_usec)
		timer_arm(attempt->deps.event, &attempt->timer, at_usec, on_interval_over, login);
	else
		timer_arm(attempt->deps.event, &attempt->timer, attempt->deadline_usec, on_out_of_time,
			  login);
}

struct login_device *login_device_new(const struct login_deps *deps, const struct login_wish *wish,
				      struct registration *registration_taken,
				      const struct login_watcher *watcher)
{
	struct login_device *login = xcalloc(1, sizeof(*login));

	login_attempt_init(&login->attempt, deps, wish, registration_taken, watcher, login);
	login->attempt.on_client = authorize;
	login_attempt_begin(&login->attempt);
	return login;
}

struct registration *login_device_take_registration(struct login_device *login)
{
	return TAKE(login->attempt.registration);
}

struct login_device *login_device_free(struct login_device *login)
{
	if (!login)
		return NULL;
	login_attempt_done(&login->attempt);
	device_authorization_free(login->device);
	free(login);
	return NULL;
}
