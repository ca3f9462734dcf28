/*
 *   start ──► the gate (roles_get) for the source ──► AssumeRole ──► granted, no token, or failed
 */
#include "daemon/role_assume.h"

#include <stdlib.h>

#include "aws/sts.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

struct role_assume {
	struct roles *roles;      /* main's */
	struct role_cache *cache; /* roles' */
	struct session_deps deps;
	struct role_key key; /* what it points to is the owner's */
	char *endpoint;
	bool awaits_login;
	uint64_t deadline_usec;
	role_fetch_fn fn;
	void *userdata;

	struct role_waiter *source; /* first this, */
	struct retry *request;      /* then this */
	uint64_t generation;        /* of the token that the source was granted to */
	sd_event_source *deferred;
	struct error err; /* for on_refused() */
};

static void ask_for_source(struct role_assume *assume);

static const char *region_of(const struct role_key *key)
{
	return key->assumed->region ? key->assumed->region : session_definition(key->session)->region;
}

/* The profile with the role_arn says it, if it says anything of it. */
static bool find_endpoint(const struct endpoint_options *environment, const struct role_key *key, char **ret,
			  struct error *err)
{
	static const struct endpoint_options nothing = {0};
	const struct endpoint_options *said = &key->assumed->endpoints;

	if (endpoint_options_agree(said, &nothing, AWS_STS))
		said = &session_definition(key->session)->endpoints;
	return endpoint_url(AWS_STS, region_of(key), environment, said, ret, err);
}

/* Which role, and from which: either may be the one to blame. */
static void name_both(const struct role_key *key, struct error *err)
{
	struct role_key source = role_key_source(key);

	error_prefix(err, "session '%s': role '%s' in %s, assumed from role '%s' in %s",
		     session_name(key->session), role_key_name(key), role_key_account(key),
		     role_key_name(&source), role_key_account(&source));
	text_make_message(err->message);
}

bool role_assume_is_hopeless(const struct session_deps *deps, const struct endpoint_options *endpoints,
			     const struct role_key *key, struct error *err)
{
	_cleanup_free_ char *endpoint = NULL;

	if (find_endpoint(endpoints, key, &endpoint, err) && !upstream_is_away(deps->upstream, endpoint, err))
		return false;
	name_both(key, err);
	return true;
}

static void end(struct role_assume *assume, enum role_fetch_end how, struct credentials *credentials_taken,
		const struct error *err)
{
	struct role_fetch_result result = {
		.end = how,
		.credentials_taken = credentials_taken,
		.generation = assume->generation,
	};

	if (err)
		result.err = *err;             /* it lives in what ends now */
	assume->fn(&result, assume->userdata); /* frees assume: nothing after this line */
}

static enum grant_outcome read_reply(struct role_assume *assume, const struct aws_reply *reply,
				     struct credentials **ret, struct error *err)
{
	enum grant_outcome outcome;

	do
		outcome = sts_read_assumed_role(reply, assume->key.assumed, aws_clock_now(assume->deps.clock),
						ret, err);
	while (outcome == GRANT_FULL && role_cache_evict_one(assume->cache));
	return outcome;
}

static void on_replied(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct role_assume *assume = userdata;
	struct credentials *credentials;
	struct error err;

	if (reply && read_reply(assume, reply, &credentials, &err) == GRANT_OK) {
		if (session_is_of_this_sign_in(assume->key.session, assume->generation)) {
			end(assume, ROLE_FETCH_GRANTED, credentials, NULL); /* nothing after this line */
			return;
		}
		credentials_free(credentials); /* someone has signed in anew meanwhile */
		assume->request = retry_free(assume->request);
		ask_for_source(assume);
		return;
	}
	if (!reply)
		err = *ask_err;
	name_both(&assume->key, &err);
	end(assume, ROLE_FETCH_FAILED, NULL, &err); /* nothing after this line */
}

