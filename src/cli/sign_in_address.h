#pragma once
/*
 * The address that a person signs in at: shown, opened in a browser or shown to a phone, and the ways back
 * from it.
 */
#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/error.h"
#include "cli/browser.h"
#include "cli/paste.h"

struct sign_in_address {
	enum browser_wish browser;
	bool has_qr;        /* where no browser is opened, and a phone can finish */
	char *text;         /* what was shown last */
	char *redirect_uri; /* where the browser comes back to; NULL in the device flow */
	struct paste paste; /* open where it may not be able to */
	size_t rows;        /* that belong together on the terminal */
	pid_t opener;       /* of the browser; 0: none to wait for */
	char *opener_name;
};

void sign_in_address_init(struct sign_in_address *address, enum browser_wish wish, bool has_qr);
void sign_in_address_done(struct sign_in_address *address);

/* What the flow `auto` goes by, here or as the daemon is configured. */
bool sign_in_address_has_browser(enum browser_wish wish, const char *session);

/* What a stage says of it; each once, for the daemon may report a stage again. session: the daemon's name. */
bool sign_in_address_show(struct sign_in_address *address, const char *session, const json_t *reply,
			  struct error *err) MUST_CHECK;
/* When a child has ended: what opens it may have failed. */
void sign_in_address_reap(struct sign_in_address *address);
