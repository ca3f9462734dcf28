#pragma once
/*
 * What profiles say of the addresses of AWS's services: endpoint_url, the section that
 * services names, use_fips_endpoint, use_dualstack_endpoint, ignore_configured_endpoint_urls. Pure.
 *
 * For AWS's tools each profile has addresses of its own. A session has one token, which is bound to one pair
 * of addresses, so for these the profiles that belong to it by their own sso_* keys speak together: what one
 * of them says counts for the session, and what two say must be the same. Where a profile's
 * credential_process asks iamic for something else, these keys are for what its SDK calls; but the blocks sso
 * and sso_oidc of its services section can only be meant for the session that the line names.
 */
#include "aws/config.h"
#include "aws/endpoint.h"
#include "aws/names.h"

/* Of each session the profiles that say something, for profile_endpoints_of_session(). Starts as {0}. */
struct profile_endpoints {
	struct speaker *speakers; /* in the file's order */
	size_t n, capacity;
	struct names said; /* each once: ten thousand profiles that say the same are heard as fast as one */
	struct names sessions; /* the number of the first speaker */
};

/* All sections are there by now. Does nothing with a profile that says nothing, or is of no session. */
void profile_endpoints_add(struct profile_endpoints *all, const struct config *config,
			   const struct config_section *profile);
void profile_endpoints_done(struct profile_endpoints *all);

/* What one profile says, for the calls made with it. ERROR_CONFIG: its services section is not there. */
bool profile_endpoints_read(const struct config *config, const struct config_section *profile,
			    struct endpoint_options *ret, struct error *err) MUST_CHECK;
/*
 * "PATH:LINE: KEY" of what such a profile says for its session, and would say no longer behind a line of
 * iamic's; NULL if there is none. The caller's to free.
 */
char *profile_endpoints_lost_behind_line(const struct config *config, const struct config_section *profile);
/*
 * What the profiles of a session say together; for other services than OIDC and portal, the first that says
 * something. ERROR_CONFIG names the lines of two that contradict one another.
 */
bool profile_endpoints_of_session(const struct config *config, const char *session,
				  struct endpoint_options *ret, struct error *err) MUST_CHECK;
