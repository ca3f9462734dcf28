#pragma once
/* One verb of the command line: what it is called, what it takes, what it does. */
#include "cli/options.h"

/* Where 'iamic help' lists it. */
enum command_group { COMMAND_OTHER, COMMAND_SIGN_IN, COMMAND_PROFILES, COMMAND_ROLE, COMMAND_SHELL };

struct command {
	const char *name;
	const char *words; /* its arguments as usage shows them: "[SESSION]" */
	size_t max_words;
	/* The words are another program's: from the first on, nothing is an option of ours, and any bytes are
	 * welcome. Then every failure of the verb itself has one status, which that program is unlikely to
	 * have. */
	bool takes_command;
	/* Verbs of its own, NULL behind the last: it is what they have in common, and does nothing itself. */
	const struct command *const *verbs;
	enum command_group group;
	const char *summary;     /* one line of 'iamic help'; NULL: not for people, and not listed */
	const char *description; /* what --help says before the options */
	const char *example;     /* what it says behind them: a line that can be typed */
	const struct option *options;
	size_t n_options;
	size_t values_size; /* of the struct that the options fill */
	/* values: that struct. words: the arguments, NULL behind the last. Returns the exit status. */
	int (*run)(const void *values, char *const *words);
};

/* main.c's table, NULL behind the last. */
extern const struct command *const commands[];

/* The one of that name; NULL: none. */
const struct command *command_find(const struct command *const *table, const char *name);

extern const struct command command_login, command_logout, command_status, command_accounts, command_roles,
	command_whoami, command_export, command_exec, command_console, command_token, command_use,
	command_prompt, command_configure, command_profiles, command_init, command_completion,
	command_complete, command_import, command_doctor, command_admin, command_lock, command_unlock,
	command_log, command_share, command_version, command_help;

/* Says why on stderr, in one line; returns the exit status that belongs to it. */
int command_fail(const struct error *err);
/* Likewise for a command that is none, as the words of 'iamic' and of 'iamic help' may be. parent: the one
 * that has no such verb; NULL: iamic itself. */
int command_unknown(const struct command *parent, const char *name);
/* What 'iamic' alone is answered: the names of all there are. */
void command_print_usage(void);
