#include "aws/portal.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"
#include "iamic/protocol.h"

#define ENDPOINT "https://portal.sso.eu-west-1.amazonaws.com"
#define ACCOUNT  "123456789012"
#define NOW      INT64_C(1769860800)

static const char granted[] =
	"{\"roleCredentials\":{\"accessKeyId\":\"ASIAEXAMPLE\",\"secretAccessKey\":\"" SECRET
	"\",\"sessionToken\":\"token/+=" SECRET "\",\"expiration\":1769864400999}}";

/* --- what is sent --- */

static void check_request(const struct aws_request *request, const char *operation, const char *url,
			  bool is_secret)
{
	CHECK_STR(request->operation, operation);
	CHECK_STR(request->url, url);
	CHECK_STR(secret_text(request->bearer), SECRET);
	CHECK(request->is_reply_secret == is_secret && request->is_idempotent);
	CHECK(!request->content_type && !request->sign_with && request->body.len == 0);
}

static void requests_are_as_the_model_says(void)
{
	_cleanup_(secret_freep) struct secret *token = secret_new(SECRET, strlen(SECRET));
	_cleanup_(aws_request_donep) struct aws_request role = {0}, accounts = {0}, more = {0}, roles = {0},
							rest = {0}, logout = {0};
	struct error err;

	CHECK(portal_write_get_role_credentials(&role, ENDPOINT, token, ACCOUNT, "Power+User,a=b@c.d-e",
						&err));
	check_request(&role, "GetRoleCredentials",
		      ENDPOINT
		      "/federation/credentials?role_name=Power%2BUser%2Ca%3Db%40c.d-e&account_id=" ACCOUNT,
		      true);
	CHECK(portal_write_list_accounts(&accounts, ENDPOINT, token, NULL, &err));
	check_request(&accounts, "ListAccounts", ENDPOINT "/assignment/accounts?max_result=100", false);
	CHECK(portal_write_list_accounts(&more, ENDPOINT, token, "a+/=&b", &err));
	CHECK_STR(more.url, ENDPOINT "/assignment/accounts?max_result=100&next_token=a%2B%2F%3D%26b");
	CHECK(portal_write_list_account_roles(&roles, ENDPOINT, token, ACCOUNT, NULL, &err));
	check_request(&roles, "ListAccountRoles",
		      ENDPOINT "/assignment/roles?account_id=" ACCOUNT "&max_result=100", false);
	CHECK(portal_write_list_account_roles(&rest, ENDPOINT, token, ACCOUNT, "n", &err));
	CHECK(strstr(rest.url, "&next_token=n"));
	CHECK(!role.is_post && !accounts.is_post && !roles.is_post);
	CHECK(portal_write_logout(&logout, ENDPOINT, token, &err));
	check_request(&logout, "Logout", ENDPOINT "/logout", false);
	CHECK(logout.is_post);
}

static void a_full_arena_is_said_before_sending(void)
{
	_cleanup_(secret_freep) struct secret *token = secret_new(SECRET, strlen(SECRET));
	struct aws_request request = {0};
	static struct hoard hoard;
	struct error err;

	hoard_fill(&hoard);
	CHECK(!portal_write_get_role_credentials(&request, ENDPOINT, token, ACCOUNT, "R", &err));
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "too many roles in use"));
	CHECK(!portal_write_logout(&request, ENDPOINT, token, &err));
	CHECK(!request.url && !request.bearer);
	hoard_release(&hoard);
}

/* --- refusals --- */

