#include "aws/cli_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "aws/member.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"

struct cli_token *cli_token_free(struct cli_token *token)
{
	if (!token)
		return NULL;
	free(token->start_url);
	free(token->region);
	secret_free(token->access_token);
	secret_free(token->refresh_token);
	free(token->client_id);
	secret_free(token->client_secret);
	free(token);
	return NULL;
}

const char *cli_cache_name(const char *session, char name[static CLI_CACHE_NAME_SIZE])
{
	unsigned char digest[SHA_DIGEST_LENGTH];

	SHA1((const unsigned char *)session, strlen(session), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(name + 2 * i, 3, "%02x", digest[i]);
	memcpy(name + 2 * sizeof(digest), ".json", sizeof(".json"));
	return name;
}

/* 0: not there, or no time. */
static int64_t read_time(struct members *members, const char *name)
{
	const char *text = member_text_or_null(members, name);
	int64_t time;

	return text && rfc3339_parse(text, &time) ? time : 0;
}

static void drop_renewal(struct cli_token *token)
{
	token->refresh_token = secret_free(token->refresh_token);
	token->client_secret = secret_free(token->client_secret);
	free(TAKE(token->client_id));
}

static bool refuse(const char *why, struct error *err)
{
	return error_set(err, ERROR_STORE, "%s: sign in with 'iamic-login' instead", why);
}

bool cli_cache_parse(const char *data, size_t len, struct cli_token **ret, struct error *err)
{
	_cleanup_(cli_token_freep) struct cli_token *token = xcalloc(1, sizeof(*token));
	_cleanup_json_ json_t *json = NULL;
	struct members members = {0};
	struct error ignored;

	if (!json_parse_secret(data, len, "the file", &json, &ignored))
		return refuse("it is not JSON, or only half of it", err);
	members.object = json;
	token->access_token = member_secret(&members, "accessToken");
	token->expires_at = read_time(&members, "expiresAt");
	token->start_url = xstrdup_or_null(member_text(&members, "startUrl"));
	token->region = xstrdup_or_null(member_text(&members, "region"));
	token->refresh_token = member_secret_or_null(&members, "refreshToken");
	token->client_id = xstrdup_or_null(member_text_or_null(&members, "clientId"));
	token->client_secret = member_secret_or_null(&members, "clientSecret");
	token->registration_expires_at = read_time(&members, "registrationExpiresAt");
	if (members.is_full)
		return refuse("there is no room for its tokens", err);
	if (members.unusable || !token->expires_at)
		return refuse("it holds no sign-in that can be understood", err);
	if (!token->refresh_token || !token->client_id || !token->client_secret)
		drop_renewal(token);
	*ret = TAKE(token);
	return true;
}

bool cli_cache_format(const struct token *token, struct buffer *out)
{
	char expires_at[RFC3339_SIZE];
	_cleanup_json_ json_t *json = json_pack_secret(
		"{s:s, s:s, s:s, s:s}", "startUrl", token->start_url, "region", token->region, "accessToken",
		secret_text(token->access_token), "expiresAt", rfc3339_format(token->expires_at, expires_at));

	return json && json_append(out, json);
}
