/* Changing the profile of the shell that asks, which only a function of that shell can do. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aws/config_edits.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/pick.h"
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

/* What runs with it next would say so, unless it uses the AWS CLI's own sign-in. */
static void note_signed_out(const json_t *status, const struct config *config, const char *profile)
{
	_cleanup_free_ char *session = NULL, *command = NULL;
	const char *state = NULL;
	struct error ignored;

	if (isatty(STDERR_FILENO) && !config_has_sso_key(config_find(config, CONFIG_PROFILE, profile)) &&
	    choice_session_of(status, profile, &session, &ignored))
		state = agent_session_state(session);
	if (!state || strcmp(state, "signed_out") != 0)
		return;
	command = command_to_type("iamic-login", session);
	log_info("session '%.100s' is signed out: run %s", session, command);
}

/* The one that is named, which must be there, else one that a person picks. */
static bool find_profile(const char *named, char **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_json_ json_t *status = NULL;
	const char *path;

	if (!agent_open(&client, err) || !agent_status(client, &status, err))
		return false;
	path = agent_text(status, "configFile");
	if (!path)
		return error_set(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	configuration_warn_if_other(path);
	if (!configuration_aws(path, &config, err))
		return false;
	if (named && !configuration_has_profile(config, named, err))
		return false;
	if (named)
		*ret = xstrdup(named);
	else if (!configuration_settings(&settings, err) || !pick_profile(config, settings, ret, err))
		return false;
	note_signed_out(status, config, *ret);
	return true;
}

static bool check_name(const char *profile, struct error *err)
{
	return !text_has_controls(profile) ||
	       error_set(err, ERROR_USAGE, "a profile's name has no control characters");
}

static bool refuse_without_function(struct error *err)
{
	const struct shell *shell = shell_of_person();

	return error_set(err, ERROR_USAGE,
			 "'iamic use' works through a function of the shell: write '%s' into %s, and type it "
			 "here",
			 shell->set_up, shell->file);
}

static bool choose(const struct use_values *values, const char *named, char **ret, struct error *err)
{
	if (values->clear && named)
		return error_set(err, ERROR_USAGE, "'--clear' and a profile contradict each other");
	if (!values->shell)
		return refuse_without_function(err);
	if (values->clear)
		return true;
	return (!named || check_name(named, err)) && find_profile(named, ret, err) && check_name(*ret, err);
}

/* Keys in the environment would win over the profile. */
static int run(const void *userdata, char *const *words)
{
	const struct use_values *values = userdata;
	_cleanup_free_ char *profile = NULL;
	struct error err;

	if (!choose(values, words[0], &profile, &err))
		return command_fail(&err);
	for (const char *const *name = foreign_credentials; *name; name++)
		shell_print_unset(values->shell, *name);
	if (profile)
		shell_print_set(values->shell, "AWS_PROFILE", profile);
	return IAMIC_EXIT_OK;
}

const struct command command_use = {
	.name = "use",
	.words = "[PROFILE]",
	.max_words = 1,
	.group = COMMAND_SHELL,
	.summary = "change the profile of this shell",
	.description = "Sets AWS_PROFILE in the shell that asks, and takes away the variables that\n"
		       "would win over it. Without PROFILE you choose among those that there are.\n"
		       "Needs the function that 'iamic init' prints.",
	.example = "iamic use dev",
	.options = use_options,
	.n_options = ARRAY_SIZE(use_options),
	.values_size = sizeof(struct use_values),
	.run = run,
};
