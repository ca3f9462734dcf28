#pragma once
/*
 * White space as Python's str.strip() knows it, Unicode's included: a no-break space pasted from a web page
 * indents a line for the AWS CLI, so it must for us. Bytes in [start, end) are UTF-8.
 */
#include <stddef.h>

/* Moves both ends inwards over white space; returns how many characters were skipped at the start. */
size_t strip(char **start, char **end);
/* As above for a NUL-terminated string, in place; returns its new start. */
char *strip_text(char *text);
