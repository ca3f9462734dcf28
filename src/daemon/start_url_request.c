#include "daemon/start_url_request.h"

#include <string.h>

#include "aws/start_url.h"
#include "base/xalloc.h"

struct retry *start_url_ask(struct upstream *upstream, const char *start_url, uint64_t deadline_usec,
			    retry_fn fn, void *userdata)
{
	struct aws_request request = {
		.operation = "ResolveStartUrl",
		.url = xstrndup(start_url, strcspn(start_url, "#")),
		.body = BUFFER_INIT(0, &buffer_heap),
		.is_idempotent = true,
		.is_poll = start_url_is_aws(start_url),
		.is_elsewhere = true,
	};

	return retry_start(upstream, &request, deadline_usec, fn, userdata);
}

bool start_url_read(const struct aws_reply *reply, const char *start_url, char **ret, struct error *err)
{
	if (reply->status >= 300 && reply->status < 400 && reply->location)
		return start_url_of_redirect(start_url, reply->location, ret, err);
	*ret = xstrdup(start_url);
	return true;
}
