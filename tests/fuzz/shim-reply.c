/* The daemon's reply as the shim takes it in: cut anywhere, it must mean the same. */
#include "shim/reply.h"

#include "fuzz.h"

#define PIECE_MAX 64

/* dice: NULL for one piece. */
static enum reply_state feed(struct reply *reply, const char *data, size_t size, struct dice *dice)
{
	enum reply_state state = REPLY_PARTIAL;

	*reply = (struct reply){.len = 0};
	while (size > 0 && state == REPLY_PARTIAL) {
		size_t n = dice ? dice_roll(dice, PIECE_MAX) : size;

		n = n < size ? n : size;
		state = reply_feed(reply, data, n);
		data += n;
		size -= n;
	}
	return state;
}

static void require_document(const struct reply *reply)
{
	REQUIRE(reply->document >= reply->data && reply->document_len >= 2);
	REQUIRE(reply->document + reply->document_len <= reply->data + sizeof(reply->data));
	REQUIRE(reply->document[0] == '{');
	REQUIRE(reply->document[reply->document_len - 2] == '}');
	REQUIRE(reply->document[reply->document_len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice dice = dice_of(data, size);
	struct reply *whole = xcalloc(1, sizeof(*whole)), *pieces = xcalloc(1, sizeof(*pieces));
	enum reply_state state = feed(whole, (const char *)data, size, NULL);

	REQUIRE(feed(pieces, (const char *)data, size, &dice) == state);
	if (state == REPLY_CREDENTIALS) {
		require_document(whole);
		REQUIRE(pieces->document_len == whole->document_len);
		REQUIRE(memcmp(pieces->document, whole->document, whole->document_len) == 0);
	} else if (state == REPLY_ERROR) {
		require_printable_error(&whole->error);
		REQUIRE(strcmp(pieces->error.message, whole->error.message) == 0);
	}
	free(whole);
	free(pieces);
	return 0;
}
