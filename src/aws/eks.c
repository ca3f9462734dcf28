#include "aws/eks.h"

#include <string.h>

#include "aws/base64url.h"
#include "aws/sigv4.h"

#define CLUSTER_MAX  100 /* of the model of EKS, as are the characters */
#define URL_MAX      (16 * 1024)
#define SIGNED_FOR_S 60

static bool cluster_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= CLUSTER_MAX && name[0] != '-' && name[0] != '_' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

bool eks_token_append(struct buffer *out, const char *endpoint, const char *region, const char *cluster,
		      const struct role_keys *keys, int64_t now, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer url = BUFFER_INIT(URL_MAX, &buffer_heap);
	const struct sigv4_address address = {
		.endpoint = endpoint,
		.query = "Action=GetCallerIdentity&Version=2011-06-15",
		.service = "sts",
		.region = region,
		.header = "x-k8s-aws-id",
		.header_value = cluster,
		.expires_s = SIGNED_FOR_S,
	};

	if (!cluster_is_valid(cluster))
		return error_set(
			err, ERROR_CONFIG,
			"'%.110s' is not the name of a cluster: up to 100 letters, digits, '-' and '_' are",
			cluster);
	if (sigv4_presign(&url, &address, keys, now) && buffer_append_text(out, "k8s-aws-v1.") &&
	    base64url_append(out, url.data, url.len))
		return true;
	return error_set(err, ERROR_UNAVAILABLE,
			 "the role's session token is too long to be put into an address");
}
