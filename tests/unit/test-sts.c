#include "aws/sts.h"

#include "aws.h"
#include "aws/credentials.h"
#include "base/xalloc.h"
#include "check.h"

#define HEAD                                                                                                 \
	"<GetCallerIdentityResponse "                                                                        \
	"xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
#define TAIL "</GetCallerIdentityResult><ResponseMetadata/></GetCallerIdentityResponse>"
#define ARN  "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_X_0123456789abcdef/alice@example.com"

static void the_request_is_as_the_model_says(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	struct role_keys *keys = xcalloc(1, sizeof(*keys));

	sts_write_get_caller_identity(&request, "https://sts.eu-west-1.amazonaws.com", "eu-west-1", keys);
	CHECK_STR(request.operation, "GetCallerIdentity");
	CHECK_STR(request.url, "https://sts.eu-west-1.amazonaws.com/");
	CHECK_STR(request.content_type, "application/x-www-form-urlencoded; charset=utf-8");
	CHECK_STR(request.body.data, "Action=GetCallerIdentity&Version=2011-06-15");
	CHECK_STR(request.sign_service, "sts");
	CHECK_STR(request.sign_region, "eu-west-1");
	CHECK(request.is_post && request.is_idempotent && request.sign_with == keys && !request.bearer);
}

static void the_answer_is_read_in_any_order(void)
{
	static const char *const bodies[] = {
		HEAD "<Arn>" ARN "</Arn><UserId>AROA:alice</UserId><Account>123456789012</Account>" TAIL,
		"<?xml version='1.0'?>\n" HEAD
		"\n <Account>123456789012</Account>\n <New><Arn>no</Arn></New>\n"
		" <UserId>AROA:alice</UserId>\n <Arn>" ARN "</Arn>\n" TAIL "\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct aws_reply reply = reply_of(200, bodies[i]);
		_cleanup_json_ json_t *identity = NULL;
		struct error err;

		CHECK(sts_read_caller_identity(&reply, &identity, &err));
		CHECK(json_object_size(identity) == 3);
		CHECK_STR(json_string_value(json_object_get(identity, "Arn")), ARN);
		CHECK_STR(json_string_value(json_object_get(identity, "Account")), "123456789012");
		CHECK_STR(json_string_value(json_object_get(identity, "UserId")), "AROA:alice");
	}
}

static struct error error_of(long status, const char *body)
{
	struct aws_reply reply = reply_of(status, body);
	json_t *identity = NULL;
	struct error err = {0};

	reply.content_type = strstr(body, "<html") ? "text/html" : "text/xml";
	CHECK(!sts_read_caller_identity(&reply, &identity, &err) && !identity);
	check_message(&err, "GetCallerIdentity");
	return err;
}

static struct error refusal(long status, const char *code, const char *message)
{
	char body[1000];

	snprintf(body, sizeof(body),
		 "<ErrorResponse "
		 "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
		 "<Code>%s</Code><Message>%s</Message></Error><RequestId>x</RequestId></ErrorResponse>",
		 code, message);
	return error_of(status, body);
}

static void a_refusal_says_awss_code_and_words(void)
{
	struct error err = refusal(403, "ExpiredToken", "The token &quot;x&quot; &amp; more");

	CHECK(err.kind == ERROR_DENIED);
	CHECK(strstr(err.message, "ExpiredToken") && strstr(err.message, "HTTP 403"));
	CHECK(strstr(err.message, "The token 'x' & more"));
	CHECK(strstr(err.message, "have ended"));
	CHECK(refusal(400, "ExpiredTokenException", "m").kind == ERROR_DENIED);
	CHECK(refusal(403, "SignatureDoesNotMatch", "m").kind == ERROR_DENIED);
	CHECK(strstr(refusal(403, "SignatureDoesNotMatch", "m").message, "proxy"));
	CHECK(strstr(refusal(403, "AccessDenied", "").message, "administrator"));
	CHECK(!strstr(refusal(403, "AccessDenied",
			      "a\nb\x7f"
			      "c")
			      .message,
		      "\x7f"));
}

