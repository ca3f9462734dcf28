#include "daemon/file_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define LINKS_MAX 8  /* one behind the other; more are followed by stat() alone */
#define TRIES_MAX 16 /* while folders come and go */

#define SELF    (IN_DELETE_SELF | IN_MOVE_SELF)
#define CHANGES (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)
#define ARRIVES (IN_CREATE | IN_MOVED_TO | IN_ATTRIB) /* or may be entered now */

/* One folder on the way to the file, and the name in it that the way goes through. */
struct step {
	struct file_watch *watch;
	char *name;
	bool is_awaited; /* the name, which is a folder's: the way goes on when it is there */
	sd_event_source *inotify;
};

struct file_watch {
	sd_event *event;
	char *path;
	struct stat seen;
	bool is_new, is_written; /* since it was read; written: whatever its times say */
	bool is_way_changed; /* the steps no longer lead to it; or could not be made, and are tried again */
	struct step steps[LINKS_MAX + 1];
	size_t n_steps;
	sd_event_source *turn;
	void (*fn)(void *userdata);
	void *userdata;
};

/* ---- the way to the file ---- */

static void forget_way(struct file_watch *watch)
{
	for (size_t i = 0; i < watch->n_steps; i++) {
		sd_event_source_disable_unref(watch->steps[i].inotify);
		free(watch->steps[i].name);
	}
	watch->n_steps = 0;
}

static int on_turn(sd_event_source *source, void *userdata);

/* From a turn of its own: of several events the file is looked at once, and the sources may be made anew. */
static void tell(struct file_watch *watch)
{
	if (watch->turn)
		return;
	timer_defer(watch->event, &watch->turn, on_turn, watch);
	sd_event_source_set_priority(watch->turn, SD_EVENT_PRIORITY_IMPORTANT);
}

/* A file that is being made is told of again when it has been written; a link to one is there at once. */
static bool is_being_made(const struct file_watch *watch, uint32_t mask)
{
	struct stat st;

	return mask == IN_CREATE && stat(watch->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       lstat(watch->path, &st) == 0 && S_ISREG(st.st_mode);
}

static int on_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct step *step = userdata;
	struct file_watch *watch = step->watch;

	(void)source;
	if (event->len > 0 && strcmp(event->name, step->name) != 0)
		return 0;
	if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
		watch->is_written = true;
	if (event->len == 0 || step->is_awaited ||
	    event->mask & (IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE))
		watch->is_way_changed = true;
	if (!is_being_made(watch, event->mask))
		tell(watch);
	return 0;
}

/* 0, or a negative errno. Takes the name if all went well. */
static int add_step(struct file_watch *watch, const char *folder, const char *name, uint32_t events)
{
	struct step *step = &watch->steps[watch->n_steps];
	int r;

	*step = (struct step){.watch = watch};
	r = sd_event_add_inotify(watch->event, &step->inotify, *folder ? folder : "/",
				 events | SELF | IN_ONLYDIR, on_event, step);
	if (r < 0)
		return r;
	sd_event_source_set_priority(step->inotify, SD_EVENT_PRIORITY_IMPORTANT);
	step->name = xstrdup(name);
	watch->n_steps++;
	return 0;
}

/* Not there, or closed to us. */
static bool is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -EACCES;
}

/* A folder that has come, or has been opened, since it was looked for: no event will tell of it. */
static bool has_come(const char *folder, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", folder, name);
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && access(path, R_OK) == 0;
}

/*
 * There is no such folder: the nearest one above it that is there will tell when the next on the way comes.
 * -EAGAIN: it has come meanwhile.
 */
static int await_folder(struct file_watch *watch, char *folder)
{
	char *slash;
	int r = -ENOENT;

	while (r < 0 && (slash = strrchr(folder, '/'))) {
		*slash = '\0';
		r = add_step(watch, folder, slash + 1, ARRIVES);
		if (r < 0 && !is_missing(r))
			return r;
	}
	if (r < 0)
		return r;
	watch->steps[watch->n_steps - 1].is_awaited = true;
	return has_come(folder, slash + 1) ? -EAGAIN : 0;
}

/* What path leads to if it is a symbolic link, else NULL. */
static char *link_target(const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n <= 0)
		return NULL;
	target[n] = '\0';
	if (target[0] == '/')
		return xstrdup(target);
	return xasprintf("%.*s/%s", (int)(strrchr(path, '/') - path), path, target);
}

/*
 * A device has no contents to change, but the folder of /dev/null tells of every program that writes there.
 */
static bool is_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* Each folder is watched before it is looked into, so that nothing changes in between unseen. */
static int follow(struct file_watch *watch)
{
	_cleanup_free_ char *path = xstrdup(watch->path);
	int r = 0;

	forget_way(watch);
	while (path && watch->n_steps < LINKS_MAX && !is_device(path)) {
		char *slash = strrchr(path, '/'), *target;

		*slash = '\0';
		r = add_step(watch, path, slash + 1, CHANGES);
		if (is_missing(r))
			return await_folder(watch, path);
		if (r < 0)
			return r;
		*slash = '/';
		target = link_target(path);
		free(path);
		path = target;
	}
	return 0;
}

static void find_way(struct file_watch *watch)
{
	int r = -EAGAIN;

	watch->is_way_changed = false;
	for (int tries = 0; r == -EAGAIN && tries < TRIES_MAX; tries++)
		r = follow(watch);
	if (r < 0) {
		log_debug("'%s' cannot be watched: %s", watch->path, strerror(-r));
		watch->is_way_changed = true;
	}
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct file_watch *watch = userdata;

	(void)source;
	timer_disarm(&watch->turn);
	if (watch->is_way_changed)
		find_way(watch);
	watch->fn(watch->userdata); /* may free watch: nothing after this line */
	return 0;
}

/* ---- the whole ---- */

struct file_watch *file_watch_new(sd_event *event, const char *path, void (*fn)(void *userdata),
				  void *userdata)
{
	struct file_watch *watch = xcalloc(1, sizeof(*watch));

	watch->event = sd_event_ref(event);
	watch->path = xstrdup(path);
	watch->is_new = true;
	watch->fn = fn;
	watch->userdata = userdata;
	find_way(watch);
	return watch;
}

struct file_watch *file_watch_free(struct file_watch *watch)
{
	if (!watch)
		return NULL;
	forget_way(watch);
	timer_disarm(&watch->turn);
	sd_event_unref(watch->event);
	free(watch->path);
	free(watch);
	return NULL;
}

const char *file_watch_path(const struct file_watch *watch)
{
	return watch->path;
}

static void look(const struct file_watch *watch, struct stat *ret)
{
	if (stat(watch->path, ret) < 0)
		*ret = (struct stat){0};
}

bool file_watch_has_changed(const struct file_watch *watch)
{
	const struct stat *seen = &watch->seen;
	struct stat now;

	look(watch, &now);
	return watch->is_new || watch->is_written || now.st_dev != seen->st_dev ||
	       now.st_ino != seen->st_ino || now.st_size != seen->st_size ||
	       now.st_mtim.tv_sec != seen->st_mtim.tv_sec || now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec ||
	       now.st_ctim.tv_sec != seen->st_ctim.tv_sec || now.st_ctim.tv_nsec != seen->st_ctim.tv_nsec;
}

const struct stat *file_watch_remember(struct file_watch *watch)
{
	watch->is_new = watch->is_written = false;
	if (watch->is_way_changed)
		find_way(watch);
	look(watch, &watch->seen);
	return &watch->seen;
}

void file_watch_suspect(struct file_watch *watch)
{
	watch->is_new = true;
}
