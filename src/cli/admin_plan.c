#include "cli/admin_plan.h"

static bool says_how_to_make_user(const struct grant_wish *wish)
{
	return wish->given_name || wish->family_name || wish->display_name || wish->email;
}

static bool check_set(const struct grant_wish *wish, struct error *err)
{
	if (!wish->permission_set && (wish->policies.n > 0 || wish->session_s || wish->updates))
		return error_set(err, ERROR_USAGE,
				 "'--policy', '--session-duration' and '--update' need '--permission-set'");
	if (wish->updates && !wish->session_s)
		return error_set(err, ERROR_USAGE, "'--update' needs '--session-duration'");
	if (wish->accounts.n > 0 && (!wish->permission_set || (!wish->user_name && !wish->group)))
		return error_set(
			err, ERROR_USAGE,
			"'--target-account' needs '--permission-set', and '--group' or '--user-name'");
	return true;
}

bool grant_check(const struct grant_wish *wish, struct error *err)
{
	if (!wish->user_name && !wish->group && !wish->permission_set)
		return error_set(
			err, ERROR_USAGE,
			"what is there to be? name it with --user-name, --group or --permission-set");
	if (!wish->user_name && says_how_to_make_user(wish))
		return error_set(err, ERROR_USAGE,
				 "'--given-name', '--family-name', '--display-name' and '--email' need "
				 "'--user-name'");
	return check_set(wish, err);
}

static void add(struct grant_plan *plan, enum grant_kind kind, size_t index, enum grant_state state)
{
	plan->steps[plan->n++] = (struct grant_step){kind, index, state};
}

static enum grant_state there_or_planned(bool is_there)
{
	return is_there ? GRANT_THERE : GRANT_PLANNED;
}

static bool plan_user(const struct grant_wish *wish, const struct grant_found *found, struct grant_plan *plan,
		      struct error *err)
{
	if (!wish->user_name)
		return true;
	if (!found->user_id && (!wish->given_name || !wish->family_name || !wish->email))
		return error_set(err, ERROR_USAGE,
				 "user '%.128s' is not there: to make it, give --given-name, --family-name "
				 "and --email as well",
				 wish->user_name);
	add(plan, GRANT_USER, 0,
	    found->user_id && found->user_differs ? GRANT_DIFFERS : there_or_planned(found->user_id != NULL));
	return true;
}

static void plan_group(const struct grant_wish *wish, const struct grant_found *found,
		       struct grant_plan *plan)
{
	if (!wish->group)
		return;
	add(plan, GRANT_GROUP, 0, there_or_planned(found->group_id != NULL));
	if (wish->user_name)
		add(plan, GRANT_MEMBERSHIP, 0, there_or_planned(found->is_member));
}

static bool changes_set(const struct grant_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct grant_step *step = &plan->steps[i];

		if (step->state == GRANT_PLANNED &&
		    (step->kind == GRANT_SESSION || step->kind == GRANT_POLICY))
			return true;
	}
	return false;
}

/* A set that is outdated where nothing is said of it is somebody else's work, and left to them. */
static bool needs_provisioning(const struct grant_wish *wish, const struct grant_found *found,
			       const struct grant_plan *plan)
{
	bool is_ours = wish->policies.n > 0 || wish->session_s;

	return found->set_arn && found->is_provisioned && is_ours &&
	       (found->is_outdated || changes_set(plan));
}

static bool plan_set(const struct grant_wish *wish, const struct grant_found *found, struct grant_plan *plan,
		     struct error *err)
{
	if (!wish->permission_set)
		return true;
	if (!found->set_arn && wish->policies.n == 0)
		return error_set(err, ERROR_USAGE,
				 "permission set '%.32s' is not there: to make it, give --policy, such as "
				 "ReadOnlyAccess",
				 wish->permission_set);
	add(plan, GRANT_PERMISSION_SET, 0, there_or_planned(found->set_arn != NULL));
	if (found->set_arn && wish->session_s && wish->session_s != found->session_s)
		add(plan, GRANT_SESSION, 0, wish->updates ? GRANT_PLANNED : GRANT_DIFFERS);
	for (size_t i = 0; i < wish->policies.n; i++)
		add(plan, GRANT_POLICY, i, there_or_planned(found->has_policy[i]));
	if (needs_provisioning(wish, found, plan))
		add(plan, GRANT_PROVISIONING, 0, GRANT_PLANNED);
	return true;
}

bool grant_plan(const struct grant_wish *wish, const struct grant_found *found, struct grant_plan *ret,
		struct error *err)
{
	*ret = (struct grant_plan){.n = 0};
	if (!plan_user(wish, found, ret, err))
		return false;
	plan_group(wish, found, ret);
	if (!plan_set(wish, found, ret, err))
		return false;
	for (size_t i = 0; i < wish->accounts.n; i++)
		add(ret, GRANT_ASSIGNMENT, i, there_or_planned(found->is_assigned[i]));
	return true;
}

size_t grant_count(const struct grant_plan *plan, enum grant_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += plan->steps[i].state == state;
	return n;
}

bool grant_is_there(const struct grant_wish *wish, const struct grant_found *found,
		    const struct grant_step *step)
{
	switch (step->kind) {
	case GRANT_USER:
		return found->user_id != NULL;
	case GRANT_GROUP:
		return found->group_id != NULL;
	case GRANT_MEMBERSHIP:
		return found->is_member;
	case GRANT_PERMISSION_SET:
		return found->set_arn != NULL;
	case GRANT_SESSION:
		return found->session_s == wish->session_s;
	case GRANT_POLICY:
		return found->has_policy[step->index];
	case GRANT_PROVISIONING:
		return !found->is_outdated;
	case GRANT_ASSIGNMENT:
	default:
		return found->is_assigned[step->index];
	}
}

bool grant_is_change(const struct grant_step *step)
{
	return step->kind == GRANT_SESSION || step->kind == GRANT_PROVISIONING;
}
