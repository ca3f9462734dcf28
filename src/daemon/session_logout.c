/*
 * Signing out: everything here is forgotten, AWS is told, and the store keeps the client registrations only.
 *
 *   start ──► [what is unknown is loaded, what has expired refreshed] ──► portal Logout, store ──► done
 *
 * Only a token that is good ends the portal session. Without one, and when AWS takes longer than a person
 * should wait, AWS is not told, and the rest is done all the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aws/portal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

#define NOT_TOLD "AWS could not be told, its portal session runs on to its end"

struct session_logout {
	struct session *session;
	struct session_waiter *waiter;
	sd_event_source *patience; /* with the waiter */
	uint64_t deadline_usec;    /* for AWS: refresh and Logout together */
	struct retry *request;
	struct store_operation *erasing;
	char *warning;
	session_logout_fn fn;
	void *userdata;
};

static void warn(struct session_logout *logout, const char *what, const char *why)
{
	if (logout->warning)
		return;
	logout->warning = xasprintf("session '%s': %s: %s", session_name(logout->session), what, why);
	log_warning("%s", logout->warning);
}

static void finish_if_done(struct session_logout *logout)
{
	if (logout->request || logout->erasing)
		return;
	logout->fn(logout->warning, logout->userdata); /* may free logout: nothing after this line */
}

static void on_told(const struct aws_reply *reply, const struct error *err, void *userdata)
{
	struct session_logout *logout = userdata;
	char status[32];

	if (err) {
		warn(logout, NOT_TOLD, err->message);
	} else if (reply->status >= 300 && reply->status != 401) { /* 401: it had ended already */
		snprintf(status, sizeof(status), "HTTP %ld", reply->status);
		warn(logout, "AWS did not end its portal session", status);
	}
	logout->request = retry_free(logout->request);
	finish_if_done(logout); /* nothing after this line */
}

static void on_erased(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session_logout *logout = userdata;

	(void)document;
	if (err)
		warn(logout, "the store could not be told", err->message);
	logout->erasing = store_operation_free(logout->erasing);
	finish_if_done(logout); /* nothing after this line */
}

static bool has_registration(const struct session *session)
{
	return session->registrations.of[FLOW_DEVICE] || session->registrations.of[FLOW_BROWSER];
}

static void erase(struct session_logout *logout)
{
	_cleanup_(buffer_clearp) struct buffer document = BUFFER_INIT(64 * 1024, &secret_memory);
	struct session *session = logout->session;
	struct store_name name;

	session_store_name(session, &name);
	if (has_registration(session) && token_format(NULL, &session->registrations, &document))
		logout->erasing = store_save(session->deps.store, &name, &document, on_erased, logout);
	else
		logout->erasing = store_erase(session->deps.store, &name, on_erased, logout);
}

static void tell(struct session_logout *logout)
{
	struct session *session = logout->session;
	struct aws_request request;
	struct error err;

	if (portal_write_logout(&request, session->portal_url, session->token->access_token, &err))
		logout->request =
			retry_start(session->deps.upstream, &request, logout->deadline_usec, on_told, logout);
	else
		warn(logout, "AWS could not be told", err.message);
}

static bool has_good_token(const struct session *session)
{
	return session->token && !session->is_token_refused &&
	       !token_is_expired(session->token, aws_clock_now(session->deps.clock));
}

static void begin(struct session_logout *logout)
{
	struct session *session = logout->session;
	struct error err;

	timer_disarm(&logout->patience);
	session_stop(session);
	(void)session_take_token_back(session);
	if (has_good_token(session))
		tell(logout);
	else if (session->state == SESSION_LOADING && session->last_error.kind)
		warn(logout, NOT_TOLD, session->last_error.message); /* whether there was one is not known */
	erase(logout);
	session_forget_token(session);
	registrations_done(&session->registrations); /* from now on in the store only */
	session->last_error.kind = ERROR_NONE;
	error_set(&err, ERROR_LOGIN_REQUIRED, "signed out meanwhile: run 'iamic-login' again");
	session_end_followers(session, &err, false);
	session_move(session, SESSION_EVENT_LOGGED_OUT);
	session_end_namesakes(session, "signed out");
}

static void on_token(const struct session_token *token, const struct error *err, void *userdata)
{
	struct session_logout *logout = userdata;

	if (!token && err->kind != ERROR_LOGIN_REQUIRED)
		warn(logout, NOT_TOLD, err->message);
	logout->waiter = session_waiter_free(logout->waiter);
	begin(logout);
}

static int on_patience_over(sd_event_source *source, uint64_t usec, void *userdata);

static void have_patience(struct session_logout *logout)
{
	logout->deadline_usec = clock_boot_usec() + SESSION_LOGOUT_DEADLINE_USEC;
	timer_arm(logout->session->deps.event, &logout->patience, logout->deadline_usec, on_patience_over,
		  logout);
}

/* The store has a deadline of its own, and what it keeps must be known to be forgotten. */
static int on_patience_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct session_logout *logout = userdata;

	(void)source;
	(void)usec;
	if (logout->session->state == SESSION_LOADING) {
		have_patience(logout);
		return 0;
	}
	warn(logout, NOT_TOLD, "its token has expired and could not be renewed in time");
	logout->waiter = session_waiter_free(logout->waiter);
	begin(logout);
	return 0;
}

/* Must something be found out before it is known whether there is a session to end? */
static bool must_wait(const struct session *session)
{
	if (session->state == SESSION_LOADING)
		return session->store_operation || session->is_leaving;
	return (session->state == SESSION_READY || session->state == SESSION_REFRESHING) &&
	       !has_good_token(session);
}

struct session_logout *session_logout_start(struct session *session, session_logout_fn fn, void *userdata)
{
	struct session_logout *logout = xcalloc(1, sizeof(*logout));

	logout->session = session;
	logout->fn = fn;
	logout->userdata = userdata;
	have_patience(logout);
	if (must_wait(session))
		logout->waiter = session_wait(session, false, on_token, logout);
	else
		begin(logout);
	return logout;
}

const struct session *session_logout_session(const struct session_logout *logout)
{
	return logout->session;
}

struct session_logout *session_logout_free(struct session_logout *logout)
{
	if (!logout)
		return NULL;
	retry_free(logout->request);
	store_operation_free(logout->erasing);
	session_waiter_free(logout->waiter);
	timer_disarm(&logout->patience);
	free(logout->warning);
	free(logout);
	return NULL;
}
