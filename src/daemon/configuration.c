#include "daemon/configuration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/config_reader.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/file_watch.h"
#include "daemon/timer.h"

#define OWN_FILE_MAX  (256 * 1024)
#define AWS_FILE_MAX  (16 * 1024 * 1024)
#define LINES_A_TURN  300
#define MAP_MAX       65536  /* of /proc/self/uid_map */
#define NOBODY        65534U /* what the kernel shows for who has no uid here */
#define OWN_FILES_MAX 16     /* a person's, and one for each folder of XDG_CONFIG_DIRS */

struct configuration {
	sd_event *event;
	struct file_watch *own[OWN_FILES_MAX]; /* the least important first; the last is the person's */
	size_t n_own;
	struct file_watch *aws; /* NULL while it is not known which file it is */

	struct settings *settings;             /* in force, or NULL */
	struct config *config;                 /* in force, or NULL */
	struct error settings_err, config_err; /* why there is none */

	struct config_reader *reader; /* of a file that has changed */
	sd_event_source *turn;
	void (*changed)(void *userdata);
	void *userdata;
};

static void on_file_changed(void *userdata);

/* Once, however often it is tried again. */
static void say_refused(const struct error *err, const struct error *said, bool has_good_one)
{
	if (said->kind == ERROR_NONE || strcmp(err->message, said->message) != 0)
		log_error("%s%s", err->message, has_good_one ? ": what was read before stays in force" : "");
}

/* ---- iamic's own files ---- */

static void add_own_path(struct configuration *configuration, const char *folder)
{
	_cleanup_free_ char *path = xasprintf("%s/iamic/config", folder);

	configuration->own[configuration->n_own++] =
		file_watch_new(configuration->event, path, on_file_changed, configuration);
}

/* $XDG_CONFIG_DIRS names the most important folder first; ours is above all of them. */
static bool find_own_files(struct configuration *configuration, struct error *err)
{
	const char *dirs = getenv("XDG_CONFIG_DIRS");
	_cleanup_free_ char *list = xstrdup(dirs && *dirs ? dirs : "/etc/xdg"), *home = NULL;

	if (!fs_xdg("XDG_CONFIG_HOME", ".config", &home, err))
		return false;
	for (char *last; (last = strrchr(list, ':')) || (last = list);) {
		const char *folder = last == list && *last != ':' ? last : last + 1;

		if (folder[0] == '/' && configuration->n_own < OWN_FILES_MAX - 1)
			add_own_path(configuration, folder);
		if (last == list)
			break;
		*last = '\0';
	}
	add_own_path(configuration, home);
	return true;
}

static const char *lookup(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

/* Under a unit with PrivateUsers= every uid but ours shows as this one, root's too. */
static bool is_root_hidden(void)
{
	_cleanup_(buffer_clearp) struct buffer map = BUFFER_INIT(MAP_MAX, &buffer_heap);
	unsigned long first, outside, n;
	struct error err;
	bool exists;

	if (!fs_read("/proc/self/uid_map", &map, &exists, &err) || !exists || map.len == 0)
		return false;
	for (const char *line = map.data; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		if (sscanf(line, "%lu %lu %lu", &first, &outside, &n) == 3 && first <= NOBODY &&
		    NOBODY - first < n)
			return false;
	}
	return true;
}

/* Ours, or root's: in an administrator's folder also where root is not to be told from others. */
static bool check_owner(const char *path, const struct stat *st, bool is_persons, struct error *err)
{
	if (st->st_mode & 022)
		return error_set(err, ERROR_CONFIG, "others can write to '%s': chmod go-w '%s'", path, path);
	if (st->st_uid == getuid() || st->st_uid == 0 ||
	    (st->st_uid == NOBODY && !is_persons && is_root_hidden()))
		return true;
	return error_set(err, ERROR_CONFIG, "'%s' belongs to uid %u: it must be yours or root's", path,
			 (unsigned)st->st_uid);
}

static bool add_own_file(struct file_watch *watch, bool is_persons, struct settings *settings,
			 struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(OWN_FILE_MAX, &buffer_heap);
	const struct stat *st = file_watch_remember(watch);
	const char *path = file_watch_path(watch);
	bool exists;

	if (st->st_nlink > 0 && !check_owner(path, st, is_persons, err))
		return false;
	if (!fs_read(path, &data, &exists, err)) {
		file_watch_suspect(watch);
		return false;
	}
	return !exists || settings_add_file(settings, path, data.data ? data.data : "", data.len, err);
}

static bool read_settings(struct configuration *configuration, struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();

	for (size_t i = 0; i < configuration->n_own; i++) {
		if (!add_own_file(configuration->own[i], i == configuration->n_own - 1, settings, err))
			return false;
	}
	if (!settings_add_environment(settings, lookup, NULL, err))
		return false;
	for (size_t i = 0; i < settings->n_warnings; i++)
		log_warning("%s", settings->warnings[i]);
	settings_free(configuration->settings);
	configuration->settings = TAKE(settings);
	return true;
}

/* True if something else is in force now. */
static bool load_settings(struct configuration *configuration)
{
	struct error err;

	if (read_settings(configuration, &err)) {
		configuration->settings_err.kind = ERROR_NONE;
		return true;
	}
	if (err.kind == ERROR_INTERNAL)
		err.kind = ERROR_CONFIG;
	say_refused(&err, &configuration->settings_err, configuration->settings != NULL);
	configuration->settings_err = err;
	return false;
}

/* ---- AWS's file ---- */

static void take_config(struct configuration *configuration, struct config *config_taken)
{
	config_free(configuration->config);
	configuration->config = config_taken;
	configuration->config_err.kind = ERROR_NONE;
}

static void refuse_config(struct configuration *configuration, const struct error *err)
{
	say_refused(err, &configuration->config_err, configuration->config != NULL);
	configuration->config_err = *err;
	configuration->config_err.kind = ERROR_CONFIG;
}

static enum config_progress step(struct configuration *configuration)
{
	struct config *config;
	struct error err;
	enum config_progress progress =
		config_reader_step(configuration->reader, LINES_A_TURN, &config, &err);

	if (progress == CONFIG_MORE)
		return progress;
	if (progress == CONFIG_DONE)
		take_config(configuration, config);
	else
		refuse_config(configuration, &err);
	configuration->reader = config_reader_free(configuration->reader);
	timer_disarm(&configuration->turn);
	return progress;
}

/* CONFIG_MORE: there is a reader now, which has not begun. */
static enum config_progress open_config(struct configuration *configuration)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(AWS_FILE_MAX, &buffer_heap);
	const char *path = file_watch_path(configuration->aws);
	struct error err;
	bool exists;

	configuration->reader = config_reader_free(configuration->reader);
	timer_disarm(&configuration->turn);
	file_watch_remember(configuration->aws);
	if (!fs_read(path, &data, &exists, &err)) {
		file_watch_suspect(configuration->aws);
		refuse_config(configuration, &err);
		return CONFIG_FAILED;
	}
	if (!exists) {
		take_config(configuration, config_new_empty(path));
		return CONFIG_DONE;
	}
	configuration->reader = config_reader_new(path, TAKE(data.data), data.len);
	return CONFIG_MORE;
}

