#pragma once
/*
 * The configuration files as the command line needs them: which browser to open, and which session a profile
 * belongs to. What counts for everything else is what the daemon has read.
 */
#include "aws/config.h"
#include "aws/settings.h"
#include "base/error.h"

/* iamic's own: the person's file over the administrators'. */
bool configuration_settings(struct settings **ret, struct error *err) MUST_CHECK;
/* AWS's, from where the daemon says that it reads it. */
bool configuration_aws(const char *path, struct config **ret, struct error *err) MUST_CHECK;

/* ERROR_CONFIG that says which profiles there are, where it has no such one. */
bool configuration_has_profile(const struct config *config, const char *profile,
			       struct error *err) MUST_CHECK;
/* path NULL: it is none. */
bool configuration_is_profile(const char *path, const char *name);
/* The region of a profile of that file; NULL: none, or the file is broken, of which the daemon speaks. */
char *configuration_region(const char *path, const char *profile);

/* The region that this shell's variables name; NULL: none of AWS's. */
const char *configuration_shell_region(void);
/* Where the AWS CLI of this shell looks; NULL when that cannot be said. */
char *configuration_shell_path(void);
/* Likewise where it looks for keys. */
char *configuration_credentials_path(void);

/* The shell's file, to be freed, where the daemon reads another and nobody meant that; or NULL. */
char *configuration_other_path(const char *daemon_path);
/* Tells the person when this shell's AWS configuration is not the file that the daemon reads. */
void configuration_warn_if_other(const char *daemon_path);
