#include "aws/sts.h"

#include <stdlib.h>
#include <string.h>

#include "aws/reply.h"
#include "aws/xml.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/xalloc.h"

#define CALLER_BODY   "Action=GetCallerIdentity&Version=2011-06-15"
#define BODY_MAX      (128 * 1024) /* 50 tags of which each byte is escaped */
#define CALLER_RESULT "GetCallerIdentityResponse/GetCallerIdentityResult/"
#define ROLE_RESULT   "AssumeRoleResponse/AssumeRoleResult/Credentials/"
#define TEXT_MAX      (16 * 1024)

static const char get_caller_identity[] = "GetCallerIdentity";
static const char assume_role[] = "AssumeRole";

/* The body is copied. */
static void write_request(struct aws_request *ret, const char *operation, const char *endpoint,
			  const char *region, const char *body, struct role_keys *keys_taken)
{
	*ret = (struct aws_request){
		.operation = operation,
		.is_post = true,
		.url = xasprintf("%s/", endpoint),
		.content_type = "application/x-www-form-urlencoded; charset=utf-8",
		.body = BUFFER_INIT(BODY_MAX, &buffer_heap),
		.sign_with = keys_taken,
		.sign_service = "sts",
		.sign_region = xstrdup(region),
		.is_idempotent = true,
	};
	if (!buffer_append_text(&ret->body, body))
		abort(); /* what is written here fits */
}

void sts_write_get_caller_identity(struct aws_request *ret, const char *endpoint, const char *region,
				   struct role_keys *keys_taken)
{
	write_request(ret, get_caller_identity, endpoint, region, CALLER_BODY, keys_taken);
}

void sts_write_assume_role(struct aws_request *ret, const char *endpoint, const char *region,
			   const struct assumption *assumption, struct role_keys *keys_taken)
{
	write_request(ret, assume_role, endpoint, region, assumption->form, keys_taken);
	ret->is_reply_secret = true;
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

static const char *hint(const struct aws_fault *fault, const char *operation)
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
	return operation == assume_role ? "ask who keeps its trust policy"
					: "ask the administrator of the account";
}

static bool explain_refusal(const struct aws_reply *reply, const char *operation, struct error *err)
{
	struct aws_fault fault;

	read_fault(reply, &fault);
	if (reply->status < 400)
		reply_explain_unknown(reply, &fault, operation, err);
	else if (fault.name[0] && reply->status < 500 && reply->status != 429 && !is_throttling(&fault))
		reply_explain(reply, &fault, operation, ERROR_DENIED, hint(&fault, operation), err);
	else if (fault.name[0])
		reply_explain(reply, &fault, operation, ERROR_UNAVAILABLE, "try again later", err);
	else
		reply_explain_unknown(reply, &fault, operation, err);
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

	if (reply->status != 200 || reply_is_html(reply))
		return explain_refusal(reply, get_caller_identity, err);
	account = read_result(reply, CALLER_RESULT "Account");
	arn = read_result(reply, CALLER_RESULT "Arn");
	user_id = read_result(reply, CALLER_RESULT "UserId");
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

/* ---- AssumeRole ---- */

/* Texts of the reply in memory for secrets. */
struct assumed {
	char *access_key_id, *secret_access_key, *session_token;
};

static void assumed_done(struct assumed *assumed)
{
	secret_release(assumed->access_key_id);
	secret_release(assumed->secret_access_key);
	secret_release(assumed->session_token);
}

static bool read_key(const struct aws_reply *reply, const char *path, char **ret)
{
	size_t size = reply->body_len < TEXT_MAX ? reply->body_len + 1 : TEXT_MAX;

	*ret = secret_malloc(size);
	if (!*ret)
		abort();
	return xml_copy_text(reply->body, reply->body_len, path, *ret, size) && grant_text_is_usable(*ret);
}

enum grant_outcome sts_read_assumed_role(const struct aws_reply *reply, const struct assumption *assumption,
					 int64_t now, struct credentials **ret, struct error *err)
{
	_cleanup_free_ char *expiration = NULL;
	_cleanup_(assumed_done) struct assumed assumed = {0};
	struct grant grant = {.operation = assume_role, .account_id = assumption->account_id};

	if (reply->status != 200 || reply_is_html(reply)) {
		(void)explain_refusal(reply, assume_role, err);
		return GRANT_UNUSABLE;
	}
	expiration = read_result(reply, ROLE_RESULT "Expiration");
	if (!expiration || !rfc3339_parse(expiration, &grant.expires_at) ||
	    !read_key(reply, ROLE_RESULT "AccessKeyId", &assumed.access_key_id) ||
	    !read_key(reply, ROLE_RESULT "SecretAccessKey", &assumed.secret_access_key) ||
	    !read_key(reply, ROLE_RESULT "SessionToken", &assumed.session_token)) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "%s: AWS's answer (HTTP 200) has no usable credentials: try again, and check the "
			   "proxy",
			   assume_role);
		return GRANT_UNUSABLE;
	}
	grant.access_key_id = assumed.access_key_id;
	grant.secret_access_key = assumed.secret_access_key;
	grant.session_token = assumed.session_token;
	return credentials_new(&grant, now, ret, err);
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