/* The source is of this sign-in, or it would not have been handed out; so is what it assumes. */
static bool ask(struct role_assume *assume, const struct credentials *source, struct error *err)
{
	struct role_keys *keys = credentials_keys(source);
	struct aws_request request;

	if (!keys) {
		error_fill(err, ERROR_UNAVAILABLE, "too many roles in use: try again");
		name_both(&assume->key, err);
		return false;
	}
	assume->generation = session_sign_in_generation(assume->key.session);
	sts_write_assume_role(&request, assume->endpoint, region_of(&assume->key), assume->key.assumed, keys);
	assume->request =
		retry_start(assume->deps.upstream, &request, assume->deadline_usec, on_replied, assume);
	return true;
}

static enum role_fetch_end how_of(const struct error *err)
{
	return err->kind == ERROR_LOGIN_REQUIRED ? ROLE_FETCH_NO_TOKEN : ROLE_FETCH_FAILED;
}

static void on_source(const struct credentials *credentials, const struct error *source_err, void *userdata)
{
	struct role_assume *assume = userdata;
	struct error err;

	assume->source = role_waiter_free(assume->source);
	if (credentials && ask(assume, credentials, &err))
		return;
	if (!credentials)
		err = *source_err; /* it names the source, and where that is assumed itself, both */
	end(assume, how_of(&err), NULL, &err); /* nothing after this line */
}

static int on_refused(sd_event_source *event_source, void *userdata)
{
	struct role_assume *assume = userdata;

	(void)event_source;
	timer_disarm(&assume->deferred);
	end(assume, how_of(&assume->err), NULL, &assume->err); /* nothing after this line */
	return 0;
}

static void ask_for_source(struct role_assume *assume)
{
	const struct caller caller = {.is_iamicd = true, .listener = "AssumeRole"};
	const struct role_key source = role_key_source(&assume->key);
	const struct role_wish wish = {
		.role = source,
		.awaits_login = assume->awaits_login,
		.deadline_usec = assume->deadline_usec,
	};
	const struct credentials *now;
	enum roles_answer answer;

	role_cache_make_room(assume->cache); /* before there is something that must not go */
	answer = roles_get(assume->roles, &caller, &wish, on_source, assume, &now, &assume->source,
			   &assume->err);
	if (answer == ROLES_REFUSED || (answer == ROLES_NOW && !ask(assume, now, &assume->err)))
		timer_defer(assume->deps.event, &assume->deferred, on_refused, assume);
}

struct role_assume *role_assume_start(struct roles *roles, struct role_cache *cache,
				      const struct session_deps *deps,
				      const struct endpoint_options *endpoints, const struct role_key *key,
				      bool awaits_login, uint64_t deadline_usec, role_fetch_fn fn,
				      void *userdata)
{
	struct role_assume *assume = xcalloc(1, sizeof(*assume));

	assume->roles = roles;
	assume->cache = cache;
	assume->deps = *deps;
	assume->key = *key;
	assume->awaits_login = awaits_login;
	assume->deadline_usec = deadline_usec;
	assume->fn = fn;
	assume->userdata = userdata;
	if (find_endpoint(endpoints, key, &assume->endpoint, &assume->err)) {
		ask_for_source(assume);
	} else {
		name_both(key, &assume->err);
		timer_defer(deps->event, &assume->deferred, on_refused, assume);
	}
	return assume;
}

void role_assume_extend(struct role_assume *assume, uint64_t deadline_usec)
{
	if (deadline_usec > assume->deadline_usec)
		assume->deadline_usec = deadline_usec;
	if (assume->source)
		role_waiter_extend(assume->source, assume->deadline_usec);
	if (assume->request)
		retry_extend(assume->request, assume->deadline_usec);
}

const struct role_waiter *role_assume_source(const struct role_assume *assume)
{
	return assume->source;
}

bool role_assume_asks_sts(const struct role_assume *assume)
{
	return assume->request;
}

struct role_assume *role_assume_free(struct role_assume *assume)
{
	if (!assume)
		return NULL;
	role_waiter_free(assume->source);
	retry_free(assume->request);
	timer_disarm(&assume->deferred);
	free(assume->endpoint);
	free(assume);
	return NULL;
}
