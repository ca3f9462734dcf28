#pragma once
/*
 * One attempt at signing in with the device authorization grant (RFC 8628 in AWS's JSON form), for login.c.
 *
 * Owned by whoever started it. The watcher's callbacks run from the event loop; done() runs exactly once,
 * last. login_device_free() is allowed in every state, also from inside a callback, and is how to cancel.
 */
#include "daemon/login_attempt.h"

struct login_device;

/* registration_taken: a client that may be usable, or NULL. */
struct login_device *login_device_new(const struct login_deps *deps, const struct login_wish *wish,
				      struct registration *registration_taken,
				      const struct login_watcher *watcher);
/* The client it used or made, for the next time; NULL if it has none. Only in done(), or before it is freed.
 */
struct registration *login_device_take_registration(struct login_device *login);
struct login_device *login_device_free(struct login_device *login);
