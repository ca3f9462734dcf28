#include "aws/federation.h"

#include "aws.h"
#include "aws/credentials.h"
#include "base/xalloc.h"
#include "check.h"

#define ENDPOINT "https://signin.aws.amazon.com"

static struct role_keys *some_keys(const char *session_token)
{
	struct role_keys *keys = xcalloc(1, sizeof(*keys));

	keys->access_key_id = secret_new("ASIAEXAMPLE", 11);
	keys->secret_access_key = secret_new("a/b+c", 5);
	keys->session_token = secret_new(session_token, strlen(session_token));
	return keys;
}

static void check_request(const struct aws_request *request)
{
	CHECK_STR(request->url, ENDPOINT "/federation");
	CHECK_STR(request->content_type, "application/x-www-form-urlencoded");
	CHECK_STR(request->body.data, "Action=getSigninToken&Session=%7B%22sessionId%22%3A%22ASIAEXAMPLE%22%"
				      "2C%22sessionKey%22%3A%22"
				      "a%2Fb%2Bc%22%2C%22sessionToken%22%3A%22t%22%7D");
	CHECK(request->is_post && request->is_reply_secret && !request->sign_with && !request->bearer);
}

static void the_keys_go_into_the_body_alone(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	federation_write_signin_token(&request, ENDPOINT, some_keys("t"));
	check_request(&request);
	CHECK(request.body.memory == &secret_memory);
}

static void a_full_arena_is_no_hindrance(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	struct role_keys *keys = some_keys("t");
	static struct hoard hoard;

	hoard_fill(&hoard);
	federation_write_signin_token(&request, ENDPOINT, keys);
	hoard_release(&hoard);
	check_request(&request);
}

static void keys_that_are_too_long_are_not_sent_in_part(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	_cleanup_free_ char *token = xcalloc(1, 40001);

	memset(token, 't', 40000);
	federation_write_signin_token(&request, ENDPOINT, some_keys(token));
	CHECK(request.body.len == 0);
}

static void a_link_is_made_of_the_answer(void)
{
	_cleanup_(buffer_clearp) struct buffer link = BUFFER_INIT(4096, &buffer_heap),
					       small = BUFFER_INIT(80, &buffer_heap);
	struct aws_reply reply = reply_of(200, "{\"SigninToken\":\"a+b\"}");
	_cleanup_json_ json_t *token = NULL;
	struct error err;

	CHECK(federation_read_signin_token(&reply, &token, &err));
	CHECK(federation_append_link(&link, ENDPOINT, "https://d-1.awsapps.com/start", "https://c/?a=b",
				     token));
	CHECK_STR(link.data, ENDPOINT "/federation?Action=login&Issuer=https%3A%2F%2Fd-1.awsapps.com%2Fstart&"
				      "Destination=https%3A%2F%2Fc%2F%3Fa%3Db&SigninToken=a%2Bb");
	CHECK(!federation_append_link(&small, ENDPOINT, "https://d-1.awsapps.com/start", "https://c/",
				      token));
}

static void every_other_answer_is_an_error_without_a_secret(void)
{
	static const struct {
		long status;
		const char *body;
		enum error_kind kind;
	} rows[] = {
		{200, "{\"SigninToken\":1}", ERROR_UNAVAILABLE},
		{200, "{\"SigninToken\":\"\"}", ERROR_UNAVAILABLE},
		{200, "{\"Other\":\"" SECRET "\"}", ERROR_UNAVAILABLE},
		{200, SECRET, ERROR_UNAVAILABLE},
		{200, "", ERROR_UNAVAILABLE},
		{400, "{\"error\":\"InvalidSession\",\"message\":\"no\"}", ERROR_DENIED},
		{400, "", ERROR_UNAVAILABLE},
		{500, "{\"error\":\"InvalidSession\"}", ERROR_UNAVAILABLE},
		{503, SECRET, ERROR_UNAVAILABLE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct aws_reply reply = reply_of(rows[i].status, rows[i].body);
		json_t *token = NULL;
		struct error err = {0};

		CHECK(!federation_read_signin_token(&reply, &token, &err) && !token);
		check_message(&err, "getSigninToken");
		CHECK(err.kind == rows[i].kind);
	}
}

int main(void)
{
	use_memory_as_the_daemon_does();
	the_keys_go_into_the_body_alone();
	a_full_arena_is_no_hindrance();
	keys_that_are_too_long_are_not_sent_in_part();
	a_link_is_made_of_the_answer();
	every_other_answer_is_an_error_without_a_secret();
	return 0;
}
