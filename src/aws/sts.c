#include "aws/sts.h"

#include <stdlib.h>
#include <string.h>

#include "aws/reply.h"
#include "aws/xml.h"
#include "base/text.h"
#include "base/xalloc.h"

#define BODY     "Action=GetCallerIdentity&Version=2011-06-15"
#define BODY_MAX 1024
#define RESULT   "GetCallerIdentityResponse/GetCallerIdentityResult/"

static const char get_caller_identity[] = "GetCallerIdentity";

void sts_write_get_caller_identity(struct aws_request *ret, const char *endpoint, const char *region,
				   struct role_keys *keys_taken)
{
	*ret = (struct aws_request){
		.operation = get_caller_identity,
		.is_post = true,
		.url = xasprintf("%s/", endpoint),
		.content_type = "application/x-www-form-urlencoded; charset=utf-8",
		.body = BUFFER_INIT(BODY_MAX, &buffer_heap),
		.sign_with = keys_taken,
		.sign_service = "sts",
		.sign_region = xstrdup(region),
		.is_idempotent = true,
	};
	if (!buffer_append_text(&ret->body, BODY))
		abort(); /* a constant that fits */
}

static void read_fault(const struct aws_reply *reply, struct aws_fault *ret)
{
	_cleanup_free_ char *code = xml_find_text(reply->body, reply->body_len, "ErrorResponse/Error/Code");
	_cleanup_free_ char *message =
		xml_find_text(reply->body, reply->body_len, "ErrorResponse/Error/Message");

	*ret = (struct aws_fault){0};
	if (code)
		aws_fault_set(ret, code, message ? message : "");
}

static bool is_throttling(const struct aws_fault *fault)
{
	return strcmp(fault->name, "Throttling") == 0 || strcmp(fault->name, "ThrottlingException") == 0;
}

static const char *hint(const struct aws_fault *fault)
{
	static const struct {
		const char *code, *hint;
	} hints[] = {
		{"ExpiredToken", "the role's credentials have ended: try again"},
		{"InvalidClientTokenId",
		 "AWS does not know the role's credentials: is the account closed, or the "
		 "region not enabled in it?"},
		{"SignatureDoesNotMatch", "does a proxy change requests on their way?"},
		{"RegionDisabledException",
		 "enable STS for this region in the account, or use another region"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (strcmp(fault->name, hints[i].code) == 0)
			return hints[i].hint;
	}
	return "ask the administrator of the account";
}

static bool explain_refusal(const struct aws_reply *reply, struct error *err)
{
	struct aws_fault fault;

	read_fault(reply, &fault);
	if (fault.name[0] && reply->status >= 400 && reply->status < 500 && reply->status != 429 &&
	    !is_throttling(&fault))
		reply_explain(reply, &fault, get_caller_identity, ERROR_DENIED, hint(&fault), err);
	else if (fault.name[0])
		reply_explain(reply, &fault, get_caller_identity, ERROR_UNAVAILABLE, "try again later", err);
	else
		reply_explain_unknown(reply, &fault, get_caller_identity, err);
	return false;
}

/* NULL unless it is text that may be shown. */
static char *read_result(const struct aws_reply *reply, const char *path)
{
	_cleanup_free_ char *text = xml_find_text(reply->body, reply->body_len, path);

	return text && *text && !text_has_controls(text) ? TAKE(text) : NULL;
}

bool sts_read_caller_identity(const struct aws_reply *reply, json_t **ret, struct error *err)
{
	_cleanup_free_ char *account = NULL, *arn = NULL, *user_id = NULL;

	if (reply->status != 200)
		return explain_refusal(reply, err);
	account = read_result(reply, RESULT "Account");
	arn = read_result(reply, RESULT "Arn");
	user_id = read_result(reply, RESULT "UserId");
	if (!account || !arn || !user_id)
		return error_set(
			err, ERROR_UNAVAILABLE,
			"%s: AWS's answer (HTTP 200) has no usable %s: try again, and check the proxy",
			get_caller_identity,
			!arn       ? "Arn"
			: !account ? "Account"
				   : "UserId");
	*ret = json_pack("{s:s, s:s, s:s}", "Account", account, "Arn", arn, "UserId", user_id);
	return true;
}

/* arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/USER */
char *sts_user_of_arn(const char *arn)
{
	const char *part = arn;
	const char *slash;

	if (strncmp(part, "arn:", 4) != 0)
		return NULL;
	part = strchr(part + 4, ':');
	if (!part || strncmp(part, ":sts::", 6) != 0)
		return NULL;
	part = strchr(part + 6, ':');
	if (!part || strncmp(part, ":assumed-role/", 14) != 0)
		return NULL;
	part += 14;
	slash = strrchr(part, '/');
	return slash && slash > part && slash[1] ? xstrdup(slash + 1) : NULL;
}
