#include <stdlib.h>
#include <string.h>

#include "aws/duration.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/doctor.h"
#include "cli/finding.h"
#include "cli/permission_set.h"
#include "cli/signed_call.h"

/* The account behind a role: every call is made with that role. */
struct account {
	struct doctor *doctor;
	struct signed_caller caller; /* in the region of the session, where Identity Center is */
	char *id, *role;             /* or NULL */
};

/* In another region than the session's; NULL: the daemon finds one itself. */
static bool call_in(const struct account *account, const char *region, const char *service,
		    const char *operation, json_t *input_taken, json_t **ret, struct error *err)
{
	const struct signed_caller there = {account->caller.client, account->caller.target, region};

	return signed_call(&there, service, operation, input_taken, ret, err);
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

	if (!call_in(account, NULL, "sts", "GetCallerIdentity", NULL, &identity, &err)) {
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

	if (!call_in(account, NULL, "iam", "GetAccountSummary", NULL, &summary, &err)) {
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

	if (!arn || !call_in(account, region, "cloudtrail", "GetTrailStatus", json_pack("{s:s}", "Name", arn),
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

	if (!call_in(account, NULL, "cloudtrail", "DescribeTrails", NULL, &reply, &err)) {
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

/* "PT8H" as people say it. */
static const char *duration_text(const char *iso, char text[static DURATION_SIZE])
{
	int64_t s;

	return duration_parse_iso(iso, &s) ? duration_format(s, text) : iso;
}

static void check_duration(const struct account *account, const char *instance)
{
	_cleanup_free_ char *object = NULL;
	_cleanup_json_ json_t *set = NULL;
	char text[DURATION_SIZE];
	const char *iso;
	struct error err;

	if (!account->role)
		return;
	object = xasprintf("permission set '%s'", account->role);
	if (!permission_set_find(&account->caller, instance, account->role, &set, &err)) {
		add_unknown(account, "session-duration", object, &err);
		return;
	}
	iso = agent_text(set, "SessionDuration");
	finding_add(account->doctor->findings, "session-duration", set ? FINDING_OK : FINDING_UNKNOWN, object,
		    NULL, set ? "gives credentials that last %s" : "%s",
		    set ? duration_text(iso ? iso : "PT1H", text)
			: "is not among the permission sets of this instance");
}

static void check_instance(const struct account *account)
{
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *reply = NULL;
	const json_t *instance;
	const char *arn, *state;
	struct error err;

	if (!signed_call(&account->caller, "sso-admin", "ListInstances", NULL, &reply, &err)) {
		add_unknown(account, "identity-center", "Identity Center", &err);
		return;
	}
	instance = json_array_get(json_object_get(reply, "Instances"), 0);
	arn = agent_text(instance, "InstanceArn");
	state = agent_text(instance, "Status");
	if (!arn) {
		finding_add(findings, "identity-center", FINDING_UNKNOWN, "Identity Center", NULL,
			    "no instance is seen from account %s in %s", account->id, account->caller.region);
		return;
	}
	finding_add(findings, "identity-center",
		    !state || strcmp(state, "ACTIVE") == 0 ? FINDING_OK : FINDING_WARN, "Identity Center",
		    NULL, "%s in %s is %s", arn, account->caller.region, state ? state : "there");
	check_duration(account, arn);
}

void doctor_check_account(struct doctor *doctor, const struct target *target)
{
	struct account account = {.doctor = doctor, .caller = {.client = doctor->client}};
	struct error err;

	if (!choice_target(doctor->client, target, &account.caller.target, &err)) {
		add_unknown(&account, "identity", "account", &err);
		return;
	}
	account.caller.region = agent_text(choice_home_session(account.caller.target), "region");
	if (check_identity(&account)) {
		check_root(&account);
		check_trails(&account);
		check_instance(&account);
	}
	json_decref(account.caller.target);
	free(account.id);
	free(account.role);
}
