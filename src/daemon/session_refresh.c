/*
 * Keeping the token fresh: on its timer at about three quarters of its life, when someone needs it and it has
 * expired, and once after the portal's 401.
 *
 *   READY ──► CreateToken ──► stored ──► the new token is used ──► READY
 *               │
 *               ├─(no answer, 429, 5xx)──► the old one goes on, next try after a pause
 *               ├─(invalid_grant)──► a newer one in the store is tried once; then no further refresh,
 *               │                    and the old one is used to its end or the first 401
 *               └─(invalid_client)──► signed out
 *
 * While the store cannot be written the timer's refresh waits, as long as the old token has some life left:
 * what AWS would grant could get lost. What it has refused is offered again every half minute.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "daemon/session_private.h"
#include "daemon/timer.h"

#define REFRESH_DEADLINE_USEC (30 * USEC_PER_SEC)
#define PAUSE_FIRST_S         5
#define PAUSE_MAX_S           300
#define JITTER_RANGE          1024
#define LAST_MOMENT_S         300
#define STORE_PAUSE_S         30 /* between two tries of a store that cannot be written */

static int on_due(sd_event_source *source, uint64_t usec, void *userdata);

/*
 * When a refresh no longer waits for the store: five minutes, or a tenth of its life, before the token's end.
 */
static int64_t last_moment(const struct token *token)
{
	int64_t tenth = (token->expires_at - token->issued_at) / 10;

	return token->expires_at - (tenth < LAST_MOMENT_S ? tenth : LAST_MOMENT_S);
}

/* Its refresh, or without one its end. */
static int64_t due_at(const struct session *session)
{
	return session->refresh_at ? session->refresh_at : session->token->expires_at;
}

/* Before it the store is asked again to keep what it should have. */
static void arm(struct session *session, int64_t at)
{
	int64_t again = aws_clock_now(session->deps.clock) + STORE_PAUSE_S;

	timer_arm(session->deps.event, &session->timer,
		  aws_clock_boot_usec_of(session->deps.clock, session->is_unsaved && again < at ? again : at),
		  on_due, session);
}

/* What it keeps now it can replace by what comes, too. */
static void on_store_tried(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;
	bool is_due = aws_clock_now(session->deps.clock) >= due_at(session);

	(void)document;
	session->is_unsaved = err != NULL;
	session->store_operation = store_operation_free(session->store_operation);
	if (is_due && !err)
		session_refresh(session);
	else
		arm(session, is_due ? last_moment(session->token) : due_at(session));
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct session *session = userdata;
	bool may_wait = session_can_refresh(session) && !store_is_writable(session->deps.store);
	int64_t now = aws_clock_now(session->deps.clock);

	(void)source;
	(void)usec;
	timer_disarm(&session->timer);
	if ((session->is_unsaved || may_wait) && now < last_moment(session->token))
		session_save(session, session->token, on_store_tried);
	else if (session->is_unsaved && now < due_at(session))
		arm(session, due_at(session)); /* too late to be kept, too early for the rest */
	else
		session_refresh(session);
	return 0;
}

static void on_kept(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;

	(void)document;
	session->is_unsaved = err != NULL;
	session->store_operation = store_operation_free(session->store_operation);
	if (session->state == SESSION_READY)
		session_arm_timer(session); /* which may have begun what this has taken the place of */
}

void session_keep(struct session *session)
{
	session_save(session, session->token, on_kept);
}

/* After a failure the pauses double, but the last try before the token's end is never left out. */
static int64_t next_refresh_at(const struct session *session)
{
	int64_t now = aws_clock_now(session->deps.clock), pause_s = PAUSE_FIRST_S, at, last;

	if (session->n_postponed == 0)
		return token_refresh_at(session->token, random_u32() % JITTER_RANGE);
	for (unsigned i = 1; i < session->n_postponed && pause_s < PAUSE_MAX_S; i++)
		pause_s *= 2;
	at = now + (pause_s < PAUSE_MAX_S ? pause_s : PAUSE_MAX_S);
	last = last_moment(session->token);
	return now < last && last < at ? last : at;
}

void session_arm_timer(struct session *session)
{
	bool can_refresh = session_can_refresh(session);
	int64_t at = can_refresh ? next_refresh_at(session) : session->token->expires_at;

	session->refresh_at = can_refresh ? at : 0;
	arm(session, at);
	session_arm_reminder(session);
}

static void use(struct session *session, struct token *token_taken)
{
	session_set_token(session, token_taken);
	session->last_error.kind = ERROR_NONE;
	log_info("session '%s': token refreshed", session_name(session));
	session_move(session, SESSION_EVENT_REFRESHED);
	session_arm_timer(session);
}

static void on_saved(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;

	(void)document;
	session->store_operation = store_operation_free(session->store_operation);
	if (err)
		log_warning("session '%s': %s: going on from memory", session_name(session), err->message);
	session->is_unsaved = err != NULL;
	use(session, TAKE(session->unsaved));
}

