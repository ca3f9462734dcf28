/*
 * Carrying out what 'iamic admin grant' has planned.
 *
 *   step ──► ask AWS ──► done, or (assignments, provisioning) looked at until it has come into effect
 *               ├─(ConflictException)──► look: there by now? done : one is under way, ask again in a while
 *               └─(ResourceNotFoundException)──► what it builds on is new: ask again in a while
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/duration.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/admin_grant.h"
#include "cli/agent.h"
#include "cli/terminal.h"

#define PATIENCE  (3 * 60 * USEC_PER_SEC) /* AWS needs seconds, and minutes where it has much to do */
#define SETTLING  (10 * USEC_PER_SEC)     /* until what is new is known everywhere */
#define PAUSE     (100 * USEC_PER_MSEC)
#define PAUSE_MAX (4 * USEC_PER_SEC)

/* The plan while it is carried out. */
struct applying {
	const struct admin *admin;
	const struct grant_wish *wish;
	struct grant_found *found;
	bool has_made; /* something that is needed may be new */
};

/* Looking again is cheap at first, and rare in the end. false: it takes too long. */
struct patience {
	uint64_t until, pause;
};

static struct patience patience_begin(void)
{
	return (struct patience){clock_boot_usec() + PATIENCE, PAUSE};
}

static bool patience_wait(struct patience *patience)
{
	if (clock_boot_usec() + patience->pause >= patience->until)
		return false;
	usleep((useconds_t)patience->pause);
	patience->pause = 2 * patience->pause < PAUSE_MAX ? 2 * patience->pause : PAUSE_MAX;
	return true;
}

/* ---- what takes a while ---- */

/* How AWS is asked how far it is. */
struct progress {
	const char *operation, *id, *status; /* members of its input and its reply */
};

static const struct progress of_assignment = {
	"DescribeAccountAssignmentCreationStatus",
	"AccountAssignmentCreationRequestId",
	"AccountAssignmentCreationStatus",
};
static const struct progress of_provisioning = {
	"DescribePermissionSetProvisioningStatus",
	"ProvisionPermissionSetRequestId",
	"PermissionSetProvisioningStatus",
};

static bool refuse_status(const struct progress *progress, struct error *err)
{
	return error_set(err, ERROR_UNAVAILABLE, "%s: AWS's answer has no usable %s: try again later",
			 progress->operation, progress->status);
}

/* *ret_is_over stays false while it is in progress. */
static bool judge(const struct progress *progress, const json_t *status, bool *ret_is_over, struct error *err)
{
	const char *state = agent_text(status, "Status"), *reason = agent_text(status, "FailureReason");

	if (!state)
		return refuse_status(progress, err);
	if (strcmp(state, "FAILED") == 0)
		return error_set(err, ERROR_DENIED,
				 "AWS could not do it: %.200s: correct that, and try again",
				 reason ? reason : "it does not say why");
	*ret_is_over = strcmp(state, "SUCCEEDED") == 0;
	return true;
}

/* reply: of what began it. */
static bool look_until_over(const struct applying *applying, const struct progress *progress,
			    const json_t *reply, struct error *err)
{
	_cleanup_json_ json_t *status = json_incref(json_object_get(reply, progress->status));
	_cleanup_free_ char *id = xstrdup_or_null(agent_text(status, "RequestId"));
	struct patience patience = patience_begin();
	bool is_over = false;

	while (judge(progress, status, &is_over, err)) {
		_cleanup_json_ json_t *next = NULL;
		json_t *input;

		if (is_over)
			return true;
		if (!id)
			return refuse_status(progress, err);
		if (!patience_wait(&patience))
			return error_set(err, ERROR_TIMED_OUT,
					 "AWS has begun, and needs more time: try again, to see how it went");
		input = admin_of_instance(applying->admin);
		json_object_set_new(input, progress->id, json_string(id));
		if (!signed_call(&applying->admin->caller, "sso-admin", progress->operation, input, &next,
				 err))
			return false;
		json_decref(status);
		status = json_incref(json_object_get(next, progress->status));
	}
	return false;
}

static bool await(const struct applying *applying, const struct progress *progress, const json_t *reply,
		  struct error *err)
{
	bool ok;

