/*
 * Locking: nothing of a session stays in memory but what is on its way to the store (session_leave.c).
 *
 *   any state ──► LOCKED ──(unlocked)──► LOADING ──► what the store has
 */
#include "daemon/desktop.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

/* Nobody is to come back to it; what it has granted already is stored yet. */
static void stop_sign_in(struct session *session)
{
	session->request = retry_free(session->request);
	session->prompt = NULL;
	session_end_login(session);
}

void session_lock(struct session *session)
{
	bool is_kept = store_keeps(session->deps.store);

	if (session->state == SESSION_LOCKED)
		return;
	if (session->state == SESSION_SIGNING_IN)
		stop_sign_in(session);
	(void)session_take_token_back(session); /* of a forced sign-in, which ends here */
	session->is_lost = !is_kept && (session->token || session->unsaved);
	if (!session->is_leaving && !(is_kept && session_leave(session))) {
		session_stop(session);
		registrations_done(&session->registrations);
	}
	session_forget_token(session);
	timer_disarm(&session->timer);
	timer_disarm(&session->reminder);
	desktop_withdraw(session->deps.desktop, session);
	session->last_error.kind = ERROR_NONE;
	session_move(session, SESSION_EVENT_LOCKED);
}

/* One that was replaced must not have a token again: its place in the store is another's. */
void session_unlock(struct session *session)
{
	if (session->state != SESSION_LOCKED)
		return;
	session->is_lost = false;
	desktop_withdraw(session->deps.desktop, session);
	session_move(session, SESSION_EVENT_UNLOCKED);
	if (session->is_replaced)
		session_move(session, SESSION_EVENT_NOTHING_STORED);
	else if (!session->is_leaving)
		session_load(session);
}

bool session_is_lost(const struct session *session)
{
	return session->is_lost;
}
