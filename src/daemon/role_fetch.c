/*
 *   start ──► session_wait() ──► GetRoleCredentials ──► granted, no token, or failed
 *                  ▲                    │
 *                  └────────────────────┘ 401, once; or someone has signed in anew meanwhile
 */
#include "daemon/role_fetch.h"

#include <stdlib.h>

#include "aws/portal.h"
#include "base/xalloc.h"
#include "daemon/denial.h"

struct role_fetch {
	struct session_deps deps;
	struct role_cache *cache; /* roles' */
	struct role_key key;      /* its strings are the owner's */
	uint64_t deadline_usec;
	role_fetch_fn fn;
	void *userdata;

	struct session_waiter *token_waiter; /* first this, */
	struct retry *request;               /* then this */
	bool awaits_login;                   /* the token waiter does */
	uint64_t generation;                 /* of the token that was sent */
	bool was_unauthorized;
};

static void ask_for_token(struct role_fetch *fetch, bool awaits_login);

static void end(struct role_fetch *fetch, enum role_fetch_end how, struct credentials *credentials_taken,
		const struct error *err)
{
	struct role_fetch_result result = {
		.end = how,
		.credentials_taken = credentials_taken,
		.generation = fetch->generation,
	};

	if (err)
		result.err = *err;           /* it lives in the request that ends now */
	fetch->fn(&result, fetch->userdata); /* frees fetch: nothing after this line */
}

static enum portal_outcome read_reply(struct role_fetch *fetch, const struct aws_reply *reply,
				      struct credentials **ret, struct error *err)
{
	enum portal_outcome outcome;

	do
		outcome = portal_read_role_credentials(reply, fetch->key.account_id, fetch->key.role_name,
						       aws_clock_now(fetch->deps.clock), ret, err);
	while (outcome == PORTAL_FULL && role_cache_evict_one(fetch->cache));
	return outcome;
}

static void on_unauthorized(struct role_fetch *fetch)
{
	struct session *session = fetch->key.session;
	struct error err;

	session_token_refused(session, fetch->generation);
	if (!fetch->was_unauthorized) {
		fetch->was_unauthorized = true;
		ask_for_token(fetch, false);
		return;
	}
	denial_of_token(session_name(session), &err);
	end(fetch, ROLE_FETCH_FAILED, NULL, &err); /* nothing after this line */
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct role_fetch *fetch = userdata;
	struct credentials *credentials = NULL;
	enum portal_outcome outcome;
	struct error err;

	if (!reply) {
		end(fetch, ROLE_FETCH_FAILED, NULL, ask_err); /* nothing after this line */
		return;
	}
	outcome = read_reply(fetch, reply, &credentials, &err);
	fetch->request = retry_free(fetch->request);
	if (outcome == PORTAL_UNAUTHORIZED) {
		on_unauthorized(fetch); /* nothing after this line */
		return;
	}
	if (outcome == PORTAL_OK || outcome == PORTAL_DENIED)
		session_token_worked(fetch->key.session);
	if (outcome != PORTAL_OK) {
		end(fetch, ROLE_FETCH_FAILED, NULL, &err); /* nothing after this line */
		return;
	}
	if (!session_is_of_this_sign_in(fetch->key.session, fetch->generation)) {
		credentials_free(credentials); /* someone has signed in anew meanwhile */
		fetch->was_unauthorized = false;
		ask_for_token(fetch, false);
		return;
	}
	end(fetch, ROLE_FETCH_GRANTED, credentials, NULL); /* nothing after this line */
}

static bool write_request(struct role_fetch *fetch, const struct secret *access_token,
			  struct aws_request *request, struct error *err)
{
	role_cache_make_room(fetch->cache);
	do {
		if (portal_write_get_role_credentials(request, session_portal_url(fetch->key.session),
						      access_token, fetch->key.account_id,
						      fetch->key.role_name, err))
			return true;
	} while (role_cache_evict_one(fetch->cache));
	return false;
}

static void on_token(const struct session_token *token, const struct error *token_err, void *userdata)
{
	struct role_fetch *fetch = userdata;
	struct aws_request request;
	struct error err;
	bool is_written;

	if (!token) {
		end(fetch, ROLE_FETCH_NO_TOKEN, NULL, token_err); /* nothing after this line */
		return;
	}
	fetch->generation = token->generation;
	is_written = write_request(fetch, token->access_token, &request, &err);
	fetch->token_waiter = session_waiter_free(fetch->token_waiter);
	if (is_written)
		fetch->request =
			retry_start(fetch->deps.upstream, &request, fetch->deadline_usec, on_replied, fetch);
	else
		end(fetch, ROLE_FETCH_FAILED, NULL, &err); /* nothing after this line */
}

static void ask_for_token(struct role_fetch *fetch, bool awaits_login)
{
	fetch->awaits_login = awaits_login;
	fetch->token_waiter = session_wait(fetch->key.session, awaits_login, on_token, fetch);
}

struct role_fetch *role_fetch_start(const struct session_deps *deps, struct role_cache *cache,
				    const struct role_key *key, bool awaits_login, uint64_t deadline_usec,
				    role_fetch_fn fn, void *userdata)
{
	struct role_fetch *fetch = xcalloc(1, sizeof(*fetch));

	fetch->deps = *deps;
	fetch->cache = cache;
	fetch->key = *key;
	fetch->deadline_usec = deadline_usec;
	fetch->fn = fn;
	fetch->userdata = userdata;
	ask_for_token(fetch, awaits_login);
	return fetch;
}

void role_fetch_extend(struct role_fetch *fetch, uint64_t deadline_usec)
{
	if (deadline_usec > fetch->deadline_usec)
		fetch->deadline_usec = deadline_usec;
	if (fetch->request)
		retry_extend(fetch->request, fetch->deadline_usec);
}

bool role_fetch_awaits_login(const struct role_fetch *fetch)
{
	return fetch->token_waiter && fetch->awaits_login;
}

struct role_fetch *role_fetch_free(struct role_fetch *fetch)
{
	if (!fetch)
		return NULL;
	session_waiter_free(fetch->token_waiter);
	retry_free(fetch->request);
	free(fetch);
	return NULL;
}
