/* Whether the strict drop-in of iamicd's unit can be used on this machine: it is tried, and not guessed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/doctor_service.h"
#include "cli/finding.h"
#include "cli/tool.h"

#include "build-config.h"

#define ID               "strict-unit"
#define STRICT           IAMIC_DATADIR "/iamic/strict.conf"
#define STRICT_MAX       65536
#define PROPERTIES_MAX   128
#define STATUS_USER      217 /* of systemd, for what a service could not be given: a user namespace, */
#define STATUS_NAMESPACE 226 /* the mounts in it */

/* What forbids namespaces to people, where a machine has it. */
static const struct switch_ {
	const char *path, *forbids, *name, *allows;
} switches[] = {
	{"/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces", "15000"},
	{"/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone", "1"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	 "kernel.apparmor_restrict_unprivileged_userns", "0"},
};

static bool is_set(const struct switch_ *one)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(64, &buffer_heap);
	struct error ignored;
	bool exists;

	return fs_read(one->path, &text, &exists, &ignored) && exists && text.data &&
	       strtoul(text.data, NULL, 10) == strtoul(one->forbids, NULL, 10);
}

static const struct switch_ *find_switch(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		if (is_set(&switches[i]))
			return &switches[i];
	}
	return NULL;
}

/* ---- the try ---- */

/* "-pLINE" with what systemd puts in for %h and %t only in files. */
static char *property_option(const struct doctor *doctor, const char *line)
{
	_cleanup_(buffer_clearp) struct buffer option = BUFFER_INIT(STRICT_MAX, &buffer_heap);
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	bool ok = buffer_append_text(&option, "-p");

	for (const char *p = line; ok && *p; p++) {
		const char *stands_for = p[0] != '%'   ? NULL
					 : p[1] == 'h' ? doctor->home
					 : p[1] == 't' ? runtime
						       : NULL;

		ok = stands_for ? buffer_append_text(&option, stands_for) : buffer_append(&option, p, 1);
		p += stands_for ? 1 : 0;
	}
	return ok ? xstrdup(option.data) : NULL;
}

/*
 * Runs this very iamicd under all of it, as a unit of its own that is gone afterwards, and lets it say its
 * version: that it can be loaded, and that nothing that systemd was to set up failed.
 */
static void try_it(const struct doctor *doctor, char *lines, struct tool_answer *ret)
{
	char *options[PROPERTIES_MAX + 1];
	const char *more[PROPERTIES_MAX + 3];
	size_t n = 0;
	char *line;

	while (n < PROPERTIES_MAX && (line = strsep(&lines, "\n"))) {
		if (*line && !strchr("#;[", *line) && (options[n] = property_option(doctor, line)))
			n++;
	}
	memcpy(more, options, n * sizeof(*more));
	more[n] = IAMIC_BINDIR "/iamicd";
	more[n + 1] = "--version";
	more[n + 2] = NULL;
	tool_ask("systemd-run --user --quiet --wait --collect", more, SYSTEMD_PATIENCE, ret);
	while (n-- > 0)
		free(options[n]);
}

/* In words, to be freed. */
static char *why_not(const struct tool_answer *answer)
{
	const struct switch_ *forbids = find_switch();
	_cleanup_free_ char *said = tool_last_line(answer);

	if (answer->status == TOOL_NOT_THERE)
		return xstrdup("there is no systemd-run to try it with");
	if (answer->status == TOOL_SILENT)
		return xstrdup("systemd-run does not answer");
	if ((answer->status == STATUS_USER || answer->status == STATUS_NAMESPACE) && forbids)
		return xasprintf("%s = %s forbids you namespaces", forbids->name, forbids->forbids);
	if (answer->status == STATUS_USER)
		return xstrdup("you may not have user namespaces");
	return xasprintf("a try ended with status %d%s%s", answer->status, *said ? ": " : "", said);
}

/* ---- what to type ---- */

/* Another folder than strict.conf knows has to be open to iamicd as well. */
static char *opening(const struct doctor *doctor, const char *state, const char *data, const char *folder)
{
	_cleanup_free_ char *usual_state = xasprintf("%s/.local/state", doctor->home);
	_cleanup_free_ char *usual_data = xasprintf("%s/.local/share", doctor->home);

	if (strcmp(state, usual_state) == 0 && strcmp(data, usual_data) == 0)
		return xstrdup("");
	return xasprintf("printf '[Service]\\nReadWritePaths=-%s/iamic -%s/iamic\\n' >%s/folders.conf\n",
			 state, data, folder);
}

