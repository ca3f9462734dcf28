#pragma once
/*
 * Addresses of the AWS console. Pure. Sources: IAM user guide, "Enabling custom identity broker
 * access to the AWS console"; IAM Identity Center user guide, "Creating shortcut links".
 */
#include <stdbool.h>

#include "base/error.h"

/* Has the region's partition a console, and a page to sign in to it, that we know of? */
bool console_is_known(const char *region);

/*
 * Where in the console a person wants to go: what is the short name of a service ("s3", "ec2"), or an
 * address, which is taken as it is, or NULL: the console's home. Without a region the console chooses one,
 * and partition_region only says in which of AWS's partitions that is. ERROR_USAGE for a word that is
 * neither, ERROR_CONFIG for a region whose partition has no console that we know.
 */
bool console_destination(const char *what, const char *region, const char *partition_region, char **ret,
			 struct error *err) MUST_CHECK;

/*
 * The access portal's link to a role, which works with the browser's own portal session and holds no secret.
 * destination may be NULL.
 */
char *console_portal_link(const char *start_url, const char *account_id, const char *role_name,
			  const char *destination);
