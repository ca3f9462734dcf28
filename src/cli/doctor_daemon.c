#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor.h"
#include "cli/finding.h"
#include "cli/network.h"

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

/* Who may write to its folder could put another in its place; who may write to it can connect. */
static void check_socket(struct doctor *doctor)
{
	const char *path = agent_text(doctor->status, "socket"), *slash = path ? strrchr(path, '/') : NULL;
	_cleanup_free_ char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : NULL;
	_cleanup_free_ char *word = NULL, *fix = NULL;
	struct stat around, own;

	if (!folder || stat(folder, &around) < 0 || stat(path, &own) < 0)
		return;
	if (around.st_uid != getuid() || (around.st_mode & 022)) {
		word = shell_word(folder);
		fix = xasprintf("chmod 700 %s", word);
		finding_add(doctor->findings, "socket", FINDING_WARN, folder, fix,
			    "is open to others, who can put a socket of theirs there");
	} else if (own.st_mode & 077) {
		word = shell_word(path);
		fix = xasprintf("chmod 600 %s", word);
		finding_add(doctor->findings, "socket", FINDING_WARN, path, fix, "is open to others");
	} else {
		finding_add(doctor->findings, "socket", FINDING_OK, path, NULL, "is open to you alone");
	}
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

static void check_session(struct doctor *doctor, const json_t *session)
{
	const char *last_error = agent_text(session, "lastError"), *name = text_of(session, "name");
	bool is_out = strcmp(text_of(session, "state"), "signed_out") == 0;
	_cleanup_free_ char *object = xasprintf("session '%s'", name);
	_cleanup_free_ char *word = shell_word(name);
	_cleanup_free_ char *fix = xasprintf("iamic-login %s", word);
	struct error err;

	if (strcmp(text_of(session, "state"), "locked") == 0) {
		finding_add(doctor->findings, "session", FINDING_UNKNOWN, object, "iamic unlock",
			    "is locked");
	} else if (last_error && is_out) {
		finding_add(doctor->findings, "session", FINDING_WARN, object, fix, "%s", last_error);
	} else if (last_error) {
		error_fill(&err, ERROR_UNAVAILABLE, "%s", last_error);
		finding_add_error(doctor->findings, "session", FINDING_WARN, object, NULL, &err);
	} else if (is_out) {
		finding_add(doctor->findings, "session", FINDING_UNKNOWN, object, fix, "is signed out");
	} else {
		finding_add(doctor->findings, "session", FINDING_OK, object, NULL, "is signed in");
	}
}

static void check_sessions(struct doctor *doctor)
{
	const json_t *session;
	size_t i;

	json_array_foreach (json_object_get(doctor->status, "sessions"), i, session)
		check_session(doctor, session);
}

void doctor_check_daemon(struct doctor *doctor)
{
	check_daemon(doctor);
	check_socket(doctor);
	check_store(doctor);
	check_configuration(doctor);
	check_sessions(doctor);
}
