/* How a session ends: what is under way is given up, and its token is gone for good. */
#include "base/log.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

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

void session_replace(struct session *session, const char *why)
{
	session->is_replaced = true;
	session_end(session, why);
}

void session_end_namesakes(struct session *session, const char *why)
{
	struct session *namesake;

	list_for_each (namesake, &session->namesakes, struct session, namesakes) {
		if (namesake->state == SESSION_READY || namesake->state == SESSION_REFRESHING)
			session_replace(namesake, why);
		namesake->former = token_free(namesake->former);
	}
}
