/* 'iamic admin users', 'groups' and 'permission-sets': lists, for people and for programs. */
#include <stdio.h>
#include <stdlib.h>

#include "aws/duration.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/admin.h"
#include "cli/agent.h"
#include "cli/output.h"
#include "cli/permission_set.h"
#include "iamic/protocol.h"

#define COLUMNS_MAX 5

/* A member in JSON, and in AWS's reply. A list there has it in the Value of its first. */
struct column {
	const char *name, *member;
	bool is_shown; /* to people, in this order */
	bool is_duration;
};

struct kind {
	const char *rows; /* what they are called in JSON */
	struct column columns[COLUMNS_MAX];
	bool (*list)(const struct admin *admin, json_t *rows, struct error *err);
};

static const char *text_of(const json_t *row, const struct column *column)
{
	const json_t *value = json_object_get(row, column->member);

	return json_is_array(value) ? agent_text(json_array_get(value, 0), "Value")
				    : json_string_value(value);
}

static json_t *row_for_json(const struct kind *kind, const json_t *row)
{
	json_t *out = json_object();

	for (size_t i = 0; i < COLUMNS_MAX && kind->columns[i].name; i++) {
		const char *text = text_of(row, &kind->columns[i]);

		json_object_set_new(out, kind->columns[i].name, text ? json_string(text) : json_null());
	}
	return out;
}

static bool print_document(const struct kind *kind, const json_t *rows, struct error *err)
{
	_cleanup_json_ json_t *out = json_array(), *document = NULL;
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		json_array_append_new(out, row_for_json(kind, row));
	document = json_pack("{s:O}", kind->rows, out);
	return print_json(document, false, err);
}

/* Cells of a row; a duration is written into text. */
static size_t cells_of(const struct kind *kind, const json_t *row, const char **cells,
		       char text[static DURATION_SIZE])
{
	size_t n = 0;
	int64_t s;

	for (size_t i = 0; i < COLUMNS_MAX && kind->columns[i].name; i++) {
		const struct column *column = &kind->columns[i];

		if (!column->is_shown)
			continue;
		cells[n] = text_of(row, column);
		if (column->is_duration && cells[n] && duration_parse_iso(cells[n], &s))
			cells[n] = duration_format(s, text);
		n++;
	}
	return n;
}

static void print_table(const struct kind *kind, const json_t *rows)
{
	const char *cells[COLUMNS_MAX];
	char text[DURATION_SIZE];
	struct table table = {0};
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		table.n_columns = cells_of(kind, row, cells, text);
		table_fit(&table, cells);
	}
	json_array_foreach (rows, i, row) {
		cells_of(kind, row, cells, text);
		table_row(&table, cells);
	}
}

static int run(const struct kind *kind, const struct admin_options *options)
{
	_cleanup_json_ json_t *rows = json_array();
	_cleanup_(admin_done) struct admin admin;
	struct error err;

	if (!admin_open(options, &admin, &err) || !kind->list(&admin, rows, &err) ||
	    (options->json && !print_document(kind, rows, &err)))
		return command_fail(&err);
	if (!options->json)
		print_table(kind, rows);
	return IAMIC_EXIT_OK;
}

struct list_values {
	struct admin_options admin;
};

static const struct option options[] = {ADMIN_OPTIONS(struct list_values, admin)};

/* ---- users ---- */

static bool list_users(const struct admin *admin, json_t *rows, struct error *err)
{
	return signed_list(&admin->caller, "identitystore", "ListUsers", admin_of_store(admin), "Users", rows,
			   err);
}

static int run_users(const void *values, char *const *words)
{
	static const struct kind users = {
		"users",
		{{"userName", "UserName", true, false},
		 {"displayName", "DisplayName", true, false},
		 {"email", "Emails", true, false},
		 {"status", "UserStatus", true, false},
		 {"userId", "UserId", false, false}},
		list_users,
	};

	(void)words;
	return run(&users, &((const struct list_values *)values)->admin);
}

const struct command admin_users = {
	.name = "users",
	.words = "",
	.summary = "list the users",
	.description = "Lists the users of Identity Center: name, display name, address and state.",
	.example = "iamic admin users --profile admin",
	.options = options,
	.n_options = ARRAY_SIZE(options),
	.values_size = sizeof(struct list_values),
	.run = run_users,
};

/* ---- groups ---- */

static bool list_groups(const struct admin *admin, json_t *rows, struct error *err)
{
	return signed_list(&admin->caller, "identitystore", "ListGroups", admin_of_store(admin), "Groups",
			   rows, err);
}

static int run_groups(const void *values, char *const *words)
{
	static const struct kind groups = {
		"groups",
		{{"displayName", "DisplayName", true, false},
		 {"description", "Description", true, false},
		 {"groupId", "GroupId", false, false}},
		list_groups,
	};

	(void)words;
	return run(&groups, &((const struct list_values *)values)->admin);
}

const struct command admin_groups = {
	.name = "groups",
	.words = "",
	.summary = "list the groups",
	.description = "Lists the groups of Identity Center: name and description.",
	.example = "iamic admin groups --profile admin",
	.options = options,
	.n_options = ARRAY_SIZE(options),
	.values_size = sizeof(struct list_values),
	.run = run_groups,
};

/* ---- permission sets ---- */

static bool list_permission_sets(const struct admin *admin, json_t *rows, struct error *err)
{
	return permission_set_list(&admin->caller, admin->instance_arn, rows, err);
}

static int run_permission_sets(const void *values, char *const *words)
{
	static const struct kind sets = {
		"permissionSets",
		{{"name", "Name", true, false},
		 {"sessionDuration", "SessionDuration", true, true},
		 {"description", "Description", true, false},
		 {"permissionSetArn", "PermissionSetArn", false, false}},
		list_permission_sets,
	};

	(void)words;
	return run(&sets, &((const struct list_values *)values)->admin);
}

const struct command admin_permission_sets = {
	.name = "permission-sets",
	.words = "",
	.summary = "list the permission sets",
	.description = "Lists the permission sets of Identity Center: name, how long their credentials\n"
		       "last, and description.",
	.example = "iamic admin permission-sets --profile admin",
	.options = options,
	.n_options = ARRAY_SIZE(options),
	.values_size = sizeof(struct list_values),
	.run = run_permission_sets,
};
