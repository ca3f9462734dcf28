#include "base/buffer.h"
#include "check.h"
#include "stores/envelope.h"

static struct buffer text(const char *text)
{
	struct buffer buffer = BUFFER_INIT(1000, &buffer_heap);

	CHECK(buffer_append_text(&buffer, text));
	return buffer;
}

static bool parses(const char *data, size_t len)
{
	const char *secret;
	int64_t generation;
	struct error err;
	size_t n;

	return envelope_parse(data, len, &generation, &secret, &n, &err);
}

static void what_is_put_in_comes_out(void)
{
	static const char *const secrets[] = {"x", "{\"a\":1}", "iamic:1:2:x", "two\nlines\n",
					      "\xe2\x9c\x93"};
	static const int64_t generations[] = {0, 1, 10, INT64_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(generations); j++) {
			_cleanup_(buffer_clearp) struct buffer secret = text(secrets[i]);
			_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(1000, &buffer_heap);
			const char *got;
			int64_t generation;
			struct error err;
			size_t len;

			CHECK(envelope_append(&data, generations[j], &secret));
			CHECK(envelope_parse(data.data, data.len, &generation, &got, &len, &err));
			CHECK(generation == generations[j]);
			CHECK(len == secret.len && memcmp(got, secrets[i], len) == 0);
		}
	}
}

static void its_form_is_one_that_older_items_have(void)
{
	_cleanup_(buffer_clearp) struct buffer secret = text("s");
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(1000, &buffer_heap);

	CHECK(envelope_append(&data, 7, &secret));
	CHECK_STR(data.data, "iamic:1:7:s");
}

static void what_does_not_fit_is_refused(void)
{
	_cleanup_(buffer_clearp) struct buffer secret = text("0123456789");
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(15, &buffer_heap);

	CHECK(!envelope_append(&data, 7, &secret));
}

static void every_cut_of_it_is_refused(void)
{
	static const char whole[] = "iamic:1:42:s";

	CHECK(parses(whole, strlen(whole)));
	for (size_t n = 0; n < strlen(whole); n++) {
		char *cut = strndup(whole, n); /* so that a sanitizer sees a step beyond it */

		CHECK(!parses(cut, n));
		free(cut);
	}
}

static void whatever_is_not_one_is_refused(void)
{
	static const char *const others[] = {
		"iamic:1:-1:s",
		"iamic:1:+1:s",
		"iamic:1: 1:s",
		"iamic:1:01:s",
		"iamic:1:00:s",
		"iamic:1:0x1:s",
		"iamic:1:1s",
		"iamic:1::s",
		"Iamic:1:1:s",
		" iamic:1:1:s",
		"iamic:1:9223372036854775808:s",
		"iamic:1:99999999999999999999999:s",
		"iamic:1:1:\xff",
		"iamic:1:1:\xed\xa0\x80",
		"hunter2",
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK(!parses(others[i], strlen(others[i])));
	CHECK(!parses("iamic:1:1:a\0b", 13));
}

static void an_error_says_who_wrote_it_and_quotes_nothing(void)
{
	static const struct {
		const char *data, *want;
	} cases[] = {
		{"hunter2", "it does not hold what iamic writes"},
		{"iamic:2:hunter2", "a newer version of iamic wrote it"},
		{"iamic:1:hunter2", "something else than iamic has changed it"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *secret;
		int64_t generation;
		struct error err;
		size_t len;

		CHECK(!envelope_parse(cases[i].data, strlen(cases[i].data), &generation, &secret, &len,
				      &err));
		CHECK(err.kind == ERROR_STORE);
		CHECK_STR(err.message, cases[i].want);
	}
}

int main(void)
{
	what_is_put_in_comes_out();
	its_form_is_one_that_older_items_have();
	what_does_not_fit_is_refused();
	every_cut_of_it_is_refused();
	whatever_is_not_one_is_refused();
	an_error_says_who_wrote_it_and_quotes_nothing();
	return 0;
}
