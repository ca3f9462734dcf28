#include "aws/token.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"

#define NOW INT64_C(1769860800)
#define DOCUMENT                                                                                             \
	"{\"version\":1,\"token\":{\"accessToken\":\"aoa-" SECRET "\",\"refreshToken\":\"aor-" SECRET        \
	"\",\"issuedAt\":1769860800,\"expiresAt\":1769864400,\"signedInAt\":1769850000,"                     \
	"\"startUrl\":\"https://corp.awsapps.com/start/#\",\"region\":\"eu-west-1\","                        \
	"\"oidcOrigin\":\"https://oidc.eu-west-1.amazonaws.com:443\","                                       \
	"\"portalOrigin\":\"https://portal.sso.eu-west-1.amazonaws.com:443\",\"clientId\":\"client-1\"},"    \
	"\"registration\":{\"clientId\":\"client-1\",\"clientSecret\":\"secret-" SECRET                      \
	"\",\"expiresAt\":1777636800,\"scopes\":\"sso:account:access x:y\","                                 \
	"\"oidcOrigin\":\"https://oidc.eu-west-1.amazonaws.com:443\"}}"

static struct token token_of(int64_t life_s)
{
	return (struct token){.issued_at = NOW, .expires_at = NOW + life_s};
}

static void a_token_is_fresh_with_five_minutes_or_a_quarter_left(void)
{
	static const struct {
		int64_t life_s, last_fresh_s;
	} cases[] = {
		{28800, 28800 - 301}, {3600, 3600 - 301}, {1200, 1200 - 301}, {900, 900 - 226}, {60, 60 - 16},
		{8, 8 - 3},           {4, 4 - 2},         {3, 3 - 1},         {1, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct token token = token_of(cases[i].life_s);

		CHECK(token_is_fresh(&token, NOW));
		CHECK(token_is_fresh(&token, NOW + cases[i].last_fresh_s));
		CHECK(!token_is_fresh(&token, NOW + cases[i].last_fresh_s + 1));
	}
}

static void a_token_expires_at_its_time(void)
{
	struct token token = token_of(3600), dead = token_of(0), never_was = token_of(-10);

	CHECK(!token_is_expired(&token, NOW + 3599) && token_is_expired(&token, NOW + 3600));
	CHECK(token_is_expired(&dead, NOW) && !token_is_fresh(&dead, NOW));
	CHECK(!token_is_fresh(&never_was, NOW));
	CHECK(token_is_fresh(&token, NOW - 100000)); /* a clock that went back */
}

static void it_is_refreshed_at_three_quarters_of_its_life_and_while_fresh(void)
{
	static const int64_t lives[] = {28800, 3600, 900, 60, 8, 4};

	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		struct token token = token_of(lives[i]);
		int64_t last = token_refresh_at(&token, 0), first = token_refresh_at(&token, 1023);

		CHECK(last == NOW + lives[i] * 3 / 4);
		CHECK(first <= last && first >= last - lives[i] / 10 - 1 && first >= NOW + 1);
		CHECK(token_is_fresh(&token, last - 1));
		for (unsigned jitter = 0; jitter < 1024; jitter++) {
			CHECK(token_refresh_at(&token, jitter) >= first);
			CHECK(token_refresh_at(&token, jitter) <= last);
		}
	}
}

static void no_refresh_comes_sooner_than_a_second_after_issue(void)
{
	static const int64_t lives[] = {1, 0, -5};

	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		struct token token = token_of(lives[i]);

		CHECK(token_refresh_at(&token, 0) == NOW + 1);
		CHECK(token_refresh_at(&token, 1023) == NOW + 1);
		CHECK(token_refresh_at(&token, UINT32_MAX) == NOW + 1);
	}
}

static void it_is_sent_only_where_it_was_issued(void)
{
	static char url[] = "https://a/start", region[] = "us-east-1", oidc[] = "https://oidc:443",
		    portal[] = "https://portal:443";
	struct token token = {
		.start_url = url, .region = region, .oidc_origin = oidc, .portal_origin = portal};

	CHECK(token_is_bound_to(&token, url, region, oidc, portal));
	CHECK(!token_is_bound_to(&token, "https://a/start/", region, oidc, portal));
	CHECK(!token_is_bound_to(&token, url, "us-east-2", oidc, portal));
	CHECK(!token_is_bound_to(&token, url, region, "https://oidc:444", portal));
	CHECK(!token_is_bound_to(&token, url, region, oidc, "http://portal:443"));
}

