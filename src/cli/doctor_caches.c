#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define FILE_MAX (64 * 1024)

/* Where tokens or keys lie, and the members by which a file shows that it holds some. */
static const struct place {
	const char *folder, *member, *what;
} places[] = {
	{".aws/sso/cache", "accessToken", "a sign-in of the AWS CLI or an SDK"},
	{".aws/cli/cache", "Credentials", "role credentials of the AWS CLI"},
};

static bool holds(const char *path, const struct place *place, bool *ret_is_renewable)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	_cleanup_json_ json_t *json = NULL;
	struct error ignored;
	bool exists;

	if (!fs_read(path, &text, &exists, &ignored) || !exists || !text.data ||
	    !json_parse_object(text.data, text.len, path, &json, &ignored))
		return false;
	*ret_is_renewable = json_object_get(json, "refreshToken") != NULL;
	return json_object_get(json, place->member) != NULL;
}

static void handle(struct doctor *doctor, const char *path, const struct place *place, bool is_renewable)
{
	const char *kind = is_renewable ? ", which can be renewed" : "";

	if (!doctor->cleans)
		finding_add(doctor->findings, "plain-text-tokens", FINDING_WARN, path,
			    is_renewable ? "iamic import --wipe, or iamic doctor --clean"
					 : "iamic doctor --clean",
			    "holds in plain text %s%s", place->what, kind);
	else if (fs_is_link(path))
		finding_add(doctor->findings, "plain-text-tokens", FINDING_FAIL, path,
			    "remove what it leads to by hand", "is a symbolic link to %s%s: not removed",
			    place->what, kind);
	else if (unlink(path) == 0)
		finding_add(doctor->findings, "plain-text-tokens", FINDING_OK, path, NULL,
			    "held %s%s: removed", place->what, kind);
	else
		finding_add(doctor->findings, "plain-text-tokens", FINDING_FAIL, path, "remove it by hand",
			    "holds %s%s and cannot be removed: %m", place->what, kind);
}

/* What iamicd lends there by itself, because the configuration says so, is no other tool's. */
static bool is_lent(const struct place *place, bool is_renewable)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	struct error ignored;

	return place == &places[0] && !is_renewable && configuration_settings(&settings, &ignored) &&
	       settings->cache_aws_cli;
}

static void check_place(struct doctor *doctor, const struct place *place)
{
	_cleanup_free_ char *folder = xasprintf("%s/%s", doctor->home, place->folder);
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	bool is_renewable;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		_cleanup_free_ char *path = xasprintf("%s/%s", folder, entry->d_name);

		if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0 &&
		    holds(path, place, &is_renewable) && !is_lent(place, is_renewable))
			handle(doctor, path, place, is_renewable);
	}
	if (dir)
		closedir(dir);
}

void doctor_check_caches(struct doctor *doctor)
{
	size_t before = json_array_size(doctor->findings);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		check_place(doctor, &places[i]);
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "plain-text-tokens", FINDING_OK, "~/.aws", NULL,
			    "holds no token of another tool in plain text");
}
