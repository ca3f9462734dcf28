/*
 * Writing: what has been decided becomes edits of the file as it is then, under the lock, for it may have
 * changed while a person was answering.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/process.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/agent.h"
#include "cli/config_outcome.h"
#include "cli/configure.h"
#include "cli/profiles.h"

#define SCOPE_DEFAULT "sso:account:access"

/* One of that name that has come meanwhile must be the same. */
static bool add_session(const struct configure *configure, const struct decision *decision,
			struct config_edits *edits, struct error *err)
{
	const struct session_proposal proposal = {decision->session, decision->start_url,
						  decision->sso_region, decision->scopes};
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	if (!sso_session_propose(configure->config, configure->settings, &proposal, &session, err))
		return false;
	config_edits_section(edits, CONFIG_SSO_SESSION, decision->session);
	config_edits_set(edits, "sso_start_url", decision->start_url);
	config_edits_set(edits, "sso_region", decision->sso_region);
	config_edits_set(edits, "sso_registration_scopes",
			 decision->scopes ? decision->scopes : SCOPE_DEFAULT);
	return true;
}

static void change_scopes(const struct decision *decision, struct config_edits *edits)
{
	config_edits_section(edits, CONFIG_SSO_SESSION, decision->session);
	config_edits_set(edits, "sso_registration_scopes", decision->scopes);
}

/* botocore does, and with it the AWS CLI. */
static void warn_of_blanks(const struct configure *configure, const char *profile)
{
	if (!config_name_is_plain(profile) && !config_find(configure->config, CONFIG_PROFILE, profile))
		log_warning("warning: not every SDK reads a profile with blanks in its name");
}

bool configure_make_profile(const struct configure *configure, const void *what, struct config_edits *edits,
			    struct error *err)
{
	const struct decision *decision = what;
	const struct target target = {.session = decision->session,
				      .account_id = decision->account_id,
				      .role_name = decision->role_name};
	_cleanup_free_ char *line = NULL;

	if (!configure_check_profile(configure, decision->profile, err) ||
	    !process_format(IAMIC_CREDENTIAL_PROCESS, &target, &line, err))
		return false;
	if (decision->is_new && !add_session(configure, decision, edits, err))
		return false;
	if (!decision->is_new && decision->scopes)
		change_scopes(decision, edits);
	warn_of_blanks(configure, decision->profile);
	config_edits_section(edits, CONFIG_PROFILE, decision->profile);
	config_edits_adopt(edits, config_find(configure->config, CONFIG_PROFILE, decision->profile), line);
	config_edits_set(edits, PROFILES_MARK, NULL); /* it is the person's own from now on */
	if (decision->region)
		config_edits_set(edits, "region", decision->region);
	if (configure->values->output)
		config_edits_set(edits, "output", configure->values->output);
	return true;
}

/* As the daemon said at the beginning. */
static bool is_signed_in(const char *session)
{
	const char *state = agent_session_state(session);

	return state && (strcmp(state, "ready") == 0 || strcmp(state, "refreshing") == 0);
}

void configure_print_sign_in(const char *session, bool may_import)
{
	_cleanup_free_ char *word = shell_word(session);

	if (!is_signed_in(session))
		printf("sign in:  iamic-login %s%s%s\n", word,
		       may_import ? ", or where the AWS CLI is signed in: iamic import --wipe " : "",
		       may_import ? word : "");
}

/* The session that the edits let a profile ask; NULL: none. */
static char *session_of(const struct config_edits *edits, size_t i)
{
	const char *line = config_edits_get(edits, i, "credential_process");
	_cleanup_(process_freep) struct process *process = NULL;
	struct error ignored;

	return line && process_parse(line, "", &process, &ignored) && process
		       ? xstrdup_or_null(process->target.session)
		       : NULL;
}

/* For profiles of the older form, of whose sign-in the AWS CLI keeps nothing that can be renewed. */
static bool adds_session(const struct config_edits *edits, const char *session)
{
	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == CONFIG_SSO_SESSION && strcmp(edits->items[i].name, session) == 0)
			return true;
	return false;
}

/* What was adopted works once somebody is signed in, whatever the AWS CLI is. */
static void print_sign_ins(const struct config_edits *edits)
{
	_cleanup_json_ json_t *seen = json_object();

	for (size_t i = 0; i < edits->n; i++) {
		_cleanup_free_ char *session = session_of(edits, i);

		if (!session || json_object_get(seen, session))
			continue;
		json_object_set_new(seen, session, json_true());
		configure_print_sign_in(session, !adds_session(edits, session));
	}
}

static void print_afterwards(const struct configure_values *values, const struct config_edits *edits)
{
	if (values->adopt || values->adopt_all)
		print_sign_ins(edits);
	if (!values->release)
		config_outcome_look_for_keys(edits);
}

bool configure_write(const struct configure *configure, configure_make_fn make, const void *what,
		     enum config_file_outcome *ret, struct error *err)
{
	enum config_file_use use = configure->values->dry_run ? CONFIG_FILE_LOOK : CONFIG_FILE_CHANGE;
	_cleanup_(config_file_closep) struct config_file *file = NULL;
	_cleanup_(config_edits_done) struct config_edits edits = {0};
	struct configure now = *configure;

	if (!config_file_open(configure->path, use, &file, err))
		return false;
	now.config = config_file_now(file);
	if (!make(&now, what, &edits, err) || !config_file_save(file, edits.items, edits.n, ret, err))
		return false;
	config_outcome_print(configure->path, &edits, *ret);
	if (*ret == CONFIG_FILE_WRITTEN)
		print_afterwards(configure->values, &edits);
	return true;
}