static void it_is_of_one_session(void)
{
	static char name[] = "corp", url[] = "https://a/start", region[] = "us-east-1";
	struct token token = {.session = name, .start_url = url, .region = region};

	CHECK(token_is_of(&token, name, url, region));
	CHECK(!token_is_of(&token, "side", url, region));
	CHECK(!token_is_of(&token, name, "https://a/start/", region));
	CHECK(!token_is_of(&token, name, url, "us-east-2"));
	token.session = NULL;
	CHECK(token_is_of(&token, "side", url, region));
}

static void a_registration_is_used_until_a_quarter_of_an_hour_before_its_end(void)
{
	static char scopes[] = "a b", origin[] = "https://oidc:443";
	struct registration registration = {.scopes = scopes, .oidc_origin = origin, .expires_at = NOW + 901};

	CHECK(registration_is_usable(&registration, "a b", origin, NOW));
	CHECK(!registration_is_usable(&registration, "a b", origin, NOW + 1));
	CHECK(!registration_is_usable(&registration, "a", origin, NOW));
	CHECK(!registration_is_usable(&registration, "b a", origin, NOW));
	CHECK(!registration_is_usable(&registration, "a b", "https://oidc:444", NOW));
	registration.is_doubtful = true;
	CHECK(!registration_is_usable(&registration, "a b", origin, NOW));
	registration.is_doubtful = false;
	registration.expires_at = 0;
	CHECK(!registration_is_usable(&registration, "a b", origin, NOW));
}

static bool parse(const char *data, struct token **token, struct registrations *registrations,
		  struct error *err)
{
	return token_parse(data, strlen(data), token, registrations, err);
}

static bool has_any(const struct registrations *registrations)
{
	return registrations->of[FLOW_DEVICE] || registrations->of[FLOW_BROWSER];
}

static void what_is_stored_comes_back(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(65536, &secret_memory);
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err;

	CHECK(parse(DOCUMENT, &token, &registrations, &err));
	CHECK_STR(secret_text(token->access_token), "aoa-" SECRET);
	CHECK_STR(secret_text(token->refresh_token), "aor-" SECRET);
	CHECK(token->issued_at == NOW && token->expires_at == NOW + 3600 &&
	      token->signed_in_at == NOW - 10800);
	CHECK_STR(token->start_url, "https://corp.awsapps.com/start/#");
	CHECK_STR(token->client_id, "client-1");
	CHECK_STR(secret_text(registrations.of[FLOW_DEVICE]->client_secret), "secret-" SECRET);
	CHECK(registrations.of[FLOW_DEVICE]->expires_at == 1777636800);
	CHECK_STR(registrations.of[FLOW_DEVICE]->scopes, "sso:account:access x:y");
	CHECK(!registrations.of[FLOW_BROWSER]);
	CHECK(token_format(token, &registrations, &out));
	CHECK_STR(out.data, DOCUMENT);
	CHECK(!token->session);
	token->session = xstrdup("corp");
	buffer_clear(&out);
	CHECK(token_format(token, &registrations, &out));
	token = token_free(token);
	CHECK(parse(out.data, &token, &registrations, &err));
	CHECK_STR(token->session, "corp");
}

static void either_half_may_lack(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(65536, &secret_memory);
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL, *none = NULL;
	struct registrations none_at_all = {0};
	struct error err;

	CHECK(parse(DOCUMENT, &token, &registrations, &err));
	token->refresh_token = secret_free(token->refresh_token);
	CHECK(token_format(token, &none_at_all, &out));
	CHECK(!strstr(out.data, "registration") && !strstr(out.data, "refreshToken"));
	token = token_free(token);
	CHECK(parse(out.data, &token, &none_at_all, &err));
	CHECK(token && !token->refresh_token && !has_any(&none_at_all));
	buffer_clear(&out);
	CHECK(token_format(NULL, &registrations, &out));
	registrations_done(&registrations);
	CHECK(parse(out.data, &none, &registrations, &err));
	CHECK(!none && has_any(&registrations));
	buffer_clear(&out);
	CHECK(token_format(NULL, &none_at_all, &out));
	CHECK_STR(out.data, "{\"version\":1}");
	CHECK(parse("{\"version\":1,\"token\":null,\"registration\":null}", &none, &none_at_all, &err));
	CHECK(!none && !has_any(&none_at_all));
}

