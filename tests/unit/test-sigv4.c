/* Signatures that botocore makes of the same requests. */
#include "aws/sigv4.h"

#include "aws.h"
#include "aws/credentials.h"
#include "aws/sts.h"
#include "base/xalloc.h"
#include "check.h"

#define TOKEN "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQW=="
#define NOON  1769860800 /* 2026-01-31T12:00:00Z */
#define NIGHT 1440979199 /* 2015-08-30T23:59:59Z */

static struct secret *secret_of(const char *text)
{
	struct secret *secret = secret_new(text, strlen(text));

	CHECK(secret);
	return secret;
}

static void write_request(const char *endpoint, const char *region, struct aws_request *ret)
{
	struct role_keys *keys = xcalloc(1, sizeof(*keys));

	keys->access_key_id = secret_of("ASIAIOSFODNN7EXAMPLE");
	keys->secret_access_key = secret_of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
	keys->session_token = secret_of(TOKEN);
	sts_write_get_caller_identity(ret, endpoint, region, keys);
}

static void check_signature(const struct aws_request *request, const char *date, const char *scope,
			    const char *signature)
{
	_cleanup_free_ char *authorization =
		xasprintf("AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/%s/aws4_request, "
			  "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=%s",
			  scope, signature);

	CHECK_STR(request->signature.date, date);
	CHECK_STR(request->signature.authorization, authorization);
}

static void the_signature_is_botocores(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	write_request("https://sts.eu-west-1.amazonaws.com", "eu-west-1", &request);
	sigv4_sign(&request, NOON);
	CHECK_STR(request.signature.host, "sts.eu-west-1.amazonaws.com");
	check_signature(&request, "20260131T120000Z", "20260131/eu-west-1/sts",
			"b51ed21d1bc870db962dd3dc9dbd547e87b9a39c97631029448cb082b858fd0d");
	buffer_clear(&request.body);
	sigv4_sign(&request, NOON);
	check_signature(&request, "20260131T120000Z", "20260131/eu-west-1/sts",
			"0c5e0a857e65b6259d68a0bf53d59d8df9e5d959ac5c64186850758401a26525");
}

static void a_port_belongs_to_the_host(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	write_request("https://localhost:4443", "us-east-1", &request);
	sigv4_sign(&request, NIGHT);
	CHECK_STR(request.signature.host, "localhost:4443");
	check_signature(&request, "20150830T235959Z", "20150830/us-east-1/sts",
			"84fbf2d9e718083aa456e4e362adb46d85b389817d71a16e55e6ce5eb85ed8a5");
}

static void a_path_is_signed_as_it_is(void)
{
	_cleanup_(aws_request_donep) struct aws_request with = {0}, without = {0};

	write_request("https://localhost:4443/sts", "us-east-1", &with);
	write_request("https://localhost:4443", "us-east-1", &without);
	sigv4_sign(&with, NIGHT);
	sigv4_sign(&without, NIGHT);
	CHECK_STR(with.signature.host, without.signature.host);
	CHECK(strcmp(with.signature.authorization, without.signature.authorization) != 0);
	free(without.url);
	without.url = xstrdup("https://localhost:4443"); /* the root, all the same */
	char *before = xstrdup(without.signature.authorization);
	sigv4_sign(&without, NIGHT);
	CHECK_STR(without.signature.authorization, before);
	free(before);
}

int main(void)
{
	use_memory_as_the_daemon_does();
	the_signature_is_botocores();
	a_port_belongs_to_the_host();
	a_path_is_signed_as_it_is();
	return 0;
}
