#pragma once
/*
 * The lock under which clients start a daemon, and the note in its file that the last attempt left.
 *
 * Many clients may find no daemon at the same time. One gets the lock and starts it; the others wait, and
 * what they wait for is told by the socket or, when there will be none, by the note: all of them then give
 * the same reason, at once, instead of each trying in turn. libc only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define START_NOTE_TEXT_SIZE 512 /* as much as an error's message */

struct start_note {
	uint64_t time_usec;              /* clock_boot_usec() when it was written */
	enum error_kind kind;            /* why there is no daemon; ERROR_NONE: there is one, elsewhere */
	char text[START_NOTE_TEXT_SIZE]; /* the reason, or the path of that socket */
};

/* The file beside the socket, made where it lacks. Close-on-exec. */
bool start_lock_open(const char *socket_path, int *ret_fd, struct error *err) MUST_CHECK;
/* One try. Where locks do not work everyone gets it: the daemon's own lock decides then. */
bool start_lock_try(int fd);

/* Only for who holds the lock. False: no note, or only a part of one. */
bool start_note_read(int fd, struct start_note *ret);
void start_note_write(int fd, enum error_kind kind, const char *text);
void start_note_clear(int fd);
