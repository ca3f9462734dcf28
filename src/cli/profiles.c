/*
 * 'iamic profiles': a profile for every account and role.
 *
 *     accounts, roles ──► names by the template ──► edits of the file as it is then ──► shown, or written
 */
#include "cli/profiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/config_outcome.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "iamic/protocol.h"
#include "ipc/error_name.h"

#define TEMPLATE_DEFAULT "{account_name|slug}-{role_name|slug}"

struct profiles_values {
	struct target target;
	const char *template;
	struct role_choice choice;
	struct role_patterns regions;
	bool write, prune, diff;
};

/* ---- options ---- */

static bool option_pattern(const char *text, void *ret, struct error *err)
{
	return role_patterns_add(ret, text, err);
}

static bool option_region_rule(const char *text, void *ret, struct error *err)
{
	const char *equals = strrchr(text, '='), *region;

	if (equals == text)
		return error_set(err, ERROR_USAGE,
				 "there is no glob in front of '=': write REGION alone for all");
	return option_region(equals ? equals + 1 : text, &region, err) && role_patterns_add(ret, text, err);
}

static bool option_template(const char *text, void *ret, struct error *err)
{
	struct template *template;

	if (!option_text(text, ret, err) || !template_parse(text, &template, err))
		return false;
	template_free(template);
	return true;
}

#define VALUE(name_, word, member, parse_, help_)                                                            \
	{                                                                                                    \
		.name = (name_), .value = (word), .offset = offsetof(struct profiles_values, member),        \
		.parse = (parse_), .help = (help_)                                                           \
	}
#define FLAG(name_, help_)                                                                                   \
	{                                                                                                    \
		.name = #name_, .offset = offsetof(struct profiles_values, name_), .help = (help_)           \
	}

static const struct option profiles_options[] = {
	VALUE("sso-session", "NAME", target.session, option_text, "of this session"),
	VALUE("profile", "NAME", target.profile, option_text, "of the session that this profile belongs to"),
	VALUE("template", "TEXT", template, option_template, "what a profile is called"),
	VALUE("include", "GLOB", choice.include, option_pattern, "only accounts, or ACCOUNT/ROLE, like this"),
	VALUE("exclude", "GLOB", choice.exclude, option_pattern, "none like this"),
	VALUE("region", "[GLOB=]REGION", regions, option_region_rule, "where they work; the first that fits"),
	FLAG(write, "write them into the AWS configuration"),
	FLAG(diff, "show what that would change"),
	FLAG(prune, "with either: remove those that are no longer yours"),
};

static bool check_values(const struct profiles_values *values, struct error *err)
{
	if (values->write && values->diff)
		return error_set(err, ERROR_USAGE, "'--write' and '--diff' contradict each other");
	if (values->prune && !values->write && !values->diff)
		return error_set(err, ERROR_USAGE, "'--prune' needs '--write' or '--diff'");
	return choice_check_session(&values->target, err);
}

/* ---- the session ---- */

/* The name in a line must stay one: that of a legacy session ends with its last profile. */
static bool check_name(const char *path, const char *session, struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(sso_session_freep) struct sso_session *found = NULL;

	if (!configuration_settings(&settings, err) || !configuration_aws(path, &config, err) ||
	    !sso_session_resolve(config, settings, session, &found, err))
		return false;
	return !found->is_legacy ||
	       error_set(err, ERROR_CONFIG,
			 "session '%.200s' has no name yet: run 'iamic configure --adopt-all' first",
			 found->start_url);
}

static bool choose_session(struct client *client, const struct target *target, char **ret_session,
			   char **ret_path, struct error *err)
{
	if (!choice_session(client, target, ret_session, err) ||
	    (!*ret_session && !choice_only_session(client, true, ret_session, err)))
		return false;
	*ret_path = xstrdup(agent_text(agent_last_status(), "configFile"));
	return check_name(*ret_path, *ret_session, err);
}

/* ---- the file ---- */

static enum config_file_use use_of(const struct profiles_values *values)
{
	return values->write ? CONFIG_FILE_CHANGE : values->diff ? CONFIG_FILE_LOOK : CONFIG_FILE_PRINT;
}

