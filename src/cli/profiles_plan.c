/* From the profiles that there are to be and those that there are to the edits between them. */
#include <string.h>

#include "aws/config_word.h"
#include "aws/name_text.h"
#include "aws/process.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/configuration.h"
#include "cli/profiles.h"

/* The role of a profile that is iamic's in that session; NULL: it is not. */
static struct process *process_of(const struct config_section *section, const char *session)
{
	const char *line = config_section_get(section, "credential_process");
	struct process *process = NULL;
	struct error ignored;

	if (!line || !process_parse(line, "", &process, &ignored) || !process)
		return NULL;
	if (process->target.session && strcmp(process->target.session, session) == 0 &&
	    process->target.account_id && process->target.role_name && !process->target.role_arn)
		return process;
	return process_free(process);
}

static bool is_marked(const struct config_section *section)
{
	const char *mark = config_section_get(section, PROFILES_MARK);

	return mark && strcmp(mark, "true") == 0;
}

static bool is_for(const struct process *process, const struct profile *profile)
{
	return strcmp(process->target.account_id, profile->account_id) == 0 &&
	       strcmp(process->target.role_name, profile->role_name) == 0;
}

static bool has(const struct config_section *section, const char *key, const char *value)
{
	const char *there = config_section_get(section, key);

	return !value || (there && strcmp(there, value) == 0);
}

/* What a person should hear of: names that are taken by something else, and profiles without a region. */
struct remarks {
	struct name_text others, without_region;
};

static void write_one(const struct profile *profile, const struct config_section *section, const char *line,
		      struct config_edits *edits, struct remarks *remarks)
{
	if (section && has(section, "credential_process", line) && has(section, "region", profile->region) &&
	    !config_has_sso_key(section))
		return;
	config_edits_section(edits, CONFIG_PROFILE, profile->name);
	config_edits_adopt(edits, section, line);
	if (profile->region)
		config_edits_set(edits, "region", profile->region);
	else if (!section || !config_section_get(section, "region"))
		name_text_add(&remarks->without_region, profile->name);
	config_edits_set(edits, PROFILES_MARK, "true");
}

/* What a person made, and what is another session's, stays: worth a word where it is for something else. */
static bool plan_one(const struct profile *profile, const char *session, const struct config *config,
		     struct config_edits *edits, struct remarks *remarks, struct error *err)
{
	const struct target target = {
		.session = session, .account_id = profile->account_id, .role_name = profile->role_name};
	const struct config_section *section = config_find(config, CONFIG_PROFILE, profile->name);
	_cleanup_(process_freep) struct process *process = section ? process_of(section, session) : NULL;
	_cleanup_free_ char *line = NULL;

	if (!process_format(IAMIC_CREDENTIAL_PROCESS, &target, &line, err))
		return false;
	if (!section || (process && is_marked(section)))
		write_one(profile, section, line, edits, remarks);
	else if (!process || !is_for(process, profile))
		name_text_add(&remarks->others, profile->name);
	return true;
}

/* Where this shell says a region, its tools have one. */
static void print_remarks(struct remarks *remarks)
{
	struct name_text *others = &remarks->others;

	if (others->n > 0)
		log_warning("warning: %s %s there already for something else, and left as %s: use another "
			    "template",
			    name_text_end(others), others->n > 1 ? "are" : "is",
			    others->n > 1 ? "they are" : "it is");
	if (remarks->without_region.n > 0 && !configuration_shell_region())
		log_warning("warning: no region for %s: most tools need one: give it with --region REGION",
			    name_text_end(&remarks->without_region));
}

bool profiles_plan(const struct profiles *profiles, const char *session, const struct config *config,
		   struct config_edits *edits, struct error *err)
{
	struct remarks remarks = {0};

	for (size_t i = 0; i < profiles->n; i++)
		if (!plan_one(&profiles->items[i], session, config, edits, &remarks, err))
			return false;
	print_remarks(&remarks);
	return true;
}

static bool is_planned(const struct config_edits *edits, const char *name)
{
	for (size_t i = 0; i < edits->n; i++)
		if (strcmp(edits->items[i].name, name) == 0)
			return true;
	return false;
}

void profiles_plan_removal(const struct assignments *assignments, const char *session,
			   const struct config *config, struct config_edits *edits)
{
	const struct config_section *section;

	for (size_t i = 0; (section = config_nth(config, CONFIG_PROFILE, i)); i++) {
		_cleanup_(process_freep) struct process *process =
			is_marked(section) ? process_of(section, session) : NULL;

		if (!process ||
		    assignments_may_have(assignments, process->target.account_id,
					 process->target.role_name) ||
		    is_planned(edits, section->name))
			continue;
		config_edits_section(edits, CONFIG_PROFILE, section->name);
		edits->items[edits->n - 1].removes = true;
	}
}
