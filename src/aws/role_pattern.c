#include "aws/role_pattern.h"

#include <fnmatch.h>
#include <string.h>

#include "base/xalloc.h"

#define FLAGS      FNM_CASEFOLD
#define SEPARATORS ", \t"

bool role_patterns_add(struct role_patterns *patterns, const char *text, struct error *err)
{
	if (!*text)
		return error_set(err, ERROR_USAGE, "it is empty");
	if (patterns->n == ROLE_PATTERNS_MAX)
		return error_set(err, ERROR_USAGE, "it can be given %d times: leave some out",
				 ROLE_PATTERNS_MAX);
	patterns->texts[patterns->n++] = text;
	return true;
}

/* The two halves; *ret_role is NULL where there is only one, which is for every role. */
static char *cut(const char *text, size_t len, const char **ret_role)
{
	char *account = xstrndup(text, len), *slash = strrchr(account, '/');

	*ret_role = slash ? slash + 1 : NULL;
	if (slash)
		*slash = '\0';
	return account;
}

static bool account_matches(const char *pattern, const struct role_name *role)
{
	return fnmatch(pattern, role->account_id, FLAGS) == 0 ||
	       (role->account_name && fnmatch(pattern, role->account_name, FLAGS) == 0);
}

bool role_pattern_matches(const char *text, size_t len, const struct role_name *role)
{
	const char *wanted;
	_cleanup_free_ char *account = cut(text, len, &wanted);

	return account_matches(account, role) &&
	       (!wanted || !role->role_name || fnmatch(wanted, role->role_name, FLAGS) == 0);
}

bool role_patterns_match(const struct role_patterns *patterns, const struct role_name *role)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (role_pattern_matches(patterns->texts[i], strlen(patterns->texts[i]), role))
			return true;
	return false;
}

bool role_patterns_match_whole_account(const struct role_patterns *patterns, const struct role_name *account)
{
	for (size_t i = 0; i < patterns->n; i++) {
		const char *wanted;
		_cleanup_free_ char *pattern = cut(patterns->texts[i], strlen(patterns->texts[i]), &wanted);

		if ((!wanted || strcmp(wanted, "*") == 0) && account_matches(pattern, account))
			return true;
	}
	return false;
}

static bool word_matches(const char *word, size_t len, const struct role_name *role)
{
	_cleanup_free_ char *glob = NULL;

	if (memchr(word, '/', len))
		return role_pattern_matches(word, len, role);
	glob = xstrndup(word, len);
	return fnmatch(glob, role->role_name, FLAGS) == 0;
}

bool role_list_matches(const char *list, const struct role_name *role)
{
	size_t len;

	for (const char *word = list + strspn(list, SEPARATORS); *word; word += strspn(word, SEPARATORS)) {
		len = strcspn(word, SEPARATORS);
		if (word_matches(word, len, role))
			return true;
		word += len;
	}
	return false;
}