#define BROWSER_REGISTRATION                                                                                 \
	"\"browserRegistration\":{\"clientId\":\"client-2\",\"clientSecret\":\"s-" SECRET                    \
	"\",\"expiresAt\":1777636801,\"scopes\":\"sso:account:access\",\"oidcOrigin\":\"https://oidc\"}"

static void each_flow_has_a_registration_of_its_own(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(65536, &secret_memory);
	_cleanup_(registrations_donep) struct registrations one = {0}, two = {0};
	_cleanup_free_ char *both = NULL;
	_cleanup_(token_freep) struct token *token = NULL, *again = NULL;
	struct error err;
	enum flow flow;

	both = xasprintf("%.*s," BROWSER_REGISTRATION "}", (int)strlen(DOCUMENT) - 1, DOCUMENT);
	CHECK(parse(both, &token, &two, &err));
	CHECK_STR(two.of[FLOW_BROWSER]->client_id, "client-2");
	CHECK(registrations_find(&two, "client-2", &flow) && flow == FLOW_BROWSER);
	CHECK(registrations_find(&two, "client-1", &flow) && flow == FLOW_DEVICE);
	CHECK(!registrations_find(&two, "client-3", &flow));
	CHECK(token_format(token, &two, &out));
	CHECK_STR(out.data, both);
	CHECK(parse(DOCUMENT, &again, &one, &err));
	registrations_complete(&one, &two);
	CHECK(one.of[FLOW_BROWSER] && !two.of[FLOW_BROWSER] && two.of[FLOW_DEVICE]);
	one.of[FLOW_BROWSER]->is_doubtful = true; /* that is not kept */
	buffer_clear(&out);
	CHECK(token_format(token, &one, &out));
	CHECK_STR(out.data, DOCUMENT);
}

static void text_of_any_kind_survives(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(65536, &secret_memory);
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL, *again = NULL;
	struct registrations none_at_all = {0};
	struct error err;

	CHECK(parse(DOCUMENT, &token, &registrations, &err));
	xstrdup_to(&token->start_url, "https://x/\"\\caf\xc3\xa9?a=b&c");
	CHECK(token_format(token, &none_at_all, &out));
	CHECK(parse(out.data, &again, &none_at_all, &err));
	CHECK_STR(again->start_url, token->start_url);
	xstrdup_to(&token->start_url, "\xff");
	CHECK(!token_format(token, &none_at_all, &out));
}

static void what_does_not_fit_is_not_written(void)
{
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err;

	CHECK(parse(DOCUMENT, &token, &registrations, &err));
	for (size_t max = 0; max < strlen(DOCUMENT); max += 50) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(max, &secret_memory);

		CHECK(!token_format(token, &registrations, &out));
	}
}

static void unknown_members_are_ignored(void)
{
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	struct error err;

	CHECK(parse("{\"version\":1,\"new\":{\"version\":7},\"registration\":{\"clientId\":\"c\","
		    "\"clientSecret\":\"s\","
		    "\"expiresAt\":5,\"scopes\":\"x\",\"oidcOrigin\":\"o\",\"flow\":\"device\"}}",
		    &token, &registrations, &err));
	CHECK(!token && has_any(&registrations));
}

static void expect_refusal(const char *data, size_t len)
{
	struct token *token = NULL;
	struct registrations registrations = {0};
	struct error err = {0};

	if (token_parse(data, len, &token, &registrations, &err) || err.kind != ERROR_STORE || token ||
	    has_any(&registrations)) {
		fprintf(stderr, "kind %d for: %.*s\n", err.kind, (int)len, data);
		exit(1);
	}
	check_message(&err, "stored");
}

