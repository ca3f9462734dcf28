/* Reach. */
#include <stdlib.h>

#include "aws/reply.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "daemon/retry.h"

#define DEADLINE_USEC (10 * USEC_PER_SEC)
#define OPERATION     "Reach"

struct reaching {
	struct call *call;
	char *url;
	struct retry *request;
};

static void reaching_release(void *held)
{
	struct reaching *reaching = held;

	retry_free(reaching->request);
	free(reaching->url);
	free(reaching);
}

/* AWS refuses what it was not asked in the right way, and that is an answer; a page for people is not its. */
static bool is_of_aws(const struct aws_reply *answer, struct error *err)
{
	static const struct aws_fault none;

	if (answer->status < 500 && !reply_is_html(answer))
		return true;
	reply_explain_unknown(answer, &none, OPERATION, err);
	return false;
}

static void on_replied(const struct aws_reply *answer, const struct error *err, void *userdata)
{
	struct reaching *reaching = userdata;
	const struct agent *agent = call_userdata(reaching->call);
	struct error why;

	if (!answer)
		call_fail(reaching->call, err, NULL); /* nothing after this line */
	else if (!is_of_aws(answer, &why))
		call_fail(reaching->call, &why, NULL); /* nothing after this line */
	else
		call_reply(reaching->call,
			   json_pack("{s:s, s:I}", "url", reaching->url, "clockAhead",
				     (json_int_t)aws_clock_ahead_s(agent->deps.clock))); /* likewise */
}

static void start(struct call *call, const struct session *session)
{
	struct agent *agent = call_userdata(call);
	struct reaching *reaching = xcalloc(1, sizeof(*reaching));
	struct aws_request request = {
		.operation = OPERATION,
		.url = xasprintf("%s/device_authorization", session_oidc_url(session)),
		.body = BUFFER_INIT(0, &buffer_heap),
		.is_idempotent = true,
		.is_poll = true, /* who asks wants to know how it is now */
	};

	*reaching = (struct reaching){.call = call, .url = xstrdup(session_oidc_url(session))};
	call_hold(call, reaching_release, reaching);
	reaching->request = retry_start(agent->deps.upstream, &request, clock_boot_usec() + DEADLINE_USEC,
					on_replied, reaching);
}

void method_reach(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct session_proposal wanted = {0};
	struct session *session;
	struct error err;

	if (!parameters_read(call, parameters, "{s?s}", "session", &wanted.name))
		return;
	if (agent_session(agent, &wanted, &session, &err))
		start(call, session);
	else
		call_fail(call, &err, NULL);
}
