/* How the plan of 'iamic admin grant' reads: a line a step, as a person or a program reads it. */
#include <stdio.h>
#include <stdlib.h>

#include "aws/duration.h"
#include "aws/managed_policy.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/admin_grant.h"
#include "cli/output.h"

#define INDENT          4
#define SESSION_USUAL_S 3600

static const struct {
	const char *name, *sign;
	enum style style;
} states[] = {
	[GRANT_THERE] = {"there", "=", STYLE_PLAIN},    [GRANT_DIFFERS] = {"differs", "~", STYLE_WAITING},
	[GRANT_PLANNED] = {"planned", "+", STYLE_GOOD}, [GRANT_DONE] = {"done", "+", STYLE_GOOD},
	[GRANT_FAILED] = {"failed", "!", STYLE_BAD},
};

static const char *const kinds[] = {
	[GRANT_USER] = "user",
	[GRANT_GROUP] = "group",
	[GRANT_MEMBERSHIP] = "membership",
	[GRANT_PERMISSION_SET] = "permission-set",
	[GRANT_SESSION] = "session-duration",
	[GRANT_POLICY] = "policy",
	[GRANT_PROVISIONING] = "provisioning",
	[GRANT_ASSIGNMENT] = "assignment",
};

char *grant_step_name(const struct grant_wish *wish, const struct grant_step *step)
{
	switch (step->kind) {
	case GRANT_USER:
		return xasprintf("user '%s'", wish->user_name);
	case GRANT_GROUP:
		return xasprintf("group '%s'", wish->group);
	case GRANT_MEMBERSHIP:
		return xasprintf("membership of '%s' in '%s'", wish->user_name, wish->group);
	case GRANT_PERMISSION_SET:
		return xasprintf("permission set '%s'", wish->permission_set);
	case GRANT_SESSION:
		return xasprintf("session duration of '%s'", wish->permission_set);
	case GRANT_POLICY:
		return xasprintf("policy '%s' in '%s'",
				 managed_policy_name(wish->policies.texts[step->index]),
				 wish->permission_set);
	case GRANT_PROVISIONING:
		return xasprintf("provisioning of '%s' to its accounts", wish->permission_set);
	case GRANT_ASSIGNMENT:
	default:
		return xasprintf("assignment of '%s' to %s '%s' in %s", wish->permission_set,
				 wish->group ? "group" : "user", wish->group ? wish->group : wish->user_name,
				 wish->accounts.texts[step->index]);
	}
}

static char *user_detail(const struct grant_wish *wish, const struct grant_step *step)
{
	if (step->state == GRANT_DIFFERS)
		return xstrdup("has another name or address, and keeps it");
	if (step->state == GRANT_THERE)
		return NULL;
	return wish->display_name ? xasprintf("%s, %s", wish->display_name, wish->email)
				  : xasprintf("%s %s, %s", wish->given_name, wish->family_name, wish->email);
}

static char *session_detail(const struct grant_wish *wish, const struct grant_found *found,
			    const struct grant_step *step)
{
	char wanted[DURATION_SIZE], there[DURATION_SIZE];

	duration_format(wish->session_s, wanted);
	if (step->state == GRANT_DONE)
		return xstrdup(wanted);
	return xasprintf(step->state == GRANT_DIFFERS ? "is %s, and with --update %s" : "%s becomes %s",
			 duration_format(found->session_s, there), wanted);
}

char *grant_step_detail(const struct grant_wish *wish, const struct grant_found *found,
			const struct grant_step *step)
{
	char text[DURATION_SIZE];

	if (step->kind == GRANT_USER)
		return user_detail(wish, step);
	if (step->kind == GRANT_SESSION)
		return session_detail(wish, found, step);
	if (step->kind == GRANT_PERMISSION_SET && step->state != GRANT_THERE)
		return xasprintf("sessions of %s",
				 duration_format(wish->session_s ? wish->session_s : SESSION_USUAL_S, text));
	return NULL;
}

void grant_print_step(const struct grant_wish *wish, const struct grant_found *found,
		      const struct grant_step *step)
{
	static const char *const behind[] = {[GRANT_DONE] = " (done)", [GRANT_FAILED] = " (failed)"};
	bool is_change = step->state == GRANT_PLANNED && grant_is_change(step);
	_cleanup_free_ char *name = grant_step_name(wish, step);
	_cleanup_free_ char *detail = grant_step_detail(wish, found, step);
	_cleanup_free_ char *line = xasprintf("%s%s%s%s", name, detail ? ": " : "", detail ? detail : "",
					      step->state >= GRANT_DONE ? behind[step->state] : "");

	fputs("  ", stdout);
	print_styled(is_change ? STYLE_WAITING : states[step->state].style,
		     grant_is_change(step) && step->state != GRANT_FAILED ? "~" : states[step->state].sign);
	putchar(' ');
	print_styled_words(STYLE_PLAIN, line, INDENT, INDENT);
}

static void print_counts(const struct grant_plan *plan)
{
	size_t there = grant_count(plan, GRANT_THERE), otherwise = grant_count(plan, GRANT_DIFFERS);
	size_t planned = grant_count(plan, GRANT_PLANNED), changes = 0;

	for (size_t i = 0; i < plan->n; i++)
		changes += plan->steps[i].state == GRANT_PLANNED && grant_is_change(&plan->steps[i]);
	printf("%zu to make, %zu to change, %zu there already", planned - changes, changes,
	       there + otherwise);
	if (otherwise > 0)
		printf(" (%zu otherwise)", otherwise);
	putchar('\n');
}

void grant_print_plan(const struct grant_wish *wish, const struct grant_found *found,
		      const struct grant_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		grant_print_step(wish, found, &plan->steps[i]);
	print_counts(plan);
}

static const char *account_of(const struct grant_wish *wish, const struct grant_step *step)
{
	return step->kind == GRANT_ASSIGNMENT ? wish->accounts.texts[step->index] : NULL;
}

json_t *grant_plan_json(const struct grant_wish *wish, const struct grant_found *found,
			const struct grant_plan *plan)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < plan->n; i++) {
		const struct grant_step *step = &plan->steps[i];
		_cleanup_free_ char *name = grant_step_name(wish, step);
		_cleanup_free_ char *detail = grant_step_detail(wish, found, step);

		json_array_append_new(steps,
				      json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "kind", kinds[step->kind],
						"state", states[step->state].name, "object", name, "detail",
						detail, "accountId", account_of(wish, step)));
	}
	return steps;
}
