/* What a store gives back. */
#include "aws/token.h"

#include "fuzz.h"

#define OUT_MAX (1024 * 1024)

static void require_sound(const struct token *token)
{
	REQUIRE(secret_len(token->access_token) > 0);
	REQUIRE(token->start_url && token->region && token->oidc_origin && token->portal_origin);
	REQUIRE(token->client_id);
	/* No time in a document is so odd that arithmetic with it overflows. */
	REQUIRE(!token_is_expired(token, INT64_MIN / 4));
	token_is_fresh(token, 0);
	token_refresh_at(token, 1023);
}

static void require_round_trip(const struct token *token, const struct registrations *registrations)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	_cleanup_(registrations_donep) struct registrations second = {0};
	_cleanup_(token_freep) struct token *first = NULL;
	struct error err;

	REQUIRE(token_format(token, registrations, &out));
	REQUIRE(token_parse(out.data, out.len, &first, &second, &err));
	REQUIRE(!first == !token);
	if (token) {
		REQUIRE(token_is_bound_to(first, token->start_url, token->region, token->oidc_origin,
					  token->portal_origin));
		REQUIRE(secret_is_equal(first->access_token, secret_text(token->access_token),
					secret_len(token->access_token)));
		REQUIRE(first->expires_at == token->expires_at && first->issued_at == token->issued_at);
		REQUIRE(!first->refresh_token == !token->refresh_token);
	}
	for (size_t i = 0; i < N_FLOWS; i++) {
		REQUIRE(!second.of[i] == !registrations->of[i]);
		if (second.of[i])
			REQUIRE(second.of[i]->expires_at == registrations->of[i]->expires_at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err = {0};

	if (!token_parse((const char *)data, size, &token, &registrations, &err)) {
		REQUIRE(!token && !registrations.of[FLOW_DEVICE] && !registrations.of[FLOW_BROWSER]);
		require_printable_error(&err);
		return 0;
	}
	if (token)
		require_sound(token);
	for (size_t i = 0; i < N_FLOWS; i++) {
		const struct registration *registration = registrations.of[i];

		REQUIRE(!registration ||
			(registration->client_id && secret_len(registration->client_secret) > 0));
	}
	require_round_trip(token, &registrations);
	return 0;
}
