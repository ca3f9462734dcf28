#pragma once
/*
 * Role credentials. What is kept of a role is one secret: the credential_process document itself,
 * compact, so that a reply is a copy of it. Only a signed call takes it apart. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

struct credentials {
	struct secret *document;
	int64_t expires_at; /* seconds since the epoch, AWS's own */
	int64_t granted_at; /* by AWS's clock */
};

/* What AWS's reply says; texts are the reply's. */
struct grant {
	const char *operation; /* AWS's name, for messages */
	const char *access_key_id, *secret_access_key, *session_token;
	const char *account_id;
	int64_t expires_at;
};
enum grant_outcome {
	GRANT_OK,
	GRANT_FULL,     /* the arena has no room for the secret; ERROR_UNAVAILABLE "too many roles in use" */
	GRANT_UNUSABLE, /* ERROR_UNAVAILABLE */
};

/* Text that stands in the document without escapes, because what cuts it out of a reply knows none. */
bool grant_text_is_usable(const char *text);
/* now is AWS's. The texts must be usable. */
enum grant_outcome credentials_new(const struct grant *grant, int64_t now, struct credentials **ret,
				   struct error *err) MUST_CHECK;
struct credentials *credentials_free(struct credentials *credentials);
DEFINE_CLEANUP(struct credentials *, credentials_free)

bool credentials_are_expired(const struct credentials *credentials, int64_t now);
/*
 * May they be handed out without asking for better ones? More than 15 minutes left; or, where AWS granted
 * less than 20 in all, more than a quarter of the life that was granted.
 */
bool credentials_are_good(const struct credentials *credentials, int64_t now);
/* When to renew them in the background so that nobody has to wait: before they stop being good; jitter is 0
 * to 1023. */
int64_t credentials_renew_at(const struct credentials *credentials, unsigned jitter);

/*
 * When to renew them once more, so that they outlast a portal session that surely lasts from signed_in_at to
 * ends: an eighth of it, 10 minutes at most, before that, and up to half as much earlier by jitter. 0: they
 * are of that time or later, or nothing is known of an end (0).
 */
int64_t credentials_last_renewal_at(const struct credentials *credentials, int64_t signed_in_at, int64_t ends,
				    unsigned jitter);

struct role_keys {
	struct secret *access_key_id, *secret_access_key, *session_token;
};
struct role_keys *role_keys_free(struct role_keys *keys);
DEFINE_CLEANUP(struct role_keys *, role_keys_free)
/* NULL when the arena is full. */
struct role_keys *credentials_keys(const struct credentials *credentials) MUST_CHECK;
