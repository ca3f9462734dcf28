#include "cli/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/duration.h"
#include "aws/region.h"
#include "aws/target.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/output.h"

#define SECONDS_MAX 86400
#define COUNT_MAX   999999999

/* What every verb takes beside its own. */
static const struct option common_options[] = {
	{.name = "help", .help = "show this help and exit"},
	{.name = "version", .help = "show the version and exit"},
};

static const struct option *const help_option = &common_options[0], *const version_option =
									    &common_options[1];

static const struct option *find_in(const struct option *options, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
			return &options[i];
	}
	return NULL;
}

static const struct option *find(const struct command *command, const char *name, size_t len)
{
	const struct option *option = find_in(common_options, ARRAY_SIZE(common_options), name, len);

	return option ? option : find_in(command->options, command->n_options, name, len);
}

bool options_has(const struct command *command, const char *word)
{
	size_t len = strcspn(word, "=");

	return strncmp(word, "--", 2) == 0 && find(command, word + 2, len - 2);
}

static void try_in(struct nearest *nearest, const struct option *options, size_t n)
{
	for (size_t i = 0; i < n; i++)
		nearest_try(nearest, options[i].name);
}

/* word is as it was typed, with its dashes and up to its '='. */
static void refuse_unknown(const struct command *command, const char *word, size_t len, struct error *err)
{
	size_t dashes = strspn(word, "-");
	struct nearest nearest = {.word = word + dashes, .len = len > dashes ? len - dashes : 0};

	try_in(&nearest, command->options, command->n_options);
	try_in(&nearest, common_options, ARRAY_SIZE(common_options));
	error_fill(err, ERROR_USAGE, "unknown option '%.*s'%s%s%s", len < 100 ? (int)len : 100, word,
		   nearest.name ? ", perhaps '--" : "", nearest.name ? nearest.name : "",
		   nearest.name ? "'" : "");
}

#define wrong(err, ...) (error_fill(err, ERROR_USAGE, __VA_ARGS__), OPTIONS_WRONG)

static bool store(const struct option *option, const char *text, void *values, struct error *err)
{
	void *ret = (char *)values + option->offset;

	if (!option->value) {
		*(bool *)ret = true;
		return true;
	}
	return option->parse(text, ret, err) ? true : error_prefix(err, "option '--%s'", option->name);
}

/* One word that begins with '-', and the next one too where its value stands there. */
static enum options_outcome take_option(const struct command *command, char ***argv, void *values,
					struct error *err)
{
	const char *word = *(*argv)++;
	size_t len = strcspn(word, "=");
	const char *name = word + 2, *text = word[len] ? word + len + 1 : NULL;
	const struct option *option = NULL;

	if (strncmp(word, "--", 2) == 0)
		option = find(command, name, len - 2);
	if (!option) {
		refuse_unknown(command, word, len, err);
		return OPTIONS_WRONG;
	}
	if (!option->value && text)
		return wrong(err, "option '--%s' takes no value", option->name);
	if (option == help_option)
		return OPTIONS_HELP;
	if (option == version_option)
		return OPTIONS_VERSION;
	if (option->value && !text) {
		if (!**argv)
			return wrong(err, "option '--%s' needs a value: %s", option->name, option->value);
		text = *(*argv)++;
	}
	return store(option, text, values, err) ? OPTIONS_DONE : OPTIONS_WRONG;
}

/* A profile's name, as like as not, where one can be named. */
static enum options_outcome refuse_word(const struct command *command, const char *word, struct error *err)
{
	bool takes_profile = find(command, "profile", strlen("profile"));

	return wrong(err, "unexpected argument '%.100s'%s", word,
		     takes_profile ? ", a profile is named with --profile" : "");
}

/* Moving the arguments to argv's front never overtakes the reading. */
enum options_outcome options_parse(const struct command *command, char **argv, void *values,
				   struct error *err)
{
	enum options_outcome outcome = OPTIONS_DONE;
	bool only_words = false;
	char **words = argv;
	const char *word;
	size_t n = 0;

	while (*argv && outcome == OPTIONS_DONE) {
		if (!only_words && strcmp(*argv, "--") == 0) {
			only_words = true;
			argv++;
		} else if (!only_words && (*argv)[0] == '-' && (*argv)[1]) {
			outcome = take_option(command, &argv, values, err);
		} else if (command->takes_command) {
			only_words = true;
			words[n++] = *argv++;
		} else if (n == command->max_words) {
			outcome = refuse_word(command, *argv, err);
		} else if (!option_text(*argv, &word, err)) {
			(void)error_prefix(err, "an argument is wrong");
			outcome = OPTIONS_WRONG;
		} else {
			words[n++] = *argv++;
		}
	}
	if (outcome == OPTIONS_DONE)
		words[n] = NULL;
	return outcome;
}

