/*
 * 'iamic configure': from nothing to a profile.
 *
 *     session ──► sign-in ──► account, role ──► profile, region ──► written
 *
 * Nothing is written before the last answer: the daemon is told what a session that no file has yet is. So
 * whoever leaves before that leaves no trace in the file, and what is written has been tried.
 */
#include "cli/configure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/start_url.h"
#include "aws/url.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "cli/sign_in.h"
#include "iamic/protocol.h"
#include "ipc/error_name.h"

/* ---- options ---- */

static bool option_start_url(const char *text, void *ret, struct error *err)
{
	_cleanup_free_ char *url = start_url_complete(text);

	if (!url_is_acceptable(url))
		return error_set(err, ERROR_USAGE, "'%s' is not an https:// address", text);
	*(const char **)ret = text;
	return true;
}

static bool option_output(const char *text, void *ret, struct error *err)
{
	static const char *const formats[] = {"json", "yaml", "yaml-stream", "text", "table", "off"};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(text, formats[i]) == 0) {
			*(const char **)ret = text;
			return true;
		}
	}
	return error_set(err, ERROR_USAGE, "'%s' is none of json, yaml, yaml-stream, text, table, off", text);
}

#define VALUE(name_, word, member, parse_, help_)                                                            \
	{                                                                                                    \
		.name = (name_), .value = (word), .offset = offsetof(struct configure_values, member),       \
		.parse = (parse_), .help = (help_)                                                           \
	}

static const struct option configure_options[] = {
	VALUE("sso-session", "NAME", session.name, option_text,
	      "the sign-in: one that is there, or a new one"),
	VALUE("sso-start-url", "URL", session.start_url, option_start_url, "address of your access portal"),
	VALUE("sso-region", "REGION", session.region, option_region, "where your Identity Center is"),
	VALUE("sso-registration-scopes", "SCOPES", session.scopes, option_text, "with commas between them"),
	VALUE("account-id", "ID", account_id, option_account_id, "the account, 12 digits"),
	VALUE("role-name", "NAME", role_name, option_role_name, "the role, as the portal shows it"),
	VALUE("profile", "NAME", profile, option_text, "the profile to write"),
	VALUE("region", "REGION", region, option_region, "where the profile works"),
	VALUE("output", "FORMAT", output, option_output, "how the AWS CLI prints: json, text..."),
	VALUE("adopt", "PROFILE", adopt, option_text, "make one of 'aws configure sso' iamic's"),
	{.name = "adopt-all",
	 .offset = offsetof(struct configure_values, adopt_all),
	 .help = "likewise all of them"},
	VALUE("release", "PROFILE", release, option_text, "make it the AWS CLI's again"),
	{.name = "dry-run",
	 .offset = offsetof(struct configure_values, dry_run),
	 .help = "show what would change, write nothing"},
};

static bool check_values(const struct configure_values *values, struct error *err)
{
	int n_conversions = (values->adopt != NULL) + (values->release != NULL) + values->adopt_all;

	if (n_conversions > 1)
		return error_set(err, ERROR_USAGE,
				 "'--adopt', '--adopt-all' and '--release' contradict each other");
	if (n_conversions && (values->account_id || values->role_name || values->profile || values->region ||
			      values->output || values->session.start_url || values->session.region))
		return error_set(err, ERROR_USAGE,
				 "'--%s' takes everything from the profile: only --sso-session and --dry-run "
				 "go with it",
				 values->release ? "release"
				 : values->adopt ? "adopt"
						 : "adopt-all");
	return true;
}

/* ---- what is there ---- */

static void configure_close(struct configure *configure)
{
	config_file_close(configure->file);
	settings_free(configure->settings);
}