static void replies_are_sorted_by_status(void)
{
	static const char unauthorized[] = "{\"message\":\"Session token not found or invalid\",\"__type\":"
					   "\"com.amazonaws.switchboard.portal#UnauthorizedException\"}";
	static const struct {
		long status;
		const char *body;
		enum portal_outcome want;
		enum error_kind kind;
	} cases[] = {
		{200, "", PORTAL_OK, ERROR_NONE},
		{401, unauthorized, PORTAL_UNAUTHORIZED, ERROR_NONE},
		{401, "", PORTAL_UNAUTHORIZED, ERROR_NONE},
		{401, "<html>hunter2</html>", PORTAL_FAILED, ERROR_UNAVAILABLE},
		{400, "{\"__type\":\"InvalidRequestException\"}", PORTAL_DENIED, ERROR_DENIED},
		{403, "{\"message\":\"No access\",\"__type\":\"x#ForbiddenException\"}", PORTAL_DENIED,
		 ERROR_DENIED},
		{403, unauthorized, PORTAL_DENIED, ERROR_DENIED},
		{403, "", PORTAL_DENIED, ERROR_DENIED},
		{403, "<html>hunter2</html>", PORTAL_FAILED, ERROR_UNAVAILABLE},
		{404, "{\"__type\":\"ResourceNotFoundException\"}", PORTAL_DENIED, ERROR_DENIED},
		{429, "{\"__type\":\"x#TooManyRequestsException\"}", PORTAL_TRY_LATER, ERROR_UNAVAILABLE},
		{429, "<html>hunter2</html>", PORTAL_TRY_LATER, ERROR_UNAVAILABLE},
		{500, unauthorized, PORTAL_TRY_LATER, ERROR_UNAVAILABLE},
		{503, "", PORTAL_TRY_LATER, ERROR_UNAVAILABLE},
		{302, "", PORTAL_FAILED, ERROR_UNAVAILABLE},
		{407, "", PORTAL_FAILED, ERROR_UNAVAILABLE},
		{204, "", PORTAL_FAILED, ERROR_UNAVAILABLE},
		{0, "", PORTAL_FAILED, ERROR_UNAVAILABLE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct aws_reply reply = reply_of(cases[i].status, cases[i].body);
		struct error err = {0};
		enum portal_outcome outcome = portal_read_outcome(&reply, &err);

		if (outcome != cases[i].want || err.kind != cases[i].kind) {
			fprintf(stderr, "case %zu: outcome %d, kind %d: %s\n", i, outcome, err.kind,
				err.message);
			exit(1);
		}
		if (err.kind != ERROR_NONE)
			check_message(&err, "portal");
	}
}

static void a_page_that_names_a_fault_is_awss(void)
{
	struct aws_reply reply = reply_of(401, "<html>");
	struct error err;

	CHECK(portal_read_outcome(&reply, &err) == PORTAL_FAILED);
	reply.error_type = "UnauthorizedException";
	CHECK(portal_read_outcome(&reply, &err) == PORTAL_UNAUTHORIZED);
	reply = reply_of(403, "{\"__type\":\"x#ForbiddenException\"}");
	reply.content_type = "text/html";
	CHECK(portal_read_outcome(&reply, &err) == PORTAL_DENIED);
}

/* --- GetRoleCredentials' reply --- */

static enum portal_outcome get(long status, const char *body, int64_t now, struct credentials **ret,
			       struct error *err)
{
	struct aws_reply reply = reply_of(status, body);
	enum portal_outcome outcome;

	*ret = NULL;
	*err = (struct error){0};
	outcome = portal_read_role_credentials(&reply, ACCOUNT, "Power+User", now, ret, err);
	CHECK((outcome == PORTAL_OK) == (*ret != NULL));
	if (outcome != PORTAL_OK && outcome != PORTAL_UNAUTHORIZED)
		check_message(err, outcome == PORTAL_DENIED ? "account" : "GetRoleCredentials");
	return outcome;
}

static void credentials_become_the_document(void)
{
	_cleanup_(credentials_freep) struct credentials *credentials = NULL;
	struct error err;

	CHECK(get(200, granted, NOW, &credentials, &err) == PORTAL_OK);
	CHECK(credentials->expires_at == NOW + 3600 && credentials->granted_at == NOW);
	CHECK_STR(secret_text(credentials->document),
		  "{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"" SECRET
		  "\",\"SessionToken\":\"token/+=" SECRET "\",\"Expiration\":\"2026-01-31T13:00:00Z\","
		  "\"AccountId\":\"" ACCOUNT "\"}");
	CHECK(secret_len(credentials->document) == strlen(secret_text(credentials->document)));
}

static void a_denial_names_account_and_role(void)
{
	static const long statuses[] = {400, 403, 404};

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		struct credentials *credentials;
		struct error err;

		CHECK(get(statuses[i], "{\"message\":\"No access\"}", NOW, &credentials, &err) ==
		      PORTAL_DENIED);
		CHECK(err.kind == ERROR_DENIED);
		CHECK_STR(err.message,
			  "account 123456789012, role 'Power+User' is not assigned to you, or was "
			  "assigned after you signed in");
	}
}

static enum portal_outcome granted_with(const char *member, const char *value, struct credentials **ret)
{
	char *body = spoilt(granted, member, value);
	struct error err;
	enum portal_outcome outcome = get(200, body, NOW, ret, &err);

	if (outcome != PORTAL_OK)
		CHECK(outcome == PORTAL_FAILED && err.kind == ERROR_UNAVAILABLE);
	release_text(body);
	return outcome;
}

