#include "aws/request.h"

#include "aws.h"
#include "aws/credentials.h"
#include "base/xalloc.h"
#include "check.h"

static struct aws_fault fault_of(long status, const char *error_type, const char *body)
{
	struct aws_reply reply = reply_of(status, body);
	struct aws_fault fault;

	memset(&fault, 'x', sizeof(fault));
	reply.error_type = error_type;
	aws_fault_read(&reply, &fault);
	return fault;
}

static void the_header_names_the_fault(void)
{
	static const char *const headers[] = {
		"SlowDownException",
		"SlowDownException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/",
		"com.amazonaws.sso#SlowDownException",
		"com.amazonaws.sso#SlowDownException:http://x/#y",
		"a#b#SlowDownException",
	};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		CHECK_STR(
			fault_of(400, headers[i], "{\"__type\":\"Other\",\"error\":\"invalid_grant\"}").name,
			"SlowDownException");
}

static void without_a_header_the_body_names_it(void)
{
	CHECK_STR(fault_of(401, NULL,
			   "{\"message\":\"Session token not found or invalid\","
			   "\"__type\":\"com.amazonaws.switchboard.portal#UnauthorizedException\"}")
			  .name,
		  "UnauthorizedException");
	CHECK_STR(fault_of(400, NULL, "{\"code\":\"A\",\"Code\":\"B\"}").name, "A");
	CHECK_STR(fault_of(400, NULL, "{\"code\":42,\"Code\":\"B\"}").name, "B");
	CHECK_STR(fault_of(400, "", "{\"__type\":\"T\",\"code\":\"A\"}").name, "T");
	CHECK_STR(fault_of(400, "not a name!", "{\"__type\":\"T\"}").name, "T");
}

static void errors_of_oidc_have_the_names_of_exceptions(void)
{
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"authorization_pending\"}").name,
		  "AuthorizationPendingException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"slow_down\"}").name, "SlowDownException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"expired_token\"}").name, "ExpiredTokenException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"access_denied\"}").name, "AccessDeniedException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"invalid_request\"}").name, "InvalidRequestException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"invalid_grant\"}").name, "InvalidGrantException");
	CHECK_STR(fault_of(401, NULL, "{\"error\":\"invalid_client\"}").name, "InvalidClientException");
	CHECK_STR(fault_of(500, NULL, "{\"error\":\"server_error\"}").name, "InternalServerException");
	CHECK_STR(fault_of(400, NULL, "{\"error\":\"something_new\"}").name, "something_new");
}

static void words_and_reason_are_taken_over(void)
{
	struct aws_fault fault =
		fault_of(400, NULL,
			 "{\"error\":\"invalid_request\",\"error_description\":\"the words\","
			 "\"reason\":\"KMS_DisabledException\"}");

	CHECK_STR(fault.message, "the words");
	CHECK_STR(fault.reason, "KMS_DisabledException");
	CHECK_STR(fault_of(400, NULL, "{\"message\":\"m\",\"error_description\":\"d\"}").message, "m");
	CHECK_STR(fault_of(400, NULL, "{\"message\":null,\"Message\":\"M\"}").message, "M");
	CHECK_STR(fault_of(400, NULL, "{\"error_description\":null,\"reason\":null}").message, "");
}

static void a_page_of_a_proxy_names_nothing(void)
{
	static const char *const bodies[] = {
		"",
		"<html><body>hunter2</body></html>",
		"hunter2",
		"[\"hunter2\"]",
		"\"hunter2\"",
		"{\"error\":",
		"{\"error\":{\"code\":\"A\"}}",
		"\xff\xfe{}",
		"{\"__type\":\"a b\"}",
		"{\"error\":\"\"}",
		"null",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct aws_fault fault = fault_of(502, NULL, bodies[i]);

		CHECK_STR(fault.name, "");
		CHECK_STR(fault.message, "");
		CHECK_STR(fault.reason, "");
	}
}

