/*
 * Writing: what has been decided becomes edits of the file as it is then, under the lock, for it may have
 * changed while a person was answering.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/process.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "build-config.h"
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

void configure_print_sign_in(const char *session)
{
	_cleanup_free_ char *word = shell_word(session);

	printf("sign in:  iamic-login %s\n", word);
}

/* A profile of the older form has a session of its own now, which nobody is signed in to. */
static void print_afterwards(const struct configure_values *values, const struct config_edits *edits)
{
	for (size_t i = 0; (values->adopt || values->adopt_all) && i < edits->n; i++)
		if (edits->items[i].kind == CONFIG_SSO_SESSION)
			configure_print_sign_in(edits->items[i].name);
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
