#include <openssl/crypto.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/wipe.h"
#include "check.h"

static bool is_refused(const char *data, size_t len)
{
	json_t *json = NULL;
	struct error err = {0};
	bool refused = !json_parse_object(data, len, "the input", &json, &err);

	if (refused)
		CHECK(!json && err.kind == ERROR_UNAVAILABLE && strncmp(err.message, "the input ", 10) == 0);
	json_decref(json);
	return refused;
}

static void an_object_is_read(void)
{
	_cleanup_json_ json_t *json = NULL;
	struct error err;

	CHECK(json_parse_object("{\"a\":1,\"b\":[true,null]}", 23, "the input", &json, &err));
	CHECK(json_integer_value(json_object_get(json, "a")) == 1);
}

static void what_is_no_object_is_refused(void)
{
	static const char *const cases[] = {
		"",
		" ",
		"null",
		"[]",
		"\"text\"",
		"42",
		"{",
		"{\"a\":1",
		"{\"a\":1}}",
		"{\"a\":1} x",
		"{\"a\":1,\"a\":2}",
		"{'a':1}",
		"{\"a\":99999999999999999999}",
		"{\"a\":1e999}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\n\"}",
		"<html></html>",
		"\xef\xbb\xbf{}",
	};
	static const char nul[] = "{}\0";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!is_refused(cases[i], strlen(cases[i]))) {
			fprintf(stderr, "taken: %s\n", cases[i]);
			exit(1);
		}
	}
	CHECK(is_refused(nul, 3));
	CHECK(is_refused(NULL, 0));
}

static void depth_is_bounded(void)
{
	static char deep[100000];

	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	CHECK(is_refused(deep, sizeof(deep)));
}

static void every_truncation_is_refused(void)
{
	static const char whole[] = "{\"accessToken\":\"abc\",\"expiresIn\":3600}";

	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		CHECK(is_refused(whole, len));
	CHECK(!is_refused(whole, sizeof(whole) - 1));
}

static void a_secret_is_never_quoted(void)
{
	static const char data[] = "{\"accessToken\":\"hunter2\" oops";
	json_t *json = NULL;
	struct error err;

	CHECK(!json_parse_secret(data, strlen(data), "the reply", &json, &err));
	CHECK(!strstr(err.message, "hunter2") && !strstr(err.message, "oops"));
	CHECK_STR(err.message, "the reply is not a JSON object");
	CHECK(!json);
}

static void secret_values_live_in_the_arena(void)
{
	static const char data[] = "{\"accessToken\":\"hunter2-hunter2-hunter2\"}";
	_cleanup_json_ json_t *secret = NULL, *plain = NULL, *packed = NULL, *other = NULL;
	struct error err;

	CHECK(json_parse_secret(data, strlen(data), "the reply", &secret, &err));
	CHECK(CRYPTO_secure_allocated(json_string_value(json_object_get(secret, "accessToken"))));
	CHECK(json_parse_object(data, strlen(data), "the reply", &plain, &err));
	CHECK(!CRYPTO_secure_allocated(json_string_value(json_object_get(plain, "accessToken"))));
	packed = json_pack_secret("{s:s}", "refreshToken", "hunter2");
	CHECK(CRYPTO_secure_allocated(json_string_value(json_object_get(packed, "refreshToken"))));
	CHECK(!json_pack_secret("{s:s}", "refreshToken", "\xff"));
	other = json_string("hunter2");
	CHECK(!CRYPTO_secure_allocated(json_string_value(other)));
}

static void writing_is_compact_and_bounded(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(24, &buffer_heap);
	_cleanup_json_ json_t *json = json_pack("{s:s, s:i}", "a", "x\"\\/\n", "b", 2);

	CHECK(json_append(&b, json));
	CHECK_STR(b.data, "{\"a\":\"x\\\"\\\\/\\n\",\"b\":2}");
	CHECK(!json_append(&b, json));
}

int main(void)
{
	static const struct json_memory memory = {
		.alloc = wipe_malloc, .alloc_secret = secret_malloc, .release = secret_release};
	bool locked;

	CHECK(secret_init(&locked));
	json_use_memory(&memory);
	an_object_is_read();
	what_is_no_object_is_refused();
	depth_is_bounded();
	every_truncation_is_refused();
	a_secret_is_never_quoted();
	secret_values_live_in_the_arena();
	writing_is_compact_and_bounded();
	return 0;
}
