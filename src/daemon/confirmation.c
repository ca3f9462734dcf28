/*
 *   asked ──► question ──(Allow)──► yes, for a while ──► (asked again: the next question)
 *                │  └──(Deny, closed, nobody answers)──► no, for some seconds
 *                └──(no desktop, screen locked)──► refused, and nothing is remembered
 */
#include "daemon/confirmation.h"

#include <stdlib.h>
#include <string.h>

#include "aws/role_pattern.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/confirmation_text.h"
#include "daemon/desktop_question.h"
#include "daemon/endpoint_yeses.h"
#include "daemon/timer.h"

#define QUESTION_USEC (120 * USEC_PER_SEC) /* after that whoever asked has gone on without */
#define NO_USEC       (10 * USEC_PER_SEC)
#define LATE_YES_USEC (60 * USEC_PER_SEC) /* for one call, when nobody waited for it any more */
#define QUESTIONS_MAX 8                   /* on one screen, */
#define LENT_MAX      4                   /* of them for what is lent */

struct confirmation {
	struct session_deps deps;
	struct list matters; /* struct matter, by .link */
	struct list endpoints;
};

/* A role that was asked about, on behalf of callers who stay, or of those who do not. */
struct matter {
	struct list link;
	struct confirmation *confirmation;
	struct confirmation_role role;
	struct role_key *key; /* the first that it was asked by */
	bool stays;
	char *share; /* of those callers; or NULL */

	struct desktop_question *question; /* open, or NULL */
	sd_event_source *deadline;         /* of that */
	int64_t holds_s;                   /* what it says of a yes */
	struct list waiters;               /* struct confirmation_waiter, by .link */

	uint64_t yes_usec, late_yes_usec; /* when the last one was given; 0: none */
	uint64_t no_usec;
	enum confirmation_refusal no;
};

struct confirmation_waiter {
	struct list link;
	struct matter *matter;
	confirmation_fn fn;
	void *userdata;
};

/* ---- what is configured ---- */

static const struct settings *settings_of(const struct confirmation *confirmation)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;

	return configuration_get(confirmation->deps.configuration, &config, &settings, &ignored) ? settings
												 : NULL;
}

static bool is_listed(const struct settings *settings, const char *account_id, const char *role_name)
{
	const struct role_name role = {.account_id = account_id, .role_name = role_name};

	return settings && settings->confirm && role_list_matches(settings->confirm, &role);
}

/* Whoever has what is assumed from a role has had that role do it. */
static bool must_ask(const struct settings *settings, const struct role_key *key)
{
	const struct assumption *assumed = key->assumed;

	while (assumed && !is_listed(settings, assumed->account_id, assumed->role_name))
		assumed = assumed->source;
	return assumed || is_listed(settings, key->account_id, key->role_name);
}

/* ---- what was answered ---- */

