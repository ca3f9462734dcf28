#include "aws/oidc.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"

#define ENDPOINT "https://oidc.eu-west-1.amazonaws.com"
#define YEARS_10 INT64_C(315360000)

static const char registered[] = "{\"clientId\":\"client-1\",\"clientSecret\":\"" SECRET
				 "\",\"clientIdIssuedAt\":1769860800,\"clientSecretExpiresAt\":1777636800,"
				 "\"authorizationEndpoint\":null}";
static const char authorized[] = "{\"deviceCode\":\"" SECRET
				 "\",\"userCode\":\"ABCD-EFGH\",\"verificationUri\":\"https://device.sso/\","
				 "\"verificationUriComplete\":\"https://device.sso/"
				 "?user_code=ABCD-EFGH\",\"expiresIn\":600,\"interval\":1}";
static const char granted[] =
	"{\"accessToken\":\"aoa" SECRET "\",\"tokenType\":\"Bearer\",\"expiresIn\":3600,"
	"\"refreshToken\":\"aor" SECRET "\",\"idToken\":null}";

static char scope_always[] = "sso:account:access", scope_other[] = "codewhisperer:completions";
static char *const scopes[] = {scope_always, scope_other, NULL};

static struct registration *a_registration(const char *secret)
{
	struct registration *registration = xcalloc(1, sizeof(*registration));

	registration->client_id = xstrdup("client-1");
	registration->client_secret = secret_new(secret, strlen(secret));
	return registration;
}

/* --- what is sent --- */

static void check_request(const struct aws_request *request, const char *operation, const char *url,
			  bool is_idempotent)
{
	CHECK_STR(request->operation, operation);
	CHECK_STR(request->url, url);
	CHECK_STR(request->content_type, "application/json");
	CHECK(request->is_post && request->is_reply_secret && request->is_idempotent == is_idempotent);
	CHECK(!request->bearer && !request->sign_with);
}

static void a_registration_always_asks_for_scopes_and_both_grants(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0}, bare = {0};

	oidc_write_register_client(&request, ENDPOINT, FLOW_DEVICE, scopes, "https://x/start");
	check_request(&request, "RegisterClient", ENDPOINT "/client/register", true);
	CHECK_STR(request.body.data,
		  "{\"clientName\":\"iamic\",\"clientType\":\"public\","
		  "\"scopes\":[\"sso:account:access\",\"codewhisperer:completions\"],"
		  "\"grantTypes\":[\"urn:ietf:params:oauth:grant-type:device_code\",\"refresh_token\"]}");
	oidc_write_register_client(&bare, ENDPOINT, FLOW_DEVICE, NULL, "https://x/start");
	CHECK(strstr(bare.body.data, "\"scopes\":[\"sso:account:access\"]"));
}

static void a_registration_for_the_browser_says_where_it_comes_back_to(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	oidc_write_register_client(&request, ENDPOINT, FLOW_BROWSER, NULL, "https://x/start/#");
	check_request(&request, "RegisterClient", ENDPOINT "/client/register", true);
	CHECK_STR(request.body.data, "{\"clientName\":\"iamic\",\"clientType\":\"public\","
				     "\"scopes\":[\"sso:account:access\"],"
				     "\"grantTypes\":[\"authorization_code\",\"refresh_token\"],"
				     "\"redirectUris\":[\"http://127.0.0.1/oauth/callback\"],"
				     "\"issuerUrl\":\"https://x/start/#\"}");
}

static void a_code_goes_with_its_verifier_and_never_twice(void)
{
	static char uri[] = "http://127.0.0.1:8400/oauth/callback";
	_cleanup_(registration_freep) struct registration *registration = a_registration("s");
	_cleanup_(secret_freep) struct secret *value = secret_new("c-1", 3), *verifier = secret_new("v-1", 3);
	const struct oidc_code code = {.code = value, .verifier = verifier, .redirect_uri = uri};
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	oidc_write_token_for_code(&request, ENDPOINT, registration, &code);
	check_request(&request, "CreateToken", ENDPOINT "/token", false);
	CHECK_STR(request.body.data, "{\"clientId\":\"client-1\",\"clientSecret\":\"s\","
				     "\"grantType\":\"authorization_code\",\"code\":\"c-1\","
				     "\"redirectUri\":\"http://127.0.0.1:8400/oauth/callback\","
				     "\"codeVerifier\":\"v-1\"}");
}

