#include "daemon/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"

#define LEAVING_USEC   (1 * USEC_PER_SEC)
#define TAKE_OVER_USEC (10 * USEC_PER_SEC)
#define POLL_MSEC      20
#define NOTE_MAX       1024

#define BOOT_ID_UNKNOWN "-" /* the strict unit hides all of /proc but processes */

/* What the holder writes into the lock: four lines. */
struct note {
	char host[65], boot_id[40];
	struct instance_holder holder;
};

/* ---- where ---- */

static bool open_lock_in(const char *folder, int *ret_fd, struct error *err)
{
	_cleanup_free_ char *path = xasprintf("%s/lock", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

	if (fd < 0)
		return error_errno(err, "cannot open '%s'", path);
	*ret_fd = fd;
	return true;
}

static bool open_state_lock(int *ret_fd, struct error *err)
{
	_cleanup_free_ char *state = NULL, *folder = NULL;

	if (!fs_xdg("XDG_STATE_HOME", ".local/state", &state, err))
		return false;
	folder = xasprintf("%s/iamic", state);
	return fs_make_private_dir(folder, err) && open_lock_in(folder, ret_fd, err);
}

static bool open_socket_lock(const char *socket_path, int *ret_fd, struct error *err)
{
	_cleanup_free_ char *folder = xstrdup(socket_path);
	char *slash = strrchr(folder, '/');

	if (!slash)
		return error_set(err, ERROR_CONFIG, "'%s' is not an absolute path", socket_path);
	*slash = '\0';
	return open_lock_in(folder, ret_fd, err);
}

/* ---- who ---- */

static void this_machine(struct note *note)
{
	_cleanup_(buffer_clearp) struct buffer id = BUFFER_INIT(256, &buffer_heap);
	struct utsname name;
	struct error err;
	bool exists;

	uname(&name);
	snprintf(note->host, sizeof(note->host), "%s", name.nodename);
	if (fs_read("/proc/sys/kernel/random/boot_id", &id, &exists, &err) && exists && id.len > 0)
		snprintf(note->boot_id, sizeof(note->boot_id), "%.36s", id.data);
	else
		snprintf(note->boot_id, sizeof(note->boot_id), BOOT_ID_UNKNOWN);
}

/* Over the old one, and cut to size after that: on a full disk its room may be all there is. */
static bool write_note(int fd, const char *socket_path, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	struct note note = {0};
	ssize_t len;

	this_machine(&note);
	text = xasprintf("%s\n%s\n%d\n%s\n", note.host, note.boot_id, (int)getpid(), socket_path);
	len = (ssize_t)strlen(text);
	if (pwrite(fd, text, (size_t)len, 0) == len && ftruncate(fd, len) == 0)
		return true;
	error_fill_errno(err, "the lock's file cannot be written");
	(void)!ftruncate(fd, 0); /* half a note may name a process that is none of ours */
	return false;
}

/* False for a note that is half written or not one at all. */
static bool read_note(int fd, struct note *ret)
{
	char text[NOTE_MAX + 1];
	ssize_t n = pread(fd, text, NOTE_MAX, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	*ret = (struct note){0};
	return sscanf(text, "%64[^\n]\n%39[^\n]\n%d\n%107[^\n]\n", ret->host, ret->boot_id, &ret->holder.pid,
		      ret->holder.socket) == 4 &&
	       ret->holder.pid > 0;
}

static bool is_of_this_machine(const struct note *note)
{
	struct note ours = {0};

	this_machine(&ours);
	if (strcmp(note->host, ours.host) != 0)
		return false;
	return strcmp(note->boot_id, ours.boot_id) == 0 || strcmp(note->boot_id, BOOT_ID_UNKNOWN) == 0 ||
	       strcmp(ours.boot_id, BOOT_ID_UNKNOWN) == 0;
}

/* The pid in a note may be of another container, where it is another process's here. What /proc hides from us
 * may be one. */
static bool may_be_iamicd(int pid)
{
	_cleanup_(buffer_clearp) struct buffer name = BUFFER_INIT(64, &buffer_heap);
	_cleanup_free_ char *path = xasprintf("/proc/%d/comm", pid);
	struct error err;
	bool exists;

	return !fs_read(path, &name, &exists, &err) || !exists || strcmp(name.data, "iamicd\n") == 0;
}

/* ---- the lock ---- */

enum lock_outcome { LOCK_GOT, LOCK_HELD, LOCK_UNSUPPORTED };

static enum lock_outcome try_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return LOCK_GOT;
	return errno == EAGAIN || errno == EACCES ? LOCK_HELD : LOCK_UNSUPPORTED;
}

static void pause_a_moment(void)
{
	const struct timespec pause = {.tv_nsec = POLL_MSEC * 1000000L};

	nanosleep(&pause, NULL);
}

static enum lock_outcome lock_within(int fd, uint64_t patience_usec)
{
	uint64_t deadline = clock_boot_usec() + patience_usec;
	enum lock_outcome outcome;

	while ((outcome = try_lock(fd)) == LOCK_HELD && clock_boot_usec() < deadline)
		pause_a_moment();
	return outcome;
}

static enum instance_outcome explain_held(int fd, struct instance_holder *ret_holder, struct error *err)
{
	struct note note;

	if (!read_note(fd, &note)) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "another iamicd has the store and does not say which: try again");
		return INSTANCE_FAILED;
	}
	if (!is_of_this_machine(&note)) {
		error_fill(err, ERROR_UNAVAILABLE, "an iamicd on host '%s' has the store: end it there",
			   note.host);
		return INSTANCE_FAILED;
	}
	*ret_holder = note.holder;
	return INSTANCE_TAKEN;
}

