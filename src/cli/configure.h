#pragma once
/* What the parts of 'iamic configure' share: what was asked for, and what is there. */
#include "aws/config_edits.h"
#include "aws/settings.h"
#include "aws/target.h"
#include "base/error.h"
#include "cli/config_file.h"

struct configure_values {
	struct session_proposal session;
	const char *account_id, *role_name, *profile, *region, *output;
	const char *adopt, *release;
	bool adopt_all, dry_run;
};

/* Where we are. */
struct configure {
	const struct configure_values *values;
	const char *path; /* of AWS's file, as the daemon says */
	struct config_file *file;
	const struct config *config; /* file's */
	struct settings *settings;
	bool can_ask; /* there is a terminal */
};

/* What the person decides, by options or by answers. */
struct decision {
	char *session, *start_url, *sso_region, *scopes; /* scopes may be NULL */
	char *page_region;                               /* of the start URL's page, or NULL */
	bool is_new;                                     /* the session is in no file yet */
	char *account_id, *role_name, *profile;
	char *region; /* or NULL */
};

/* The session, and so the sign-in: configure_session.c. */
bool configure_choose_session(const struct configure *configure, struct decision *decision,
			      struct error *err) MUST_CHECK;
/* A name after its start URL that neither a file nor the edits have yet; the caller's to free. */
char *configure_free_session_name(const struct configure *configure, const struct config_edits *edits,
				  const char *start_url);
/* Account and role, out of those that are assigned: configure_role.c. */
bool configure_choose_role(const struct configure *configure, struct decision *decision,
			   struct error *err) MUST_CHECK;
/* Name of the profile, and its region: configure_profile.c. */
bool configure_choose_profile(const struct configure *configure, struct decision *decision,
			      struct error *err) MUST_CHECK;

/* Whether the AWS CLI finds a region for that profile, there or in the environment. */
bool configure_has_region(const struct configure *configure, const struct decision *decision);

/* ERROR_CONFIG: a profile of that name is there for something else, or the name cannot be written. */
bool configure_check_profile(const struct configure *configure, const char *name,
			     struct error *err) MUST_CHECK;

/* Makes edits of what configure's config holds. */
typedef bool (*configure_make_fn)(const struct configure *configure, const void *what,
				  struct config_edits *edits, struct error *err);
/* A decision's. */
bool configure_make_profile(const struct configure *configure, const void *decision,
			    struct config_edits *edits, struct error *err) MUST_CHECK;
/* Writes what is made, or shows it: configure_write.c. */
bool configure_write(const struct configure *configure, configure_make_fn make, const void *what,
		     enum config_file_outcome *ret, struct error *err) MUST_CHECK;

/* The command that signs in to it, unless one is signed in; may_import: the AWS CLI may be. */
void configure_print_sign_in(const char *session, bool may_import);
/* Tells of profiles that still use the AWS CLI's own sign-in, but for the one that was just written. */
void configure_print_adoptable(const struct configure *configure, const char *written);

/* Edits that make a profile iamic's, or the AWS CLI's: configure_convert.c. */
bool configure_adopt(const struct configure *configure, const char *profile, struct config_edits *edits,
		     struct error *err) MUST_CHECK;
/* All that can be; others are named in warnings. */
void configure_adopt_all(const struct configure *configure, struct config_edits *edits);
bool configure_release(const struct configure *configure, const char *profile, struct config_edits *edits,
		       struct error *err) MUST_CHECK;
