#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

static void print_usage(void)
{
	size_t width = 0;

	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->summary && strlen(commands[i]->name) > width)
			width = strlen(commands[i]->name);
	}
	print_words("usage: iamic COMMAND [OPTION]... [ARGUMENT]...\n", 0, 2);
	print_paragraph("Sign in to AWS IAM Identity Center once; every tool gets fresh credentials.\n");
	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->summary)
			print_entry(commands[i]->name, width, commands[i]->summary);
	}
	print_paragraph("\n'iamic COMMAND --help' shows a command's options. The manual is iamic(1).");
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
		options_print_help(commands[i], title);
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
