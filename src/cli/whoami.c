#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

#define REPLY_TEXT "the reply of STS"

struct whoami_values {
	struct target target;
	bool json;
};

static const struct option whoami_options[] = {
	ROLE_OPTIONS(struct whoami_values, target),
	{.name = "json", .offset = offsetof(struct whoami_values, json), .help = "print JSON"},
};

static const char *const members[] = {"Account", "Arn", "UserId"};

/* Exactly the members that are promised. */
static bool ask(const struct target *target, json_t **ret_identity, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL, *body = NULL, *identity = NULL;
	json_t *parameters, *target_json;
	const char *text;
	int status;

	if (!choice_check(target, err) || !agent_open(&client, err) ||
	    !choice_target(client, target, &target_json, err))
		return false;
	parameters = json_pack("{s:o, s:s, s:s, s:s}", "target", target_json, "service", "sts", "operation",
			       "GetCallerIdentity", "body", "{}");
	if (!agent_call(client, "Call", parameters, &reply, err))
		return false;
	text = agent_text(reply, "body");
	status = (int)json_integer_value(json_object_get(reply, "status"));
	if (status != 200)
		return error_set(err, ERROR_UNAVAILABLE, REPLY_TEXT " has the HTTP status %d: try again",
				 status);
	if (!json_parse_object(text ? text : "", text ? strlen(text) : 0, REPLY_TEXT, &body, err))
		return false;
	identity = json_object();
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		text = agent_text(body, members[i]);
		if (!text)
			return error_set(err, ERROR_UNAVAILABLE, REPLY_TEXT " lacks '%s': try again",
					 members[i]);
		json_object_set_new(identity, members[i], json_string(text));
	}
	*ret_identity = TAKE(identity);
	return true;
}

static void print_identity(const json_t *identity)
{
	const char *const rows[][2] = {
		{"account", agent_text(identity, "Account")},
		{"arn", agent_text(identity, "Arn")},
		{"user id", agent_text(identity, "UserId")},
	};
	struct table table = {.n_columns = 2};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		table_fit(&table, rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		table_row(&table, rows[i]);
}

static int run(const void *userdata, char *const *words)
{
	const struct whoami_values *values = userdata;
	_cleanup_json_ json_t *identity = NULL;
	struct error err;

	(void)words;
	if (!ask(&values->target, &identity, &err))
		return command_fail(&err);
	if (values->json)
		return print_json(identity, false, &err) ? IAMIC_EXIT_OK : command_fail(&err);
	print_identity(identity);
	return IAMIC_EXIT_OK;
}

const struct command command_whoami = {
	.name = "whoami",
	.words = "",
	.group = COMMAND_ROLE,
	.summary = "show who AWS says you are",
	.description = "Asks AWS (STS GetCallerIdentity) who the credentials of a role belong to.",
	.example = "iamic whoami --account-id 111122223333 --role-name ReadOnly",
	.options = whoami_options,
	.n_options = ARRAY_SIZE(whoami_options),
	.values_size = sizeof(struct whoami_values),
	.run = run,
};
