/*
 * Writing: what has been decided becomes edits of the file as it is then, under the lock, for it may have
 * changed while a person was answering.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/credentials_file.h"
#include "aws/name_text.h"
#include "aws/process.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/configuration.h"
#include "cli/configure.h"
#include "cli/output.h"
#include "cli/profiles.h"

#define PROGRAM       IAMIC_BINDIR "/iamic-credential-process"
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
	    !process_format(PROGRAM, &target, &line, err))
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

/* "profile 'dev'", "profiles 'a', 'b', 'c', 'd' and 96 more"; returns whether there is any. */
static bool print_names(const struct config_edits *edits, enum config_kind kind, const char *before,
			const char *word)
{
	struct name_text names = {0};

	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == kind)
			name_text_add(&names, edits->items[i].name);
	if (names.n > 0)
		printf("%s%s%s %s", before, word, names.n > 1 ? "s" : "", name_text_end(&names));
	return names.n > 0;
}

/* A profile of the older form has a session of its own now, which nobody is signed in to. */
static void print_sign_in(const struct config_edit *edit)
{
	_cleanup_free_ char *session = shell_word(edit->name);

	if (edit->kind == CONFIG_SSO_SESSION)
		printf("sign in:  iamic-login %s\n", session);
}

static void print_outcome(const struct configure *configure, const struct config_edits *edits,
			  enum config_file_outcome outcome)
{
	_cleanup_free_ char *path = printable(configure->path);

	if (outcome == CONFIG_FILE_SAME)
		printf("nothing to do: %s says that already\n", path);
	if (outcome != CONFIG_FILE_WRITTEN)
		return;
	printf("written to %s: ", path);
	bool has_session = print_names(edits, CONFIG_SSO_SESSION, "", "session");
	print_names(edits, CONFIG_PROFILE, has_session ? ", " : "", "profile");
	putchar('\n');
	if (configure->values->adopt || configure->values->adopt_all)
		for (size_t i = 0; i < edits->n; i++)
			print_sign_in(&edits->items[i]);
}

/* What was written, and where keys may stand that tools take instead. */
struct shadow {
	const struct config_edits *edits;
	const char *path;
};

static void warn_of_keys(const struct static_keys *keys, void *userdata)
{
	const struct shadow *shadow = userdata;

	for (size_t i = 0; i < shadow->edits->n; i++)
		if (shadow->edits->items[i].kind == CONFIG_PROFILE &&
		    strcmp(shadow->edits->items[i].name, keys->profile) == 0)
			log_warning("warning: most tools take the keys at %s:%u instead of what was written: "
				    "remove them",
				    shadow->path, keys->line);
}

void configure_look_for_keys(const struct config_edits *edits)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIALS_FILE_MAX, &buffer_heap);
	_cleanup_free_ char *path = configuration_credentials_path();
	struct shadow shadow = {edits, path};
	struct error ignored;
	bool exists;

	if (path && fs_read(path, &text, &exists, &ignored) && text.len > 0)
		credentials_file_visit(text.data, text.len, warn_of_keys, &shadow);
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
	print_outcome(configure, &edits, *ret);
	if (*ret == CONFIG_FILE_WRITTEN && !configure->values->release)
		configure_look_for_keys(&edits);
	return true;
}
