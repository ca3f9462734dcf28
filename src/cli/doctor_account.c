#include <stdlib.h>
#include <string.h>

#include "aws/console.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/doctor_account.h"
#include "cli/finding.h"

/* In another region than the session's; NULL: the daemon finds one itself. */
static bool call_in(const struct account *account, const char *region, const char *service,
		    const char *operation, json_t *input_taken, json_t **ret, struct error *err)
{
	const struct signed_caller there = {account->caller.client, account->caller.target, region};

	return signed_call(&there, service, operation, input_taken, ret, err);
}

void account_add_unknown(const struct account *account, const char *id, const char *object,
			 const struct error *err)
{
	finding_add_error(account->doctor->findings, id, FINDING_UNKNOWN, object,
			  err->kind == ERROR_DENIED
				  ? "a role that may read it knows: iamic doctor --profile NAME"
				  : NULL,
			  err);
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
		account_add_unknown(account, "identity", "identity", &err);
		return false;
	}
	arn = agent_text(identity, "Arn");
	id = agent_text(identity, "Account");
	account->id = xstrdup_or_null(id);
	account->role = arn ? permission_set_of(arn) : NULL;
	if (arn && strstr(arn, ":assumed-role/"))
		finding_add(account->doctor->findings, "identity", FINDING_OK, "identity", NULL, "%s", arn);
	else
		finding_add(account->doctor->findings, "identity", FINDING_WARN, "identity",
			    "use a role of Identity Center: iamic configure",
			    "%s is no role, whose credentials would end by themselves",
			    arn ? arn : "who AWS does not name");
	return id != NULL;
}

static long long summary_value(const json_t *summary, const char *name)
{
	const json_t *value = json_object_get(json_object_get(summary, "SummaryMap"), name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* A page of the console of that partition, to be freed. */
static char *console_page(const struct account *account, const char *service, const char *before,
			  const char *behind)
{
	_cleanup_free_ char *url = NULL;
	struct error ignored;

	if (!console_destination(service, NULL, account->caller.region ? account->caller.region : "us-east-1",
				 &url, &ignored))
		return xasprintf("%sthe page of %s in the console", before, service);
	return xasprintf("%s%s%s", before, url, behind);
}

static void report_mfa(const struct account *account, const json_t *summary, const char *object,
		       const char *fix)
{
	json_t *findings = account->doctor->findings;
	long long is_there = summary_value(summary, "AccountMFAEnabled");

	if (is_there > 0)
		finding_add(findings, "root-mfa", FINDING_OK, object, NULL, "has MFA");
	else if (summary_value(summary, "AccountPasswordPresent") == 0)
		finding_add(findings, "root-mfa", FINDING_OK, object, NULL,
			    "has no password, so nobody signs in as it");
	else if (is_there == 0)
		finding_add(findings, "root-mfa", FINDING_FAIL, object, fix,
			    "has no MFA: its password alone opens the account");
	else
		finding_add(findings, "root-mfa", FINDING_UNKNOWN, object, fix,
			    "AWS does not tell of its MFA");
}

static void report_keys(const struct account *account, const json_t *summary, const char *object,
			const char *fix)
{
	json_t *findings = account->doctor->findings;
	long long n = summary_value(summary, "AccountAccessKeysPresent");

	if (n == 0)
		finding_add(findings, "root-keys", FINDING_OK, object, NULL, "has no access keys");
	else if (n > 0)
		finding_add(findings, "root-keys", FINDING_FAIL, object, fix,
			    "has access keys, which nothing limits: delete them");
	else
		finding_add(findings, "root-keys", FINDING_UNKNOWN, object, fix,
			    "AWS does not tell of its access keys");
}

static void check_root(const struct account *account)
{
	_cleanup_free_ char *object = xasprintf("root of %s", account->id), *fix = NULL;
	_cleanup_json_ json_t *summary = NULL;
	struct error err;

	if (!call_in(account, NULL, "iam", "GetAccountSummary", NULL, &summary, &err)) {
		account_add_unknown(account, "root-mfa", object, &err);
		account_add_unknown(account, "root-keys", object, &err);
		return;
	}
	fix = console_page(account, "iam", "sign in as root: ", "#/security_credentials");
	report_mfa(account, summary, object, fix);
	report_keys(account, summary, object, fix);
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
	_cleanup_free_ char *fix = console_page(account, "cloudtrailv2", "", "#/trails");
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *reply = NULL;
	const json_t *trails, *trail;
	bool is_known = false;
	struct error err;
	size_t i;

	if (!call_in(account, NULL, "cloudtrail", "DescribeTrails", NULL, &reply, &err)) {
		account_add_unknown(account, "cloudtrail", "CloudTrail", &err);
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
		finding_add(findings, "cloudtrail", FINDING_UNKNOWN, "CloudTrail",
			    "a role that may read it knows: iamic doctor --profile NAME",
			    "has trails, whose state this role may not read");
	else
		finding_add(findings, "cloudtrail", FINDING_FAIL, "CloudTrail", fix,
			    json_array_size(trails) > 0
				    ? "has trails, and none is logging: nobody could say later what was done"
				    : "has no trail: nobody could say later what was done");
}

void doctor_check_account(struct doctor *doctor, const struct target *target)
{
	struct account account = {.doctor = doctor, .caller = {.client = doctor->client}};
	struct error err;

	if (!choice_target(doctor->client, target, &account.caller.target, &err)) {
		if (err.kind == ERROR_NONE) /* Ctrl-C where a person could pick one */
			error_fill(&err, ERROR_CONFIG, "no role was chosen: iamic doctor --profile NAME");
		account_add_unknown(&account, "identity", "account", &err);
		return;
	}
	account.caller.region = agent_text(choice_home_session(account.caller.target), "region");
	if (check_identity(&account)) {
		check_root(&account);
		check_trails(&account);
		account_check_instance(&account);
	}
	json_decref(account.caller.target);
	free(account.id);
	free(account.role);
}
