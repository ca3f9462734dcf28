#pragma once
/*
 * One sign-in, shown to the person stage by stage as the daemon reports it.
 *
 * The sign-in is the daemon's, and goes on when we go away; an interrupt takes it back, unless others wait
 * for it too. The browser is ours to open, since the display is.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/target.h"
#include "cli/browser.h"
#include "ipc/client.h"

struct sign_in_wish {
	const char *flow;  /* "device", "browser", "auto"; NULL: as the daemon is configured */
	int port;          /* of the browser's way back; 0: any */
	bool force;        /* also when the token is good */
	int64_t timeout_s; /* 0: the sign-in's own deadline */
	enum browser_wish browser;
	bool no_qr; /* though a phone could read one */
	/* Of a session that no file has yet; NULL: the daemon knows it. */
	const struct session_proposal *proposal;
};

/* Where no option says it: IAMIC_LOGIN, else NULL. ERROR_CONFIG: that is none. */
bool sign_in_usual_flow(const char **ret, struct error *err) MUST_CHECK;

/* session NULL: the only one. Returns the exit status. */
int sign_in(const struct sign_in_wish *wish, struct client *client_taken, const char *session);
