#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/credentials_file.h"
#include "aws/words.h"
#include "base/fs.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define FILE_MAX (16 * 1024 * 1024)

static bool is_iamics(const struct config_section *profile)
{
	const char *process = config_section_get(profile, "credential_process");

	return process && strstr(process, "iamic-credential-process") != NULL;
}

/* Most SDKs take the sso_* keys, and never run the credential_process beside them. */
static void check_sso_keys(struct doctor *doctor, const struct config_section *profile, const char *path)
{
	for (size_t i = 0; i < profile->n_keys; i++) {
		const struct config_key *key = &profile->keys[i];
		_cleanup_free_ char *object = NULL, *fix = NULL;

		if (strncmp(key->name, "sso_", 4) != 0)
			continue;
		object = xasprintf("profile '%s'", profile->name);
		fix = xasprintf("remove the sso_* keys at %s:%u", path, key->line);
		finding_add(doctor->findings, "sso-keys", FINDING_WARN, object, fix,
			    "has %s beside credential_process, which most SDKs prefer", key->name);
		return;
	}
}

/* After an installation into another place the old path is still in the file. */
static void check_program(struct doctor *doctor, const struct config_section *profile, const char *path)
{
	_cleanup_free_ char *object = NULL, *fix = NULL;
	_cleanup_free_ char **words = NULL;
	size_t n = 0;

	words = words_split(config_section_get(profile, "credential_process"), &n);
	if (words && n > 0 && (words[0][0] != '/' || access(words[0], X_OK) == 0))
		return;
	object = xasprintf("profile '%s'", profile->name);
	fix = xasprintf("mend the path at %s:%u", path, profile->line);
	finding_add(doctor->findings, "credential-process", FINDING_FAIL, object, fix,
		    words && n > 0 ? "runs a program that is not there"
				   : "has a credential_process that cannot be run");
}

static void check_config(struct doctor *doctor, const char *path, struct config **ret)
{
	const struct config_section *profile;
	size_t n = 0, before = json_array_size(doctor->findings);
	struct error err;

	if (!configuration_aws(path, ret, &err)) {
		finding_add_error(doctor->findings, "profiles", FINDING_FAIL, path, NULL, &err);
		*ret = config_new_empty(path);
		return;
	}
	for (size_t i = 0; (profile = config_nth(*ret, CONFIG_PROFILE, i)); i++) {
		if (!is_iamics(profile))
			continue;
		n++;
		check_sso_keys(doctor, profile, path);
		check_program(doctor, profile, path);
	}
	if (json_array_size(doctor->findings) == before && n == 0)
		finding_add(doctor->findings, "profiles", FINDING_WARN, path, "iamic configure",
			    "has no profile of iamic's");
	else if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "profiles", FINDING_OK, path, NULL,
			    n == 1 ? "has %zu profile of iamic's" : "has %zu profiles of iamic's", n);
}

/* One of the two counts whole, and not the same one for every tool. */
static void check_defaults(struct doctor *doctor, const char *path)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	unsigned line = 0, bare = 0, named = 0;
	struct error ignored;
	bool exists;
	char *rest, *p;

	if (!fs_read(path, &text, &exists, &ignored) || !text.data)
		return;
	for (rest = text.data; (p = strsep(&rest, "\n"));) {
		line++;
		if (strncmp(p, "[default]", strlen("[default]")) == 0)
			bare = line;
		else if (strncmp(p, "[profile default]", strlen("[profile default]")) == 0)
			named = line;
	}
	if (bare == 0 || named == 0)
		return;
	_cleanup_free_ char *fix = xasprintf("make one section of lines %u and %u", bare, named);
	finding_add(doctor->findings, "profiles", FINDING_WARN, path, fix,
		    "has [default] and [profile default], of which tools take one or the other");
}

static bool is_in_credentials(const char *profile)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIALS_FILE_MAX, &buffer_heap);
	_cleanup_free_ char *path = configuration_credentials_path();
	struct error ignored;
	bool exists;

	return path && fs_read(path, &text, &exists, &ignored) && text.data &&
	       credentials_file_has(text.data, text.len, profile);
}

/* What AWS_PROFILE names, every tool of this shell wants. */
static void check_chosen(struct doctor *doctor, const struct config *config, const char *path)
{
	const char *name = getenv("AWS_PROFILE");
	_cleanup_free_ char *object = NULL;

	if (!name || !*name || config_find(config, CONFIG_PROFILE, name) || is_in_credentials(name))
		return;
	object = xasprintf("AWS_PROFILE=%s", name);
	finding_add(doctor->findings, "environment", FINDING_WARN, object,
		    "unset AWS_PROFILE, or: iamic use NAME", "names a profile that %s does not have", path);
}

/* What the shell's tools read is another file than the daemon's. */
static void check_path(struct doctor *doctor, const char *path)
{
	_cleanup_free_ char *here = configuration_other_path(path), *fix = NULL;

	if (!here)
		return;
	fix = xasprintf("aws_config_file = %s in iamic's config (iamic-config(5)), or: unset AWS_CONFIG_FILE",
			here);
	finding_add(doctor->findings, "configuration", FINDING_WARN, here, fix,
		    "is what this shell's tools read, and the daemon reads %s", path);
}

void doctor_check_profiles(struct doctor *doctor)
{
	const char *of_daemon = agent_text(doctor->status, "configFile");
	_cleanup_free_ char *path = of_daemon ? xstrdup(of_daemon) : configuration_shell_path();
	_cleanup_(config_freep) struct config *config = NULL;

	if (!path)
		return;
	check_config(doctor, path, &config);
	check_defaults(doctor, path);
	check_chosen(doctor, config, path);
	check_path(doctor, path);
	doctor_check_keys(doctor, config);
	doctor_check_files(doctor, path);
}
