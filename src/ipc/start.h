#pragma once
/* Starting iamicd, once, and waiting for what comes of it. libc only. */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "iamic/protocol.h"

enum start_outcome {
	START_READY,     /* *ret_fd is connected to path */
	START_ELSEWHERE, /* another daemon has the store: its socket is in ret_elsewhere */
	START_FAILED,    /* it ended; err says why */
	START_TIMED_OUT, /* it may still come up */
};

/* The compiled-in bindir's iamicd, for the socket at path, which nobody listens on. */
enum start_outcome start_daemon(const char *path, uint64_t deadline_usec, int *ret_fd,
				char ret_elsewhere[static IAMIC_SOCKET_PATH_MAX + 1], struct error *err);
