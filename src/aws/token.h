#pragma once
/*
 * What a sign-in leaves behind: an access token, usually a refresh token, and where they were issued. Pure.
 *
 * Tokens are bound to start URL, region and the origins of OIDC and portal: token_is_bound_to() must hold
 * before one is sent anywhere. Client registrations are no one's identity and are kept beside it: one for
 * each flow, for AWS takes none that was made for the other.
 */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "base/secret.h"

struct registration {
	char *client_id;
	struct secret *client_secret;
	int64_t expires_at;
	char *scopes;      /* space-separated, as registered */
	char *oidc_origin; /* where it was registered */
	bool is_doubtful;  /* not stored: a sign-in with it came to nothing, and it may be why */
};

struct registration *registration_free(struct registration *registration);
DEFINE_CLEANUP(struct registration *, registration_free)
/* Usable for these scopes at this origin until 15 minutes before it expires, unless it is doubtful. */
bool registration_is_usable(const struct registration *registration, const char *scopes,
			    const char *oidc_origin, int64_t now);

/* How a person signs in. */
enum flow {
	FLOW_DEVICE,  /* a code, compared in any browser */
	FLOW_BROWSER, /* authorization code with PKCE: the browser comes back to this machine */
};
#define N_FLOWS 2

/* By flow; each may be NULL. */
struct registrations {
	struct registration *of[N_FLOWS];
};

void registrations_done(struct registrations *registrations);
static inline void registrations_donep(struct registrations *registrations)
{
	registrations_done(registrations);
}
/* Which one has that client id; false: none. */
bool registrations_find(const struct registrations *registrations, const char *client_id, enum flow *ret);
/* Takes those that are lacking out of another. */
void registrations_complete(struct registrations *registrations, struct registrations *other);

struct token {
	struct secret *access_token;
	struct secret *refresh_token; /* or NULL */
	int64_t issued_at;
	int64_t expires_at;
	int64_t signed_in_at; /* when the person did; kept over refreshes */
	char *session;        /* or NULL: it is not said whose it is */
	char *start_url, *region, *oidc_origin, *portal_origin;
	char *client_id; /* of the registration that it was issued to: only that one can refresh it */
};

struct token *token_free(struct token *token);
DEFINE_CLEANUP(struct token *, token_free)

/* Is it that session's, wherever it was issued? A store that answers with another's confuses its requests. */
bool token_is_of(const struct token *token, const char *session, const char *start_url, const char *region);
bool token_is_bound_to(const struct token *token, const char *start_url, const char *region,
		       const char *oidc_origin, const char *portal_origin);
bool token_is_expired(const struct token *token, int64_t now);
/* More than min(5 minutes, a quarter of its life) left. */
bool token_is_fresh(const struct token *token, int64_t now);
/* About three quarters of its life after issue, earlier by up to a tenth of it; jitter is 0 to 1023. At least
 * 1 s after issue. */
int64_t token_refresh_at(const struct token *token, unsigned jitter);

/*
 * What the store keeps of a session: all as one JSON document in secret memory; token may be NULL. The parser
 * takes anything and answers ERROR_STORE for what is not such a document, which it does not quote; what was
 * in *ret_registrations before is freed.
 */
bool token_format(const struct token *token, const struct registrations *registrations,
		  struct buffer *out) MUST_CHECK;
bool token_parse(const char *data, size_t len, struct token **ret_token,
		 struct registrations *ret_registrations, struct error *err) MUST_CHECK;
