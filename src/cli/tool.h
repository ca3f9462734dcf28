#pragma once
/* What other programs of this machine say when they are asked: the AWS CLI, systemd's tools. */
#include <stdbool.h>
#include <stdint.h>

#define TOOL_TEXT_MAX 65536 /* bytes; more is not listened to */

/* An exit status is 0 to 255. */
enum { TOOL_NOT_THERE = -1, TOOL_SILENT = -2 };

struct tool_answer {
	int status; /* exit status, 128 + N for signal N, or one of those above */
	char *text; /* all that it said, on stdout and stderr; never NULL */
};
void tool_answer_done(struct tool_answer *answer);

/*
 * Runs a program of PATH without input, and waits until it has ended, for no longer than patience_usec: then
 * it is killed. Its words are those of command, between blanks, and of more, if there are any, up to a NULL.
 */
void tool_ask(const char *command, const char *const *more, uint64_t patience_usec, struct tool_answer *ret);
/* The line that says most where a program failed: its last one; to be freed. */
char *tool_last_line(const struct tool_answer *answer);
