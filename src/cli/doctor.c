/* Looks over this machine and the account, and says what to do about what is not as it should be. */
#include "cli/doctor.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/finding.h"
#include "cli/output.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

#define LOADING_MAX (10 * USEC_PER_SEC) /* a store's own deadline */
#define PAUSE_MS    50

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

static bool is_loading(const json_t *status)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(status, "sessions"), i, session) {
		const char *state = agent_text(session, "state");

		if (state && strcmp(state, "loading") == 0)
			return true;
	}
	return false;
}

/* Once the store has said what it holds. */
static bool get_status(struct client *client, json_t **ret, struct error *err)
{
	uint64_t give_up = clock_boot_usec() + LOADING_MAX;

	for (;;) {
		_cleanup_json_ json_t *status = NULL;

		if (!agent_status(client, &status, err))
			return false;
		if (!is_loading(status) || clock_boot_usec() >= give_up) {
			*ret = TAKE(status);
			return true;
		}
		poll(NULL, 0, PAUSE_MS);
	}
}

static void ask_daemon(struct doctor *doctor, json_t **ret_status)
{
	struct error err;

	if (agent_open(&doctor->client, &err) && get_status(doctor->client, ret_status, &err)) {
		doctor->status = *ret_status;
		return;
	}
	doctor->client = client_close(doctor->client);
	finding_add(doctor->findings, "daemon", FINDING_FAIL, "iamicd", "'iamicd' in a terminal says more",
		    "%s", err.message);
}

static void look(struct doctor *doctor, const struct target *target)
{
	if (doctor->status)
		doctor_check_daemon(doctor);
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
