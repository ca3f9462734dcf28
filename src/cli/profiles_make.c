/* Which profiles there are to be: a name by the template, and a region, for each role that is meant. */
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/name_text.h"
#include "aws/names.h"
#include "aws/target.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/profiles.h"

/* The list as it grows. */
struct maker {
	const struct profiles_wish *wish;
	struct profiles *profiles;
	struct names index; /* of them, by name */
	bool has_blanks;
};

static void maker_done(struct maker *maker)
{
	names_done(&maker->index);
}

void profiles_done(struct profiles *profiles)
{
	for (size_t i = 0; i < profiles->n; i++)
		free(profiles->items[i].name);
	free(profiles->items);
}

static const char *region_for(const struct role_patterns *rules, const struct role_name *role)
{
	for (size_t i = 0; i < rules->n; i++) {
		const char *equals = strrchr(rules->texts[i], '=');

		if (!equals)
			return rules->texts[i];
		if (role_pattern_matches(rules->texts[i], (size_t)(equals - rules->texts[i]), role))
			return equals + 1;
	}
	return NULL;
}

/* Accounts are named by others: none of them becomes 'default' by its name. */
static bool make_name(const struct profiles_wish *wish, const struct role_name *role, char **ret,
		      struct error *err)
{
	const struct template_values values = {role->account_name, role->account_id, role->role_name,
					       wish->session};
	_cleanup_free_ char *header = NULL;

	if (!template_format(wish->template, &values, ret, err) ||
	    !config_header(CONFIG_PROFILE, *ret, &header, err))
		return error_prefix(err, "role %s of account %s", role->role_name, role->account_id);
	if (strcmp(*ret, "default") == 0)
		return error_set(err, ERROR_CONFIG,
				 "role %s of account %s would be the profile that all programs take by "
				 "themselves: use another template, or 'iamic configure --profile default'",
				 role->role_name, role->account_id);
	return true;
}

static bool refuse_two(const struct profile *one, const struct profile *other, struct error *err)
{
	bool is_one_account = strcmp(one->account_id, other->account_id) == 0;

	return error_set(
		err, ERROR_CONFIG,
		"role %s of account %s and role %s of account %s would both be profile '%.128s': use "
		"%s in the template, or leave one out with --exclude",
		one->role_name, one->account_id, other->role_name, other->account_id, other->name,
		is_one_account ? "{role_name} without filters" : "{account_id}");
}

/* A row that a list has twice is one. */
static bool add(struct maker *maker, const struct role_name *role, struct error *err)
{
	struct profiles *profiles = maker->profiles;
	struct profile profile = {.account_id = role->account_id,
				  .role_name = role->role_name,
				  .region = region_for(maker->wish->regions, role)};
	unsigned there;

	if (!make_name(maker->wish, role, &profile.name, err)) {
		free(profile.name);
		return false;
	}
	profiles->items = xreallocarray(profiles->items, profiles->n + 1, sizeof(*profiles->items));
	profiles->items[profiles->n] = profile;
	if (names_add(&maker->index, profile.name, (unsigned)profiles->n)) {
		profiles->n++;
		maker->has_blanks |= !config_name_is_plain(profile.name);
		return true;
	}
	if (!names_find(&maker->index, profile.name, &there))
		return false;
	const struct profile *first = &profiles->items[there];
	bool is_same = strcmp(first->account_id, profile.account_id) == 0 &&
		       strcmp(first->role_name, profile.role_name) == 0;
	if (!is_same)
		(void)refuse_two(first, &profile, err);
	free(profile.name);
	return is_same;
}

static bool add_account(struct maker *maker, const struct assignments *assignments, size_t i,
			struct error *err)
{
	struct role_name role = assignments_account(assignments, i);
	const json_t *row;
	size_t k;

	json_array_foreach (assignments->roles[i], k, row) {
		role.role_name = agent_text(row, "roleName");
		if (!role.role_name || !role_name_is_valid(role.role_name))
			return error_set(err, ERROR_UNAVAILABLE,
					 "AWS names an account or a role in a way that cannot be used: try "
					 "again");
		if (role_choice_has(maker->wish->choice, &role) && !add(maker, &role, err))
			return false;
	}
	return true;
}

bool profiles_make(const struct profiles_wish *wish, const struct assignments *assignments,
		   struct profiles *ret, struct error *err)
{
	_cleanup_(maker_done) struct maker maker = {.wish = wish, .profiles = ret};

	for (size_t i = 0; i < json_array_size(assignments->accounts); i++)
		if (!add_account(&maker, assignments, i, err))
			return false;
	if (maker.has_blanks)
		log_warning("warning: not every SDK reads a profile with blanks in its name");
	return true;
}

/* An account whose roles are not known gets the benefit of the doubt. */
static bool matches_in_account(const char *pattern, const struct assignments *assignments, size_t i)
{
	struct role_name role = assignments_account(assignments, i);
	const json_t *rows = assignments->roles[i], *row;
	size_t k;

	if (!rows)
		return role_pattern_matches(pattern, strlen(pattern), &role);
	json_array_foreach (rows, k, row) {
		role.role_name = agent_text(row, "roleName");
		if (role_pattern_matches(pattern, strlen(pattern), &role))
			return true;
	}
	return false;
}

static bool matches_anything(const char *pattern, const struct assignments *assignments)
{
	for (size_t i = 0; i < json_array_size(assignments->accounts); i++)
		if (matches_in_account(pattern, assignments, i))
			return true;
	return false;
}

bool profiles_check_included(const struct role_patterns *include, const struct assignments *assignments,
			     struct error *err)
{
	struct name_text unmatched = {0};

	for (size_t i = 0; i < include->n; i++)
		if (!matches_anything(include->texts[i], assignments))
			name_text_add(&unmatched, include->texts[i]);
	return unmatched.n == 0 ||
	       error_set(err, ERROR_DENIED,
			 "no role that you may use matches --include %s: see 'iamic accounts' and 'iamic "
			 "roles'",
			 name_text_end(&unmatched));
}