static void trouble_that_passes_is_unavailable(void)
{
	CHECK(refusal(500, "InternalFailure", "m").kind == ERROR_UNAVAILABLE);
	CHECK(strstr(refusal(500, "InternalFailure", "m").message, "InternalFailure"));
	CHECK(refusal(503, "ServiceUnavailable", "m").kind == ERROR_UNAVAILABLE);
	CHECK(refusal(429, "TooManyRequests", "m").kind == ERROR_UNAVAILABLE);
	CHECK(refusal(400, "Throttling", "Rate exceeded").kind == ERROR_UNAVAILABLE);
}

static void what_is_not_understood_is_unavailable(void)
{
	static const struct {
		long status;
		const char *body;
	} cases[] = {
		{200, ""},
		{200, "<html><body>hunter2"},
		{200, "{\"Arn\":\"hunter2\"}"},
		{200, HEAD TAIL},
		{200, HEAD "<Arn>" ARN "</Arn><UserId>AROA:alice</UserId>" TAIL},
		{200, HEAD "<Arn>" ARN "</Arn><UserId/><Account>123456789012</Account>" TAIL},
		{200,
		 HEAD "<Arn>a&#x9b;b</Arn><UserId>AROA:alice</UserId><Account>123456789012</Account>" TAIL},
		{200, HEAD "<Arn>" ARN "</Arn><UserId>AROA:alice</UserId><Account>123456789012</Account>"},
		{302, ""},
		{403, ""},
		{403, "<html>hunter2</html>"},
		{403, "<ErrorResponse><Error><Code>bad code</Code></Error></ErrorResponse>"},
		{403, "\xff\xfe\x00hunter2"},
		{502, "<html>hunter2</html>"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK(error_of(cases[i].status, cases[i].body).kind == ERROR_UNAVAILABLE);
	CHECK(strstr(error_of(200, HEAD TAIL).message, "Arn"));
	CHECK(strstr(error_of(403, "<html></html>").message, "proxy"));
	CHECK(strstr(error_of(200, "<html></html>").message, "a web page came"));
	CHECK(strstr(error_of(200, " <!DOCTYPE HTML><p>").message, "a web page came"));
	CHECK(strstr(refusal(302, "Any", "m").message, "redirect (HTTP 302)"));
}

static void who_signed_in_stands_at_the_end_of_the_arn(void)
{
	static const struct {
		const char *arn, *user;
	} cases[] = {
		{ARN, "alice@example.com"},
		{"arn:aws-cn:sts::123456789012:assumed-role/R/a+b.c", "a+b.c"},
		{"arn:aws:iam::123456789012:user/alice", NULL},
		{"arn:aws:sts::123456789012:federated-user/alice", NULL},
		{"arn:aws:sts::123456789012:assumed-role/R", NULL},
		{"arn:aws:sts::123456789012:assumed-role/R/", NULL},
		{"arn:aws:sts::123456789012:assumed-role//alice", NULL},
		{"arn:aws:sts:us-east-1:1:assumed-role/R/alice", NULL},
		{"arn:aws:sts::", NULL},
		{"arn:aws", NULL},
		{"arn:", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *user = sts_user_of_arn(cases[i].arn);

		if (cases[i].user)
			CHECK_STR(user, cases[i].user);
		else
			CHECK(!user);
	}
}

/* ---- AssumeRole ---- */

#define ROLE      "arn:aws:iam::111122223333:role/team/Deploy"
#define NOW       INT64_C(1769860800)
#define ROLE_HEAD "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
#define ROLE_TAIL "</AssumeRoleResult></AssumeRoleResponse>"
#define KEY_ID    "<AccessKeyId>ASIAEXAMPLE</AccessKeyId>"
#define KEY       "<SecretAccessKey>" SECRET "</SecretAccessKey>"
#define TOKEN     "<SessionToken>\n token/+=&#x2b;" SECRET " </SessionToken>"
#define END       "<Expiration>2026-01-31T13:00:00Z</Expiration>"

static void a_role_is_assumed_as_the_model_says(void)
{
	_cleanup_(assumption_freep) struct assumption *assumption = assumption_new(ROLE);
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	struct role_keys *keys = xcalloc(1, sizeof(*keys));

	sts_write_assume_role(&request, "https://sts.eu-west-1.amazonaws.com", "eu-west-1", assumption, keys);
	CHECK_STR(request.operation, "AssumeRole");
	CHECK_STR(request.body.data,
		  "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333"
		  "%3Arole%2Fteam%2FDeploy&RoleSessionName=iamic");
	CHECK_STR(request.sign_region, "eu-west-1");
	CHECK(request.is_post && request.is_reply_secret && request.is_idempotent &&
	      request.sign_with == keys);
}

static enum grant_outcome read_role(long status, const char *body, struct credentials **ret,
				    struct error *err)
{
	_cleanup_(assumption_freep) struct assumption *assumption = assumption_new(ROLE);
	struct aws_reply reply = reply_of(status, body);

	reply.content_type = "text/xml";
	return sts_read_assumed_role(&reply, assumption, NOW, ret, err);
}

static void what_is_granted_becomes_the_document(void)
{
	_cleanup_(credentials_freep) struct credentials *credentials = NULL;
	struct error err;

	CHECK(read_role(200, ROLE_HEAD "<Credentials>" END TOKEN KEY KEY_ID "</Credentials>" ROLE_TAIL,
			&credentials, &err) == GRANT_OK);
	CHECK_STR(secret_text(credentials->document),
		  "{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"" SECRET
		  "\",\"SessionToken\":\"token/+=+" SECRET
		  "\",\"Expiration\":\"2026-01-31T13:00:00Z\",\"AccountId\":\"111122223333\"}");
	CHECK(credentials->granted_at == NOW && credentials->expires_at == NOW + 3600);
}

static void an_answer_without_credentials_is_unavailable(void)
{
	static const char *const bodies[] = {
		"",
		"<html>" SECRET,
		ROLE_HEAD ROLE_TAIL,
		ROLE_HEAD "<Credentials>" KEY_ID KEY TOKEN "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY TOKEN "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID TOKEN "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID KEY "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID KEY "<SessionToken/></Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID KEY
			  "<SessionToken>a b</SessionToken></Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID KEY
			  "<SessionToken>a&quot;</SessionToken></Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials><Expiration>soon</Expiration>" KEY_ID KEY TOKEN
			  "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials><Expiration>2026-01-31T12:00:00Z</Expiration>" KEY_ID KEY TOKEN
			  "</Credentials>" ROLE_TAIL,
		ROLE_HEAD "<Credentials>" END KEY_ID KEY TOKEN "</Credentials>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct credentials *credentials = NULL;
		struct error err = {0};

		CHECK(read_role(200, bodies[i], &credentials, &err) == GRANT_UNUSABLE && !credentials);
		CHECK(err.kind == ERROR_UNAVAILABLE);
		check_message(&err, "AssumeRole");
	}
}

static void a_role_that_may_not_be_assumed_is_denied(void)
{
	static const char body[] =
		"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: x "
		"is not authorized</Message></Error></ErrorResponse>";
	struct credentials *credentials = NULL;
	struct error err = {0};

	CHECK(read_role(403, body, &credentials, &err) == GRANT_UNUSABLE && !credentials);
	CHECK(err.kind == ERROR_DENIED &&
	      strstr(err.message, "is not authorized: ask who keeps its trust policy"));
}

int main(void)
{
	use_memory_as_the_daemon_does();
	the_request_is_as_the_model_says();
	the_answer_is_read_in_any_order();
	a_refusal_says_awss_code_and_words();
	trouble_that_passes_is_unavailable();
	what_is_not_understood_is_unavailable();
	who_signed_in_stands_at_the_end_of_the_arn();
	a_role_is_assumed_as_the_model_says();
	what_is_granted_becomes_the_document();
	an_answer_without_credentials_is_unavailable();
	a_role_that_may_not_be_assumed_is_denied();
	return 0;
}
