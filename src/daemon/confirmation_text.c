#include "daemon/confirmation_text.h"

#include <stdlib.h>

#include "aws/duration.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/program.h"

char *confirmation_summary(const struct confirmation_role *role)
{
	char *summary = xasprintf("Allow %s in %s?", role->role_name, role->account_id);

	text_make_printable(summary);
	return summary;
}

/* Some desktops take a body for markup, others show its entities. */
static void remove_markup(char *text)
{
	for (; *text; text++)
		*text = *text == '<' ? '(' : *text == '>' ? '/' : *text == '&' ? '+' : *text;
}

static char *what_yes_means(const struct caller *caller, int64_t holds_s)
{
	const char *where = caller->share ? " there" : "";
	char duration[DURATION_SIZE];

	if (caller->stays)
		return xstrdup("Allow counts for this program, for as long as it runs.");
	if (holds_s == 0)
		return xasprintf("Allow counts for every program%s that waits for it.", where);
	return xasprintf("Allow counts for every program%s, for %s.", where,
			 duration_format(holds_s, duration));
}

/* One whose process cannot be seen from here runs in a container. */
static char *who_asks(pid_t pid)
{
	_cleanup_free_ char *program = pid ? program_of(pid) : NULL;

	return pid ? xasprintf("%.200s (pid %d)", program ? program : "A program", (int)pid)
		   : xstrdup("A program in a container");
}

char *confirmation_body(const struct confirmation_role *role, const struct caller *caller, int64_t holds_s)
{
	_cleanup_free_ char *who = who_asks(caller->pid), *meaning = what_yes_means(caller, holds_s);
	_cleanup_free_ char *share =
		caller->share ? xasprintf(" through what is lent as '%.100s'", caller->share) : xstrdup("");
	_cleanup_free_ char *from =
		role->origin ? xasprintf(" (assumed from %s)", role->origin) : xstrdup("");
	char *body = xasprintf("%s wants credentials%s: role %s, account %s%s, session %s. %s", who, share,
			       role->role_name, role->account_id, from, session_name(role->session), meaning);

	text_make_printable(body);
	remove_markup(body);
	return body;
}

#define NOT_CONFIRMED "role '%.64s' in %s is not confirmed: "

static void explain(const struct confirmation_role *role, enum confirmation_refusal why, int again_s,
		    struct error *err)
{
	const char *name = role->role_name, *account = role->account_id;

	switch (why) {
	case CONFIRMATION_DENIED:
		error_set(err, ERROR_DENIED,
			  NOT_CONFIRMED
			  "it was denied at the desktop: to be asked once more, try again in %d s",
			  name, account, again_s);
		return;
	case CONFIRMATION_CLOSED:
		error_set(err, ERROR_DENIED,
			  NOT_CONFIRMED
			  "its notification was closed: to be asked once more, try again in %d s",
			  name, account, again_s);
		return;
	case CONFIRMATION_UNANSWERED:
		error_set(err, ERROR_DENIED,
			  NOT_CONFIRMED "nobody has answered the notification: answer it, then try again",
			  name, account);
		return;
	case CONFIRMATION_SCREEN_IS_LOCKED:
		error_set(err, ERROR_DENIED, NOT_CONFIRMED "the screen is locked: unlock it, then try again",
			  name, account);
		return;
	case CONFIRMATION_SHOWS_NOTHING:
		error_set(err, ERROR_DENIED,
			  NOT_CONFIRMED
			  "nothing here shows notifications: try again at the desktop, or see confirm in "
			  "'man iamic-config'",
			  name, account);
		return;
	case CONFIRMATION_TOO_MANY:
		error_set(err, ERROR_DENIED,
			  NOT_CONFIRMED
			  "too many others are to be confirmed: answer a notification, then try again",
			  name, account);
		return;
	}
}

void confirmation_refuse(const struct confirmation_role *role, enum confirmation_refusal why, int64_t again_s,
			 struct error *err)
{
	explain(role, why, (int)again_s, err);
	error_prefix(err, "session '%.64s'", session_name(role->session));
	text_make_message(err->message);
}
