/* Account and role, out of those that AWS lists: where there is one, it is taken; else a person chooses. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configure.h"
#include "cli/menu_layout.h"
#include "cli/output.h"

/* What a listing shows of each row; the first is what it is sorted by, `id` what is chosen. */
struct kind {
	const char *method, *rows, *question, *id;
	const char *members[3];
	size_t n_members;
};

static const struct kind accounts = {
	"ListAccounts", "accounts", "account", "accountId", {"accountName", "accountId", "emailAddress"}, 3};
static const struct kind roles = {"ListRoles", "roles", "role", "roleName", {"roleName"}, 1};

static bool list(const struct kind *kind, const struct decision *decision, json_t *rows, struct error *err)
{
	const struct session_proposal proposal = {decision->session, decision->start_url,
						  decision->sso_region, decision->scopes};
	_cleanup_(client_closep) struct client *client = NULL;
	json_t *parameters;

	if (!agent_open(&client, err))
		return false;
	parameters = agent_session_parameters(decision->session, decision->is_new ? &proposal : NULL);
	if (kind == &roles)
		json_object_set_new(parameters, "accountId", json_string(decision->account_id));
	return agent_list_rows(client, kind->method, kind->rows, parameters, rows, err);
}

static const char *member(const json_t *row, const struct kind *kind, size_t i)
{
	return agent_text(row, kind->members[i]);
}

/* Those without a name come last. */
static int by_name(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;

	if (!*one || !*other)
		return (*one == NULL) - (*other == NULL);
	return strcasecmp(*one, *other);
}

/* Row by row, sorted; the texts are the rows'. */
static const char **cells_of(const struct kind *kind, const json_t *rows)
{
	const char **cells = xcalloc(json_array_size(rows) * kind->n_members, sizeof(*cells)), **cell = cells;
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		for (size_t k = 0; k < kind->n_members; k++)
			*cell++ = member(row, kind, k);
	qsort(cells, json_array_size(rows), kind->n_members * sizeof(*cells), by_name);
	return cells;
}

static bool refuse_none(const struct kind *kind, const struct decision *decision, struct error *err)
{
	if (kind == &roles)
		return error_set(err, ERROR_DENIED,
				 "no roles are assigned to you in account %s: ask whoever administers "
				 "Identity Center",
				 decision->account_id);
	return error_set(err, ERROR_DENIED,
			 "no accounts are assigned to you in session '%.100s': ask whoever administers "
			 "Identity Center",
			 decision->session);
}

static bool refuse_to_guess(const struct kind *kind, struct error *err)
{
	return error_set(err, ERROR_USAGE, "there are several %s and no terminal to choose at: give --%s",
			 kind->rows, kind == &roles ? "role-name" : "account-id");
}

static bool choose_row(const struct kind *kind, const char *const *cells, size_t n, size_t *ret_row,
		       struct error *err)
{
	const struct menu menu = {kind->question, cells, n, kind->n_members, 0};
	_cleanup_free_ char *first = menu_layout_words(&menu, 0);
	struct tty tty;
	bool ok;

	if (n == 1) {
		*ret_row = 0;
		_cleanup_free_ char *only = xasprintf("%s: %s (the only one)", kind->question, first);
		print_words(only, 0, 2);
		return true;
	}
	if (!tty_open(&tty))
		return refuse_to_guess(kind, err);
	ok = menu_choose(&tty, &menu, ret_row, err);
	tty_close(&tty);
	return ok;
}

static bool is_valid(const struct kind *kind, const char *text)
{
	return text && (kind == &roles ? role_name_is_valid(text) : account_id_is_valid(text));
}

static bool choose(const struct kind *kind, const struct decision *decision, char **ret, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	size_t row = 0, n, column = kind == &roles ? 0 : 1;

	if (!list(kind, decision, rows, err))
		return false;
	n = json_array_size(rows);
	if (n == 0)
		return refuse_none(kind, decision, err);
	const char **cells = cells_of(kind, rows);
	bool ok = choose_row(kind, cells, n, &row, err);
	const char *chosen = ok ? cells[row * kind->n_members + column] : NULL;
	if (ok && !is_valid(kind, chosen))
		ok = error_set(err, ERROR_UNAVAILABLE,
			       "AWS names an account or a role in a way that cannot be used: try again");
	if (ok)
		*ret = xstrdup(chosen);
	free(cells);
	return ok;
}

bool configure_choose_role(const struct configure *configure, struct decision *decision, struct error *err)
{
	const struct configure_values *values = configure->values;

	decision->account_id = xstrdup_or_null(values->account_id);
	decision->role_name = xstrdup_or_null(values->role_name);
	return (decision->account_id || choose(&accounts, decision, &decision->account_id, err)) &&
	       (decision->role_name || choose(&roles, decision, &decision->role_name, err));
}
