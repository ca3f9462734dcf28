#pragma once
/* What a word of a command line can be: profiles, sessions, accounts, and all else that an option or an
 * argument stands for. */
#include "cli/command.h"

struct glance;

/* What is asked, and what answers it once somebody has looked. */
struct completion {
	const char *typed;
	const char *before; /* what each answer begins with: "", or "--option=" */
	char *const *words; /* between the verb and typed */
	struct glance *glance;
};

/* Prints word if it begins with what is typed. meaning: or NULL. */
void completion_offer(const struct completion *completion, const char *word, const char *meaning);
void completion_offer_verbs(const struct completion *completion, const struct command *const *table);
/* Whatever the value of the option of that name can be, or an argument as usage shows it. */
void completion_offer_kind(struct completion completion, const char *name);
