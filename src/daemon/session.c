/*
 * The session as a whole: its life, its state, and the waiters for its token. What it does has a file each:
 * session_token.c, session_refresh.c, session_login.c, session_logout.c and so on.
 */
#include "daemon/session.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

#define URL_SHOWN_MAX 256 /* a longer one does not fit into a message */

/* Locked, or out of order: that is not signed out. Whoever waits hears it, whoever comes next has it tried
 * again. */
static void session_load_failed(struct session *session, const struct error *store_err)
{
	struct session_waiter *waiter;

	log_warning("session '%s': %s", session_name(session), store_err->message);
	session->last_error = *store_err;
	list_for_each (waiter, &session->waiters, struct session_waiter, link)
		waiter->has_failed = true;
	session_end_followers(session, store_err, false);
	session_settle_soon(session);
}

/* What is somebody else's, a newer version's, or edited: nothing of ours goes over it unasked. */
static bool read_document(struct session *session, const struct buffer *document, struct token **ret,
			  struct error *err)
{
	const struct sso_session *definition = session->definition;
	_cleanup_(token_freep) struct token *token = NULL;

	if (!token_parse(document->data, document->len, &token, &session->registrations, err))
		return error_set(
			err, ERROR_STORE,
			"what the store holds is not a sign-in of iamic's: 'iamic logout' discards it");
	if (token && !token_is_of(token, definition->name, definition->start_url, definition->region))
		return error_set(err, ERROR_STORE,
				 "the store has answered with the sign-in of another session: its helper "
				 "must be mended");
	*ret = TAKE(token);
	return true;
}

static void replace(struct session *session, const char *why)
{
	session->is_replaced = true;
	session_end(session, why);
}

/* The token that was stored is that of a namesake with other scopes: it is refreshed by one of them alone. */
static void take_over_token(struct session *session)
{
	struct session *namesake;

	list_for_each (namesake, &session->namesakes, struct session, namesakes) {
		if (strcmp(namesake->oidc_origin, session->oidc_origin) != 0 ||
		    strcmp(namesake->portal_origin, session->portal_origin) != 0)
			continue;
		if (namesake->state == SESSION_READY)
			replace(namesake, "it has other scopes now");
		namesake->former = token_free(namesake->former);
	}
}

static void on_loaded(const struct buffer *document, const struct error *store_err, void *userdata)
{
	struct session *session = userdata;
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err;

	session->store_operation = store_operation_free(session->store_operation);
	if (store_err) {
		session_load_failed(session, store_err);
		return;
	}
	if (document && !read_document(session, document, &token, &err)) {
		session_load_failed(session, &err);
		return;
	}
	session->last_error.kind = ERROR_NONE;
	if (token && !token_is_bound_to(token, session->definition->start_url, session->definition->region,
					session->oidc_origin, session->portal_origin))
		token = token_free(token);
	if (token) {
		take_over_token(session);
		session_set_token(session, TAKE(token));
		session_move(session, SESSION_EVENT_STORED);
		session_arm_timer(session);
	} else {
		session_move(session, SESSION_EVENT_NOTHING_STORED);
	}
}

void session_load(struct session *session)
{
	struct store_name name;

	session_store_name(session, &name);
	session->store_operation = store_load(session->deps.store, &name, on_loaded, session);
}

struct session *session_new(const struct session_deps *deps, struct sso_session *definition_taken,
			    const char *oidc_url, const char *portal_url)
{
	struct session *session = xcalloc(1, sizeof(*session));

	list_init(&session->link);
	list_init(&session->namesakes);
	list_init(&session->waiters);
	list_init(&session->followers);
	session->deps = *deps;
	session->definition = definition_taken;
	session->oidc_url = xstrdup(oidc_url);
	session->oidc_origin = url_origin(oidc_url);
	session->portal_url = xstrdup(portal_url);
	session->portal_origin = url_origin(portal_url);
	session->state = lock_state_is_locked(deps->lock) ? SESSION_LOCKED : SESSION_LOADING;
	if (session->state == SESSION_LOADING)
		session_load(session);
	return session;
}

const char *session_name(const struct session *session)
{
	return session->definition->name;
}

const struct sso_session *session_definition(const struct session *session)
{
	return session->definition;
}

bool session_is_namesake(const struct session *session, const struct session *other)
{
	const struct sso_session *a = session->definition, *b = other->definition;

	return strcmp(a->name, b->name) == 0 && strcmp(a->start_url, b->start_url) == 0 &&
	       strcmp(a->region, b->region) == 0;
}

const char *session_oidc_url(const struct session *session)
{
	return session->oidc_url;
}