static void scopes_keep_their_order_and_lack_nothing(void)
{
	char *const other_first[] = {scope_other, scope_always, scope_other, NULL},
		    *const other[] = {scope_other, NULL}, *const none[] = {NULL};
	_cleanup_free_ char *a = oidc_scopes_text(scopes), *b = oidc_scopes_text(other_first),
			    *c = oidc_scopes_text(other), *d = oidc_scopes_text(none);

	CHECK_STR(a, "sso:account:access codewhisperer:completions");
	CHECK_STR(b, "codewhisperer:completions sso:account:access");
	CHECK_STR(c, "sso:account:access codewhisperer:completions");
	CHECK_STR(d, "sso:account:access");
}

static void a_sign_in_names_client_and_start_url(void)
{
	_cleanup_(registration_freep) struct registration *registration = a_registration(SECRET);
	_cleanup_(aws_request_donep) struct aws_request request = {0};

	oidc_write_start_device_authorization(&request, ENDPOINT, registration, "https://x/\"start\"/#\\");
	check_request(&request, "StartDeviceAuthorization", ENDPOINT "/device_authorization", true);
	CHECK_STR(request.body.data, "{\"clientId\":\"client-1\",\"clientSecret\":\"" SECRET
				     "\",\"startUrl\":\"https://x/\\\"start\\\"/#\\\\\"}");
}

static void tokens_are_asked_for_in_camel_case_and_never_twice(void)
{
	_cleanup_(registration_freep) struct registration *registration = a_registration("s");
	_cleanup_(secret_freep) struct secret *value = secret_new("v\"", 2);
	_cleanup_(aws_request_donep) struct aws_request device = {0}, refresh = {0};

	oidc_write_token_for_device(&device, ENDPOINT, registration, value);
	check_request(&device, "CreateToken", ENDPOINT "/token", false);
	CHECK_STR(device.body.data,
		  "{\"clientId\":\"client-1\",\"clientSecret\":\"s\","
		  "\"grantType\":\"urn:ietf:params:oauth:grant-type:device_code\",\"deviceCode\":\"v\\\"\"}");
	oidc_write_token_for_refresh(&refresh, ENDPOINT, registration, value);
	check_request(&refresh, "CreateToken", ENDPOINT "/token", false);
	CHECK_STR(refresh.body.data, "{\"clientId\":\"client-1\",\"clientSecret\":\"s\","
				     "\"grantType\":\"refresh_token\",\"refreshToken\":\"v\\\"\"}");
}

static void a_client_secret_of_kilobytes_is_sent_whole(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	_cleanup_(registration_freep) struct registration *registration = NULL;
	static char big[30000];

	memset(big, 'x', sizeof(big) - 1);
	registration = a_registration(big);
	oidc_write_start_device_authorization(&request, ENDPOINT, registration, "https://x");
	CHECK(strstr(request.body.data, big));
	CHECK(request.body.memory == &secret_memory);
}

static void a_full_arena_does_not_stop_a_sign_in(void)
{
	_cleanup_(registration_freep) struct registration *registration = a_registration(SECRET);
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	static struct hoard hoard;

	hoard_fill(&hoard);
	oidc_write_start_device_authorization(&request, ENDPOINT, registration, "https://x");
	hoard_release(&hoard);
	CHECK(request.body.memory == &buffer_heap);
	CHECK_STR(request.body.data,
		  "{\"clientId\":\"client-1\",\"clientSecret\":\"" SECRET "\",\"startUrl\":\"https://x\"}");
}

