#pragma once
/*
 * What both ways of signing in have in common: who is told, where AWS is, and the client that is registered
 * there. login_device.c and login_pkce.c each hold one; login.h is what others use.
 */
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/oidc.h"
#include "base/error.h"
#include "daemon/retry.h"

/* What a person needs to sign in; lives as long as the login. */
struct login_prompt {
	const char *open_url;
	const char *verification_uri, *code; /* FLOW_DEVICE; else NULL */
	const char *redirect_uri;            /* FLOW_BROWSER: where the browser comes back to; else NULL */
	uint64_t deadline_usec;              /* on the boot clock */
};

struct login_watcher {
	void (*prompt)(const struct login_prompt *prompt, void *userdata);
	/* tokens: the watcher takes what it wants out of it; NULL with err set when nobody signed in. */
	void (*done)(struct oidc_tokens *tokens, const struct error *err, void *userdata);
	void *userdata;
};

/* Copied. */
struct login_wish {
	enum flow flow;
	int port;            /* FLOW_BROWSER: that the browser comes back to; 0: any */
	const char *session; /* its name, for messages */
	const char *oidc_url, *oidc_origin, *start_url;
	char *const *scopes;
};

struct login_deps { /* all are main's */
	sd_event *event;
	struct upstream *upstream;
	const struct aws_clock *clock;
};

struct login_attempt {
	struct login_deps deps;
	struct login_watcher watcher;
	void *owner; /* userdata of callbacks: the struct that holds this one */

	struct retry *request;
	sd_event_source *timer;
	uint64_t deadline_usec; /* of the sign-in; 0: not known yet */

	enum flow flow;
	char *session, *oidc_url, *oidc_origin, *start_url;
	char **scopes;
	char *scopes_text;
	struct registration *registration; /* or NULL */
	bool has_registered;               /* in this attempt: once is enough */
	void (*on_client)(void *owner);    /* there is a client */
};

/* registration_taken: a client that may be usable, or NULL. */
void login_attempt_init(struct login_attempt *attempt, const struct login_deps *deps,
			const struct login_wish *wish, struct registration *registration_taken,
			const struct login_watcher *watcher, void *owner);
void login_attempt_done(struct login_attempt *attempt);

/* No answer is worth waiting for when the sign-in itself has run out of time. */
void login_attempt_ask(struct login_attempt *attempt, struct aws_request *request, retry_fn fn);
/* As below, from the beginning: with the client that there is, or a new one. */
void login_attempt_begin(struct login_attempt *attempt);
/* Then on_client() follows, or the attempt fails. */
void login_attempt_register(struct login_attempt *attempt);
/* Both tell the watcher, who may free the owner: nothing after these lines. */
void login_attempt_finish(struct login_attempt *attempt, struct oidc_tokens *tokens, const struct error *err);
void login_attempt_fail(struct login_attempt *attempt, const struct error *err);
