/*
 * ResolveStartUrl.
 *
 *     company's own ──(redirect)──► AWS's ──(shows no region)──► its page ──► told
 *          │                          └──(shows its region)────────────────────▲
 *          └──(no redirect: this is the page)──────────────────────────────────┘
 */
#include <stdlib.h>
#include <string.h>

#include "aws/start_page.h"
#include "aws/start_url.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "daemon/start_url_request.h"

#define DEADLINE_USEC (10 * USEC_PER_SEC)
#define ASKED_MAX     4 /* a company's own, and AWS's until there is a page */

struct resolving {
	struct call *call;
	char *start_url; /* that will be told */
	char *page;      /* that is asked for */
	uint64_t deadline_usec;
	unsigned n_asked;
	struct retry *request;
};

static void resolving_release(void *held)
{
	struct resolving *resolving = held;

	retry_free(resolving->request);
	free(resolving->start_url);
	free(resolving->page);
	free(resolving);
}

static void tell(struct call *call, const char *start_url, const char *region)
{
	call_reply(call, json_pack("{s:o, s:o}", "startUrl", json_string_or_null(start_url), "region",
				   json_string_or_null(region))); /* nothing after this line */
}

static void on_replied(const struct aws_reply *answer, const struct error *err, void *userdata);

/* Where the address shows the region there is nothing to ask for. */
static void look_at(struct resolving *resolving, const char *page)
{
	struct agent *agent = call_userdata(resolving->call);
	_cleanup_free_ char *region = start_url_region(page);

	if (region || resolving->n_asked++ == ASKED_MAX) {
		tell(resolving->call, resolving->start_url, region); /* nothing after this line */
		return;
	}
	xstrdup_to(&resolving->page, page);
	resolving->request = retry_free(resolving->request);
	resolving->request =
		start_url_ask(agent->deps.upstream, page, resolving->deadline_usec, on_replied, resolving);
}

/* An AWS that cannot be asked now may be asked by whoever signs in. */
static void on_unanswered(struct resolving *resolving, const struct error *err)
{
	if (start_url_is_aws(resolving->page))
		tell(resolving->call, resolving->start_url, NULL); /* nothing after this line */
	else
		call_fail(resolving->call, err, NULL); /* nothing after this line */
}

static void on_page(struct resolving *resolving, const struct aws_reply *answer)
{
	_cleanup_free_ char *region = answer->status == 200 ? start_page_region(answer->body) : NULL;

	tell(resolving->call, resolving->start_url, region); /* nothing after this line */
}

static bool is_redirect(const struct aws_reply *answer)
{
	return answer->status >= 300 && answer->status < 400 && answer->location;
}

static void on_replied(const struct aws_reply *answer, const struct error *err, void *userdata)
{
	struct resolving *resolving = userdata;
	_cleanup_free_ char *next = NULL;
	struct error why;

	if (!answer) {
		on_unanswered(resolving, err); /* nothing after this line */
		return;
	}
	if (start_url_is_aws(resolving->page)) {
		if (is_redirect(answer))
			next = start_url_sent_on(resolving->page, answer->location);
	} else if (!start_url_read(answer, resolving->page, &next, &why)) {
		call_fail(resolving->call, &why, NULL); /* nothing after this line */
		return;
	} else {
		xstrdup_to(&resolving->start_url, next);
	}
	if (next && strcmp(next, resolving->page) != 0)
		look_at(resolving, next); /* nothing after this line */
	else
		on_page(resolving, answer); /* nothing after this line */
}

/* No access portal is at a plain http:// address of this machine; what is there is not for us to visit. */
static bool is_https(const char *url)
{
	return strncasecmp(url, "https://", strlen("https://")) == 0;
}

static void begin(struct call *call, const char *start_url)
{
	struct resolving *resolving = xcalloc(1, sizeof(*resolving));

	*resolving = (struct resolving){.call = call,
					.start_url = xstrdup(start_url),
					.deadline_usec = clock_boot_usec() + DEADLINE_USEC};
	call_hold(call, resolving_release, resolving);
	look_at(resolving, start_url); /* nothing after this line */
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
	} else if (is_https(start_url)) {
		begin(call, start_url);
	} else {
		tell(call, start_url, NULL);
	}
}
