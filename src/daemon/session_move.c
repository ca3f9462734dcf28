/* From state to state, by the ways of session_state.h: whoever waits or follows hears of it (session.c). */
#include <stdlib.h>

#include "base/log.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

void session_settle_soon(struct session *session)
{
	if (!session->settling)
		timer_defer(session->deps.event, &session->settling, session->settle, session);
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
