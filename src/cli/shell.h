#pragma once
/* The shells that we print something for, and how each writes text and sets variables. */
#include "base/error.h"

struct shell {
	const char *name;
	const char *file, *set_up;     /* what a person writes where, for 'iamic use' */
	const char *init, *completion; /* scripts */
	const char *set, *equals;      /* around a variable's name */
	const char *unset;
	const char *escapes; /* what stands between quotes for a single quote, and a backslash */
	const char *escaped_backslash;
};

#define SHELL_NAMES "bash, zsh, fish"

/* ERROR_USAGE: there is no such shell. */
bool option_shell(const char *text, void *ret /* const struct shell * */, struct error *err);

/* The one that the person is at home in, as SHELL says; bash where that is none that we know. */
const struct shell *shell_of_person(void);

/* Statements on stdout, for a function that evaluates them. */
void shell_print_set(const struct shell *shell, const char *name, const char *value);
void shell_print_unset(const struct shell *shell, const char *name);
