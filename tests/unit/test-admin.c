#include "aws/admin.h"

#include "aws.h"
#include "aws/credentials.h"
#include "aws/reply.h"
#include "base/xalloc.h"
#include "check.h"

#define SUMMARY_HEAD                                                                                         \
	"<GetAccountSummaryResponse "                                                                        \
	"xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetAccountSummaryResult><SummaryMap>"
#define SUMMARY_TAIL "</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"

static void only_what_is_listed_is_found(void)
{
	CHECK(admin_find("iam", "GetAccountSummary") && admin_find("sso-admin", "ListInstances"));
	CHECK(!admin_find("iam", "DeleteUser") && !admin_find("sso-admin", "DeleteAccountAssignment"));
	CHECK(!admin_find("cloudtrail", "ListInstances") && !admin_find("", ""));
}

/* What changes something is repeated by nobody but whoever asked for it. */
static void what_changes_something_is_marked_by_its_name(void)
{
	static const char *const services[] = {"sso-admin", "identitystore"};
	static const struct {
		const char *name;
		bool is_write;
	} rows[] = {
		{"CreatePermissionSet", true}, {"CreateAccountAssignment", true},
		{"CreateUser", true},          {"CreateGroupMembership", true},
		{"ListUsers", false},          {"DescribeUser", false},
		{"ListPermissionSets", false}, {"UpdatePermissionSet", true},
		{"GetGroupId", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(aws_request_donep) struct aws_request request = {0};
		const struct admin_operation *operation = admin_find(services[0], rows[i].name);
		struct error err;

		if (!operation)
			operation = admin_find(services[1], rows[i].name);
		CHECK(operation && operation->is_write == rows[i].is_write);
		CHECK(admin_write(&request, operation, "https://h", "us-east-1", "{}",
				  xcalloc(1, sizeof(struct role_keys)), &err));
		CHECK(request.is_idempotent == !rows[i].is_write);
	}
}

static void the_identity_store_has_a_name_of_its_own(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	struct error err;

	CHECK(admin_write(&request, admin_find("identitystore", "CreateUser"), "https://h", "us-east-1",
			  "{\"UserName\":\"\u00fcn\u00ef\"}", xcalloc(1, sizeof(struct role_keys)), &err));
	CHECK_STR(request.target, "AWSIdentityStore.CreateUser");
	CHECK_STR(request.sign_service, "identitystore");
}

static void a_json_operation_is_as_the_model_says(void)
{
	_cleanup_(aws_request_donep) struct aws_request request = {0};
	struct role_keys *keys = xcalloc(1, sizeof(*keys));
	struct error err;

	CHECK(admin_write(&request, admin_find("cloudtrail", "GetTrailStatus"),
			  "https://cloudtrail.eu-west-1.amazonaws.com", "eu-west-1", "{ \"Name\" : \"a\" }",
			  keys, &err));
	CHECK_STR(request.url, "https://cloudtrail.eu-west-1.amazonaws.com/");
	CHECK_STR(request.content_type, "application/x-amz-json-1.1");
	CHECK_STR(request.target, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetTrailStatus");
	CHECK_STR(request.body.data, "{\"Name\":\"a\"}");
	CHECK_STR(request.sign_service, "cloudtrail");
	CHECK_STR(request.sign_region, "eu-west-1");
	CHECK(request.is_post && request.sign_with == keys);
}

static void iam_is_signed_for_in_its_partitions_region(void)
{
	static const char *const rows[][2] = {{"eu-west-1", "us-east-1"},
					      {"cn-northwest-1", "cn-north-1"},
					      {"us-gov-east-1", "us-gov-west-1"},
					      {"eusc-de-east-1", "eusc-de-east-1"},
					      {"us-iso-east-1", "us-iso-east-1"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(aws_request_donep) struct aws_request request = {0};
		struct error err;

		CHECK(admin_write(&request, admin_find("iam", "GetAccountSummary"),
				  "https://iam.amazonaws.com", rows[i][0], "{}",
				  xcalloc(1, sizeof(struct role_keys)), &err));
		CHECK_STR(request.sign_region, rows[i][1]);
		CHECK_STR(request.body.data, "Action=GetAccountSummary&Version=2010-05-08");
		CHECK(!request.target);
	}
}

static void input_that_is_none_is_refused(void)
{
	static const char *const inputs[] = {"", "[]", "{", "x", "{}{}", "{\"a\":1,\"a\":2}"};

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		struct aws_request request;
		struct error err = {0};

		CHECK(!admin_write(&request, admin_find("sso-admin", "ListInstances"), "https://h",
				   "us-east-1", inputs[i], xcalloc(1, sizeof(struct role_keys)), &err));
		CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "ListInstances"));
	}
	struct aws_request request;
	struct error err = {0};

	CHECK(!admin_write(&request, admin_find("iam", "GetAccountSummary"), "https://h", "us-east-1",
			   "{\"a\":1}", xcalloc(1, sizeof(struct role_keys)), &err));
}