/* The pid of the daemon that has the lock, or 0 if there is none that could be asked to leave. */
static int holder_of(int fd)
{
	struct note note;

	return read_note(fd, &note) && is_of_this_machine(&note) && may_be_iamicd(note.holder.pid)
		       ? note.holder.pid
		       : 0;
}

/*
 * Asks whoever has it, and then whoever was quicker than we to take it. A note is written a moment after the
 * lock was taken: it is looked for as long as for a daemon that is leaving.
 */
static enum lock_outcome take_over(int fd)
{
	uint64_t began = clock_boot_usec();
	enum lock_outcome outcome;
	int asked = 0;

	while ((outcome = try_lock(fd)) == LOCK_HELD &&
	       clock_boot_usec() - began < (asked ? TAKE_OVER_USEC : LEAVING_USEC)) {
		int holder = holder_of(fd);

		if (holder && holder != asked && kill(holder, SIGTERM) == 0) {
			log_info("asked iamicd with pid %d to leave", holder);
			asked = holder;
		}
		pause_a_moment();
	}
	return outcome;
}

struct claim {
	const char *socket_path;
	bool takes_over;
	enum instance_outcome outcome;
	int fd; /* INSTANCE_OURS */
	struct instance_holder holder;
};

/* Whose is the lock in this file? False when it cannot be kept there as it should be: err says why. */
static bool claim_in(struct claim *claim, int fd, struct error *err)
{
	claim->outcome = INSTANCE_OURS;
	claim->fd = fd;
	switch (claim->takes_over ? take_over(fd) : lock_within(fd, LEAVING_USEC)) {
	case LOCK_GOT:
		return write_note(fd, claim->socket_path, err);
	case LOCK_UNSUPPORTED: /* ENOLCK and the like: a network home without locks */
		return error_errno(err, "the lock's file takes no locks");
	case LOCK_HELD:
		claim->outcome = explain_held(fd, &claim->holder, err);
		close(fd);
	}
	return true;
}

/* A folder that is wrong, and not only unwritable, is the end of it. */
static bool claim_in_state(struct claim *claim, struct error *err)
{
	int fd;

	if (!open_state_lock(&fd, err)) {
		claim->outcome = INSTANCE_FAILED;
		return err->kind == ERROR_CONFIG;
	}
	if (claim_in(claim, fd, err))
		return true;
	close(fd);
	return false;
}

/* There is no third place: a lock that does not say whose it is is better than no daemon. */
static void claim_beside_socket(struct claim *claim, struct error *err)
{
	int fd;

	if (!open_socket_lock(claim->socket_path, &fd, err))
		claim->outcome = INSTANCE_FAILED;
	else if (!claim_in(claim, fd, err))
		log_warning("%s there, either", err->message);
}

/* A state folder that is read-only, full, or takes no locks cannot have it. */
enum instance_outcome instance_claim(const char *socket_path, bool takes_over, int *ret_fd,
				     struct instance_holder *ret_holder, struct error *err)
{
	struct claim claim = {.socket_path = socket_path, .takes_over = takes_over, .fd = -1};

	if (!claim_in_state(&claim, err)) {
		log_warning("%s: the lock lies beside the socket", err->message);
		claim_beside_socket(&claim, err);
	}
	if (claim.outcome == INSTANCE_OURS)
		*ret_fd = claim.fd;
	if (claim.outcome == INSTANCE_TAKEN)
		*ret_holder = claim.holder;
	return claim.outcome;
}
