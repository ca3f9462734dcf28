#pragma once
/*
 * What 'iamic admin grant' is to do: from what is wanted, and what of it there is, to the steps between.
 * Pure.
 *
 *     user ──► group ──► user in group ──► permission set ──► policies ──► assignments
 *
 * Only what somebody asked for is wanted, so every part but one may lack.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GRANT_LIST_MAX 20

/* What an option gathers that may be given several times; the texts are borrowed. */
struct grant_list {
	const char *texts[GRANT_LIST_MAX];
	size_t n;
};

/* As the options say it; texts are NULL, and numbers 0, where they do not. */
struct grant_wish {
	const char *user_name, *given_name, *family_name, *display_name, *email, *group, *permission_set;
	struct grant_list policies; /* by name or ARN */
	struct grant_list accounts;
	int64_t session_s;
	bool updates; /* change what is there otherwise */
};

/* What of it there is; ids are NULL for what is not. */
struct grant_found {
	char *user_id, *group_id, *set_arn;
	bool user_differs; /* from what was said of its names and address */
	bool is_member;
	int64_t session_s; /* of the set */
	bool has_policy[GRANT_LIST_MAX];
	bool is_provisioned; /* the set, in some account; */
	bool is_outdated;    /* in one that does not have it as it is now */
	bool is_assigned[GRANT_LIST_MAX];
};

enum grant_kind {
	GRANT_USER,
	GRANT_GROUP,
	GRANT_MEMBERSHIP,
	GRANT_PERMISSION_SET,
	GRANT_SESSION, /* another length of a set that is there */
	GRANT_POLICY,
	GRANT_PROVISIONING, /* what has changed, to accounts that have the set */
	GRANT_ASSIGNMENT,
};

enum grant_state {
	GRANT_THERE,
	GRANT_DIFFERS, /* it is there otherwise, and stays so */
	GRANT_PLANNED,
	GRANT_DONE,
	GRANT_FAILED,
};

struct grant_step {
	enum grant_kind kind;
	size_t index; /* of a policy, or an account */
	enum grant_state state;
};

struct grant_plan {
	struct grant_step steps[6 + 2 * GRANT_LIST_MAX];
	size_t n;
};

/* Says nothing of AWS: what contradicts or needs each other is ERROR_USAGE. */
bool grant_check(const struct grant_wish *wish, struct error *err) MUST_CHECK;
/* In the order in which they can be done. ERROR_USAGE: something is to be made, and too little is said of
 * it. */
bool grant_plan(const struct grant_wish *wish, const struct grant_found *found, struct grant_plan *ret,
		struct error *err) MUST_CHECK;
size_t grant_count(const struct grant_plan *plan, enum grant_state state);
/* Is that what there is by now? */
bool grant_is_there(const struct grant_wish *wish, const struct grant_found *found,
		    const struct grant_step *step);
/* A step that makes nothing new. */
bool grant_is_change(const struct grant_step *step);
