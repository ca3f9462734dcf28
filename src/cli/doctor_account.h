#pragma once
/* The account behind a role: every call is made with that role. */
#include "cli/doctor.h"
#include "cli/signed_call.h"

struct account {
	struct doctor *doctor;
	struct signed_caller caller; /* in the region of the session, where Identity Center is */
	char *id, *role;             /* of who asks; or NULL */
};

/* What the role may not look at is unknown, and no fault. */
void account_add_unknown(const struct account *account, const char *id, const char *object,
			 const struct error *err);

/* The instance of Identity Center, and how long the role's permission set lets credentials live. */
void account_check_instance(const struct account *account);
