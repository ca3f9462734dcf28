/* GetCallerIdentity's reply. */
#include "aws/sts.h"

#include "base/json.h"
#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_json_ json_t *identity = NULL;
	struct error err = {0};

	if (!sts_read_caller_identity(&input.reply, &identity, &err)) {
		REQUIRE(!identity);
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(json_string_value(json_object_get(identity, "Account")));
	REQUIRE(json_string_value(json_object_get(identity, "UserId")));
	const char *arn = json_string_value(json_object_get(identity, "Arn"));
	REQUIRE(arn);
	_cleanup_free_ char *user = sts_user_of_arn(arn);
	REQUIRE(!user || strstr(arn, user));
	return 0;
}
