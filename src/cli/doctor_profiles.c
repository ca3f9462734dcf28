#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/config.h"
#include "aws/credentials_file.h"
#include "aws/words.h"
#include "base/fs.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

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
		finding_add(doctor->findings, "profiles", FINDING_FAIL, path, NULL, "%s", err.message);
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

struct keys_visit {
	struct doctor *doctor;
	const struct config *config;
	const char *path;
};

/* Under the name of a profile with credential_process they win over it, in botocore, JS, Go and C. */
static void on_static_keys(const struct static_keys *keys, void *userdata)
{
	const struct keys_visit *visit = userdata;
	const struct config_section *profile = config_find(visit->config, CONFIG_PROFILE, keys->profile);
	_cleanup_free_ char *object = xasprintf("[%s] in %s", keys->profile, visit->path);
	_cleanup_free_ char *fix = xasprintf("remove the keys at %s:%u%s", visit->path, keys->line,
					     keys->is_long_lived ? ", and delete them in IAM" : "");

	if (profile && config_section_get(profile, "credential_process"))
		finding_add(visit->doctor->findings, "static-keys", FINDING_FAIL, object, fix,
			    "has keys, which win over the profile's credential_process");
	else if (keys->is_long_lived)
		finding_add(visit->doctor->findings, "static-keys", FINDING_WARN, object, fix,
			    "has long-lived keys of an IAM user: whoever copies the file has them for good");
	else
		finding_add(visit->doctor->findings, "static-keys", FINDING_WARN, object, fix,
			    "has short-lived keys in plain text");
}

static void check_mode(struct doctor *doctor, const char *path, mode_t wrong, const char *option)
{
	_cleanup_free_ char *fix = xasprintf("chmod %s '%s'", option, path);
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & wrong))
		finding_add(doctor->findings, "permissions", FINDING_FAIL, path, fix,
			    wrong & 044 ? "can be read by others" : "can be written by others");
}

static void check_credentials(struct doctor *doctor, const struct config *config)
{
	_cleanup_free_ char *path = configuration_credentials_path();
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIALS_FILE_MAX, &buffer_heap);
	struct keys_visit visit = {doctor, config, path};
	size_t before = json_array_size(doctor->findings);
	struct error err;
	bool exists;

	if (!path)
		return;
	if (!fs_read(path, &text, &exists, &err)) {
		finding_add(doctor->findings, "static-keys", FINDING_UNKNOWN, path, NULL, "%s", err.message);
		return;
	}
	if (text.len > 0)
		credentials_file_visit(text.data, text.len, on_static_keys, &visit);
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "static-keys", FINDING_OK, path, NULL,
			    exists ? "has no keys" : "is not there, as it should be");
	check_mode(doctor, path, 044, "600");
}

void doctor_check_profiles(struct doctor *doctor)
{
	const char *of_daemon = agent_text(doctor->status, "configFile");
	_cleanup_free_ char *path = of_daemon ? xstrdup(of_daemon) : configuration_shell_path();
	_cleanup_(config_freep) struct config *config = NULL;

	if (!path)
		return;
	check_config(doctor, path, &config);
	check_mode(doctor, path, 022, "go-w");
	check_credentials(doctor, config);
}
