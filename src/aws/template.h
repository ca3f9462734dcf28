#pragma once
/*
 * The name of a profile from a template, such as "{account_name|slug}-{role_name|lower}". Pure.
 *
 * Between braces stands a field (account_name, account_id, role_name, session), with filters behind it, which
 * apply in turn:
 *
 *     lower          capital letters of ASCII become small ones
 *     slug           likewise, and what is neither letter nor digit of ASCII becomes one "-", but at the ends
 *     replace:X:Y    every X becomes Y, which may be empty; neither can hold ":", "|" or a brace
 *
 * Where nothing of an account's name is left, or it has none, its id stands for it. Text between fields stays
 * as it is; what comes out may still be no name for a profile (aws/config_word.h).
 */
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"

#define TEMPLATE_NAME_MAX 128 /* bytes of what comes out */

struct template_values {
	const char *account_name; /* or NULL */
	const char *account_id, *role_name, *session;
};

struct template;

/* ERROR_USAGE: it is no template. */
bool template_parse(const char *text, struct template **ret, struct error *err) MUST_CHECK;
struct template *template_free(struct template *template);
DEFINE_CLEANUP(struct template *, template_free)
/* ERROR_CONFIG: the name would be empty or longer than TEMPLATE_NAME_MAX. */
bool template_format(const struct template *template, const struct template_values *values, char **ret,
		     struct error *err) MUST_CHECK;
