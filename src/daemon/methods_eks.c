/* EksToken: signed here, without a word to AWS. */
#include <stdlib.h>

#include "aws/eks.h"
#include "aws/region.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"

#define TOKEN_MAX (16 * 1024)

/* The region of the cluster is not needed: the address may be any STS's. */
static bool find_address(const struct granted_role *grant, const char **ret_region, char **ret,
			 struct error *err)
{
	const char *region = json_string_value(json_object_get(grant->parameters, "region"));
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};

	if (!region)
		region = grant->role->region ? grant->role->region
					     : session_definition(grant->session)->region;
	*ret_region = region;
	return region_check(region, "region", err) &&
	       (!grant->target.profile ||
		agent_profile_endpoints(grant->agent, grant->target.profile, &said, err)) &&
	       endpoint_url(AWS_STS, region, &grant->agent->endpoints, &said, ret, err);
}

static bool make_token(const struct granted_role *grant, struct buffer *out, int64_t *ret_expires,
		       struct error *err)
{
	const char *cluster = json_string_value(json_object_get(grant->parameters, "clusterName")), *region;
	_cleanup_(role_keys_freep) struct role_keys *keys = credentials_keys(grant->credentials);
	_cleanup_free_ char *address = NULL;
	int64_t now = aws_clock_now(grant->agent->deps.clock);

	if (!keys)
		return error_set(err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	if (!find_address(grant, &region, &address, err))
		return false;
	*ret_expires = now + EKS_TOKEN_LIFE_S;
	if (*ret_expires > grant->credentials->expires_at)
		*ret_expires = grant->credentials->expires_at;
	return eks_token_append(out, address, region, cluster, keys, now, err);
}

static void on_granted(struct call *call, const struct granted_role *grant)
{
	_cleanup_(buffer_clearp) struct buffer token = BUFFER_INIT(TOKEN_MAX, &buffer_heap);
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(2 * TOKEN_MAX, &buffer_heap);
	_cleanup_json_ json_t *document = NULL;
	struct error err;
	int64_t expires;

	if (!make_token(grant, &token, &expires, &err)) {
		call_fail(call, &err, NULL); /* nothing after this line */
		return;
	}
	document = json_pack_secret("{s:s, s:o}", "token", token.data, "expires", json_time_or_null(expires));
	if (document && json_append(&text, document)) {
		call_reply_secret(call, text.data, text.len); /* nothing after this line */
		return;
	}
	error_set(&err, ERROR_INTERNAL, "a token that is too long");
	call_fail(call, &err, NULL); /* nothing after this line */
}

void method_eks_token(struct call *call, const json_t *parameters)
{
	const char *cluster, *region = NULL;
	struct target ignored;

	if (parameters_read(call, parameters, "{s:{" TARGET_FORMAT "}, s:s, s?s}", "target",
			    TARGET_SLOTS(&ignored), "clusterName", &cluster, "region", &region))
		call_with_role(call, parameters, false, on_granted);
}
