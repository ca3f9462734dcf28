#pragma once
/*
 * Authorization code with PKCE (RFC 6749 4.1, RFC 7636): what one sign-in in a browser goes by,
 * the address that the browser is sent to, and what it says when it comes back. Pure: random bytes come in.
 *
 * Whoever reads the address or the redirect can do nothing with a code: AWS wants the verifier, which never
 * leaves this process but to AWS.
 */
#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"

#define PKCE_RANDOM_LEN    64
#define PKCE_CHALLENGE_LEN 43
#define PKCE_STATE_LEN     36

struct pkce {
	struct secret *verifier;
	char challenge[PKCE_CHALLENGE_LEN + 1]; /* of the verifier, S256 */
	char state[PKCE_STATE_LEN + 1];         /* a UUID, by which a redirect is known to be ours */
};

bool pkce_init(struct pkce *ret, const unsigned char random[PKCE_RANDOM_LEN], struct error *err) MUST_CHECK;
void pkce_done(struct pkce *pkce);

/* scopes are separated by spaces. */
char *pkce_authorize_url(const struct pkce *pkce, const char *oidc_url, const char *client_id,
			 const char *scopes, const char *redirect_uri);

enum pkce_redirect {
	PKCE_GRANTED, /* ret_code is the code */
	PKCE_REFUSED, /* it is ours, and there is no code in it: err says why */
	PKCE_FOREIGN, /* no or another state: whoever sent it was not told it by us */
};
/* query is what stands behind the '?' of a redirect, from anybody. */
enum pkce_redirect pkce_read_redirect(const struct pkce *pkce, const char *query, struct secret **ret_code,
				      struct error *err) MUST_CHECK;

/* The query of an address that begins with redirect_uri, as a person copies it from a browser; or NULL. */
const char *pkce_find_query(const char *address, const char *redirect_uri);
