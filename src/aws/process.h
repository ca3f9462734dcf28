#pragma once
/*
 * What a credential_process line asks iamic for. A line is iamic's when one of its words is the program
 * iamic-credential-process (it may stand behind env(1) or wsl.exe); the options behind it count. Pure.
 */
#include "aws/config.h"
#include "aws/target.h"
#include "base/error.h"

struct process {
	char **words; /* owned; the target points into it */
	struct target target;
};

struct process *process_free(struct process *process);
DEFINE_CLEANUP(struct process *, process_free)
/* *ret is NULL for another program's line. where, "PATH:LINE", is for the error: ERROR_CONFIG. */
bool process_parse(const char *line, const char *where, struct process **ret, struct error *err) MUST_CHECK;

/*
 * The line that asks for session, account id and role name of a target, as sh and Python's shlex read it:
 * without quotes where none are needed. ERROR_CONFIG for what cannot be written into AWS's file.
 */
bool process_format(const char *program, const struct target *target, char **ret,
		    struct error *err) MUST_CHECK;

/*
 * A profile whose credential_process asks iamic for something else than that profile's own keys: then these
 * keys mean nothing.
 */
bool process_overrules(const struct config_section *profile);
