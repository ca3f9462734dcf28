/* Changing the profile of the shell that asks, which only a function of that shell can do. */
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/role_credentials.h"
#include "cli/shell.h"
#include "iamic/protocol.h"
#include "ipc/error_name.h"

struct use_values {
	const struct shell *shell;
	bool clear;
};

static const struct option use_options[] = {
	{.name = "clear", .offset = offsetof(struct use_values, clear), .help = "use no profile any more"},
	{.name = "shell",
	 .value = "SHELL",
	 .offset = offsetof(struct use_values, shell),
	 .parse = option_shell,
	 .help = "print statements for this shell; what the function does"},
};

static bool check_profile(const char *profile, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_json_ json_t *status = NULL;
	const char *path;

	if (!agent_open(&client, err) || !agent_status(client, &status, err))
		return false;
	path = agent_text(status, "configFile");
	if (!path)
		return error_set(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	configuration_warn_if_other(path);
	return configuration_aws(path, &config, err) && configuration_has_profile(config, profile, err);
}

static bool check(const struct use_values *values, const char *profile, struct error *err)
{
	if (values->clear && profile)
		return error_set(err, ERROR_USAGE, "'--clear' and a profile contradict each other");
	if (!values->clear && !profile)
		return error_set(err, ERROR_USAGE, "which profile? name one, or say --clear");
	if (!values->shell)
		return error_set(err, ERROR_USAGE,
				 "'iamic use' works through a function of the shell: write "
				 "'eval \"$(iamic init bash)\"' into ~/.bashrc");
	if (profile && text_has_controls(profile))
		return error_set(err, ERROR_USAGE, "a profile's name has no control characters");
	return values->clear || check_profile(profile, err);
}

/* Keys in the environment would win over the profile. */
static int run(const void *userdata, char *const *words)
{
	const struct use_values *values = userdata;
	struct error err;

	if (!check(values, words[0], &err))
		return command_fail(&err);
	for (const char *const *name = foreign_credentials; *name; name++)
		shell_print_unset(values->shell, *name);
	if (!values->clear)
		shell_print_set(values->shell, "AWS_PROFILE", words[0]);
	return IAMIC_EXIT_OK;
}

const struct command command_use = {
	.name = "use",
	.words = "[PROFILE]",
	.max_words = 1,
	.group = COMMAND_SHELL,
	.summary = "change the profile of this shell",
	.description = "Sets AWS_PROFILE in the shell that asks, and takes away the variables that\n"
		       "would win over it. Needs the function that 'iamic init' prints.",
	.example = "iamic use dev",
	.options = use_options,
	.n_options = ARRAY_SIZE(use_options),
	.values_size = sizeof(struct use_values),
	.run = run,
};
