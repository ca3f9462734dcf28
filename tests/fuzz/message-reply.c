/* What a daemon, or something that poses as one, may send to the command line. */
#include "fuzz.h"

#include "ipc/error_name.h"
#include "ipc/message.h"

#define OUT_MAX (1024 * 1024)

static bool append(struct buffer *out, const struct message_reply *reply)
{
	return reply->error ? message_append_error(out, reply->error, reply->parameters)
			    : message_append_reply(out, reply->parameters, reply->continues);
}

static void require_round_trip(const struct message_reply *reply)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	struct message_reply again;
	struct error err;
	size_t len;

	if (!append(&out, reply)) {
		REQUIRE(out.len == 0);
		return;
	}
	REQUIRE(message_find_end(out.data, out.len, &len) && len == out.len - 1);
	REQUIRE(message_parse_reply(out.data, len, &again, &err));
	REQUIRE(!again.error == !reply->error && again.continues == reply->continues);
	REQUIRE(json_equal(again.parameters, reply->parameters));
	message_reply_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_reply reply;
	struct error err = {0};

	if (!message_parse_reply((const char *)data, size, &reply, &err)) {
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(err.kind == ERROR_NONE);
	REQUIRE(json_is_object(reply.parameters));
	REQUIRE(!reply.error || (reply.error[0] && !reply.continues));
	if (reply.error)
		REQUIRE(error_kind_of_name(reply.error) != ERROR_NONE);
	require_round_trip(&reply);
	message_reply_done(&reply);
	return 0;
}
