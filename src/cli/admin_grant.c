/*
 * 'iamic admin grant': a user, a group, a permission set, and their assignment to accounts, in one plan.
 *
 *     options ──► what there is ──► plan, shown ──► y/N ──► a step at a time ──► what to type next
 *
 * It can be given again at any time: what is there by then is left as it is, and makes no request.
 */
#include "cli/admin_grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/admin_options.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/output.h"
#include "cli/question.h"
#include "iamic/protocol.h"

struct grant_values {
	struct admin_options admin;
	struct grant_wish wish;
	bool yes, dry_run;
};

#define VALUE(name_, word, member, parse_, help_)                                                            \
	{                                                                                                    \
		.name = (name_), .value = (word), .offset = offsetof(struct grant_values, wish.member),      \
		.parse = (parse_), .help = (help_)                                                           \
	}

static const struct option grant_options[] = {
	VALUE("user-name", "NAME", user_name, option_user_name, "the user, and to make one:"),
	VALUE("given-name", "NAME", given_name, option_name, "the person's given name"),
	VALUE("family-name", "NAME", family_name, option_name, "the person's family name"),
	VALUE("display-name", "NAME", display_name, option_name, "what is shown (both together)"),
	VALUE("email", "ADDRESS", email, option_email, "the person's e-mail address"),
	VALUE("group", "NAME", group, option_name, "the group; the user becomes a member"),
	VALUE("permission-set", "NAME", permission_set, option_role_name, "the permission set, and:"),
	VALUE("policy", "NAME|ARN", policies, option_policy, "a policy of AWS's that it has"),
	VALUE("session-duration", "TIME", session_s, option_session_length,
	      "how long its credentials last, 1h to 12h"),
	VALUE("target-account", "ID", accounts, option_target_account, "the account to assign it in"),
	{.name = "update",
	 .offset = offsetof(struct grant_values, wish.updates),
	 .help = "change a session duration that is another"},
	{.name = "yes", .offset = offsetof(struct grant_values, yes), .help = "do not ask"},
	{.name = "dry-run",
	 .offset = offsetof(struct grant_values, dry_run),
	 .help = "show the plan, and change nothing"},
	ADMIN_OPTIONS(struct grant_values, admin),
};

static bool check(const struct grant_values *values, struct error *err)
{
	if (values->yes && values->dry_run)
		return error_set(err, ERROR_USAGE, "'--yes' and '--dry-run' contradict each other");
	if (values->admin.json && !values->yes && !values->dry_run)
		return error_set(err, ERROR_USAGE, "'--json' needs '--yes' or '--dry-run'");
	return grant_check(&values->wish, err);
}

/* ---- the question ---- */

static bool is_yes_or_no(char **answer, void *userdata, struct error *err)
{
	static const char *const words[] = {"y", "Y", "yes", "n", "N", "no", ""};

	(void)userdata;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(*answer, words[i]) == 0)
			return true;
	}
	return error_set(err, ERROR_USAGE, "answer y or n");
}

static bool confirm(const struct grant_values *values, struct error *err)
{
	const struct question question = {.words = "carry this out? y/N", .usual = "", .check = is_yes_or_no};
	_cleanup_free_ char *answer = NULL;
	struct tty tty;
	bool ok;

	if (!output_flush(err))
		return false;
	if (values->yes)
		return true;
	if (!tty_open(&tty))
		return error_set(err, ERROR_USAGE,
				 "nothing was done: there is no terminal to ask at: say --yes to do it");
	ok = question_ask_at(&tty, &question, &answer, err);
	tty_close(&tty);
	if (!ok)
		return false;
	return answer[0] == 'y' || answer[0] == 'Y' ||
	       error_set(err, ERROR_DENIED, "nothing was done: the plan is not confirmed: answer y to do it");
}

/* ---- what is said ---- */

/* A grant while it is made. */
struct grant {
	const struct grant_values *values;
	struct admin admin;
	struct grant_found found;
	struct grant_plan plan;
};

static void grant_done(struct grant *grant)
{
	admin_done(&grant->admin);
	grant_found_done(&grant->found);
}

static bool print_document(const struct grant *grant, struct error *err)
{
	_cleanup_json_ json_t *document =
		json_pack("{s:s, s:s, s:s, s:o}", "instanceArn", grant->admin.instance_arn, "identityStoreId",
			  grant->admin.store_id, "region", grant->admin.region, "steps",
			  grant_plan_json(&grant->values->wish, &grant->found, &grant->plan));

	return print_json(document, false, err);
}