static void what_is_not_utf8_is_sent_as_nothing(void)
{
	_cleanup_(registration_freep) struct registration *registration = a_registration(SECRET);
	_cleanup_(aws_request_donep) struct aws_request request = {0}, scoped = {0};
	static char bad[] = "\xff";
	char *const bad_scopes[] = {bad, NULL};

	oidc_write_start_device_authorization(&request, ENDPOINT, registration, "https://\xff");
	CHECK(request.body.len == 0);
	oidc_write_register_client(&scoped, ENDPOINT, FLOW_DEVICE, bad_scopes, "https://x/start");
	CHECK(strstr(scoped.body.data, "\"scopes\":[\"sso:account:access\"]"));
}

/* --- RegisterClient's reply --- */

static struct error registration_error(long status, const char *body)
{
	struct aws_reply reply = reply_of(status, body);
	struct registration *registration = NULL;
	struct error err = {0};

	if (oidc_read_registration(&reply, FLOW_DEVICE, scopes, "https://o:443", &registration, &err) ||
	    registration) {
		fprintf(stderr, "taken: %s\n", body);
		exit(1);
	}
	check_message(&err, "RegisterClient");
	return err;
}

static void a_registration_is_read(void)
{
	struct aws_reply reply = reply_of(200, registered);
	_cleanup_(registration_freep) struct registration *registration = NULL;
	struct error err;

	CHECK(oidc_read_registration(&reply, FLOW_DEVICE, scopes, "https://o:443", &registration, &err));
	CHECK_STR(registration->client_id, "client-1");
	CHECK_STR(secret_text(registration->client_secret), SECRET);
	CHECK(registration->expires_at == 1777636800);
	CHECK_STR(registration->scopes, "sso:account:access codewhisperer:completions");
	CHECK_STR(registration->oidc_origin, "https://o:443");
}

static void a_registration_lacks_nothing_it_needs(void)
{
	static const char *const members[] = {"clientId", "clientSecret", "clientSecretExpiresAt"};
	static const char *const values[] = {NULL, "null", "[]", "true", "\"\"", "\"a\\u0007\"", "1.5"};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			char *body = spoilt(registered, members[i], values[j]);
			struct error err = registration_error(200, body);

			CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, members[i]));
			release_text(body);
		}
	}
}

static void a_registration_that_is_refused_says_why(void)
{
	struct error err =
		registration_error(400, "{\"error\":\"invalid_scope\",\"error_description\":\"bad scope\"}");

	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "bad scope"));
	CHECK(strstr(err.message, "sso_registration_scopes") && strstr(err.message, "HTTP 400"));
	CHECK(registration_error(500, "{\"error\":\"server_error\"}").kind == ERROR_UNAVAILABLE);
	CHECK(registration_error(400, "{\"error\":\"slow_down\"}").kind == ERROR_UNAVAILABLE);
	CHECK(registration_error(400, "{\"error\":\"authorization_pending\"}").kind == ERROR_UNAVAILABLE);
	CHECK(registration_error(403, "<html>hunter2</html>").kind == ERROR_UNAVAILABLE);
}

/* --- StartDeviceAuthorization's reply --- */

static enum oidc_outcome authorize(long status, const char *body, struct device_authorization **ret,
				   struct error *err)
{
	struct aws_reply reply = reply_of(status, body);
	enum oidc_outcome outcome;

	*ret = NULL;
	*err = (struct error){0};
	outcome = oidc_read_device_authorization(&reply, ret, err);
	CHECK((outcome == OIDC_GRANTED) == (*ret != NULL));
	if (outcome == OIDC_GRANTED)
		CHECK(err->kind == ERROR_NONE);
	else
		check_message(err, "StartDeviceAuthorization");
	return outcome;
}

static void a_device_authorization_is_read(void)
{
	_cleanup_(device_authorization_freep) struct device_authorization *device = NULL;
	struct error err;

	CHECK(authorize(200, authorized, &device, &err) == OIDC_GRANTED);
	CHECK_STR(secret_text(device->device_code), SECRET);
	CHECK_STR(device->user_code, "ABCD-EFGH");
	CHECK_STR(device->verification_uri, "https://device.sso/");
	CHECK_STR(device->open_url, "https://device.sso/?user_code=ABCD-EFGH");
	CHECK(device->expires_in_s == 600 && device->interval_s == 1);
}