/* To its end, for someone who cannot wait. */
static enum config_progress finish_reading(struct configuration *configuration)
{
	enum config_progress progress;

	do
		progress = step(configuration);
	while (progress == CONFIG_MORE);
	return progress;
}

static int on_turn(sd_event_source *source, void *userdata);

/* Of a large file some lines now, and the rest in turns of the loop. */
static enum config_progress read_on(struct configuration *configuration)
{
	enum config_progress progress = step(configuration);

	if (progress == CONFIG_MORE)
		timer_defer(configuration->event, &configuration->turn, on_turn, configuration);
	return progress;
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct configuration *configuration = userdata;

	(void)source;
	if (read_on(configuration) == CONFIG_DONE)
		configuration->changed(configuration->userdata);
	return 0;
}

/* The settings say which file it is. */
static void find_aws_file(struct configuration *configuration)
{
	const char *path = configuration->settings ? configuration->settings->aws_config_file : NULL;

	if (!path && configuration->settings)
		error_set(&configuration->config_err, ERROR_CONFIG,
			  "HOME is not set, and no aws_config_file is: set one of them");
	if (!path || (configuration->aws && strcmp(file_watch_path(configuration->aws), path) == 0))
		return;
	file_watch_free(configuration->aws);
	configuration->aws = file_watch_new(configuration->event, path, on_file_changed, configuration);
}

/* ---- changes ---- */

static bool load_changed_settings(struct configuration *configuration)
{
	bool changed = false;

	for (size_t i = 0; i < configuration->n_own; i++)
		changed = file_watch_has_changed(configuration->own[i]) || changed;
	if (!changed || !load_settings(configuration))
		return false;
	find_aws_file(configuration);
	return true;
}

/* A small file is in force before the request that came after its change is read. */
static void on_file_changed(void *userdata)
{
	struct configuration *configuration = userdata;
	bool changed = load_changed_settings(configuration);
	enum config_progress progress = CONFIG_FAILED;

	if (configuration->aws && file_watch_has_changed(configuration->aws))
		progress = open_config(configuration);
	if (progress == CONFIG_MORE)
		progress = read_on(configuration);
	if (changed || progress == CONFIG_DONE)
		configuration->changed(configuration->userdata);
}

bool configuration_look_again(struct configuration *configuration)
{
	bool changed = load_changed_settings(configuration);
	enum config_progress progress = configuration->reader ? CONFIG_MORE : CONFIG_FAILED;

	if (configuration->aws && file_watch_has_changed(configuration->aws))
		progress = open_config(configuration);
	if (progress == CONFIG_MORE)
		progress = finish_reading(configuration);
	changed = changed || progress == CONFIG_DONE;
	if (changed)
		configuration->changed(configuration->userdata);
	return changed;
}

/* ---- the whole ---- */

struct configuration *configuration_new(sd_event *event, void (*changed)(void *userdata), void *userdata)
{
	struct configuration *configuration = xcalloc(1, sizeof(*configuration));

	configuration->event = sd_event_ref(event);
	configuration->changed = changed;
	configuration->userdata = userdata;
	if (!find_own_files(configuration, &configuration->settings_err))
		return configuration;
	load_settings(configuration);
	find_aws_file(configuration);
	if (configuration->aws && open_config(configuration) == CONFIG_MORE)
		finish_reading(configuration);
	return configuration;
}

bool configuration_get(const struct configuration *configuration, const struct config **ret_config,
		       const struct settings **ret_settings, struct error *err)
{
	if (!configuration->settings || !configuration->config) {
		*err = configuration->settings ? configuration->config_err : configuration->settings_err;
		return false;
	}
	*ret_config = configuration->config;
	*ret_settings = configuration->settings;
	return true;
}

bool configuration_is_refused(const struct configuration *configuration, struct error *err)
{
	if (configuration->settings_err.kind)
		*err = configuration->settings_err;
	else if (configuration->config_err.kind)
		*err = configuration->config_err;
	return configuration->settings_err.kind || configuration->config_err.kind;
}

char *const *configuration_warnings(const struct configuration *configuration, size_t *ret_n)
{
	*ret_n = configuration->settings ? configuration->settings->n_warnings : 0;
	return configuration->settings ? configuration->settings->warnings : NULL;
}
