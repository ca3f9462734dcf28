#include "cli/completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/managed_policy.h"
#include "aws/names.h"
#include "aws/target.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/choice.h"
#include "cli/glance.h"
#include "cli/output.h"
#include "cli/shell.h"

/* A name with a control character in it cannot be typed. */
void completion_offer(const struct completion *completion, const char *word, const char *meaning)
{
	_cleanup_free_ char *clean = meaning ? printable(meaning) : NULL;

	if (!word || !*word || strncmp(word, completion->typed, strlen(completion->typed)) != 0 ||
	    text_has_controls(word))
		return;
	printf("%s%s%s%s\n", completion->before, word, clean && *clean ? "\t" : "", clean ? clean : "");
}

static void offer_profiles(const struct completion *completion)
{
	const struct config_section *section;

	for (size_t i = 0; (section = config_nth(completion->glance->config, CONFIG_PROFILE, i)); i++)
		completion_offer(completion, section->name, NULL);
}

static void offer_sessions(const struct completion *completion)
{
	char **names =
		sso_session_names(completion->glance->config, completion->glance->settings, &(size_t){0});

	for (char **name = names; *name; name++) {
		completion_offer(completion, *name, NULL);
		free(*name);
	}
	free(names);
}

/* The value of an option that is there already; or NULL. */
static const char *value_so_far(const struct completion *completion, const char *option)
{
	size_t len = strlen(option);

	for (char *const *word = completion->words; *word; word++) {
		if (strncmp(*word, "--", 2) != 0 || strncmp(*word + 2, option, len) != 0)
			continue;
		if ((*word)[2 + len] == '=')
			return *word + 2 + len + 1;
		if ((*word)[2 + len] == '\0')
			return word[1];
	}
	return NULL;
}

/* The session that the words or the environment name, to be freed; NULL: the only one. */
static char *session_so_far(const struct completion *completion)
{
	const char *session = value_so_far(completion, "sso-session");
	const char *profile = value_so_far(completion, "profile");

	if (session)
		return xstrdup(session);
	return glance_session_of_profile(completion->glance, profile ? profile : choice_usual_profile());
}

static void offer_accounts(const struct completion *completion)
{
	_cleanup_free_ char *session = session_so_far(completion);
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters = json_pack("{s:i}", "maxAge", AGENT_LIST_MAX_AGE_S);
	const json_t *account;
	size_t i;

	if (session)
		json_object_set_new(parameters, "session", json_string(session));
	reply = glance_call(completion->glance, "ListAccounts", parameters);
	json_array_foreach (json_object_get(reply, "accounts"), i, account)
		completion_offer(completion, agent_text(account, "accountId"),
				 agent_text(account, "accountName"));
}

static void offer_roles(const struct completion *completion)
{
	const char *account_id = value_so_far(completion, "account-id");
	_cleanup_free_ char *session = session_so_far(completion);
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters;
	const json_t *role;
	size_t i;

	if (!account_id || !account_id_is_valid(account_id))
		return;
	parameters = json_pack("{s:s, s:i}", "accountId", account_id, "maxAge", AGENT_LIST_MAX_AGE_S);
	if (session)
		json_object_set_new(parameters, "session", json_string(session));
	reply = glance_call(completion->glance, "ListRoles", parameters);
	json_array_foreach (json_object_get(reply, "roles"), i, role)
		completion_offer(completion, agent_text(role, "roleName"), NULL);
}

static void offer_words(const struct completion *completion, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, ", ");
		_cleanup_free_ char *word = xstrndup(words, len);

		completion_offer(completion, word, NULL);
		words += len;
		words += strspn(words, ", ");
	}
}

/* No list of ours: AWS has a new one now and then, and a person needs those of their profiles. */
static void offer_regions(const struct completion *completion)
{
	const struct config_section *section;
	struct names seen = {0};
	const char *region;

	for (size_t i = 0; (section = config_nth(completion->glance->config, CONFIG_PROFILE, i)); i++) {
		region = config_section_get(section, "region");
		if (region && names_add(&seen, region, 0))
			completion_offer(completion, region, NULL);
	}
	names_done(&seen);
}

static void offer_services(const struct completion *completion)
{
	offer_words(completion,
		    "billing cloudformation cloudfront cloudtrail cloudwatch dynamodb ec2 ecr ecs eks "
		    "eventbridge iam kms lambda logs organizations rds route53 s3 secretsmanager sns sqs "
		    "ssm sso stepfunctions vpc");
}

static void offer_files(const struct completion *completion)
{
	(void)completion;
	puts("\tfiles");
}

static void offer_shells(const struct completion *completion)
{
	offer_words(completion, SHELL_NAMES);
}

static void offer_formats(const struct completion *completion)
{
	offer_words(completion, "process env env-no-export powershell windows-cmd fish");
}

static void offer_outputs(const struct completion *completion)
{
	offer_words(completion, "json yaml yaml-stream text table off");
}

static void offer_stores(const struct completion *completion)
{
	offer_words(completion, "secret-service file memory");
	if (completion->typed[0] == '/') /* of a helper */
		offer_files(completion);
}

static void offer_eks(const struct completion *completion)
{
	offer_words(completion, "eks");
}

static void offer_policies(const struct completion *completion)
{
	offer_words(completion, MANAGED_POLICY_NAMES);
}

void completion_offer_verbs(const struct completion *completion, const struct command *const *table)
{
	for (size_t i = 0; table[i]; i++) {
		if (table[i]->summary)
			completion_offer(completion, table[i]->name, table[i]->summary);
	}
}

/* Behind 'help': of iamic, or of the command that is named already. */
static void offer_commands(const struct completion *completion)
{
	const char *name = completion->words[0];
	const struct command *parent = name ? command_find(commands, name) : NULL;

	if (!name)
		completion_offer_verbs(completion, commands);
	else if (parent && parent->verbs)
		completion_offer_verbs(completion, parent->verbs);
}

/* What an option's value, or an argument as usage shows it, is. */
static const struct {
	const char *name;
	void (*offer)(const struct completion *completion);
} kinds[] = {
	{"profile", offer_profiles},
	{"sso-session", offer_sessions},
	{"account-id", offer_accounts},
	{"role-name", offer_roles},
	{"format", offer_formats},
	{"shell", offer_shells},
	{"move-to", offer_stores},
	{"[SESSION]", offer_sessions},
	{"[ACCOUNT]", offer_accounts},
	{"adopt", offer_profiles},
	{"release", offer_profiles},
	{"output", offer_outputs},
	{"[PROFILE]", offer_profiles},
	{"SHELL", offer_shells},
	{"eks", offer_eks},
	{"[COMMAND]...", offer_commands},
	{"target-account", offer_accounts},
	{"ACCOUNT", offer_accounts},
	{"policy", offer_policies},
	{"region", offer_regions},
	{"[SERVICE|ADDRESS]", offer_services},
};

void completion_offer_kind(struct completion completion, const char *name)
{
	struct glance glance;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		glance_take(&glance);
		completion.glance = &glance;
		kinds[i].offer(&completion);
		glance_done(&glance);
	}
}
