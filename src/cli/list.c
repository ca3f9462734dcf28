/*
 * Accounts and roles, as pages of them arrive: each is written out before the next is asked for, so a person
 * with thousands reads at once. Hence no heading that is as wide as the widest name: the ids, all of one
 * width, come first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/name_text.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/seen.h"
#include "iamic/protocol.h"

struct list_values {
	struct target target;
	bool json, only_new;
};

static const struct option list_options[] = {
	{.name = "sso-session",
	 .value = "NAME",
	 .offset = offsetof(struct list_values, target.session),
	 .parse = option_text,
	 .help = "of this session"},
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct list_values, target.profile),
	 .parse = option_text,
	 .help = "of the session that this profile belongs to"},
	{.name = "new",
	 .offset = offsetof(struct list_values, only_new),
	 .help = "only those that were not there at the last look"},
	{.name = "json", .offset = offsetof(struct list_values, json), .help = "print JSON"},
};

/* What a listing shows of each row, and what it is called in JSON. */
struct list_kind {
	const char *method, *rows, *row_members[3];
	size_t n_members;
};

static const struct list_kind accounts = {
	"ListAccounts", "accounts", {"accountId", "accountName", "emailAddress"}, 3};
static const struct list_kind roles = {"ListRoles", "roles", {"accountId", "roleName"}, 2};

/* One listing, of one page or of many. */
struct list {
	const struct list_kind *kind;
	struct table table;
	json_t *collected; /* rows for JSON, which is one document; NULL when people read */
	struct seen *seen; /* where this counts as a look; else NULL */
	char *account_id;  /* whose roles; NULL: all there is */
	bool only_new;
	size_t n_rows;
};

static void list_done(struct list *list)
{
	seen_free(list->seen);
	free(list->account_id);
}

/* Notes what is looked at; does it belong into the list? */
static bool take(struct list *list, const json_t *row)
{
	bool is_new = list->seen && seen_add(list->seen, row);

	return is_new || !list->only_new;
}

static void cells_of(const struct list *list, const json_t *row, const char **cells)
{
	for (size_t i = 0; i < list->kind->n_members; i++)
		cells[i] = agent_text(row, list->kind->row_members[i]);
}

/* Exactly the members that are promised, each of them text or null. */
static json_t *row_for_json(const struct list *list, const json_t *row)
{
	json_t *out = json_object();

	for (size_t i = 0; i < list->kind->n_members; i++) {
		const char *text = agent_text(row, list->kind->row_members[i]);

		json_object_set_new(out, list->kind->row_members[i], text ? json_string(text) : json_null());
	}
	return out;
}

static bool print_rows(struct list *list, const json_t *rows, struct error *err)
{
	const char *cells[TABLE_COLUMNS_MAX];
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		cells_of(list, row, cells);
		table_fit(&list->table, cells);
	}
	json_array_foreach (rows, i, row) {
		cells_of(list, row, cells);
		table_row(&list->table, cells);
	}
	return output_flush(err);
}

static bool on_page(const json_t *page, void *userdata, struct error *err)
{
	struct list *list = userdata;
	json_t *rows = json_object_get(page, list->kind->rows), *row;
	_cleanup_json_ json_t *taken = json_array();
	size_t i;

	if (!json_is_array(rows))
		return error_set(err, ERROR_UNAVAILABLE,
				 "a page of %s from the daemon has no rows: try again", list->kind->rows);
	json_array_foreach (rows, i, row) {
		if (take(list, row))
			json_array_append(taken, row);
	}
	list->n_rows += json_array_size(taken);
	if (!list->collected)
		return print_rows(list, taken, err);
	json_array_foreach (taken, i, row)
		json_array_append_new(list->collected, row_for_json(list, row));
	return true;
}

static bool list_into(struct client *client, const char *session, const char *account_id, struct list *list,
		      struct error *err)
{
	json_t *parameters = agent_session_parameters(session, NULL);

	if (account_id)
		json_object_set_new(parameters, "accountId", json_string(account_id));
	return agent_list(client, list->kind->method, parameters, on_page, list, err);
}

static bool list_accounts(struct client *client, const char *session, json_t *rows, struct error *err)
{
	return agent_list_rows(client, accounts.method, accounts.rows,
			       agent_session_parameters(session, NULL), rows, err);
}

/* AWS lists roles of one account only. */
static bool list_roles_everywhere(struct client *client, const char *session, struct list *list,
				  struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	const json_t *account;
	size_t i;

	if (!list_accounts(client, session, rows, err))
		return false;
	json_array_foreach (rows, i, account) {
		const char *id = agent_text(account, "accountId");

		if (id && !list_into(client, session, id, list, err))
			return false;
	}
	return true;
}

/* A person knows accounts by their names, and sees them so. */
static bool find_account(struct client *client, const char *session, const char *name, char **ret_id,
			 struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	struct name_text ids = {0};
	const json_t *row;
	size_t i;

	if (!list_accounts(client, session, rows, err))
		return false;
	json_array_foreach (rows, i, row) {
		const char *id = agent_text(row, "accountId"), *other = agent_text(row, "accountName");

		if (!id || !other || strcasecmp(other, name) != 0)
			continue;
		name_text_add(&ids, id);
		xstrdup_to(ret_id, id);
	}
	if (ids.n == 0)
		return error_set(
			err, ERROR_DENIED,
			"no account of yours has the id or the name '%.100s': 'iamic accounts' lists "
			"those that are assigned",
			name);
	return ids.n == 1 || error_set(err, ERROR_USAGE,
				       "several accounts have the name '%.100s': give the id of one, of %s",
				       name, name_text_end(&ids));
}