	terminal_show_line("waiting until AWS has done it");
	ok = look_until_over(applying, progress, reply, err);
	terminal_clear_line();
	return ok;
}

/* ---- the steps ---- */

/* Takes the id of what was made out of AWS's reply. */
static bool take_id(const json_t *reply, const char *operation, const char *member, char **ret,
		    struct error *err)
{
	const char *id = agent_text(reply, member);

	if (!id)
		return error_set(err, ERROR_UNAVAILABLE, "%s: AWS's answer has no usable %s: try again later",
				 operation, member);
	xstrdup_to(ret, id);
	return true;
}

static bool make_user(const struct applying *applying, struct error *err)
{
	const struct grant_wish *wish = applying->wish;
	_cleanup_free_ char *display = wish->display_name
					       ? xstrdup(wish->display_name)
					       : xasprintf("%s %s", wish->given_name, wish->family_name);
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_store(applying->admin);

	json_object_set_new(input, "UserName", json_string(wish->user_name));
	json_object_set_new(input, "DisplayName", json_string(display));
	json_object_set_new(
		input, "Name",
		json_pack("{s:s, s:s}", "GivenName", wish->given_name, "FamilyName", wish->family_name));
	json_object_set_new(
		input, "Emails",
		json_pack("[{s:s, s:s, s:b}]", "Value", wish->email, "Type", "work", "Primary", true));
	return signed_change(&applying->admin->caller, "identitystore", "CreateUser", input, &reply, err) &&
	       take_id(reply, "CreateUser", "UserId", &applying->found->user_id, err);
}

static bool make_group(const struct applying *applying, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_store(applying->admin);

	json_object_set_new(input, "DisplayName", json_string(applying->wish->group));
	return signed_change(&applying->admin->caller, "identitystore", "CreateGroup", input, &reply, err) &&
	       take_id(reply, "CreateGroup", "GroupId", &applying->found->group_id, err);
}

static bool make_membership(const struct applying *applying, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_store(applying->admin);

	json_object_set_new(input, "GroupId", json_string(applying->found->group_id));
	json_object_set_new(input, "MemberId", json_pack("{s:s}", "UserId", applying->found->user_id));
	return signed_change(&applying->admin->caller, "identitystore", "CreateGroupMembership", input,
			     &reply, err);
}

static bool make_set(const struct applying *applying, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_instance(applying->admin);
	char iso[DURATION_SIZE];

	json_object_set_new(input, "Name", json_string(applying->wish->permission_set));
	if (applying->wish->session_s)
		json_object_set_new(input, "SessionDuration",
				    json_string(duration_format_iso(applying->wish->session_s, iso)));
	return signed_change(&applying->admin->caller, "sso-admin", "CreatePermissionSet", input, &reply,
			     err) &&
	       take_id(json_object_get(reply, "PermissionSet"), "CreatePermissionSet", "PermissionSetArn",
		       &applying->found->set_arn, err);
}

/* A change of the permission set: its ARN, and one member more. */
static bool change_set(const struct applying *applying, const char *operation, const char *member,
		       const char *value, json_t **ret, struct error *err)
{
	json_t *input = admin_of_instance(applying->admin);

	json_object_set_new(input, "PermissionSetArn", json_string(applying->found->set_arn));
	json_object_set_new(input, member, json_string(value));
	return signed_change(&applying->admin->caller, "sso-admin", operation, input, ret, err);
}

static bool change_session(const struct applying *applying, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	char iso[DURATION_SIZE];

	return change_set(applying, "UpdatePermissionSet", "SessionDuration",
			  duration_format_iso(applying->wish->session_s, iso), &reply, err);
}

static bool attach_policy(const struct applying *applying, size_t index, struct error *err)
{
	_cleanup_free_ char *arn = grant_policy_arn(applying->admin, applying->wish, index);
	_cleanup_json_ json_t *reply = NULL;

	return change_set(applying, "AttachManagedPolicyToPermissionSet", "ManagedPolicyArn", arn, &reply,
			  err);
}