static size_t help_width(const struct option *option)
{
	return strlen("--") + strlen(option->name) + (option->value ? strlen(option->value) + 1 : 0);
}

static void print_options(const struct option *options, size_t n, size_t width)
{
	for (size_t i = 0; i < n; i++) {
		const struct option *option = &options[i];
		_cleanup_free_ char *label = xasprintf("--%s%s%s", option->name, option->value ? " " : "",
						       option->value ? option->value : "");

		print_entry(label, width, option->help);
	}
}

static size_t widest(const struct command *command)
{
	size_t width = help_width(version_option);

	for (size_t i = 0; i < command->n_options; i++) {
		if (help_width(&command->options[i]) > width)
			width = help_width(&command->options[i]);
	}
	for (size_t i = 0; command->verbs && command->verbs[i]; i++) {
		if (strlen(command->verbs[i]->name) > width)
			width = strlen(command->verbs[i]->name);
	}
	return width;
}

static void print_verbs(const struct command *const *verbs, size_t width)
{
	for (size_t i = 0; verbs[i]; i++)
		print_entry(verbs[i]->name, width, verbs[i]->summary);
	putchar('\n');
}

void options_print_help(const struct command *command, const char *title)
{
	_cleanup_free_ char *usage =
		xasprintf("usage: %s [OPTION]...%s%s\n", title, *command->words ? " " : "", command->words);
	_cleanup_free_ char *example = xasprintf("\nexample: %s", command->example ? command->example : "");
	size_t width = widest(command);

	print_words(usage, 0, 2);
	print_paragraph(command->description);
	putchar('\n');
	if (command->verbs)
		print_verbs(command->verbs, width);
	print_options(command->options, command->n_options, width);
	print_options(common_options, ARRAY_SIZE(common_options), width);
	if (command->example)
		print_words(example, 0, 2);
}

bool option_text(const char *text, void *ret, struct error *err)
{
	if (!*text)
		return error_set(err, ERROR_USAGE, "it is empty");
	if (!utf8_is_valid(text, strlen(text)))
		return error_set(err, ERROR_USAGE, "it is not UTF-8");
	*(const char **)ret = text;
	return true;
}

/* Digits alone: strtol() would take "+5", " 5" and "5s" too. */
static bool parse_number(const char *text, int64_t min, int64_t max, int64_t *ret, struct error *err)
{
	size_t len = strlen(text);
	int64_t value = 0;

	if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
		return error_set(err, ERROR_USAGE, "'%s' is not a number from %d to %d", text, (int)min,
				 (int)max);
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (text[i] - '0');
	if (value < min || value > max)
		return error_set(err, ERROR_USAGE, "'%s' is not a number from %d to %d", text, (int)min,
				 (int)max);
	*ret = value;
	return true;
}

bool option_seconds(const char *text, void *ret, struct error *err)
{
	return parse_number(text, 1, SECONDS_MAX, ret, err);
}

bool option_duration(const char *text, void *ret, struct error *err)
{
	if (!duration_parse(text, ret))
		return error_set(err, ERROR_USAGE, "'%s' is not a duration such as 30m, 8h or 1h30m", text);
	return true;
}

bool option_count(const char *text, void *ret, struct error *err)
{
	return parse_number(text, 1, COUNT_MAX, ret, err);
}

bool option_port(const char *text, void *ret, struct error *err)
{
	int64_t port;

	if (!parse_number(text, 1, 65535, &port, err))
		return false;
	*(int *)ret = (int)port;
	return true;
}

bool option_region(const char *text, void *ret, struct error *err)
{
	if (!region_is_valid(text))
		return error_set(err, ERROR_USAGE, "'%s' is not a region such as eu-central-1", text);
	*(const char **)ret = text;
	return true;
}

bool option_account_id(const char *text, void *ret, struct error *err)
{
	if (!account_id_is_valid(text))
		return error_set(err, ERROR_USAGE, "'%s' is not an account id, which is 12 digits", text);
	*(const char **)ret = text;
	return true;
}

bool option_role_name(const char *text, void *ret, struct error *err)
{
	if (!role_name_is_valid(text))
		return error_set(err, ERROR_USAGE,
				 "'%s' is not a role name: 1 to 32 letters, digits and +=,.@-_ are", text);
	*(const char **)ret = text;
	return true;
}

bool option_role_arn(const char *text, void *ret, struct error *err)
{
	if (strncmp(text, "arn:", 4) != 0 || !strstr(text, ":role/"))
		return error_set(err, ERROR_USAGE,
				 "'%s' is not a role's ARN such as arn:aws:iam::111122223333:role/Admin",
				 text);
	*(const char **)ret = text;
	return true;
}
