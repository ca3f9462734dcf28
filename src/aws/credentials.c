#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "aws/member.h"
#include "aws/reply.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "iamic/protocol.h"

#define GOOD_LEFT_S  (15 * 60) /* below it botocore asks again for every request it signs */
#define SHORT_LIFE_S (20 * 60)
#define AHEAD_MAX_S  (5 * 60)
#define LAST_AHEAD_S (10 * 60)
#define JITTER_END   1024
#define ENVELOPE_MAX 64 /* what the reply on the socket puts around the document */
#define DOCUMENT_MAX (IAMIC_CREDENTIALS_MAX - ENVELOPE_MAX)

bool grant_text_is_usable(const char *text)
{
	const char *p = text;

	while (*p > ' ' && *p <= '~' && *p != '"' && *p != '\\')
		p++;
	return *text && !*p;
}

/* One allocation, so that no growing buffer spends the arena on copies. */
static enum grant_outcome make_document(const struct grant *grant, const char *const *parts,
					struct secret **ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer document = BUFFER_INIT(DOCUMENT_MAX, &secret_memory);
	size_t len = 0;
	bool ok;

	for (size_t i = 0; parts[i]; i++)
		len += strlen(parts[i]);
	if (len > DOCUMENT_MAX) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "%s: AWS's credentials have %zu bytes, more than %d: use another role",
			   grant->operation, len, DOCUMENT_MAX);
		return GRANT_UNUSABLE;
	}
	ok = buffer_reserve(&document, len);
	for (size_t i = 0; ok && parts[i]; i++)
		ok = buffer_append_text(&document, parts[i]);
	*ret = ok ? secret_new(document.data, document.len) : NULL;
	if (*ret)
		return GRANT_OK;
	error_fill(err, ERROR_UNAVAILABLE, "%s: " REPLY_FULL_MESSAGE, grant->operation);
	return GRANT_FULL;
}

enum grant_outcome credentials_new(const struct grant *grant, int64_t now, struct credentials **ret,
				   struct error *err)
{
	_cleanup_(credentials_freep) struct credentials *credentials = NULL;
	char expiration[RFC3339_SIZE];
	enum grant_outcome outcome;

	if (grant->expires_at <= now) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "%s: AWS's credentials have expired already: check the clock of this machine",
			   grant->operation);
		return GRANT_UNUSABLE;
	}
	credentials = xcalloc(1, sizeof(*credentials));
	credentials->expires_at = grant->expires_at;
	credentials->granted_at = now;
	rfc3339_format(grant->expires_at, expiration);
	const char *const parts[] = {"{\"Version\":1,\"AccessKeyId\":\"",
				     grant->access_key_id,
				     "\",\"SecretAccessKey\":\"",
				     grant->secret_access_key,
				     "\",\"SessionToken\":\"",
				     grant->session_token,
				     "\",\"Expiration\":\"",
				     expiration,
				     "\",\"AccountId\":\"",
				     grant->account_id,
				     "\"}",
				     NULL};
	outcome = make_document(grant, parts, &credentials->document, err);
	if (outcome == GRANT_OK)
		*ret = TAKE(credentials);
	return outcome;
}

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