static void what_is_no_such_document_is_refused_and_not_quoted(void)
{
	static const char *const cases[] = {
		"",
		"hunter2",
		"{}",
		"[]",
		"null",
		"\xff\xfe",
		"{\"version\":0}",
		"{\"version\":2}",
		"{\"version\":\"1\"}",
		"{\"version\":1.0}",
		"{\"version\":null}",
		"{\"version\":99999999999999999999}",
		"{\"version\":1,\"token\":\"hunter2\"}",
		"{\"version\":1,\"token\":{}}",
		"{\"version\":1,\"token\":[]}",
		"{\"version\":1,\"registration\":7}",
		"{\"version\":1,\"registration\":{}}",
		"{\"version\":1,\"version\":1}",
	};
	static const char *const members[] = {
		"token.accessToken",
		"token.issuedAt",
		"token.expiresAt",
		"token.signedInAt",
		"token.startUrl",
		"token.region",
		"token.oidcOrigin",
		"token.portalOrigin",
		"token.clientId",
		"registration.clientId",
		"registration.clientSecret",
		"registration.expiresAt",
		"registration.scopes",
		"registration.oidcOrigin",
	};
	static const char *const values[] = {NULL, "null", "true", "[]", "{}", "\"\"", "\"a\\nb\"", "1.5"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refusal(cases[i], strlen(cases[i]));
	for (size_t len = 0; len < strlen(DOCUMENT); len++)
		expect_refusal(DOCUMENT, len);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			char *data = spoilt(DOCUMENT, members[i], values[j]);

			expect_refusal(data, strlen(data));
			release_text(data);
		}
	}
}

static void times_are_brought_into_range(void)
{
	static const char *const values[] = {"-1", "0", "9223372036854775807", "-9223372036854775808",
					     "1e300"};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char *data = spoilt(DOCUMENT, "token.expiresAt", values[i]);
		_cleanup_(registrations_donep) struct registrations registrations = {0};
		_cleanup_(token_freep) struct token *token = NULL;
		struct error err;

		CHECK(parse(data, &token, &registrations, &err));
		CHECK(token->expires_at == 0 || token->expires_at == INT64_C(253402300799));
		token_is_fresh(token, NOW);
		token_refresh_at(token, 1023);
		release_text(data);
	}
}

static void a_header_could_not_be_split_by_a_token(void)
{
	static const char *const values[] = {"\"a\\r\\nX-Evil: 1\"", "\"a b\"", "\"caf\\u00e9\"",
					     "\"\\u007f\""};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char *data = spoilt(DOCUMENT, "token.accessToken", values[i]);

		expect_refusal(data, strlen(data));
		release_text(data);
		data = spoilt(DOCUMENT, "token.refreshToken", values[i]);
		expect_refusal(data, strlen(data));
		release_text(data);
	}
}

static void a_full_arena_is_no_fault_of_the_store(void)
{
	static struct hoard hoard;
	struct registrations registrations = {0};
	struct token *token = NULL;
	struct error err;

	hoard_fill(&hoard);
	CHECK(!parse(DOCUMENT, &token, &registrations, &err));
	hoard_release(&hoard);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "too many roles"));
	CHECK(!token && !has_any(&registrations));
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_token_is_fresh_with_five_minutes_or_a_quarter_left();
	a_token_expires_at_its_time();
	it_is_refreshed_at_three_quarters_of_its_life_and_while_fresh();
	no_refresh_comes_sooner_than_a_second_after_issue();
	it_is_sent_only_where_it_was_issued();
	it_is_of_one_session();
	a_registration_is_used_until_a_quarter_of_an_hour_before_its_end();
	what_is_stored_comes_back();
	either_half_may_lack();
	each_flow_has_a_registration_of_its_own();
	text_of_any_kind_survives();
	what_does_not_fit_is_not_written();
	unknown_members_are_ignored();
	what_is_no_such_document_is_refused_and_not_quoted();
	times_are_brought_into_range();
	a_header_could_not_be_split_by_a_token();
	a_full_arena_is_no_fault_of_the_store();
	return 0;
}
