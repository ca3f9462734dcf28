#pragma once
/*
 * Accounts and roles as a person names many at once: "ACCOUNT" or "ACCOUNT/ROLE", both globs (fnmatch(3)),
 * capitals or not. ACCOUNT is matched with the account's id and its name; the last "/" is the one that
 * counts, for no role has one in its name. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define ROLE_PATTERNS_MAX 64

/* What an option gathers that may be given several times; the texts are borrowed. */
struct role_patterns {
	const char *texts[ROLE_PATTERNS_MAX];
	size_t n;
};

struct role_name {
	const char *account_id, *account_name; /* account_name may be NULL */
	const char *role_name;                 /* NULL: any, so it is the account alone that is asked about */
};

/* ERROR_USAGE: empty, or too many. */
bool role_patterns_add(struct role_patterns *patterns, const char *text, struct error *err) MUST_CHECK;
/* Some pattern matches. With role_name NULL: it could, for some role. */
bool role_patterns_match(const struct role_patterns *patterns, const struct role_name *role);
/* Some pattern matches whatever the account's roles are called. */
bool role_patterns_match_whole_account(const struct role_patterns *patterns, const struct role_name *account);
/* One pattern alone, of so many bytes. */
bool role_pattern_matches(const char *text, size_t len, const struct role_name *role);
/*
 * A list with blanks or commas between, where a word without "/" is a glob of roles, in whatever account, and
 * ACCOUNT/ROLE as above. role has all but perhaps a name of its account.
 */
bool role_list_matches(const char *list, const struct role_name *role);
