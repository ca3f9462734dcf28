#include "cli/assignments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/terminal.h"

#define LANES          4 /* calls at once: a reply that AWS has us wait for does not hold up the others */
#define FAILURES_MAX   3 /* accounts in a row */
#define PROGRESS_STEPS 20

bool role_choice_has(const struct role_choice *choice, const struct role_name *role)
{
	return (choice->include.n == 0 || role_patterns_match(&choice->include, role)) &&
	       !role_patterns_match(&choice->exclude, role);
}

void assignments_done(struct assignments *assignments)
{
	for (size_t i = 0; assignments->roles && i < json_array_size(assignments->accounts); i++)
		json_decref(assignments->roles[i]);
	free(assignments->roles);
	names_done(&assignments->index);
	json_decref(assignments->accounts);
}

struct role_name assignments_account(const struct assignments *assignments, size_t i)
{
	const json_t *row = json_array_get(assignments->accounts, i);

	return (struct role_name){.account_id = agent_text(row, "accountId"),
				  .account_name = agent_text(row, "accountName")};
}

static bool has_role(const json_t *rows, const char *role_name)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *name = agent_text(row, "roleName");

		if (name && strcmp(name, role_name) == 0)
			return true;
	}
	return false;
}

bool assignments_may_have(const struct assignments *assignments, const char *account_id,
			  const char *role_name)
{
	unsigned i;

	return names_find(&assignments->index, account_id, &i) &&
	       (!assignments->roles[i] || has_role(assignments->roles[i], role_name));
}

/* ---- listing ---- */

struct lister {
	struct assignments *assignments;
	const char *session;
	int max_age_s;
	struct client *lanes[LANES];
	size_t *asked; /* accounts whose roles are wanted, by their row */
	size_t n_asked;
	unsigned n_failures; /* in a row */
};

static void lister_done(struct lister *lister)
{
	for (size_t i = 0; i < LANES; i++)
		client_close(lister->lanes[i]);
	free(lister->asked);
	terminal_clear_line();
}

static bool is_wanted(const struct role_choice *choice, const struct role_name *account)
{
	return (choice->include.n == 0 || role_patterns_match(&choice->include, account)) &&
	       !role_patterns_match_whole_account(&choice->exclude, account);
}

static bool choose_accounts(struct lister *lister, const struct role_choice *choice, struct error *err)
{
	size_t n = json_array_size(lister->assignments->accounts);

	lister->asked = xcalloc(n + 1, sizeof(*lister->asked));
	for (size_t i = 0; i < n; i++) {
		const struct role_name account = assignments_account(lister->assignments, i);

		if (!account.account_id || !account_id_is_valid(account.account_id))
			return error_set(err, ERROR_UNAVAILABLE,
					 "AWS names an account or a role in a way that cannot be used: try "
					 "again");
		if (names_add(&lister->assignments->index, account.account_id, (unsigned)i) &&
		    is_wanted(choice, &account))
			lister->asked[lister->n_asked++] = i;
	}
	return true;
}

static bool open_lanes(struct lister *lister, struct error *err)
{
	for (size_t i = 0; i < LANES && i < lister->n_asked; i++)
		if (!agent_open(&lister->lanes[i], err))
			return false;
	return true;
}

/* What counts comes first, for a narrow terminal cuts it. */
static void show_progress(const struct lister *lister, size_t n_done)
{
	int steps = (int)(n_done * PROGRESS_STEPS / lister->n_asked);
	_cleanup_free_ char *line = xasprintf("%zu of %zu accounts [%-*.*s]", n_done, lister->n_asked,
					      PROGRESS_STEPS, steps, "####################");

	terminal_show_line(line);
}

static bool is_about_one_account(const struct error *err)
{
	return err->kind == ERROR_DENIED || err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT;
}

/* Goes on without that account where that makes sense. */
static bool note_failure(struct lister *lister, const char *account_id, const struct error *err)
{
	struct assignments *assignments = lister->assignments;

	if (!is_about_one_account(err) || ++lister->n_failures == FAILURES_MAX)
		return false;
	if (assignments->n_unknown++ == 0)
		assignments->why = *err;
	terminal_clear_line();
	log_warning("warning: roles of account %s could not be listed: %s", account_id, err->message);
	return true;
}

static json_t *parameters_of(const struct lister *lister)
{
	json_t *parameters = agent_session_parameters(lister->session, NULL);

	if (lister->max_age_s)
		json_object_set_new(parameters, "maxAge", json_integer(lister->max_age_s));
	return parameters;
}

static bool send_for(struct lister *lister, size_t i, struct error *err)
{
	const struct role_name account = assignments_account(lister->assignments, lister->asked[i]);
	json_t *parameters = parameters_of(lister);

	json_object_set_new(parameters, "accountId", json_string(account.account_id));
	return client_send(lister->lanes[i % LANES], "ListRoles", parameters, true, err);
}

static bool receive_for(struct lister *lister, size_t i, struct error *err)
{
	const struct role_name account = assignments_account(lister->assignments, lister->asked[i]);
	_cleanup_json_ json_t *rows = json_array();

	if (!agent_receive_rows(lister->lanes[i % LANES], "roles", rows, err))
		return note_failure(lister, account.account_id, err);
	lister->n_failures = 0;
	lister->assignments->roles[lister->asked[i]] = json_incref(rows);
	return true;
}

static bool list_roles(struct lister *lister, struct error *err)
{
	for (size_t i = 0; i < lister->n_asked + LANES; i++) {
		if (i >= LANES && i - LANES < lister->n_asked) {
			show_progress(lister, i - LANES);
			if (!receive_for(lister, i - LANES, err))
				return false;
		}
		if (i < lister->n_asked && !send_for(lister, i, err))
			return false;
	}
	return true;
}

bool assignments_list(struct client *client, const char *session, const struct role_choice *choice,
		      int max_age_s, struct assignments *ret, struct error *err)
{
	_cleanup_(lister_done) struct lister lister = {
		.assignments = ret, .session = session, .max_age_s = max_age_s};

	ret->accounts = json_array();
	if (!agent_list_rows(client, "ListAccounts", "accounts", parameters_of(&lister), ret->accounts, err))
		return false;
	ret->roles = xcalloc(json_array_size(ret->accounts) + 1, sizeof(json_t *));
	return choose_accounts(&lister, choice, err) && open_lanes(&lister, err) && list_roles(&lister, err);
}
