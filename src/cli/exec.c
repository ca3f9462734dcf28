/* Becomes another program, which has the credentials of a role in its environment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/role_credentials.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

struct exec_values {
	struct target target;
	const char *region;
	bool server;
};

static const struct option exec_options[] = {
	ROLE_OPTIONS(struct exec_values, target),
	{.name = "region",
	 .value = "REGION",
	 .offset = offsetof(struct exec_values, region),
	 .parse = option_region,
	 .help = "the region that the program works in"},
	{.name = "server",
	 .offset = offsetof(struct exec_values, server),
	 .help = "an endpoint that stays fresh, not credentials that end"},
};

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool put(const char *name, const char *value, struct error *err)
{
	return setenv(name, value, 1) == 0 ? true : error_errno(err, "cannot set %s", name);
}

/* What the person has set stays, unless an option says otherwise; the profile's own comes last. */
static bool put_region(const char *option, const char *of_profile, struct error *err)
{
	const char *region = option;

	if (!region && !is_set("AWS_REGION") && !is_set("AWS_DEFAULT_REGION"))
		region = of_profile;
	return !region || (put("AWS_REGION", region, err) && put("AWS_DEFAULT_REGION", region, err));
}

static bool prepare_environment(const struct exec_values *values, const struct role_credentials *credentials,
				struct error *err)
{
	const struct role_variable *variables = values->server ? endpoint_variables : role_variables;
	size_t n = values->server ? ENDPOINT_VARIABLES : ROLE_VARIABLES;

	for (const char *const *name = foreign_credentials; *name; name++)
		unsetenv(*name);
	for (size_t i = 0; i < n; i++) {
		if (!put(variables[i].name, role_credentials_text(credentials, &variables[i]), err))
			return false;
	}
	if (credentials->profile && !put("IAMIC_PROFILE", credentials->profile, err))
		return false;
	return put_region(values->region, credentials->region, err);
}

static bool refuse_profile(const char *name, struct error *err)
{
	_cleanup_free_ char *word = shell_word(name);

	return error_set(err, ERROR_CONFIG, "'%.100s' is a profile, not a program: say --profile %.100s",
			 name, word);
}

/* Returns only when that fails. */
static bool become(char *const *words, struct error *err)
{
	static char plain_shell[] = "/bin/sh";
	char *const shell[] = {is_set("SHELL") ? getenv("SHELL") : plain_shell, NULL};
	char *const *argv = words[0] ? words : shell;

	execvp(argv[0], argv);
	if (errno == ENOENT &&
	    configuration_is_profile(agent_text(agent_last_status(), "configFile"), argv[0]))
		return refuse_profile(argv[0], err);
	return error_errno(err, "cannot run '%.200s'", argv[0]);
}

static int run(const void *userdata, char *const *words)
{
	const struct exec_values *values = userdata;
	_cleanup_(role_credentials_donep) struct role_credentials credentials = {0};
	struct error err;

	if ((values->server ? role_credentials_serve : role_credentials_get)(&values->target, &credentials,
									     &err) &&
	    prepare_environment(values, &credentials, &err))
		(void)become(words, &err);
	return command_fail(&err);
}

const struct command command_exec = {
	.name = "exec",
	.words = "[--] [COMMAND [ARGUMENT]...]",
	.takes_command = true,
	.group = COMMAND_ROLE,
	.summary = "run a program with the credentials of a role",
	.description = "Runs COMMAND, or a shell, with the credentials of a role in its environment.",
	.example = "iamic exec --profile dev -- terraform plan",
	.options = exec_options,
	.n_options = ARRAY_SIZE(exec_options),
	.values_size = sizeof(struct exec_values),
	.run = run,
};