const char *session_portal_url(const struct session *session)
{
	return session->portal_url;
}

void session_explain_silence(const struct session *session, struct error *err)
{
	bool waits_for_oidc = session->state == SESSION_REFRESHING || session->state == SESSION_SIGNING_IN;

	upstream_explain_silence(session->deps.upstream,
				 waits_for_oidc ? session->oidc_url : session->portal_url, err);
	error_prefix(err, "session '%s'", session_name(session));
}

void session_store_name(const struct session *session, struct store_name *ret)
{
	*ret = (struct store_name){
		.session = session->definition->name,
		.start_url = session->definition->start_url,
		.region = session->definition->region,
	};
}

void session_get_status(const struct session *session, struct session_status *ret)
{
	*ret = (struct session_status){
		.state = session->state,
		.last_error = session->last_error.kind ? session->last_error.message : NULL,
	};
	if (session->token) {
		ret->expires = session->token->expires_at;
		ret->refresh_at = session->refresh_at;
		ret->signed_in_at = session->token->signed_in_at;
	}
	if (session->prompt) {
		ret->open_url = session->prompt->open_url;
		ret->code = session->prompt->code;
	}
}

void session_stop(struct session *session)
{
	timer_disarm(&session->timer);
	session->request = retry_free(session->request);
	session->store_operation = store_operation_free(session->store_operation);
	session->unsaved = token_free(session->unsaved);
	session->prompt = NULL;
	session_end_login(session);
	session_stop_leaving(session);
}

void session_end_login(struct session *session)
{
	if (!session->login)
		return;
	registration_free(session->registrations.of[session->flow]);
	session->registrations.of[session->flow] = login_take_registration(session->login);
	session->login = login_free(session->login);
}

void session_end(struct session *session, const char *why)
{
	log_info("session '%s': %s", session_name(session), why);
	session_stop(session);
	session_forget_token(session);
	error_set(&session->last_error, ERROR_LOGIN_REQUIRED, "%s", why);
	session_move(session, SESSION_EVENT_REFUSED);
}

void session_end_namesakes(struct session *session, const char *why)
{
	struct session *namesake;

	list_for_each (namesake, &session->namesakes, struct session, namesakes) {
		if (namesake->state == SESSION_READY || namesake->state == SESSION_REFRESHING)
			replace(namesake, why);
		namesake->former = token_free(namesake->former);
	}
}

/* ---- what everyone hears ---- */

static void set_login_required(const struct session *session, struct error *err)
{
	const char *name = session_name(session);
	_cleanup_free_ char *command = command_to_type("iamic-login", name);
	struct session_status status;

	session_get_status(session, &status);
	if (session->state != SESSION_SIGNING_IN)
		error_set(err, ERROR_LOGIN_REQUIRED, "session '%s' is signed out: run %s", name, command);
	else if (!status.open_url || !status.code || strlen(status.open_url) > URL_SHOWN_MAX)
		error_set(err, ERROR_LOGIN_REQUIRED, "session '%s' is being signed in to: to go on, run %s",
			  name, command);
	else if (session->is_unattended)
		error_set(err, ERROR_LOGIN_REQUIRED,
			  "session '%s' is signed out: open %s and approve %s, then try again", name,
			  status.open_url, status.code);
	else
		error_set(err, ERROR_LOGIN_REQUIRED,
			  "session '%s' is being signed in to: approve %s at %s, or run %s", name,
			  status.code, status.open_url, command);
	text_make_message(err->message);
}

bool session_is_signed_out(const struct session *session, struct error *err)
{
	if (session->state != SESSION_SIGNED_OUT && session->state != SESSION_SIGNING_IN)
		return false;
	set_login_required(session, err);
	return true;
}

/* Has the session something to say to this waiter? Then token or err is what. */
static bool has_answer(struct session *session, const struct session_waiter *waiter, bool *ret_has_token,
		       struct error *err)
{
	*ret_has_token = false;
	switch (session->state) {
	case SESSION_LOADING:
		*err = session->last_error;
		return waiter->has_failed;
	case SESSION_READY:
	case SESSION_REFRESHING:
		/* Whose refresh has failed may have sent that very token, and been refused. */
		*ret_has_token = !waiter->has_failed && !session->is_token_refused &&
				 !token_is_expired(session->token, aws_clock_now(session->deps.clock));
		if (*ret_has_token)
			return true;
		if (waiter->has_failed)
			*err = session->last_error;
		return waiter->has_failed ||
		       (waiter->is_new && upstream_is_away(session->deps.upstream, session->oidc_url, err));
	case SESSION_SIGNING_IN:
	case SESSION_SIGNED_OUT:
		set_login_required(session, err);
		if (waiter->awaits_login && waiter->has_failed) {
			*err = session->last_error;
			error_prefix(err, "session '%s'", session_name(session));
		}
		return !waiter->awaits_login || waiter->has_failed;
	case SESSION_LOCKED:
		lock_state_explain(err);
		return true;
	}
	return false;
}