static bool is_same_share(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Programs of the person's cannot be told apart for sure; those to whom something is lent can. A yes to the
 * one is none to the other. */
static struct matter *find(const struct confirmation *confirmation, const struct role_key *key,
			   const struct caller *caller)
{
	struct matter *matter;

	list_for_each (matter, &confirmation->matters, struct matter, link) {
		if (matter->stays == caller->stays && is_same_share(matter->share, caller->share) &&
		    confirmation_role_is(&matter->role, key))
			return matter;
	}
	return NULL;
}

static struct matter *matter_free(struct matter *matter)
{
	list_remove(&matter->link);
	desktop_question_free(matter->question);
	timer_disarm(&matter->deadline);
	confirmation_role_done(&matter->role);
	role_key_free(matter->key);
	free(matter->share);
	free(matter);
	return NULL;
}

static bool is_within(uint64_t since_usec, uint64_t length_usec)
{
	return since_usec && clock_boot_usec() - since_usec < length_usec;
}

/* No longer than the person was told, and than is configured now. */
static bool has_yes(const struct matter *matter, const struct settings *settings)
{
	int64_t holds_s =
		matter->holds_s < settings->confirm_for_s ? matter->holds_s : settings->confirm_for_s;

	return !matter->stays && is_within(matter->yes_usec, (uint64_t)holds_s * USEC_PER_SEC);
}

static bool is_worth_keeping(const struct matter *matter)
{
	const struct settings *settings = settings_of(matter->confirmation);

	return matter->question || !list_is_empty(&matter->waiters) ||
	       (settings && has_yes(matter, settings)) || is_within(matter->late_yes_usec, LATE_YES_USEC) ||
	       is_within(matter->no_usec, NO_USEC);
}

static struct matter *matter_new(struct confirmation *confirmation, const struct role_key *key,
				 const struct caller *caller)
{
	struct matter *matter;

	list_for_each (matter, &confirmation->matters, struct matter, link) {
		if (!is_worth_keeping(matter))
			matter_free(matter);
	}
	matter = xcalloc(1, sizeof(*matter));
	matter->confirmation = confirmation;
	matter->stays = caller->stays;
	matter->share = xstrdup_or_null(caller->share);
	matter->role = confirmation_role_new(key);
	matter->key = role_key_copy(key);
	list_init(&matter->waiters);
	list_append(&confirmation->matters, &matter->link);
	return matter;
}

bool confirmation_covers(const struct confirmation *confirmation, const struct caller *caller,
			 const struct role_key *role)
{
	const struct settings *settings = settings_of(confirmation);
	const struct matter *matter;

	if (caller->is_iamicd || !must_ask(settings, role))
		return true;
	if (caller->endpoint && endpoint_yeses_have(&confirmation->endpoints, role, caller->endpoint))
		return true;
	matter = find(confirmation, role, caller);
	return matter && has_yes(matter, settings);
}

/* ---- a question ---- */

static void end_question(struct matter *matter)
{
	matter->question = desktop_question_free(matter->question);
	timer_disarm(&matter->deadline);
}

/* A callback may ask again, and free other waiters: nothing of any matter after this. */
static void tell(struct list *waiters, const struct error *err)
{
	struct confirmation_waiter *waiter;

	while ((waiter = list_first(waiters, struct confirmation_waiter, link))) {
		list_remove(&waiter->link);
		waiter->fn(err, waiter->userdata); /* may free waiter */
	}
}

static void tell_all(struct matter *matter, const struct error *err)
{
	struct list waiters;

	list_init(&waiters);
	list_splice(&waiters, &matter->waiters);
	tell(&waiters, err);
}

static void say_no(struct matter *matter, enum confirmation_refusal why)
{
	struct error err;

	confirmation_refuse(&matter->role, why, NO_USEC / USEC_PER_SEC, &err);
	log_info("%s", err.message);
	tell_all(matter, &err);
}

static void remember_no(struct matter *matter, enum confirmation_refusal why)
{
	matter->no_usec = clock_boot_usec();
	matter->no = why;
	say_no(matter, why);
}

static void say_yes(struct matter *matter)
{
	uint64_t now = clock_boot_usec();

	log_info("role '%s' in %s: confirmed", matter->role.role_name, matter->role.account_id);
	if (list_is_empty(&matter->waiters))
		matter->late_yes_usec = now;
	matter->yes_usec = now;
	tell_all(matter, NULL);
}

static void on_answer(enum desktop_answer answer, void *userdata)
{
	struct matter *matter = userdata;

	end_question(matter);
	switch (answer) {
	case DESKTOP_YES:
		say_yes(matter);
		return;
	case DESKTOP_NO:
		remember_no(matter, CONFIRMATION_DENIED);
		return;
	case DESKTOP_CLOSED:
		remember_no(matter, CONFIRMATION_CLOSED);
		return;
	case DESKTOP_SCREEN_IS_LOCKED:
		say_no(matter, CONFIRMATION_SCREEN_IS_LOCKED);
		return;
	case DESKTOP_SHOWS_NOTHING:
		say_no(matter, CONFIRMATION_SHOWS_NOTHING);
		return;
	}
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct matter *matter = userdata;

	(void)source;
	(void)usec;
	end_question(matter);
	remember_no(matter, CONFIRMATION_UNANSWERED);
	return 0;
}

static void put(struct matter *matter, const struct caller *caller, int64_t holds_s)
{
	struct confirmation *confirmation = matter->confirmation;
	_cleanup_free_ char *summary = confirmation_summary(&matter->role);
	_cleanup_free_ char *body = confirmation_body(&matter->role, caller, holds_s);
	const struct desktop_question_text text = {summary, body, "Allow", "Deny"};

	log_info("role '%s' in %s: to be confirmed for pid %d", matter->role.role_name,
		 matter->role.account_id, (int)caller->pid);
	matter->holds_s = holds_s;
	matter->yes_usec = 0;
	matter->question = desktop_ask(confirmation->deps.desktop, &text, on_answer, matter);
	timer_arm(confirmation->deps.event, &matter->deadline, clock_boot_usec() + QUESTION_USEC, on_deadline,
		  matter);
}

static bool are_too_many(const struct confirmation *confirmation, bool is_lent)
{
	const struct matter *matter;
	unsigned n = 0, n_lent = 0;

	list_for_each (matter, &confirmation->matters, struct matter, link) {
		n += matter->question != NULL;
		n_lent += matter->question && matter->share;
	}
	return n >= QUESTIONS_MAX || (is_lent && n_lent >= LENT_MAX);
}

static bool refuses(struct matter *matter, struct error *err)
{
	uint64_t left_usec;

	if (is_within(matter->no_usec, NO_USEC)) {
		left_usec = matter->no_usec + NO_USEC - clock_boot_usec();
		confirmation_refuse(&matter->role, matter->no, (int64_t)(left_usec / USEC_PER_SEC) + 1, err);
		return true;
	}
	if (matter->question || !are_too_many(matter->confirmation, matter->share))
		return false;
	confirmation_refuse(&matter->role, CONFIRMATION_TOO_MANY, 0, err);
	return true;
}

enum confirmation_answer confirmation_ask(struct confirmation *confirmation, const struct caller *caller,
					  const struct role_key *role, confirmation_fn fn, void *userdata,
					  struct confirmation_waiter **ret_waiter, struct error *err)
{
	const struct settings *settings = settings_of(confirmation);
	struct matter *matter = find(confirmation, role, caller);
	struct confirmation_waiter *waiter;

	if (confirmation_covers(confirmation, caller, role))
		return CONFIRMATION_YES;
	if (!matter)
		matter = matter_new(confirmation, role, caller);
	if (is_within(matter->late_yes_usec, LATE_YES_USEC)) {
		matter->late_yes_usec = 0;
		return CONFIRMATION_YES;
	}
	if (refuses(matter, err))
		return CONFIRMATION_NO;
	if (!matter->question)
		put(matter, caller, settings->confirm_for_s);
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct confirmation_waiter){.matter = matter, .fn = fn, .userdata = userdata};
	list_append(&matter->waiters, &waiter->link);
	*ret_waiter = waiter;
	return CONFIRMATION_LATER;
}

