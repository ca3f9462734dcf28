#pragma once
/*
 * A line split into words as Python's shlex.split() does it, which botocore uses for credential_process and
 * for names of sections: quotes and backslashes, but no variables, no ~, no comments, no operators. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/* A NULL-terminated list in one allocation: free() ends it. NULL for an open quote or a backslash at the end.
 */
char **words_split(const char *line, size_t *ret_n);
