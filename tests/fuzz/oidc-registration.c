/* RegisterClient's reply. */
#include "aws/oidc.h"

#include "reply.h"

static char scope[] = "sso:account:access";
static char *const scopes[] = {scope, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_(registration_freep) struct registration *registration = NULL;
	struct error err = {0};

	if (!oidc_read_registration(&input.reply, size % 2 ? FLOW_BROWSER : FLOW_DEVICE, scopes,
				    "https://oidc.eu-west-1.amazonaws.com", &registration, &err)) {
		REQUIRE(!registration);
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(err.kind == ERROR_NONE);
	REQUIRE(*registration->client_id && secret_len(registration->client_secret) > 0);
	REQUIRE(registration->expires_at >= 0 && *registration->scopes);
	return 0;
}