/* A file that is broken is refused before anyone is asked anything. */
static bool open_files(struct configure *configure, const json_t *status, struct error *err)
{
	configure->path = agent_text(status, "configFile");
	if (!configure->path)
		return error_set(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	if (!configuration_settings(&configure->settings, err) ||
	    !config_file_open(configure->path, CONFIG_FILE_LOOK, &configure->file, err))
		return false;
	agent_print_warnings(status);
	configuration_warn_if_other(configure->path);
	configure->config = config_file_now(configure->file);
	return true;
}

/* ---- from nothing to a profile ---- */

static void decision_done(struct decision *decision)
{
	char *const texts[] = {decision->session,   decision->start_url,   decision->sso_region,
			       decision->scopes,    decision->page_region, decision->account_id,
			       decision->role_name, decision->profile,     decision->region};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
}

/* Who has named account and role needs no list of them, and may not even be there to approve. */
static bool needs_sign_in(const struct configure_values *values)
{
	return !values->account_id || !values->role_name;
}

static int sign_in_to(const struct decision *decision)
{
	const struct session_proposal proposal = {decision->session, decision->start_url,
						  decision->sso_region, decision->scopes};
	struct sign_in_wish wish = {.proposal = decision->is_new ? &proposal : NULL};
	struct client *client;
	struct error err;
	int status;

	if (!sign_in_usual_flow(&wish.flow, &err) || !agent_open(&client, &err))
		return command_fail(&err);
	status = sign_in(&wish, client, decision->session);
	if (status != IAMIC_EXIT_OK && status != IAMIC_EXIT_INTERRUPTED && decision->is_new)
		log_info("nothing was written: is %s the region of your Identity Center?",
			 decision->sso_region);
	return status;
}

/* Without any region the AWS CLI asks nobody; the one of the session is there for sure. */
static void print_next(const struct configure *configure, const struct decision *decision)
{
	_cleanup_free_ char *profile = shell_word(decision->profile);
	bool is_default = strcmp(decision->profile, "default") == 0;
	bool has_region = configure_has_region(configure, decision);

	if (!needs_sign_in(configure->values))
		configure_print_sign_in(decision->session, false);
	printf("try it:   aws sts get-caller-identity%s%s%s%s\n", is_default ? "" : " --profile ",
	       is_default ? "" : profile, has_region ? "" : " --region ",
	       has_region ? "" : decision->sso_region);
}

static bool write_profile(const struct configure *configure, const struct decision *decision,
			  struct error *err)
{
	enum config_file_outcome outcome;

	if (!configure_write(configure, configure_make_profile, decision, &outcome, err))
		return false;
	if (outcome == CONFIG_FILE_SHOWN)
		return true;
	print_next(configure, decision);
	configure_print_adoptable(configure, decision->profile);
	return true;
}

/* Ctrl-C at a question is no failure to speak of. */
static int fail(const struct error *err)
{
	if (err->kind != ERROR_NONE)
		return command_fail(err);
	log_info("cancelled: nothing was written");
	return IAMIC_EXIT_INTERRUPTED;
}

static bool check_can_ask(const struct configure *configure, struct error *err)
{
	if (configure->can_ask || !needs_sign_in(configure->values))
		return true;
	return error_set(err, ERROR_USAGE,
			 "there is no terminal to ask at: give --account-id and --role-name, and for a new "
			 "session --sso-start-url and --sso-region");
}

static int make_profile(const struct configure *configure)
{
	_cleanup_(decision_done) struct decision decision = {0};
	struct error err;
	int status;

	if (!check_can_ask(configure, &err) || !configure_choose_session(configure, &decision, &err))
		return fail(&err);
	if (needs_sign_in(configure->values)) {
		status = sign_in_to(&decision);
		if (status != IAMIC_EXIT_OK)
			return status;
	}
	if (!configure_choose_role(configure, &decision, &err) ||
	    !configure_choose_profile(configure, &decision, &err) ||
	    !write_profile(configure, &decision, &err))
		return fail(&err);
	return IAMIC_EXIT_OK;
}

/* ---- there and back ---- */

static bool make_conversion(const struct configure *configure, const void *what, struct config_edits *edits,
			    struct error *err)
{
	const struct configure_values *values = what;

	if (values->adopt)
		return configure_adopt(configure, values->adopt, edits, err);
	if (values->release)
		return configure_release(configure, values->release, edits, err);
	configure_adopt_all(configure, edits);
	return true;
}

static int convert(const struct configure *configure)
{
	enum config_file_outcome outcome;
	struct error err;

	if (!configure_write(configure, make_conversion, configure->values, &outcome, &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

static bool ask_status(json_t **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;

	return agent_open(&client, err) && agent_status(client, ret, err);
}

static int run(const void *userdata, char *const *words)
{
	const struct configure_values *values = userdata;
	_cleanup_(configure_close) struct configure configure = {.values = values,
								 .can_ask = isatty(STDIN_FILENO)};
	_cleanup_json_ json_t *status = NULL;
	struct error err;

	(void)words;
	if (!check_values(values, &err) || !ask_status(&status, &err) ||
	    !open_files(&configure, status, &err))
		return command_fail(&err);
	if (values->adopt || values->adopt_all || values->release)
		return convert(&configure);
	return make_profile(&configure);
}

const struct command command_configure = {
	.name = "configure",
	.words = "",
	.group = COMMAND_PROFILES,
	.summary = "write a profile into the AWS configuration",
	.description = "Asks what is needed for a profile, signs in, lets you choose account and role,\n"
		       "and writes the profile into the AWS configuration. Options answer questions;\n"
		       "with --account-id and --role-name nobody needs to sign in.",
	.example = "iamic configure --sso-start-url d-1234567890.awsapps.com/start",
	.options = configure_options,
	.n_options = ARRAY_SIZE(configure_options),
	.values_size = sizeof(struct configure_values),
	.run = run,
};
