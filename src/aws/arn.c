#include "aws/arn.h"

#include <string.h>

#include "aws/region.h"
#include "base/xalloc.h"

#define SUFFIX_LEN   16
#define ARN_MAX      2048
#define NAME_MAX_LEN 64

static const char lower_and_hyphen[] = "abcdefghijklmnopqrstuvwxyz-";
static const char name_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";

/* Where text goes on behind prefix, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text && strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* "REGION/" is missing where the instance is in us-east-1. */
static const char *behind_region(const char *path)
{
	const char *slash = path ? strchr(path, '/') : NULL;

	if (!slash)
		return path;
	_cleanup_free_ char *region = xstrndup(path, (size_t)(slash - path));
	return region_is_valid(region) ? slash + 1 : NULL;
}

/* "NAME_16HEX", split at the last underscore. */
static char *name_of(const char *text)
{
	const char *underscore = strrchr(text, '_');

	if (!underscore || strlen(underscore + 1) != SUFFIX_LEN ||
	    strspn(underscore + 1, "0123456789abcdef") != SUFFIX_LEN)
		return NULL;
	_cleanup_free_ char *name = xstrndup(text, (size_t)(underscore - text));
	return role_name_is_valid(name) ? TAKE(name) : NULL;
}

/* What stands behind "arn:PART:iam::ACCOUNT:role/", or NULL. */
static const char *behind_account(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1])
{
	const char *rest = behind(arn, "arn:aws");
	char account_id[ACCOUNT_ID_LEN + 1] = "";

	rest = rest ? behind(rest + strspn(rest, lower_and_hyphen), ":iam::") : NULL;
	if (!rest || strlen(rest) < ACCOUNT_ID_LEN)
		return NULL;
	memcpy(account_id, rest, ACCOUNT_ID_LEN);
	if (!account_id_is_valid(account_id))
		return NULL;
	memcpy(ret_account_id, account_id, sizeof(account_id));
	return behind(rest + ACCOUNT_ID_LEN, ":role/");
}

bool arn_is_permission_set(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1], char **ret_role_name)
{
	char account_id[ACCOUNT_ID_LEN + 1];
	const char *rest = behind(behind_account(arn, account_id), "aws-reserved/sso.amazonaws.com/");

	rest = behind(behind_region(rest), "AWSReservedSSO_");
	char *name = rest ? name_of(rest) : NULL;
	if (!name)
		return false;
	memcpy(ret_account_id, account_id, sizeof(account_id));
	*ret_role_name = name;
	return true;
}

bool arn_is_role(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1], char **ret_name)
{
	char account_id[ACCOUNT_ID_LEN + 1];
	const char *path = behind_account(arn, account_id);
	const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;

	if (!name || strlen(arn) > ARN_MAX || !*name || strlen(name) > NAME_MAX_LEN ||
	    name[strspn(name, name_characters)])
		return false;
	for (const char *p = path; p < name; p++) {
		if (*p < '!' || *p > '~')
			return false;
	}
	memcpy(ret_account_id, account_id, sizeof(account_id));
	*ret_name = xstrdup(name);
	return true;
}