static struct device_authorization *authorized_with(const char *member, const char *value)
{
	char *body = spoilt(authorized, member, value);
	struct device_authorization *device;
	struct error err;

	authorize(200, body, &device, &err);
	if (!device)
		CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, member));
	release_text(body);
	return device;
}

static void expect_numbers(const char *member, const char *value, int64_t expires_in_s, int64_t interval_s)
{
	_cleanup_(device_authorization_freep) struct device_authorization *device =
		authorized_with(member, value);

	CHECK(device);
	if (device->expires_in_s != expires_in_s || device->interval_s != interval_s) {
		fprintf(stderr, "%s %s: %lld, %lld\n", member, value, (long long)device->expires_in_s,
			(long long)device->interval_s);
		exit(1);
	}
}

static void numbers_are_brought_into_range(void)
{
	expect_numbers("interval", NULL, 600, 5);
	expect_numbers("interval", "null", 600, 5);
	expect_numbers("interval", "0", 600, 1);
	expect_numbers("interval", "-7", 600, 1);
	expect_numbers("interval", "9223372036854775807", 600, 3600);
	expect_numbers("interval", "5.0", 600, 5);
	expect_numbers("expiresIn", "0", 1, 1);
	expect_numbers("expiresIn", "-1", 1, 1);
	expect_numbers("expiresIn", "9223372036854775807", YEARS_10, 1);
	expect_numbers("expiresIn", "1e300", YEARS_10, 1);
	expect_numbers("expiresIn", "600.0", 600, 1);
}

static void what_cannot_be_used_is_refused(void)
{
	static const struct {
		const char *member, *value;
	} cases[] = {
		{"deviceCode", NULL},
		{"deviceCode", "null"},
		{"deviceCode", "7"},
		{"deviceCode", "\"\""},
		{"deviceCode", "\"a b\""},
		{"userCode", NULL},
		{"userCode", "7"},
		{"userCode", "\"\""},
		{"userCode", "\"AB\\u001b[2J\""},
		{"userCode", "\"\\u202eABCD\""},
		{"userCode", "\"\\u0410BCD\""}, /* looks like an A */
		{"userCode", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""},
		{"verificationUri", "7"},
		{"verificationUri", "\"http://device.sso/\""},
		{"verificationUri", "\"javascript:alert(1)\""},
		{"verificationUri", "\"file:///etc/passwd\""},
		{"verificationUri", "\"https://user@evil/\""},
		{"verificationUri", "\"https://device.sso/\\n\""},
		{"verificationUriComplete", "\"http://device.sso/\""},
		{"verificationUriComplete", "{}"},
		{"verificationUriComplete", "\"-opt\""},
		{"expiresIn", NULL},
		{"expiresIn", "null"},
		{"expiresIn", "\"600\""},
		{"expiresIn", "600.5"},
		{"interval", "\"5\""},
		{"interval", "[]"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (authorized_with(cases[i].member, cases[i].value)) {
			fprintf(stderr, "%s %s was taken\n", cases[i].member, cases[i].value);
			exit(1);
		}
	}
}

static void one_address_is_enough(void)
{
	_cleanup_(device_authorization_freep) struct device_authorization *plain = authorized_with(
										  "verificationUriComplete",
										  NULL),
									  *complete = authorized_with(
										  "verificationUri", "null"),
									  *none = NULL;
	struct error err;

	CHECK_STR(plain->open_url, "https://device.sso/");
	CHECK_STR(plain->verification_uri, "https://device.sso/");
	CHECK_STR(complete->open_url, "https://device.sso/?user_code=ABCD-EFGH");
	CHECK_STR(complete->verification_uri, complete->open_url);
	CHECK(authorize(200, "{\"deviceCode\":\"d\",\"userCode\":\"u\",\"expiresIn\":1}", &none, &err) ==
	      OIDC_FAILED);
	CHECK(strstr(err.message, "verificationUri"));
}

static void the_wrong_region_is_explained(void)
{
	struct device_authorization *device;
	struct error err;

	CHECK(authorize(400, "{\"error\":\"invalid_request\",\"error_description\":null}", &device, &err) ==
	      OIDC_FAILED);
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "check sso_region"));
	CHECK(authorize(400, "{\"error\":\"invalid_request\"}", &device, &err) == OIDC_FAILED);
	CHECK(strstr(err.message, "check sso_region"));
}

