#include "ipc/message.h"

#include "base/json.h"
#include "check.h"

static struct error err;

static bool parse_request(const char *text, struct message_request *ret)
{
	err = (struct error){.kind = ERROR_NONE};
	return message_parse_request(text, strlen(text), ret, &err);
}

static bool parse_reply(const char *text, struct message_reply *ret)
{
	err = (struct error){.kind = ERROR_NONE};
	return message_parse_reply(text, strlen(text), ret, &err);
}

static void a_request_is_taken_apart(void)
{
	struct message_request request;

	CHECK(parse_request("{\"method\":\"a.B\",\"parameters\":{\"x\":1},\"more\":true,\"other\":[]}",
			    &request));
	CHECK_STR(request.method, "a.B");
	CHECK(json_integer_value(json_object_get(request.parameters, "x")) == 1);
	CHECK(request.more && !request.oneway);
	message_request_done(&request);
	CHECK(parse_request(" {\"method\":\"a.B\",\"oneway\":true} \n", &request));
	CHECK(request.oneway && !request.more && json_object_size(request.parameters) == 0);
	message_request_done(&request);
	message_request_done(&request);
}

static void a_request_that_is_none_is_refused(void)
{
	static const char *const cases[] = {
		"",
		"{",
		"[]",
		"\"x\"",
		"{}",
		"{\"method\":\"\"}",
		"{\"method\":5}",
		"{\"method\":null}",
		"{\"method\":\"a\",\"method\":\"b\"}",
		"{\"method\":\"a\",\"parameters\":[]}",
		"{\"method\":\"a\",\"more\":1}",
		"{\"method\":\"a\",\"oneway\":\"true\"}",
		"{\"method\":\"a\"} x",
		"{\"method\":\"a\"}{}",
		"{\"method\":\"\xff\"}",
		"{\"method\":\"a\\u0000b\"}",
	};
	struct message_request request;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(!parse_request(cases[i], &request));
		CHECK(err.kind == ERROR_UNAVAILABLE);
	}
}

/* As some clients write what they do not mean. */
static void a_member_that_is_null_is_not_there(void)
{
	struct message_request request;
	struct message_reply reply;

	CHECK(parse_request(
		"{\"method\":\"a\",\"parameters\":null,\"more\":null,\"oneway\":null,\"upgrade\":null}",
		&request));
	CHECK(json_is_object(request.parameters) && json_object_size(request.parameters) == 0);
	CHECK(!request.more && !request.oneway);
	message_request_done(&request);
	CHECK(parse_reply("{\"parameters\":null,\"continues\":null,\"error\":null}", &reply));
	CHECK(json_is_object(reply.parameters) && !reply.continues && !reply.error);
	message_reply_done(&reply);
}

static void deep_nesting_is_refused(void)
{
	size_t n = 60000;
	char *text = malloc(n + 1);
	struct message_request request;

	memset(text, '[', n);
	memcpy(text, "{\"method\":\"a\",\"parameters\":", 27);
	text[n] = '\0';
	CHECK(!parse_request(text, &request));
	free(text);
}

static void a_reply_is_taken_apart(void)
{
	struct message_reply reply;

	CHECK(parse_reply("{\"parameters\":{\"x\":1},\"continues\":true}", &reply));
	CHECK(reply.continues && !reply.error);
	CHECK(json_integer_value(json_object_get(reply.parameters, "x")) == 1);
	message_reply_done(&reply);
	CHECK(parse_reply("{}", &reply));
	CHECK(!reply.continues && !reply.error && json_object_size(reply.parameters) == 0);
	message_reply_done(&reply);
	CHECK(parse_reply("{\"error\":\"a.E\",\"parameters\":{\"message\":\"m\"}}", &reply));
	CHECK_STR(reply.error, "a.E");
	message_reply_done(&reply);
}

static void a_reply_that_is_none_is_refused_and_not_quoted(void)
{
	static const char *const cases[] = {
		"",
		"{\"parameters\":{\"SecretAccessKey\":\"hunter2\"}",
		"{\"parameters\":{\"SecretAccessKey\":\"hunter2}",
		"{\"parameters\":[\"hunter2\"]}",
		"{\"error\":5}",
		"{\"error\":\"\"}",
		"{\"error\":\"a.E\",\"continues\":true}",
		"{\"continues\":\"yes\"}",
		"hunter2",
	};
	struct message_reply reply;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(!parse_reply(cases[i], &reply));
		CHECK(err.kind == ERROR_UNAVAILABLE && !strstr(err.message, "hunter2"));
	}
}

