/* What there is of what 'iamic admin grant' is to make. */
#include <stdlib.h>
#include <string.h>

#include "aws/duration.h"
#include "aws/managed_policy.h"
#include "aws/region.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/admin_grant.h"
#include "cli/agent.h"
#include "cli/permission_set.h"

#define SESSION_USUAL_S 3600 /* of a permission set that says nothing */

void grant_found_done(struct grant_found *found)
{
	free(found->user_id);
	free(found->group_id);
	free(found->set_arn);
}

char *grant_policy_arn(const struct admin *admin, const struct grant_wish *wish, size_t index)
{
	const struct partition *partition = region_partition(admin->region);

	return managed_policy_arn(wish->policies.texts[index], partition ? partition->name : "aws");
}

const char *grant_principal(const struct grant_wish *wish, const struct grant_found *found,
			    const char **ret_id)
{
	*ret_id = wish->group ? found->group_id : found->user_id;
	return wish->group ? "GROUP" : "USER";
}

/* What is not there is an answer, too. */
static bool is_not_found(const struct admin *admin)
{
	return strcmp(signed_refusal(&admin->caller), "ResourceNotFoundException") == 0;
}

/* *ret stays NULL where nothing is found. */
static bool look_up(const struct admin *admin, const char *operation, json_t *input_taken, json_t **ret,
		    struct error *err)
{
	*ret = NULL;
	return signed_call(&admin->caller, "identitystore", operation, input_taken, ret, err) ||
	       is_not_found(admin);
}

/* The id that AWS has for a unique name; NULL: there is none of that name. */
static bool look_up_id(const struct admin *admin, const char *operation, const char *path, const char *name,
		       const char *member, char **ret_id, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_store(admin);
	const char *id;

	json_object_set_new(input, "AlternateIdentifier",
			    json_pack("{s:{s:s, s:s}}", "UniqueAttribute", "AttributePath", path,
				      "AttributeValue", name));
	if (!look_up(admin, operation, input, &reply, err))
		return false;
	id = agent_text(reply, member);
	if (reply && !id)
		return error_set(err, ERROR_UNAVAILABLE, "%s: AWS's answer has no usable %s: try again later",
				 operation, member);
	xstrdup_to(ret_id, id);
	return true;
}

static bool says_otherwise(const char *wanted, const char *there)
{
	return wanted && (!there || strcmp(wanted, there) != 0);
}

static bool user_differs(const struct grant_wish *wish, const json_t *user)
{
	const json_t *name = json_object_get(user, "Name");
	const json_t *email = json_array_get(json_object_get(user, "Emails"), 0);

	return says_otherwise(wish->given_name, agent_text(name, "GivenName")) ||
	       says_otherwise(wish->family_name, agent_text(name, "FamilyName")) ||
	       says_otherwise(wish->display_name, agent_text(user, "DisplayName")) ||
	       says_otherwise(wish->email, agent_text(email, "Value"));
}

static bool look_at_user(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
			 struct error *err)
{
	_cleanup_json_ json_t *user = NULL;
	json_t *input;

	if (!look_up_id(admin, "GetUserId", "userName", wish->user_name, "UserId", &found->user_id, err))
		return false;
	if (!found->user_id)
		return true;
	input = admin_of_store(admin);
	json_object_set_new(input, "UserId", json_string(found->user_id));
	if (!signed_call(&admin->caller, "identitystore", "DescribeUser", input, &user, err))
		return false;
	found->user_differs = user_differs(wish, user);
	return true;
}

static bool look_at_group(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
			  struct error *err)
{
	return look_up_id(admin, "GetGroupId", "displayName", wish->group, "GroupId", &found->group_id, err);
}

static bool look_at_membership(const struct admin *admin, struct grant_found *found, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input;

	if (!found->user_id || !found->group_id)
		return true;
	input = admin_of_store(admin);
	json_object_set_new(input, "GroupId", json_string(found->group_id));
	json_object_set_new(input, "MemberId", json_pack("{s:s}", "UserId", found->user_id));
	if (!look_up(admin, "GetGroupMembershipId", input, &reply, err))
		return false;
	found->is_member = reply != NULL;
	return true;
}

static bool look_at_set(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
			struct error *err)
{
	_cleanup_json_ json_t *set = NULL;
	const char *duration;

	if (!permission_set_find(&admin->caller, admin->instance_arn, wish->permission_set, &set, err))
		return false;
	xstrdup_to(&found->set_arn, agent_text(set, "PermissionSetArn"));
	duration = agent_text(set, "SessionDuration");
	if (!duration || !duration_parse_iso(duration, &found->session_s))
		found->session_s = SESSION_USUAL_S;
	return true;
}

