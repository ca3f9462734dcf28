#pragma once
/*
 * Long options, from one table a verb: the parser and --help are both made from it, so they cannot disagree.
 *
 *     --name value   --name=value   --flag   --   (all that follows are arguments)
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct command;

/* Checks the text of an option's value and stores it at ret; ERROR_USAGE says what is allowed. */
typedef bool (*option_fn)(const char *text, void *ret, struct error *err);

struct option {
	const char *name;  /* without its dashes */
	const char *value; /* what help calls its value; NULL: a flag, stored as a bool */
	size_t offset;     /* where the value goes in the verb's values */
	option_fn parse;   /* NULL for a flag */
	const char *help;
};

enum options_outcome { OPTIONS_DONE, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/* argv begins behind the verb and ends with NULL; the arguments are moved to its front, with NULL behind
 * them. Texts in values are argv's. */
enum options_outcome options_parse(const struct command *command, char **argv, void *values,
				   struct error *err) MUST_CHECK;
/* Is the word an option of that verb, with or without its value? */
bool options_has(const struct command *command, const char *word);
/* title is how the verb was called: "iamic login". */
void options_print_help(const struct command *command, const char *title);

/* Kinds of values. */
bool option_text(const char *text, void *ret /* const char * */, struct error *err);
bool option_seconds(const char *text, void *ret /* int64_t */, struct error *err);
bool option_duration(const char *text, void *ret /* int64_t, seconds */, struct error *err);
bool option_count(const char *text, void *ret /* int64_t */, struct error *err);
bool option_port(const char *text, void *ret /* int */, struct error *err);
bool option_region(const char *text, void *ret /* const char * */, struct error *err);
bool option_account_id(const char *text, void *ret /* const char * */, struct error *err);
bool option_role_name(const char *text, void *ret /* const char * */, struct error *err);
bool option_role_arn(const char *text, void *ret /* const char * */, struct error *err);
