#pragma once
/*
 * From what a caller names (a profile; or session, account and role) to what the portal is asked for.
 *
 * A profile is iamic's when its credential_process names iamic-credential-process: then that line is the only
 * source of truth. Otherwise its role_arn counts, which is assumed from the role of its source_profile, else
 * its sso_* keys; a legacy profile (sso_start_url and sso_region in the profile itself) belongs to a session
 * that is named by its start URL as written. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "aws/config.h"
#include "aws/endpoint.h"
#include "aws/identifier.h"
#include "aws/settings.h"
#include "base/error.h"

struct sso_session {
	char *name;      /* of the section; of a legacy one its start URL */
	char *start_url; /* as written */
	char *region;    /* valid */
	char **scopes;   /* NULL-terminated, always with sso:account:access */
	char *where;     /* "PATH:LINE" */
	bool is_legacy;
	struct endpoint_options endpoints; /* what its profiles say */
	int redirect_port;                 /* sso_redirect_port, 0: any */
	bool use_device_code;              /* sso_use_device_code */
};

/* With the file where that belongs. */
#define SSO_SESSION_NONE "no session is configured in %s: run 'iamic configure'"
/* With its name, the file and the names that there are. */
#define SSO_SESSION_UNKNOWN "session '%.100s' is not in %s, which has: %s"
/* With its name, the file, and the name as a shell takes it. */
#define SSO_SESSION_PROFILE "'%.100s' is a profile in %s, not a session: say --profile %.100s"

struct sso_session *sso_session_free(struct sso_session *session);
DEFINE_CLEANUP(struct sso_session *, sso_session_free)

/*
 * The session of that name, from [sso-session NAME], a [session NAME] of iamic's own file that has a
 * start_url, or the legacy profiles with that start URL; NULL name: the only one there is. Unknown,
 * ambiguous, contradictory (both files with different start URLs), incomplete or hostile: ERROR_CONFIG that
 * says where, and what to write.
 */
bool sso_session_resolve(const struct config *config, const struct settings *settings, const char *name,
			 struct sso_session **ret, struct error *err) MUST_CHECK;
/* A session that no file has yet, to be tried before it is written. */
struct session_proposal {
	const char *name, *start_url, *region;
	const char *scopes; /* or NULL */
};
/* One of that name that a file has must have the same start URL and region: ERROR_CONFIG. */
bool sso_session_propose(const struct config *config, const struct settings *settings,
			 const struct session_proposal *proposal, struct sso_session **ret,
			 struct error *err) MUST_CHECK;
/* The session that profile NAME belongs to. */
bool sso_session_of_profile(const struct config *config, const struct settings *settings, const char *profile,
			    struct sso_session **ret, struct error *err) MUST_CHECK;
/*
 * Names of all sessions, each once, in the files' order, legacy ones last; count in *ret_n. Broken ones are
 * named too. The list ends with NULL; it and the names are the caller's to free.
 */
char **sso_session_names(const struct config *config, const struct settings *settings, size_t *ret_n);

/*
 * What a caller names: a profile; or an account and a role, in a session or in that of a profile or, with
 * neither, in the only one; or the ARN of a permission set's role, which says account and role. Any other ARN
 * is a role to be assumed from what the rest names.
 */
struct target {
	const char *profile; /* or NULL; as are the rest */
	const char *session, *account_id, *role_name, *role_arn;
};

struct assumption;

struct role {
	struct sso_session *session;
	char account_id[ACCOUNT_ID_LEN + 1]; /* what the portal is asked for */
	char *role_name;
	struct assumption *assumed; /* from that, the last one first (aws/assumption.h); NULL: it is that */
	char *region;               /* the profile's own, for service calls; or NULL */
};

struct role *role_free(struct role *role);
DEFINE_CLEANUP(struct role *, role_free)

/* Everything that is wrong is ERROR_CONFIG; profiles that lead to one another in a circle, too. */
bool target_resolve(const struct config *config, const struct settings *settings, const struct target *target,
		    struct role **ret, struct error *err) MUST_CHECK;
