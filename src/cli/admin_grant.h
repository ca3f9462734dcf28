#pragma once
/*
 * What the parts of 'iamic admin grant' share: what there is (admin_find.c), how the plan reads
 * (admin_text.c), and carrying it out (admin_apply.c). The plan itself is admin_plan.h.
 */
#include "cli/admin.h"
#include "cli/admin_plan.h"

void grant_found_done(struct grant_found *found);
/* Everything that is wanted. */
bool grant_find(const struct admin *admin, const struct grant_wish *wish, struct grant_found *ret,
		struct error *err) MUST_CHECK;
/* Once more what a step is about; what it builds on is known. */
bool grant_look(const struct admin *admin, const struct grant_wish *wish, const struct grant_step *step,
		struct grant_found *found, struct error *err) MUST_CHECK;
/* The ARN of a policy that is wanted; the caller's to free. */
char *grant_policy_arn(const struct admin *admin, const struct grant_wish *wish, size_t index);
/* What the assignments are for: "GROUP" and its id where there is one, else "USER". */
const char *grant_principal(const struct grant_wish *wish, const struct grant_found *found,
			    const char **ret_id);

/* "user 'alice'", for a message; the caller's to free. */
char *grant_step_name(const struct grant_wish *wish, const struct grant_step *step);
/* What more there is to say of it, or NULL; the caller's to free. */
char *grant_step_detail(const struct grant_wish *wish, const struct grant_found *found,
			const struct grant_step *step);
void grant_print_step(const struct grant_wish *wish, const struct grant_found *found,
		      const struct grant_step *step);
void grant_print_plan(const struct grant_wish *wish, const struct grant_found *found,
		      const struct grant_plan *plan);
json_t *grant_plan_json(const struct grant_wish *wish, const struct grant_found *found,
			const struct grant_plan *plan);

/* After each step, whether it was done or has failed. */
typedef void (*grant_progress_fn)(const struct grant_step *step, void *userdata);
/* What is planned, in order, each step once the one before has come into effect. Ends with the first that
 * fails. */
bool grant_apply(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
		 struct grant_plan *plan, grant_progress_fn on_step, void *userdata,
		 struct error *err) MUST_CHECK;
