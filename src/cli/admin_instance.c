/* 'iamic admin instance': what there is, as far as an API tells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/region.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/admin.h"
#include "cli/agent.h"
#include "cli/output.h"
#include "iamic/protocol.h"

#define LOOKED_AT 100 /* users, for where they come from */

struct instance_values {
	struct admin_options admin;
};

static const struct option options[] = {ADMIN_OPTIONS(struct instance_values, admin)};

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

/* An account's own instance has users for applications, and nothing of accounts; null: nobody says. */
static json_t *has_permission_sets(const struct admin *admin, const char *arn)
{
	_cleanup_json_ json_t *reply = NULL;
	const json_t *enabled;
	struct error ignored;

	if (!signed_call(&admin->caller, "sso-admin", "DescribeInstance",
			 json_pack("{s:s}", "InstanceArn", arn), &reply, &ignored))
		return json_null();
	enabled = json_object_get(reply, "PermissionSetsEnabled");
	return json_is_boolean(enabled) ? json_boolean(json_is_true(enabled)) : json_null();
}

static bool has_text(const json_t *texts, const char *text)
{
	for (size_t i = 0; i < json_array_size(texts); i++) {
		if (strcmp(json_string_value(json_array_get(texts, i)), text) == 0)
			return true;
	}
	return false;
}

static void add_issuers(const json_t *user, json_t *issuers)
{
	const json_t *ids = json_object_get(user, "ExternalIds"), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		const char *issuer = agent_text(id, "Issuer");

		if (issuer && !has_text(issuers, issuer))
			json_array_append_new(issuers, json_string(issuer));
	}
}

/* No API names the identity source. Who comes from elsewhere has an id of there. null: nobody may look. */
static json_t *identity_providers(const struct admin *admin, const char *store)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *issuers = json_array();
	const json_t *user;
	struct error ignored;
	size_t i;

	if (!signed_call(&admin->caller, "identitystore", "ListUsers",
			 json_pack("{s:s, s:i}", "IdentityStoreId", store, "MaxResults", LOOKED_AT), &reply,
			 &ignored)) {
		json_decref(issuers);
		return json_null();
	}
	json_array_foreach (json_object_get(reply, "Users"), i, user)
		add_issuers(user, issuers);
	return issuers;
}

static json_t *describe(const struct admin *admin, const json_t *row)
{
	const char *arn = agent_text(row, "InstanceArn"), *store = agent_text(row, "IdentityStoreId");
	const char *home = agent_text(row, "PrimaryRegion");
	const struct admin at_home = {.caller = {admin->caller.client, admin->caller.target,
						 home && region_is_valid(home) ? home : admin->region}};

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "instanceArn", text_or_null(arn),
			 "identityStoreId", text_or_null(store), "ownerAccountId",
			 text_or_null(agent_text(row, "OwnerAccountId")), "name",
			 text_or_null(agent_text(row, "Name")), "status",
			 text_or_null(agent_text(row, "Status")), "region", at_home.caller.region,
			 "permissionSets", arn ? has_permission_sets(&at_home, arn) : json_null(),
			 "identityProviders", store ? identity_providers(&at_home, store) : json_null());
}

static void print_people(const json_t *providers)
{
	const json_t *provider;
	size_t i;

	if (json_is_null(providers))
		print_field("people", "are not for this role to look at");
	else if (json_array_size(providers) == 0)
		print_field("people", "no user comes from another identity provider");
	json_array_foreach (providers, i, provider)
		print_field("people", "come from %s", json_string_value(provider));
}

static void print_instance(const json_t *instance)
{
	static const char *const fields[][2] = {
		{"name", "name"},
		{"state", "status"},
		{"region", "region"},
		{"owner", "ownerAccountId"},
		{"store", "identityStoreId"},
	};
	const json_t *sets = json_object_get(instance, "permissionSets");

	print_styled(STYLE_BOLD, agent_text(instance, "instanceArn"));
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *text = agent_text(instance, fields[i][1]);

		if (text)
			print_field(fields[i][0], "%s", text);
	}
	if (json_is_boolean(sets))
		print_field("accounts",
			    json_is_true(sets)
				    ? "are given by permission sets"
				    : "cannot be given: this is the instance of one account alone");
	print_people(json_object_get(instance, "identityProviders"));
}

static void print_instances(const struct admin *admin, const json_t *instances)
{
	const json_t *instance;
	size_t i;

	json_array_foreach (instances, i, instance) {
		if (i > 0)
			putchar('\n');
		print_instance(instance);
	}
	if (json_array_size(instances) == 0)
		printf("no instance is seen in %s with this role\n", admin->region);
}

static bool look(const struct admin *admin, const struct admin_options *values, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array(), *instances = json_array(), *document = NULL;
	const json_t *row;
	size_t i;

	if (!admin_list_instances(admin, rows, err))
		return false;
	json_array_foreach (rows, i, row) {
		const char *arn = agent_text(row, "InstanceArn");

		if (!values->instance_arn || (arn && strcmp(arn, values->instance_arn) == 0))
			json_array_append_new(instances, describe(admin, row));
	}
	if (!values->json) {
		print_instances(admin, instances);
		return true;
	}
	document = json_pack("{s:O}", "instances", instances);
	return print_json(document, false, err);
}

static int run(const void *userdata, char *const *words)
{
	const struct admin_options *values = &((const struct instance_values *)userdata)->admin;
	_cleanup_(admin_done) struct admin admin;
	struct error err;

	(void)words;
	if (!admin_connect(values, &admin, &err) || !look(&admin, values, &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

const struct command admin_instance = {
	.name = "instance",
	.words = "",
	.summary = "show what there is",
	.description = "Shows the instance of Identity Center: state, region, owner, and whether its\n"
		       "users come from another identity provider, as far as an API tells.",
	.example = "iamic admin instance --profile admin",
	.options = options,
	.n_options = ARRAY_SIZE(options),
	.values_size = sizeof(struct instance_values),
	.run = run,
};