static void a_key_that_is_broken_is_explained(void)
{
	static const char *const reasons[] = {"KMS_NotFoundException", "KMS_InvalidKeyUsageException",
					      "KMS_InvalidStateException", "KMS_DisabledException"};
	struct device_authorization *device;
	struct error err;
	char body[200];

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		snprintf(body, sizeof(body), "{\"error\":\"invalid_request\",\"reason\":\"%s\"}", reasons[i]);
		CHECK(authorize(400, body, &device, &err) == OIDC_FAILED);
		CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, reasons[i]));
		CHECK(strstr(err.message, "administrator") && !strstr(err.message, "sso_region"));
	}
	CHECK(authorize(400, "{\"error\":\"access_denied\",\"reason\":\"KMS_AccessDeniedException\"}",
			&device, &err) == OIDC_FAILED);
	CHECK(err.kind == ERROR_DENIED && strstr(err.message, "KMS_AccessDeniedException"));
	CHECK(!strstr(err.message, "--browser"));
}

static void a_policy_against_the_device_flow_leaves_the_browser(void)
{
	static const char *const errors[] = {"access_denied", "unauthorized_client",
					     "unsupported_grant_type"};
	struct device_authorization *device;
	struct error err;
	char body[200];

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		snprintf(body, sizeof(body), "{\"error\":\"%s\"}", errors[i]);
		CHECK(authorize(400, body, &device, &err) == OIDC_FAILED);
		CHECK(err.kind == ERROR_DENIED && strstr(err.message, "iamic-login --browser"));
	}
}

static void a_policy_against_the_browser_leaves_the_device_flow(void)
{
	static const char *const errors[] = {"unauthorized_client", "unsupported_grant_type",
					     "invalid_redirect_uri"};
	struct registration *registration = NULL;
	struct error err;
	char body[200];

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		snprintf(body, sizeof(body), "{\"error\":\"%s\"}", errors[i]);
		struct aws_reply reply = reply_of(400, body);

		CHECK(!oidc_read_registration(&reply, FLOW_BROWSER, scopes, "https://o:443", &registration,
					      &err));
		CHECK(err.kind == ERROR_DENIED && strstr(err.message, "iamic-login --device"));
	}
}

static void other_refusals_of_a_sign_in_are_sorted(void)
{
	struct device_authorization *device;
	struct error err;

	CHECK(authorize(401, "{\"error\":\"invalid_client\"}", &device, &err) == OIDC_INVALID_CLIENT);
	CHECK(authorize(400, "{\"error\":\"slow_down\"}", &device, &err) == OIDC_TRY_LATER);
	CHECK(authorize(429, "{}", &device, &err) == OIDC_TRY_LATER);
	CHECK(authorize(503, "<html>hunter2</html>", &device, &err) == OIDC_TRY_LATER);
	CHECK(authorize(400, "{\"error\":\"authorization_pending\"}", &device, &err) == OIDC_FAILED);
	CHECK(authorize(401, "<html>hunter2</html>", &device, &err) == OIDC_FAILED);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "web page"));
}

/* --- CreateToken's reply --- */

static enum oidc_outcome ask(long status, const char *body, struct oidc_tokens *tokens, struct error *err)
{
	struct aws_reply reply = reply_of(status, body);
	enum oidc_outcome outcome;

	*tokens = (struct oidc_tokens){0};
	*err = (struct error){0};
	outcome = oidc_read_tokens(&reply, FLOW_DEVICE, tokens, err);
	CHECK((outcome == OIDC_GRANTED) == (tokens->access_token != NULL));
	if (outcome != OIDC_GRANTED && outcome != OIDC_PENDING && outcome != OIDC_SLOW_DOWN)
		check_message(err, "CreateToken");
	return outcome;
}

