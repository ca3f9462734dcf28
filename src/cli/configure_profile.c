/* Name and region of the profile. */
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/process.h"
#include "aws/region.h"
#include "base/xalloc.h"
#include "cli/configuration.h"
#include "cli/configure.h"
#include "cli/question.h"

/* Keys that some SDK prefers to credential_process, or that say that the profile is something else. */
static const char *const obstacles[] = {
	"role_arn",          "source_profile", "credential_source", "web_identity_token_file",
	"aws_access_key_id", "login_session",
};

static const struct config_key *find_obstacle(const struct config_section *profile)
{
	const struct config_key *line = config_section_key(profile, "credential_process");
	_cleanup_(process_freep) struct process *process = NULL;
	struct error ignored;

	for (size_t i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (config_section_key(profile, obstacles[i]))
			return config_section_key(profile, obstacles[i]);
	return line && process_parse(line->value, "", &process, &ignored) && !process ? line : NULL;
}

bool configure_check_profile(const struct configure *configure, const char *name, struct error *err)
{
	const struct config_section *profile = config_find(configure->config, CONFIG_PROFILE, name);
	const struct config_key *obstacle = profile ? find_obstacle(profile) : NULL;
	_cleanup_free_ char *header = NULL;

	if (obstacle)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: profile '%.100s' is there for something else, it has %s: choose "
				 "another name",
				 configure->path, obstacle->line, name, obstacle->name);
	return profile || config_header(CONFIG_PROFILE, name, &header, err);
}

static bool check_profile(char **answer, void *userdata, struct error *err)
{
	return configure_check_profile(userdata, *answer, err);
}

/* As the AWS CLI has it, of what every reader takes. */
static char *usual_name(const struct decision *decision)
{
	char *name = xasprintf("%s-%s", decision->role_name, decision->account_id);

	for (char *p = name; *p; p++)
		if (*p == '=' || *p == ',')
			*p = '-';
	return name;
}

static bool choose_name(const struct configure *configure, struct decision *decision, struct error *err)
{
	_cleanup_free_ char *usual = usual_name(decision), *given = NULL;
	const struct question asked = {"name for the profile", usual, check_profile,
				       (struct configure *)(uintptr_t)configure};

	if (!configure->values->profile && configure->can_ask)
		return question_ask(&asked, &decision->profile, err);
	given = xstrdup(configure->values->profile ? configure->values->profile : usual);
	if (!check_profile(&given, asked.userdata, err))
		return false;
	decision->profile = TAKE(given);
	return true;
}

static bool check_region(char **answer, void *userdata, struct error *err)
{
	(void)userdata;
	if (!**answer || region_partition(*answer))
		return true;
	return error_set(err, ERROR_USAGE, "'%.64s' is not a region of AWS: one looks like us-east-1",
			 *answer);
}

static const char *valid_or_null(const char *region)
{
	return region && region_partition(region) ? region : NULL;
}

static const char *region_of(const struct configure *configure, const char *profile)
{
	const struct config_section *section = config_find(configure->config, CONFIG_PROFILE, profile);

	return section ? valid_or_null(config_section_get(section, "region")) : NULL;
}

/* The last that a profile has: where somebody works is where he has worked. */
static const char *region_in_use(const struct configure *configure)
{
	const struct config_section *profile;
	const char *last = NULL;

	for (size_t i = 0; (profile = config_nth(configure->config, CONFIG_PROFILE, i)); i++) {
		const char *region = valid_or_null(config_section_get(profile, "region"));

		last = region ? region : last;
	}
	return last;
}

/* Never the session's region, which is where the company has its Identity Center and says nothing else. */
static const char *usual_region(const struct configure *configure, const char *profile)
{
	const char *const candidates[] = {
		region_of(configure, profile),
		configuration_shell_region(),
		region_of(configure, "default"),
		region_in_use(configure),
	};

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++)
		if (candidates[i])
			return candidates[i];
	return "";
}

static bool choose_region(const struct configure *configure, struct decision *decision, struct error *err)
{
	const char *usual = usual_region(configure, decision->profile);
	const struct question asked = {*usual ? "region for AWS calls" : "region for AWS calls (Enter: none)",
				       usual, check_region, NULL};

	if (configure->values->region)
		decision->region = xstrdup(configure->values->region);
	else if (configure->can_ask && !question_ask(&asked, &decision->region, err))
		return false;
	if (decision->region && !*decision->region) {
		free(decision->region);
		decision->region = NULL;
	}
	return true;
}

bool configure_choose_profile(const struct configure *configure, struct decision *decision, struct error *err)
{
	return choose_name(configure, decision, err) && choose_region(configure, decision, err);
}

bool configure_has_region(const struct configure *configure, const struct decision *decision)
{
	return decision->region || region_of(configure, decision->profile) || configuration_shell_region();
}
