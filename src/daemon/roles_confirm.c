/*
 *   the gate ──► a person is asked (confirmation.h) ──► as if asked for just now (roles_look())
 *                   └──(no)──► refused
 */
#include "base/clock.h"
#include "daemon/role_entry.h"

static void allow_endpoint(struct roles *roles, const struct caller *caller, const struct role_key *role)
{
	if (caller->endpoint)
		confirmation_endpoint_allowed(roles->confirmation, role, caller->endpoint);
}

/* Whoever waited for a person goes on to wait for AWS, if need be. */
static void on_allowed(struct role_waiter *waiter)
{
	struct roles *roles = waiter->roles;
	const struct role_wish wish = {.role = *waiter->wanted, .awaits_login = waiter->awaits_login};
	const struct credentials *now;
	struct role_entry *entry;
	struct error err;

	allow_endpoint(roles, &waiter->caller, waiter->wanted);
	waiter->deadline_usec += clock_boot_usec() - waiter->asked_usec; /* AWS has its own time */
	switch (roles_look(roles, &wish, &entry, &err)) {
	case ROLES_NOW:
		entry->was_used = true;
		if (!waiter->is_asked_again)
			role_entry_hand_out(entry, &waiter->caller);
		now = entry->cached.credentials;
		waiter->fn(now, NULL, waiter->userdata); /* may free waiter: nothing of it after this line */
		return;
	case ROLES_REFUSED:
		waiter->fn(NULL, &err, waiter->userdata); /* may free waiter: nothing of it after this line */
		return;
	case ROLES_LATER:
		role_waiter_join(waiter, entry ? entry : role_entry_new(roles, waiter->wanted));
		return;
	}
}

static void on_answer(const struct error *err, void *userdata)
{
	struct role_waiter *waiter = userdata;

	waiter->question = confirmation_waiter_free(waiter->question);
	if (err)
		waiter->fn(NULL, err, waiter->userdata); /* may free waiter: nothing of it after this line */
	else
		on_allowed(waiter); /* nothing of waiter after this line */
}

enum roles_answer roles_get_confirmed(struct roles *roles, const struct caller *caller,
				      const struct role_wish *wish, role_fn fn, void *userdata,
				      const struct credentials **ret_now, struct role_waiter **ret_waiter,
				      struct error *err)
{
	struct role_waiter *waiter = role_waiter_new(roles, caller, wish, fn, userdata);

	switch (confirmation_ask(roles->confirmation, caller, &wish->role, on_answer, waiter,
				 &waiter->question, err)) {
	case CONFIRMATION_LATER:
		waiter->wanted = role_key_copy(&wish->role);
		*ret_waiter = waiter;
		return ROLES_LATER;
	case CONFIRMATION_YES:
		role_waiter_free(waiter);
		allow_endpoint(roles, caller, &wish->role);
		return roles_get_allowed(roles, caller, wish, fn, userdata, ret_now, ret_waiter, err);
	case CONFIRMATION_NO:
		break;
	}
	role_waiter_free(waiter);
	return ROLES_REFUSED;
}

bool role_waiter_needs_answer(const struct role_waiter *waiter, struct error *err)
{
	if (waiter->question)
		confirmation_explain_silence(waiter->question, err);
	return waiter->question;
}

void roles_endpoint_allowed(struct roles *roles, const struct role_key *role, const void *endpoint)
{
	confirmation_endpoint_allowed(roles->confirmation, role, endpoint);
}

void roles_endpoint_ended(struct roles *roles, const void *endpoint)
{
	confirmation_endpoint_ended(roles->confirmation, endpoint);
}

void roles_confirm_again(struct roles *roles)
{
	confirmation_look_again(roles->confirmation);
}

bool roles_await_answer(const struct roles *roles)
{
	return confirmation_awaits_person(roles->confirmation);
}
