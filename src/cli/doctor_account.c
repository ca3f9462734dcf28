#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define PERMISSION_SETS_MAX 200 /* looked at until the role's own is found */

/* The account behind a role: every call is made with that role. */
struct account {
	struct doctor *doctor;
	json_t *target;
	char *id, *role;    /* or NULL */
	const char *region; /* of the session, where Identity Center is; the status' */
};

/* false: *err says why. */
static bool call(const struct account *account, const char *service, const char *operation,
		 const char *region, json_t *input_taken, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *input = input_taken ? input_taken : json_object(), *reply = NULL;
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(4096, &buffer_heap);
	json_t *parameters;
	const char *text;

	if (!json_append(&body, input))
		return error_set(err, ERROR_INTERNAL, "a request that is too long");
	parameters = json_pack("{s:O, s:s, s:s, s:s}", "target", account->target, "service", service,
			       "operation", operation, "body", body.data);
	if (region)
		json_object_set_new(parameters, "region", json_string(region));
	if (!agent_call(account->doctor->client, "Call", parameters, &reply, err))
		return false;
	text = agent_text(reply, "body");
	return json_parse_object(text ? text : "", text ? strlen(text) : 0, operation, ret, err);
}

/* What the role may not look at is unknown, and no fault. */
static void add_unknown(const struct account *account, const char *id, const char *object,
			const struct error *err)
{
	finding_add(account->doctor->findings, id, FINDING_UNKNOWN, object,
		    err->kind == ERROR_DENIED ? "a role that may read it knows: iamic doctor --profile NAME"
					      : NULL,
		    "%s", err->message);
}

/* Of ".../AWSReservedSSO_NAME_0123456789abcdef/user"; NULL for another role. */
static char *permission_set_of(const char *arn)
{
	static const char before[] = "/AWSReservedSSO_";
	const char *name = strstr(arn, before), *end;

	if (!name)
		return NULL;
	name += strlen(before);
	end = memrchr(name, '_', strcspn(name, "/"));
	return end ? xstrndup(name, (size_t)(end - name)) : NULL;
}

/* The tutorial's own test: a role's ARN, not a user's. */
static bool check_identity(struct account *account)
{
	_cleanup_json_ json_t *identity = NULL;
	const char *arn, *id;
	struct error err;

	if (!call(account, "sts", "GetCallerIdentity", NULL, NULL, &identity, &err)) {
		add_unknown(account, "identity", "identity", &err);
		return false;
	}
	arn = agent_text(identity, "Arn");
	id = agent_text(identity, "Account");
	account->id = xstrdup_or_null(id);
	account->role = arn ? permission_set_of(arn) : NULL;
	finding_add(account->doctor->findings, "identity",
		    arn && strstr(arn, ":assumed-role/") ? FINDING_OK : FINDING_WARN, "identity", NULL, "%s",
		    arn ? arn : "AWS names nobody");
	return id != NULL;
}

