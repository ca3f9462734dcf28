/*
 * What the store has of a session.
 *
 *   LOADING ──► a token that is bound to its addresses ──► READY
 *      │└─────► none ──► SIGNED_OUT
 *      └──(locked, or out of order)──► LOADING, until someone comes who should hear how it is then
 */
#include <string.h>

#include "base/log.h"
#include "daemon/session_private.h"

/* Locked, or out of order: that is not signed out. Whoever waits hears it, whoever comes next has it tried
 * again. */
static void fail(struct session *session, const struct error *store_err)
{
	log_warning("session '%s': %s", session_name(session), store_err->message);
	session->last_error = *store_err;
	session_fail_waiters(session);
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

/* The token that was stored is that of a namesake with other scopes: it is refreshed by one of them alone. */
static void take_over_token(struct session *session)
{
	struct session *namesake;

	list_for_each (namesake, &session->namesakes, struct session, namesakes) {
		if (strcmp(namesake->oidc_origin, session->oidc_origin) != 0 ||
		    strcmp(namesake->portal_origin, session->portal_origin) != 0)
			continue;
		if (namesake->state == SESSION_READY)
			session_replace(namesake, "it has other scopes now");
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
		fail(session, store_err);
		return;
	}
	if (document && !read_document(session, document, &token, &err)) {
		fail(session, &err);
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
