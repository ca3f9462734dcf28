#include "aws/admin.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "aws/region.h"
#include "aws/reply.h"
#include "aws/xml.h"
#include "base/json.h"
#include "base/xalloc.h"

#define INPUT_MAX    (64 * 1024)
#define SUMMARY      "GetAccountSummaryResponse/GetAccountSummaryResult/SummaryMap/entry/"
#define SUMMARY_BODY "Action=GetAccountSummary&Version=2010-05-08"
#define TEXT_MAX     256

#define SSO_ADMIN(name, writes)                                                                              \
	{                                                                                                    \
		"sso-admin", name, AWS_SSO_ADMIN, "sso", "SWBExternalService", writes                        \
	}
#define IDENTITYSTORE(name, writes)                                                                          \
	{                                                                                                    \
		"identitystore", name, AWS_IDENTITYSTORE, "identitystore", "AWSIdentityStore", writes        \
	}
#define CLOUDTRAIL(name)                                                                                     \
	{                                                                                                    \
		"cloudtrail", name, AWS_CLOUDTRAIL, "cloudtrail", trail_target, false                        \
	}

static const char trail_target[] = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";

static const struct admin_operation operations[] = {
	SSO_ADMIN("ListInstances", false),
	SSO_ADMIN("DescribeInstance", false),
	SSO_ADMIN("ListPermissionSets", false),
	SSO_ADMIN("DescribePermissionSet", false),
	SSO_ADMIN("ListManagedPoliciesInPermissionSet", false),
	SSO_ADMIN("ListAccountsForProvisionedPermissionSet", false),
	SSO_ADMIN("ListPermissionSetsProvisionedToAccount", false),
	SSO_ADMIN("DescribePermissionSetProvisioningStatus", false),
	SSO_ADMIN("ListAccountAssignments", false),
	SSO_ADMIN("DescribeAccountAssignmentCreationStatus", false),
	SSO_ADMIN("CreatePermissionSet", true),
	SSO_ADMIN("UpdatePermissionSet", true),
	SSO_ADMIN("AttachManagedPolicyToPermissionSet", true),
	SSO_ADMIN("ProvisionPermissionSet", true),
	SSO_ADMIN("CreateAccountAssignment", true),
	IDENTITYSTORE("GetUserId", false),
	IDENTITYSTORE("DescribeUser", false),
	IDENTITYSTORE("ListUsers", false),
	IDENTITYSTORE("GetGroupId", false),
	IDENTITYSTORE("DescribeGroup", false),
	IDENTITYSTORE("ListGroups", false),
	IDENTITYSTORE("GetGroupMembershipId", false),
	IDENTITYSTORE("CreateUser", true),
	IDENTITYSTORE("CreateGroup", true),
	IDENTITYSTORE("CreateGroupMembership", true),
	CLOUDTRAIL("DescribeTrails"),
	CLOUDTRAIL("GetTrailStatus"),
	{"iam", "GetAccountSummary", AWS_IAM, "iam", NULL, false},
};

/* A service for a whole partition is signed for in one region of it. */
static const struct {
	const char *partition, *region;
} iam_regions[] = {
	{"aws", "us-east-1"},
	{"aws-cn", "cn-north-1"},
	{"aws-us-gov", "us-gov-west-1"},
	{"aws-eusc", "eusc-de-east-1"},
};

const struct admin_operation *admin_find(const char *service, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (strcmp(operations[i].service, service) == 0 && strcmp(operations[i].name, name) == 0)
			return &operations[i];
	}
	return NULL;
}

static const char *sign_region(const struct admin_operation *operation, const char *region)
{
	const struct partition *partition = region_partition(region);

	if (operation->endpoint != AWS_IAM || !partition)
		return region;
	for (size_t i = 0; i < ARRAY_SIZE(iam_regions); i++) {
		if (strcmp(iam_regions[i].partition, partition->name) == 0)
			return iam_regions[i].region;
	}
	return region;
}

/* What a client wrote is read before it is signed: one JSON object, an empty one for the query protocol. */
static bool write_body(const struct admin_operation *operation, const char *input, struct buffer *body,
		       struct error *err)
{
	_cleanup_json_ json_t *json = NULL;
	struct error ignored;

