#pragma once
/*
 * One attempt at signing in, whichever flow; one outcome.
 *
 * Owned by whoever started it. The watcher's callbacks run from the event loop; done() runs exactly once,
 * last. login_free() is allowed in every state, also from inside a callback, and is how to cancel.
 */
#include "daemon/login_attempt.h"

struct login;

/* registration_taken: a client of that flow that may be usable, or NULL. */
struct login *login_new(const struct login_deps *deps, const struct login_wish *wish,
			struct registration *registration_taken, const struct login_watcher *watcher);
/* The address that a browser ended at (login_pkce.h); false: nothing waits for it. */
bool login_come_back(struct login *login, const char *address);
/* The client it used or made, for the next time; NULL if it has none. Only in done(), or before it is freed.
 */
struct registration *login_take_registration(struct login *login);
struct login *login_free(struct login *login);
