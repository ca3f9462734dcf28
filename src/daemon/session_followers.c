/*
 * Who follows a sign-in. Each is told each stage at most once, from the loop's next turn. Whoever comes later
 * joins and begins at the stage that is on; when its client goes away the sign-in goes on.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"

struct session_follower *session_login(struct session *session, const struct session_wish *wish,
				       session_follow_fn fn, void *userdata)
{
	struct session_follower *follower = xcalloc(1, sizeof(*follower));

	follower->session = session;
	follower->wish = *wish;
	if (session->state == SESSION_SIGNING_IN)
		follower->wish.is_forced = false; /* joins the one that is on */
	follower->told_stage = -1;
	follower->fn = fn;
	follower->userdata = userdata;
	list_append(&session->followers, &follower->link);
	if (!wish->is_unattended)
		store_allow_prompt(session->deps.store);
	session_settle_soon(session);
	return follower;
}

struct session_follower *session_follower_free(struct session_follower *follower)
{
	if (!follower)
		return NULL;
	if (follower->session)
		list_remove(&follower->link);
	free(follower);
	return NULL;
}

void session_end_followers(struct session *session, const struct error *err, bool was_signed_in)
{
	struct session_follower *follower;

	list_for_each (follower, &session->followers, struct session_follower, link) {
		follower->has_ended = true;
		follower->was_signed_in = was_signed_in;
		if (err) {
			follower->err = *err;
			error_prefix(&follower->err, "session '%s'", session_name(session));
		}
	}
	session_settle_soon(session);
}

const struct session_wish *session_next_wish(const struct session *session)
{
	struct session_follower *follower;

	list_for_each (follower, &session->followers, struct session_follower, link) {
		if (!follower->has_ended && (session->state == SESSION_SIGNED_OUT ||
					     (session->state == SESSION_READY && follower->wish.is_forced)))
			return &follower->wish;
	}
	return NULL;
}

void session_grant_wishes(struct session *session)
{
	struct session_follower *follower;

	list_for_each (follower, &session->followers, struct session_follower, link)
		follower->wish.is_forced = false;
}

/* One that has not been told yet how it ended needs nothing more. */
bool session_has_follower(const struct session *session)
{
	struct session_follower *follower;

	list_for_each (follower, &session->followers, struct session_follower, link) {
		if (!follower->has_ended)
			return true;
	}
	return false;
}

static void describe_prompt(const struct session *session, struct session_progress *progress)
{
	uint64_t now = clock_boot_usec(), deadline = session->prompt->deadline_usec;

	progress->stage = SESSION_STAGE_WAITING;
	progress->open_url = session->prompt->open_url;
	progress->verification_uri = session->prompt->verification_uri;
	progress->code = session->prompt->code;
	progress->redirect_uri = session->prompt->redirect_uri;
	progress->deadline =
		clock_wall_s() + (deadline > now ? (int64_t)((deadline - now) / USEC_PER_SEC) : 0);
}

/* What this follower should know by now; false: nothing new. */
static bool has_progress(const struct session *session, const struct session_follower *follower,
			 struct session_progress *ret)
{
	bool has_good_token = (session->state == SESSION_READY || session->state == SESSION_REFRESHING) &&
			      !session->is_token_refused &&
			      !token_is_expired(session->token, aws_clock_now(session->deps.clock));

	*ret = (struct session_progress){.stage = SESSION_STAGE_REGISTERING};
	if (follower->has_ended) {
		ret->stage = SESSION_STAGE_DONE;
		ret->err = follower->err.kind ? &follower->err : NULL;
		ret->was_signed_in = follower->was_signed_in;
		ret->warning = session->login_warning;
	} else if (has_good_token && !follower->wish.is_forced) {
		ret->stage = SESSION_STAGE_DONE; /* it was good already, or a refresh made it so */
	} else if (session->prompt) {
		describe_prompt(session, ret);
	} else if (session->state != SESSION_SIGNING_IN) {
		return false; /* the store, or a refresh, may spare the person a sign-in */
	}
	if (ret->stage == SESSION_STAGE_DONE && session->token)
		ret->expires = session->token->expires_at;
	return (int)ret->stage > follower->told_stage;
}

bool session_tell_one_follower(struct session *session)
{
	struct session_follower *follower;
	struct session_progress progress;

	list_for_each (follower, &session->followers, struct session_follower, link) {
		if (!follower->has_ended && session->state == SESSION_LOCKED) {
			follower->has_ended = true;
			lock_state_explain(&follower->err);
		}
		if (!has_progress(session, follower, &progress))
			continue;
		follower->told_stage = (int)progress.stage;
		if (progress.stage == SESSION_STAGE_DONE) {
			list_remove(&follower->link);
			follower->session = NULL;
		}
		follower->fn(&progress, follower->userdata); /* may free follower, and change the lists */
		return true;
	}
	return false;
}
