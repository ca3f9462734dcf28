#pragma once
/*
 * One role as the gate keeps it: what was granted, who waits for it, and when it is renewed. Of roles*.c
 * alone, with what these share.
 */
#include "daemon/confirmation.h"
#include "daemon/role_assume.h"
#include "daemon/role_cache.h"
#include "daemon/role_fetch.h"
#include "daemon/roles.h"

struct roles {
	struct session_deps deps;
	const struct endpoint_options *endpoints; /* main's */
	struct role_cache *cache;                 /* struct role_entry, by .cached */
	struct ledger *ledger;                    /* main's */
	struct confirmation *confirmation;
};

struct role_entry {
	struct cached_role cached;
	struct roles *roles;
	bool was_used;          /* since they were granted */
	uint64_t fetched_usec;  /* when a fetch last began; 0: never */
	unsigned jitter;        /* of its renewals */
	sd_event_source *timer; /* renewal, then expiry */

	struct role_fetch *fetch;   /* under way, or NULL */
	struct role_assume *assume; /* the same, of a role that is assumed from another one */
	bool is_background;
	bool is_answering; /* it must not go now */
	uint64_t deadline_usec;
	struct list waiters; /* struct role_waiter, by .link */
};

struct role_waiter {
	struct list link;
	struct confirmation_waiter *question; /* first this, where a person has to allow it; or NULL */
	struct role_key *wanted;              /* with it */
	uint64_t asked_usec, deadline_usec;
	struct role_entry *entry; /* then this; NULL once answered */
	struct roles *roles;
	struct caller caller;
	bool awaits_login, is_asked_again;
	role_fn fn;
	void *userdata;
};

/* NULL for NULL. */
struct role_entry *role_entry_of(struct cached_role *cached);
struct role_entry *role_entry_new(struct roles *roles, const struct role_key *key);
struct role_entry *role_entry_free(struct role_entry *entry);
/* What role_cache_new() wants. */
bool role_entry_forget(struct cached_role *cached);

bool role_entry_is_fetching(const struct role_entry *entry);
bool role_entry_has_valid(const struct role_entry *entry);
bool role_entry_may_fetch(const struct role_entry *entry);
/* Is it a person that its fetch waits for, and would wait for as long as it takes? */
bool role_entry_awaits_login(const struct role_entry *entry);

void role_entry_start_fetch(struct role_entry *entry, bool awaits_login);
/* Someone else waits for the fetch under way, and longer. */
void role_entry_extend(struct role_entry *entry, uint64_t deadline_usec);
void role_entry_stop_fetch(struct role_entry *entry);
/* Everyone who waits hears the same: err or, if that is NULL, what is kept. */
void role_entry_answer(struct role_entry *entry, const struct error *err);
/* Puts on record that the caller gets them. */
void role_entry_hand_out(const struct role_entry *entry, const struct caller *caller);
/* A renewal, the last one before the portal session ends, or, if neither is to come, their own end. */
void role_entry_arm_timer(struct role_entry *entry);
/* Its time has come, whatever it waited for. */
void role_entry_time_now(struct role_entry *entry);

/* roles.c */
/* Waits for nobody: ROLES_LATER is what AWS must be asked for, by *ret_entry if that is there. */
enum roles_answer roles_look(struct roles *roles, const struct role_wish *wish, struct role_entry **ret_entry,
			     struct error *err) MUST_CHECK;
/* As roles_get(), behind lock and confirmation. */
enum roles_answer roles_get_allowed(struct roles *roles, const struct caller *caller,
				    const struct role_wish *wish, role_fn fn, void *userdata,
				    const struct credentials **ret_now, struct role_waiter **ret_waiter,
				    struct error *err) MUST_CHECK;
struct role_waiter *role_waiter_new(struct roles *roles, const struct caller *caller,
				    const struct role_wish *wish, role_fn fn, void *userdata);
/* It waits for what the entry gets. */
void role_waiter_join(struct role_waiter *waiter, struct role_entry *entry);

/* roles_confirm.c: the same once a person has allowed it. */
enum roles_answer roles_get_confirmed(struct roles *roles, const struct caller *caller,
				      const struct role_wish *wish, role_fn fn, void *userdata,
				      const struct credentials **ret_now, struct role_waiter **ret_waiter,
				      struct error *err) MUST_CHECK;
