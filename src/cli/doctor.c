/* Looks over this machine and the account, and says what to do about what is not as it should be. */
#include "cli/doctor.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/finding.h"
#include "cli/output.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

#define LOADING_MAX (10 * USEC_PER_SEC) /* a store's own deadline */

struct doctor_values {
	struct target target;
	bool clean, json;
};

static const struct option doctor_options[] = {
	ROLE_OPTIONS(struct doctor_values, target),
	{.name = "clean",
	 .offset = offsetof(struct doctor_values, clean),
	 .help = "remove the plain-text tokens of other tools"},
	{.name = "json", .offset = offsetof(struct doctor_values, json), .help = "print JSON"},
};

static void ask_daemon(struct doctor *doctor, json_t **ret_status)
{
	struct error err;

	if (agent_open(&doctor->client, &err) &&
	    agent_status_loaded(doctor->client, NULL, LOADING_MAX, ret_status, &err)) {
		doctor->status = *ret_status;
		return;
	}
	doctor->client = client_close(doctor->client);
	finding_add(doctor->findings, "daemon", FINDING_FAIL, "iamicd", "'iamicd' in a terminal says more",
		    "%s", err.message);
}

static void find_session(struct doctor *doctor, const struct target *target)
{
	const json_t *sessions = json_object_get(doctor->status, "sessions");
	struct error ignored;

	if (!choice_session(doctor->client, target, &doctor->session, &ignored) || !doctor->session)
		doctor->session = xstrdup_or_null(agent_text(json_array_get(sessions, 0), "name"));
}

static void look(struct doctor *doctor, const struct target *target)
{
	if (doctor->status) {
		find_session(doctor, target);
		doctor_check_daemon(doctor);
		doctor_check_network(doctor);
		doctor_check_confirm(doctor);
	}
	doctor_check_service(doctor);
	doctor_check_shell(doctor);
	doctor_check_profiles(doctor);
	doctor_check_caches(doctor);
	if (doctor->status)
		doctor_check_account(doctor, target);
}

static bool print(const json_t *findings, bool as_json, struct error *err)
{
	_cleanup_json_ json_t *document = NULL;

	if (!as_json) {
		findings_print(findings);
		return true;
	}
	document = json_pack("{s:O}", "findings", findings);
	return print_json(document, false, err);
}

static int run(const void *userdata, char *const *words)
{
	const struct doctor_values *values = userdata;
	_cleanup_json_ json_t *findings = json_array(), *status = NULL;
	struct doctor doctor = {.findings = findings, .cleans = values->clean};
	struct error err;
	bool ok;

	(void)words;
	if (!choice_check(&values->target, &err) || !fs_home(&doctor.home, &err))
		return command_fail(&err);
	ask_daemon(&doctor, &status);
	look(&doctor, &values->target);
	client_close(doctor.client);
	free(doctor.session);
	ok = print(findings, values->json, &err);
	if (!ok)
		return command_fail(&err);
	return findings_have(findings, FINDING_FAIL) ? IAMIC_EXIT_INTERNAL : IAMIC_EXIT_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.words = "",
	.summary = "look over this machine and the account",
	.description = "Checks this machine, and the account behind a role against the checklist of\n"
		       "Identity Center's tutorial, and says what to do for each finding.",
	.example = "iamic doctor --profile admin",
	.options = doctor_options,
	.n_options = ARRAY_SIZE(doctor_options),
	.values_size = sizeof(struct doctor_values),
	.run = run,
};
