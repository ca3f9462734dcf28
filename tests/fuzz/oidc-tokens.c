/* CreateToken's reply. */
#include "aws/oidc.h"

#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_(oidc_tokens_done) struct oidc_tokens tokens = {0};
	struct error err = {0};
	enum oidc_outcome outcome = oidc_read_tokens(&input.reply, FLOW_DEVICE, &tokens, &err);

	REQUIRE((outcome == OIDC_GRANTED) == (tokens.access_token != NULL));
	if (outcome == OIDC_GRANTED) {
		REQUIRE(secret_len(tokens.access_token) > 0 && tokens.expires_in_s >= 1);
		REQUIRE(!tokens.refresh_token || secret_len(tokens.refresh_token) > 0);
	} else if (outcome != OIDC_PENDING && outcome != OIDC_SLOW_DOWN) {
		require_printable_error(&err);
	}
	return 0;
}
