/* What the AWS CLI and the SDKs have left in ~/.aws/sso/cache. */
#include "aws/cli_cache.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(cli_token_freep) struct cli_token *token = NULL;
	struct error err = {0};

	if (!cli_cache_parse((const char *)data, size, &token, &err)) {
		REQUIRE(!token);
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(token->start_url && token->region && secret_len(token->access_token) > 0);
	REQUIRE(!token->refresh_token == !token->client_id && !token->client_id == !token->client_secret);
	return 0;
}