	if (!json_parse_object(input, strlen(input), "body", &json, &ignored))
		return error_set(err, ERROR_CONFIG, "the body of %s is not a JSON object", operation->name);
	if (!operation->target && json_object_size(json) > 0)
		return error_set(err, ERROR_CONFIG, "%s takes no input: its body is {}", operation->name);
	if (operation->target ? json_append(body, json) : buffer_append_text(body, SUMMARY_BODY))
		return true;
	return error_set(err, ERROR_CONFIG, "the body of %s is too long", operation->name);
}

bool admin_write(struct aws_request *ret, const struct admin_operation *operation, const char *endpoint,
		 const char *region, const char *input, struct role_keys *keys_taken, struct error *err)
{
	_cleanup_(role_keys_freep) struct role_keys *keys = keys_taken;
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(INPUT_MAX, &buffer_heap);

	if (!write_body(operation, input, &body, err))
		return false;
	*ret = (struct aws_request){
		.operation = operation->name,
		.is_post = true,
		.url = xasprintf("%s/", endpoint),
		.content_type = operation->target ? "application/x-amz-json-1.1"
						  : "application/x-www-form-urlencoded; charset=utf-8",
		.target = operation->target ? xasprintf("%s.%s", operation->target, operation->name) : NULL,
		.body = body,
		.sign_with = TAKE(keys),
		.sign_service = operation->sign_service,
		.sign_region = xstrdup(sign_region(operation, region)),
		.is_idempotent = !operation->is_write,
	};
	body = (struct buffer){0};
	return true;
}

/* {"SummaryMap":{"AccountMFAEnabled":1}} */
static bool read_summary(const struct aws_reply *reply, json_t **ret)
{
	_cleanup_json_ json_t *map = json_object();
	struct xml_reader reader;
	char key[TEXT_MAX] = "", value[TEXT_MAX] = "";
	enum xml_event event;

	xml_reader_init(&reader, reply->body, reply->body_len);
	while ((event = xml_next(&reader)) != XML_END && event != XML_MALFORMED) {
		bool is_key = xml_is_at(&reader, SUMMARY "key");
		char *text = is_key ? key : value;
		size_t len = 0;

		if (event != XML_TEXT || (!is_key && !xml_is_at(&reader, SUMMARY "value")))
			continue;
		if (!xml_decode_text(&reader, text, TEXT_MAX, &len))
			return false;
		text[len] = '\0';
		if (!is_key)
			json_object_set_new(map, key, json_integer(strtoll(value, NULL, 10)));
	}
	if (event == XML_MALFORMED || json_object_size(map) == 0)
		return false;
	*ret = json_pack("{s:O}", "SummaryMap", map);
	return true;
}

static void read_fault(const struct admin_operation *operation, const struct aws_reply *reply,
		       struct aws_fault *ret)
{
	_cleanup_free_ char *code = NULL, *message = NULL;

	*ret = (struct aws_fault){0};
	if (operation->target) {
		aws_fault_read(reply, ret);
		return;
	}
	code = xml_find_text(reply->body, reply->body_len, "ErrorResponse/Error/Code");
	message = xml_find_text(reply->body, reply->body_len, "ErrorResponse/Error/Message");
	if (code)
		aws_fault_set(ret, code, message ? message : "");
}

static bool explain(const struct admin_operation *operation, const struct aws_reply *reply,
		    struct aws_fault *ret_fault, struct error *err)
{
	read_fault(operation, reply, ret_fault);
	if (ret_fault->name[0] && !reply_is_passing_trouble(reply, ret_fault))
		reply_explain(reply, ret_fault, operation->name, ERROR_DENIED,
			      operation->is_write ? "change that, and try again"
						  : "ask the account's administrator",
			      err);
	else
		reply_explain_unknown(reply, ret_fault, operation->name, err);
	return false;
}

bool admin_read(const struct admin_operation *operation, const struct aws_reply *reply, json_t **ret,
		struct aws_fault *ret_fault, struct error *err)
{
	*ret_fault = (struct aws_fault){0};
	if (reply->status != 200)
		return explain(operation, reply, ret_fault, err);
	if (operation->target)
		return reply_parse(reply, operation->name, ret, err);
	if (read_summary(reply, ret))
		return true;
	return error_set(err, ERROR_UNAVAILABLE,
			 "%s: AWS's answer (HTTP 200) is not understood: check the proxy", operation->name);
}
