/* What the sealed file holds, as one would make it who knows the key. */
#include "stores/documents.h"

#include "fuzz.h"

#define OUT_MAX (1024 * 1024)

static char a_name[] = "corp", an_address[] = "https://corp.awsapps.com/start", a_region[] = "eu-west-1";

static void read_input(const uint8_t *data, size_t size, struct buffer *ret)
{
	*ret = BUFFER_INIT(OUT_MAX, &buffer_heap);
	if (!buffer_append(ret, data, size))
		buffer_clear(ret);
}

static void require_round_trip(const struct documents *documents)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	_cleanup_(documents_done) struct documents again = {0};
	struct error err;

	if (!documents_append(&out, documents))
		return; /* text grows when it is escaped */
	REQUIRE(documents_parse(&out, "sealed", &again, &err));
	REQUIRE(json_equal(again.list, documents->list));
}

/* A session's document is put, found and removed among whatever there is. */
static void require_usable(struct documents *documents)
{
	_cleanup_(buffer_clearp) struct buffer secret = BUFFER_INIT(64, &buffer_heap);
	struct store_request request = {
		.name = a_name, .start_url = an_address, .region = a_region, .generation = 7};
	const char *text;
	int64_t generation;
	struct error err;

	REQUIRE(buffer_append_text(&secret, "a secret"));
	request.secret = secret;
	REQUIRE(documents_put(documents, &request, &err));
	REQUIRE(documents_find(documents, &request, &text, &generation));
	REQUIRE(strcmp(text, "a secret") == 0 && generation == 7);
	REQUIRE(documents_remove(documents, &request));
	REQUIRE(!documents_find(documents, &request, &text, &generation));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(documents_done) struct documents documents = {0};
	_cleanup_(buffer_clearp) struct buffer plain;
	struct error err = {0};

	read_input(data, size, &plain);
	if (!documents_parse(&plain, "sealed", &documents, &err)) {
		require_printable_error(&err);
		return 0;
	}
	require_round_trip(&documents);
	require_usable(&documents);
	return 0;
}
