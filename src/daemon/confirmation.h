#pragma once
/*
 * The keys confirm and confirm_for: credentials of some roles leave only when a person at the desktop has
 * allowed it.
 *
 * However many ask for a role there is one question, and all of them get its answer. A yes is for the role,
 * whichever program asks: what a program calls itself is no proof of what it is. It holds for confirm_for, or
 * for those who wait when that is 0. One to a caller that stays (an endpoint) is for that alone, until it
 * ends. A no holds for some seconds, so that a program in a loop is not a storm of questions.
 */
#include "base/error.h"
#include "daemon/caller.h"
#include "daemon/role_cache.h"

struct confirmation;
struct confirmation_waiter;

struct confirmation *confirmation_new(const struct session_deps *deps);

/* Need nobody be asked, because of what is configured, or of what was answered? On the warm path. */
bool confirmation_covers(const struct confirmation *confirmation, const struct caller *caller,
			 const struct role_key *role);

enum confirmation_answer { CONFIRMATION_YES, CONFIRMATION_NO, CONFIRMATION_LATER };
/* From the loop, once. err NULL: yes. May free the waiter. */
typedef void (*confirmation_fn)(const struct error *err, void *userdata);

/* NO sets err; LATER sets *ret_waiter, and fn is called. */
enum confirmation_answer confirmation_ask(struct confirmation *confirmation, const struct caller *caller,
					  const struct role_key *role, confirmation_fn fn, void *userdata,
					  struct confirmation_waiter **ret_waiter,
					  struct error *err) MUST_CHECK;
/* Why whoever waits has no answer yet. */
void confirmation_explain_silence(const struct confirmation_waiter *waiter, struct error *err);
/* The question stays: a late answer is for who asks next. */
struct confirmation_waiter *confirmation_waiter_free(struct confirmation_waiter *waiter);

/* A caller that stays was allowed what it asks for through its endpoint, until that ends. */
void confirmation_endpoint_allowed(struct confirmation *confirmation, const struct role_key *role,
				   const void *endpoint);
void confirmation_endpoint_ended(struct confirmation *confirmation, const void *endpoint);

/* Ends what was answered or asked about a session's and its namesakes' roles; NULL: all. Waiters hear why. */
void confirmation_forget(struct confirmation *confirmation, const struct session *session,
			 const struct error *why);
/* Something else is configured: what need not be asked any more is not. */
void confirmation_look_again(struct confirmation *confirmation);
/* Is a question open? */
bool confirmation_awaits_person(const struct confirmation *confirmation);
