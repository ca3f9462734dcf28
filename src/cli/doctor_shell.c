#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/xalloc.h"
#include "cli/browser.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define AWS_PATIENCE (10 * USEC_PER_SEC)
#define VERSION_MAX  256

/* Keys in the environment beat every profile for the AWS CLI and most SDKs. */
static void check_variables(struct doctor *doctor)
{
	const char *key = getenv("AWS_ACCESS_KEY_ID"), *inside = getenv("IAMIC_PROFILE");

	if (!key || !*key)
		finding_add(doctor->findings, "environment", FINDING_OK, "this shell", NULL,
			    "has no keys that would win over a profile");
	else if (inside && *inside)
		finding_add(doctor->findings, "environment", FINDING_OK, "this shell", NULL,
			    "has the credentials of 'iamic exec --profile %s'", inside);
	else
		finding_add(doctor->findings, "environment", FINDING_WARN, "AWS_ACCESS_KEY_ID",
			    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
			    "is set in this shell and wins over every profile");
}

/* Both of its outputs go there: old AWS CLIs tell their version on stderr. */
static void become_aws(int output)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execlp("aws", "aws", "--version", (char *)NULL);
	_exit(127);
}

/* What it says until it ends or the time is up. */
static void read_all(int fd, char text[static VERSION_MAX])
{
	uint64_t until = clock_boot_usec() + AWS_PATIENCE;
	struct pollfd output = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < VERSION_MAX - 1 && clock_boot_usec() < until) {
		if (poll(&output, 1, 100) != 1)
			continue;
		n = read(fd, text + len, VERSION_MAX - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	text[strcspn(text, " \r\n")] = '\0';
}

/* "aws-cli/2.9.19"; false: there is none. */
static bool ask_aws(char text[static VERSION_MAX])
{
	int ends[2], status;
	pid_t pid;

	text[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0)
		become_aws(ends[1]);
	close(ends[1]);
	if (pid > 0) {
		read_all(ends[0], text);
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	return strncmp(text, "aws-cli/", 8) == 0;
}

static void check_aws_cli(struct doctor *doctor)
{
	char text[VERSION_MAX];

	if (!ask_aws(text))
		finding_add(doctor->findings, "aws-cli", FINDING_UNKNOWN, "AWS CLI", NULL,
			    "is not installed; SDKs and iamic do without it");
	else if (strncmp(text, "aws-cli/1.", 10) == 0)
		finding_add(doctor->findings, "aws-cli", FINDING_WARN, "AWS CLI", "install version 2",
			    "%s is version 1, which gets no new features", text);
	else
		finding_add(doctor->findings, "aws-cli", FINDING_OK, "AWS CLI", NULL, "%s", text);
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
