#pragma once
/*
 * Profiles that lead to one another: by a credential_process line that names another profile, by a
 * source_profile. What target.c resolves is a chain of questions, from the caller's to the one that a
 * session, an account and a role answer. Pure.
 */
#include "aws/config.h"
#include "aws/process.h"
#include "aws/settings.h"
#include "aws/target.h"
#include "base/cleanup.h"
#include "base/error.h"

#define PROCESS_LINE                                                                                         \
	"credential_process = iamic-credential-process --sso-session NAME --account-id ID --role-name ROLE"

/*
 * A target as a caller, a credential_process line or a source_profile names it, on its way to a role.
 * Resolving a profile whose line is iamic's is resolving that line's target, one hop further.
 */
struct question {
	const struct config *config;
	const struct settings *settings;
	struct target target;
	const char *profile; /* in whose line the target stands; NULL: it is the caller's, or a source */
	const char *where;   /* "PATH:LINE" of what asks, or NULL */
	const struct question *from; /* what asks; NULL: the caller */
	unsigned hops;
};

/* What a profile means: the question that its line puts to iamic or, without a process, its own keys. */
struct meaning {
	const struct config_section *profile;
	struct process *process; /* or NULL; next borrows from it */
	char *where;
	struct question next;
};

/* Its profile must be there; ERROR_CONFIG where the way leads to it in a circle. */
bool question_find_meaning(const struct question *question, struct meaning *ret,
			   struct error *err) MUST_CHECK;
void meaning_done(struct meaning *meaning);
/* What the source_profile of a profile asks for; *ret borrows *ret_where, which is the caller's to free. */
bool question_of_source(const struct question *question, const struct config_section *profile,
			char **ret_where, struct question *ret, struct error *err) MUST_CHECK;
/* Names what asks, if that is a line of the file: false, so that a function can end in it. */
bool question_blame(const struct question *question, struct error *err);
/* "PATH:LINE" */
char *question_where(const struct question *question, unsigned line);
