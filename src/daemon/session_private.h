#pragma once
/* What the session_*.c share, and nobody else sees. */
#include "daemon/login.h"
#include "daemon/session.h"

/* A warning if portal Logout takes longer: a person waits. Shorter than what makes a host count as away. */
#define SESSION_LOGOUT_DEADLINE_USEC (3 * USEC_PER_SEC)

struct session {
	struct list link;      /* in sessions */
	struct list namesakes; /* a ring: they have one place in the store */
	bool is_replaced;      /* by one of them: it is never found again */
	struct session_deps deps;
	struct sso_session *definition;
	char *oidc_url, *oidc_origin, *portal_url, *portal_origin;

	enum session_state state;
	struct registrations registrations;
	struct token *token;            /* NULL unless READY or REFRESHING */
	struct token *former;           /* SIGNING_IN, forced: what goes on if it fails; or NULL */
	uint64_t generation;            /* of token */
	uint64_t sign_in_generation;    /* of the first token of the sign-in that token comes from */
	bool is_token_refused;          /* the portal would not take it; REFRESHING */
	bool was_refreshed_for_refusal; /* and it has not worked since */
	bool has_read_again;            /* the store, in this refresh */
	unsigned n_postponed;           /* refreshes in a row */
	int64_t refresh_at;             /* when the timer has the next begin; 0: it has none */
	bool is_unsaved;       /* the store has refused token: it is asked again, on the same timer */
	bool is_lost;          /* LOCKED: and the store does not have it */
	bool is_leaving;       /* LOCKED, or LOADING since: something is to be stored yet, the lock is held */
	struct token *renewed; /* with it: the one whose refresh is under way */

	struct store_operation *store_operation;
	struct token *unsaved;     /* granted, but not used before it is stored */
	sd_event_source *timer;    /* READY: refresh, or the token's end */
	sd_event_handler_t settle; /* in the loop's next turn: session.c */
	sd_event_source *settling;
	struct retry *request;   /* REFRESHING: to OIDC; SIGNING_IN: portal Logout before a forced one */
	struct login *login;     /* SIGNING_IN */
	enum flow flow;          /* of the sign-in that is on, or was last */
	int port;                /* FLOW_BROWSER: as wished */
	bool is_unattended;      /* it began on demand */
	enum on_demand demanded; /* what is being done about it */
	bool looks_at_screen;
	sd_event_source *reminder;                 /* READY: of its foretold end */
	struct session_follower *desktop_follower; /* brings the address to the desktop; or NULL */
	const struct login_prompt *prompt;         /* login's; NULL until it waits for a person */
	char *login_warning;

	struct list waiters;     /* struct session_waiter, by .link */
	struct list followers;   /* struct session_follower, by .link */
	struct error last_error; /* without the session's name; kind ERROR_NONE: none */
};

struct session_waiter {
	struct list link;
	struct session *session; /* NULL once answered */
	bool awaits_login;
	bool is_new;     /* has not waited yet: while OIDC is known to be away it need not begin to */
	bool has_failed; /* the refresh that it waited for: it hears last_error */
	session_fn fn;
	void *userdata;
};

struct session_follower {
	struct list link;
	struct session *session;  /* NULL once done */
	struct session_wish wish; /* is_forced: and no sign-in has begun since it asked */
	int told_stage;           /* the last one it heard of, or -1 */
	struct error err;         /* kind ERROR_NONE, or how the sign-in that it followed ended */
	bool has_ended;
	bool was_signed_in;
	session_follow_fn fn;
	void *userdata;
};

/* In their order from the ground up: each calls what stands above it, and what session.h has of that. */

/* session_definition.c */
void session_store_name(const struct session *session, struct store_name *ret);

/* session_move.c */
/* Moves the state, logs it, and lets waiters and followers know from the loop's next turn. */
void session_move(struct session *session, enum session_event event);
void session_settle_soon(struct session *session);

/* session_status.c */
/* ERROR_LOGIN_REQUIRED: what to type, or to approve. */
void session_require_login(const struct session *session, struct error *err);

