/* Keys that lie in AWS's two files, and beat credential_process or last for good. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_file.h"
#include "base/fs.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

struct visit {
	struct doctor *doctor;
	const struct config *config;
	const char *path;
};

/* "profile NAME" in the configuration file, where the credentials file has NAME. */
static const char *profile_of(const char *section)
{
	static const char prefix[] = "profile ";
	size_t len = strlen(prefix);

	return strncmp(section, prefix, len) == 0 ? section + len + strspn(section + len, " \t") : section;
}

/* They win over a credential_process beside them: from the one file in botocore, JS, Go and C, from the other
 * in all of these but botocore. */
static void on_static_keys(const struct static_keys *keys, void *userdata)
{
	const struct visit *visit = userdata;
	const struct config_section *profile =
		config_find(visit->config, CONFIG_PROFILE, profile_of(keys->profile));
	_cleanup_free_ char *object = xasprintf("[%s] in %s", keys->profile, visit->path);
	_cleanup_free_ char *fix = xasprintf(
		"remove the keys at %s:%u%s", visit->path, keys->line,
		keys->is_long_lived ? ", and delete them: https://console.aws.amazon.com/iam/home#/users"
				    : "");

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

/* true: the file was read; *ret_exists says whether there is one. */
static bool check_file(struct doctor *doctor, const struct config *config, const char *path, bool *ret_exists)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIALS_FILE_MAX, &buffer_heap);
	struct visit visit = {doctor, config, path};
	struct error err;

	if (!fs_read(path, &text, ret_exists, &err)) {
		finding_add_error(doctor->findings, "static-keys", FINDING_UNKNOWN, path, NULL, &err);
		return false;
	}
	if (text.len > 0)
		credentials_file_visit(text.data, text.len, on_static_keys, &visit);
	return true;
}

/* One section that stands twice, and the AWS CLI reads nothing at all. */
static void check_form(struct doctor *doctor, const char *path)
{
	_cleanup_(config_freep) struct config *ignored = NULL;
	struct error err;

	if (!configuration_aws(path, &ignored, &err))
		finding_add_error(doctor->findings, "credentials-file", FINDING_FAIL, path, NULL, &err);
	else
		finding_add(doctor->findings, "credentials-file", FINDING_OK, path, NULL,
			    "can be read by every tool");
}

void doctor_check_keys(struct doctor *doctor, const struct config *config)
{
	_cleanup_free_ char *path = configuration_credentials_path();
	size_t before = json_array_size(doctor->findings);
	bool exists = false, config_exists;

	if (!check_file(doctor, config, config_path(config), &config_exists) || !path)
		return;
	if (!check_file(doctor, config, path, &exists))
		return;
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "static-keys", FINDING_OK, path, NULL,
			    exists ? "has no keys" : "is not there, as it should be");
	if (exists)
		check_form(doctor, path);
}
