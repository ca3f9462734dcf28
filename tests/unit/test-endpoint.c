#include "aws/endpoint.h"

#include <stdio.h>

#include "base/xalloc.h"
#include "check.h"

/* NAME=VALUE strings, NULL-terminated. */
static const char *look_up(const char *name, void *userdata)
{
	for (const char *const *p = userdata; *p; p++)
		if (strncmp(*p, name, strlen(name)) == 0 && (*p)[strlen(name)] == '=')
			return *p + strlen(name) + 1;
	return NULL;
}

static struct endpoint_options options_of(const char *const *environment)
{
	struct endpoint_options options;
	union {
		const char *const *from;
		void *to;
	} cast = {environment};

	endpoint_options_read(&options, look_up, cast.to);
	return options;
}

static void hosts_follow_region_and_flags(void)
{
	enum { PLAIN, DUAL, FIPS, BOTH };
	static const struct {
		enum aws_service service;
		const char *region;
		const char *host[4];
	} rows[] = {
		{AWS_SSO_OIDC,
		 "eu-west-1",
		 {"oidc.eu-west-1.amazonaws.com", "oidc.eu-west-1.api.aws",
		  "oidc-fips.eu-west-1.amazonaws.com", "oidc-fips.eu-west-1.api.aws"}},
		{AWS_SSO_OIDC,
		 "us-gov-west-1",
		 {"oidc.us-gov-west-1.amazonaws.com", "oidc.us-gov-west-1.api.aws",
		  "oidc.us-gov-west-1.amazonaws.com", "oidc-fips.us-gov-west-1.api.aws"}},
		{AWS_SSO_OIDC,
		 "us-iso-east-1",
		 {"oidc.us-iso-east-1.c2s.ic.gov", "oidc.us-iso-east-1.api.aws.ic.gov",
		  "oidc-fips.us-iso-east-1.c2s.ic.gov", "oidc-fips.us-iso-east-1.api.aws.ic.gov"}},
		{AWS_SSO_OIDC,
		 "us-isob-east-1",
		 {"oidc.us-isob-east-1.sc2s.sgov.gov", "oidc.us-isob-east-1.api.aws.scloud",
		  "oidc-fips.us-isob-east-1.sc2s.sgov.gov", "oidc-fips.us-isob-east-1.api.aws.scloud"}},
		{AWS_SSO_OIDC,
		 "eu-isoe-west-1",
		 {"oidc.eu-isoe-west-1.cloud.adc-e.uk", "oidc.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
		  "oidc-fips.eu-isoe-west-1.cloud.adc-e.uk",
		  "oidc-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"}},
		{AWS_SSO_OIDC,
		 "us-isof-south-1",
		 {"oidc.us-isof-south-1.csp.hci.ic.gov", "oidc.us-isof-south-1.api.aws.hci.ic.gov",
		  "oidc-fips.us-isof-south-1.csp.hci.ic.gov",
		  "oidc-fips.us-isof-south-1.api.aws.hci.ic.gov"}},
		{AWS_SSO_OIDC,
		 "eusc-de-east-1",
		 {"oidc.eusc-de-east-1.amazonaws.eu", "oidc.eusc-de-east-1.api.amazonwebservices.eu",
		  "oidc-fips.eusc-de-east-1.amazonaws.eu",
		  "oidc-fips.eusc-de-east-1.api.amazonwebservices.eu"}},
		{AWS_SSO_OIDC,
		 "mx-central-1",
		 {"oidc.mx-central-1.amazonaws.com", "oidc.mx-central-1.api.aws",
		  "oidc-fips.mx-central-1.amazonaws.com", "oidc-fips.mx-central-1.api.aws"}},
		{AWS_SSO_OIDC,
		 "il-central-1",
		 {"oidc.il-central-1.amazonaws.com", "oidc.il-central-1.api.aws",
		  "oidc-fips.il-central-1.amazonaws.com", "oidc-fips.il-central-1.api.aws"}},
		{AWS_SSO,
		 "us-east-1",
		 {"portal.sso.us-east-1.amazonaws.com", "portal.sso.us-east-1.api.aws",
		  "portal.sso-fips.us-east-1.amazonaws.com", "portal.sso-fips.us-east-1.api.aws"}},
		{AWS_SSO,
		 "cn-north-1",
		 {"portal.sso.cn-north-1.amazonaws.com.cn",
		  "portal.sso.cn-north-1.api.amazonwebservices.com.cn",
		  "portal.sso-fips.cn-north-1.amazonaws.com.cn",
		  "portal.sso-fips.cn-north-1.api.amazonwebservices.com.cn"}},
		{AWS_STS,
		 "us-gov-east-1",
		 {"sts.us-gov-east-1.amazonaws.com", "sts.us-gov-east-1.api.aws",
		  "sts.us-gov-east-1.amazonaws.com", "sts-fips.us-gov-east-1.api.aws"}},
		{AWS_STS,
		 "eusc-de-east-1",
		 {"sts.eusc-de-east-1.amazonaws.eu", "sts.eusc-de-east-1.api.amazonwebservices.eu",
		  "sts-fips.eusc-de-east-1.amazonaws.eu",
		  "sts-fips.eusc-de-east-1.api.amazonwebservices.eu"}},
		{AWS_SSO_ADMIN,
		 "us-east-1",
		 {"sso.us-east-1.amazonaws.com", "sso.us-east-1.api.aws", "sso-fips.us-east-1.amazonaws.com",
		  "sso-fips.us-east-1.api.aws"}},
		{AWS_IDENTITYSTORE,
		 "us-east-1",
		 {"identitystore.us-east-1.amazonaws.com", "identitystore.us-east-1.api.aws",
		  "identitystore-fips.us-east-1.amazonaws.com", "identitystore-fips.us-east-1.api.aws"}},
		{AWS_CLOUDTRAIL,
		 "us-gov-west-1",
		 {"cloudtrail.us-gov-west-1.amazonaws.com", "cloudtrail.us-gov-west-1.api.aws",
		  "cloudtrail.us-gov-west-1.amazonaws.com", "cloudtrail-fips.us-gov-west-1.api.aws"}},
		{AWS_IAM,
		 "eu-west-1",
		 {"iam.amazonaws.com", "iam.amazonaws.com", "iam-fips.amazonaws.com",
		  "iam-fips.amazonaws.com"}},
		{AWS_IAM,
		 "cn-northwest-1",
		 {"iam.cn-north-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn",
		  "iam.cn-north-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn"}},
		{AWS_IAM,
		 "us-gov-east-1",
		 {"iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com",
		  "iam.us-gov.amazonaws.com"}},
		{AWS_ORGANIZATIONS,
		 "eu-west-1",
		 {"organizations.us-east-1.amazonaws.com", "organizations.us-east-1.amazonaws.com",
		  "organizations-fips.us-east-1.amazonaws.com",
		  "organizations-fips.us-east-1.amazonaws.com"}},
		{AWS_SIGNIN,
		 "eu-west-1",
		 {"signin.aws.amazon.com", "signin.aws.amazon.com", "signin.aws.amazon.com",
		  "signin.aws.amazon.com"}},
		{AWS_SIGNIN,
		 "us-gov-east-1",
		 {"us-gov-east-1.signin.amazonaws-us-gov.com", "us-gov-east-1.signin.amazonaws-us-gov.com",
		  "us-gov-east-1.signin.amazonaws-us-gov.com", "us-gov-east-1.signin.amazonaws-us-gov.com"}},
		{AWS_SIGNIN,
		 "us-gov-west-1",
		 {"signin.amazonaws-us-gov.com", "signin.amazonaws-us-gov.com", "signin.amazonaws-us-gov.com",
		  "signin.amazonaws-us-gov.com"}},
		{AWS_SIGNIN,
		 "eusc-de-east-1",
		 {"eusc-de-east-1.signin.amazonaws-eusc.eu", "eusc-de-east-1.signin.amazonaws-eusc.eu",
		  "eusc-de-east-1.signin.amazonaws-eusc.eu", "eusc-de-east-1.signin.amazonaws-eusc.eu"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) * 4; i++) {
		const struct endpoint_options options = {.fips = i & FIPS ? ENDPOINT_YES : ENDPOINT_UNSAID,
							 .dual_stack = i & DUAL ? ENDPOINT_YES : ENDPOINT_NO};
		_cleanup_free_ char *want = xasprintf("https://%s", rows[i / 4].host[i & BOTH]);
		_cleanup_free_ char *url = NULL;
		struct error err;

		CHECK(endpoint_url(rows[i / 4].service, rows[i / 4].region, &options, NULL, &url, &err));
		CHECK_STR(url, want);
	}
}

static void a_configured_address_wins_the_services_own_first(void)
{
	struct endpoint_options options = options_of((const char *const[]){
		"AWS_ENDPOINT_URL=https://all.example/base//", "AWS_ENDPOINT_URL_SSO_OIDC=http://127.0.0.1:9",
		"AWS_ENDPOINT_URL_STS=", "AWS_USE_FIPS_ENDPOINT=TRUE", "AWS_USE_DUALSTACK_ENDPOINT=true",
		NULL});
	_cleanup_free_ char *oidc = NULL, *portal = NULL, *sts = NULL;
	struct error err;

	CHECK(options.fips == ENDPOINT_YES && options.dual_stack == ENDPOINT_YES &&
	      !options.ignore_configured);
	CHECK(endpoint_url(AWS_SSO_OIDC, "us-east-1", &options, NULL, &oidc, &err));
	CHECK(endpoint_url(AWS_SSO, "us-east-1", &options, NULL, &portal, &err));
	CHECK(endpoint_url(AWS_STS, "us-east-1", &options, NULL, &sts, &err));
	CHECK_STR(oidc, "http://127.0.0.1:9");
	CHECK_STR(portal, "https://all.example/base");
	CHECK_STR(sts, "https://all.example/base");
	endpoint_options_done(&options);
}

static void every_service_has_a_variable_of_its_own(void)
{
	static const char *const names[AWS_SERVICE_COUNT] = {"SSO_OIDC", "SSO",        "STS",
							     "SIGNIN",   "SSO_ADMIN",  "IDENTITYSTORE",
							     "IAM",      "CLOUDTRAIL", "ORGANIZATIONS"};

	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++) {
		_cleanup_free_ char *variable = xasprintf("AWS_ENDPOINT_URL_%s=https://h%zu", names[i], i);
		_cleanup_free_ char *want = xasprintf("https://h%zu", i), *url = NULL;
		struct endpoint_options options = options_of((const char *const[]){variable, NULL});
		struct error err;

		CHECK(endpoint_url((enum aws_service)i, "us-east-1", &options, NULL, &url, &err));
		CHECK_STR(url, want);
		endpoint_options_done(&options);
	}
}