/* session_waiters.c */
/* Whoever waits now hears last_error. */
void session_fail_waiters(struct session *session);
/* Is there one that has not been let down? */
bool session_has_waiter(const struct session *session);
/* Likewise, and it waits for a sign-in? */
bool session_awaits_login(const struct session *session);
/* Whether it answered one (who may have changed everything). */
bool session_answer_one_waiter(struct session *session);

/* session_followers.c */
/* All that follow now hear how it ended; those that come from now on begin anew. */
void session_end_followers(struct session *session, const struct error *err, bool was_signed_in);
/* What the first asks for for whom a sign-in has to begin; or NULL. */
const struct session_wish *session_next_wish(const struct session *session);
/* It begins: nobody need force it once more. */
void session_grant_wishes(struct session *session);
/* Is there one that has not been told how it ended, nor is about to be? */
bool session_has_follower(const struct session *session);
/* Tells followers what they do not know yet; returns whether it told one (who may have changed everything).
 */
bool session_tell_one_follower(struct session *session);

/* session_token.c */
void session_set_token(struct session *session, struct token *token_taken);
/* What there was, or NULL: it is the caller's now. */
struct token *session_take_token(struct session *session);
void session_forget_token(struct session *session);
/* A sign-in begins that is to replace it: it is used no more, but AWS may still take it. */
void session_set_token_aside(struct session *session);
/* That came to nothing: the one set aside is used again; false: there is none. */
bool session_take_token_back(struct session *session);
bool session_can_refresh(const struct session *session);
/* By which the token came that is to be refreshed. */
enum flow session_issuing_flow(const struct session *session, const struct token *token);
/* What OIDC says to a refresh. previous: the token that was renewed. */
enum oidc_outcome session_read_refresh(const struct session *session, const struct token *previous,
				       const struct aws_reply *reply, struct oidc_tokens *ret,
				       struct error *err);
/*
 * A token of what OIDC granted; takes out of tokens. previous: the one that was refreshed, or NULL; it gives
 * its refresh token away when the reply has none.
 */
struct token *session_make_token(const struct session *session, struct oidc_tokens *tokens,
				 struct token *previous);
/* Stores what there is, with token in place of the session's own; fn as for store_save(). */
void session_save(struct session *session, const struct token *token, store_fn fn);

/* session_leave.c */
/* iamic is locked: what must be stored yet, or waited for, is on its way. False: there is nothing. */
bool session_leave(struct session *session);
/* The reply to a refresh that was under way then; as retry_fn. */
void session_was_renewed(struct session *session, const struct aws_reply *reply, const struct error *err);
/* Gives up what was still to be stored. */
void session_stop_leaving(struct session *session);

/* session_end.c */
/* Everything that is under way: timer, requests, sign-in. Registrations are kept. */
void session_stop(struct session *session);
/* Frees the login and keeps its registration. */
void session_end_login(struct session *session);
/* The token is gone for good: READY or REFRESHING becomes SIGNED_OUT. */
void session_end(struct session *session, const char *why);
/* Likewise, and it never has another. */
void session_replace(struct session *session, const char *why);
/* What its namesakes hold was replaced, or erased: they must neither use it any more nor write it back. */
void session_end_namesakes(struct session *session, const char *why);

/* session_desktop.c */
struct desktop_notice;
/* Of rest neither summary nor userdata counts. */
void session_show(struct session *session, char *summary_taken, const struct desktop_notice *rest);
/* Its address goes to the browser. */
void session_login_by_desktop(struct session *session, bool is_unattended, bool is_forced);
/* Buttons; userdata: the session. */
void session_clicked_on_invitation(void *userdata);
void session_clicked_on_reminder(void *userdata);

/* session_remind.c */
/* Whenever the token, or what is known of its end, has changed. */
void session_arm_reminder(struct session *session);

/* session_refresh.c */
void session_refresh(struct session *session);
void session_arm_timer(struct session *session);
/* Stores token once more. */
void session_keep(struct session *session);

/* session_load.c */
/* Asks the store; LOADING until it answers. */
void session_load(struct session *session);

/* session_login.c */
void session_begin_login(struct session *session, const struct session_wish *wish);
/* What a person came back with, or another program had: stored, then used. */
void session_accept(struct session *session, struct oidc_tokens *tokens);
/* Is a sign-in on that no person has asked for, and that has no address yet? */
bool session_will_have_address(const struct session *session);