static void add_hint(struct error *err, const char *hint)
{
	size_t n = strlen(err->message);

	snprintf(err->message + n, sizeof(err->message) - n, "; %s", hint);
}

static bool list_from(struct client *client, const char *session, struct list *list, struct error *err)
{
	if (list->kind == &roles && !list->account_id)
		return list_roles_everywhere(client, session, list, err);
	if (list_into(client, session, list->account_id, list, err))
		return true;
	if (list->account_id && err->kind == ERROR_DENIED)
		add_hint(err, "'iamic accounts' lists those that are assigned");
	return false;
}

/* With store = memory nothing of what a person has is on disk, and that includes what they have seen. */
static bool is_kept(void)
{
	const char *kind = agent_text(json_object_get(agent_last_status(), "store"), "kind");

	return kind && strcmp(kind, "memory") != 0;
}

/* A program that lists for itself has not shown anything to anyone; one that asks for what is new has. */
static bool begin_look(struct client *client, const struct list_values *values, char **session,
		       struct list *list, struct error *err)
{
	if (values->only_new && !is_kept())
		return error_set(err, ERROR_CONFIG,
				 "'--new' needs to know your last look, and store = memory keeps nothing on "
				 "disk: leave '--new' out, or set another store (iamic-config(5))");
	if (!values->only_new && (values->json || !is_kept()))
		return true;
	if (!*session && !choice_only_session(client, true, session, err))
		return false;
	list->seen = seen_open(*session, list->kind->rows);
	return true;
}

/* Only a list that has been shown to its end was a look. */
static void end_look(const struct list *list)
{
	struct error err;

	if (list->seen && !seen_keep(list->seen, list->account_id, &err) && list->only_new)
		log_warning("warning: %s: the next '--new' shows these again", err.message);
}

static bool choose_account(struct client *client, const char *session, const char *word, struct list *list,
			   struct error *err)
{
	if (!word || !account_id_is_valid(word))
		return !word || find_account(client, session, word, &list->account_id, err);
	list->account_id = xstrdup(word);
	return true;
}

static bool list_all(const struct list_values *values, const char *account, struct list *list,
		     struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *session = NULL;

	return choice_check_session(&values->target, err) && agent_open(&client, err) &&
	       choice_session(client, &values->target, &session, err) &&
	       choose_account(client, session, account, list, err) &&
	       begin_look(client, values, &session, list, err) && list_from(client, session, list, err);
}

static void say_none(const struct list *list)
{
	if (list->only_new)
		log_info("no %s are new since your last look", list->kind->rows);
	else
		log_info("no %s are assigned to you: ask whoever administers Identity Center",
			 list->kind->rows);
}

static int run_list(const struct list_values *values, const char *account, const struct list_kind *kind)
{
	_cleanup_json_ json_t *document = NULL;
	_cleanup_(list_done) struct list list = {
		.kind = kind,
		.table = {.n_columns = kind->n_members},
		.only_new = values->only_new,
	};
	struct error err;

	if (values->json) {
		list.collected = json_array();
		document = json_pack("{s:o}", kind->rows, list.collected);
	}
	if (!list_all(values, account, &list, &err))
		return command_fail(&err);
	if (document && !print_json(document, false, &err))
		return command_fail(&err);
	end_look(&list);
	if (!document && list.n_rows == 0)
		say_none(&list);
	return IAMIC_EXIT_OK;
}

static int run_accounts(const void *values, char *const *words)
{
	(void)words;
	return run_list(values, NULL, &accounts);
}

/* No name is made of digits alone, as like as not. */
static bool check_account(const char *word, struct error *err)
{
	const char *ignored;

	return word[strspn(word, "0123456789")] || option_account_id(word, &ignored, err) ||
	       error_prefix(err, "argument");
}

static int run_roles(const void *values, char *const *words)
{
	struct error err;

	if (words[0] && !check_account(words[0], &err))
		return command_fail(&err);
	return run_list(values, words[0], &roles);
}

const struct command command_accounts = {
	.name = "accounts",
	.words = "",
	.group = COMMAND_PROFILES,
	.summary = "list the AWS accounts that you may use",
	.description = "Lists the AWS accounts that you may use: id, name and e-mail address. A look\n"
		       "is a list that was shown, or one with --new; the first --new shows them all.",
	.example = "iamic accounts --json | jq -r '.accounts[].accountId'",
	.options = list_options,
	.n_options = ARRAY_SIZE(list_options),
	.values_size = sizeof(struct list_values),
	.run = run_accounts,
};

const struct command command_roles = {
	.name = "roles",
	.words = "[ACCOUNT]",
	.max_words = 1,
	.group = COMMAND_PROFILES,
	.summary = "list the roles that you may use in them",
	.description = "Lists the roles that you may use, in the account with that id or name, or in\n"
		       "all of them: account id and role name. A look is a list that was shown, or\n"
		       "one with --new; the first --new shows them all.",
	.example = "iamic roles Development",
	.options = list_options,
	.n_options = ARRAY_SIZE(list_options),
	.values_size = sizeof(struct list_values),
	.run = run_roles,
};
