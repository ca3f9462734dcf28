/*
 * Lends roles for as long as it runs:
 *
 *   (iamicd opens the socket) ──► how it is used is shown ──(Ctrl-C, its time is over, iamicd ends)──► gone
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/share_text.h"
#include "iamic/protocol.h"
#include "ipc/socket_place.h"

#define PROFILES_MAX  64
#define OPEN_DEADLINE (15 * USEC_PER_SEC)

struct profile_names {
	const char *texts[PROFILES_MAX];
	size_t n;
};

struct share_values {
	const char *socket, *name;
	struct profile_names profiles;
	int64_t length_s;
	struct {
		bool is_said;
		uid_t value;
	} uid;
};

static bool option_profiles(const char *text, void *ret, struct error *err)
{
	struct profile_names *names = ret;
	const char *name;

	if (!option_text(text, &name, err))
		return false;
	if (names->n == PROFILES_MAX)
		return error_set(err, ERROR_USAGE, "there may be %d of them", PROFILES_MAX);
	names->texts[names->n++] = name;
	return true;
}

static bool option_uid(const char *text, void *ret, struct error *err)
{
	unsigned long value = 0;
	char *end = NULL;

	errno = 0;
	if (*text >= '0' && *text <= '9')
		value = strtoul(text, &end, 10);
	if (!end || *end || errno || value >= (uid_t)-1)
		return error_set(err, ERROR_USAGE, "'%s' is not the number of a user, as 'id -u' prints it",
				 text);
	((struct share_values *)ret)->uid.is_said = true;
	((struct share_values *)ret)->uid.value = (uid_t)value;
	return true;
}

static const struct option share_options[] = {
	{.name = "socket",
	 .value = "PATH",
	 .offset = offsetof(struct share_values, socket),
	 .parse = option_text,
	 .help = "make the socket here"},
	{.name = "profile",
	 .value = "NAME",
	 .offset = offsetof(struct share_values, profiles),
	 .parse = option_profiles,
	 .help = "lend the role of this profile; may be repeated"},
	{.name = "for",
	 .value = "DURATION",
	 .offset = offsetof(struct share_values, length_s),
	 .parse = option_duration,
	 .help = "end after that time, such as 2h"},
	{.name = "uid",
	 .value = "UID",
	 .parse = option_uid,
	 .help = "lend to that user, perhaps a container's, not to yourself"},
	{.name = "name",
	 .value = "NAME",
	 .offset = offsetof(struct share_values, name),
	 .parse = option_text,
	 .help = "how the log and status call it"},
};

static bool check_values(const struct share_values *values, struct error *err)
{
	if (!values->socket)
		return error_set(err, ERROR_USAGE, "where shall the socket be? name it with --socket");
	if (values->profiles.n == 0)
		return error_set(err, ERROR_USAGE, "what shall be lent? name a profile with --profile");
	return true;
}

/* iamicd works in another folder. */
static bool make_absolute(const char *path, char **ret, struct error *err)
{
	_cleanup_free_ char *here = NULL;

	if (path[0] == '/') {
		*ret = xstrdup(path);
		return true;
	}
	here = getcwd(NULL, 0);
	if (!here)
		return error_errno(err, "this folder has no name");
	*ret = xasprintf("%s/%s", here, path);
	return true;
}

static json_t *parameters_of(const struct share_values *values, const char *path)
{
	json_t *profiles = json_array(), *parameters = json_object(), *socket = json_string(path);

	for (size_t i = 0; i < values->profiles.n; i++)
		json_array_append_new(profiles, json_string(values->profiles.texts[i]));
	json_object_set_new(parameters, "socket", socket ? socket : json_null());
	json_object_set_new(parameters, "profiles", profiles);
	if (values->name)
		json_object_set_new(parameters, "name", json_string(values->name));
	if (values->length_s)
		json_object_set_new(parameters, "seconds", json_integer(values->length_s));
	if (values->uid.is_said)
		json_object_set_new(parameters, "uid", json_integer(values->uid.value));
	return parameters;
}

/* ---- its end ---- */

static struct socket_place place;

/* iamicd removes it as well, but a moment after we are gone. */
static void on_signal(int number)
{
	ssize_t ignored = number == SIGINT && isatty(STDERR_FILENO) ? write(STDERR_FILENO, "\n", 1) : 0;

	(void)ignored;
	socket_place_leave(&place);
	if (number == SIGINT)
		_exit(IAMIC_EXIT_INTERRUPTED);
	signal(number, SIG_DFL);
	raise(number);
}

static void leave_on_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal}, before;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

/* A unit of systemd's may have a /tmp of its own. */
static bool note_place(const char *path, struct error *err)
{
	if (access(path, F_OK) < 0)
		return error_set(
			err, ERROR_CONFIG,
			"iamicd has made '%s' where you cannot see it: choose a path beside its own socket, "
			"which 'iamic status' shows",
			path);
	return socket_place_note(path, &place, err);
}

static bool await_end(struct client *client, struct error *err)
{
	bool continues = true;

	while (continues) {
		_cleanup_json_ json_t *reply = NULL;

		if (!client_next(client, UINT64_MAX, &reply, &continues, err)) {
			socket_place_leave(&place);
			return false;
		}
	}
	return true;
}

static bool lend(const struct share_values *values, const char *path, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	bool continues = false;

	if (!agent_open(&client, err) ||
	    !client_send(client, "Share", parameters_of(values, path), true, err) ||
	    !client_next(client, clock_boot_usec() + OPEN_DEADLINE, &reply, &continues, err) ||
	    !note_place(path, err))
		return false;
	leave_on_signals();
	share_print(reply, path, values->uid.is_said ? values->uid.value : getuid());
	if (!output_flush(err) || !await_end(client, err))
		return false;
	log_info("'%s' is lent no longer: its time is over", agent_text(reply, "name"));
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct share_values *values = userdata;
	_cleanup_free_ char *path = NULL;
	struct error err;

	(void)words;
	if (!check_values(values, &err) || !make_absolute(values->socket, &path, &err) ||
	    !lend(values, path, &err))
		return command_fail(&err);
	return IAMIC_EXIT_OK;
}

const struct command command_share = {
	.name = "share",
	.words = "",
	.group = COMMAND_ROLE,
	.summary = "lend roles to a container, another machine or user",
	.description = "Opens a socket that gives the credentials of these profiles' roles, and nothing\n"
		       "else, until Ctrl-C or the end of its time, and shows how it is used. What was\n"
		       "given is not taken back by that: it is valid until it expires.",
	.example = "iamic share --socket $XDG_RUNTIME_DIR/iamic/ci --profile dev --for 2h",
	.options = share_options,
	.n_options = ARRAY_SIZE(share_options),
	.values_size = sizeof(struct share_values),
	.run = run,
};
