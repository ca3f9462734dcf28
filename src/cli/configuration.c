#include "cli/configuration.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/config_reader.h"
#include "aws/name_text.h"
#include "aws/region.h"
#include "base/buffer.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"

#define OWN_FILE_MAX (256 * 1024)
#define AWS_FILE_MAX (16 * 1024 * 1024)

/* Such a file may name a program that we start: whoever can write it can be us. */
static bool check_owner(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return true; /* reading it says why, if that matters */
	if ((st.st_uid != getuid() && st.st_uid != 0) || st.st_mode & 022)
		return error_set(err, ERROR_CONFIG, "others can write to '%s': chmod go-w '%s'", path, path);
	return true;
}

static bool add_file(struct settings *settings, const char *folder, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(OWN_FILE_MAX, &buffer_heap);
	_cleanup_free_ char *path = xasprintf("%s/iamic/config", folder);
	bool exists;

	if (!check_owner(path, err) || !fs_read(path, &text, &exists, err))
		return false;
	return !exists || settings_add_file(settings, path, text.data, text.len, err);
}

/* The first folder of the list counts most, so it is added last. */
static bool add_administrators_files(struct settings *settings, struct error *err)
{
	const char *value = getenv("XDG_CONFIG_DIRS");
	_cleanup_free_ char *folders = xstrdup(value && *value ? value : "/etc/xdg");

	for (;;) {
		char *colon = strrchr(folders, ':'), *folder = colon ? colon + 1 : folders;

		if (folder[0] == '/' && !add_file(settings, folder, err))
			return false;
		if (!colon)
			return true;
		*colon = '\0';
	}
}

bool configuration_settings(struct settings **ret, struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	_cleanup_free_ char *folder = NULL;

	if (!add_administrators_files(settings, err) || !fs_xdg("XDG_CONFIG_HOME", ".config", &folder, err) ||
	    !add_file(settings, folder, err))
		return false;
	*ret = TAKE(settings);
	return true;
}

bool configuration_aws(const char *path, struct config **ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(AWS_FILE_MAX, &buffer_heap);
	bool exists;

	return fs_read(path, &text, &exists, err) && config_parse(path, text.data, text.len, ret, err);
}

bool configuration_has_profile(const struct config *config, const char *profile, struct error *err)
{
	const struct config_section *other;
	struct name_text there = {0};

	if (config_find(config, CONFIG_PROFILE, profile))
		return true;
	for (size_t i = 0; (other = config_nth(config, CONFIG_PROFILE, i)); i++)
		name_text_add(&there, other->name);
	if (there.n == 0)
		return error_set(err, ERROR_CONFIG,
				 "profile '%.100s' is not in %s, nor is any other: run 'iamic configure'",
				 profile, config_path(config));
	return error_set(err, ERROR_CONFIG, "profile '%.100s' is not in %s, which has: %s", profile,
			 config_path(config), name_text_end(&there));
}

bool configuration_is_profile(const char *path, const char *name)
{
	_cleanup_(config_freep) struct config *config = NULL;
	struct error ignored;

	return path && configuration_aws(path, &config, &ignored) &&
	       config_find(config, CONFIG_PROFILE, name);
}

char *configuration_region(const char *path, const char *profile)
{
	_cleanup_(config_freep) struct config *config = NULL;
	const struct config_section *section;
	const char *region = NULL;
	struct error ignored;

	if (!path || !configuration_aws(path, &config, &ignored))
		return NULL;
	section = config_find(config, CONFIG_PROFILE, profile);
	if (section)
		region = config_section_get(section, "region");
	return region && *region ? xstrdup(region) : NULL;
}

const char *configuration_shell_region(void)
{
	static const char *const variables[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *region = getenv(variables[i]);

		if (region && region_partition(region))
			return region;
	}
	return NULL;
}

/* Of the variable, else below HOME; NULL when that cannot be said. */
static char *shell_file(const char *variable, const char *name)
{
	const char *value = getenv(variable), *home;
	struct error ignored;

	if (value && *value && value[0] != '~')
		return xstrdup(value);
	if (!fs_home(&home, &ignored))
		return NULL;
	if (value && value[0] == '~')
		return value[1] == '/' ? xasprintf("%s%s", home, value + 1) : NULL;
	return xasprintf("%s/.aws/%s", home, name);
}

char *configuration_shell_path(void)
{
	return shell_file("AWS_CONFIG_FILE", "config");
}

char *configuration_credentials_path(void)
{
	return shell_file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat st_a, st_b;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	       st_a.st_ino == st_b.st_ino;
}

/* A key of iamic's own file is meant to differ. */
char *configuration_other_path(const char *daemon_path)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_free_ char *here = configuration_shell_path();
	struct error ignored;

	if (!here || is_same_file(here, daemon_path) ||
	    (configuration_settings(&settings, &ignored) && settings->aws_config_file))
		return NULL;
	return TAKE(here);
}

void configuration_warn_if_other(const char *daemon_path)
{
	_cleanup_free_ char *here = configuration_other_path(daemon_path);

	if (!here)
		return;
	log_warning("warning: the daemon reads '%s', but this shell's AWS configuration is '%s'", daemon_path,
		    here);
}