static void tokens_are_read(void)
{
	struct oidc_tokens tokens;
	struct error err;

	CHECK(ask(200, granted, &tokens, &err) == OIDC_GRANTED);
	CHECK_STR(secret_text(tokens.access_token), "aoa" SECRET);
	CHECK_STR(secret_text(tokens.refresh_token), "aor" SECRET);
	CHECK(tokens.expires_in_s == 3600);
	oidc_tokens_done(&tokens);
	CHECK(!tokens.access_token && !tokens.refresh_token);
	oidc_tokens_done(&tokens);
}

static enum oidc_outcome granted_with(const char *member, const char *value, struct oidc_tokens *tokens)
{
	char *body = spoilt(granted, member, value);
	struct error err;
	enum oidc_outcome outcome = ask(200, body, tokens, &err);

	if (outcome != OIDC_GRANTED)
		CHECK(outcome == OIDC_FAILED && err.kind == ERROR_UNAVAILABLE && strstr(err.message, member));
	release_text(body);
	return outcome;
}

static void a_refresh_token_may_lack(void)
{
	struct oidc_tokens tokens;

	CHECK(granted_with("refreshToken", NULL, &tokens) == OIDC_GRANTED && !tokens.refresh_token);
	oidc_tokens_done(&tokens);
	CHECK(granted_with("refreshToken", "null", &tokens) == OIDC_GRANTED && !tokens.refresh_token);
	oidc_tokens_done(&tokens);
}

static void lives_are_brought_into_range(void)
{
	static const struct {
		const char *value;
		int64_t want_s;
	} cases[] = {
		{"1", 1},
		{"0", 1},
		{"-3600", 1},
		{"-9223372036854775808", 1},
		{"9223372036854775807", YEARS_10},
		{"1e300", YEARS_10},
		{"-1e300", 1},
		{"28800.0", 28800},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct oidc_tokens tokens;

		CHECK(granted_with("expiresIn", cases[i].value, &tokens) == OIDC_GRANTED);
		CHECK(tokens.expires_in_s == cases[i].want_s);
		oidc_tokens_done(&tokens);
	}
}