static json_t *of_set(const struct admin *admin, const struct grant_found *found)
{
	json_t *input = admin_of_instance(admin);

	json_object_set_new(input, "PermissionSetArn", json_string(found->set_arn));
	return input;
}

static bool look_at_policies(const struct admin *admin, const struct grant_wish *wish,
			     struct grant_found *found, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();

	if (!signed_list(&admin->caller, "sso-admin", "ListManagedPoliciesInPermissionSet",
			 of_set(admin, found), "AttachedManagedPolicies", rows, err))
		return false;
	for (size_t i = 0; i < wish->policies.n; i++) {
		_cleanup_free_ char *arn = grant_policy_arn(admin, wish, i);

		for (size_t k = 0; k < json_array_size(rows); k++) {
			const char *there = agent_text(json_array_get(rows, k), "Arn");

			found->has_policy[i] |= there && strcmp(there, arn) == 0;
		}
	}
	return true;
}

/* status NULL: in whatever state. */
static bool is_in_an_account(const struct admin *admin, const struct grant_found *found, const char *status,
			     bool *ret, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	json_t *input = of_set(admin, found);

	if (status)
		json_object_set_new(input, "ProvisioningStatus", json_string(status));
	if (!signed_list(&admin->caller, "sso-admin", "ListAccountsForProvisionedPermissionSet", input,
			 "AccountIds", rows, err))
		return false;
	*ret = json_array_size(rows) > 0;
	return true;
}

static bool look_at_provisioning(const struct admin *admin, struct grant_found *found, struct error *err)
{
	found->is_outdated = false;
	return is_in_an_account(admin, found, NULL, &found->is_provisioned, err) &&
	       (!found->is_provisioned ||
		is_in_an_account(admin, found, "LATEST_PERMISSION_SET_NOT_PROVISIONED", &found->is_outdated,
				 err));
}

static bool is_assigned(const json_t *row, const char *kind, const char *id)
{
	const char *there = agent_text(row, "PrincipalId"), *of_kind = agent_text(row, "PrincipalType");

	return there && of_kind && strcmp(there, id) == 0 && strcmp(of_kind, kind) == 0;
}

static bool look_at_assignment(const struct admin *admin, const struct grant_wish *wish, size_t index,
			       struct grant_found *found, struct error *err)
{
	_cleanup_json_ json_t *rows = json_array();
	const char *id, *kind = grant_principal(wish, found, &id);
	json_t *input;

	if (!id || !found->set_arn)
		return true;
	input = of_set(admin, found);
	json_object_set_new(input, "AccountId", json_string(wish->accounts.texts[index]));
	if (!signed_list(&admin->caller, "sso-admin", "ListAccountAssignments", input, "AccountAssignments",
			 rows, err))
		return is_not_found(admin);
	for (size_t i = 0; i < json_array_size(rows); i++)
		found->is_assigned[index] |= is_assigned(json_array_get(rows, i), kind, id);
	return true;
}

bool grant_look(const struct admin *admin, const struct grant_wish *wish, const struct grant_step *step,
		struct grant_found *found, struct error *err)
{
	switch (step->kind) {
	case GRANT_USER:
		return look_at_user(admin, wish, found, err);
	case GRANT_GROUP:
		return look_at_group(admin, wish, found, err);
	case GRANT_MEMBERSHIP:
		return look_at_membership(admin, found, err);
	case GRANT_PERMISSION_SET:
	case GRANT_SESSION:
		return look_at_set(admin, wish, found, err);
	case GRANT_POLICY:
		return look_at_policies(admin, wish, found, err);
	case GRANT_PROVISIONING:
		return look_at_provisioning(admin, found, err);
	case GRANT_ASSIGNMENT:
	default:
		return look_at_assignment(admin, wish, step->index, found, err);
	}
}

/* Whether accounts have the set as it is matters only to who changes it. */
static bool find_set(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
		     struct error *err)
{
	if (!look_at_set(admin, wish, found, err))
		return false;
	if (!found->set_arn || (wish->policies.n == 0 && !wish->session_s))
		return true;
	return (wish->policies.n == 0 || look_at_policies(admin, wish, found, err)) &&
	       look_at_provisioning(admin, found, err);
}

bool grant_find(const struct admin *admin, const struct grant_wish *wish, struct grant_found *ret,
		struct error *err)
{
	if ((wish->user_name && !look_at_user(admin, wish, ret, err)) ||
	    (wish->group && !look_at_group(admin, wish, ret, err)) || !look_at_membership(admin, ret, err) ||
	    (wish->permission_set && !find_set(admin, wish, ret, err)))
		return false;
	for (size_t i = 0; i < wish->accounts.n; i++) {
		if (!look_at_assignment(admin, wish, i, ret, err))
			return false;
	}
	return true;
}