static void the_expiration_is_milliseconds(void)
{
	static const struct {
		const char *value;
		int64_t want_s;
	} cases[] = {
		{"1769864400000", NOW + 3600},
		{"1769864400000.0", NOW + 3600},
		{"1769860801000", NOW + 1},
		{"253402300799000", INT64_C(253402300799)},
		{"9223372036854775807", INT64_C(253402300799)},
		{"1e300", INT64_C(253402300799)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(credentials_freep) struct credentials *credentials = NULL;

		CHECK(granted_with("roleCredentials.expiration", cases[i].value, &credentials) == PORTAL_OK);
		CHECK(credentials->expires_at == cases[i].want_s);
	}
}

static void what_has_expired_already_is_not_taken(void)
{
	static const char *const values[] = {"1769860800999", "1769864400", "0", "-1",
					     "-9223372036854775808"};
	struct credentials *credentials;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		CHECK(granted_with("roleCredentials.expiration", values[i], &credentials) == PORTAL_FAILED);
	CHECK(get(200, granted, NOW + 3600, &credentials, &err) == PORTAL_FAILED &&
	      strstr(err.message, "clock"));
}

static void what_would_break_the_document_is_refused(void)
{
	static const char *const members[] = {"roleCredentials.accessKeyId",
					      "roleCredentials.secretAccessKey",
					      "roleCredentials.sessionToken"};
	static const char *const values[] = {
		NULL,         "null",       "7",         "[]",      "{}",          "\"\"",
		"\"a\\\"b\"", "\"a\\\\b\"", "\"a\\nb\"", "\"a b\"", "\"\\u00e9\"", "\"\\u007f\"",
	};
	static const char *const numbers[] = {NULL, "null", "\"1769864400000\"", "1769864400000.5",
					      "[]", "true"};
	struct credentials *credentials;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++)
			CHECK(granted_with(members[i], values[j], &credentials) == PORTAL_FAILED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		CHECK(granted_with("roleCredentials.expiration", numbers[i], &credentials) == PORTAL_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		CHECK(granted_with("roleCredentials", values[i], &credentials) == PORTAL_FAILED);
}

static void a_document_fits_the_reply_or_is_refused(void)
{
	static char token[IAMIC_CREDENTIALS_MAX], body[2 * IAMIC_CREDENTIALS_MAX];
	_cleanup_(credentials_freep) struct credentials *largest = NULL, *too_large = NULL;
	size_t frame =
		strlen("{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"SessionToken\":\"\","
		       "\"Expiration\":\"2026-01-31T13:00:00Z\",\"AccountId\":\"" ACCOUNT "\"}");
	size_t most = IAMIC_CREDENTIALS_MAX - 64 - frame;
	struct error err;

	for (size_t len = most; len <= most + 1; len++) {
		memset(token, 't', len);
		snprintf(body, sizeof(body),
			 "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"S\","
			 "\"sessionToken\":\"%s\",\"expiration\":1769864400000}}",
			 token);
		if (len == most)
			CHECK(get(200, body, NOW, &largest, &err) == PORTAL_OK);
		else
			CHECK(get(200, body, NOW, &too_large, &err) == PORTAL_FAILED);
	}
	CHECK(secret_len(largest->document) == IAMIC_CREDENTIALS_MAX - 64);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "more than 16320"));
}

static void what_is_not_understood_is_unavailable(void)
{
	static const char *const bodies[] = {
		"", "{}", "[]", "null", "<html>hunter2", "hunter2", "\xff", "{\"roleCredentials\":"};
	struct credentials *credentials;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		CHECK(get(200, bodies[i], NOW, &credentials, &err) == PORTAL_FAILED);
		CHECK(err.kind == ERROR_UNAVAILABLE);
	}
	for (size_t len = 0; len < sizeof(granted) - 1; len++) {
		struct aws_reply reply = {.status = 200, .body = granted, .body_len = len};

		CHECK(portal_read_role_credentials(&reply, ACCOUNT, "R", NOW, &credentials, &err) ==
		      PORTAL_FAILED);
		check_message(&err, "GetRoleCredentials");
	}
	CHECK(get(401, "{}", NOW, &credentials, &err) == PORTAL_UNAUTHORIZED);
	CHECK(get(503, "{}", NOW, &credentials, &err) == PORTAL_TRY_LATER);
}

static void a_full_arena_is_an_outcome_of_its_own(void)
{
	struct credentials *credentials;
	static struct hoard hoard;
	struct error err;

	hoard_fill(&hoard);
	CHECK(get(200, granted, NOW, &credentials, &err) == PORTAL_FULL);
	hoard_release(&hoard);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "too many roles in use"));
	CHECK(get(200, granted, NOW, &credentials, &err) == PORTAL_OK);
	credentials_free(credentials);
}

/* --- lists --- */

typedef enum portal_outcome (*list_fn)(const struct aws_reply *reply, json_t **ret_rows, char **ret_next,
				       struct error *err);

static void expect_rows(list_fn read, const char *body, const char *want, const char *want_next)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(65536, &buffer_heap);
	struct aws_reply reply = reply_of(200, body);
	_cleanup_json_ json_t *rows = NULL;
	_cleanup_free_ char *next = NULL;
	struct error err;

	CHECK(read(&reply, &rows, &next, &err) == PORTAL_OK);
	CHECK(json_append(&text, rows));
	CHECK_STR(text.data, want);
	CHECK(!next == !want_next);
	if (next)
		CHECK_STR(next, want_next);
}