static void configured_addresses_can_be_ignored(void)
{
	struct endpoint_options options = options_of((const char *const[]){
		"AWS_ENDPOINT_URL=https://all", "AWS_ENDPOINT_URL_STS=https://sts",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_USE_FIPS_ENDPOINT=1", NULL});
	_cleanup_free_ char *url = NULL;
	struct error err;

	CHECK(options.fips == ENDPOINT_NO);
	CHECK(endpoint_url(AWS_STS, "us-east-1", &options, NULL, &url, &err));
	CHECK_STR(url, "https://sts.us-east-1.amazonaws.com");
	endpoint_options_done(&options);
}

static void a_configured_address_that_cannot_be_used_names_its_variable(void)
{
	static const char *const bad[] = {"http://evil.example", "https://user:hunter2@h", "https://h/?q",
					  "https://h/#f",        "https://h/\x1b",         "h"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *variable = xasprintf("AWS_ENDPOINT_URL_SSO=%s", bad[i]);
		struct endpoint_options options = options_of((const char *const[]){variable, NULL});
		struct error err;
		char *url;

		CHECK(!endpoint_url(AWS_SSO, "us-east-1", &options, NULL, &url, &err));
		CHECK(err.kind == ERROR_CONFIG);
		CHECK(strncmp(err.message, "AWS_ENDPOINT_URL_SSO ", 21) == 0);
		CHECK(!strstr(err.message, "hunter2"));
		endpoint_options_done(&options);
	}
}

static void what_has_no_address_is_refused(void)
{
	const struct endpoint_options options = {0};
	struct error err;
	char *url;

	CHECK(!endpoint_url(AWS_SIGNIN, "us-iso-east-1", &options, NULL, &url, &err));
	CHECK_STR(err.message, "no sign-in page of the console is known for region us-iso-east-1: set "
			       "AWS_ENDPOINT_URL_SIGNIN");
	CHECK(!endpoint_url(AWS_STS, "evil.com/#-1", &options, NULL, &url, &err));
	CHECK(err.kind == ERROR_CONFIG);
}

static void a_dual_stack_start_url_has_a_dual_stack_oidc(void)
{
	static const struct {
		const char *start_url, *url;
	} rows[] = {
		{"https://ssoins-1.portal.us-east-1.app.aws", "https://oidc.us-east-1.api.aws"},
		{"https://SSOINS-1.Portal.us-east-1.app.AWS:443/start#/", "https://oidc.us-east-1.api.aws"},
		{"https://corp.awsapps.com/start", "https://oidc.us-east-1.amazonaws.com"},
		{"https://x.portal.us-east-1.app.aws.evil.com/", "https://oidc.us-east-1.amazonaws.com"},
		{"https://portal.us-east-1.app.aws/", "https://oidc.us-east-1.amazonaws.com"},
		{"https://h/x.portal.us-east-1.app.aws", "https://oidc.us-east-1.amazonaws.com"},
		{"https://app.aws", "https://oidc.us-east-1.amazonaws.com"},
		{"https://x.app.aws", "https://oidc.us-east-1.amazonaws.com"},
	};
	const struct endpoint_options options = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *url = NULL;
		struct error err;

		CHECK(endpoint_oidc_url(rows[i].start_url, "us-east-1", &options, NULL, &url, &err));
		CHECK_STR(url, rows[i].url);
	}
}

static void a_start_url_of_another_region_names_both(void)
{
	const struct endpoint_options options = {0};
	struct error err;
	char *url;

	CHECK(!endpoint_oidc_url("https://x.portal.eu-west-1.app.aws", "us-east-1", &options, NULL, &url,
				 &err));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK_STR(err.message,
		  "start URL 'https://x.portal.eu-west-1.app.aws' belongs to region eu-west-1, but "
		  "sso_region is us-east-1: write sso_region = eu-west-1");
}

/* "SERVICE REGION FLAGS URL" of each, for a comparison with AWS's rules. */
static int print_urls(char **regions)
{
	static const char *const flags[] = {"-", "dual", "fips", "both"};

	for (; *regions; regions++) {
		for (size_t i = 0; i < AWS_SERVICE_COUNT * 4; i++) {
			const struct endpoint_options options = {.dual_stack =
									 i & 1 ? ENDPOINT_YES : ENDPOINT_NO,
								 .fips = i & 2 ? ENDPOINT_YES : ENDPOINT_NO};
			_cleanup_free_ char *url = NULL;
			struct error err;

			if (endpoint_url((enum aws_service)(i / 4), *regions, &options, NULL, &url, &err))
				printf("%s %s %s %s\n", endpoint_block((enum aws_service)(i / 4)), *regions,
				       flags[i % 4], url);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return print_urls(argv + 1);
	hosts_follow_region_and_flags();
	a_configured_address_wins_the_services_own_first();
	every_service_has_a_variable_of_its_own();
	configured_addresses_can_be_ignored();
	a_configured_address_that_cannot_be_used_names_its_variable();
	what_has_no_address_is_refused();
	a_dual_stack_start_url_has_a_dual_stack_oidc();
	a_start_url_of_another_region_names_both();
	return 0;
}
