/* What an item of a keyring holds, in which any program may write. */
#include "stores/envelope.h"

#include "fuzz.h"

#define OUT_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buffer_clearp) struct buffer secret = BUFFER_INIT(OUT_MAX, &buffer_heap);
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	const char *text;
	int64_t generation;
	struct error err = {0};
	size_t len;

	if (!envelope_parse((const char *)data, size, &generation, &text, &len, &err)) {
		require_printable_error(&err);
		REQUIRE(err.kind == ERROR_STORE);
		return 0;
	}
	REQUIRE(generation >= 0 && len > 0 && len < size);
	if (!buffer_append(&secret, text, len))
		return 0;
	/* There is one way to write it. */
	REQUIRE(envelope_append(&out, generation, &secret));
	REQUIRE(out.len == size && memcmp(out.data, data, size) == 0);
	return 0;
}
