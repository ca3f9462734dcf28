#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/browser.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"
#include "cli/tool.h"

#define AWS_PATIENCE (10 * USEC_PER_SEC)

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static void warn(struct doctor *doctor, const char *name, const char *fix, const char *text)
{
	finding_add(doctor->findings, "environment", FINDING_WARN, name, fix, "%s", text);
}

/* What is in the environment beats every profile for the AWS CLI and most SDKs. */
static void check_variables(struct doctor *doctor)
{
	const char *chosen = getenv("AWS_PROFILE"), *other = getenv("AWS_DEFAULT_PROFILE");
	size_t before = json_array_size(doctor->findings);

	if (is_set("AWS_ACCESS_KEY_ID") && is_set("IAMIC_PROFILE"))
		finding_add(doctor->findings, "environment", FINDING_OK, "this shell", NULL,
			    "has the credentials of 'iamic exec --profile %s'", getenv("IAMIC_PROFILE"));
	else if (is_set("AWS_ACCESS_KEY_ID"))
		warn(doctor, "AWS_ACCESS_KEY_ID",
		     "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN "
		     "AWS_CREDENTIAL_EXPIRATION",
		     "is set in this shell and wins over every profile");
	if (is_set("AWS_WEB_IDENTITY_TOKEN_FILE") && is_set("AWS_ROLE_ARN"))
		warn(doctor, "AWS_WEB_IDENTITY_TOKEN_FILE", "unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN",
		     "is set in this shell, and its role wins over a profile's credential_process");
	if (is_set("AWS_DEFAULT_PROFILE") && (!chosen || strcmp(chosen, other) != 0))
		warn(doctor, "AWS_DEFAULT_PROFILE", "unset AWS_DEFAULT_PROFILE",
		     "is set in this shell, and the AWS CLI takes it, where others take AWS_PROFILE");
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "environment", FINDING_OK, "this shell", NULL,
			    "has no variables that would win over a profile");
}

/* What there is of it, in a line; false: it does not work. */
static bool ask_aws(struct tool_answer *answer, char **ret_version)
{
	char *begin;

	tool_ask("aws --version", NULL, AWS_PATIENCE, answer);
	begin = strstr(answer->text, "aws-cli/");
	*ret_version = begin ? xstrndup(begin, strcspn(begin, " \r\n")) : NULL;
	return answer->status == 0 && begin;
}

static void check_aws_cli(struct doctor *doctor)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;
	_cleanup_free_ char *version = NULL, *said = NULL;
	bool works = ask_aws(&answer, &version);

	said = tool_last_line(&answer);
	if (answer.status == TOOL_NOT_THERE)
		finding_add(doctor->findings, "aws-cli", FINDING_UNKNOWN, "AWS CLI", NULL,
			    "is not installed; SDKs and iamic do without it");
	else if (!works)
		finding_add(doctor->findings, "aws-cli", FINDING_WARN, "AWS CLI", "aws --version",
			    "does not tell its version%s%s", *said ? ": " : "", said);
	else if (strncmp(version, "aws-cli/1.", strlen("aws-cli/1.")) == 0)
		finding_add(doctor->findings, "aws-cli", FINDING_WARN, "AWS CLI",
			    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
			    "%s is version 1, which gets no new features: install version 2", version);
	else
		finding_add(doctor->findings, "aws-cli", FINDING_OK, "AWS CLI", NULL, "%s", version);
}

static void check_browser(struct doctor *doctor)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_free_ char *command = NULL;
	struct error ignored;

	if (!configuration_settings(&settings, &ignored))
		settings = settings_new();
	command = browser_command_here(BROWSER_IF_THERE, settings_session(settings, NULL)->browser);
	if (command && !browser_is_there(command))
		finding_add(doctor->findings, "browser", FINDING_WARN, "browser",
			    "install it (xdg-open is in xdg-utils), or set 'browser': iamic-config(5)",
			    "'%s' should open addresses, but is not here", command);
	else if (command)
		finding_add(doctor->findings, "browser", FINDING_OK, "browser", NULL, "'%s' opens addresses",
			    command);
	else
		finding_add(doctor->findings, "browser", FINDING_OK, "browser", NULL,
			    "none is opened here: 'iamic-login' shows a code that any browser takes");
}

void doctor_check_shell(struct doctor *doctor)
{
	check_variables(doctor);
	check_aws_cli(doctor);
	check_browser(doctor);
}