/* An account that is missing in a listing may still be there. */
static bool may_prune(const struct profiles_values *values, const struct assignments *assignments)
{
	return values->prune && assignments->n_unknown == 0;
}

static bool put(const struct profiles_values *values, const char *path, const char *session,
		const struct assignments *assignments, const struct profiles *profiles, struct error *err)
{
	_cleanup_(config_file_closep) struct config_file *file = NULL;
	_cleanup_(config_edits_done) struct config_edits edits = {0};
	enum config_file_outcome outcome;

	if (!config_file_open(path, use_of(values), &file, err) ||
	    !profiles_plan(profiles, session, config_file_now(file), &edits, err))
		return false;
	if (may_prune(values, assignments))
		profiles_plan_removal(assignments, session, config_file_now(file), &edits);
	if (!config_file_save(file, edits.items, edits.n, &outcome, err))
		return false;
	if (edits.n > 0 || profiles->n > 0)
		config_outcome_print(path, &edits, outcome);
	if (outcome == CONFIG_FILE_WRITTEN)
		config_outcome_look_for_keys(&edits);
	return true;
}

/* ---- the whole ---- */

/* Whoever sees nothing at all has signed in as someone else, as like as not: nothing is pruned then. */
static bool check_any(const struct assignments *assignments, const char *session, struct error *err)
{
	return json_array_size(assignments->accounts) > 0 ||
	       error_set(err, ERROR_DENIED,
			 "no accounts are assigned to you in session '%.100s': ask whoever administers "
			 "Identity Center",
			 session);
}

static bool check_complete(const struct profiles_values *values, const struct assignments *assignments,
			   struct error *err)
{
	return assignments->n_unknown == 0 ||
	       error_set(err, assignments->why.kind,
			 "the roles of %zu account%s could not be listed%s: try again later",
			 assignments->n_unknown, assignments->n_unknown > 1 ? "s" : "",
			 values->prune ? ", and nothing was removed" : "");
}

static bool make_and_put(const struct profiles_values *values, const char *path, const char *session,
			 const struct template *template, struct client *client, struct error *err)
{
	const struct profiles_wish wish = {session, template, &values->choice, &values->regions};
	_cleanup_(assignments_done) struct assignments assignments = {0};
	_cleanup_(profiles_done) struct profiles profiles = {0};

	if (!assignments_list(client, session, &values->choice, 0, &assignments, err) ||
	    !check_any(&assignments, session, err) || !profiles_make(&wish, &assignments, &profiles, err) ||
	    !put(values, path, session, &assignments, &profiles, err) ||
	    !check_complete(values, &assignments, err) ||
	    !profiles_check_included(&values->choice.include, &assignments, err))
		return false;
	if (profiles.n == 0)
		log_info("no role is left to make a profile for");
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct profiles_values *values = userdata;
	_cleanup_(template_freep) struct template *template = NULL;
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *session = NULL, *path = NULL;
	struct error err;

	(void)words;
	if (!check_values(values, &err) ||
	    !template_parse(values->template ? values->template : TEMPLATE_DEFAULT, &template, &err) ||
	    !agent_open(&client, &err) || !choose_session(client, &values->target, &session, &path, &err) ||
	    !make_and_put(values, path, session, template, client, &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

const struct command command_profiles = {
	.name = "profiles",
	.words = "",
	.group = COMMAND_PROFILES,
	.summary = "write a profile for every account and role",
	.description = "Prints a profile for every account and role that you may use, as far as the\n"
		       "AWS configuration lacks it. In the template, {account_name}, {account_id},\n"
		       "{role_name} and {session} stand for what they say, with filters behind a bar:\n"
		       "lower, slug, replace:TEXT:OTHER. Profiles of your own are never touched.",
	.example = "iamic profiles --template '{account_name|slug}-{role_name}' --write",
	.options = profiles_options,
	.n_options = ARRAY_SIZE(profiles_options),
	.values_size = sizeof(struct profiles_values),
	.run = run,
};
