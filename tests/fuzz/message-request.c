/* What any peer may send to the socket. */
#include "fuzz.h"

#include "ipc/message.h"

#define OUT_MAX (1024 * 1024)

/* A name that could not be sent is one that no method has. */
static void require_round_trip(const struct message_request *request)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	struct message_request again;
	struct error err;
	size_t len;

	if (!message_append_request(&out, request->method, request->parameters, request->more)) {
		REQUIRE(out.len == 0);
		return;
	}
	REQUIRE(message_find_end(out.data, out.len, &len) && len == out.len - 1);
	REQUIRE(message_parse_request(out.data, len, &again, &err));
	REQUIRE(strcmp(again.method, request->method) == 0 && again.more == request->more);
	REQUIRE(json_equal(again.parameters, request->parameters));
	message_request_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_request request;
	struct error err = {0};
	size_t len;

	if (message_find_end((const char *)data, size, &len)) {
		REQUIRE(len < size && data[len] == '\0');
		size = len;
	}
	if (!message_parse_request((const char *)data, size, &request, &err)) {
		require_error(&err);
		return 0;
	}
	REQUIRE(err.kind == ERROR_NONE);
	REQUIRE(request.method[0] && json_is_object(request.parameters));
	require_round_trip(&request);
	message_request_done(&request);
	return 0;
}
