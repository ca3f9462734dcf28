#pragma once
/*
 * A small HTTP server on 127.0.0.1.
 *
 * At the end of a sign-in a browser comes back to it: one path, GET alone, and one visit that is waited for.
 * Whoever else comes is answered, and the listener stays. Or a program asks it for credentials
 * (container.h), or it sends a browser on (link_door.h).
 *
 * Owned by whoever opened it. Callbacks run from the event loop; loopback_free() is allowed in every state,
 * also from inside on_back(), and is how to close the port.
 */
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/error.h"
#include "daemon/loopback_page.h"

struct loopback;

struct http_head;

/* SDKs give up on such an endpoint after a second. */
#define LOOPBACK_WAIT_USEC 800000

struct loopback_watcher {
	/*
	 * For a program that asks, in the place of the two below: writes a whole response into out, which
	 * is secret memory and empty. Host has been found to be right; all else is respond's to check.
	 * False: not yet; it is called again at loopback_ask_again(), and for the last time (is_last) after
	 * LOOPBACK_WAIT_USEC, when false closes the connection.
	 */
	bool (*respond)(const struct http_head *head, bool is_last, struct buffer *out, void *userdata);
	/*
	 * Someone has come to the path with that query (borrowed): NULL if this is the visit that is waited
	 * for. Then the visitor stays until loopback_answer(), and on_back() follows. Else the page for them.
	 */
	const struct loopback_page *(*judge)(const char *query, void *userdata);
	void (*on_back)(void *userdata);
	bool is_for_all_users; /* else programs of another user are sent away */
	void *userdata;
};

/* port 0: any. ERROR_CONFIG for one that is in use. */
bool loopback_open(sd_event *event, int port, const char *path, const struct loopback_watcher *watcher,
		   struct loopback **ret, struct error *err) MUST_CHECK;
int loopback_port(const struct loopback *loopback);
/* To the visitor who was waited for, if they are still there. */
void loopback_answer(struct loopback *loopback, const struct loopback_page *page);
/* What visitors wait for may be there now. Not from inside respond(). */
void loopback_ask_again(struct loopback *loopback);
struct loopback *loopback_free(struct loopback *loopback);
