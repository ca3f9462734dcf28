#pragma once
/*
 * What the signed-in person may use, a page at a time as AWS sends it: accounts, or the roles of one account.
 *
 * Owned by whoever started it; the callback runs from the event loop, once a page, until has_more is false or
 * err is set; it may free the listing. The next page is asked for when the owner wants it.
 */
#include <stdbool.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/session.h"

struct listing;

/* items: an array in the socket's form, borrowed. */
typedef void (*listing_fn)(json_t *items, bool has_more, const struct error *err, void *userdata);

/* account_id NULL: accounts. */
struct listing *listing_start(const struct session_deps *deps, struct session *session,
			      const char *account_id, listing_fn fn, void *userdata);
/* After a page with has_more, once for each; from inside the callback, too. */
void listing_next(struct listing *listing);
struct listing *listing_free(struct listing *listing);
DEFINE_CLEANUP(struct listing *, listing_free)