static bool provision(const struct applying *applying, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;

	return change_set(applying, "ProvisionPermissionSet", "TargetType", "ALL_PROVISIONED_ACCOUNTS",
			  &reply, err) &&
	       await(applying, &of_provisioning, reply, err);
}

static bool assign(const struct applying *applying, size_t index, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *input = admin_of_instance(applying->admin);
	const char *id, *kind = grant_principal(applying->wish, applying->found, &id);

	json_object_update_new(input, json_pack("{s:s, s:s, s:s, s:s, s:s}", "TargetId",
						applying->wish->accounts.texts[index], "TargetType",
						"AWS_ACCOUNT", "PermissionSetArn", applying->found->set_arn,
						"PrincipalType", kind, "PrincipalId", id));
	return signed_change(&applying->admin->caller, "sso-admin", "CreateAccountAssignment", input, &reply,
			     err) &&
	       await(applying, &of_assignment, reply, err);
}

static bool ask(const struct applying *applying, const struct grant_step *step, struct error *err)
{
	switch (step->kind) {
	case GRANT_USER:
		return make_user(applying, err);
	case GRANT_GROUP:
		return make_group(applying, err);
	case GRANT_MEMBERSHIP:
		return make_membership(applying, err);
	case GRANT_PERMISSION_SET:
		return make_set(applying, err);
	case GRANT_SESSION:
		return change_session(applying, err);
	case GRANT_POLICY:
		return attach_policy(applying, step->index, err);
	case GRANT_PROVISIONING:
		return provision(applying, err);
	case GRANT_ASSIGNMENT:
	default:
		return assign(applying, step->index, err);
	}
}

/* ---- one after the other ---- */

/* Of these one is under way when AWS says that there is a conflict; for the others, something else has the
 * name. */
static bool can_be_under_way(const struct grant_step *step)
{
	return step->kind >= GRANT_SESSION;
}

static bool was_refused_with(const struct applying *applying, const char *refusal)
{
	return strcmp(signed_refusal(&applying->admin->caller), refusal) == 0;
}

enum outcome { OUTCOME_THERE, OUTCOME_LATER, OUTCOME_FAILED };

/* Of a step that AWS has refused. Whoever else made it meanwhile did what was wanted. */
static enum outcome after_refusal(const struct applying *applying, const struct grant_step *step,
				  uint64_t began_usec, struct error *err)
{
	struct error look_err;

	if (was_refused_with(applying, "ResourceNotFoundException") && applying->has_made &&
	    clock_boot_usec() < began_usec + SETTLING)
		return OUTCOME_LATER;
	if (!was_refused_with(applying, "ConflictException"))
		return OUTCOME_FAILED;
	if (!grant_look(applying->admin, applying->wish, step, applying->found, &look_err)) {
		*err = look_err;
		return OUTCOME_FAILED;
	}
	if (grant_is_there(applying->wish, applying->found, step))
		return OUTCOME_THERE;
	return can_be_under_way(step) ? OUTCOME_LATER : OUTCOME_FAILED;
}

static bool carry_out(const struct applying *applying, const struct grant_step *step, struct error *err)
{
	struct patience patience = patience_begin();
	uint64_t began_usec = clock_boot_usec();

	while (!ask(applying, step, err)) {
		enum outcome outcome = after_refusal(applying, step, began_usec, err);

		if (outcome == OUTCOME_THERE)
			return true;
		if (outcome == OUTCOME_FAILED || !patience_wait(&patience))
			return false;
	}
	return true;
}

bool grant_apply(const struct admin *admin, const struct grant_wish *wish, struct grant_found *found,
		 struct grant_plan *plan, grant_progress_fn on_step, void *userdata, struct error *err)
{
	struct applying applying = {admin, wish, found, false};

	for (size_t i = 0; i < plan->n; i++) {
		struct grant_step *step = &plan->steps[i];

		if (step->state != GRANT_PLANNED)
			continue;
		step->state = carry_out(&applying, step, err) ? GRANT_DONE : GRANT_FAILED;
		on_step(step, userdata);
		if (step->state == GRANT_FAILED) {
			_cleanup_free_ char *name = grant_step_name(wish, step);

			return error_prefix(err, "%.200s", name);
		}
		applying.has_made = true;
	}
	return true;
}
