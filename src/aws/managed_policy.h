#pragma once
/* The policies that AWS itself keeps, which a permission set can have: by name, or by ARN. Pure. */
#include <stdbool.h>

/* Those that the console of Identity Center offers as predefined permission sets. */
#define MANAGED_POLICY_NAMES                                                                                 \
	"AdministratorAccess, Billing, DatabaseAdministrator, DataScientist, NetworkAdministrator, "         \
	"PowerUserAccess, ReadOnlyAccess, SecurityAudit, SupportUser, SystemAdministrator, ViewOnlyAccess"

/* "ReadOnlyAccess", "service-role/AmazonEC2RoleforSSM", "arn:aws:iam::aws:policy/job-function/Billing".
 * Whether there is such a policy, AWS knows. */
bool managed_policy_is_valid(const char *text);
/* Its ARN in that partition ("aws"), for text that is valid; the caller's to free. */
char *managed_policy_arn(const char *text, const char *partition);
/* The last part of its ARN. */
const char *managed_policy_name(const char *arn);
