/* 'iamic admin': the administrator's half of Identity Center's tutorial. Its verbs have a file each. */
#include "cli/admin.h"

#include <stdlib.h>
#include <string.h>

#include "aws/name_text.h"
#include "aws/region.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/output.h"

void admin_done(struct admin *admin)
{
	client_close(admin->caller.client);
	json_decref(admin->caller.target);
	free(admin->region);
	free(admin->instance_arn);
	free(admin->store_id);
}

static void set_region(struct admin *admin, const char *region)
{
	xstrdup_to(&admin->region, region);
	admin->caller.region = admin->region;
}

bool admin_connect(const struct admin_options *options, struct admin *ret, struct error *err)
{
	const json_t *session;
	const char *region;

	*ret = (struct admin){0};
	if (!choice_check(&options->target, err) || !agent_open(&ret->caller.client, err) ||
	    !choice_target(ret->caller.client, &options->target, &ret->caller.target, err))
		return false;
	session = choice_home_session(ret->caller.target);
	region = options->region ? options->region : agent_text(session, "region");
	if (!region)
		return error_set(err, ERROR_USAGE, "where is Identity Center? name its region with --region");
	set_region(ret, region);
	return true;
}

bool admin_list_instances(const struct admin *admin, json_t *rows, struct error *err)
{
	return signed_list(&admin->caller, "sso-admin", "ListInstances", json_object(), "Instances", rows,
			   err);
}

static bool refuse_none(const struct admin *admin, const char *arn, struct error *err)
{
	return error_set(err, ERROR_DENIED,
			 "%s%.100s is not seen in %s: name the role of an account that administers it "
			 "(--profile NAME), or another --region",
			 arn ? "the instance " : "an instance of Identity Center", arn ? arn : "",
			 admin->region);
}

static bool refuse_several(const json_t *rows, struct error *err)
{
	struct name_text there = {0};

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const char *arn = agent_text(json_array_get(rows, i), "InstanceArn");

		if (arn)
			name_text_add(&there, arn);
	}
	return error_set(err, ERROR_USAGE, "there are several instances, name one with --instance-arn: %s",
			 name_text_end(&there));
}

static const json_t *find_instance(const json_t *rows, const char *arn)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *there = agent_text(row, "InstanceArn");

		if (there && (!arn || strcmp(there, arn) == 0))
			return row;
	}
	return NULL;
}

/* One that is replicated is seen in other regions, and administered at home. */
static bool choose_instance(struct admin *admin, const char *arn, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	const char *store, *home;
	const json_t *found;

	if (!admin_list_instances(admin, rows, err))
		return false;
	found = find_instance(rows, arn);
	store = agent_text(found, "IdentityStoreId");
	if (!store)
		return refuse_none(admin, arn, err);
	if (!arn && json_array_size(rows) > 1)
		return refuse_several(rows, err);
	admin->instance_arn = printable(agent_text(found, "InstanceArn"));
	admin->store_id = xstrdup(store);
	home = agent_text(found, "PrimaryRegion");
	if (home && region_is_valid(home))
		set_region(admin, home);
	return true;
}

bool admin_open(const struct admin_options *options, struct admin *ret, struct error *err)
{
	return admin_connect(options, ret, err) && choose_instance(ret, options->instance_arn, err);
}

json_t *admin_of_instance(const struct admin *admin)
{
	return json_pack("{s:s}", "InstanceArn", admin->instance_arn);
}

json_t *admin_of_store(const struct admin *admin)
{
	return json_pack("{s:s}", "IdentityStoreId", admin->store_id);
}

static const struct command *const verbs[] = {
	&admin_instance,    &admin_users, &admin_groups, &admin_permission_sets,
	&admin_assignments, &admin_grant, NULL,
};

const struct command command_admin = {
	.name = "admin",
	.words = "COMMAND",
	.verbs = verbs,
	.summary = "administer Identity Center: users, groups, permission sets",
	.description = "The administrator's half of the tutorial of Identity Center: what there is, and\n"
		       "who may use what. Nothing is ever removed.",
	.example = "iamic admin instance --profile admin",
};
