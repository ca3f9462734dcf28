#include <stdlib.h>
#include <string.h>

#include "aws/duration.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor_account.h"
#include "cli/finding.h"
#include "cli/permission_set.h"

/* "PT8H" as people say it. */
static const char *duration_text(const char *iso, char text[static DURATION_SIZE])
{
	int64_t s;

	return duration_parse_iso(iso, &s) ? duration_format(s, text) : iso;
}

static void check_duration(const struct account *account, const char *instance)
{
	json_t *findings = account->doctor->findings;
	_cleanup_free_ char *object = NULL;
	_cleanup_json_ json_t *set = NULL;
	char text[DURATION_SIZE];
	const char *iso;
	struct error err;

	if (!account->role)
		return;
	object = xasprintf("permission set '%s'", account->role);
	if (!permission_set_find(&account->caller, instance, account->role, &set, &err)) {
		account_add_unknown(account, "session-duration", object, &err);
		return;
	}
	iso = agent_text(set, "SessionDuration");
	if (set)
		finding_add(findings, "session-duration", FINDING_OK, object, NULL,
			    "gives credentials that last %s", duration_text(iso ? iso : "PT1H", text));
	else
		finding_add(findings, "session-duration", FINDING_UNKNOWN, object, NULL,
			    "is not among the permission sets of this instance");
}

void account_check_instance(const struct account *account)
{
	const char *region = account->caller.region ? account->caller.region : "its region", *arn, *state;
	json_t *findings = account->doctor->findings;
	_cleanup_json_ json_t *reply = NULL;
	const json_t *instance;
	struct error err;

	if (!signed_call(&account->caller, "sso-admin", "ListInstances", NULL, &reply, &err)) {
		account_add_unknown(account, "identity-center", "Identity Center", &err);
		return;
	}
	instance = json_array_get(json_object_get(reply, "Instances"), 0);
	arn = agent_text(instance, "InstanceArn");
	state = agent_text(instance, "Status");
	if (!arn) {
		finding_add(findings, "identity-center", FINDING_UNKNOWN, "Identity Center",
			    "a role of the account that manages it knows: iamic doctor --profile NAME",
			    "no instance is seen from account %s in %s", account->id, region);
		return;
	}
	if (!state || strcmp(state, "ACTIVE") == 0)
		finding_add(findings, "identity-center", FINDING_OK, "Identity Center", NULL,
			    "%s in %s is %s", arn, region, state ? state : "there");
	else
		finding_add(findings, "identity-center", FINDING_WARN, "Identity Center",
			    "look at its settings: iamic console sso",
			    "%s in %s is %s: people may not be able to sign in", arn, region, state);
	check_duration(account, arn);
}
