#include "aws/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/region.h"
#include "base/text.h"
#include "base/xalloc.h"

/* Hosts are PREFIX.REGION.SUFFIX, except for what the tables below say. */
static const struct service {
	const char *variable;
	const char *prefix;
	const char *fips_prefix;
	bool is_plain_in_gov; /* with FIPS, but without dual-stack: there the plain host is the FIPS one */
} services[AWS_SERVICE_COUNT] = {
	[AWS_SSO_OIDC] = {"AWS_ENDPOINT_URL_SSO_OIDC", "oidc", "oidc-fips", true},
	[AWS_SSO] = {"AWS_ENDPOINT_URL_SSO", "portal.sso", "portal.sso-fips", true},
	[AWS_STS] = {"AWS_ENDPOINT_URL_STS", "sts", "sts-fips", true},
	[AWS_SIGNIN] = {"AWS_ENDPOINT_URL_SIGNIN", NULL, NULL, false},
	[AWS_SSO_ADMIN] = {"AWS_ENDPOINT_URL_SSO_ADMIN", "sso", "sso-fips", true},
	[AWS_IDENTITYSTORE] = {"AWS_ENDPOINT_URL_IDENTITYSTORE", "identitystore", "identitystore-fips", true},
	[AWS_IAM] = {"AWS_ENDPOINT_URL_IAM", "iam", "iam-fips", true},
	[AWS_CLOUDTRAIL] = {"AWS_ENDPOINT_URL_CLOUDTRAIL", "cloudtrail", "cloudtrail-fips", true},
	[AWS_ORGANIZATIONS] = {"AWS_ENDPOINT_URL_ORGANIZATIONS", "organizations", "organizations-fips", true},
};

/* Services with one host for a whole partition (or for a region of it, where one is named). */
static const struct global_host {
	enum aws_service service;
	const char *partition;
	const char *region; /* NULL: all of the partition */
	const char *host;
	const char *fips_host; /* NULL: the same */
} global_hosts[] = {
	{AWS_SIGNIN, "aws", NULL, "signin.aws.amazon.com", NULL},
	{AWS_SIGNIN, "aws-cn", NULL, "signin.amazonaws.cn", NULL},
	{AWS_SIGNIN, "aws-us-gov", "us-gov-east-1", "us-gov-east-1.signin.amazonaws-us-gov.com", NULL},
	{AWS_SIGNIN, "aws-us-gov", NULL, "signin.amazonaws-us-gov.com", NULL},
	{AWS_IAM, "aws", NULL, "iam.amazonaws.com", "iam-fips.amazonaws.com"},
	{AWS_IAM, "aws-cn", NULL, "iam.cn-north-1.amazonaws.com.cn", NULL},
	{AWS_IAM, "aws-us-gov", NULL, "iam.us-gov.amazonaws.com", NULL},
	{AWS_IAM, "aws-eusc", NULL, "iam.eusc-de-east-1.amazonaws.eu", NULL},
	{AWS_ORGANIZATIONS, "aws", NULL, "organizations.us-east-1.amazonaws.com",
	 "organizations-fips.us-east-1.amazonaws.com"},
	{AWS_ORGANIZATIONS, "aws-cn", NULL, "organizations.cn-northwest-1.amazonaws.com.cn", NULL},
	{AWS_ORGANIZATIONS, "aws-us-gov", NULL, "organizations.us-gov-west-1.amazonaws.com", NULL},
};

static const char variable_for_all[] = "AWS_ENDPOINT_URL";

/* An empty variable is one that is not set. */
static char *read_text(environment_fn lookup, void *userdata, const char *name)
{
	const char *value = lookup(name, userdata);

	return value && *value ? xstrdup(value) : NULL;
}

/* As botocore: "true" in any case, everything else is false. */
static bool read_flag(environment_fn lookup, void *userdata, const char *name)
{
	const char *value = lookup(name, userdata);

	return value && strcasecmp(value, "true") == 0;
}