static void postpone(struct session *session, const struct error *err)
{
	session->last_error = *err;
	session->n_postponed++;
	log_warning("session '%s': cannot refresh its token: %s: trying again", session_name(session),
		    err->message);
	if (session->is_token_refused ||
	    token_is_expired(session->token, aws_clock_now(session->deps.clock))) {
		session_fail_waiters(session);
		session_end_followers(session, err, false);
	}
	session->is_token_refused = false; /* the next caller may ask the portal, and is told what it says */
	session->was_refreshed_for_refusal = false;
	session_move(session, SESSION_EVENT_REFRESH_POSTPONED);
	session_arm_timer(session);
}

/* The portal session behind the token has ended; the access token is good to its own end, unless the portal
 * said no. */
static void stop_refreshing(struct session *session)
{
	history_ended(session->deps.history, session_name(session), session->token->signed_in_at,
		      session->token->issued_at, aws_clock_now(session->deps.clock));
	if (session->is_token_refused ||
	    token_is_expired(session->token, aws_clock_now(session->deps.clock))) {
		session_end(session, "the portal session has ended");
		return;
	}
	log_info("session '%s': the portal session has ended: its token is used to its end",
		 session_name(session));
	error_set(&session->last_error, ERROR_LOGIN_REQUIRED, "the portal session has ended");
	session->token->refresh_token = secret_free(session->token->refresh_token);
	session_move(session, SESSION_EVENT_REFRESH_POSTPONED);
	session_arm_timer(session);
}

static void ask(struct session *session);

/* Another daemon may have refreshed it meanwhile, and left the newer refresh token there. */
static void on_store_read_again(const struct buffer *document, const struct error *err, void *userdata)
{
	struct session *session = userdata;
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *stored = NULL;
	struct error ignored;
	bool is_newer;

	(void)err;
	is_newer = document &&
		   token_parse(document->data, document->len, &stored, &registrations, &ignored) && stored &&
		   stored->refresh_token && strcmp(stored->client_id, session->token->client_id) == 0 &&
		   token_is_of(stored, session->definition->name, session->definition->start_url,
			       session->definition->region) &&
		   token_is_bound_to(stored, session->definition->start_url, session->definition->region,
				     session->oidc_origin, session->portal_origin) &&
		   !secret_is_equal(session->token->refresh_token, secret_text(stored->refresh_token),
				    secret_len(stored->refresh_token));
	session->store_operation = store_operation_free(session->store_operation);
	if (!is_newer) {
		stop_refreshing(session);
		return;
	}
	secret_free(session->token->refresh_token);
	session->token->refresh_token = TAKE(stored->refresh_token);
	ask(session);
}

static void on_invalid_grant(struct session *session)
{
	struct store_name name;

	if (session->has_read_again) {
		stop_refreshing(session);
		return;
	}
	session->has_read_again = true;
	session_store_name(session, &name);
	session->store_operation = store_load(session->deps.store, &name, on_store_read_again, session);
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct session *session = userdata;
	struct oidc_tokens tokens = {0};
	enum oidc_outcome outcome = OIDC_TRY_LATER;
	enum flow flow;
	struct error err;

	if (session->renewed) {
		session_was_renewed(session, reply, ask_err);
		return;
	}
	if (reply)
		outcome = session_read_refresh(session, session->token, reply, &tokens, &err);
	else
		err = *ask_err;
	session->request = retry_free(session->request);
	switch (outcome) {
	case OIDC_GRANTED:
		session->unsaved = session_make_token(session, &tokens, session->token);
		session_save(session, session->unsaved, on_saved);
		break;
	case OIDC_INVALID_GRANT:
		on_invalid_grant(session);
		break;
	case OIDC_INVALID_CLIENT:
		flow = session_issuing_flow(session, session->token);
		session->registrations.of[flow] = registration_free(session->registrations.of[flow]);
		session_end(session, "AWS no longer knows the client that signed in");
		break;
	default:
		postpone(session, &err);
		break;
	}
	oidc_tokens_done(&tokens);
}

static void ask(struct session *session)
{
	struct aws_request request;

	oidc_write_token_for_refresh(&request, session->oidc_url,
				     session->registrations.of[session_issuing_flow(session, session->token)],
				     session->token->refresh_token);
	request.is_idempotent = true; /* the reply may be lost, and no other token is there to ask with */
	session->request = retry_start(session->deps.upstream, &request,
				       clock_boot_usec() + REFRESH_DEADLINE_USEC, on_replied, session);
}

void session_refresh(struct session *session)
{
	timer_disarm(&session->timer);
	if (!session_can_refresh(session)) {
		session_end(session, "its token has expired");
		return;
	}
	session->store_operation = store_operation_free(session->store_operation);
	session->has_read_again = false;
	session_move(session, SESSION_EVENT_REFRESH_BEGUN);
	ask(session);
}
