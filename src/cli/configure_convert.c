/* Profiles of 'aws configure sso' made iamic's, and back. */
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/name_text.h"
#include "aws/process.h"
#include "aws/profile_endpoints.h"
#include "aws/start_url.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/configuration.h"
#include "cli/configure.h"

#define NAMES_TRIED 99

/* ---- the session's section ---- */

static bool is_of(const char *start_url, const char *region, const struct sso_session *session)
{
	return start_url && region && strcmp(start_url, session->start_url) == 0 &&
	       strcmp(region, session->region) == 0;
}

/* A section of AWS's file that describes the same session, or one that is about to; NULL: none. */
static const char *find_section(const struct configure *configure, const struct config_edits *edits,
				const struct sso_session *session)
{
	const struct config_section *section;

	for (size_t i = 0; (section = config_nth(configure->config, CONFIG_SSO_SESSION, i)); i++)
		if (is_of(config_section_get(section, "sso_start_url"),
			  config_section_get(section, "sso_region"), session))
			return section->name;
	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == CONFIG_SSO_SESSION &&
		    is_of(config_edits_get(edits, i, "sso_start_url"),
			  config_edits_get(edits, i, "sso_region"), session))
			return edits->items[i].name;
	return NULL;
}

static bool is_taken(const struct configure *configure, const struct config_edits *edits, const char *name)
{
	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == CONFIG_SSO_SESSION && strcmp(edits->items[i].name, name) == 0)
			return true;
	return config_find(configure->config, CONFIG_SSO_SESSION, name) ||
	       settings_session(configure->settings, name)->name;
}

char *configure_free_session_name(const struct configure *configure, const struct config_edits *edits,
				  const char *start_url)
{
	_cleanup_free_ char *first = start_url_session_name(start_url), *name = xstrdup(first);

	for (int n = 2; n <= NAMES_TRIED && is_taken(configure, edits, name); n++) {
		free(name);
		name = xasprintf("%s-%d", first, n);
	}
	return TAKE(name);
}

static char *join_scopes(char *const *scopes)
{
	char *text = xstrdup("");

	for (; *scopes; scopes++) {
		char *longer = xasprintf("%s%s%s", text, *text ? "," : "", *scopes);

		free(text);
		text = longer;
	}
	return text;
}

static void add_section(struct config_edits *edits, const char *name, const struct sso_session *session)
{
	_cleanup_free_ char *scopes = join_scopes(session->scopes);

	config_edits_section(edits, CONFIG_SSO_SESSION, name);
	config_edits_set(edits, "sso_start_url", session->start_url);
	config_edits_set(edits, "sso_region", session->region);
	config_edits_set(edits, "sso_registration_scopes", scopes);
}

/* The name under which a profile is to know its session; legacy profiles have none yet. */
static bool session_name_for(const struct configure *configure, const struct sso_session *session,
			     struct config_edits *edits, char **ret, struct error *err)
{
	const char *given = configure->values->session.name, *there = find_section(configure, edits, session);
	_cleanup_free_ char *header = NULL;

	if (!session->is_legacy)
		*ret = xstrdup(session->name);
	else if (there)
		*ret = xstrdup(there);
	else if (given && is_taken(configure, edits, given))
		return error_set(err, ERROR_CONFIG,
				 "session '%.100s' is there already with another start URL or region: choose "
				 "another name",
				 given);
	else
		*ret = given ? xstrdup(given)
			     : configure_free_session_name(configure, edits, session->start_url);
	if (!session->is_legacy || there)
		return true;
	if (!config_header(CONFIG_SSO_SESSION, *ret, &header, err))
		return false;
	add_section(edits, *ret, session);
	return true;
}

/* ---- profiles ---- */

static bool resolve(const struct configure *configure, const char *profile, struct role **ret,
		    struct error *err)
{
	const struct target target = {.profile = profile};

	return configuration_has_profile(configure->config, profile, err) &&
	       target_resolve(configure->config, configure->settings, &target, ret, err);
}

