#pragma once
/*
 * Accounts and roles that are assigned to the signed-in person, as AWS lists them: the accounts, then the
 * roles of each that is asked about, several at a time, with a line of progress on a terminal.
 */
#include <jansson.h>

#include "aws/names.h"
#include "aws/role_pattern.h"
#include "base/error.h"
#include "ipc/client.h"

struct assignments {
	json_t *accounts;   /* rows of ListAccounts */
	struct names index; /* of them, by id */
	json_t **roles;     /* of each account: rows of ListRoles; NULL: not asked about, or not learnt */
	size_t n_unknown;   /* accounts whose roles could not be learnt; then the listing is incomplete */
	struct error why;   /* the first of them */
};

/* Which roles are meant: an account that is out has its roles not asked about. */
struct role_choice {
	struct role_patterns include, exclude; /* no include: all */
};

bool role_choice_has(const struct role_choice *choice, const struct role_name *role);

/*
 * max_age_s: what AWS has listed no longer ago will do; 0: it is asked. What is about one account only is a
 * warning, and what its roles are stays unknown; three such in a row end the listing. What is about the
 * session ends it at once.
 */
bool assignments_list(struct client *client, const char *session, const struct role_choice *choice,
		      int max_age_s, struct assignments *ret, struct error *err) MUST_CHECK;
void assignments_done(struct assignments *assignments);

/* The account of that row; the texts are the row's. */
struct role_name assignments_account(const struct assignments *assignments, size_t i);
/* False only where the listing says so: the account is not in it, or its roles are and lack this one. */
bool assignments_may_have(const struct assignments *assignments, const char *account_id,
			  const char *role_name);
