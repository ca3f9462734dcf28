#include "aws/cli_cache.h"

#include "aws.h"
#include "check.h"

#define WHOLE                                                                                                \
	"{\"startUrl\":\"https://d-1234567890.awsapps.com/start\",\"region\":\"us-east-1\",\"accessToken\":" \
	"\"hunter2-access\",\"expiresAt\":\"2026-01-31T12:00:00Z\",\"refreshToken\":\"hunter2-refresh\","    \
	"\"clientId\":\"client\",\"clientSecret\":\"hunter2-secret\",\"registrationExpiresAt\":"             \
	"\"2026-04-30T12:00:00Z\"}"

static void a_file_is_named_as_every_client_names_it(void)
{
	char name[CLI_CACHE_NAME_SIZE];

	CHECK_STR(cli_cache_name("my-sso", name), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
	CHECK_STR(cli_cache_name("https://d-1234567890.awsapps.com/start", name),
		  "7487b5b67d5fa1132cf33fa93ae51ef38cc37752.json");
	CHECK_STR(cli_cache_name("https://d-1234567890.awsapps.com/start/#/", name),
		  "2204fb11035095b06f2b5121a8a18debcc89f4cb.json");
}

static void all_of_a_file_is_read(void)
{
	_cleanup_(cli_token_freep) struct cli_token *token = NULL;
	struct error err;

	CHECK(cli_cache_parse(WHOLE, strlen(WHOLE), &token, &err));
	CHECK_STR(token->start_url, "https://d-1234567890.awsapps.com/start");
	CHECK_STR(token->region, "us-east-1");
	CHECK_STR(secret_text(token->access_token), "hunter2-access");
	CHECK_STR(secret_text(token->refresh_token), "hunter2-refresh");
	CHECK_STR(token->client_id, "client");
	CHECK_STR(secret_text(token->client_secret), "hunter2-secret");
	CHECK(token->expires_at == 1769860800 && token->registration_expires_at == 1777550400);
}

static void what_cannot_renew_is_dropped_whole(void)
{
	static const char *const parts[] = {"refreshToken", "clientId", "clientSecret"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *text = spoilt(WHOLE, parts[i], NULL);
		_cleanup_(cli_token_freep) struct cli_token *token = NULL;
		struct error err;

		CHECK(cli_cache_parse(text, strlen(text), &token, &err));
		CHECK(!token->refresh_token && !token->client_id && !token->client_secret);
		release_text(text);
	}
}

static void what_is_no_sign_in_is_refused_without_being_quoted(void)
{
	static const char *const needed[] = {"startUrl", "region", "accessToken", "expiresAt"};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(needed); i++) {
		char *text = spoilt(WHOLE, needed[i / 2], i % 2 ? "7" : NULL);
		struct cli_token *token = NULL;
		struct error err = {0};

		CHECK(!cli_cache_parse(text, strlen(text), &token, &err) && !token);
		check_message(&err, "iamic-login");
		CHECK(err.kind == ERROR_STORE);
		release_text(text);
	}
}

static void a_file_that_is_cut_anywhere_is_refused(void)
{
	for (size_t len = 0; len < strlen(WHOLE); len++) {
		struct cli_token *token = NULL;
		struct error err = {0};

		CHECK(!cli_cache_parse(WHOLE, len, &token, &err) && !token);
		check_message(&err, "iamic-login");
	}
}

static void what_is_written_cannot_be_renewed(void)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(4096, &buffer_heap),
					       small = BUFFER_INIT(16, &buffer_heap);
	_cleanup_(cli_token_freep) struct cli_token *read = NULL;
	char url[] = "https://d-1234567890.awsapps.com/start", region[] = "us-east-1";
	struct token token = {
		.access_token = secret_new("access", 6),
		.refresh_token = secret_new("refresh", 7),
		.expires_at = 1769860800,
		.start_url = url,
		.region = region,
	};
	struct error err;

	CHECK(cli_cache_format(&token, &text));
	CHECK_STR(text.data,
		  "{\"startUrl\":\"https://d-1234567890.awsapps.com/start\",\"region\":\"us-east-1\","
		  "\"accessToken\":\"access\",\"expiresAt\":\"2026-01-31T12:00:00Z\"}");
	CHECK(cli_cache_parse(text.data, text.len, &read, &err) && !read->refresh_token);
	CHECK(!cli_cache_format(&token, &small));
	secret_free(token.access_token);
	secret_free(token.refresh_token);
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_file_is_named_as_every_client_names_it();
	all_of_a_file_is_read();
	what_cannot_renew_is_dropped_whole();
	what_is_no_sign_in_is_refused_without_being_quoted();
	a_file_that_is_cut_anywhere_is_refused();
	what_is_written_cannot_be_renewed();
	return 0;
}