void endpoint_options_read(struct endpoint_options *ret, environment_fn lookup, void *userdata)
{
	*ret = (struct endpoint_options){
		.url_for_all = read_text(lookup, userdata, variable_for_all),
		.ignore_configured = read_flag(lookup, userdata, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
		.fips = read_flag(lookup, userdata, "AWS_USE_FIPS_ENDPOINT"),
		.dual_stack = read_flag(lookup, userdata, "AWS_USE_DUALSTACK_ENDPOINT"),
	};
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		ret->url[i] = read_text(lookup, userdata, services[i].variable);
}

void endpoint_options_done(struct endpoint_options *options)
{
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		free(options->url[i]);
	free(options->url_for_all);
	*options = (struct endpoint_options){0};
}

/* The address is not quoted: who wrote a password into it should not find it in a log. */
static bool use_configured(const char *variable, const char *url, char **ret_url, struct error *err)
{
	size_t len = strlen(url);

	if (!url_is_acceptable(url) || strpbrk(url, "?#"))
		return error_set(
			err, ERROR_CONFIG,
			"%s is not an address that can be used: write https://HOST (http:// only for a "
			"loopback host), without user name, query and blanks",
			variable);
	while (len > 0 && url[len - 1] == '/')
		len--;
	*ret_url = xstrndup(url, len);
	return true;
}

static const char *find_global_host(enum aws_service service, const struct partition *partition,
				    const char *region, bool fips)
{
	for (size_t i = 0; i < ARRAY_SIZE(global_hosts); i++) {
		const struct global_host *host = &global_hosts[i];

		if (host->service != service || strcmp(host->partition, partition->name) != 0)
			continue;
		if (!host->region || strcmp(host->region, region) == 0)
			return fips && host->fips_host ? host->fips_host : host->host;
	}
	return NULL;
}

static bool signin_url(const struct partition *partition, const char *region, char **ret_url,
		       struct error *err)
{
	if (strcmp(partition->name, "aws-eusc") != 0)
		return error_set(
			err, ERROR_CONFIG,
			"no sign-in page of the console is known for region %s: set AWS_ENDPOINT_URL_SIGNIN",
			region);
	*ret_url = xasprintf("https://%s.signin.amazonaws-eusc.eu", region);
	return true;
}

static char *regional_url(const struct service *service, const struct partition *partition,
			  const char *region, const struct endpoint_options *options)
{
	const char *suffix = options->dual_stack ? partition->dual_stack_dns_suffix : partition->dns_suffix;
	bool is_gov = strcmp(partition->name, "aws-us-gov") == 0;
	bool fips = options->fips && !(is_gov && service->is_plain_in_gov && !options->dual_stack);

	return xasprintf("https://%s.%s.%s", fips ? service->fips_prefix : service->prefix, region, suffix);
}

bool endpoint_url(enum aws_service service, const char *region, const struct endpoint_options *options,
		  char **ret_url, struct error *err)
{
	const struct partition *partition = region_partition(region);
	const char *host;

	if (!options->ignore_configured && options->url[service])
		return use_configured(services[service].variable, options->url[service], ret_url, err);
	if (!options->ignore_configured && options->url_for_all)
		return use_configured(variable_for_all, options->url_for_all, ret_url, err);
	if (!partition)
		return region_check(region, "region", err);
	host = find_global_host(service, partition, region, options->fips);
	if (!host && service == AWS_SIGNIN)
		return signin_url(partition, region, ret_url, err);
	*ret_url = host ? xasprintf("https://%s", host)
			: regional_url(&services[service], partition, region, options);
	return true;
}

/* The REGION of a host NAME.portal.REGION.app.aws, or NULL for any other. */
static char *dual_stack_region(const char *host)
{
	static const char before[] = ".portal.", behind[] = ".app.aws";
	size_t len = strlen(host);

	if (len < strlen(behind) || strcmp(host + len - strlen(behind), behind) != 0)
		return NULL;
	len -= strlen(behind);
	const char *dot = memrchr(host, '.', len);
	size_t room = strlen(before) - 1; /* ".portal", in front of that dot */
	if (!dot || (size_t)(dot - host) <= room || strncmp(dot - room, before, strlen(before)) != 0)
		return NULL;
	return xstrndup(dot + 1, len - (size_t)(dot + 1 - host));
}

bool endpoint_oidc_url(const char *start_url, const char *region, const struct endpoint_options *options,
		       char **ret_url, struct error *err)
{
	_cleanup_free_ char *host = url_host(start_url);
	_cleanup_free_ char *instance_region = host ? dual_stack_region(host) : NULL;
	struct endpoint_options with_dual_stack = *options; /* borrows its strings */

	if (!instance_region)
		return endpoint_url(AWS_SSO_OIDC, region, options, ret_url, err);
	if (strcmp(instance_region, region) != 0) {
		error_fill(err, ERROR_CONFIG,
			   "start URL '%.200s' belongs to region %.64s, but sso_region is %.64s: write "
			   "sso_region = %.64s",
			   start_url, instance_region, region, instance_region);
		text_make_printable(err->message);
		return false;
	}
	with_dual_stack.dual_stack = true;
	return endpoint_url(AWS_SSO_OIDC, region, &with_dual_stack, ret_url, err);
}
