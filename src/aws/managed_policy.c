#include "aws/managed_policy.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/xalloc.h"

#define PATH_MAX_LEN 512

/* These stand in a folder, which nobody remembers. */
static const char *const job_functions[] = {
	"Billing",     "DatabaseAdministrator", "DataScientist",  "NetworkAdministrator",
	"SupportUser", "SystemAdministrator",   "ViewOnlyAccess",
};

static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,+@=_-/";

/* What stands behind "arn:PARTITION:iam::aws:policy/"; NULL: it is no such ARN. */
static const char *behind_arn(const char *text)
{
	static const char before[] = "arn:aws", middle[] = ":iam::aws:policy/";

	if (strncmp(text, before, strlen(before)) != 0)
		return NULL;
	text += strlen(before);
	text += strspn(text, "abcdefghijklmnopqrstuvwxyz-");
	return strncmp(text, middle, strlen(middle)) == 0 ? text + strlen(middle) : NULL;
}

static bool is_path(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= PATH_MAX_LEN && strspn(text, characters) == len && text[0] != '/' &&
	       text[len - 1] != '/' && !strstr(text, "//");
}

bool managed_policy_is_valid(const char *text)
{
	const char *path = behind_arn(text);

	return is_path(path ? path : text);
}

static bool is_job_function(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(job_functions); i++) {
		if (strcmp(job_functions[i], name) == 0)
			return true;
	}
	return false;
}

char *managed_policy_arn(const char *text, const char *partition)
{
	if (behind_arn(text))
		return xstrdup(text);
	return xasprintf("arn:%s:iam::aws:policy/%s%s", partition,
			 is_job_function(text) ? "job-function/" : "", text);
}

const char *managed_policy_name(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash ? slash + 1 : arn;
}
