#include "daemon/configuration.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define OWN_FILE_MAX  (256 * 1024)
#define AWS_FILE_MAX  (16 * 1024 * 1024)
#define LINES_A_TURN  300
#define OWN_FILES_MAX 16 /* a person's, and one for each folder of XDG_CONFIG_DIRS */

/* A file that may be there, and what it looked like when it was last read. */
struct watched {
	char *path;
	struct stat seen; /* st_ino 0: there was none */
	sd_event_source *inotify;
};

struct configuration {
	sd_event *event;
	struct watched own[OWN_FILES_MAX]; /* the least important first */
	size_t n_own;
	struct watched aws;

	struct settings *settings;             /* in force, or NULL */
	struct config *config;                 /* in force, or NULL */
	struct error settings_err, config_err; /* why there is none */

	struct config_reader *reader; /* of a file that has changed */
	sd_event_source *turn;
	void (*changed)(void *userdata);
	void *userdata;
};

static int on_file_event(sd_event_source *source, const struct inotify_event *event, void *userdata);

/* ---- files ---- */

static void watch_folder(struct configuration *configuration, struct watched *watched)
{
	_cleanup_free_ char *folder = xstrdup(watched->path);
	char *slash = strrchr(folder, '/');

	watched->inotify = sd_event_source_disable_unref(watched->inotify);
	if (!slash || slash == folder)
		return;
	*slash = '\0';
	if (sd_event_add_inotify(configuration->event, &watched->inotify, folder,
				 IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
					 IN_ATTRIB,
				 on_file_event, configuration) < 0)
		watched->inotify = NULL; /* no such folder yet: looked for again when something is asked */
	else
		sd_event_source_set_priority(watched->inotify, SD_EVENT_PRIORITY_IMPORTANT);
}

static void watched_set(struct configuration *configuration, struct watched *watched, const char *path)
{
	if (watched->path && strcmp(watched->path, path) == 0)
		return;
	xstrdup_to(&watched->path, path);
	watched->seen = (struct stat){0};
	watch_folder(configuration, watched);
}

static void watched_done(struct watched *watched)
{
	sd_event_source_disable_unref(watched->inotify);
	free(watched->path);
}

static bool has_changed(const struct watched *watched)
{
	struct stat now;

	if (stat(watched->path, &now) < 0)
		now = (struct stat){0};
	return now.st_dev != watched->seen.st_dev || now.st_ino != watched->seen.st_ino ||
	       now.st_size != watched->seen.st_size || now.st_mtim.tv_sec != watched->seen.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != watched->seen.st_mtim.tv_nsec ||
	       now.st_ctim.tv_sec != watched->seen.st_ctim.tv_sec ||
	       now.st_ctim.tv_nsec != watched->seen.st_ctim.tv_nsec;
}

static void remember(struct watched *watched)
{
	if (stat(watched->path, &watched->seen) < 0)
		watched->seen = (struct stat){0};
}

/* ---- iamic's own files ---- */

/* $XDG_CONFIG_DIRS names the most important folder first; ours is above all of them. */
static bool find_own_files(struct configuration *configuration, struct error *err)
{
	const char *dirs = getenv("XDG_CONFIG_DIRS");
	_cleanup_free_ char *list = xstrdup(dirs && *dirs ? dirs : "/etc/xdg"), *home = NULL;

	if (!fs_xdg("XDG_CONFIG_HOME", ".config", &home, err))
		return false;
	for (char *last; (last = strrchr(list, ':')) || (last = list);) {
		const char *folder = last == list && *last != ':' ? last : last + 1;

		if (folder[0] == '/' && configuration->n_own < OWN_FILES_MAX - 1) {
			_cleanup_free_ char *path = xasprintf("%s/iamic/config", folder);

			watched_set(configuration, &configuration->own[configuration->n_own++], path);
		}
		if (last == list)
			break;
		*last = '\0';
	}
	_cleanup_free_ char *path = xasprintf("%s/iamic/config", home);
	watched_set(configuration, &configuration->own[configuration->n_own++], path);
	return true;
}