/* The lines by which it is put in force; NULL: nobody knows where. */
static char *installing(const struct doctor *doctor, const struct systemd *systemd)
{
	_cleanup_free_ char *folder = doctor_unit_folder(), *state = NULL, *data = NULL, *into = NULL;
	_cleanup_free_ char *state_word = NULL, *data_word = NULL, *file = shell_word(STRICT);
	_cleanup_free_ char *opens = NULL, *service = doctor_service_lines(systemd);
	struct error ignored;

	if (!folder || !fs_xdg("XDG_STATE_HOME", ".local/state", &state, &ignored) ||
	    !fs_xdg("XDG_DATA_HOME", ".local/share", &data, &ignored))
		return NULL;
	into = doctor_path_word(doctor, folder);
	state_word = doctor_path_word(doctor, state);
	data_word = doctor_path_word(doctor, data);
	opens = opening(doctor, state, data, into);
	return xasprintf("mkdir -p -m 700 %s/iamic %s/iamic %s\n"
			 "ln -sf %s %s/\n"
			 "%s%ssystemctl --user daemon-reload\n"
			 "systemctl --user restart iamicd",
			 state_word, data_word, into, file, into, opens, service);
}

static char *removing(const struct doctor *doctor)
{
	_cleanup_free_ char *folder = doctor_unit_folder();
	_cleanup_free_ char *from = folder ? doctor_path_word(doctor, folder) : NULL;

	return from ? xasprintf("rm %s/strict.conf\nsystemctl --user daemon-reload", from) : NULL;
}

static char *allowing(void)
{
	const struct switch_ *forbids = find_switch();

	return forbids ? xasprintf("echo '%s = %s' | sudo tee /etc/sysctl.d/60-user-namespaces.conf\n"
				   "sudo sysctl --system",
				   forbids->name, forbids->allows)
		       : NULL;
}

/* ---- what is found ---- */

/* A service that runs under it has system calls filtered, and this the kernel tells everybody. */
static bool is_filtered(long long pid)
{
	_cleanup_(buffer_clearp) struct buffer status = BUFFER_INIT(STRICT_MAX, &buffer_heap);
	_cleanup_free_ char *path = xasprintf("/proc/%lld/status", pid);
	struct error ignored;
	bool exists;

	return fs_read(path, &status, &exists, &ignored) && exists &&
	       strstr(status.data, "\nSeccomp:\t2\n") != NULL;
}

/* Is it among the drop-ins, read or not yet? */
static bool is_in_place(void)
{
	_cleanup_free_ char *folder = doctor_unit_folder();
	_cleanup_free_ char *path = folder ? xasprintf("%s/strict.conf", folder) : NULL;

	return path && access(path, F_OK) == 0;
}

static void report_installed(struct doctor *doctor, const struct systemd *systemd, const char *cannot)
{
	long long pid = json_integer_value(json_object_get(doctor->status, "pid"));
	_cleanup_free_ char *remove = removing(doctor);

	if (cannot)
		finding_add(doctor->findings, ID, FINDING_FAIL, STRICT, remove,
			    "is installed, and iamicd.service does not start with it here: %s", cannot);
	else if (!doctor->status)
		finding_add(doctor->findings, ID, FINDING_OK, STRICT, NULL, "is installed");
	else if (systemd->pid == pid && is_filtered(pid))
		finding_add(doctor->findings, ID, FINDING_OK, STRICT, NULL,
			    "is in force: 'systemd-analyze --user security iamicd' shows what it takes away");
	else
		finding_add(doctor->findings, ID, FINDING_WARN, STRICT,
			    "systemctl --user daemon-reload\nsystemctl --user restart iamicd",
			    "is installed, and the daemon that runs (process %lld) was not started under it",
			    pid);
}

static void report_not_installed(struct doctor *doctor, const struct systemd *systemd, const char *cannot)
{
	_cleanup_free_ char *fix = cannot ? allowing() : installing(doctor, systemd);

	if (cannot)
		finding_add(doctor->findings, ID, FINDING_OK, STRICT, fix,
			    "cannot be used here: %s; iamicd.service starts without it", cannot);
	else
		finding_add(
			doctor->findings, ID, FINDING_OK, STRICT, fix,
			"can be used here (tried with systemd %u), and is not in force: under it iamicd, if "
			"somebody should take it over, can write to its own folders only and has few system "
			"calls",
			systemd->version);
}

void doctor_check_strict(struct doctor *doctor, const struct systemd *systemd)
{
	_cleanup_(buffer_clearp) struct buffer lines = BUFFER_INIT(STRICT_MAX, &buffer_heap);
	_cleanup_(tool_answer_done) struct tool_answer answer = {0};
	_cleanup_free_ char *cannot = NULL;
	struct error err;
	bool exists;

	if (systemd->why_not) {
		finding_add(doctor->findings, ID, FINDING_UNKNOWN, STRICT, doctor_manager_fix(),
			    "is of no use where systemd does not run your services: %s", systemd->why_not);
		return;
	}
	if (!fs_read(STRICT, &lines, &exists, &err) || !exists || lines.len == 0) {
		finding_add(doctor->findings, ID, FINDING_UNKNOWN, STRICT, "install iamic once more",
			    "is not there");
		return;
	}
	try_it(doctor, lines.data, &answer);
	if (answer.status != 0)
		cannot = why_not(&answer);
	if (systemd->is_strict || is_in_place())
		report_installed(doctor, systemd, cannot);
	else
		report_not_installed(doctor, systemd, cannot);
}
