/*
 * What can follow on a command line: the completion scripts ask with the words that are there, the last one
 * being what is typed so far. A line each; behind a tab what it means. A line that begins with the tab says
 * what the shell knows better: "command N" for a command behind N words of ours, "files".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "iamic/protocol.h"

static void offer_option(const struct completion *completion, const char *name, const char *help)
{
	_cleanup_free_ char *word = xasprintf("--%s", name);

	completion_offer(completion, word, help);
}

static void offer_common_options(const struct completion *completion)
{
	offer_option(completion, "help", "show this help and exit");
	offer_option(completion, "version", "show the version and exit");
}

static void offer_options(const struct completion *completion, const struct command *command)
{
	for (size_t i = 0; i < command->n_options; i++)
		offer_option(completion, command->options[i].name, command->options[i].help);
	offer_common_options(completion);
}

/* The option that takes a value and whose name word begins with, up to its end or a '='; or NULL. */
static const struct option *option_of(const struct command *command, const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; strncmp(word, "--", 2) == 0 && i < command->n_options; i++) {
		const struct option *option = &command->options[i];

		if (option->value && strlen(option->name) == len - 2 &&
		    strncmp(option->name, word + 2, len - 2) == 0)
			return option;
	}
	return NULL;
}

/* What the words before make of the one that is typed. */
struct place {
	const struct option *option; /* its value; or NULL */
	bool is_no_option;           /* whatever it begins with */
	size_t n_arguments;          /* before it */
	char *const *command;        /* the word with which another program's begin; or NULL */
};

static struct place find_place(const struct command *command, char *const *words)
{
	struct place place = {0};

	for (; *words && !place.command; words++) {
		const struct option *option = option_of(command, *words);

		if (place.is_no_option || (*words)[0] != '-') {
			place.n_arguments++;
			place.command = command->takes_command ? words : NULL;
		} else if (strcmp(*words, "--") == 0) {
			place.is_no_option = true;
		} else if (option && !strchr(*words, '=')) {
			if (words[1])
				words++;
			else
				place.option = option;
		}
	}
	return place;
}

static void offer_value_in_word(struct completion completion, const struct command *command)
{
	const struct option *option = option_of(command, completion.typed);
	_cleanup_free_ char *before = option ? xasprintf("--%s=", option->name) : NULL;

	if (!option)
		return;
	completion.before = before;
	completion.typed += strlen(before);
	completion_offer_kind(completion, option->name);
}

/* The verb is a word, too, and the program before it. */
static void leave_to_shell(const struct completion *completion, const struct place *place)
{
	char *const *command = place->command;
	size_t n = 2;

	if (command)
		n += (size_t)(command - completion->words);
	else
		while (completion->words[n - 2])
			n++;
	printf("\tcommand %zu\n", n);
}

static void offer_behind(const struct completion *completion, const struct command *command)
{
	struct place place = find_place(command, completion->words);
	bool is_option = completion->typed[0] == '-' && !place.is_no_option && !place.command;

	if (place.option)
		completion_offer_kind(*completion, place.option->name);
	else if (is_option && strchr(completion->typed, '='))
		offer_value_in_word(*completion, command);
	else if (is_option)
		offer_options(completion, command);
	else if (command->takes_command)
		leave_to_shell(completion, &place);
	else if (place.n_arguments < command->max_words)
		completion_offer_kind(*completion, command->words);
}

/* The words behind the verb; that may be the verb of another. */
static void complete(struct completion *completion)
{
	const struct command *const *table = commands;
	const struct command *command = NULL;

	while (table && *completion->words) {
		command = command_find(table, *completion->words++);
		if (!command)
			return;
		table = command->verbs;
	}
	if (!table)
		offer_behind(completion, command);
	else if (completion->typed[0] != '-')
		completion_offer_verbs(completion, table);
	else
		offer_common_options(completion);
}

/* Nothing is an error: a shell would print it into the line that is being typed. */
static int run(const void *values, char *const *words)
{
	static char nothing[] = "";
	struct completion completion = {.typed = nothing, .before = nothing};
	size_t n = 0;

	(void)values;
	while (words[n])
		n++;
	char **before = xcalloc(n + 1, sizeof(*before));

	memcpy(before, words, n * sizeof(*before));
	if (n > 0) {
		completion.typed = before[n - 1];
		before[n - 1] = NULL;
	}
	completion.words = before;
	complete(&completion);
	free(before);
	return IAMIC_EXIT_OK;
}

const struct command command_complete = {
	.name = "complete",
	.words = "WORD...",
	.takes_command = true,
	.description = "Prints what can follow these words; what the completion scripts ask.",
	.run = run,
};
