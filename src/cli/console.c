/* The AWS console in the browser, as a role. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/console.h"
#include "aws/region.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/browser.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "cli/role_options.h"
#include "iamic/protocol.h"

/* An opener that fails does so at once; a browser of its own stays. */
#define OPENER_PATIENCE (2 * USEC_PER_SEC)
#define OPENER_PAUSE_US 20000

struct console_values {
	struct target target;
	const char *region;
	bool print;
};

static const struct option console_options[] = {
	ROLE_OPTIONS(struct console_values, target),
	{.name = "region",
	 .value = "REGION",
	 .offset = offsetof(struct console_values, region),
	 .parse = option_region,
	 .help = "the region that the console shows first"},
	{.name = "print",
	 .offset = offsetof(struct console_values, print),
	 .help = "print the link, which is a secret, and open nothing"},
};

static const char *non_empty(const char *text)
{
	return text && *text ? text : NULL;
}

/* Of the option, this shell, or the profile; NULL: the console chooses. */
static char *find_region(const struct console_values *values, const char *profile)
{
	const char *region = values->region;

	if (!region)
		region = non_empty(getenv("AWS_REGION"));
	if (!region)
		region = non_empty(getenv("AWS_DEFAULT_REGION"));
	return region    ? xstrdup(region)
	       : profile ? configuration_region(agent_text(agent_last_status(), "configFile"), profile)
			 : NULL;
}

/* *ret NULL: whatever the daemon takes for the console's home. */
static bool find_destination(const struct console_values *values, const char *what, const char *profile,
			     char **ret, struct error *err)
{
	_cleanup_free_ char *region = find_region(values, profile);

	*ret = NULL;
	if (!what && !region)
		return true;
	if (region && !region_is_valid(region))
		return error_set(err, ERROR_CONFIG,
				 "'%.100s' is not a region: correct AWS_REGION, or the profile's", region);
	/* Without a region only an address is enough; a service's page is in the usual partition. */
	return console_destination(what, region, region ? region : "us-east-1", ret, err);
}

/* The command of the session that the role belongs to; NULL: none of its own. */
static char *configured_browser(struct client *client, const struct target *target)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_free_ char *session = NULL;
	struct error ignored;

	if (configuration_settings(&settings, &ignored) && choice_session(client, target, &session, &ignored))
		return xstrdup_or_null(settings_session(settings, session)->browser);
	return NULL;
}

/* All users can read a browser's arguments. One on another machine cannot do without the link in them. */
static bool can_hide(struct client *client, const struct console_values *values)
{
	_cleanup_free_ char *configured = NULL;

	if (values->print)
		return false;
	configured = configured_browser(client, &values->target);
	return browser_is_at_hand_here(BROWSER_IF_THERE, configured);
}

/* A service may have a profile's name, so it is no error. */
static void warn_of_profile(const struct target *target, const char *what)
{
	_cleanup_free_ char *word = what ? shell_word(what) : NULL;

	if (!what || target->profile || target->account_id || target->role_arn ||
	    !configuration_is_profile(agent_text(agent_last_status(), "configFile"), what))
		return;
	log_warning("warning: '%.100s' is taken for a service; for the profile say --profile %.100s", what,
		    word);
}

static bool get_link(struct client *client, const struct console_values *values, const char *what,
		     json_t **ret, struct error *err)
{
	_cleanup_free_ char *destination = NULL;
	json_t *target, *parameters;
	const char *link;

	if (!choice_target(client, &values->target, &target, err))
		return false;
	warn_of_profile(&values->target, what);
	parameters = json_pack("{s:o}", "target", target);
	if (!find_destination(values, what, agent_text(target, "profile"), &destination, err)) {
		json_decref(parameters);
		return false;
	}
	if (destination)
		json_object_set_new(parameters, "destination", json_string(destination));
	if (can_hide(client, values))
		json_object_set_new(parameters, "hidden", json_true());
	if (!agent_call(client, "SigninLink", parameters, ret, err))
		return false;
	link = agent_text(*ret, "url");
	if (link && !text_has_controls(link)) /* a terminal shows it as it is */
		return true;
	return error_set(err, ERROR_UNAVAILABLE, "the daemon's reply has no link: try again");
}

static bool opener_has_failed(pid_t opener)
{
	uint64_t until = clock_boot_usec() + OPENER_PATIENCE;
	int status;

	while (clock_boot_usec() < until) {
		if (waitpid(opener, &status, WNOHANG) == opener)
			return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		usleep(OPENER_PAUSE_US);
	}
	return false;
}

static bool open_link(struct client *client, const struct target *target, const char *link, struct error *err)
{
	_cleanup_free_ char *configured = configured_browser(client, target);
	_cleanup_free_ char *command = browser_command_here(BROWSER_IF_THERE, configured);
	pid_t opener;

	if (!command)
		return error_set(err, ERROR_INTERNAL,
				 "there is no browser to open here: 'iamic console --print' prints the link");
	if (!browser_open(command, link, &opener, err))
		return error_prefix(err, "no browser opened, 'iamic console --print' prints the link");
	if (opener_has_failed(opener))
		return error_set(
			err, ERROR_INTERNAL,
			"no browser opened: '%.100s' failed: 'iamic console --print' prints the link",
			command);
	puts("opening the console in the browser");
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct console_values *values = userdata;
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	struct error err;

	if (!choice_check(&values->target, &err) || !agent_open(&client, &err) ||
	    !get_link(client, values, words[0], &reply, &err))
		return command_fail(&err);
	if (values->print)
		puts(agent_text(reply, "url"));
	else if (!open_link(client, &values->target, agent_text(reply, "url"), &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

const struct command command_console = {
	.name = "console",
	.words = "[SERVICE|ADDRESS]",
	.max_words = 1,
	.group = COMMAND_ROLE,
	.summary = "open the AWS console as a role",
	.description = "Opens the AWS console in the browser, signed in as a role.",
	.example = "iamic console --profile dev s3",
	.options = console_options,
	.n_options = ARRAY_SIZE(console_options),
	.values_size = sizeof(struct console_values),
	.run = run,
};
