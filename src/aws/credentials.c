#include "aws/credentials.h"

#include <stdlib.h>

#include "aws/member.h"
#include "base/json.h"
#include "base/xalloc.h"

#define GOOD_LEFT_S  (15 * 60) /* below it botocore asks again for every request it signs */
#define SHORT_LIFE_S (20 * 60)
#define AHEAD_MAX_S  (5 * 60)
#define LAST_AHEAD_S (10 * 60)
#define JITTER_END   1024

struct credentials *credentials_free(struct credentials *credentials)
{
	if (!credentials)
		return NULL;
	secret_free(credentials->document);
	free(credentials);
	return NULL;
}

bool credentials_are_expired(const struct credentials *credentials, int64_t now)
{
	return now >= credentials->expires_at;
}

static int64_t life(const struct credentials *credentials)
{
	return credentials->expires_at - credentials->granted_at;
}

bool credentials_are_good(const struct credentials *credentials, int64_t now)
{
	int64_t left = credentials->expires_at - now;

	if (life(credentials) < SHORT_LIFE_S)
		return left > 0 && left * 4 > life(credentials);
	return left > GOOD_LEFT_S;
}

/* Of the time in which they are good, the last eighth, but no more than 5 minutes, is for the renewal. */
int64_t credentials_renew_at(const struct credentials *credentials, unsigned jitter)
{
	int64_t reserve = life(credentials) < SHORT_LIFE_S ? life(credentials) / 4 : GOOD_LEFT_S;
	int64_t good = life(credentials) - reserve;
	int64_t ahead = good / 8 < AHEAD_MAX_S ? good / 8 : AHEAD_MAX_S;
	int64_t after = good - ahead - ahead * (int64_t)(jitter % JITTER_END) / (2 * JITTER_END);

	return credentials->granted_at + (after < 1 ? 1 : after);
}

int64_t credentials_last_renewal_at(const struct credentials *credentials, int64_t signed_in_at, int64_t ends,
				    unsigned jitter)
{
	int64_t eighth = (ends - signed_in_at) / 8;
	int64_t ahead = eighth < LAST_AHEAD_S ? eighth : LAST_AHEAD_S;
	bool is_last = credentials->granted_at >= ends - ahead - ahead / 2;

	if (ends <= signed_in_at || is_last)
		return 0;
	return ends - ahead - ahead * (int64_t)(jitter % JITTER_END) / (2 * JITTER_END);
}

struct role_keys *role_keys_free(struct role_keys *keys)
{
	if (!keys)
		return NULL;
	secret_free(keys->access_key_id);
	secret_free(keys->secret_access_key);
	secret_free(keys->session_token);
	free(keys);
	return NULL;
}

struct role_keys *credentials_keys(const struct credentials *credentials)
{
	_cleanup_(role_keys_freep) struct role_keys *keys = xcalloc(1, sizeof(*keys));
	_cleanup_json_ json_t *document = NULL;
	struct members members = {0};
	struct error err;

	if (!json_parse_secret(secret_text(credentials->document), secret_len(credentials->document),
			       "the document", &document, &err))
		return NULL;
	members.object = document;
	keys->access_key_id = member_secret(&members, "AccessKeyId");
	keys->secret_access_key = member_secret(&members, "SecretAccessKey");
	keys->session_token = member_secret(&members, "SessionToken");
	return members.unusable ? NULL : TAKE(keys);
}
