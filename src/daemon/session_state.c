#include "daemon/session_state.h"

#define NO      SESSION_IMPOSSIBLE
#define LOADING SESSION_LOADING
#define OUT     SESSION_SIGNED_OUT
#define SIGNING SESSION_SIGNING_IN
#define READY   SESSION_READY
#define REFRESH SESSION_REFRESHING
#define LOCKED  SESSION_LOCKED

int session_next(enum session_state state, enum session_event event)
{
	/* clang-format off */
	static const signed char next[SESSION_EVENT_COUNT][SESSION_STATE_COUNT] = {
		/* from                               LOADING  OUT      SIGNING  READY    REFRESH  LOCKED */
		[SESSION_EVENT_STORED]            = { READY,   NO,      NO,      NO,      NO,      NO },
		[SESSION_EVENT_NOTHING_STORED]    = { OUT,     NO,      NO,      NO,      NO,      NO },
		[SESSION_EVENT_SIGN_IN_BEGUN]     = { NO,      SIGNING, NO,      SIGNING, NO,      NO },
		[SESSION_EVENT_SIGNED_IN]         = { NO,      NO,      READY,   NO,      NO,      NO },
		[SESSION_EVENT_SIGN_IN_ENDED]     = { NO,      NO,      OUT,     NO,      NO,      NO },
		[SESSION_EVENT_SIGN_IN_GIVEN_UP]  = { NO,      NO,      READY,   NO,      NO,      NO },
		[SESSION_EVENT_REFRESH_BEGUN]     = { NO,      NO,      NO,      REFRESH, NO,      NO },
		[SESSION_EVENT_REFRESHED]         = { NO,      NO,      NO,      NO,      READY,   NO },
		[SESSION_EVENT_REFRESH_POSTPONED] = { NO,      NO,      NO,      NO,      READY,   NO },
		[SESSION_EVENT_REFUSED]           = { NO,      NO,      NO,      OUT,     OUT,     NO },
		[SESSION_EVENT_LOGGED_OUT]        = { OUT,     OUT,     OUT,     OUT,     OUT,     LOCKED },
		[SESSION_EVENT_LOCKED]            = { LOCKED,  LOCKED,  LOCKED,  LOCKED,  LOCKED,  LOCKED },
		[SESSION_EVENT_UNLOCKED]          = { NO,      NO,      NO,      NO,      NO,      LOADING },
	};
	/* clang-format on */

	return next[event][state];
}

const char *session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATE_COUNT] = {
		[SESSION_LOADING] = "loading",       [SESSION_SIGNED_OUT] = "signed_out",
		[SESSION_SIGNING_IN] = "signing_in", [SESSION_READY] = "ready",
		[SESSION_REFRESHING] = "refreshing", [SESSION_LOCKED] = "locked",
	};

	return names[state];
}
