#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/wsl.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor.h"
#include "cli/finding.h"
#include "cli/network.h"

#define CLOCK_OFF_MAX_S 240 /* at five minutes AWS refuses what others sign by this clock */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = agent_text(object, name);

	return text && *text ? text : "-";
}

static void check_daemon(struct doctor *doctor)
{
	_cleanup_free_ char *restart = NULL;
	const char *version = text_of(doctor->status, "version"), *socket = text_of(doctor->status, "socket");

	if (json_is_true(json_object_get(doctor->status, "stale"))) {
		restart = network_restart_command(doctor->status);
		finding_add(doctor->findings, "daemon", FINDING_WARN, "iamicd", restart,
			    "version %s runs, and the program on disk is newer", version);
		return;
	}
	finding_add(doctor->findings, "daemon", FINDING_OK, "iamicd", NULL, "version %s listens on %s",
		    version, socket);
}

/* The folder that the socket is in keeps others out, not the socket itself on every system. */
static void check_socket(struct doctor *doctor)
{
	const char *path = agent_text(doctor->status, "socket");
	_cleanup_free_ char *folder = path ? xstrndup(path, (size_t)(strrchr(path, '/') - path)) : NULL;
	_cleanup_free_ char *fix = folder ? xasprintf("chmod 700 '%s'", folder) : NULL;
	struct stat st;

	if (!folder || stat(folder, &st) < 0)
		return;
	if (st.st_uid == getuid() && (st.st_mode & 077) == 0)
		finding_add(doctor->findings, "socket", FINDING_OK, folder, NULL, "is open to you alone");
	else
		finding_add(doctor->findings, "socket", FINDING_WARN, folder, fix, "is open to others");
}

static void check_store(struct doctor *doctor)
{
	const json_t *store = json_object_get(doctor->status, "store");
	const char *kind = text_of(store, "kind"), *state = text_of(store, "state");
	const char *protects = text_of(store, "protects"), *last_error = agent_text(store, "lastError");
	_cleanup_free_ char *object = xasprintf("store %s", kind);

	if (strcmp(state, "locked") == 0)
		finding_add(doctor->findings, "store", FINDING_FAIL, object, "iamic unlock", "is locked");
	else if (strcmp(state, "absent") == 0 || strcmp(state, "failing") == 0)
		finding_add(doctor->findings, "store", FINDING_FAIL, object,
			    "see iamic-store(7) and iamic-config(5)", "is %s: %s", state,
			    last_error ? last_error : protects);
	else if (strcmp(state, "loading") == 0)
		finding_add(doctor->findings, "store", FINDING_UNKNOWN, object, NULL, "is still being read");
	else if (strcmp(kind, "memory") == 0)
		finding_add(doctor->findings, "store", FINDING_WARN, object,
			    "store = auto in iamic's config keeps sign-ins", "%s", protects);
	else
		finding_add(doctor->findings, "store", FINDING_OK, object, NULL, "protects %s", protects);
}

static void check_clock(struct doctor *doctor)
{
	long long ahead_s = json_integer_value(json_object_get(doctor->status, "clockAhead"));
	bool is_wsl = wsl_is_here();

	if (llabs(ahead_s) <= CLOCK_OFF_MAX_S)
		finding_add(doctor->findings, "clock", FINDING_OK, "this machine's clock", NULL,
			    "agrees with AWS's");
	else
		finding_add(doctor->findings, "clock", FINDING_FAIL, "this machine's clock",
			    is_wsl ? "wsl.exe --shutdown, then open it again" : "timedatectl set-ntp true",
			    "is %lld min %s: AWS refuses what other tools sign by it", llabs(ahead_s) / 60,
			    ahead_s < 0 ? "fast" : "slow");
}

static void check_configuration(struct doctor *doctor)
{
	const json_t *warnings = json_object_get(doctor->status, "warnings"), *warning;
	size_t i;

	json_array_foreach (warnings, i, warning)
		finding_add(doctor->findings, "configuration", FINDING_WARN, "configuration",
			    "see iamic-config(5)", "%s", json_string_value(warning));
	if (json_array_size(warnings) == 0)
		finding_add(doctor->findings, "configuration", FINDING_OK,
			    text_of(doctor->status, "configFile"), NULL, "is in force");
}

static void check_network(struct doctor *doctor)
{
	_cleanup_free_ char *names = network_differences(doctor->status), *fix = NULL;
	_cleanup_free_ char *restart = network_restart_command(doctor->status);

	if (!names) {
		finding_add(doctor->findings, "network", FINDING_OK, "network variables", NULL,
			    "are the same here and in the daemon");
		return;
	}
	fix = xasprintf("write them into iamic's config (iamic-config(5)), then: %s", restart);
	finding_add(doctor->findings, "network", FINDING_WARN, names, fix,
		    "the daemon has other values than this shell");
}

static void check_sessions(struct doctor *doctor)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(doctor->status, "sessions"), i, session) {
		const char *last_error = agent_text(session, "lastError"), *name = text_of(session, "name");
		_cleanup_free_ char *object = xasprintf("session '%s'", name);
		_cleanup_free_ char *word = shell_word(name);
		_cleanup_free_ char *fix = xasprintf("iamic-login %s", word);
		bool is_out = strcmp(text_of(session, "state"), "signed_out") == 0;

		if (strcmp(text_of(session, "state"), "locked") == 0)
			finding_add(doctor->findings, "session", FINDING_UNKNOWN, object, "iamic unlock",
				    "is locked");
		else if (last_error)
			finding_add(doctor->findings, "session", FINDING_WARN, object, is_out ? fix : NULL,
				    "%s", last_error);
		else
			finding_add(doctor->findings, "session", is_out ? FINDING_UNKNOWN : FINDING_OK,
				    object, is_out ? fix : NULL, "%s",
				    is_out ? "is signed out" : "is signed in");
	}
}

void doctor_check_daemon(struct doctor *doctor)
{
	check_daemon(doctor);
	check_socket(doctor);
	check_store(doctor);
	check_clock(doctor);
	check_network(doctor);
	check_configuration(doctor);
	check_sessions(doctor);
}
