/*
 *   start ──► session_wait() ──► page ──► [next ──► session_wait() ──► page] … ──► the last
 *                  ▲               │
 *                  └──(401, once)──┘
 */
#include "daemon/listing.h"

#include <stdlib.h>
#include <string.h>

#include "aws/portal.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/denial.h"

#define PAGE_DEADLINE_USEC (60 * USEC_PER_SEC) /* a throttled page takes its time, and is worth it */
#define PAGES_MAX          10000

struct listing {
	struct session_deps deps;
	struct session *session; /* sessions' */
	char *account_id;        /* or NULL */
	listing_fn fn;
	void *userdata;

	struct session_waiter *token_waiter;
	struct retry *request;
	uint64_t generation;
	bool was_unauthorized;
	char *next_token; /* of the page to ask for; NULL: the first */
	unsigned n_pages;
};

static void fail(struct listing *listing, struct error *err)
{
	if (err->kind == ERROR_DENIED && listing->account_id)
		error_fill(err, ERROR_DENIED,
			   "account %s is not assigned to you, or was assigned after you signed in",
			   listing->account_id);
	if (err->kind == ERROR_DENIED)
		denial_complete(err, session_name(listing->session), listing->deps.configuration);
	else if (err->kind != ERROR_LOGIN_REQUIRED && err->kind != ERROR_LOCKED)
		error_prefix(err, "session '%s'", session_name(listing->session));
	text_make_message(err->message);
	listing->fn(NULL, false, err, listing->userdata); /* may free listing: nothing after this line */
}

static void ask(struct listing *listing);

/* A server that sends the same token again, or pages without end, is not AWS. */
static bool is_endless(const struct listing *listing, const char *next, struct error *err)
{
	if (!next || ((!listing->next_token || strcmp(next, listing->next_token) != 0) &&
		      listing->n_pages < PAGES_MAX))
		return false;
	error_set(err, ERROR_UNAVAILABLE, "the portal's list does not end: try again");
	return true;
}

static void on_page(struct listing *listing, json_t *items_taken, char *next_taken)
{
	_cleanup_json_ json_t *items = items_taken;
	_cleanup_free_ char *next = next_taken;
	struct error err;

	session_token_worked(listing->session);
	listing->n_pages++;
	if (is_endless(listing, next, &err)) {
		fail(listing, &err); /* nothing after this line */
		return;
	}
	free(listing->next_token);
	listing->next_token = TAKE(next);
	listing->fn(items, listing->next_token != NULL, NULL,
		    listing->userdata); /* may free listing: nothing after this */
}

static void on_unauthorized(struct listing *listing)
{
	struct error err;

	session_token_refused(listing->session, listing->generation);
	if (!listing->was_unauthorized) {
		listing->was_unauthorized = true;
		ask(listing);
		return;
	}
	denial_of_token(session_name(listing->session), &err);
	fail(listing, &err); /* nothing after this line */
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct listing *listing = userdata;
	struct retry *answered = TAKE(listing->request); /* reply lives in it */
	enum portal_outcome outcome = PORTAL_FAILED;
	json_t *items = NULL;
	char *next = NULL;
	struct error err;

	if (!reply)
		err = *ask_err;
	else if (listing->account_id)
		outcome = portal_read_account_roles(reply, &items, &next, &err);
	else
		outcome = portal_read_accounts(reply, &items, &next, &err);
	retry_free(answered);
	if (outcome == PORTAL_OK)
		on_page(listing, items, next); /* nothing after this line */
	else if (outcome == PORTAL_UNAUTHORIZED)
		on_unauthorized(listing); /* nothing after this line */
	else
		fail(listing, &err); /* nothing after this line */
}

static void on_token(const struct session_token *token, const struct error *token_err, void *userdata)
{
	struct listing *listing = userdata;
	struct session_waiter *answered = TAKE(listing->token_waiter);
	const char *portal = session_portal_url(listing->session);
	struct aws_request request;
	struct error err;
	bool ok = false;

	if (!token)
		err = *token_err;
	else if (listing->account_id)
		ok = portal_write_list_account_roles(&request, portal, token->access_token,
						     listing->account_id, listing->next_token, &err);
	else
		ok = portal_write_list_accounts(&request, portal, token->access_token, listing->next_token,
						&err);
	session_waiter_free(answered);
	if (!ok) {
		fail(listing, &err); /* nothing after this line */
		return;
	}
	listing->generation = token->generation;
	listing->request = retry_start(listing->deps.upstream, &request,
				       clock_boot_usec() + PAGE_DEADLINE_USEC, on_replied, listing);
}

static void ask(struct listing *listing)
{
	listing->token_waiter = session_wait(listing->session, false, on_token, listing);
}

void listing_next(struct listing *listing)
{
	ask(listing);
}

struct listing *listing_start(const struct session_deps *deps, struct session *session,
			      const char *account_id, listing_fn fn, void *userdata)
{
	struct listing *listing = xcalloc(1, sizeof(*listing));

	listing->deps = *deps;
	listing->session = session;
	listing->account_id = xstrdup_or_null(account_id);
	listing->fn = fn;
	listing->userdata = userdata;
	ask(listing);
	return listing;
}

struct listing *listing_free(struct listing *listing)
{
	if (!listing)
		return NULL;
	session_waiter_free(listing->token_waiter);
	retry_free(listing->request);
	free(listing->account_id);
	free(listing->next_token);
	free(listing);
	return NULL;
}
