#pragma once
/*
 * Addresses of AWS's services: region and options in, base URL out.
 *
 * Order (PROTOCOL 4.8): AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, AWS's rules. Custom with FIPS or
 * dual-stack is used as written. Every URL is https; plain http only for a loopback host.
 */
#include <stdbool.h>

#include "aws/url.h"
#include "base/error.h"

enum aws_service {
	AWS_SSO_OIDC,
	AWS_SSO, /* the portal */
	AWS_STS,
	AWS_SIGNIN,
	AWS_SSO_ADMIN,
	AWS_IDENTITYSTORE,
	AWS_IAM,
	AWS_CLOUDTRAIL,
	AWS_ORGANIZATIONS,
	AWS_SERVICE_COUNT,
};

/* What the environment (later also the configuration) says; strings are owned. */
struct endpoint_options {
	char *url[AWS_SERVICE_COUNT]; /* AWS_ENDPOINT_URL_<SERVICE>, or NULL */
	char *url_for_all;            /* AWS_ENDPOINT_URL, or NULL */
	bool ignore_configured;       /* AWS_IGNORE_CONFIGURED_ENDPOINT_URLS */
	bool fips;                    /* AWS_USE_FIPS_ENDPOINT */
	bool dual_stack;              /* AWS_USE_DUALSTACK_ENDPOINT */
};

typedef const char *(*environment_fn)(const char *name, void *userdata);

void endpoint_options_read(struct endpoint_options *ret, environment_fn lookup, void *userdata);
void endpoint_options_done(struct endpoint_options *options);

/* "https://oidc.us-east-1.amazonaws.com", without a slash at the end. The region must be valid. */
bool endpoint_url(enum aws_service service, const char *region, const struct endpoint_options *options,
		  char **ret_url, struct error *err) MUST_CHECK;
/*
 * As above for the OIDC service of a start URL: one under *.portal.REGION.app.aws belongs to a dual-stack
 * instance, whose verification address follows the host that was asked; its REGION must equal region
 * (ERROR_CONFIG names both).
 */
bool endpoint_oidc_url(const char *start_url, const char *region, const struct endpoint_options *options,
		       char **ret_url, struct error *err) MUST_CHECK;
