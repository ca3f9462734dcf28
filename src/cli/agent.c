#include "cli/agent.h"

#include "base/clock.h"
#include "base/json.h"

/* The daemon has shorter deadlines of its own and says what it waited for; these are for one that is stuck.
 */
#define OPEN_DEADLINE_S  15
#define REPLY_DEADLINE_S 90

static uint64_t deadline_in(unsigned s)
{
	return clock_boot_usec() + s * USEC_PER_SEC;
}

bool agent_open(struct client **ret, struct error *err)
{
	return client_open(deadline_in(OPEN_DEADLINE_S), ret, err);
}

bool agent_call(struct client *client, const char *method, json_t *parameters_taken, json_t **ret,
		struct error *err)
{
	return client_call(client, method, parameters_taken, deadline_in(REPLY_DEADLINE_S), ret, err);
}

bool agent_list(struct client *client, const char *method, json_t *parameters_taken, page_fn on_page,
		void *userdata, struct error *err)
{
	bool continues = true;

	if (!client_send(client, method, parameters_taken, true, err))
		return false;
	while (continues) {
		_cleanup_json_ json_t *page = NULL;

		if (!client_next(client, deadline_in(REPLY_DEADLINE_S), &page, &continues, err) ||
		    !on_page(page, userdata, err))
			return false;
	}
	return true;
}

const char *agent_text(const json_t *reply, const char *name)
{
	return json_string_value(json_object_get(reply, name));
}

bool agent_time(const json_t *reply, const char *name, int64_t *ret)
{
	const char *text = agent_text(reply, name);

	return text && rfc3339_parse(text, ret);
}
