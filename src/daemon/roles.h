#pragma once
/*
 * Role credentials: the one gate through which every credential leaves.
 *
 * What is kept (role_cache.h) is renewed in the background while in use, so that in the steady state nobody
 * waits for AWS, and once more shortly before the portal session ends, so that it outlasts it. However many
 * ask for one role at once, one request goes upstream (role_fetch.h, role_assume.h).
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/caller.h"
#include "daemon/ledger.h"
#include "daemon/role_cache.h"
#include "daemon/session.h"

struct roles;
struct role_waiter;

struct role_wish {
	struct role_key role;
	bool awaits_login;      /* waits for a sign-in instead of failing */
	bool is_asked_again;    /* by the caller, for what it waited for: only that counts as handed out */
	uint64_t deadline_usec; /* how long AWS is worth asking */
};

/* credentials NULL: err says why. Both are gone when the callback returns. */
typedef void (*role_fn)(const struct credentials *credentials, const struct error *err, void *userdata);

enum roles_answer { ROLES_NOW, ROLES_LATER, ROLES_REFUSED };

/* endpoints and ledger: main's. */
struct roles *roles_new(const struct session_deps *deps, const struct endpoint_options *endpoints,
			struct ledger *ledger);

/*
 * ROLES_NOW sets *ret_now, which is good until the caller returns to the loop: the warm path, which waits for
 * nothing. ROLES_REFUSED sets err. ROLES_LATER sets *ret_waiter, and fn is called once, from the loop.
 */
enum roles_answer roles_get(struct roles *roles, const struct caller *caller, const struct role_wish *wish,
			    role_fn fn, void *userdata, const struct credentials **ret_now,
			    struct role_waiter **ret_waiter, struct error *err) MUST_CHECK;
/* It waits longer. */
void role_waiter_extend(struct role_waiter *waiter, uint64_t deadline_usec);
/* Is it a person that it waits for? Then err says what the person has to do. */
bool role_waiter_needs_person(const struct role_waiter *waiter, struct error *err);
/* Is it an answer to a question at the desktop (confirmation.h)? Then err says that there is none. */
bool role_waiter_needs_answer(const struct role_waiter *waiter, struct error *err);
struct role_waiter *role_waiter_free(struct role_waiter *waiter);
DEFINE_CLEANUP(struct role_waiter *, role_waiter_free)

/* All of a session's and its namesakes'; whoever waits for one hears that it was signed out. */
void roles_forget(struct roles *roles, const struct session *session);

/* All there are, once iamic is locked: whoever waits for one hears that. */
void roles_lock(struct roles *roles);

/* confirmation.h: endpoint is what the caller asks through from now on, until it ends. */
void roles_endpoint_allowed(struct roles *roles, const struct role_key *role, const void *endpoint);
void roles_endpoint_ended(struct roles *roles, const void *endpoint);
/* The keys of that may have changed. */
void roles_confirm_again(struct roles *roles);
/* Is a person being asked? */
bool roles_await_answer(const struct roles *roles);

/* Something else is known of when portal sessions end: roles in use are to be renewed before that. */
void roles_foretell_again(struct roles *roles);

struct role_status {
	const struct session *session;
	const char *account_id, *role_name; /* of the assumed role, where it is one */
	const char *role_arn;               /* of that; NULL: the portal's */
	int64_t expires;
};
typedef void (*roles_visit_fn)(const struct role_status *role, void *userdata);
/*
 * The portal's one of that session that was used last, be it under an earlier sign-in; false: none is in use.
 */
bool roles_last_used(const struct roles *roles, const struct session *session, struct role_status *ret);
/* Those that hold credentials which have not expired, the most recently used first. */
void roles_visit(const struct roles *roles, roles_visit_fn fn, void *userdata);
