#pragma once
/*
 * One attempt at signing in with an authorization code and PKCE, for login.c: a browser is
 * sent to AWS, and comes back to a port of this machine with a code.
 *
 * Owned by whoever started it. The watcher's callbacks run from the event loop; done() runs exactly once,
 * last. login_pkce_free() is allowed in every state, also from inside a callback, and is how to cancel.
 */
#include "daemon/login_attempt.h"

struct login_pkce;

/* registration_taken: a client that may be usable, or NULL. */
struct login_pkce *login_pkce_new(const struct login_deps *deps, const struct login_wish *wish,
				  struct registration *registration_taken,
				  const struct login_watcher *watcher);
/*
 * The address that the browser ended at, from a person whose browser cannot come back by itself. False: it is
 * not the one that is waited for, and nothing has changed.
 */
bool login_pkce_come_back(struct login_pkce *login, const char *address);
/*
 * The client it used or made, for the next time; NULL if it has none. Only in done(), or before it is freed.
 * It is doubtful if the browser was sent away with it and never came back: AWS tells only the person when it
 * does not know a client.
 */
struct registration *login_pkce_take_registration(struct login_pkce *login);
struct login_pkce *login_pkce_free(struct login_pkce *login);
