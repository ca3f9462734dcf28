/* A request to a server on loopback, from any process of this machine and any page of a browser. */
#include "daemon/http_head.h"

#include "fuzz.h"

static void require_sound(const struct http_head *head, const char *data, size_t size)
{
	const char *const texts[] = {head->method, head->path, head->query};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		REQUIRE(texts[i] >= data && texts[i] + strlen(texts[i]) < data + size);
	REQUIRE(*head->method && *head->path == '/' && !strchr(head->path, '?'));
	REQUIRE(head->n_headers <= HTTP_HEAD_HEADERS);
	for (size_t i = 0; i < head->n_headers; i++) {
		const struct http_header *header = &head->headers[i];

		REQUIRE(*header->name && !strpbrk(header->name, " :\r\n"));
		REQUIRE(!strpbrk(header->value, "\r\n") && *header->value != ' ');
		REQUIRE(header->value + strlen(header->value) < data + size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = xcalloc(1, size + 1), *before = xcalloc(1, size + 1);
	struct http_head head;
	enum http_head_progress progress;

	if (size) {
		memcpy(text, data, size);
		memcpy(before, data, size);
	}
	progress = http_head_parse(text, size, &head);
	if (progress == HTTP_HEAD_WHOLE)
		require_sound(&head, text, size);
	else if (progress == HTTP_HEAD_MORE)
		REQUIRE(size < HTTP_HEAD_MAX && memcmp(text, before, size) == 0);
	return 0;
}
