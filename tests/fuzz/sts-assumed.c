/* AssumeRole's reply: what becomes of it must be a document that signs, and that the shim takes. */
#include "aws/sts.h"

#include "reply.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_(assumption_freep) struct assumption *assumption =
		assumption_new("arn:aws:iam::012345678901:role/Admin");
	_cleanup_(credentials_freep) struct credentials *credentials = NULL;
	struct error err = {0};
	enum grant_outcome outcome = sts_read_assumed_role(&input.reply, assumption, NOW, &credentials, &err);

	REQUIRE((outcome == GRANT_OK) == (credentials != NULL));
	if (credentials) {
		_cleanup_(role_keys_freep) struct role_keys *keys = credentials_keys(credentials);

		REQUIRE(credentials->expires_at > NOW && credentials->granted_at == NOW && keys);
	} else {
		require_printable_error(&err);
	}
	return 0;
}
