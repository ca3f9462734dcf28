/*
 *   new ──► LISTENING ──► REGISTERING ──► WAITING ──(the browser, or an address by hand)──► ASKING ──► done
 *               └────(a usable client)───────▲
 *
 * The functions below stand in the order in which they run. Each one either moves on or finishes. A login
 * holds at most one request and one timer, both replaced on every move. The port is open before anybody hears
 * of the address, and until the end; the browser that comes back is kept until it can be told how it ended.
 */
#include "daemon/login_pkce.h"

#include <stdlib.h>
#include <string.h>

#include "aws/pkce.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "daemon/loopback.h"
#include "daemon/timer.h"

#define SIGN_IN_USEC (600 * USEC_PER_SEC) /* as AWS's own clients have it */

struct login_pkce {
	struct login_attempt attempt;
	int port; /* as wished */
	struct loopback *loopback;
	struct pkce pkce;
	char *redirect_uri, *open_url;
	struct login_prompt prompt; /* strings are ours */

	bool has_come_back;   /* with our state */
	bool is_client_wrong; /* AWS says so */
	struct secret *code;  /* that it brought, or NULL: */
	struct error refusal; /* why it brought none */
	bool has_met_others;  /* with another state, and that has been said */
};

/* The person is looking at the browser. */
static void finish(struct login_pkce *login, struct oidc_tokens *tokens, const struct error *err)
{
	_cleanup_free_ char *text = NULL;
	struct loopback_page page = {.status = 200, .title = "Signed in"};

	if (tokens)
		text = xasprintf("iamic has what it needs for session '%s'. You can close this window.",
				 login->attempt.session);
	else
		text = xasprintf("%s. You can close this window.", err->message);
	page.text = text;
	if (!tokens)
		page.title = "Not signed in";
	if (login->loopback)
		loopback_answer(login->loopback, &page);
	login_attempt_finish(&login->attempt, tokens, err); /* may free login: nothing after this line */
}

static void fail(struct login_pkce *login, const struct error *err)
{
	finish(login, NULL, err); /* nothing after this line */
}

static void on_answered(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_pkce *login = userdata;
	struct oidc_tokens tokens = {0};
	enum oidc_outcome outcome = OIDC_TRY_LATER;
	struct error err;

	if (reply)
		outcome = oidc_read_tokens_unpolled(reply, FLOW_BROWSER, &tokens, &err);
	else
		err = *ask_err;
	login->is_client_wrong = outcome == OIDC_INVALID_CLIENT;
	if (outcome == OIDC_GRANTED) {
		finish(login, &tokens, NULL); /* nothing of login after this line */
		oidc_tokens_done(&tokens);
		return;
	}
	if (outcome == OIDC_INVALID_GRANT)
		error_set(&err, ERROR_LOGIN_REQUIRED,
			  "AWS does not take what the browser brought, which came too late or was used "
			  "before: run 'iamic-login' again");
	if (outcome == OIDC_INVALID_CLIENT)
		error_set(&err, ERROR_LOGIN_REQUIRED,
			  "AWS no longer knows this sign-in: run 'iamic-login' again");
	fail(login, &err); /* nothing after this line */
}

static int on_came_back(sd_event_source *source, void *userdata)
{
	struct login_pkce *login = userdata;
	const struct oidc_code code = {
		.code = login->code,
		.verifier = login->pkce.verifier,
		.redirect_uri = login->redirect_uri,
	};
	struct aws_request request;

	(void)source;
	timer_disarm(&login->attempt.timer);
	if (!login->code) {
		fail(login, &login->refusal); /* nothing after this line */
		return 0;
	}
	login->attempt.deadline_usec = 0; /* a code that has come is good for a while yet */
	oidc_write_token_for_code(&request, login->attempt.oidc_url, login->attempt.registration, &code);
	login_attempt_ask(&login->attempt, &request, on_answered);
	return 0;
}

/* One visit counts: a code is used up by it. */
static void go_on(struct login_pkce *login)
{
	timer_defer(login->attempt.deps.event, &login->attempt.timer, on_came_back, login);
}

static void on_back(void *userdata)
{
	go_on(userdata);
}

/* Whether it is the one that is waited for; then what it brought is ours. */
static bool take(struct login_pkce *login, const char *query)
{
	switch (pkce_read_redirect(&login->pkce, query, &login->code, &login->refusal)) {
	case PKCE_GRANTED:
	case PKCE_REFUSED:
		login->has_come_back = true;
		return true;
	case PKCE_FOREIGN:
		break;
	}
	if (!login->has_met_others)
		log_info("session '%s': a browser came back from another sign-in: not heeded",
			 login->attempt.session);
	login->has_met_others = true;
	return false;
}