/* *ret_line: of the profile's credential_process, where it is iamic's. */
static bool find_line(const struct configure *configure, const struct config_section *section,
		      const struct config_key **ret_line, struct error *err)
{
	const struct config_key *line = config_section_key(section, "credential_process");
	_cleanup_(process_freep) struct process *process = NULL;
	_cleanup_free_ char *where = NULL;

	*ret_line = NULL;
	if (!line)
		return true;
	where = xasprintf("%s:%u", configure->path, line->line);
	if (!process_parse(line->value, where, &process, err))
		return false;
	if (!process)
		return error_set(
			err, ERROR_CONFIG,
			"%s: the credential_process of profile '%.100s' is another program's: remove "
			"it first",
			where, section->name);
	*ret_line = line;
	return true;
}

/* What moves its session's addresses now would move those of its SDK's calls only. */
static bool check_addresses(const struct configure *configure, const struct config_section *section,
			    const struct sso_session *session, struct error *err)
{
	_cleanup_free_ char *lost = profile_endpoints_lost_behind_line(configure->config, section);

	return !lost ||
	       error_set(err, ERROR_CONFIG,
			 "%s says where the sign-in of session '%.64s' goes, and would no longer: write "
			 "that into blocks sso and sso_oidc of a services section first",
			 lost, session->name);
}

bool configure_adopt(const struct configure *configure, const char *profile, struct config_edits *edits,
		     struct error *err)
{
	const struct config_section *section = config_find(configure->config, CONFIG_PROFILE, profile);
	_cleanup_(role_freep) struct role *role = NULL;
	_cleanup_free_ char *session = NULL, *line = NULL;
	const struct config_key *there;

	if (!resolve(configure, profile, &role, err) || !find_line(configure, section, &there, err))
		return false;
	if (there && !config_has_sso_key(section))
		return true; /* it is iamic's */
	if (!there && !check_addresses(configure, section, role->session, err))
		return false;
	if (!session_name_for(configure, role->session, edits, &session, err))
		return false;
	const struct target target = {
		.session = session, .account_id = role->account_id, .role_name = role->role_name};
	if (!process_format(IAMIC_CREDENTIAL_PROCESS, &target, &line, err))
		return false;
	config_edits_section(edits, CONFIG_PROFILE, profile);
	config_edits_adopt(edits, section, line);
	return true;
}

void configure_adopt_all(const struct configure *configure, struct config_edits *edits)
{
	const struct config_section *section;
	struct error err;

	for (size_t i = 0; (section = config_nth(configure->config, CONFIG_PROFILE, i)); i++)
		if (config_has_sso_key(section) && !configure_adopt(configure, section->name, edits, &err))
			log_warning("not adopted: %s", err.message);
}

void configure_print_adoptable(const struct configure *configure, const char *written)
{
	_cleanup_(config_edits_done) struct config_edits edits = {0};
	const struct config_section *section;
	struct name_text names = {0};
	struct error ignored;

	if (configure->settings->cache_aws_cli)
		return; /* it has tokens of ours */
	for (size_t i = 0; (section = config_nth(configure->config, CONFIG_PROFILE, i)); i++)
		if (config_has_sso_key(section) && strcmp(section->name, written) != 0 &&
		    configure_adopt(configure, section->name, &edits, &ignored))
			name_text_add(&names, section->name);
	if (names.n > 0)
		log_info("the AWS CLI's own sign-in is still used by %s: 'iamic configure --adopt-all' makes "
			 "them iamic's",
			 name_text_end(&names));
}

/* The AWS CLI knows sessions of its own file only. */
static void add_session_of_own_file(const struct configure *configure, const struct sso_session *session,
				    struct config_edits *edits)
{
	if (!config_find(configure->config, CONFIG_SSO_SESSION, session->name))
		add_section(edits, session->name, session);
}

bool configure_release(const struct configure *configure, const char *profile, struct config_edits *edits,
		       struct error *err)
{
	const struct config_section *section = config_find(configure->config, CONFIG_PROFILE, profile);
	_cleanup_(role_freep) struct role *role = NULL;
	_cleanup_free_ char *session = NULL;
	const struct config_key *line;

	if (!resolve(configure, profile, &role, err) || !find_line(configure, section, &line, err))
		return false;
	if (!line)
		return true; /* it is the AWS CLI's */
	if (!session_name_for(configure, role->session, edits, &session, err))
		return false;
	if (!role->session->is_legacy)
		add_session_of_own_file(configure, role->session, edits);
	config_edits_section(edits, CONFIG_PROFILE, profile);
	config_edits_release(edits, session, role->account_id, role->role_name);
	return true;
}
