/* iamic init and iamic completion, and what they know of shells. */
#include "cli/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "iamic/protocol.h"

#include "shell-completion_bash.h" /* made from src/cli/shell/completion.bash; so are the others */
#include "shell-completion_fish.h"
#include "shell-completion_zsh.h"
#include "shell-init_fish.h"
#include "shell-init_sh.h"

static const struct shell shells[] = {
	{"bash", "~/.bashrc", "eval \"$(iamic init bash)\"", shell_init_sh, shell_completion_bash, "export ",
	 "=", "unset ", "'\\''", "\\"},
	{"zsh", "~/.zshrc", "eval \"$(iamic init zsh)\"", shell_init_sh, shell_completion_zsh, "export ", "=",
	 "unset ", "'\\''", "\\"},
	{"fish", "~/.config/fish/config.fish", "iamic init fish | source", shell_init_fish,
	 shell_completion_fish, "set -gx ", " ", "set -e ", "\\'", "\\\\"},
};

static const struct shell *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, name) == 0)
			return &shells[i];
	}
	return NULL;
}

const struct shell *shell_of_person(void)
{
	const char *path = getenv("SHELL"), *slash = path ? strrchr(path, '/') : NULL;
	const struct shell *shell = slash ? find(slash + 1) : NULL;

	return shell ? shell : &shells[0];
}

bool option_shell(const char *text, void *ret, struct error *err)
{
	const struct shell *shell = find(text);

	*(const struct shell **)ret = shell;
	return shell ||
	       error_set(err, ERROR_USAGE, "'%.100s' is not a shell that we know: one of " SHELL_NAMES, text);
}

void shell_print_set(const struct shell *shell, const char *name, const char *value)
{
	printf("%s%s%s'", shell->set, name, shell->equals);
	for (; *value; value++) {
		if (*value == '\'')
			fputs(shell->escapes, stdout);
		else if (*value == '\\')
			fputs(shell->escaped_backslash, stdout);
		else
			putchar(*value);
	}
	puts("'");
}

void shell_print_unset(const struct shell *shell, const char *name)
{
	printf("%s%s\n", shell->unset, name);
}

/* NULL: the command has failed with *ret_status. */
static const struct shell *shell_of(char *const *words, const char *command, int *ret_status)
{
	const struct shell *shell = NULL;
	struct error err;

	if (!words[0])
		error_fill(&err, ERROR_USAGE, "which shell? 'iamic %s' is followed by one of " SHELL_NAMES,
			   command);
	if (!words[0] || !option_shell(words[0], &shell, &err))
		*ret_status = command_fail(&err);
	return shell;
}

static int run_init(const void *values, char *const *words)
{
	const struct shell *shell;
	int status = IAMIC_EXIT_OK;

	(void)values;
	shell = shell_of(words, "init", &status);
	if (shell)
		fputs(shell->init, stdout);
	return status;
}

static int run_completion(const void *values, char *const *words)
{
	const struct shell *shell;
	int status = IAMIC_EXIT_OK;

	(void)values;
	shell = shell_of(words, "completion", &status);
	if (shell)
		fputs(shell->completion, stdout);
	return status;
}

const struct command command_init = {
	.name = "init",
	.words = "SHELL",
	.max_words = 1,
	.group = COMMAND_SHELL,
	.summary = "print the shell function behind 'iamic use'",
	.description = "Prints the function that 'iamic use' needs, for bash (~/.bashrc), zsh (~/.zshrc)\n"
		       "or fish (~/.config/fish/config.fish: iamic init fish | source).",
	.example = "eval \"$(iamic init bash)\"",
	.run = run_init,
};

const struct command command_completion = {
	.name = "completion",
	.words = "SHELL",
	.max_words = 1,
	.group = COMMAND_SHELL,
	.summary = "print what completes iamic's words in a shell",
	.description = "Prints what completes commands, options and their values, profiles, sessions\n"
		       "and accounts, for bash, zsh (behind compinit) or fish.",
	.example = "eval \"$(iamic completion bash)\"",
	.run = run_completion,
};