static void accounts_have_the_sockets_form(void)
{
	expect_rows(
		portal_read_accounts,
		"{\"accountList\":[{\"accountId\":\"012345678901\",\"accountName\":\"Pay \xc3\xa9\","
		"\"emailAddress\":\"p@x\",\"new\":{\"nextToken\":\"no\"}},{\"accountId\":\"999988887777\","
		"\"accountName\":null}],\"nextToken\":\"more+/=\"}",
		"[{\"accountId\":\"012345678901\",\"accountName\":\"Pay \xc3\xa9\",\"emailAddress\":\"p@x\"},"
		"{\"accountId\":\"999988887777\"}]",
		"more+/=");
	expect_rows(portal_read_accounts, "{\"accountList\":[],\"nextToken\":null}", "[]", NULL);
	expect_rows(portal_read_accounts, "{\"accountList\":[]}", "[]", NULL);
	expect_rows(portal_read_accounts, "{\"accountList\":[],\"nextToken\":\"\"}", "[]", NULL);
}

static void roles_have_the_sockets_form(void)
{
	expect_rows(portal_read_account_roles,
		    "{\"roleList\":[{\"roleName\":\"Power+User\",\"accountId\":\"012345678901\",\"new\":1}]}",
		    "[{\"accountId\":\"012345678901\",\"roleName\":\"Power+User\"}]", NULL);
}

static void expect_no_rows(list_fn read, long status, const char *body, enum portal_outcome want,
			   const char *word)
{
	struct aws_reply reply = reply_of(status, body);
	json_t *rows = NULL;
	char *next = NULL;
	struct error err = {0};
	enum portal_outcome outcome = read(&reply, &rows, &next, &err);

	if (outcome != want || rows || next || !strstr(err.message, word)) {
		fprintf(stderr, "outcome %d for '%s': %s\n", outcome, body, err.message);
		exit(1);
	}
	if (outcome != PORTAL_UNAUTHORIZED)
		check_message(&err, "List");
}

static void lists_that_are_not_understood_are_refused_whole(void)
{
	static const char *const bodies[] = {
		"{}",
		"{\"accountList\":null}",
		"{\"accountList\":{}}",
		"{\"accountList\":[7]}",
		"{\"accountList\":[null]}",
		"{\"accountList\":[{}]}",
		"{\"accountList\":[{\"accountId\":7}]}",
		"{\"accountList\":[{\"accountId\":\"\"}]}",
		"{\"accountList\":[{\"accountId\":\"1\\u001b[2J\"}]}",
		"{\"accountList\":[],\"nextToken\":7}",
		"{\"accountList\":[],\"nextToken\":{}}",
	};
	static char long_token[9000];
	size_t n = (size_t)snprintf(long_token, sizeof(long_token), "{\"accountList\":[],\"nextToken\":\"");

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		expect_no_rows(portal_read_accounts, 200, bodies[i], PORTAL_FAILED, "no usable");
	memset(long_token + n, 'x', 8193);
	memcpy(long_token + n + 8193, "\"}", 3);
	expect_no_rows(portal_read_accounts, 200, long_token, PORTAL_FAILED, "nextToken");
	expect_no_rows(portal_read_account_roles, 200, "{\"roleList\":[{\"accountId\":\"1\"}]}",
		       PORTAL_FAILED, "roleName");
	expect_no_rows(portal_read_accounts, 200, "hunter2", PORTAL_FAILED, "no JSON");
	expect_no_rows(portal_read_accounts, 200, "", PORTAL_FAILED, "empty");
	expect_no_rows(portal_read_accounts, 200, "<html>hunter2", PORTAL_FAILED, "web page");
	expect_no_rows(portal_read_accounts, 401, "{}", PORTAL_UNAUTHORIZED, "");
	expect_no_rows(portal_read_account_roles, 403, "{\"message\":\"No access\"}", PORTAL_DENIED,
		       "No access");
	expect_no_rows(portal_read_account_roles, 429, "{}", PORTAL_TRY_LATER, "HTTP 429");
}

int main(void)
{
	use_memory_as_the_daemon_does();
	requests_are_as_the_model_says();
	a_full_arena_is_said_before_sending();
	replies_are_sorted_by_status();
	a_page_that_names_a_fault_is_awss();
	credentials_become_the_document();
	a_denial_names_account_and_role();
	the_expiration_is_milliseconds();
	what_has_expired_already_is_not_taken();
	what_would_break_the_document_is_refused();
	a_document_fits_the_reply_or_is_refused();
	what_is_not_understood_is_unavailable();
	a_full_arena_is_an_outcome_of_its_own();
	accounts_have_the_sockets_form();
	roles_have_the_sockets_form();
	lists_that_are_not_understood_are_refused_whole();
	return 0;
}
