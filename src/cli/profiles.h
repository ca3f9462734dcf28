#pragma once
/*
 * What the parts of 'iamic profiles' share.
 *
 * A profile that it writes has "iamic_generated = true" beside its credential_process, which names session,
 * account and role. That key is what says later that iamic may change or remove it; SDKs ignore it. A profile
 * without it is a person's, also where 'iamic configure' wrote it, and is never touched.
 */
#include "aws/config_edits.h"
#include "aws/template.h"
#include "cli/assignments.h"

#define PROFILES_MARK "iamic_generated"

struct profile {
	char *name;
	const char *account_id, *role_name; /* the assignments' */
	const char *region;                 /* or NULL; an option's */
};

struct profiles {
	struct profile *items;
	size_t n;
};

struct profiles_wish {
	const char *session;
	const struct template *template;
	const struct role_choice *choice;
	const struct role_patterns *regions; /* "REGION" or "PATTERN=REGION": the first that matches */
};

void profiles_done(struct profiles *profiles);
/* ERROR_CONFIG: two would have the same name, or one a name that cannot be written; the message says whose.
 */
bool profiles_make(const struct profiles_wish *wish, const struct assignments *assignments,
		   struct profiles *ret, struct error *err) MUST_CHECK;
/* ERROR_DENIED names the patterns that match nothing in the listing: they are mistyped, as like as not. */
bool profiles_check_included(const struct role_patterns *include, const struct assignments *assignments,
			     struct error *err) MUST_CHECK;

/*
 * The edits that put them into a configuration, without those that would change nothing. What is a person's
 * is left alone, with a warning where it is for something else.
 */
bool profiles_plan(const struct profiles *profiles, const char *session, const struct config *config,
		   struct config_edits *edits, struct error *err) MUST_CHECK;
/* Likewise those that remove generated profiles of the session whose role is no longer assigned. */
void profiles_plan_removal(const struct assignments *assignments, const char *session,
			   const struct config *config, struct config_edits *edits);
