#include "aws/console.h"

#include <string.h>

#include "aws/region.h"
#include "aws/url.h"
#include "base/xalloc.h"

#define SERVICE_MAX 64

static const struct {
	const char *partition, *host;
} consoles[] = {
	{"aws", "console.aws.amazon.com"},
	{"aws-cn", "console.amazonaws.cn"},
	{"aws-us-gov", "console.amazonaws-us-gov.com"},
	{"aws-eusc", "console.amazonaws-eusc.eu"},
};

/* Services whose page has another name than people and the AWS CLI give them. */
static const struct {
	const char *name, *page;
} pages[] = {
	{"cfn", "cloudformation/home"},
	{"cw", "cloudwatch/home"},
	{"ddb", "dynamodbv2/home"},
	{"dynamodb", "dynamodbv2/home"},
	{"eventbridge", "events/home"},
	{"logs", "cloudwatch/home?#logsV2:log-groups"},
	{"organizations", "organizations/v2/home"},
	{"r53", "route53/v2/home"},
	{"route53", "route53/v2/home"},
	{"secrets", "secretsmanager/home"},
	{"sfn", "states/home"},
	{"ssm", "systems-manager/home"},
	{"sso", "singlesignon/home"},
	{"stepfunctions", "states/home"},
};

static const char *find_host(const char *partition)
{
	for (size_t i = 0; i < ARRAY_SIZE(consoles); i++) {
		if (strcmp(consoles[i].partition, partition) == 0)
			return consoles[i].host;
	}
	return NULL;
}

bool console_is_known(const char *region)
{
	const struct partition *partition = region_partition(region);

	return partition && find_host(partition->name);
}

static bool is_service(const char *what)
{
	size_t len = strlen(what);

	return len > 0 && len <= SERVICE_MAX && strspn(what, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* "s3/home?region=eu-west-1"; what stands behind a '#' stays behind the query. */
static char *page_of(const char *service, const char *region)
{
	_cleanup_free_ char *page = xasprintf("%s/home", service);
	_cleanup_free_ char *query = region ? xasprintf("?region=%s", region) : xstrdup("");
	const char *rest;

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].name, service) != 0)
			continue;
		rest = strchr(pages[i].page, '?');
		return xasprintf("%.*s%s%s", (int)strcspn(pages[i].page, "?"), pages[i].page, query,
				 rest ? rest + 1 : "");
	}
	return xasprintf("%s%s", page, query);
}

bool console_destination(const char *what, const char *region, const char *partition_region, char **ret,
			 struct error *err)
{
	const struct partition *partition = region_partition(region ? region : partition_region);
	const char *host = partition ? find_host(partition->name) : NULL;
	_cleanup_free_ char *page = NULL;

	if (what && strstr(what, "://")) {
		if (!url_is_acceptable(what))
			return error_set(err, ERROR_USAGE,
					 "this is no address of a console: it begins with "
					 "https:// and has no blanks or user name in it");
		*ret = xstrdup(what);
		return true;
	}
	if (what && !is_service(what))
		return error_set(err, ERROR_USAGE,
				 "'%.100s' is neither a service such as s3 or ec2, nor an https:// address",
				 what);
	if (!host)
		return error_set(err, ERROR_CONFIG,
				 "no console is known for region %.64s: give its https:// address",
				 region ? region : partition_region);
	page = page_of(what ? what : "console", region);
	*ret = region ? xasprintf("https://%s.%s/%s", region, host, page)
		      : xasprintf("https://%s/%s", host, page);
	return true;
}

char *console_portal_link(const char *start_url, const char *account_id, const char *role_name,
			  const char *destination)
{
	size_t len = strlen(start_url);
	_cleanup_free_ char *page = NULL;

	while (len > 0 && strchr("/#", start_url[len - 1]))
		len--;
	page = xasprintf("%.*s/#/console", (int)len, start_url);
	return url_with_query(page, (const char *const[]){"account_id", account_id, "role_name", role_name,
							  "destination", destination, NULL});
}