static const char *lookup(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

static bool add_own_file(struct watched *watched, struct settings *settings, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(OWN_FILE_MAX, &buffer_heap);
	bool exists;

	remember(watched);
	if (!fs_read(watched->path, &data, &exists, err))
		return false;
	if (!exists)
		return true;
	if ((watched->seen.st_mode & 022) || (watched->seen.st_uid != getuid() && watched->seen.st_uid != 0))
		return error_set(err, ERROR_CONFIG, "others can write to '%s': chmod go-w '%s'",
				 watched->path, watched->path);
	return settings_add_file(settings, watched->path, data.data ? data.data : "", data.len, err);
}

static bool read_settings(struct configuration *configuration, struct error *err)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();

	for (size_t i = 0; i < configuration->n_own; i++) {
		if (!add_own_file(&configuration->own[i], settings, err))
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

static void load_settings(struct configuration *configuration)
{
	struct error err;

	if (read_settings(configuration, &err)) {
		configuration->settings_err.kind = ERROR_NONE;
		return;
	}
	if (err.kind == ERROR_INTERNAL)
		err.kind = ERROR_CONFIG;
	log_error("%s%s", err.message,
		  configuration->settings ? ": what was read before stays in force" : "");
	configuration->settings_err = err;
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
	log_error("%s%s", err->message, configuration->config ? ": what was read before stays in force" : "");
	configuration->config_err = *err;
	configuration->config_err.kind = ERROR_CONFIG;
}

/* One turn's worth. False when the reader is done, well or not. */
static bool step(struct configuration *configuration)
{
	struct config *config;
	struct error err;

	switch (config_reader_step(configuration->reader, LINES_A_TURN, &config, &err)) {
	case CONFIG_MORE:
		return true;
	case CONFIG_DONE:
		take_config(configuration, config);
		break;
	case CONFIG_FAILED:
		refuse_config(configuration, &err);
		break;
	}
	configuration->reader = config_reader_free(configuration->reader);
	timer_disarm(&configuration->turn);
	return false;
}

static void open_config(struct configuration *configuration)
{
	struct buffer data = BUFFER_INIT(AWS_FILE_MAX, &buffer_heap);
	struct error err;
	bool exists;

	configuration->reader = config_reader_free(configuration->reader);
	timer_disarm(&configuration->turn);
	remember(&configuration->aws);
	if (!fs_read(configuration->aws.path, &data, &exists, &err))
		refuse_config(configuration, &err);
	else if (!exists)
		take_config(configuration, config_new_empty(configuration->aws.path));
	else
		configuration->reader = config_reader_new(configuration->aws.path, TAKE(data.data), data.len);
	if (data.data)
		buffer_clear(&data);
}

static void finish_reading(struct configuration *configuration)
{
	while (configuration->reader && step(configuration))
		;
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct configuration *configuration = userdata;

	(void)source;
	if (step(configuration))
		timer_defer(configuration->event, &configuration->turn, on_turn, configuration);
	else
		configuration->changed(configuration->userdata);
	return 0;
}

/* ---- changes ---- */

static bool load_changed_settings(struct configuration *configuration)
{
	bool changed = false;

	for (size_t i = 0; i < configuration->n_own; i++)
		changed = has_changed(&configuration->own[i]) || changed;
	if (!changed)
		return false;
	load_settings(configuration);
	if (configuration->settings && configuration->settings->aws_config_file)
		watched_set(configuration, &configuration->aws, configuration->settings->aws_config_file);
	return true;
}

static int on_file_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct configuration *configuration = userdata;
	bool changed = load_changed_settings(configuration);

	(void)source;
	(void)event;
	if (configuration->aws.path && has_changed(&configuration->aws)) {
		open_config(configuration);
		/* A small file is in force before the request that came after its change is read. */
		if (configuration->reader && step(configuration))
			timer_defer(configuration->event, &configuration->turn, on_turn, configuration);
		changed = changed || !configuration->reader;
	}
	if (changed)
		configuration->changed(configuration->userdata);
	return 0;
}

bool configuration_look_again(struct configuration *configuration)
{
	bool changed = load_changed_settings(configuration);

	if (configuration->aws.path && !configuration->aws.inotify)
		watch_folder(configuration, &configuration->aws);
	if (configuration->aws.path && has_changed(&configuration->aws)) {
		open_config(configuration);
		changed = true;
	}
	changed = changed || configuration->reader;
	finish_reading(configuration);
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
	if (configuration->settings && configuration->settings->aws_config_file) {
		watched_set(configuration, &configuration->aws, configuration->settings->aws_config_file);
		open_config(configuration);
		finish_reading(configuration);
	}
	return configuration;
}

struct configuration *configuration_free(struct configuration *configuration)
{
	if (!configuration)
		return NULL;
	for (size_t i = 0; i < configuration->n_own; i++)
		watched_done(&configuration->own[i]);
	watched_done(&configuration->aws);
	config_reader_free(configuration->reader);
	timer_disarm(&configuration->turn);
	settings_free(configuration->settings);
	config_free(configuration->config);
	sd_event_unref(configuration->event);
	free(configuration);
	return NULL;
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

const char *configuration_aws_path(const struct configuration *configuration)
{
	return configuration->aws.path;
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
