#pragma once
/* What a start URL tells about the sign-in that it is the address of (PROTOCOL 1.10). Pure. */
#include <stdbool.h>

/* As a person may type it: without https:// it gets that. The caller's to free. */
char *start_url_complete(const char *typed);
/* The region that the host of AWS's own names, or NULL. The caller's to free. */
char *start_url_region(const char *url);
/*
 * A name for the session, of lower-case letters, digits and hyphens: what the company has called its portal,
 * or "sso" where the host holds nothing but an id. The caller's to free.
 */
char *start_url_session_name(const char *url);