static long long summary_value(const json_t *summary, const char *name)
{
	const json_t *value = json_object_get(json_object_get(summary, "SummaryMap"), name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void check_root(const struct account *account)
{
	_cleanup_free_ char *object = xasprintf("root of %s", account->id);
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *summary = NULL;
	struct error err;

	if (!call(account, "iam", "GetAccountSummary", NULL, NULL, &summary, &err)) {
		add_unknown(account, "root-mfa", object, &err);
		add_unknown(account, "root-keys", object, &err);
		return;
	}
	if (summary_value(summary, "AccountMFAEnabled") == 1)
		finding_add(findings, "root-mfa", FINDING_OK, object, NULL, "has MFA");
	else
		finding_add(findings, "root-mfa", FINDING_FAIL, object,
			    "sign in as root: https://console.aws.amazon.com/iam/home#/security_credentials",
			    "has no MFA: its password alone opens the account");
	if (summary_value(summary, "AccountAccessKeysPresent") == 0)
		finding_add(findings, "root-keys", FINDING_OK, object, NULL, "has no access keys");
	else
		finding_add(
			findings, "root-keys", FINDING_FAIL, object,
			"delete them as root: https://console.aws.amazon.com/iam/home#/security_credentials",
			"has access keys, which nothing limits");
}

static bool is_logging(const struct account *account, const json_t *trail, bool *ret_is_known)
{
	const char *arn = agent_text(trail, "TrailARN"), *region = agent_text(trail, "HomeRegion");
	_cleanup_json_ json_t *status = NULL;
	struct error err;

	if (!arn || !call(account, "cloudtrail", "GetTrailStatus", region, json_pack("{s:s}", "Name", arn),
			  &status, &err))
		return false;
	*ret_is_known = true;
	return json_is_true(json_object_get(status, "IsLogging"));
}

static void check_trails(const struct account *account)
{
	static const char fix[] = "https://console.aws.amazon.com/cloudtrailv2/home#/trails";
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *reply = NULL;
	const json_t *trails, *trail;
	bool is_known = false;
	struct error err;
	size_t i;

	if (!call(account, "cloudtrail", "DescribeTrails", NULL, NULL, &reply, &err)) {
		add_unknown(account, "cloudtrail", "CloudTrail", &err);
		return;
	}
	trails = json_object_get(reply, "trailList");
	json_array_foreach (trails, i, trail) {
		const char *name = agent_text(trail, "Name");

		if (!is_logging(account, trail, &is_known))
			continue;
		finding_add(findings, "cloudtrail", FINDING_OK, "CloudTrail", NULL, "trail '%s' is logging%s",
			    name ? name : "-",
			    json_is_true(json_object_get(trail, "IsMultiRegionTrail")) ? " in every region"
										       : "");
		return;
	}
	if (json_array_size(trails) > 0 && !is_known)
		finding_add(findings, "cloudtrail", FINDING_UNKNOWN, "CloudTrail", NULL,
			    "has trails, whose state this role may not read");
	else
		finding_add(findings, "cloudtrail", FINDING_FAIL, "CloudTrail", fix,
			    json_array_size(trails) > 0
				    ? "has trails, and none is logging"
				    : "has no trail: nobody could say later what was done");
}

/* "PT8H" or "PT1H30M" as people say it, to be freed. */
static char *duration_text(const char *iso)
{
	char *text = xstrdup(strncmp(iso, "PT", 2) == 0 ? iso + 2 : iso);

	for (char *p = text; *p; p++)
		*p = *p == 'H' ? 'h' : *p == 'M' ? 'm' : *p == 'S' ? 's' : *p;
	return text;
}

/* NULL: not found, or not to be looked at; then err says so. */
static json_t *find_permission_set(const struct account *account, const char *instance, const char *role,
				   struct error *err)
{
	_cleanup_json_ json_t *list = NULL;
	const json_t *sets;

	if (!call(account, "sso-admin", "ListPermissionSets", account->region,
		  json_pack("{s:s, s:i}", "InstanceArn", instance, "MaxResults", 100), &list, err))
		return NULL;
	sets = json_object_get(list, "PermissionSets");
	for (size_t i = 0; i < json_array_size(sets) && i < PERMISSION_SETS_MAX; i++) {
		_cleanup_json_ json_t *reply = NULL;
		json_t *set;
		const char *name;

		if (!call(account, "sso-admin", "DescribePermissionSet", account->region,
			  json_pack("{s:s, s:s}", "InstanceArn", instance, "PermissionSetArn",
				    json_string_value(json_array_get(sets, i))),
			  &reply, err))
			return NULL;
		set = json_object_get(reply, "PermissionSet");
		name = agent_text(set, "Name");
		if (name && strcmp(name, role) == 0)
			return json_incref(set);
	}
	error_set(err, ERROR_UNAVAILABLE, "is not among the permission sets of this instance");
	return NULL;
}

static void check_duration(const struct account *account, const char *instance)
{
	_cleanup_json_ json_t *set = NULL;
	_cleanup_free_ char *object = NULL, *text = NULL;
	struct error err;

	if (!account->role)
		return;
	object = xasprintf("permission set '%s'", account->role);
	set = find_permission_set(account, instance, account->role, &err);
	if (!set) {
		add_unknown(account, "session-duration", object, &err);
		return;
	}
	text = duration_text(agent_text(set, "SessionDuration") ? agent_text(set, "SessionDuration")
								: "PT1H");
	finding_add(account->doctor->findings, "session-duration", FINDING_OK, object, NULL,
		    "gives credentials that last %s", text);
}

static void check_instance(const struct account *account)
{
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *reply = NULL;
	const json_t *instance;
	const char *arn, *state;
	struct error err;

	if (!call(account, "sso-admin", "ListInstances", account->region, NULL, &reply, &err)) {
		add_unknown(account, "identity-center", "Identity Center", &err);
		return;
	}
	instance = json_array_get(json_object_get(reply, "Instances"), 0);
	arn = agent_text(instance, "InstanceArn");
	state = agent_text(instance, "Status");
	if (!arn) {
		finding_add(findings, "identity-center", FINDING_UNKNOWN, "Identity Center", NULL,
			    "no instance is seen from account %s in %s", account->id, account->region);
		return;
	}
	finding_add(findings, "identity-center",
		    !state || strcmp(state, "ACTIVE") == 0 ? FINDING_OK : FINDING_WARN, "Identity Center",
		    NULL, "%s in %s is %s", arn, account->region, state ? state : "there");
	check_duration(account, arn);
}

/* The region of the session that the target belongs to; NULL: the daemon finds one itself. */
static const char *find_region(struct doctor *doctor, const struct target *target)
{
	_cleanup_free_ char *name = NULL;
	const json_t *session;
	struct error ignored;
	size_t i;

	if (!choice_session(doctor->client, target, &name, &ignored))
		return NULL;
	json_array_foreach (json_object_get(doctor->status, "sessions"), i, session) {
		const char *known = agent_text(session, "name");

		if (known && (!name || strcmp(known, name) == 0))
			return agent_text(session, "region");
	}
	return NULL;
}

void doctor_check_account(struct doctor *doctor, const struct target *target)
{
	struct account account = {.doctor = doctor};
	struct error err;

	if (!choice_target(doctor->client, target, &account.target, &err)) {
		add_unknown(&account, "identity", "account", &err);
		return;
	}
	account.region = find_region(doctor, target);
	if (check_identity(&account)) {
		check_root(&account);
		check_trails(&account);
		check_instance(&account);
	}
	json_decref(account.target);
	free(account.id);
	free(account.role);
}
