/*
 *   new ──► REGISTERING ──► AUTHORIZING ──► WAITING ⇄ POLLING ──► done
 *     └───(a usable client)─────▲              (every interval until granted,
 *                                               denied, expired or out of time)
 *
 * The functions below stand in the order in which they run. Each one either moves on or calls finish(). A
 * login holds at most one request and one timer, both replaced on every move. Polls never come closer than
 * the interval that AWS named, slowed down for good by every slow_down, and backing off while AWS cannot be
 * reached.
 */
#include "daemon/login_device.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define REQUEST_DEADLINE_USEC (10 * USEC_PER_SEC)
#define POLL_PAUSE_MAX_S      30 /* while AWS cannot be reached, unless the interval itself is longer */

struct login_device {
	sd_event *event;
	struct upstream *upstream;     /* main's */
	const struct aws_clock *clock; /* main's */
	struct login_watcher watcher;

	struct retry *request;
	sd_event_source *timer;

	char *session, *oidc_url, *oidc_origin, *start_url;
	char **scopes;
	char *scopes_text;
	bool has_registered; /* in this attempt: once is enough */

	struct registration *registration;
	struct device_authorization *device;
	int64_t interval_s;
	uint64_t deadline_usec;
	unsigned n_unreachable; /* polls in a row */
};

static void authorize(struct login_device *login);
static void wait_interval(struct login_device *login);

static void finish(struct login_device *login, struct oidc_tokens *tokens, const struct error *err)
{
	timer_disarm(&login->timer);
	login->request = retry_free(login->request);
	login->watcher.done(tokens, err,
			    login->watcher.userdata); /* may free login: nothing after this line */
}

static void fail(struct login_device *login, struct error *err)
{
	finish(login, NULL, err); /* nothing after this line */
}

/* No answer is worth waiting for when the sign-in itself has run out of time. */
static void ask(struct login_device *login, struct aws_request *request, retry_fn fn)
{
	uint64_t deadline = clock_boot_usec() + REQUEST_DEADLINE_USEC;

	if (login->device && login->deadline_usec < deadline)
		deadline = login->deadline_usec;
	login->request = retry_free(login->request);
	login->request = retry_start(login->upstream, request, deadline, fn, login);
}

static void on_registered(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_device *login = userdata;
	struct error err;

	if (!reply) {
		err = *ask_err;
		fail(login, &err); /* nothing after this line */
		return;
	}
	login->registration = registration_free(login->registration);
	if (!oidc_read_registration(reply, login->scopes, login->oidc_origin, &login->registration, &err)) {
		fail(login, &err); /* nothing after this line */
		return;
	}
	login->has_registered = true;
	authorize(login);
}

static void register_client(struct login_device *login)
{
	struct aws_request request;

	log_debug("session '%s': registering a client", login->session);
	oidc_write_register_client(&request, login->oidc_url, login->scopes);
	ask(login, &request, on_registered);
}

static void on_authorized(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_device *login = userdata;
	enum oidc_outcome outcome;
	struct error err;

	if (!reply) {
		err = *ask_err;
		fail(login, &err); /* nothing after this line */
		return;
	}
	outcome = oidc_read_device_authorization(reply, &login->device, &err);
	if (outcome == OIDC_INVALID_CLIENT && !login->has_registered) {
		register_client(login);
		return;
	}
	if (outcome == OIDC_INVALID_CLIENT)
		error_set(&err, ERROR_UNAVAILABLE,
			  "AWS does not know the client that it has just registered: try again");
	if (outcome != OIDC_GRANTED) {
		fail(login, &err); /* nothing after this line */
		return;
	}
	login->interval_s = login->device->interval_s;
	login->deadline_usec = clock_boot_usec() + (uint64_t)login->device->expires_in_s * USEC_PER_SEC;
	wait_interval(login);
	login->watcher.prompt(login->device, login->deadline_usec, login->watcher.userdata);
	/* may have freed login: nothing after this line */
}

static void authorize(struct login_device *login)
{
	struct aws_request request;

	oidc_write_start_device_authorization(&request, login->oidc_url, login->registration,
					      login->start_url);
	ask(login, &request, on_authorized);
}

static void on_polled(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_device *login = userdata;
	struct oidc_tokens tokens = {0};
	enum oidc_outcome outcome = OIDC_TRY_LATER;
	struct error err;

	if (reply)
		outcome = oidc_read_tokens(reply, &tokens, &err);
	else
		err = *ask_err;
	switch (outcome) {
	case OIDC_GRANTED:
		finish(login, &tokens, NULL); /* nothing of login after this line */
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
		log_info("session '%s': %s: asking again until the sign-in expires", login->session,
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
	fail(login, &err); /* nothing after this line */
}

static int on_interval_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct login_device *login = userdata;
	struct aws_request request;

	(void)source;
	(void)usec;
	timer_disarm(&login->timer);
	oidc_write_token_for_device(&request, login->oidc_url, login->registration,
				    login->device->device_code);
	request.is_poll = true;
	ask(login, &request, on_polled);
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
	fail(login, &err); /* nothing after this line */
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

	if (at_usec < login->deadline_usec)
		timer_arm(login->event, &login->timer, at_usec, on_interval_over, login);
	else
		timer_arm(login->event, &login->timer, login->deadline_usec, on_out_of_time, login);
}

static char **copy_scopes(char *const *scopes)
{
	char **copy;
	size_t n = 0;

	while (scopes[n])
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(scopes[i]);
	return copy;
}

struct login_device *login_device_new(sd_event *event, struct upstream *upstream,
				      const struct aws_clock *clock, const struct login_addresses *addresses,
				      struct registration *registration_taken,
				      const struct login_watcher *watcher)
{
	struct login_device *login = xcalloc(1, sizeof(*login));

	login->event = sd_event_ref(event);
	login->upstream = upstream;
	login->clock = clock;
	login->watcher = *watcher;
	login->session = xstrdup(addresses->session);
	login->oidc_url = xstrdup(addresses->oidc_url);
	login->oidc_origin = xstrdup(addresses->oidc_origin);
	login->start_url = xstrdup(addresses->start_url);
	login->scopes = copy_scopes(addresses->scopes);
	login->scopes_text = oidc_scopes_text(login->scopes);
	login->registration = registration_taken;
	if (login->registration && registration_is_usable(login->registration, login->scopes_text,
							  login->oidc_origin, aws_clock_now(clock)))
		authorize(login);
	else
		register_client(login);
	return login;
}

struct registration *login_device_take_registration(struct login_device *login)
{
	return TAKE(login->registration);
}

struct login_device *login_device_free(struct login_device *login)
{
	if (!login)
		return NULL;
	retry_free(login->request);
	timer_disarm(&login->timer);
	sd_event_unref(login->event);
	registration_free(login->registration);
	device_authorization_free(login->device);
	for (char **scope = login->scopes; *scope; scope++)
		free(*scope);
	free(login->scopes);
	free(login->scopes_text);
	free(login->session);
	free(login->oidc_url);
	free(login->oidc_origin);
	free(login->start_url);
	free(login);
	return NULL;
}
