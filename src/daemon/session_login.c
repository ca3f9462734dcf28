/*
 * Signing in.
 *
 *   asked ──(a good token, or one that can be refreshed)──► done
 *     └──► [forced: portal Logout] ──► [store: a registration] ──► login ──► stored ──► READY, done
 *                                                                    └──(denied, expired)──► SIGNED_OUT
 *
 * What a forced one is to replace goes on when it fails, unless AWS has carried out that Logout: whoever
 * tries it while AWS is away loses nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aws/portal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/session_private.h"

/* Of several that follow one another the last is the one that lasts. */
static void warn(struct session *session, const char *what, const char *why)
{
	free(session->login_warning);
	session->login_warning = xasprintf("%s: %s", what, why);
	log_warning("session '%s': %s", session_name(session), session->login_warning);
}

/* With the token of before: who waits for one is served, who follows the sign-in hears why there is none. */
static void go_on(struct session *session, const struct error *err)
{
	struct error told = *err;

	error_prefix(&told, "the old sign-in goes on");
	session_end_followers(session, &told, false);
	session_move(session, SESSION_EVENT_SIGN_IN_GIVEN_UP);
	session_arm_timer(session);
}

bool session_will_have_address(const struct session *session)
{
	return session->state == SESSION_SIGNING_IN && session->is_unattended && !session->prompt;
}

/* One that no person has begun, and that nobody could see: was that their chance? */
static void spend(struct session *session, const struct error *err)
{
	bool is_away = err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT;

	if (!session_will_have_address(session))
		return;
	if (is_away)
		demand_unspent(session->deps.demand);
	else
		demand_spent(session->deps.demand, session_name(session));
}

/* Followers and waiters hear the same: the sign-in that they counted on has ended. */
static void fail(struct session *session, const struct error *err)
{
	log_info("session '%s': not signed in: %s", session_name(session), err->message);
	spend(session, err);
	session_stop(session);
	session->last_error = *err;
	if (session_take_token_back(session)) {
		go_on(session, err);
		return;
	}
	session_fail_waiters(session);
	session_end_followers(session, err, false);
	session_move(session, SESSION_EVENT_SIGN_IN_ENDED);
}

static void on_saved(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;

	(void)document;
	session->store_operation = store_operation_free(session->store_operation);
	if (err)
		warn(session, "the sign-in is kept in memory only, and ends with the daemon", err->message);
	session_set_token(session, TAKE(session->unsaved));
	session->is_unsaved = err != NULL;
	session->was_refreshed_for_refusal = false;
	session->last_error.kind = ERROR_NONE;
	session->sign_in_generation = session->generation;
	demand_person_acted(session->deps.demand);
	desktop_withdraw(session->deps.desktop, session);
	history_signed_in(session->deps.history, session_name(session), session->token->signed_in_at);
	session_move(session, SESSION_EVENT_SIGNED_IN);
	session_arm_timer(session);
	session_end_namesakes(session, "a sign-in at another address has replaced this one");
	session_end_followers(session, NULL, true);
}

void session_accept(struct session *session, struct oidc_tokens *tokens)
{
	session->unsaved = session_make_token(session, tokens, NULL);
	session_save(session, session->unsaved, on_saved);
}

static void on_login_done(struct oidc_tokens *tokens, const struct error *login_err, void *userdata)
{
	struct session *session = userdata;
	struct error err;

	if (!tokens) {
		err = *login_err; /* it may live in the login that ends now */
		fail(session, &err);
		return;
	}
	session->prompt = NULL;
	session_end_login(session);
	session_accept(session, tokens);
}

static void on_prompt(const struct login_prompt *prompt, void *userdata)
{
	struct session *session = userdata;

	session->prompt = prompt;
	if (session->is_unattended)
		demand_spent(session->deps.demand, session_name(session));
	session_settle_soon(session);
}

static void sign_in(struct session *session)
{
	const struct login_deps deps = {
		.event = session->deps.event,
		.upstream = session->deps.upstream,
		.clock = session->deps.clock,
	};
	const struct login_wish wish = {
		.flow = session->flow,
		.port = session->port,
		.session = session_name(session),
		.oidc_url = session->oidc_url,
		.oidc_origin = session->oidc_origin,
		.start_url = session->definition->start_url,
		.scopes = session->definition->scopes,
	};
	const struct login_watcher watcher = {
		.prompt = on_prompt, .done = on_login_done, .userdata = session};

	session->login = login_new(&deps, &wish, TAKE(session->registrations.of[session->flow]), &watcher);
}

/* Of a document from the store only the registrations are of use here: what it says of a token has been given
 * up. */
static void on_registration_loaded(const struct buffer *document, const struct error *store_err,
				   void *userdata)
{
	struct session *session = userdata;
	_cleanup_(registrations_donep) struct registrations stored = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err;

	(void)store_err;
	if (document && !token_parse(document->data, document->len, &token, &stored, &err))
		log_warning("session '%s': %s", session_name(session), err.message);
	registrations_complete(&session->registrations, &stored);
	session->store_operation = store_operation_free(session->store_operation);
	sign_in(session);
}

static void find_registration(struct session *session)
{
	struct store_name name;

	if (session->registrations.of[session->flow]) {
		sign_in(session);
		return;
	}
	session_store_name(session, &name);
	store_operation_free(session->store_operation);
	session->store_operation = store_load(session->deps.store, &name, on_registration_loaded, session);
}

static void on_old_session_ended(const struct aws_reply *reply, const struct error *err, void *userdata)
{
	struct session *session = userdata;
	char status[32];

	snprintf(status, sizeof(status), "HTTP %ld", err ? 0 : reply->status);
	if (!err && (reply->status < 300 || reply->status == 401)) /* 401: it had ended already */
		session_forget_token(session);
	else
		warn(session, "the old portal session could not be ended", err ? err->message : status);
	session->request = retry_free(session->request);
	find_registration(session);
}

static bool end_old_session(struct session *session)
{
	struct aws_request request;
	struct error err;

	if (!session->former ||
	    !portal_write_logout(&request, session->portal_url, session->former->access_token, &err))
		return false;
	request.is_poll = true; /* once: three failures would keep the sign-in itself from the same host */
	session->request =
		retry_start(session->deps.upstream, &request,
			    clock_boot_usec() + SESSION_LOGOUT_DEADLINE_USEC, on_old_session_ended, session);
	return true;
}

void session_begin_login(struct session *session, const struct session_wish *wish)
{
	bool is_ending;

	session_stop(session);
	xstrdup_to(&session->login_warning, NULL);
	session->flow = wish->flow;
	session->port = wish->port;
	session->is_unattended = wish->is_unattended;
	session_set_token_aside(session);
	is_ending = end_old_session(session);
	session_grant_wishes(session);
	session_move(session, SESSION_EVENT_SIGN_IN_BEGUN);
	if (!is_ending)
		find_registration(session);
}

bool session_come_back(struct session *session, const char *address)
{
	return session->login && login_come_back(session->login, address);
}

void session_cancel_login(struct session *session)
{
	struct error err;

	if (session->state != SESSION_SIGNING_IN || !list_is_empty(&session->followers) ||
	    session_awaits_login(session))
		return;
	error_set(&err, ERROR_LOGIN_REQUIRED, "the sign-in was cancelled: run 'iamic-login' again");
	fail(session, &err);
}
