#pragma once
/* A question that is answered in a line of text, at the terminal. */
#include "base/error.h"
#include "cli/tty.h"

#define QUESTION_MAX 2048 /* bytes of an answer */

/* Checks an answer, and may put another in its place (*answer is on the heap); false: err says what is wrong.
 */
typedef bool (*answer_fn)(char **answer, void *userdata, struct error *err);

struct question {
	const char *words; /* "start URL" */
	const char *usual; /* what Enter alone means; "": nothing is an answer, too; NULL: it is none */
	answer_fn check;   /* or NULL; until it is content the question is asked again */
	void *userdata;
};

/*
 * White space round an answer is taken away. False with kind ERROR_NONE: Ctrl-C. Where there is no terminal,
 * ERROR_USAGE.
 */
bool question_ask(const struct question *question, char **ret, struct error *err) MUST_CHECK;
/* The same at a terminal that is open already. */
bool question_ask_at(const struct tty *tty, const struct question *question, char **ret,
		     struct error *err) MUST_CHECK;