static const struct loopback_page *judge(const char *query, void *userdata)
{
	static const struct loopback_page again = {
		400, "Once is enough",
		"This sign-in has come back already: see how it ends in the terminal."};
	static const struct loopback_page foreign = {
		400, "Another sign-in",
		"This is not how the sign-in that iamic waits for ends. It still waits: use the address that "
		"was shown last."};
	struct login_pkce *login = userdata;

	if (login->has_come_back)
		return &again;
	return take(login, query) ? NULL : &foreign;
}

bool login_pkce_come_back(struct login_pkce *login, const char *address)
{
	const char *query = login->redirect_uri ? pkce_find_query(address, login->redirect_uri) : NULL;

	if (!query || login->has_come_back || !take(login, query))
		return false;
	go_on(login);
	return true;
}

static int on_out_of_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct error err;

	(void)source;
	(void)usec;
	error_set(&err, ERROR_LOGIN_REQUIRED,
		  "the browser did not come back in time: run 'iamic-login' again; if its page showed an "
		  "error, check sso_region and sso_start_url");
	fail(userdata, &err); /* nothing after this line */
	return 0;
}

static void invite(void *owner)
{
	struct login_pkce *login = owner;
	struct login_attempt *attempt = &login->attempt;
	struct error err;

	login->open_url =
		pkce_authorize_url(&login->pkce, attempt->oidc_url, attempt->registration->client_id,
				   attempt->scopes_text, login->redirect_uri);
	if (!url_is_acceptable(login->open_url)) {
		error_set(&err, ERROR_CONFIG,
			  "the address for the browser would be too long: ask for fewer "
			  "sso_registration_scopes");
		fail(login, &err); /* nothing after this line */
		return;
	}
	attempt->deadline_usec = clock_boot_usec() + SIGN_IN_USEC;
	login->prompt = (struct login_prompt){
		.open_url = login->open_url,
		.redirect_uri = login->redirect_uri,
		.deadline_usec = attempt->deadline_usec,
	};
	timer_arm(attempt->deps.event, &attempt->timer, attempt->deadline_usec, on_out_of_time, login);
	attempt->watcher.prompt(&login->prompt, attempt->watcher.userdata);
	/* may have freed login: nothing after this line */
}

static bool listen_for_it(struct login_pkce *login, struct error *err)
{
	const struct loopback_watcher watcher = {.judge = judge, .on_back = on_back, .userdata = login};
	unsigned char random[PKCE_RANDOM_LEN];
	bool ok;

	random_bytes(random, sizeof(random));
	ok = pkce_init(&login->pkce, random, err) &&
	     loopback_open(login->attempt.deps.event, login->port, OIDC_REDIRECT_PATH, &watcher,
			   &login->loopback, err);
	explicit_bzero(random, sizeof(random));
	if (ok)
		login->redirect_uri = xasprintf("http://" OIDC_REDIRECT_HOST ":%d" OIDC_REDIRECT_PATH,
						loopback_port(login->loopback));
	return ok;
}

static int on_begin(sd_event_source *source, void *userdata)
{
	struct login_pkce *login = userdata;
	struct error err;

	(void)source;
	timer_disarm(&login->attempt.timer);
	if (!listen_for_it(login, &err))
		fail(login, &err); /* nothing after this line */
	else
		login_attempt_begin(&login->attempt); /* nothing after this line */
	return 0;
}

struct login_pkce *login_pkce_new(const struct login_deps *deps, const struct login_wish *wish,
				  struct registration *registration_taken,
				  const struct login_watcher *watcher)
{
	struct login_pkce *login = xcalloc(1, sizeof(*login));

	login_attempt_init(&login->attempt, deps, wish, registration_taken, watcher, login);
	login->attempt.on_client = invite;
	login->port = wish->port;
	timer_defer(deps->event, &login->attempt.timer, on_begin, login);
	return login;
}

struct registration *login_pkce_take_registration(struct login_pkce *login)
{
	struct registration *registration = TAKE(login->attempt.registration);

	if (registration && ((login->open_url && !login->has_come_back) || login->is_client_wrong))
		registration->is_doubtful = true;
	return registration;
}

struct login_pkce *login_pkce_free(struct login_pkce *login)
{
	static const struct loopback_page ended = {400, "Not signed in",
						   "The sign-in was cancelled. You can close this window."};

	if (!login)
		return NULL;
	if (login->loopback)
		loopback_answer(login->loopback, &ended);
	loopback_free(login->loopback);
	login_attempt_done(&login->attempt);
	pkce_done(&login->pkce);
	secret_free(login->code);
	free(login->redirect_uri);
	free(login->open_url);
	free(login);
	return NULL;
}
