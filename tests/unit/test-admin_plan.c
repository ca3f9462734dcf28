#include "cli/admin_plan.h"

#include "base/cleanup.h"
#include "check.h"

static char user_id[] = "u", group_id[] = "g", set_arn[] = "s";

/* All four steps of the tutorial, in two accounts. */
static const struct grant_wish everything = {
	.user_name = "alice",
	.given_name = "Alice",
	.family_name = "Liddell",
	.email = "alice@example.com",
	.group = "Readers",
	.permission_set = "ReadOnly",
	.policies = {{"ReadOnlyAccess", "Billing"}, 2},
	.accounts = {{"111122223333", "012345678901"}, 2},
	.session_s = 28800,
};

static const struct grant_found all_there = {
	.user_id = user_id,
	.group_id = group_id,
	.set_arn = set_arn,
	.is_member = true,
	.session_s = 28800,
	.has_policy = {true, true},
	.is_provisioned = true,
	.is_assigned = {true, true},
};

/* "user+ policy1=" and so on: a step's kind, its index if that is not 0, and its state. */
static const char *shown(const struct grant_plan *plan)
{
	static const char *const kinds[] = {"user",    "group",  "membership",   "set",
					    "session", "policy", "provisioning", "assignment"};
	static const char states[] = {'=', '~', '+', 'd', 'f'};
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan->n; i++) {
		const struct grant_step *step = &plan->steps[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
					kinds[step->kind]);
		if (step->index)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%zu", step->index);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%c", states[step->state]);
	}
	return text;
}

static const char *plan_of(const struct grant_wish *wish, const struct grant_found *found)
{
	struct grant_plan plan;
	struct error err;

	CHECK(grant_check(wish, &err) && grant_plan(wish, found, &plan, &err));
	return shown(&plan);
}

static void from_nothing_all_is_made_in_the_order_in_which_it_can_be(void)
{
	CHECK_STR(plan_of(&everything, &(struct grant_found){0}),
		  "user+ group+ membership+ set+ policy+ policy1+ assignment+ assignment1+");
}

static void what_is_there_is_left(void)
{
	struct grant_plan plan;
	struct error err;

	CHECK_STR(plan_of(&everything, &all_there),
		  "user= group= membership= set= policy= policy1= assignment= assignment1=");
	CHECK(grant_plan(&everything, &all_there, &plan, &err));
	CHECK(grant_count(&plan, GRANT_PLANNED) == 0 && grant_count(&plan, GRANT_THERE) == 8);
}

static void each_part_that_lacks_is_made_alone(void)
{
	struct grant_found found = all_there;

	found.is_member = false;
	found.is_assigned[1] = false;
	CHECK_STR(plan_of(&everything, &found),
		  "user= group= membership+ set= policy= policy1= assignment= assignment1+");
}

static void nothing_is_planned_that_nobody_asked_for(void)
{
	struct grant_wish wish = {.user_name = "alice", .group = "Readers"};
	struct grant_found found = {.user_id = user_id};

	CHECK_STR(plan_of(&wish, &found), "user= group+ membership+");
	wish.user_name = NULL;
	CHECK_STR(plan_of(&wish, &found), "group+");
	wish = (struct grant_wish){.permission_set = "X", .policies = {{"P"}, 1}};
	CHECK_STR(plan_of(&wish, &found), "set+ policy+");
	wish = (struct grant_wish){.permission_set = "X", .group = "G", .accounts = {{"111122223333"}, 1}};
	found.set_arn = set_arn;
	CHECK_STR(plan_of(&wish, &found), "group+ set= assignment+");
}

static void another_session_length_is_changed_only_if_that_is_said(void)
{
	struct grant_wish wish = {.permission_set = "X", .session_s = 7200};
	struct grant_found found = {.set_arn = set_arn, .session_s = 3600, .is_provisioned = true};

	CHECK_STR(plan_of(&wish, &found), "set= session~");
	wish.updates = true;
	CHECK_STR(plan_of(&wish, &found), "set= session+ provisioning+");
	found.is_provisioned = false;
	CHECK_STR(plan_of(&wish, &found), "set= session+");
	found.session_s = 7200;
	CHECK_STR(plan_of(&wish, &found), "set=");
	found.set_arn = NULL;
	wish.policies.texts[wish.policies.n++] = "P";
	CHECK_STR(plan_of(&wish, &found), "set+ policy+");
}

