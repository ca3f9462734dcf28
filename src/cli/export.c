/*
 * Credentials as text, line for line what 'aws configure export-credentials' prints, but for the time, which
 * ends in Z here and in +00:00 there.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/role_credentials.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

/* How a shell sets a variable and takes it away: what stands before its name, and around its value. */
struct syntax {
	const char *name;
	const char *set, *equals, *end;
	const char *unset, *unset_end; /* NULL: nothing can be taken away */
};

static const struct syntax syntaxes[] = {
	{"process", NULL, NULL, NULL, NULL, NULL},
	{"env", "export ", "=", "", "unset ", ""},
	{"env-no-export", "", "=", "", "unset ", ""},
	{"powershell", "$Env:", "=\"", "\"", "Remove-Item -ErrorAction SilentlyContinue Env:", ""},
	{"windows-cmd", "set ", "=", "", "set ", "="},
	{"fish", "set -gx ", " \"", "\"", "set -e ", ""},
};

struct export_values {
	struct target target;
	const struct syntax *syntax;
	bool unset;
};

static bool option_syntax(const char *text, void *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(syntaxes); i++) {
		if (strcmp(syntaxes[i].name, text) == 0) {
			*(const struct syntax **)ret = &syntaxes[i];
			return true;
		}
	}
	return error_set(err, ERROR_USAGE,
			 "'%s' is none of process, env, env-no-export, powershell, windows-cmd, fish", text);
}

static const struct option export_options[] = {
	{.name = "format",
	 .value = "FORMAT",
	 .offset = offsetof(struct export_values, syntax),
	 .parse = option_syntax,
	 .help = "process, env, env-no-export, powershell, windows-cmd, fish"},
	{.name = "unset",
	 .offset = offsetof(struct export_values, unset),
	 .help = "print what takes the variables away again"},
	ROLE_OPTIONS(struct export_values, target),
};

static int print_unset(const struct syntax *syntax)
{
	for (size_t i = 0; i < ROLE_VARIABLES; i++)
		printf("%s%s%s\n", syntax->unset, role_variables[i].name, syntax->unset_end);
	return IAMIC_EXIT_OK;
}

static void print_variables(const struct syntax *syntax, const struct role_credentials *credentials)
{
	for (size_t i = 0; i < ROLE_VARIABLES; i++)
		printf("%s%s%s%s%s\n", syntax->set, role_variables[i].name, syntax->equals,
		       role_credentials_text(credentials, &role_variables[i]), syntax->end);
}

/* The texts need no escapes: role_credentials_get() has seen to that. */
static void print_process(const struct role_credentials *credentials)
{
	fputs("{\n  \"Version\": 1", stdout);
	for (size_t i = 0; i < ROLE_VARIABLES; i++)
		printf(",\n  \"%s\": \"%s\"", role_variables[i].member,
		       role_credentials_text(credentials, &role_variables[i]));
	puts("\n}");
}

static bool check_values(const struct export_values *values, struct error *err)
{
	const struct target *target = &values->target;

	if (!values->unset)
		return true;
	if (target->profile || target->session || target->account_id || target->role_name || target->role_arn)
		return error_set(err, ERROR_USAGE,
				 "'--unset' is about no role: it goes with '--format' alone");
	if (values->syntax && !values->syntax->unset)
		return error_set(err, ERROR_USAGE, "'--unset' needs the '--format' of a shell, such as env");
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct export_values *values = userdata;
	const struct syntax *syntax = values->syntax ? values->syntax : &syntaxes[values->unset];
	_cleanup_(role_credentials_donep) struct role_credentials credentials = {0};
	struct error err;

	(void)words;
	if (!check_values(values, &err))
		return command_fail(&err);
	if (values->unset)
		return print_unset(syntax);
	if (!role_credentials_get(&values->target, &credentials, &err))
		return command_fail(&err);
	if (syntax->set)
		print_variables(syntax, &credentials);
	else
		print_process(&credentials);
	return IAMIC_EXIT_OK;
}

const struct command command_export = {
	.name = "export",
	.words = "",
	.group = COMMAND_ROLE,
	.summary = "print the credentials of a role for a shell or a tool",
	.description = "Prints the credentials of a role, as JSON or as lines for a shell.",
	.example = "eval \"$(iamic export --format env --profile dev)\"",
	.options = export_options,
	.n_options = ARRAY_SIZE(export_options),
	.values_size = sizeof(struct export_values),
	.run = run,
};
