/* Someone wants credentials and nobody is signed in: a sign-in that no person has begun. */
#include "daemon/demand.h"
#include "daemon/session_private.h"

bool session_will_have_address(const struct session *session)
{
	return session->state == SESSION_SIGNING_IN && session->is_unattended && !session->prompt;
}

bool session_demand(struct session *session)
{
	/* By code whatever `login` says: a person reads it off an error, perhaps at another machine. */
	const struct session_wish wish = {.flow = FLOW_DEVICE, .is_unattended = true};

	if (session->state == SESSION_SIGNED_OUT && demand_begin(session->deps.demand, session_name(session)))
		session_begin_login(session, &wish);
	return session_will_have_address(session);
}

void session_demand_for_waiters(struct session *session)
{
	struct session_waiter *waiter;

	if (session->state != SESSION_SIGNED_OUT)
		return;
	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (waiter->awaits_login && !waiter->has_failed) {
			session_demand(session);
			return;
		}
	}
}

void session_unattended_has_address(struct session *session)
{
	if (session->is_unattended)
		demand_spent(session->deps.demand, session_name(session));
}

void session_unattended_has_failed(struct session *session, const struct error *err)
{
	bool is_away = err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT;

	if (!session_will_have_address(session))
		return;
	if (is_away)
		demand_unspent(session->deps.demand);
	else
		demand_spent(session->deps.demand, session_name(session));
}
