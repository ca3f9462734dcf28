/* 'iamic admin assignments': who has which permission set in an account. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/admin.h"
#include "cli/agent.h"
#include "cli/output.h"
#include "cli/permission_set.h"
#include "iamic/protocol.h"

struct assignments_values {
	struct admin_options admin;
};

static const struct option options[] = {ADMIN_OPTIONS(struct assignments_values, admin)};

/* What is asked for each kind of those who can have a permission set. */
static const struct principal {
	const char *kind, *operation, *id, *name;
} principals[] = {
	{"USER", "DescribeUser", "UserId", "UserName"},
	{"GROUP", "DescribeGroup", "GroupId", "DisplayName"},
};

/* One listing of an account. */
struct listing {
	const struct admin *admin;
	const char *account_id;
	json_t *names; /* of principals, by id */
	json_t *rows;
};

static const struct principal *find_principal(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(principals); i++) {
		if (kind && strcmp(principals[i].kind, kind) == 0)
			return &principals[i];
	}
	return NULL;
}

/* One who is no longer there has a name that is null. */
static bool ask_name(const struct listing *listing, const struct principal *principal, const char *id,
		     json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_store(listing->admin);

	json_object_set_new(input, principal->id, json_string(id));
	if (!signed_call(&listing->admin->caller, "identitystore", principal->operation, input, &reply,
			 err) &&
	    strcmp(signed_refusal(&listing->admin->caller), "ResourceNotFoundException") != 0)
		return false;
	*ret = agent_text(reply, principal->name) ? json_string(agent_text(reply, principal->name))
						  : json_null();
	return true;
}

/* Each is asked for once. */
static bool find_name(const struct listing *listing, const char *kind, const char *id, json_t **ret,
		      struct error *err)
{
	const struct principal *principal = find_principal(kind);
	json_t *name = json_object_get(listing->names, id);

	if (!name) {
		if (!principal)
			name = json_null();
		else if (!ask_name(listing, principal, id, &name, err))
			return false;
		json_object_set_new(listing->names, id, name);
	}
	*ret = json_incref(name);
	return true;
}

static bool add_row(const struct listing *listing, const char *set_name, const json_t *assignment,
		    struct error *err)
{
	const char *kind = agent_text(assignment, "PrincipalType"),
		   *id = agent_text(assignment, "PrincipalId");
	json_t *name;

	if (!kind || !id)
		return true;
	if (!find_name(listing, kind, id, &name, err))
		return false;
	json_array_append_new(listing->rows,
			      json_pack("{s:s, s:s, s:s, s:o, s:s}", "accountId", listing->account_id,
					"permissionSet", set_name, "principalType", kind, "principalName",
					name, "principalId", id));
	return true;
}

static bool add_set(const struct listing *listing, const json_t *arn, struct error *err)
{
	_cleanup_json_ json_t *set = NULL, *assigned = json_array();
	json_t *input;

	if (!permission_set_describe(&listing->admin->caller, listing->admin->instance_arn, arn, &set, err))
		return false;
	input = admin_of_instance(listing->admin);
	json_object_set_new(input, "AccountId", json_string(listing->account_id));
	json_object_set_new(input, "PermissionSetArn", json_string(agent_text(set, "PermissionSetArn")));
	if (!signed_list(&listing->admin->caller, "sso-admin", "ListAccountAssignments", input,
			 "AccountAssignments", assigned, err))
		return false;
	for (size_t i = 0; i < json_array_size(assigned); i++) {
		if (!add_row(listing, agent_text(set, "Name"), json_array_get(assigned, i), err))
			return false;
	}
	return true;
}

static bool list(const struct listing *listing, struct error *err)
{
	_cleanup_json_ json_t *arns = json_array();
	json_t *input = admin_of_instance(listing->admin);

	json_object_set_new(input, "AccountId", json_string(listing->account_id));
	if (!signed_list(&listing->admin->caller, "sso-admin", "ListPermissionSetsProvisionedToAccount",
			 input, "PermissionSets", arns, err))
		return false;
	for (size_t i = 0; i < json_array_size(arns); i++) {
		if (!add_set(listing, json_array_get(arns, i), err))
			return false;
	}
	return true;
}

static void cells_of(const json_t *row, const char *cells[3])
{
	cells[0] = agent_text(row, "permissionSet");
	cells[1] = strcmp(agent_text(row, "principalType"), "GROUP") == 0 ? "group" : "user";
	cells[2] = agent_text(row, "principalName") ? agent_text(row, "principalName")
						    : agent_text(row, "principalId");
}

static bool print(const json_t *rows, bool as_json, struct error *err)
{
	_cleanup_json_ json_t *document = json_pack("{s:O}", "assignments", rows);
	struct table table = {.n_columns = 3};
	const char *cells[3];
	const json_t *row;
	size_t i;

	if (as_json)
		return print_json(document, false, err);
	json_array_foreach (rows, i, row) {
		cells_of(row, cells);
		table_fit(&table, cells);
	}
	json_array_foreach (rows, i, row) {
		cells_of(row, cells);
		table_row(&table, cells);
	}
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct assignments_values *values = userdata;
	_cleanup_json_ json_t *names = json_object(), *rows = json_array();
	_cleanup_(admin_done) struct admin admin = {0};
	struct listing listing = {&admin, NULL, names, rows};
	struct error err;

	if (!words[0])
		error_fill(&err, ERROR_USAGE, "of which account? name it by its 12 digits");
	else if (option_account_id(words[0], &listing.account_id, &err) &&
		 admin_open(&values->admin, &admin, &err) && list(&listing, &err) &&
		 print(rows, values->admin.json, &err))
		return IAMIC_EXIT_OK;
	return command_fail(&err);
}

const struct command admin_assignments = {
	.name = "assignments",
	.words = "ACCOUNT",
	.max_words = 1,
	.summary = "list who has which permission set in an account",
	.description = "Lists what is assigned in an account: permission set, and the user or group\n"
		       "that has it.",
	.example = "iamic admin assignments 111122223333 --profile admin",
	.options = options,
	.n_options = ARRAY_SIZE(options),
	.values_size = sizeof(struct assignments_values),
	.run = run,
};
