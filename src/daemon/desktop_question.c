/*
 *   ask ──► a person at the desktop? ──► Notify ──► shown ──(a button, or closed)──► answered
 *              └──(none, screen locked)──────┴──(nothing shows it)──► answered
 *
 * What is freed while a reply is on its way waits for that, so that no notification stays behind.
 */
#include "daemon/desktop_question.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/desktop_private.h"
#include "daemon/timer.h"

#define YES_KEY             "yes"
#define NO_KEY              "no"
#define CLICK_AFTER_CLOSING (100 * USEC_PER_MSEC) /* some say first that it is closed, then by which button */

struct desktop_question {
	struct list link;
	struct desktop *desktop;
	char *summary, *body, *yes, *no;
	desktop_answer_fn fn; /* NULL: it was freed */
	void *userdata;
	bool awaits_reply;
	uint32_t id;                /* 0: not shown */
	char *shown_by;             /* a unique name: whoever else claims a click is not believed */
	bool is_closed, is_allowed; /* the latter if someone is there to have clicked */
	sd_event_source *deferred, *closing;
	enum desktop_answer answer; /* for on_deferred() */
};

static void destroy(struct desktop_question *question)
{
	list_remove(&question->link);
	timer_disarm(&question->deferred);
	timer_disarm(&question->closing);
	free(question->summary);
	free(question->body);
	free(question->yes);
	free(question->no);
	free(question->shown_by);
	free(question);
}

static void answer(struct desktop_question *question, enum desktop_answer answer)
{
	desktop_answer_fn fn = question->fn;

	question->fn = NULL;
	if (fn)
		fn(answer, question->userdata); /* may free question: nothing after this line */
}

static int on_deferred(sd_event_source *source, void *userdata)
{
	struct desktop_question *question = userdata;

	(void)source;
	timer_disarm(&question->deferred);
	answer(question, question->answer); /* may free question: nothing of it after this line */
	return 0;
}

static void answer_later(struct desktop_question *question, enum desktop_answer answer)
{
	question->answer = answer;
	timer_defer(question->desktop->event, &question->deferred, on_deferred, question);
}

/* A reply has come: is there still someone who wants to know? */
static bool is_wanted(struct desktop_question *question)
{
	question->awaits_reply = false;
	if (question->fn)
		return true;
	if (question->id && !question->is_closed)
		desktop_close(question->desktop, question->id);
	destroy(question);
	return false;
}

static int on_shown(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct desktop_question *question = userdata;

	(void)bus_err;
	if (!sd_bus_message_is_method_error(reply, NULL) &&
	    sd_bus_message_read(reply, "u", &question->id) >= 0)
		question->shown_by = xstrdup_or_null(sd_bus_message_get_sender(reply));
	if (!is_wanted(question))
		return 0;
	if (question->id == 0)
		answer(question, DESKTOP_SHOWS_NOTHING); /* nothing of question after this line */
	return 0;
}

static void on_person(bool is_there, void *userdata)
{
	struct desktop_question *question = userdata;
	char *actions[] = {(char[]){YES_KEY}, question->yes, (char[]){NO_KEY}, question->no, NULL};
	const struct desktop_notify notify = {
		.summary = question->summary, .body = question->body, .actions = actions, .is_urgent = true};
	sd_bus *bus;

	if (!is_wanted(question))
		return;
	bus = is_there ? desktop_session_bus(question->desktop) : NULL;
	if (bus && desktop_notify(bus, &notify, on_shown, question) >= 0) {
		question->awaits_reply = true;
		return;
	}
	answer(question, is_there ? DESKTOP_SHOWS_NOTHING
				  : DESKTOP_SCREEN_IS_LOCKED); /* nothing of question after this line */
}

struct desktop_question *desktop_ask(struct desktop *desktop, const struct desktop_question_text *text,
				     desktop_answer_fn fn, void *userdata)
{
	struct desktop_question *question = xcalloc(1, sizeof(*question));

	*question = (struct desktop_question){
		.desktop = desktop,
		.summary = xstrdup(text->summary),
		.body = xstrdup(text->body),
		.yes = xstrdup(text->yes),
		.no = xstrdup(text->no),
		.fn = fn,
		.userdata = userdata,
	};
	list_append(&desktop->questions, &question->link);
	question->awaits_reply = desktop_find_person(desktop, on_person, question);
	if (!question->awaits_reply)
		answer_later(question, DESKTOP_SHOWS_NOTHING);
	return question;
}

struct desktop_question *desktop_question_free(struct desktop_question *question)
{
	if (!question)
		return NULL;
	question->fn = NULL;
	if (question->awaits_reply) /* which frees it */
		return NULL;
	if (question->id && !question->is_closed)
		desktop_close(question->desktop, question->id);
	destroy(question);
	return NULL;
}

/* ---- signals ---- */

static struct desktop_question *find(struct desktop *desktop, const char *sender, uint32_t id)
{
	struct desktop_question *question;

	list_for_each (question, &desktop->questions, struct desktop_question, link) {
		if (id != 0 && question->id == id && sender && question->shown_by &&
		    strcmp(question->shown_by, sender) == 0)
			return question;
	}
	return NULL;
}

/* Some desktops show notifications, and their buttons, on the locked screen, too. */
static void on_clicker(bool is_there, void *userdata)
{
	struct desktop_question *question = userdata;

	if (is_wanted(question))
		answer(question, is_there ? DESKTOP_YES : DESKTOP_SCREEN_IS_LOCKED);
}

static void allow(struct desktop_question *question)
{
	timer_disarm(&question->closing);
	question->is_allowed = true;
	question->awaits_reply = desktop_find_person(question->desktop, on_clicker, question);
	if (!question->awaits_reply)
		answer(question, DESKTOP_SHOWS_NOTHING); /* nothing of question after this line */
}

void desktop_questions_clicked(struct desktop *desktop, const char *sender, uint32_t id, const char *key)
{
	struct desktop_question *question = find(desktop, sender, id);

	if (!question || question->is_allowed)
		return;
	if (strcmp(key, YES_KEY) == 0)
		allow(question); /* nothing of question after this line */
	else if (strcmp(key, NO_KEY) == 0)
		answer(question, DESKTOP_NO); /* nothing of question after this line */
}

static int on_really_closed(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	answer(userdata, DESKTOP_CLOSED);
	return 0;
}

void desktop_questions_closed(struct desktop *desktop, const char *sender, uint32_t id)
{
	struct desktop_question *question = find(desktop, sender, id);

	if (!question)
		return;
	question->is_closed = true;
	if (!question->is_allowed)
		timer_arm(desktop->event, &question->closing, clock_boot_usec() + CLICK_AFTER_CLOSING,
			  on_really_closed, question);
}

void desktop_questions_lost(struct desktop *desktop)
{
	struct desktop_question *question;

	list_for_each (question, &desktop->questions, struct desktop_question, link) {
		if (question->id == 0)
			continue;
		question->id = 0;
		answer_later(question, DESKTOP_SHOWS_NOTHING);
	}
}
