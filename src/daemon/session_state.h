#pragma once
/*
 * Where a session stands. One pure function knows every way from state to state; session.c only obeys it.
 *
 *   LOADING ──(stored)──► READY ──(refresh begun)──► REFRESHING ──(refreshed, postponed)──► READY
 *      │                    ▲ │                           │
 *      │(nothing stored)    │ │(refused)                  │(refused)
 *      ▼                    │ ▼                           │
 *   SIGNED_OUT ◄────────────┼─────────────────────────────┘
 *      │ ▲                  │
 *      │ └─(sign-in ended)──┤ (or given up, the one before goes on)
 *      ▼                    │
 *   SIGNING_IN ──(signed in)┘
 *
 * From every state: locked ──► LOCKED ──(unlocked)──► LOADING; logged out ──► SIGNED_OUT.
 */

enum session_state {
	SESSION_LOADING,
	SESSION_SIGNED_OUT,
	SESSION_SIGNING_IN,
	SESSION_READY,
	SESSION_REFRESHING,
	SESSION_LOCKED,
};
#define SESSION_STATE_COUNT 6
#define SESSION_IMPOSSIBLE  (-1)

enum session_event {
	SESSION_EVENT_STORED, /* the store had a token that is bound to this session's addresses */
	SESSION_EVENT_NOTHING_STORED,
	SESSION_EVENT_SIGN_IN_BEGUN,
	SESSION_EVENT_SIGNED_IN,
	SESSION_EVENT_SIGN_IN_ENDED,    /* denied, expired, cancelled, failed */
	SESSION_EVENT_SIGN_IN_GIVEN_UP, /* likewise, and the one that it was to replace goes on */
	SESSION_EVENT_REFRESH_BEGUN,
	SESSION_EVENT_REFRESHED,
	SESSION_EVENT_REFRESH_POSTPONED, /* AWS did not answer; the old token is kept */
	SESSION_EVENT_REFUSED,           /* the token, or the right to refresh it, is gone for good */
	SESSION_EVENT_LOGGED_OUT,
	SESSION_EVENT_LOCKED,
	SESSION_EVENT_UNLOCKED,
};
#define SESSION_EVENT_COUNT 13

/* The next state, or SESSION_IMPOSSIBLE for an event that cannot happen in that state. */
int session_next(enum session_state state, enum session_event event);
/* As Status calls it: "signed_out". */
const char *session_state_name(enum session_state state);
