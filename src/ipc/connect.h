#pragma once
/*
 * A connection to the daemon of the person who asks, which is started when there is none: only the
 * compiled-in bindir's iamicd, never when $IAMIC_SOCKET is set, under flock on socket.lock so that a thousand
 * clients start one, and learn one and the same reason when it cannot start. libc only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A connected, non-blocking, peer-checked descriptor. deadline is clock_boot_usec(). */
bool connect_daemon(uint64_t deadline_usec, int *ret_fd, struct error *err) MUST_CHECK;
/* Likewise, to one that runs: otherwise ERROR_UNAVAILABLE. */
bool connect_running_daemon(uint64_t deadline_usec, int *ret_fd, struct error *err) MUST_CHECK;