/* Whoever interrupts has seen what was done until then. */
static void on_step(const struct grant_step *step, void *userdata)
{
	const struct grant *grant = userdata;

	if (grant->values->admin.json)
		return;
	grant_print_step(&grant->values->wish, &grant->found, step);
	fflush(stdout);
}

static bool was_done(const struct grant_plan *plan, enum grant_kind kind)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].kind == kind && plan->steps[i].state == GRANT_DONE)
			return true;
	}
	return false;
}

/* The session may be another Identity Center's than the one that was named. */
static void print_first_sign_in(const struct grant *grant, const char *user)
{
	const json_t *session = choice_home_session(grant->admin.caller.target);
	const char *url = agent_text(session, "startUrl"), *region = agent_text(session, "region");
	_cleanup_free_ char *word = NULL, *line = NULL;

	if (!url || !region || strcmp(region, grant->admin.region) != 0)
		return;
	word = shell_word(url);
	line = xasprintf("then '%s' begins with:", user);
	print_styled_words(STYLE_PLAIN, line, 0, 2);
	printf("  iamic configure --sso-start-url %s --sso-region %s\n", word, region);
}

static void print_next(const struct grant *grant)
{
	const char *user = grant->values->wish.user_name;
	_cleanup_free_ char *line = NULL;

	if (was_done(&grant->plan, GRANT_USER)) {
		line = xasprintf(
			"'%s' has no password yet, and AWS has sent no mail: in the console, 'Reset "
			"password' of that user sends one; where the setting 'Send email OTP' is on, "
			"the first attempt to sign in does",
			user);
		print_styled_words(STYLE_PLAIN, line, 0, 2);
		print_first_sign_in(grant, user);
	}
	if (was_done(&grant->plan, GRANT_ASSIGNMENT) || was_done(&grant->plan, GRANT_MEMBERSHIP))
		print_words("who is signed in already sees it after: iamic login --force", 0, 2);
}

/* ---- the whole ---- */

static bool apply(struct grant *grant, struct error *err)
{
	bool ok = grant_apply(&grant->admin, &grant->values->wish, &grant->found, &grant->plan, on_step,
			      grant, err);

	if (!ok && grant_count(&grant->plan, GRANT_DONE) > 0 && !grant->values->admin.json)
		puts("what is done stays: the same command goes on from there");
	if (ok && !grant->values->admin.json)
		print_next(grant);
	return ok;
}

static bool carry_out(struct grant *grant, struct error *err)
{
	const struct grant_values *values = grant->values;
	bool has_work = grant_count(&grant->plan, GRANT_PLANNED) > 0, ok = true;
	struct error ignored;

	if (!values->admin.json) {
		printf("%s in %s:\n", grant->admin.instance_arn, grant->admin.region);
		grant_print_plan(&values->wish, &grant->found, &grant->plan);
	}
	if (has_work && !values->dry_run)
		ok = confirm(values, err) && apply(grant, err);
	else if (!has_work && !values->admin.json)
		puts("there is nothing to do");
	if (values->admin.json)
		ok = print_document(grant, ok ? err : &ignored) && ok;
	return ok;
}

static int run(const void *userdata, char *const *words)
{
	const struct grant_values *values = userdata;
	_cleanup_(grant_done) struct grant grant = {.values = values};
	struct error err;

	(void)words;
	if (!check(values, &err) || !admin_open(&values->admin, &grant.admin, &err) ||
	    !grant_find(&grant.admin, &values->wish, &grant.found, &err) ||
	    !grant_plan(&values->wish, &grant.found, &grant.plan, &err) || !carry_out(&grant, &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

const struct command admin_grant = {
	.name = "grant",
	.words = "",
	.summary = "make user, group, permission set and assignment",
	.description = "Makes what is named and not there: a user, a group with the user in it, a\n"
		       "permission set, and its assignment to the group, or else the user, in accounts.\n"
		       "Shows the plan and asks first. It may be given again at any time.",
	.example = "iamic admin grant --profile admin --user-name alice --group Readers",
	.options = grant_options,
	.n_options = ARRAY_SIZE(grant_options),
	.values_size = sizeof(struct grant_values),
	.run = run,
};