void confirmation_explain_silence(const struct confirmation_waiter *waiter, struct error *err)
{
	confirmation_refuse(&waiter->matter->role, CONFIRMATION_UNANSWERED, 0, err);
}

struct confirmation_waiter *confirmation_waiter_free(struct confirmation_waiter *waiter)
{
	if (!waiter)
		return NULL;
	list_remove(&waiter->link);
	free(waiter);
	return NULL;
}

/* ---- endpoints ---- */

void confirmation_endpoint_allowed(struct confirmation *confirmation, const struct role_key *role,
				   const void *endpoint)
{
	if (must_ask(settings_of(confirmation), role))
		endpoint_yeses_add(&confirmation->endpoints, role, endpoint);
}

void confirmation_endpoint_ended(struct confirmation *confirmation, const void *endpoint)
{
	endpoint_yeses_end(&confirmation->endpoints, endpoint);
}

/* ---- the whole ---- */

void confirmation_forget(struct confirmation *confirmation, const struct session *session,
			 const struct error *why)
{
	struct matter *matter;
	struct list waiters;

	list_init(&waiters);
	endpoint_yeses_forget(&confirmation->endpoints, session);
	list_for_each (matter, &confirmation->matters, struct matter, link) {
		if (!confirmation_role_is_of(&matter->role, session))
			continue;
		end_question(matter);
		matter->yes_usec = matter->late_yes_usec = matter->no_usec = 0;
		list_splice(&waiters, &matter->waiters);
	}
	tell(&waiters, why);
}

void confirmation_look_again(struct confirmation *confirmation)
{
	const struct settings *settings = settings_of(confirmation);
	struct matter *matter;
	struct list waiters;

	list_init(&waiters);
	list_for_each (matter, &confirmation->matters, struct matter, link) {
		if (!matter->question || must_ask(settings, matter->key))
			continue;
		end_question(matter);
		list_splice(&waiters, &matter->waiters);
	}
	tell(&waiters, NULL);
}

bool confirmation_awaits_person(const struct confirmation *confirmation)
{
	const struct matter *matter;

	list_for_each (matter, &confirmation->matters, struct matter, link) {
		if (matter->question)
			return true;
	}
	return false;
}

struct confirmation *confirmation_new(const struct session_deps *deps)
{
	struct confirmation *confirmation = xcalloc(1, sizeof(*confirmation));

	confirmation->deps = *deps;
	list_init(&confirmation->matters);
	list_init(&confirmation->endpoints);
	return confirmation;
}
