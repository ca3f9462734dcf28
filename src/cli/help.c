#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "iamic/protocol.h"

static void print_usage(void)
{
	puts("usage: iamic COMMAND [OPTION]... [ARGUMENT]...\n\n"
	     "Sign in to AWS IAM Identity Center once; every tool gets fresh credentials.\n");
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->summary)
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	puts("\n'iamic COMMAND --help' shows a command's options. The manual is iamic(1).");
}

static int run(const void *values, char *const *words)
{
	_cleanup_free_ char *title = NULL;

	(void)values;
	if (!words[0]) {
		print_usage();
		return IAMIC_EXIT_OK;
	}
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, words[0]) != 0)
			continue;
		title = xasprintf("iamic %s", commands[i]->name);
		options_print_help(stdout, commands[i], title);
		return IAMIC_EXIT_OK;
	}
	return command_unknown(words[0]);
}

const struct command command_help = {
	.name = "help",
	.words = "[COMMAND]",
	.max_words = 1,
	.summary = "show the commands, or the options of one",
	.description = "Shows the commands, or what one of them takes.",
	.example = "iamic help login",
	.run = run,
};
