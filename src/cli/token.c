/* Tokens for other services than AWS's own: what kubectl runs to sign in to a cluster of EKS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

#define API_GROUP "client.authentication.k8s.io/"

struct token_values {
	struct target target;
	const char *cluster, *region;
};

static const struct option token_options[] = {
	{.name = "cluster-name",
	 .value = "NAME",
	 .offset = offsetof(struct token_values, cluster),
	 .parse = option_text,
	 .help = "the cluster"},
	{.name = "region",
	 .value = "REGION",
	 .offset = offsetof(struct token_values, region),
	 .parse = option_region,
	 .help = "the region of the STS that the cluster asks"},
	ROLE_OPTIONS(struct token_values, target),
};

static bool get(const struct token_values *values, json_t **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	json_t *target, *parameters;

	if (!choice_check(&values->target, err) || !agent_open(&client, err) ||
	    !choice_target(client, &values->target, &target, err))
		return false;
	parameters = json_pack("{s:o, s:s}", "target", target, "clusterName", values->cluster);
	if (values->region)
		json_object_set_new(parameters, "region", json_string(values->region));
	return agent_call(client, "EksToken", parameters, ret, err);
}

/* The version that kubectl asks for, if we know it. */
static const char *api_version(void)
{
	const char *info = getenv("KUBERNETES_EXEC_INFO"), *asked;
	_cleanup_json_ json_t *json = NULL;
	struct error ignored;

	if (!info || !json_parse_object(info, strlen(info), "KUBERNETES_EXEC_INFO", &json, &ignored))
		return API_GROUP "v1beta1";
	asked = agent_text(json, "apiVersion");
	return asked && strcmp(asked, API_GROUP "v1") == 0 ? API_GROUP "v1" : API_GROUP "v1beta1";
}

static bool print(const json_t *reply, struct error *err)
{
	const char *token = agent_text(reply, "token"), *expires = agent_text(reply, "expires");
	_cleanup_json_ json_t *document = NULL;

	if (!token || !expires)
		return error_set(err, ERROR_UNAVAILABLE, "the daemon's reply has no token: try again");
	document = json_pack("{s:s, s:s, s:{}, s:{s:s, s:s}}", "kind", "ExecCredential", "apiVersion",
			     api_version(), "spec", "status", "expirationTimestamp", expires, "token", token);
	return print_json(document, true, err);
}

static int run(const void *userdata, char *const *words)
{
	const struct token_values *values = userdata;
	_cleanup_json_ json_t *reply = NULL;
	struct error err;

	if (!words[0] || strcmp(words[0], "eks") != 0)
		error_fill(&err, ERROR_USAGE, "a token for what? 'iamic token eks' makes one for kubectl");
	else if (!values->cluster)
		error_fill(&err, ERROR_USAGE, "which cluster? name it with --cluster-name");
	else if (get(values, &reply, &err) && print(reply, &err))
		return IAMIC_EXIT_OK;
	return command_fail(&err);
}

const struct command command_token = {
	.name = "token",
	.words = "eks",
	.max_words = 1,
	.group = COMMAND_ROLE,
	.summary = "print a token for kubectl, to sign in to EKS",
	.description = "Prints the ExecCredential that kubectl wants for a cluster of EKS, made\n"
		       "without a word to AWS.",
	.example = "iamic token eks --cluster-name prod --profile dev",
	.options = token_options,
	.n_options = ARRAY_SIZE(token_options),
	.values_size = sizeof(struct token_values),
	.run = run,
};
