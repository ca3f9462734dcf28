/* GetRoleCredentials' reply: what becomes of it must be a document that the shim takes. */
#include "aws/portal.h"
#include "iamic/protocol.h"
#include "reply.h"
#include "shim/reply.h"

#define NOW 1700000000

static void require_document(const struct credentials *credentials)
{
	static const char before[] = "{\"parameters\":";
	static struct reply reply;

	reply = (struct reply){.len = 0};
	REQUIRE(reply_feed(&reply, before, strlen(before)) == REPLY_PARTIAL);
	REQUIRE(reply_feed(&reply, secret_text(credentials->document), secret_len(credentials->document)) ==
		REPLY_PARTIAL);
	REQUIRE(reply_feed(&reply, "}", 2) == REPLY_CREDENTIALS);
	REQUIRE(reply.document_len == secret_len(credentials->document) + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_(credentials_freep) struct credentials *credentials = NULL;
	struct error err = {0};
	enum portal_outcome outcome =
		portal_read_role_credentials(&input.reply, "012345678901", "Admin", NOW, &credentials, &err);

	REQUIRE((outcome == PORTAL_OK) == (credentials != NULL));
	if (credentials) {
		_cleanup_(role_keys_freep) struct role_keys *keys = credentials_keys(credentials);

		REQUIRE(credentials->expires_at > NOW && credentials->granted_at == NOW);
		REQUIRE(!credentials_are_expired(credentials, NOW) && keys);
		require_document(credentials);
	} else if (outcome != PORTAL_UNAUTHORIZED) {
		require_printable_error(&err);
	}
	return 0;
}