static void a_summary_becomes_json(void)
{
	struct aws_fault fault;
	struct aws_reply reply = reply_of(
		200, SUMMARY_HEAD "<entry><key>Users</key><value>31</value></entry>\n"
				  "<entry><key>AccountMFAEnabled</key><value>1</value></entry>" SUMMARY_TAIL);
	_cleanup_json_ json_t *document = NULL;
	struct error err;

	CHECK(admin_read(admin_find("iam", "GetAccountSummary"), &reply, &document, &fault, &err));
	CHECK_STR(fault.name, "");
	json_t *map = json_object_get(document, "SummaryMap");
	CHECK(json_object_size(map) == 2 &&
	      json_integer_value(json_object_get(map, "AccountMFAEnabled")) == 1);
	CHECK(json_integer_value(json_object_get(map, "Users")) == 31);
}

static void every_other_answer_is_an_error_that_quotes_no_more_than_aws_says(void)
{
	static const struct {
		const char *service, *operation;
		long status;
		const char *body;
		enum error_kind kind;
		const char *fault;
	} rows[] = {
		{"iam", "GetAccountSummary", 200, SUMMARY_HEAD SUMMARY_TAIL, ERROR_UNAVAILABLE, ""},
		{"iam", "GetAccountSummary", 200, SUMMARY_HEAD "<entry>", ERROR_UNAVAILABLE, ""},
		{"iam", "GetAccountSummary", 200, SECRET, ERROR_UNAVAILABLE, ""},
		{"iam", "GetAccountSummary", 403,
		 "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></"
		 "ErrorResponse>",
		 ERROR_DENIED, "AccessDenied"},
		{"iam", "GetAccountSummary", 503, "", ERROR_UNAVAILABLE, ""},
		{"sso-admin", "ListInstances", 200, "[]", ERROR_UNAVAILABLE, ""},
		{"sso-admin", "ListInstances", 200, SECRET, ERROR_UNAVAILABLE, ""},
		{"sso-admin", "ListInstances", 400,
		 "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", ERROR_DENIED,
		 "AccessDeniedException"},
		{"identitystore", "CreateUser", 400,
		 "{\"__type\":\"com.amazon#ConflictException\",\"Message\":\"Duplicate UserName\"}",
		 ERROR_DENIED, "ConflictException"},
		{"sso-admin", "ListInstances", 400, "{\"__type\":\"ThrottlingException\"}", ERROR_UNAVAILABLE,
		 "ThrottlingException"},
		{"sso-admin", "ListInstances", 429, "{\"__type\":\"ThrottlingException\"}", ERROR_UNAVAILABLE,
		 "ThrottlingException"},
		{"sso-admin", "ListInstances", 500, "{\"__type\":\"InternalServerException\"}",
		 ERROR_UNAVAILABLE, "InternalServerException"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct aws_reply reply = reply_of(rows[i].status, rows[i].body);
		json_t *document = NULL;
		struct aws_fault fault;
		struct error err = {0};

		CHECK(!admin_read(admin_find(rows[i].service, rows[i].operation), &reply, &document, &fault,
				  &err));
		CHECK_STR(fault.name, rows[i].fault);
		check_message(&err, rows[i].operation);
		CHECK(err.kind == rows[i].kind && !document);
	}
}

static void throttling_is_told_from_what_is_refused(void)
{
	static const struct {
		long status;
		const char *body;
		bool is_throttled;
	} rows[] = {
		{400, "{\"__type\":\"ThrottlingException\"}", true},
		{400, "{\"__type\":\"x#TooManyRequestsException\"}", true},
		{400, "{\"__type\":\"ConflictException\",\"Message\":\"ThrottlingException\"}", false},
		{400, "ThrottlingException", false},
		{400, "", false},
		{403, "{\"__type\":\"ThrottlingException\"}", false},
		{429, "", true},
		{503, "{}", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct aws_reply reply = reply_of(rows[i].status, rows[i].body);

		CHECK(reply_is_throttled(&reply) == rows[i].is_throttled);
	}
}

int main(void)
{
	use_memory_as_the_daemon_does();
	only_what_is_listed_is_found();
	what_changes_something_is_marked_by_its_name();
	the_identity_store_has_a_name_of_its_own();
	throttling_is_told_from_what_is_refused();
	a_json_operation_is_as_the_model_says();
	iam_is_signed_for_in_its_partitions_region();
	input_that_is_none_is_refused();
	a_summary_becomes_json();
	every_other_answer_is_an_error_that_quotes_no_more_than_aws_says();
	return 0;
}
