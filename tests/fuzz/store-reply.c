/* What a store helper, which may be anybody's, writes on stdout. */
#include "ipc/store_message.h"

#include "fuzz.h"

static bool same(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

static void require_round_trip(const struct store_reply *reply)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(STORE_MESSAGE_MAX * 2, &buffer_heap);
	_cleanup_(store_reply_donep) struct store_reply again = {0};
	struct error err;

	REQUIRE(store_reply_append(&out, reply));
	REQUIRE(store_reply_parse(out.data, out.len, &buffer_heap, &again, &err));
	REQUIRE(again.state == reply->state && again.generation == reply->generation);
	REQUIRE(same(again.message, reply->message) && same(again.protects, reply->protects));
	REQUIRE(again.secret.len == reply->secret.len && again.key.len == reply->key.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(store_reply_donep) struct store_reply reply = {0};
	struct error err = {0};

	if (!store_reply_parse((const char *)data, size, &buffer_heap, &reply, &err)) {
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(!reply.message || !text_has_controls(reply.message));
	REQUIRE(!reply.protects || !text_has_controls(reply.protects));
	require_round_trip(&reply);
	return 0;
}