static bool answer_one_waiter(struct session *session)
{
	struct session_waiter *waiter;
	bool has_token;
	struct error err;

	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (has_answer(session, waiter, &has_token, &err)) {
			struct session_token token = {.generation = session->generation};

			list_remove(&waiter->link);
			waiter->session = NULL;
			token.access_token = has_token ? session->token->access_token : NULL;
			waiter->fn(has_token ? &token : NULL, has_token ? NULL : &err, waiter->userdata);
			return true; /* it may have changed everything: begin anew */
		}
		waiter->is_new = false;
	}
	return false;
}

/* One that has not been told yet how it ended needs nothing more. */
static bool has_open_follower(const struct session *session)
{
	struct session_follower *follower;

	list_for_each (follower, &session->followers, struct session_follower, link) {
		if (!follower->has_ended)
			return true;
	}
	return false;
}

/* The store could not be read, and someone has come since who should hear how it is now. */
static bool needs_load(struct session *session)
{
	struct session_waiter *waiter;

	if (session->state != SESSION_LOADING || session->store_operation || session->is_leaving)
		return false;
	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (!waiter->has_failed)
			return true;
	}
	return has_open_follower(session);
}

/* Does anyone need a token that is no longer there, but may be had? */
static bool needs_refresh(struct session *session)
{
	struct session_waiter *waiter;

	if (session->state != SESSION_READY ||
	    !token_is_expired(session->token, aws_clock_now(session->deps.clock)))
		return false;
	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (!waiter->has_failed)
			return true;
	}
	return has_open_follower(session);
}

static int on_settling(sd_event_source *source, void *userdata)
{
	struct session *session = userdata;

	(void)source;
	timer_disarm(&session->settling);
	if (needs_load(session))
		session_load(session);
	if (needs_refresh(session))
		session_refresh(session);
	session_demand_for_waiters(session);
	while (answer_one_waiter(session) || session_tell_one_follower(session))
		;
	return 0;
}

void session_settle_soon(struct session *session)
{
	if (!session->settling)
		timer_defer(session->deps.event, &session->settling, on_settling, session);
}

void session_move(struct session *session, enum session_event event)
{
	int next = session_next(session->state, event);

	if (next == SESSION_IMPOSSIBLE) {
		log_error("session '%s': event %d in state %s", session_name(session), event,
			  session_state_name(session->state));
		abort();
	}
	if ((enum session_state)next != session->state)
		log_info("session '%s': %s", session_name(session),
			 session_state_name((enum session_state)next));
	session->state = (enum session_state)next;
	session_settle_soon(session);
}

/* ---- an access token for the portal ---- */

struct session_waiter *session_wait(struct session *session, bool awaits_login, session_fn fn, void *userdata)
{
	struct session_waiter *waiter = xcalloc(1, sizeof(*waiter));

	*waiter = (struct session_waiter){
		.session = session,
		.awaits_login = awaits_login,
		.is_new = true,
		.fn = fn,
		.userdata = userdata,
	};
	list_append(&session->waiters, &waiter->link);
	session_settle_soon(session);
	return waiter;
}

struct session_waiter *session_waiter_free(struct session_waiter *waiter)
{
	if (!waiter)
		return NULL;
	if (waiter->session)
		list_remove(&waiter->link);
	free(waiter);
	return NULL;
}

void session_token_refused(struct session *session, uint64_t generation)
{
	if (!session->token || generation != session->generation)
		return; /* another caller's 401 was first, or the token has been replaced since */
	if (session->is_token_refused)
		return;
	session->is_token_refused = true;
	if (session->state == SESSION_REFRESHING)
		return; /* help is on its way */
	if (!session->was_refreshed_for_refusal && session_can_refresh(session)) {
		session->was_refreshed_for_refusal = true;
		session_refresh(session);
	} else {
		session_end(session, "AWS has ended the portal session");
	}
}

bool session_is_of_this_sign_in(const struct session *session, uint64_t generation)
{
	return generation >= session->sign_in_generation;
}

uint64_t session_sign_in_generation(const struct session *session)
{
	return session->sign_in_generation;
}

void session_token_worked(struct session *session)
{
	session->was_refreshed_for_refusal = false;
}
