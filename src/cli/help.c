#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

static const struct {
	enum command_group group;
	const char *heading;
} groups[] = {
	{COMMAND_SIGN_IN, "signing in"}, {COMMAND_PROFILES, "accounts, profiles"},
	{COMMAND_ROLE, "with a role"},   {COMMAND_SHELL, "in a shell"},
	{COMMAND_OTHER, "besides"},
};

#define USAGE "usage: iamic COMMAND [OPTION]... [ARGUMENT]...\n"

static bool is_listed(const struct command *command, enum command_group group)
{
	return command->summary && command->group == group;
}

/* "login, logout, status" */
static char *names_of(enum command_group group)
{
	char *names = xstrdup("");

	for (size_t i = 0; commands[i]; i++) {
		_cleanup_free_ char *before = NULL;

		if (!is_listed(commands[i], group))
			continue;
		before = names;
		names = xasprintf("%s%s%s", before, *before ? ", " : "", commands[i]->name);
	}
	return names;
}

void command_print_usage(void)
{
	size_t width = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (strlen(groups[i].heading) > width)
			width = strlen(groups[i].heading);
	}
	print_words(USAGE, 0, 2);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		_cleanup_free_ char *names = names_of(groups[i].group);

		print_entry(groups[i].heading, width, names);
	}
	print_paragraph("\nBegin with 'iamic configure'. 'iamic help' says what each of them does.");
}

static void print_group(enum command_group group, const char *heading, size_t width)
{
	printf("\n%s:\n", heading);
	for (size_t i = 0; commands[i]; i++) {
		if (is_listed(commands[i], group))
			print_entry(commands[i]->name, width, commands[i]->summary);
	}
}

static void print_commands(void)
{
	size_t width = 0;

	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->summary && strlen(commands[i]->name) > width)
			width = strlen(commands[i]->name);
	}
	print_words(USAGE, 0, 2);
	print_paragraph("Sign in to AWS IAM Identity Center once; every tool gets fresh credentials.");
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		print_group(groups[i].group, groups[i].heading, width);
	print_paragraph("\nBegin with 'iamic configure'. 'iamic COMMAND --help' shows what a command\n"
			"takes. The manual is iamic(1).");
}

/* Of a command, or of one of its own. */
static int explain(char *const *words)
{
	const struct command *const *table = commands;
	const struct command *parent = NULL, *command = NULL;
	_cleanup_free_ char *title = xstrdup("iamic");

	for (; *words; words++) {
		_cleanup_free_ char *before = NULL;

		command = table ? command_find(table, *words) : NULL;
		if (!command)
			return command_unknown(parent, *words);
		before = title;
		title = xasprintf("%s %s", before, command->name);
		table = command->verbs;
		parent = command;
	}
	options_print_help(command, title);
	return IAMIC_EXIT_OK;
}

static int run(const void *values, char *const *words)
{
	(void)values;
	if (words[0])
		return explain(words);
	print_commands();
	return IAMIC_EXIT_OK;
}

const struct command command_help = {
	.name = "help",
	.words = "[COMMAND]...",
	.max_words = 2,
	.summary = "show the commands, or the options of one",
	.description = "Shows the commands, or what one of them takes.",
	.example = "iamic help login",
	.run = run,
};