static void a_name_is_short_and_plain_or_none(void)
{
	char name[200];

	memset(name, 'A', sizeof(name));
	name[64] = '\0';
	CHECK_STR(fault_of(400, name, "{}").name, "");
	name[63] = '\0';
	CHECK_STR(fault_of(400, name, "{}").name, name);
	CHECK_STR(fault_of(400, ":x", "{}").name, "");
	CHECK_STR(fault_of(400, "x#", "{}").name, "");
	CHECK_STR(fault_of(400, "x\x1b[2J", "{}").name, "");
	CHECK_STR(fault_of(400, "%s%n", "{}").name, "");
}

static void words_are_one_printable_line(void)
{
	CHECK_STR(fault_of(400, NULL, "{\"message\":\"a\\nb\\u001b[2J \\u202e\\\"q\\\" \\\\\"}").message,
		  "a?b?[2J ?'q' /");
}

/* Of characters of 2 to 4 bytes, the cut falls behind each byte of one. */
static void words_end_with_a_whole_character(void)
{
	static const char *const characters[] = {"\xc3\xa9 ", "\xe2\x82\xac ", "\xf0\x9f\x94\x91 "};

	for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
		for (size_t shift = 0; shift < 6; shift++) {
			char body[2000] = "{\"message\":\"aaaaaa";
			size_t end = strlen(body) - shift, len = strlen(characters[i]);
			struct aws_fault fault;

			for (size_t n = 0; n < 100; n++, end += len)
				memcpy(body + end, characters[i], len);
			memcpy(body + end, "\"}", 3);
			fault = fault_of(400, NULL, body);
			CHECK(strlen(fault.message) > sizeof(fault.message) - 1 - len);
			CHECK(!strchr(fault.message, '?'));
		}
	}
}

static void what_is_as_long_as_a_token_is_left_out_of_words(void)
{
	char token[1401], body[2000];
	struct aws_fault fault;

	for (size_t i = 0; i < sizeof(token) - 1; i++)
		token[i] = "aoaHunter2+/=_-."[i % 16];
	token[sizeof(token) - 1] = '\0';
	snprintf(body, sizeof(body), "{\"message\":\"the token %s is bad\"}", token);
	fault = fault_of(400, NULL, body);
	CHECK_STR(fault.message, "the token * is bad");
	fault = fault_of(
		403, NULL,
		"{\"message\":\"User: arn:aws:sts::123456789012:assumed-role/"
		"AWSReservedSSO_AdministratorAccess_0123456789abcdef/alice@example.com is not authorized\"}");
	CHECK(strstr(fault.message, "AWSReservedSSO_AdministratorAccess_0123456789abcdef/alice@example.com"));
}

static void a_fault_can_come_from_another_form_than_json(void)
{
	struct aws_fault fault;

	aws_fault_set(&fault, "ExpiredToken", "The security token\nhas expired");
	CHECK_STR(fault.name, "ExpiredToken");
	CHECK_STR(fault.message, "The security token?has expired");
	aws_fault_set(&fault, "no name", "");
	CHECK_STR(fault.name, "");
}

static void a_request_lets_go_of_all_it_owns(void)
{
	struct aws_request request = {0};

	aws_request_done(&request);
	request = (struct aws_request){
		.url = xstrdup("https://x"),
		.body = BUFFER_INIT(100, &secret_memory),
		.bearer = secret_new(SECRET, strlen(SECRET)),
		.sign_with = xcalloc(1, sizeof(*request.sign_with)),
		.sign_region = xstrdup("us-east-1"),
	};
	CHECK(buffer_append_text(&request.body, "{}"));
	aws_request_done(&request);
	CHECK(!request.url && !request.body.data && !request.bearer && !request.sign_with &&
	      !request.sign_region);
	aws_request_done(&request);
}

int main(void)
{
	use_memory_as_the_daemon_does();
	the_header_names_the_fault();
	without_a_header_the_body_names_it();
	errors_of_oidc_have_the_names_of_exceptions();
	words_and_reason_are_taken_over();
	a_page_of_a_proxy_names_nothing();
	a_name_is_short_and_plain_or_none();
	words_are_one_printable_line();
	words_end_with_a_whole_character();
	what_is_as_long_as_a_token_is_left_out_of_words();
	a_fault_can_come_from_another_form_than_json();
	a_request_lets_go_of_all_it_owns();
	return 0;
}
