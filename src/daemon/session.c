/*
 * The session as a whole: its beginning, what the loop's next turn does for it, and what the portal says of
 * its token. What else it does has a file each: session_private.h lists them.
 */
#include "daemon/session.h"

#include "aws/endpoint.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

/* Does anyone need a token, or wait to hear that there is none? */
static bool is_needed(const struct session *session)
{
	return session_has_waiter(session) || session_has_follower(session);
}

/* It has not been asked for since unlocking; or it could not be read, and someone has come since who should
 * hear how it is now. */
static bool needs_load(const struct session *session)
{
	if (session->state != SESSION_LOADING || session->store_operation || session->is_leaving)
		return false;
	return !session->last_error.kind || is_needed(session);
}

/* Does anyone need a token that is no longer there, but may be had? */
static bool needs_refresh(const struct session *session)
{
	return session->state == SESSION_READY &&
	       token_is_expired(session->token, aws_clock_now(session->deps.clock)) && is_needed(session);
}

static bool begin_next_login(struct session *session)
{
	const struct session_wish *wish = session_next_wish(session);

	if (wish)
		session_begin_login(session, wish);
	return wish != NULL;
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
	if (session->state == SESSION_SIGNED_OUT && session_awaits_login(session))
		(void)session_demand(session);
	/* Each may change everything: then all begins anew. */
	while (session_answer_one_waiter(session) || session_tell_one_follower(session) ||
	       begin_next_login(session))
		;
	return 0;
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
	session->settle = on_settling;
	session->state = lock_state_is_locked(deps->lock) ? SESSION_LOCKED : SESSION_LOADING;
	if (session->state == SESSION_LOADING)
		session_load(session);
	return session;
}

/* ---- what the portal says of its token ---- */

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
