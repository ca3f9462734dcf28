#include "cli/permission_set.h"

#include <string.h>

#include "base/json.h"
#include "cli/agent.h"

bool permission_set_describe(const struct signed_caller *caller, const char *instance_arn, const json_t *arn,
			     json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;

	if (!signed_call(caller, "sso-admin", "DescribePermissionSet",
			 json_pack("{s:s, s:O}", "InstanceArn", instance_arn, "PermissionSetArn", arn),
			 &reply, err))
		return false;
	*ret = json_incref(json_object_get(reply, "PermissionSet"));
	if (agent_text(*ret, "Name") && agent_text(*ret, "PermissionSetArn"))
		return true;
	json_decref(TAKE(*ret));
	return error_set(err, ERROR_UNAVAILABLE,
			 "DescribePermissionSet: AWS's answer has no usable PermissionSet: try again later");
}

static bool list_arns(const struct signed_caller *caller, const char *instance_arn, json_t *rows,
		      struct error *err)
{
	return signed_list(caller, "sso-admin", "ListPermissionSets",
			   json_pack("{s:s}", "InstanceArn", instance_arn), "PermissionSets", rows, err);
}

bool permission_set_find(const struct signed_caller *caller, const char *instance_arn, const char *name,
			 json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *arns = json_array();

	*ret = NULL;
	if (!list_arns(caller, instance_arn, arns, err))
		return false;
	for (size_t i = 0; i < json_array_size(arns); i++) {
		_cleanup_json_ json_t *set = NULL;

		if (!permission_set_describe(caller, instance_arn, json_array_get(arns, i), &set, err))
			return false;
		if (strcmp(agent_text(set, "Name"), name) == 0) {
			*ret = TAKE(set);
			return true;
		}
	}
	return true;
}

bool permission_set_list(const struct signed_caller *caller, const char *instance_arn, json_t *rows,
			 struct error *err)
{
	_cleanup_json_ json_t *arns = json_array();

	if (!list_arns(caller, instance_arn, arns, err))
		return false;
	for (size_t i = 0; i < json_array_size(arns); i++) {
		json_t *set = NULL;

		if (!permission_set_describe(caller, instance_arn, json_array_get(arns, i), &set, err))
			return false;
		json_array_append_new(rows, set);
	}
	return true;
}
