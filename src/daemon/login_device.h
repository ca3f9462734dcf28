#pragma once
/*
 * One attempt at signing in with the device authorization grant (RFC 8628 in AWS's JSON form).
 *
 * Owned by whoever started it. The watcher's callbacks run from the event loop; done() runs exactly once,
 * last. login_device_free() is allowed in every state, also from inside a callback, and is how to cancel.
 */
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/oidc.h"
#include "base/error.h"
#include "daemon/retry.h"

struct login_device;

struct login_watcher {
	/* A person should open device's address and compare its code; borrowed. deadline_usec is on the boot
	 * clock. */
	void (*prompt)(const struct device_authorization *device, uint64_t deadline_usec, void *userdata);
	/* tokens: the watcher takes what it wants out of it; NULL with err set when nobody signed in. */
	void (*done)(struct oidc_tokens *tokens, const struct error *err, void *userdata);
	void *userdata;
};

struct login_addresses {
	const char *session; /* its name, for messages */
	const char *oidc_url, *oidc_origin, *start_url;
	char *const *scopes;
};

/* registration_taken: a client that may be usable, or NULL. Addresses are copied. */
struct login_device *login_device_new(sd_event *event, struct upstream *upstream,
				      const struct aws_clock *clock, const struct login_addresses *addresses,
				      struct registration *registration_taken,
				      const struct login_watcher *watcher);
/* The client it used or made, for the next time; NULL if it has none. Only in done(), or before it is freed.
 */
struct registration *login_device_take_registration(struct login_device *login);
struct login_device *login_device_free(struct login_device *login);
