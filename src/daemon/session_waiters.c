/*
 * Who waits for an access token. Each is answered once, from the loop's next turn: with a token that is good,
 * or with why there is none, as soon as nothing more can come of it.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"

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

void session_fail_waiters(struct session *session)
{
	struct session_waiter *waiter;

	list_for_each (waiter, &session->waiters, struct session_waiter, link)
		waiter->has_failed = true;
}

bool session_has_waiter(const struct session *session)
{
	struct session_waiter *waiter;

	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (!waiter->has_failed)
			return true;
	}
	return false;
}

bool session_awaits_login(const struct session *session)
{
	struct session_waiter *waiter;

	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (waiter->awaits_login && !waiter->has_failed)
			return true;
	}
	return false;
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
		session_require_login(session, err);
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

bool session_answer_one_waiter(struct session *session)
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
