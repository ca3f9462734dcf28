/* What a store helper reads on stdin. */
#include "ipc/store_message.h"

#include "fuzz.h"

static void require_round_trip(const struct store_request *request)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(STORE_MESSAGE_MAX * 2, &buffer_heap);
	_cleanup_(store_request_donep) struct store_request again = {0};
	struct error err;

	REQUIRE(store_request_append(&out, request));
	REQUIRE(store_request_parse(out.data, out.len, &buffer_heap, &again, &err));
	REQUIRE(strcmp(again.name, request->name) == 0 && again.generation == request->generation);
	REQUIRE(strcmp(again.start_url, request->start_url) == 0);
	REQUIRE(strcmp(again.region, request->region) == 0);
	REQUIRE(strcmp(again.key_source, request->key_source) == 0);
	REQUIRE(again.secret.len == request->secret.len && again.key.len == request->key.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(store_request_donep) struct store_request request = {0};
	struct error err = {0};

	if (store_request_parse((const char *)data, size, &buffer_heap, &request, &err))
		require_round_trip(&request);
	else
		require_printable_error(&err);
	return 0;
}
