#pragma once
/*
 * A file that may be there: has it changed since it was read?
 *
 * Inotify says so at once, wherever the file comes from: written in place, renamed over, behind symbolic
 * links, in a folder that is made later. Where inotify does not reach (network homes, a folder reached by a
 * link that is set anew) file_watch_has_changed() still finds out, by stat().
 */
#include <stdbool.h>
#include <sys/stat.h>

#include <systemd/sd-event.h>

struct file_watch;

/*
 * fn is called from the loop, before whatever else is due, when it is time to ask file_watch_has_changed(). A
 * file that is new has changed.
 */
struct file_watch *file_watch_new(sd_event *event, const char *path, void (*fn)(void *userdata),
				  void *userdata);
struct file_watch *file_watch_free(struct file_watch *watch);

const char *file_watch_path(const struct file_watch *watch);
bool file_watch_has_changed(const struct file_watch *watch);
/* It is about to be read. What it looks like now is returned; st_nlink 0: it is not there. */
const struct stat *file_watch_remember(struct file_watch *watch);
/* It could not be read: it has changed until it can. */
void file_watch_suspect(struct file_watch *watch);
