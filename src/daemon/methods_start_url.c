/* ResolveStartUrl. */
#include <stdlib.h>
#include <string.h>

#include "aws/start_url.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "daemon/start_url_request.h"

#define DEADLINE_USEC (10 * USEC_PER_SEC)

struct resolving {
	struct call *call;
	char *start_url;
	struct retry *request;
};

static void resolving_release(void *held)
{
	struct resolving *resolving = held;

	retry_free(resolving->request);
	free(resolving->start_url);
	free(resolving);
}

static void reply(struct call *call, const char *start_url)
{
	_cleanup_free_ char *region = start_url_region(start_url);

	call_reply(call, json_pack("{s:o, s:o}", "startUrl", json_string_or_null(start_url), "region",
				   json_string_or_null(region))); /* nothing after this line */
}

static void on_replied(const struct aws_reply *answer, const struct error *err, void *userdata)
{
	struct resolving *resolving = userdata;
	_cleanup_free_ char *target = NULL;
	struct error why;

	if (!answer) {
		call_fail(resolving->call, err, NULL); /* nothing after this line */
		return;
	}
	if (start_url_read(answer, resolving->start_url, &target, &why))
		reply(resolving->call, target); /* nothing after this line */
	else
		call_fail(resolving->call, &why, NULL); /* nothing after this line */
}

static void ask(struct call *call, const char *start_url)
{
	struct agent *agent = call_userdata(call);
	struct resolving *resolving = xcalloc(1, sizeof(*resolving));

	*resolving = (struct resolving){.call = call, .start_url = xstrdup(start_url)};
	call_hold(call, resolving_release, resolving);
	resolving->request = start_url_ask(agent->deps.upstream, start_url, clock_boot_usec() + DEADLINE_USEC,
					   on_replied, resolving);
}

/* No access portal is at a plain http:// address of this machine; what is there is not for us to visit. */
static bool is_https(const char *url)
{
	return strncasecmp(url, "https://", strlen("https://")) == 0;
}

void method_resolve_start_url(struct call *call, const json_t *parameters)
{
	const char *start_url;
	struct error err;

	if (!parameters_read(call, parameters, "{s:s}", "startUrl", &start_url))
		return;
	if (!url_is_acceptable(start_url)) {
		error_set(&err, ERROR_CONFIG, "the start URL is no https:// address");
		call_fail(call, &err, NULL);
	} else if (start_url_is_aws(start_url) || !is_https(start_url)) {
		reply(call, start_url);
	} else {
		ask(call, start_url);
	}
}
