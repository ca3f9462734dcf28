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
	const char *block; /* in a services section */
	const char *prefix;
	const char *fips_prefix;
	bool is_plain_in_gov; /* with FIPS, but without dual-stack: there the plain host is the FIPS one */
} services[AWS_SERVICE_COUNT] = {
	[AWS_SSO_OIDC] = {"AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc", "oidc", "oidc-fips", true},
	[AWS_SSO] = {"AWS_ENDPOINT_URL_SSO", "sso", "portal.sso", "portal.sso-fips", true},
	[AWS_STS] = {"AWS_ENDPOINT_URL_STS", "sts", "sts", "sts-fips", true},
	[AWS_SIGNIN] = {"AWS_ENDPOINT_URL_SIGNIN", "signin", NULL, NULL, false},
	[AWS_SSO_ADMIN] = {"AWS_ENDPOINT_URL_SSO_ADMIN", "sso_admin", "sso", "sso-fips", true},
	[AWS_IDENTITYSTORE] = {"AWS_ENDPOINT_URL_IDENTITYSTORE", "identitystore", "identitystore",
			       "identitystore-fips", true},
	[AWS_IAM] = {"AWS_ENDPOINT_URL_IAM", "iam", "iam", "iam-fips", true},
	[AWS_CLOUDTRAIL] = {"AWS_ENDPOINT_URL_CLOUDTRAIL", "cloudtrail", "cloudtrail", "cloudtrail-fips",
			    true},
	[AWS_ORGANIZATIONS] = {"AWS_ENDPOINT_URL_ORGANIZATIONS", "organizations", "organizations",
			       "organizations-fips", true},
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

enum endpoint_choice endpoint_choice_parse(const char *text)
{
	if (!text || !*text)
		return ENDPOINT_UNSAID;
	return strcasecmp(text, "true") == 0 ? ENDPOINT_YES : ENDPOINT_NO;
}

/* An empty variable is one that is not set. */
static struct endpoint_address read_address(environment_fn lookup, void *userdata, const char *name)
{
	const char *value = lookup(name, userdata);

	if (!value || !*value)
		return (struct endpoint_address){0};
	return (struct endpoint_address){.url = xstrdup(value), .where = xstrdup(name)};
}

static enum endpoint_choice read_choice(environment_fn lookup, void *userdata, const char *name)
{
	return endpoint_choice_parse(lookup(name, userdata));
}

void endpoint_options_read(struct endpoint_options *ret, environment_fn lookup, void *userdata)
{
	*ret = (struct endpoint_options){
		.all = read_address(lookup, userdata, "AWS_ENDPOINT_URL"),
		.ignore_configured = read_choice(lookup, userdata, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
		.fips = read_choice(lookup, userdata, "AWS_USE_FIPS_ENDPOINT"),
		.dual_stack = read_choice(lookup, userdata, "AWS_USE_DUALSTACK_ENDPOINT"),
	};
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		ret->service[i] = read_address(lookup, userdata, services[i].variable);
}

static void address_done(struct endpoint_address *address)
{
	free(address->url);
	free(address->where);
}

void endpoint_options_done(struct endpoint_options *options)
{
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		address_done(&options->service[i]);
	address_done(&options->all);
	*options = (struct endpoint_options){0};
}

static struct endpoint_address copy_address(const struct endpoint_address *address)
{
	return (struct endpoint_address){xstrdup_or_null(address->url), xstrdup_or_null(address->where)};
}

void endpoint_options_copy(struct endpoint_options *ret, const struct endpoint_options *options)
{
	*ret = *options;
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		ret->service[i] = copy_address(&options->service[i]);
	ret->all = copy_address(&options->all);
}

bool endpoint_options_agree(const struct endpoint_options *a, const struct endpoint_options *b,
			    enum aws_service service)
{
	const char *one = endpoint_address(a, service)->url, *other = endpoint_address(b, service)->url;

	return (one && other ? strcmp(one, other) == 0 : one == other) &&
	       a->ignore_configured == b->ignore_configured && a->fips == b->fips &&
	       a->dual_stack == b->dual_stack;
}

const char *endpoint_block(enum aws_service service)
{
	return services[service].block;
}

const struct endpoint_address *endpoint_address(const struct endpoint_options *options,
						enum aws_service service)
{
	return options->service[service].url ? &options->service[service] : &options->all;
}

/* The address is not quoted: who wrote a password into it should not find it in a log. */
static bool use_configured(const struct endpoint_address *address, char **ret_url, struct error *err)
{
	size_t len = strlen(address->url);

	if (!url_is_acceptable(address->url) || strpbrk(address->url, "?#"))
		return error_set(
			err, ERROR_CONFIG,
			"%s is not an address that can be used: write https://HOST (http:// only for a "
			"loopback host), without user name, query and blanks",
			address->where);
	while (len > 0 && address->url[len - 1] == '/')
		len--;
	*ret_url = xstrndup(address->url, len);
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

/* What counts of the choices of both places. */
struct choices {
	bool ignore_configured, fips, dual_stack;
};

static bool is_yes(enum endpoint_choice first, enum endpoint_choice second)
{
	return (first ? first : second) == ENDPOINT_YES;
}

static struct choices choose(const struct endpoint_options *environment,
			     const struct endpoint_options *profile)
{
	return (struct choices){
		.ignore_configured = is_yes(environment->ignore_configured, profile->ignore_configured),
		.fips = is_yes(environment->fips, profile->fips),
		.dual_stack = is_yes(environment->dual_stack, profile->dual_stack),
	};
}

static char *regional_url(const struct service *service, const struct partition *partition,
			  const char *region, const struct choices *choices)
{
	const char *suffix = choices->dual_stack ? partition->dual_stack_dns_suffix : partition->dns_suffix;
	bool is_gov = strcmp(partition->name, "aws-us-gov") == 0;
	bool fips = choices->fips && !(is_gov && service->is_plain_in_gov && !choices->dual_stack);

	return xasprintf("https://%s.%s.%s", fips ? service->fips_prefix : service->prefix, region, suffix);
}

static bool url_by_rules(enum aws_service service, const char *region, const struct choices *choices,
			 char **ret_url, struct error *err)
{
	const struct partition *partition = region_partition(region);
	const char *host;

	if (!partition)
		return region_check(region, "region", err);
	host = find_global_host(service, partition, region, choices->fips);
	if (!host && service == AWS_SIGNIN)
		return signin_url(partition, region, ret_url, err);
	*ret_url = host ? xasprintf("https://%s", host)
			: regional_url(&services[service], partition, region, choices);
	return true;
}

bool endpoint_url(enum aws_service service, const char *region, const struct endpoint_options *environment,
		  const struct endpoint_options *profile, char **ret_url, struct error *err)
{
	static const struct endpoint_options nothing = {0};
	const struct choices choices = choose(environment, profile ? profile : &nothing);
	const struct endpoint_address *address = endpoint_address(environment, service);

	if (!address->url && profile)
		address = endpoint_address(profile, service);
	if (address->url && !choices.ignore_configured)
		return use_configured(address, ret_url, err);
	return url_by_rules(service, region, &choices, ret_url, err);
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

bool endpoint_oidc_url(const char *start_url, const char *region, const struct endpoint_options *environment,
		       const struct endpoint_options *profile, char **ret_url, struct error *err)
{
	_cleanup_free_ char *host = url_host(start_url);
	_cleanup_free_ char *instance_region = host ? dual_stack_region(host) : NULL;
	struct endpoint_options with_dual_stack = *environment; /* borrows its strings */

	if (!instance_region)
		return endpoint_url(AWS_SSO_OIDC, region, environment, profile, ret_url, err);
	if (strcmp(instance_region, region) != 0) {
		error_fill(err, ERROR_CONFIG,
			   "start URL '%.200s' belongs to region %.64s, but sso_region is %.64s: write "
			   "sso_region = %.64s",
			   start_url, instance_region, region, instance_region);
		text_make_printable(err->message);
		return false;
	}
	with_dual_stack.dual_stack = ENDPOINT_YES;
	return endpoint_url(AWS_SSO_OIDC, region, &with_dual_stack, profile, ret_url, err);
}
