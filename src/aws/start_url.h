#pragma once
/* What a start URL tells about the sign-in that it is the address of. Pure. */
#include <stdbool.h>

#include "base/error.h"

/* As a person may type it: without https:// it gets that. The caller's to free. */
char *start_url_complete(const char *typed);
/* Is the host AWS's own? Any other may be a company's name for it, which leads there. */
bool start_url_is_aws(const char *url);
/* May it lead there? Neither AWS's own host does, nor one of this machine. */
bool start_url_may_lead_on(const char *url);
/*
 * Where the redirect of a company's name for it leads: without query, fragment and a slash at the end.
 * ERROR_CONFIG for what is no https:// address of AWS's. The caller's to free.
 */
bool start_url_of_redirect(const char *url, const char *location, char **ret, struct error *err) MUST_CHECK;
/*
 * Where a host of AWS's own sends whoever asks for url: on within itself, or to another of AWS's, without the
 * fragment; NULL: anywhere else. The caller's to free.
 */
char *start_url_sent_on(const char *url, const char *location);
/* The region that the host of AWS's own names, or NULL. The caller's to free. */
char *start_url_region(const char *url);
/*
 * A name for the session, of lower-case letters, digits and hyphens: what the company has called its portal,
 * or "sso" where the host holds nothing but an id. The caller's to free.
 */
char *start_url_session_name(const char *url);
