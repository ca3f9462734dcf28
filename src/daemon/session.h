#pragma once
/*
 * One sso-session: its token, its refresh timer, its sign-in, and everyone who needs one of these.
 *
 * A session is one name at one start URL, region and pair of service addresses, for good: a changed
 * configuration makes another session (sessions.h), so that no token can go where it was not issued. States:
 * session_state.h.
 *
 * Waiters want an access token, followers want to see a sign-in through. Each belongs to whoever began it;
 * its callback runs from the event loop, never from inside the call that began it; freeing it before that
 * withdraws it. However many there are, there is one registration for each flow, and one sign-in and one
 * refresh at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/cli_cache.h"
#include "aws/target.h"
#include "aws/token.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/list.h"
#include "daemon/aws_clock.h"
#include "daemon/configuration.h"
#include "daemon/history.h"
#include "daemon/retry.h"
#include "daemon/session_state.h"
#include "daemon/store.h"

struct configuration;
struct demand;
struct desktop;
struct lock_state;
struct session;

struct session_deps { /* all are main's */
	sd_event *event;
	struct upstream *upstream;
	struct aws_clock *clock;
	struct store *store;
	struct history *history;
	struct demand *demand;
	struct desktop *desktop;
	struct lock_state *lock;
	const struct configuration *configuration;
};

/* Takes the definition; addresses are copied. Begins to load what the store has, unless iamic is locked. */
struct session *session_new(const struct session_deps *deps, struct sso_session *definition_taken,
			    const char *oidc_url, const char *portal_url);

const char *session_name(const struct session *session);
const struct sso_session *session_definition(const struct session *session);
/* Is it the same to a person and to the store, be it at other addresses or with other scopes? */
bool session_is_namesake(const struct session *session, const struct session *other);
const char *session_oidc_url(const struct session *session);
const char *session_portal_url(const struct session *session);
/* Why whoever waits for AWS on behalf of this session has no answer yet. */
void session_explain_silence(const struct session *session, struct error *err);

struct session_status {
	enum session_state state;
	int64_t expires, refresh_at, signed_in_at; /* 0: none */
	const char *last_error;                    /* or NULL */
	const char *open_url, *code;               /* of a sign-in that waits for a person, or NULL */
};
void session_get_status(const struct session *session, struct session_status *ret);

/*
 * When the portal session will end. AWS does not say it: it is what the configuration says of the length, or
 * what earlier ones have lasted. 0: nothing is known.
 */
struct session_end {
	int64_t foretold; /* for people */
	int64_t sure;     /* it has not ended before that: for what is to be done in time */
};
void session_foretell_end(const struct session *session, struct session_end *ret);

/* ---- an access token for the portal ---- */

struct session_waiter;

struct session_token {
	const struct secret *access_token;
	uint64_t generation; /* names it in session_token_refused() */
};
/* token NULL: err says why; ERROR_LOGIN_REQUIRED when a person must act. Both are gone when the callback
 * returns. */
typedef void (*session_fn)(const struct session_token *token, const struct error *err, void *userdata);

/* awaits_login: waits for a sign-in, instead of failing, while the session is signed out. */
struct session_waiter *session_wait(struct session *session, bool awaits_login, session_fn fn,
				    void *userdata);
struct session_waiter *session_waiter_free(struct session_waiter *waiter);
DEFINE_CLEANUP(struct session_waiter *, session_waiter_free)

/* The portal answered 401 to that token: it is refreshed once; a token refused after that ends the sign-in.
 */
void session_token_refused(struct session *session, uint64_t generation);
/* Do that token and the one of now come from one sign-in? Else another person may have come back since. */
bool session_is_of_this_sign_in(const struct session *session, uint64_t generation);
/* Names the sign-in of now in the question above. */
uint64_t session_sign_in_generation(const struct session *session);
/* The portal took the token. */
void session_token_worked(struct session *session);
/* Would session_wait() fail at once? Then err is what it would say. */
bool session_is_signed_out(const struct session *session, struct error *err);

/* ---- signing in and out ---- */

struct session_follower;

enum session_stage { SESSION_STAGE_REGISTERING, SESSION_STAGE_WAITING, SESSION_STAGE_DONE };

struct session_progress {
	enum session_stage stage;
	const char *open_url;                /* WAITING */
	const char *verification_uri, *code; /* WAITING, FLOW_DEVICE; else NULL */
	const char *redirect_uri;            /* WAITING, FLOW_BROWSER; else NULL */
	int64_t deadline;                    /* WAITING: seconds since the epoch */
	int64_t expires;                     /* DONE */
	bool was_signed_in;                  /* DONE: a person acted, it was not there already */
	const char *warning;                 /* DONE: or NULL */
	const struct error *err;             /* DONE: NULL when signed in */
};
/* Once for each stage; DONE is the last and comes exactly once. May free the follower. */
typedef void (*session_follow_fn)(const struct session_progress *progress, void *userdata);

struct session_wish {
	bool is_forced;     /* portal Logout first, and a sign-in in any case */
	bool is_unattended; /* no person is known to be there */
	enum flow flow;
	int port; /* FLOW_BROWSER: that the browser comes back to; 0: any */
};

/*
 * Signs in, unless there is a good token or one can be had without a person; joins the sign-in that is under
 * way, whatever its flow.
 */
struct session_follower *session_login(struct session *session, const struct session_wish *wish,
				       session_follow_fn fn, void *userdata);
/*
 * Credentials are wanted, and nobody is signed in, or iamic is locked: begins a sign-in, or asks for
 * unlocking, if on_demand allows it. true: it will soon have an address for a person; whoever follows it
 * hears that.
 */
bool session_demand(struct session *session);
struct session_follower *session_follower_free(struct session_follower *follower);
DEFINE_CLEANUP(struct session_follower *, session_follower_free)
/*
 * A sign-in of the AWS CLI's, whose secrets are taken: stored, then used as if a person had just come back;
 * whoever follows sees it done. ERROR_CONFIG for one of another start URL or region, ERROR_LOGIN_REQUIRED for
 * one that has ended; the session must be signed out.
 */
bool session_take_over(struct session *session, struct cli_token *found, struct error *err) MUST_CHECK;
/* The address that a browser ended at, by hand; false: no sign-in waits for it. */
bool session_come_back(struct session *session, const char *address);
/* Ends the sign-in if nobody follows it or waits for it. */
void session_cancel_login(struct session *session);

struct session_logout;
/* warning: AWS was not told, but everything here is forgotten; or NULL. */
typedef void (*session_logout_fn)(const char *warning, void *userdata);
/* Tells the portal, forgets the token, and leaves in the store only the client registration. */
struct session_logout *session_logout_start(struct session *session, session_logout_fn fn, void *userdata);
/* Whose it is. */
const struct session *session_logout_session(const struct session_logout *logout);
struct session_logout *session_logout_free(struct session_logout *logout);

/* ---- iamic is locked ---- */

/*
 * Forgets everything, at once but for what is on its way to the store: for that the lock is held
 * (lock_state.h). Whoever waits or follows hears that iamic is locked.
 */
void session_lock(struct session *session);
/* Loads what the store has. */
void session_unlock(struct session *session);
/* Has locking signed it out, for want of a store that has it? */
bool session_is_lost(const struct session *session);
