#pragma once
/* UNIX stream sockets of one person: connecting, listening, and whose process is at the other end. libc only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum connect_outcome { CONNECT_OK, CONNECT_ABSENT /* nobody listens there */, CONNECT_FAILED };

/* Non-blocking and close-on-exec. deadline is clock_boot_usec(). */
enum connect_outcome socket_connect(const char *path, uint64_t deadline_usec, int *ret_fd, struct error *err);
/* The peer must have our uid, or the one in $IAMIC_SOCKET_UID; otherwise ERROR_UNAVAILABLE says whose it is.
 */
bool socket_check_peer(int fd, const char *path, struct error *err) MUST_CHECK;
bool socket_peer(int fd, uid_t *ret_uid, pid_t *ret_pid);
/* Absolute, and short enough for an address: ERROR_CONFIG. */
bool socket_check_path(const char *path, struct error *err) MUST_CHECK;
/* Binds a temporary name with mode 0600, listens, renames it to path: whoever sees the socket can connect. */
bool socket_listen(const char *path, int *ret_fd, struct error *err) MUST_CHECK;
/* Likewise where nothing may be yet, with that mode. */
bool socket_listen_new(const char *path, mode_t mode, int *ret_fd, struct error *err) MUST_CHECK;

/* Until fd is ready for events (of poll()) or has failed; ERROR_TIMED_OUT: "the daemon took too long to
 * DOING". Wakes up early at times. A deadline of UINT64_MAX is none. */
bool socket_wait(int fd, short events, uint64_t deadline_usec, const char *doing,
		 struct error *err) MUST_CHECK;
/* All of it, without SIGPIPE. ERROR_UNAVAILABLE when the peer is gone, unless it has left an answer. */
bool socket_send(int fd, const char *data, size_t len, uint64_t deadline_usec, struct error *err) MUST_CHECK;
