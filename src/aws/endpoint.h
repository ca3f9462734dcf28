#pragma once
/*
 * Addresses of AWS's services: region and options in, base URL out.
 *
 * Order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section, its
 * endpoint_url (profile_endpoints.h), AWS's rules. Custom with FIPS or dual-stack is used as written. Every
 * URL is https; plain http only for a loopback host.
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

/* What was said of a choice: a no of the environment counts more than a profile's yes. */
enum endpoint_choice { ENDPOINT_UNSAID, ENDPOINT_NO, ENDPOINT_YES };

struct endpoint_address {
	char *url;   /* as written, or NULL */
	char *where; /* "AWS_ENDPOINT_URL", "PATH:LINE: endpoint_url": begins what is said against it */
};

/* What one place says, the environment or a profile; strings are owned. Starts as {0}, which says nothing. */
struct endpoint_options {
	struct endpoint_address service[AWS_SERVICE_COUNT];
	struct endpoint_address all; /* for a service that has none of its own */
	enum endpoint_choice ignore_configured, fips, dual_stack;
};

typedef const char *(*environment_fn)(const char *name, void *userdata);

/* As botocore: "true" in any case is yes, everything else no; NULL and "" say nothing. */
enum endpoint_choice endpoint_choice_parse(const char *text);
/* The environment's. */
void endpoint_options_read(struct endpoint_options *ret, environment_fn lookup, void *userdata);
void endpoint_options_done(struct endpoint_options *options);
void endpoint_options_copy(struct endpoint_options *ret, const struct endpoint_options *options);
/* Do both lead to the same address of that service, whatever the environment says? */
bool endpoint_options_agree(const struct endpoint_options *a, const struct endpoint_options *b,
			    enum aws_service service);
/* What a services section calls it: "sso_oidc". */
const char *endpoint_block(enum aws_service service);
/* The one of the service, else the one for all; its url is NULL where there is neither. */
const struct endpoint_address *endpoint_address(const struct endpoint_options *options,
						enum aws_service service);

/*
 * "https://oidc.us-east-1.amazonaws.com", without a slash at the end. The region must be valid. profile: or
 * NULL.
 */
bool endpoint_url(enum aws_service service, const char *region, const struct endpoint_options *environment,
		  const struct endpoint_options *profile, char **ret_url, struct error *err) MUST_CHECK;
/*
 * As above for the OIDC service of a start URL: one under *.portal.REGION.app.aws belongs to a dual-stack
 * instance, whose verification address follows the host that was asked; its REGION must equal region
 * (ERROR_CONFIG names both).
 */
bool endpoint_oidc_url(const char *start_url, const char *region, const struct endpoint_options *environment,
		       const struct endpoint_options *profile, char **ret_url, struct error *err) MUST_CHECK;