static void tokens_that_cannot_be_sent_are_refused(void)
{
	static const struct {
		const char *member, *value;
	} cases[] = {
		{"accessToken", NULL},          {"accessToken", "null"},
		{"accessToken", "7"},           {"accessToken", "\"\""},
		{"accessToken", "\"a b\""},     {"accessToken", "\"a\\r\\nX-Evil: 1\""},
		{"accessToken", "\"\\u00e9\""}, {"accessToken", "[]"},
		{"refreshToken", "7"},          {"refreshToken", "\"\""},
		{"refreshToken", "\"a\\nb\""},  {"expiresIn", NULL},
		{"expiresIn", "null"},          {"expiresIn", "\"soon\""},
		{"expiresIn", "3600.5"},        {"expiresIn", "true"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct oidc_tokens tokens;

		CHECK(granted_with(cases[i].member, cases[i].value, &tokens) == OIDC_FAILED);
		CHECK(!tokens.refresh_token);
	}
}

static void a_token_without_end_is_refused(void)
{
	static char body[70000];
	struct oidc_tokens tokens;
	struct error err;
	size_t n = (size_t)snprintf(body, sizeof(body), "{\"expiresIn\":1,\"accessToken\":\"");

	memset(body + n, 'x', 40000);
	memcpy(body + n + 40000, "\"}", 3);
	CHECK(ask(200, body, &tokens, &err) == OIDC_FAILED && strstr(err.message, "accessToken"));
}

static void polling_is_sorted_by_name(void)
{
	static const struct {
		long status;
		const char *error;
		enum oidc_outcome want;
		enum error_kind kind;
		const char *word;
	} cases[] = {
		{400, "authorization_pending", OIDC_PENDING, ERROR_NONE, ""},
		{400, "slow_down", OIDC_SLOW_DOWN, ERROR_NONE, ""},
		{429, "slow_down", OIDC_SLOW_DOWN, ERROR_NONE, ""},
		{400, "expired_token", OIDC_FAILED, ERROR_LOGIN_REQUIRED,
		 "nobody approved the sign-in in time: run 'iamic-login' again"},
		{400, "access_denied", OIDC_FAILED, ERROR_DENIED, "denied"},
		{400, "invalid_grant", OIDC_INVALID_GRANT, ERROR_LOGIN_REQUIRED, "iamic-login"},
		{401, "invalid_client", OIDC_INVALID_CLIENT, ERROR_LOGIN_REQUIRED, "iamic-login"},
		{400, "invalid_request", OIDC_FAILED, ERROR_CONFIG, "check sso_region"},
		{400, "something_new", OIDC_FAILED, ERROR_UNAVAILABLE, "something_new"},
		{500, "server_error", OIDC_TRY_LATER, ERROR_UNAVAILABLE, "HTTP 500"},
		{500, "invalid_grant", OIDC_TRY_LATER, ERROR_UNAVAILABLE, "HTTP 500"},
		{503, "slow_down", OIDC_TRY_LATER, ERROR_UNAVAILABLE, "HTTP 503"},
		{429, "", OIDC_TRY_LATER, ERROR_UNAVAILABLE, "HTTP 429"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct oidc_tokens tokens;
		struct error err;
		char body[200];

		snprintf(body, sizeof(body), "{\"error\":\"%s\",\"error_description\":\"words\"}",
			 cases[i].error);
		if (ask(cases[i].status, body, &tokens, &err) != cases[i].want || err.kind != cases[i].kind ||
		    (err.kind != ERROR_NONE && !strstr(err.message, cases[i].word))) {
			fprintf(stderr, "%ld %s: kind %d: %s\n", cases[i].status, cases[i].error, err.kind,
				err.message);
			exit(1);
		}
	}
}

static void the_header_decides_before_the_body(void)
{
	struct aws_reply reply = reply_of(400, "{\"error\":\"invalid_grant\"}");
	struct oidc_tokens tokens = {0};
	struct error err;

	reply.error_type =
		"AuthorizationPendingException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/";
	CHECK(oidc_read_tokens(&reply, FLOW_DEVICE, &tokens, &err) == OIDC_PENDING);
	reply.body = "";
	reply.body_len = 0;
	CHECK(oidc_read_tokens(&reply, FLOW_DEVICE, &tokens, &err) == OIDC_PENDING);
}

static void what_is_not_polled_is_never_pending(void)
{
	static const struct {
		const char *body;
		enum oidc_outcome outcome;
	} cases[] = {
		{"{\"error\":\"authorization_pending\"}", OIDC_FAILED},
		{"{\"error\":\"slow_down\"}", OIDC_TRY_LATER},
		{"{\"error\":\"invalid_grant\"}", OIDC_INVALID_GRANT},
		{"{\"error\":\"invalid_client\"}", OIDC_INVALID_CLIENT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aws_reply reply = reply_of(400, cases[i].body);
		struct oidc_tokens tokens = {0};
		struct error err;

		CHECK(oidc_read_tokens_unpolled(&reply, FLOW_BROWSER, &tokens, &err) == cases[i].outcome);
		check_message(&err, "CreateToken");
	}
}

static void what_aws_did_not_write_never_ends_a_sign_in(void)
{
	static const struct {
		long status;
		const char *body;
	} cases[] = {
		{200, ""},
		{200, "<!DOCTYPE html><p>Guest network hunter2"},
		{200, "hunter2"},
		{200, "[]"},
		{200, "\xff\xfe"},
		{302, ""},
		{400, "<html>hunter2</html>"},
		{401, ""},
		{403, "x"},
		{407, "<html>"},
		{200, "{}"},
		{204, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct oidc_tokens tokens;
		struct error err;

		CHECK(ask(cases[i].status, cases[i].body, &tokens, &err) == OIDC_FAILED);
		CHECK(err.kind == ERROR_UNAVAILABLE);
	}
}

static void what_came_in_the_place_of_an_answer_is_named(void)
{
	struct aws_reply page = reply_of(200, "Welcome to this network");
	struct oidc_tokens tokens;
	struct error err;

	CHECK(ask(302, "", &tokens, &err) == OIDC_FAILED && strstr(err.message, "redirect"));
	CHECK(ask(300, "", &tokens, &err) == OIDC_FAILED && strstr(err.message, "redirect"));
	CHECK(ask(400, "", &tokens, &err) == OIDC_FAILED && !strstr(err.message, "redirect"));
	CHECK(ask(200, " \n<p>", &tokens, &err) == OIDC_FAILED && strstr(err.message, "web page"));
	page.content_type = "Text/HTML; charset=utf-8";
	CHECK(oidc_read_tokens(&page, FLOW_DEVICE, &tokens, &err) == OIDC_FAILED &&
	      strstr(err.message, "web page"));
	page.content_type = NULL;
	CHECK(oidc_read_tokens(&page, FLOW_DEVICE, &tokens, &err) == OIDC_FAILED &&
	      strstr(err.message, "no JSON object"));
	CHECK(ask(400, "{\"error\":\"server_error\"}", &tokens, &err) == OIDC_TRY_LATER);
	CHECK_STR(err.message,
		  "CreateToken: AWS answered HTTP 400 (InternalServerException): try again later");
	CHECK(ask(418, "{\"message\":\"words\"}", &tokens, &err) == OIDC_FAILED);
	CHECK_STR(err.message, "CreateToken: AWS answered HTTP 418: words: try again later");
}

static void every_truncation_is_refused(void)
{
	for (size_t len = 0; len < sizeof(granted) - 1; len++) {
		struct aws_reply reply = {.status = 200, .body = granted, .body_len = len};
		struct oidc_tokens tokens = {0};
		struct error err;

		CHECK(oidc_read_tokens(&reply, FLOW_DEVICE, &tokens, &err) == OIDC_FAILED &&
		      !tokens.access_token);
		check_message(&err, "CreateToken");
	}
}

static void a_full_arena_is_said(void)
{
	static struct hoard hoard;
	struct oidc_tokens tokens;
	struct error err;

	hoard_fill(&hoard);
	CHECK(ask(200, granted, &tokens, &err) == OIDC_FAILED);
	hoard_release(&hoard);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "too many roles in use"));
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_registration_always_asks_for_scopes_and_both_grants();
	a_registration_for_the_browser_says_where_it_comes_back_to();
	a_code_goes_with_its_verifier_and_never_twice();
	scopes_keep_their_order_and_lack_nothing();
	a_sign_in_names_client_and_start_url();
	tokens_are_asked_for_in_camel_case_and_never_twice();
	a_client_secret_of_kilobytes_is_sent_whole();
	a_full_arena_does_not_stop_a_sign_in();
	what_is_not_utf8_is_sent_as_nothing();
	a_registration_is_read();
	a_registration_lacks_nothing_it_needs();
	a_registration_that_is_refused_says_why();
	a_device_authorization_is_read();
	numbers_are_brought_into_range();
	what_cannot_be_used_is_refused();
	one_address_is_enough();
	the_wrong_region_is_explained();
	a_key_that_is_broken_is_explained();
	a_policy_against_the_device_flow_leaves_the_browser();
	a_policy_against_the_browser_leaves_the_device_flow();
	other_refusals_of_a_sign_in_are_sorted();
	tokens_are_read();
	a_refresh_token_may_lack();
	lives_are_brought_into_range();
	tokens_that_cannot_be_sent_are_refused();
	a_token_without_end_is_refused();
	polling_is_sorted_by_name();
	the_header_decides_before_the_body();
	what_is_not_polled_is_never_pending();
	what_aws_did_not_write_never_ends_a_sign_in();
	what_came_in_the_place_of_an_answer_is_named();
	every_truncation_is_refused();
	a_full_arena_is_said();
	return 0;
}
