#pragma once
/*
 * The file in which the AWS CLI and the SDKs keep a sign-in, in plain text: ~/.aws/sso/cache/NAME.
 * Pure. Source: botocore, tokens.py and utils.py.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/token.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/secret.h"

#define CLI_CACHE_NAME_SIZE sizeof("0123456789012345678901234567890123456789.json")

/* What is in one. */
struct cli_token {
	char *start_url, *region;
	struct secret *access_token;
	int64_t expires_at;
	/* All three, or none: then the sign-in cannot be renewed. */
	struct secret *refresh_token;
	char *client_id;
	struct secret *client_secret;
	int64_t registration_expires_at; /* 0: not said */
};

struct cli_token *cli_token_free(struct cli_token *token);
DEFINE_CLEANUP(struct cli_token *, cli_token_free)

/* Of a session by its name; of a legacy one by its start URL as written, which is its name with us. */
const char *cli_cache_name(const char *session, char name[static CLI_CACHE_NAME_SIZE]);
/* What may stand in such a file beside a keyring: without what could renew it. False when out is full. */
bool cli_cache_format(const struct token *token, struct buffer *out) MUST_CHECK;
/* ERROR_STORE for what is no such file (a client registration, a half-written one); it is not quoted. */
bool cli_cache_parse(const char *data, size_t len, struct cli_token **ret, struct error *err) MUST_CHECK;