static void messages_are_compact_and_end_in_a_nul(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(1000, &buffer_heap);
	_cleanup_json_ json_t *parameters = json_pack("{s:s,s:i}", "b", "\xc3\xa4/\"", "a", 1);

	CHECK(message_append_request(&out, "a.B", parameters, true));
	CHECK_STR(out.data,
		  "{\"method\":\"a.B\",\"parameters\":{\"b\":\"\xc3\xa4/\\\"\",\"a\":1},\"more\":true}");
	CHECK(out.len == strlen(out.data) + 1);
	buffer_clear(&out);
	CHECK(message_append_request(&out, "a.B", NULL, false));
	CHECK_STR(out.data, "{\"method\":\"a.B\",\"parameters\":{}}");
	buffer_clear(&out);
	CHECK(message_append_reply(&out, parameters, false));
	CHECK_STR(out.data, "{\"parameters\":{\"b\":\"\xc3\xa4/\\\"\",\"a\":1}}");
	buffer_clear(&out);
	CHECK(message_append_reply(&out, NULL, true));
	CHECK_STR(out.data, "{\"parameters\":{},\"continues\":true}");
	buffer_clear(&out);
	CHECK(message_append_error(&out, "a.E", parameters));
	CHECK_STR(out.data, "{\"error\":\"a.E\",\"parameters\":{\"b\":\"\xc3\xa4/\\\"\",\"a\":1}}");
}

static void what_was_written_can_be_read(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(1000, &buffer_heap);
	_cleanup_json_ json_t *parameters = json_pack("{s:s}", "a", "\n\"");
	struct message_request request;
	struct message_reply reply;
	size_t len;

	CHECK(message_append_request(&out, "a.B", parameters, true));
	CHECK(message_append_error(&out, "a.E", parameters));
	CHECK(message_find_end(out.data, out.len, &len));
	CHECK(message_parse_request(out.data, len, &request, &err));
	CHECK(json_equal(request.parameters, parameters) && request.more);
	message_request_done(&request);
	buffer_consume(&out, len + 1);
	CHECK(message_find_end(out.data, out.len, &len) && len + 1 == out.len);
	CHECK(message_parse_reply(out.data, len, &reply, &err));
	CHECK_STR(reply.error, "a.E");
	message_reply_done(&reply);
}

/* At every size: all of it, or nothing. */
static void what_does_not_fit_leaves_the_buffer_as_it_was(void)
{
	_cleanup_json_ json_t *parameters = json_pack("{s:s}", "key", "value");
	size_t need = sizeof("before{\"parameters\":{\"key\":\"value\"},\"continues\":true}");

	for (size_t max = 6; max <= need; max++) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(max, &buffer_heap);

		CHECK(buffer_append_text(&out, "before"));
		CHECK(message_append_reply(&out, parameters, true) == (max == need));
		CHECK(max == need || out.len == 6);
		CHECK(strncmp(out.data, "before", 6) == 0);
	}
	for (size_t max = 0; max < need - 6; max++) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(max, &buffer_heap);

		CHECK(!message_append_reply(&out, parameters, true));
		CHECK(out.len == 0);
	}
}

static void a_name_that_would_break_the_message_is_refused(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(1000, &buffer_heap);

	CHECK(!message_append_request(&out, "a\"b", NULL, false));
	CHECK(!message_append_request(&out, "", NULL, false));
	CHECK(!message_append_error(&out, "a\n", NULL));
	CHECK(out.len == 0);
}

static void the_end_is_the_first_nul(void)
{
	size_t len = 77;

	CHECK(!message_find_end("", 0, &len));
	CHECK(!message_find_end("abc", 3, &len));
	CHECK(len == 77);
	CHECK(message_find_end("abc\0def\0", 8, &len) && len == 3);
	CHECK(message_find_end("\0", 1, &len) && len == 0);
}

int main(void)
{
	a_request_is_taken_apart();
	a_request_that_is_none_is_refused();
	a_member_that_is_null_is_not_there();
	deep_nesting_is_refused();
	a_reply_is_taken_apart();
	a_reply_that_is_none_is_refused_and_not_quoted();
	messages_are_compact_and_end_in_a_nul();
	what_was_written_can_be_read();
	what_does_not_fit_leaves_the_buffer_as_it_was();
	a_name_that_would_break_the_message_is_refused();
	the_end_is_the_first_nul();
	return 0;
}
