/* A line split into words; what is put into quotes and split again is the same. */
#include "aws/words.h"

#include "base/buffer.h"
#include "fuzz.h"

#define OUT_MAX (1024 * 1024)

static void append_quoted(struct buffer *out, const char *word)
{
	REQUIRE(buffer_append_text(out, " '"));
	for (; *word; word++)
		REQUIRE(*word == '\'' ? buffer_append_text(out, "'\"'\"'") : buffer_append(out, word, 1));
	REQUIRE(buffer_append_text(out, "'"));
}

static void require_round_trip(char **words, size_t n)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	size_t n_again;

	REQUIRE(buffer_append_text(&out, ""));
	for (size_t i = 0; i < n; i++)
		append_quoted(&out, words[i]);
	_cleanup_free_ char **again = words_split(out.data, &n_again);
	REQUIRE(again && n_again == n);
	for (size_t i = 0; i < n; i++)
		REQUIRE(strcmp(again[i], words[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *line = text_of(data, size);
	size_t n;
	_cleanup_free_ char **words = words_split(line, &n);

	if (!words)
		return 0;
	REQUIRE(!words[n]);
	require_round_trip(words, n);
	return 0;
}
