#pragma once
/*
 * A question to the person at the desktop: a notification of its own with two buttons, which stays until it
 * is answered or withdrawn. What iamic only tells (desktop_show()) stands beside it.
 */
#include "daemon/desktop.h"

struct desktop_question;

enum desktop_answer {
	DESKTOP_YES,
	DESKTOP_NO,
	DESKTOP_CLOSED, /* by a person, or by a desktop that keeps none for long */
	DESKTOP_SCREEN_IS_LOCKED,
	DESKTOP_SHOWS_NOTHING, /* there is no desktop, or none that shows notifications */
};
/* From the loop, once; may free the question. */
typedef void (*desktop_answer_fn)(enum desktop_answer answer, void *userdata);

struct desktop_question_text {
	const char *summary; /* of any text that is UTF-8 */
	const char *body;    /* without markup: no &, <, > */
	const char *yes, *no;
};

struct desktop_question *desktop_ask(struct desktop *desktop, const struct desktop_question_text *text,
				     desktop_answer_fn fn, void *userdata);
/* Withdraws it. */
struct desktop_question *desktop_question_free(struct desktop_question *question);
