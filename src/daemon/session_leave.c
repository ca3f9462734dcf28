/*
 * What is on its way to the store when iamic is locked. For that the lock is held (lock_state.h).
 *
 *   locked ─┬─(a refresh is under way)──► its reply ──► stored, and not kept
 *           └─(granted, and not stored yet)──► stored
 *
 * AWS may have retired the old refresh token by then: a reply that nobody waits for would be a sign-in lost.
 */
#include "aws/oidc.h"
#include "base/log.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"

static void hold(struct session *session)
{
	session->is_leaving = true;
	lock_state_hold(session->deps.lock);
}

void session_stop_leaving(struct session *session)
{
	if (!session->is_leaving)
		return;
	session->renewed = token_free(session->renewed);
	session->is_leaving = false;
	lock_state_let_go(session->deps.lock);
}

/* All is stored that could be. If someone has unlocked meanwhile it is loaded from there (session.c). */
static void finish(struct session *session)
{
	registrations_done(&session->registrations);
	session_stop_leaving(session);
	session_settle_soon(session);
}

static void on_saved(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;

	(void)document;
	session->is_lost = err != NULL;
	if (err)
		log_warning("session '%s': %s: iamic is locked, and has signed out of it",
			    session_name(session), err->message);
	session->store_operation = store_operation_free(session->store_operation);
	finish(session);
}

static void save(struct session *session, struct token *token_taken)
{
	session_save(session, token_taken, on_saved);
	token_free(token_taken);
}

void session_was_renewed(struct session *session, const struct aws_reply *reply, const struct error *err)
{
	struct token *previous = TAKE(session->renewed);
	struct oidc_tokens tokens = {0};
	struct error why;

	if (err)
		why = *err;
	if (reply && session_read_refresh(session, previous, reply, &tokens, &why) == OIDC_GRANTED) {
		log_info("session '%s': token refreshed while locked: stored, and not kept",
			 session_name(session));
		save(session, session_make_token(session, &tokens, previous));
	} else if (session->is_unsaved) {
		save(session, TAKE(previous));
	} else {
		log_info("session '%s': not refreshed while locked: %s", session_name(session), why.message);
	}
	token_free(previous);
	oidc_tokens_done(&tokens);
	session->request = retry_free(session->request);
	if (!session->store_operation)
		finish(session);
}

/* What must be stored, or waited for, before it may go. False: nothing. */
static bool must_be_stored(struct session *session)
{
	bool is_unsaved = session->is_unsaved;

	if (session->unsaved) { /* its save is under way, and this one tells us how that ends */
		save(session, TAKE(session->unsaved));
	} else if (session->state == SESSION_REFRESHING && session->request) {
		session->renewed = session_take_token(session);
		session->is_unsaved = is_unsaved;
	} else if ((session->state == SESSION_READY && (is_unsaved || session->store_operation)) ||
		   (session->state == SESSION_SIGNING_IN && session->token && is_unsaved)) {
		save(session, session_take_token(session));
	} else {
		return false;
	}
	return true;
}

bool session_leave(struct session *session)
{
	if (!must_be_stored(session))
		return false;
	hold(session);
	return true;
}
