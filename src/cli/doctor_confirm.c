#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define DEADLINE_USEC (5 * USEC_PER_SEC)

void doctor_check_confirm(struct doctor *doctor)
{
	_cleanup_json_ json_t *reply = NULL;
	_cleanup_free_ char *object = NULL;
	const char *roles;
	struct error ignored; /* an older daemon does not know the question */

	if (!client_call(doctor->client, "CanConfirm", NULL, clock_boot_usec() + DEADLINE_USEC, &reply,
			 &ignored))
		return;
	roles = agent_text(reply, "confirm");
	if (!roles || !*roles)
		return;
	object = xasprintf("confirm = %.100s", roles);
	if (json_is_true(json_object_get(reply, "canAsk")))
		finding_add(doctor->findings, "confirm", FINDING_OK, object, NULL,
			    "is asked about by notifications");
	else
		finding_add(doctor->findings, "confirm", FINDING_WARN, object,
			    "sign in at a desktop, or see iamic-config(5)",
			    "is never handed out: nothing here shows notifications with buttons");
}
