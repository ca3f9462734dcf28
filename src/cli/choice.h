#pragma once
/*
 * What a command line is about: a session, or a role. Where it does not say, $AWS_PROFILE does, then the
 * profile named default, then the only session there is.
 */
#include <jansson.h>

#include "aws/target.h"
#include "base/error.h"
#include "ipc/client.h"

/* Where the command line names none: of the environment, else the one named default. */
const char *choice_usual_profile(void);
/* ERROR_USAGE for members that contradict or need each other, where a session or a role is meant. */
bool choice_check_session(const struct target *target, struct error *err) MUST_CHECK;
bool choice_check(const struct target *target, struct error *err) MUST_CHECK;
/* The name of the session; NULL: the only one, which the daemon knows. */
bool choice_session(struct client *client, const struct target *target, char **ret_name,
		    struct error *err) MUST_CHECK;
/* The name of the only one; ERROR_USAGE where there are several, one of which a word or, by_option,
 * --sso-session names. */
bool choice_only_session(struct client *client, bool by_option, char **ret_name,
			 struct error *err) MUST_CHECK;
/* The name of the session that a profile belongs to. */
bool choice_session_of(const json_t *status, const char *profile, char **ret_name,
		       struct error *err) MUST_CHECK;
/* The Target of io.iamic.Agent; where nothing names it, a person at a terminal picks it. ERROR_NONE: Ctrl-C.
 */
bool choice_target(struct client *client, const struct target *target, json_t **ret,
		   struct error *err) MUST_CHECK;
/* The session that such a Target belongs to, in the status that was asked for it; NULL: nobody knows. */
const json_t *choice_home_session(const json_t *target);
