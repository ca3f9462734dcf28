/* What a shell's prompt shows: the profile, and how long its sign-in still lasts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/glance.h"
#include "cli/output.h"
#include "iamic/protocol.h"

struct prompt_values {
	bool json;
};

static const struct option prompt_options[] = {
	{.name = "json", .offset = offsetof(struct prompt_values, json), .help = "print JSON"},
};

/* In a program that 'iamic exec' runs the credentials themselves are in the environment, and end when they
 * end. */
struct prompt {
	const char *profile;         /* or NULL */
	json_t *reply;               /* of the daemon; or NULL where none runs, or knows no session */
	const char *session, *state; /* borrowed of it; or NULL */
	int64_t session_ends, credentials_end; /* 0: not known */
};

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static void look(struct prompt *prompt)
{
	const char *inside = variable("IAMIC_PROFILE"), *end = variable("AWS_CREDENTIAL_EXPIRATION");
	const json_t *session;

	prompt->profile = inside ? inside : variable("AWS_PROFILE");
	if (!prompt->profile)
		return;
	if (inside && end && !rfc3339_parse(end, &prompt->credentials_end))
		prompt->credentials_end = 0;
	prompt->reply = glance_profile_session(prompt->profile);
	session = json_object_get(prompt->reply, "session");
	prompt->session = agent_text(session, "name");
	prompt->state = agent_text(session, "state");
	if (!agent_time(session, "sessionEnds", &prompt->session_ends))
		prompt->session_ends = 0;
}

/* "2h05m", "7m", "ended": short enough for a prompt. */
static void print_left(int64_t end, int64_t now)
{
	long long minutes = (end - now) / 60;

	if (end <= now)
		fputs(" ended", stdout);
	else if (minutes >= 60)
		printf(" %lldh%02lldm", minutes / 60, minutes % 60);
	else
		printf(" %lldm", minutes);
}

static bool is_at_work(const char *state)
{
	return strcmp(state, "ready") == 0 || strcmp(state, "refreshing") == 0 ||
	       strcmp(state, "loading") == 0;
}

static void print_state(const char *state)
{
	_cleanup_free_ char *words = printable(state);

	for (char *p = words; *p; p++) {
		if (*p == '_')
			*p = ' ';
	}
	printf(" %s", words);
}

static void print_prompt(const struct prompt *prompt, int64_t now)
{
	_cleanup_free_ char *profile = NULL;

	if (!prompt->profile)
		return;
	profile = printable(prompt->profile);
	fputs(profile, stdout);
	if (prompt->credentials_end)
		print_left(prompt->credentials_end, now);
	else if (prompt->state && !is_at_work(prompt->state))
		print_state(prompt->state);
	else if (prompt->session_ends)
		print_left(prompt->session_ends, now);
	putchar('\n');
}

static json_t *text_or_null(const char *text)
{
	json_t *json = text ? json_string(text) : NULL;

	return json ? json : json_null();
}

static json_t *time_or_null(int64_t time)
{
	char text[RFC3339_SIZE];

	return time ? json_string(rfc3339_format(time, text)) : json_null();
}

static int run(const void *userdata, char *const *words)
{
	const struct prompt_values *values = userdata;
	_cleanup_json_ json_t *document = NULL;
	struct prompt prompt = {0};
	struct error err;
	bool ok = true;

	(void)words;
	look(&prompt);
	if (values->json) {
		document = json_pack("{s:o, s:o, s:o, s:o, s:o}", "profile", text_or_null(prompt.profile),
				     "session", text_or_null(prompt.session), "state",
				     text_or_null(prompt.state), "sessionEnds",
				     time_or_null(prompt.session_ends), "credentialsEnd",
				     time_or_null(prompt.credentials_end));
		ok = print_json(document, true, &err);
	} else {
		print_prompt(&prompt, agent_now(prompt.reply));
	}
	json_decref(prompt.reply);
	return ok ? IAMIC_EXIT_OK : command_fail(&err);
}

const struct command command_prompt = {
	.name = "prompt",
	.words = "",
	.group = COMMAND_SHELL,
	.summary = "print profile and time left, for a shell's prompt",
	.description = "Prints the profile in use and how long its sign-in still lasts; nothing\n"
		       "without one. Starts no daemon.",
	.example = "PS1='$(command iamic prompt) '$PS1",
	.options = prompt_options,
	.n_options = ARRAY_SIZE(prompt_options),
	.values_size = sizeof(struct prompt_values),
	.run = run,
};