/* A run that ended between the change and its provisioning is gone on with. */
static void accounts_that_have_a_set_get_what_has_changed(void)
{
	struct grant_wish wish = {.permission_set = "X", .policies = {{"P"}, 1}};
	struct grant_found found = {.set_arn = set_arn, .session_s = 3600, .is_provisioned = true};

	CHECK_STR(plan_of(&wish, &found), "set= policy+ provisioning+");
	found.has_policy[0] = true;
	CHECK_STR(plan_of(&wish, &found), "set= policy=");
	found.is_outdated = true;
	CHECK_STR(plan_of(&wish, &found), "set= policy= provisioning+");
	wish.policies.n = 0;
	CHECK_STR(plan_of(&wish, &found), "set=");
}

static void a_user_who_is_there_otherwise_stays_so(void)
{
	struct grant_found found = {.user_id = user_id, .user_differs = true};
	struct grant_wish wish = {.user_name = "alice", .email = "other@example.com"};

	CHECK_STR(plan_of(&wish, &found), "user~");
}

static void refused(const struct grant_wish *wish, const struct grant_found *found, const char *words)
{
	struct error err = {0};
	struct grant_plan plan;

	CHECK(!grant_check(wish, &err) || (found && !grant_plan(wish, found, &plan, &err)));
	CHECK(err.kind == ERROR_USAGE && strstr(err.message, words));
}

static void too_little_or_too_much_is_said(void)
{
	const struct grant_found nothing = {0};

	refused(&(struct grant_wish){0}, NULL, "name it with --user-name, --group or --permission-set");
	refused(&(struct grant_wish){.group = "G", .email = "a@b"}, NULL, "need '--user-name'");
	refused(&(struct grant_wish){.group = "G", .session_s = 3600}, NULL, "need '--permission-set'");
	refused(&(struct grant_wish){.permission_set = "X", .updates = true}, NULL,
		"needs '--session-duration'");
	refused(&(struct grant_wish){.permission_set = "X", .accounts = {{"1"}, 1}}, NULL, "'--group' or");
	refused(&(struct grant_wish){.group = "G", .accounts = {{"1"}, 1}}, NULL, "needs '--permission-set'");
	refused(&(struct grant_wish){.user_name = "alice", .given_name = "A", .family_name = "L"}, &nothing,
		"user 'alice' is not there: to make it, give");
	refused(&(struct grant_wish){.permission_set = "X"}, &nothing, "to make it, give --policy");
}

static void as_much_as_can_be_said_has_room(void)
{
	struct grant_wish wish = everything;
	struct grant_found found = {.set_arn = set_arn, .is_provisioned = true};
	struct grant_plan plan;
	struct error err;

	wish.updates = true;
	wish.policies.n = wish.accounts.n = GRANT_LIST_MAX;
	CHECK(grant_plan(&wish, &found, &plan, &err));
	CHECK(plan.n == 6 + 2 * GRANT_LIST_MAX && plan.n == ARRAY_SIZE(plan.steps));
}

static void what_was_made_meanwhile_is_seen(void)
{
	const struct grant_found nothing = {.is_outdated = true};

	for (int kind = GRANT_USER; kind <= GRANT_ASSIGNMENT; kind++) {
		struct grant_step step = {.kind = (enum grant_kind)kind};

		CHECK(grant_is_there(&everything, &all_there, &step));
		CHECK(!grant_is_there(&everything, &nothing, &step));
	}
}

int main(void)
{
	from_nothing_all_is_made_in_the_order_in_which_it_can_be();
	what_is_there_is_left();
	each_part_that_lacks_is_made_alone();
	nothing_is_planned_that_nobody_asked_for();
	another_session_length_is_changed_only_if_that_is_said();
	accounts_that_have_a_set_get_what_has_changed();
	a_user_who_is_there_otherwise_stays_so();
	too_little_or_too_much_is_said();
	as_much_as_can_be_said_has_room();
	what_was_made_meanwhile_is_seen();
	return 0;
}
