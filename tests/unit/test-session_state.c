/* Every pair of state and event: where it leads, or that it cannot happen. */
#include "daemon/session_state.h"

#include "check.h"

static int next(const char *state, enum session_event event)
{
	for (int s = 0; s < SESSION_STATE_COUNT; s++) {
		if (strcmp(session_state_name((enum session_state)s), state) == 0)
			return session_next((enum session_state)s, event);
	}
	CHECK(!"a state of that name");
	return SESSION_IMPOSSIBLE;
}

/* One row an event: what follows from each state, in the order of the columns; "-" is impossible. */
static const char *const columns[] = {"loading", "signed_out", "signing_in", "ready", "refreshing", "locked"};
static const struct {
	enum session_event event;
	const char *to[SESSION_STATE_COUNT];
} rows[] = {
	{SESSION_EVENT_STORED, {"ready", "-", "-", "-", "-", "-"}},
	{SESSION_EVENT_NOTHING_STORED, {"signed_out", "-", "-", "-", "-", "-"}},
	{SESSION_EVENT_SIGN_IN_BEGUN, {"-", "signing_in", "-", "signing_in", "-", "-"}},
	{SESSION_EVENT_SIGNED_IN, {"-", "-", "ready", "-", "-", "-"}},
	{SESSION_EVENT_SIGN_IN_ENDED, {"-", "-", "signed_out", "-", "-", "-"}},
	{SESSION_EVENT_SIGN_IN_GIVEN_UP, {"-", "-", "ready", "-", "-", "-"}},
	{SESSION_EVENT_REFRESH_BEGUN, {"-", "-", "-", "refreshing", "-", "-"}},
	{SESSION_EVENT_REFRESHED, {"-", "-", "-", "-", "ready", "-"}},
	{SESSION_EVENT_REFRESH_POSTPONED, {"-", "-", "-", "-", "ready", "-"}},
	{SESSION_EVENT_REFUSED, {"-", "-", "-", "signed_out", "signed_out", "-"}},
	{SESSION_EVENT_LOGGED_OUT,
	 {"signed_out", "signed_out", "signed_out", "signed_out", "signed_out", "locked"}},
	{SESSION_EVENT_LOCKED, {"locked", "locked", "locked", "locked", "locked", "locked"}},
	{SESSION_EVENT_UNLOCKED, {"-", "-", "-", "-", "-", "loading"}},
};

static void every_pair_leads_where_the_table_says(void)
{
	CHECK(sizeof(rows) / sizeof(rows[0]) == SESSION_EVENT_COUNT);
	for (size_t row = 0; row < SESSION_EVENT_COUNT; row++) {
		for (size_t column = 0; column < SESSION_STATE_COUNT; column++) {
			int to = next(columns[column], rows[row].event);

			if (strcmp(rows[row].to[column], "-") == 0)
				CHECK(to == SESSION_IMPOSSIBLE);
			else
				CHECK_STR(session_state_name((enum session_state)to), rows[row].to[column]);
		}
	}
}

static void a_sign_in_ends_in_ready_or_signed_out_and_nowhere_else(void)
{
	for (int event = 0; event < SESSION_EVENT_COUNT; event++) {
		int to = session_next(SESSION_SIGNING_IN, (enum session_event)event);

		CHECK(to == SESSION_IMPOSSIBLE || to == SESSION_READY || to == SESSION_SIGNED_OUT ||
		      to == SESSION_LOCKED);
	}
}

int main(void)
{
	every_pair_leads_where_the_table_says();
	a_sign_in_ends_in_ready_or_signed_out_and_nowhere_else();
	return 0;
}
