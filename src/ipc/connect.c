/*
 * Nobody listens: whoever gets the lock looks once more, then starts a daemon; the others look at the socket
 * and try for the lock in turns. See start_lock.h for how a failure reaches all of them.
 */
#include "ipc/connect.h"

#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "ipc/address.h"
#include "ipc/socket.h"
#include "ipc/start.h"
#include "ipc/start_lock.h"

#define STARTS_MAX       3 /* a daemon that was leaving may be in the way of the next */
#define PAUSE_MAX_MS     50
#define ELSEWHERE_WAIT_S 2 /* the other one may have been started a moment before ours */

/* Sleeps, doubling *pause_ms; false when the deadline has passed. */
static bool pause_until(uint64_t deadline_usec, int *pause_ms)
{
	uint64_t now = clock_boot_usec(), left_ms;

	if (now >= deadline_usec)
		return false;
	left_ms = (deadline_usec - now) / USEC_PER_MSEC + 1;
	poll(NULL, 0, left_ms < (uint64_t)*pause_ms ? (int)left_ms : *pause_ms);
	*pause_ms = *pause_ms * 2 < PAUSE_MAX_MS ? *pause_ms * 2 : PAUSE_MAX_MS;
	return true;
}

/* Until somebody listens or the time is up, which is CONNECT_ABSENT. */
static enum connect_outcome connect_repeatedly(const char *path, uint64_t deadline_usec, int *ret_fd,
					       struct error *err)
{
	enum connect_outcome outcome;
	int pause_ms = 1;

	do
		outcome = socket_connect(path, deadline_usec, ret_fd, err);
	while (outcome == CONNECT_ABSENT && pause_until(deadline_usec, &pause_ms));
	return outcome;
}

/* CONNECT_ABSENT: the lock is ours, and still nobody listens. */
static enum connect_outcome wait_for_turn(const char *path, int lock, uint64_t deadline_usec, int *ret_fd,
					  struct error *err)
{
	int pause_ms = 1;

	for (;;) {
		bool is_ours = start_lock_try(lock);
		enum connect_outcome outcome = socket_connect(path, deadline_usec, ret_fd, err);

		if (is_ours || outcome != CONNECT_ABSENT)
			return outcome;
		if (!pause_until(deadline_usec, &pause_ms)) {
			error_fill(err, ERROR_TIMED_OUT,
				   "another program is starting iamicd, which is not ready yet: try again");
			return CONNECT_FAILED;
		}
	}
}

/* The socket that a note names may be long gone, or another's: then there is no note. */
static enum connect_outcome connect_noted(const char *path, uint64_t deadline_usec, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	struct error ignored;

	if (socket_connect(path, deadline_usec, &fd, &ignored) != CONNECT_OK ||
	    !socket_check_peer(fd, path, &ignored))
		return CONNECT_ABSENT;
	*ret_fd = fd;
	fd = -1;
	return CONNECT_OK;
}

/* What the one before us found out. CONNECT_ABSENT: nothing that counts for us. */
static enum connect_outcome follow_note(int lock, uint64_t began_usec, uint64_t deadline_usec, int *ret_fd,
					struct error *err)
{
	struct start_note note;

	if (!start_note_read(lock, &note))
		return CONNECT_ABSENT;
	if (note.kind == ERROR_NONE)
		return connect_noted(note.text, deadline_usec, ret_fd);
	if (note.time_usec < began_usec || note.time_usec > clock_boot_usec())
		return CONNECT_ABSENT;
	error_fill(err, note.kind, "%s", note.text);
	return CONNECT_FAILED;
}

/* Another daemon has the store. CONNECT_ABSENT: it is gone again. */
static enum connect_outcome connect_elsewhere(const char *path, int lock, uint64_t deadline_usec, int *ret_fd,
					      struct error *err)
{
	uint64_t patience = clock_boot_usec() + ELSEWHERE_WAIT_S * USEC_PER_SEC;
	enum connect_outcome outcome =
		connect_repeatedly(path, patience < deadline_usec ? patience : deadline_usec, ret_fd, err);

	if (outcome == CONNECT_OK)
		start_note_write(lock, ERROR_NONE, path);
	return outcome;
}

/* With the lock held. */
static bool start(const char *path, int lock, uint64_t deadline_usec, int *ret_fd, struct error *err)
{
	char elsewhere[IAMIC_SOCKET_PATH_MAX + 1];

	for (int i = 0; i < STARTS_MAX; i++) {
		start_note_clear(lock);
		switch (start_daemon(path, deadline_usec, ret_fd, elsewhere, err)) {
		case START_READY:
			return true;
		case START_TIMED_OUT:
			return false;
		case START_FAILED:
			start_note_write(lock, err->kind, err->message);
			return false;
		case START_ELSEWHERE:
			break;
		}
		switch (connect_elsewhere(elsewhere, lock, deadline_usec, ret_fd, err)) {
		case CONNECT_OK:
			return true;
		case CONNECT_FAILED:
			return false;
		case CONNECT_ABSENT:
			break;
		}
	}
	error_fill(err, ERROR_UNAVAILABLE,
		   "iamicd runs already, but nobody listens on '%s': end it and try again", elsewhere);
	start_note_write(lock, err->kind, err->message);
	return false;
}

static bool start_or_join(const struct address *address, uint64_t deadline_usec, int *ret_fd,
			  struct error *err)
{
	uint64_t began_usec = clock_boot_usec();
	_cleanup_close_ int lock = -1;
	enum connect_outcome outcome;

	if (!address_make_folder(address, err) || !start_lock_open(address->path, &lock, err)) {
		if (err->kind == ERROR_INTERNAL)
			err->kind = ERROR_UNAVAILABLE;
		return error_prefix(err, "cannot start a daemon");
	}
	outcome = wait_for_turn(address->path, lock, deadline_usec, ret_fd, err);
	if (outcome == CONNECT_ABSENT)
		outcome = follow_note(lock, began_usec, deadline_usec, ret_fd, err);
	if (outcome == CONNECT_ABSENT)
		return start(address->path, lock, deadline_usec, ret_fd, err);
	return outcome == CONNECT_OK;
}

enum absent { ABSENT_START, ABSENT_REFUSE };

static bool connect_or(enum absent absent, uint64_t deadline_usec, int *ret_fd, struct error *err)
{
	struct address address;
	_cleanup_close_ int fd = -1;

	if (!address_resolve(&address, err))
		return false;
	switch (socket_connect(address.path, deadline_usec, &fd, err)) {
	case CONNECT_FAILED:
		return false;
	case CONNECT_ABSENT:
		if (absent == ABSENT_REFUSE)
			return error_set(err, ERROR_UNAVAILABLE, "no daemon runs");
		if (address.is_explicit)
			return error_set(
				err, ERROR_UNAVAILABLE,
				"no daemon listens on '%s' (from IAMIC_SOCKET): start it with 'iamicd' or "
				"unset IAMIC_SOCKET",
				address.path);
		if (!start_or_join(&address, deadline_usec, &fd, err))
			return false;
		break;
	case CONNECT_OK:
		break;
	}
	if (!socket_check_peer(fd, address.path, err))
		return false;
	*ret_fd = fd;
	fd = -1;
	return true;
}

bool connect_daemon(uint64_t deadline_usec, int *ret_fd, struct error *err)
{
	return connect_or(ABSENT_START, deadline_usec, ret_fd, err);
}

bool connect_running_daemon(uint64_t deadline_usec, int *ret_fd, struct error *err)
{
	return connect_or(ABSENT_REFUSE, deadline_usec, ret_fd, err);
}
