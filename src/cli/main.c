/* The verbs, and how a command line finds its own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/environ.h"
#include "base/json.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/wipe.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/network.h"
#include "cli/output.h"
#include "iamic/protocol.h"

#define PROGRAM    "iamic"
#define TITLE_SIZE 64

/* clang-format off */
const struct command *const commands[] = {
	&command_login,
	&command_logout,
	&command_status,
	&command_configure,
	&command_profiles,
	&command_accounts,
	&command_roles,
	&command_whoami,
	&command_export,
	&command_exec,
	&command_console,
	&command_token,
	&command_share,
	&command_use,
	&command_prompt,
	&command_init,
	&command_completion,
	&command_complete,
	&command_import,
	&command_doctor,
	&command_admin,
	&command_lock,
	&command_unlock,
	&command_log,
	&command_version,
	&command_help,
	NULL,
};
/* clang-format on */

/* The same program under the name of one of its verbs. */
static const struct {
	const char *name;
	const struct command *command;
} aliases[] = {
	{"iamic-login", &command_login},
};

const struct command *command_find(const struct command *const *table, const char *name)
{
	for (size_t i = 0; table[i]; i++) {
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	}
	return NULL;
}

static bool is_on_terminal;

/* How the program was called, which the hint behind an error of usage names. */
static char title[TITLE_SIZE] = PROGRAM;

/* A verb of iamic, or a verb of one; both NULL: iamic itself. */
static void set_title(const struct command *command, const struct command *verb)
{
	snprintf(title, sizeof(title), PROGRAM "%s%s%s%s", command ? " " : "", command ? command->name : "",
		 verb ? " " : "", verb ? verb->name : "");
}

/* A value may be long: it is cut, the hint is not. */
int command_fail(const struct error *err)
{
	if (err->kind == ERROR_NONE) { /* Ctrl-C at a question */
		log_info("cancelled");
		return IAMIC_EXIT_INTERRUPTED;
	}
	if (err->kind == ERROR_USAGE)
		log_error("%.400s: see '%s --help'", err->message, title);
	else if (*err->message)
		log_error("%s", err->message);
	if (err->kind == ERROR_UNAVAILABLE)
		network_warn_if_other(agent_last_status());
	return (int)err->kind;
}

/* Other programs take options before the verb. */
static bool is_option_of_some(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (options_has(commands[i], word))
			return true;
	return false;
}

static int fail_behind(const char *word)
{
	struct error err;

	error_fill(&err, ERROR_USAGE, "option '%.*s' stands behind a command, not before it",
		   (int)strcspn(word, "="), word);
	return command_fail(&err);
}

int command_unknown(const struct command *parent, const char *name)
{
	const struct command *const *table = parent ? parent->verbs : commands;
	struct nearest nearest = {.word = name + strspn(name, "-")};
	struct error err;

	for (size_t i = 0; table && table[i]; i++)
		nearest_try(&nearest, table[i]->name);
	set_title(parent, NULL);
	if (!parent && is_option_of_some(name))
		return fail_behind(name);
	error_fill(&err, ERROR_USAGE, "unknown %s '%.100s'%s%s%s", name[0] == '-' ? "option" : "command",
		   name, nearest.name ? ", perhaps '" : "", nearest.name ? nearest.name : "",
		   nearest.name ? "'" : "");
	return command_fail(&err);
}

/* Nobody has asked for it, so it goes where errors go. */
static int command_missing(const struct command *parent)
{
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (parent)
		options_print_help(parent, title);
	else
		command_print_usage();
	return IAMIC_EXIT_USAGE;
}

/* argv stands behind the verb. */
static int run(const struct command *command, char **argv)
{
	_cleanup_free_ void *values = xcalloc(1, command->values_size ? command->values_size : 1);
	struct error err;
	int status;

	switch (options_parse(command, argv, values, &err)) {
	case OPTIONS_HELP:
		options_print_help(command, title);
		return IAMIC_EXIT_OK;
	case OPTIONS_VERSION:
		puts("iamic " IAMIC_VERSION);
		return IAMIC_EXIT_OK;
	case OPTIONS_DONE:
		status = command->verbs ? command_missing(command) : command->run(values, argv);
		break;
	case OPTIONS_WRONG:
	default:
		status = command_fail(&err);
		break;
	}
	return command->takes_command && status != IAMIC_EXIT_OK ? IAMIC_EXIT_EXEC_FAILED : status;
}

static int run_alias(const struct command *command, const char *name, char **argv)
{
	snprintf(title, sizeof(title), "%s", name);
	return run(command, argv);
}

/* What is no verb may be an option that every command has. */
static int run_verb_of(const struct command *parent, char **argv)
{
	const struct command *verb = argv[0] ? command_find(parent->verbs, argv[0]) : NULL;

	set_title(parent, verb);
	if (verb)
		return run(verb, argv + 1);
	return argv[0] && argv[0][0] != '-' ? command_unknown(parent, argv[0]) : run(parent, argv);
}

static int run_verb(char **argv)
{
	const struct command *command = NULL;
	const char *name = argv[0];

	if (name && (strcmp(name, "--help") == 0 || strcmp(name, "--version") == 0))
		name += 2;
	if (name)
		command = command_find(commands, name);
	if (!command)
		return name ? command_unknown(NULL, name) : command_missing(NULL);
	if (command->verbs)
		return run_verb_of(command, argv + 1);
	set_title(command, NULL);
	return run(command, argv + 1);
}

static int dispatch(char **argv)
{
	const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argv[0];

	for (size_t i = 0; name && i < ARRAY_SIZE(aliases); i++) {
		if (strcmp(aliases[i].name, name) == 0)
			return run_alias(aliases[i].command, aliases[i].name, argv + 1);
	}
	return run_verb(argv[0] ? argv + 1 : argv);
}

/*
 * Otherwise the first socket would become stdout, and the daemon be sent what people are meant to read. What
 * stands in for it takes no output: that is an error then, as it is without it.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* The shell's prompt begins a line of its own, not behind the "^C". */
static void on_interrupt(int number)
{
	ssize_t ignored;

	(void)number;
	if (is_on_terminal) {
		ignored = write(STDERR_FILENO, "\n", 1);
		(void)ignored;
	}
	_exit(IAMIC_EXIT_INTERRUPTED);
}

/* An interrupt ends with a status of its own, unless it was ignored from the start; a child's end can be
 * waited for, whatever was inherited. */
static void set_up_signals(void)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt}, usual = {.sa_handler = SIG_DFL}, before;

	is_on_terminal = isatty(STDERR_FILENO);
	if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGCHLD, &usual, NULL);
}

/* Credentials pass through jansson. */
static const struct json_memory wiping = {.alloc = wipe_malloc, .release = wipe_free};

int main(int argc, char **argv)
{
	struct error err;
	int status;

	(void)argc;
	environ_scrub();
	/* Credentials, links and passphrases pass through; what exec becomes is dumpable again. */
	prctl(PR_SET_DUMPABLE, 0);
	json_use_memory(&wiping);
	fill_standard_descriptors();
	set_up_signals();
	log_open("iamic", false);

	status = dispatch(argv);
	if (status == IAMIC_EXIT_OK && !output_flush(&err))
		status = command_fail(&err);
	return status;
}
