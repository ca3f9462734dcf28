#pragma once
/*
 * One daemon per store: two on one rotating refresh token would sign the person out. Whoever holds an OFD
 * lock on $XDG_STATE_HOME/iamic/lock is the one; where that folder cannot be written, the lock lies beside
 * the socket.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "iamic/protocol.h"

struct instance_holder {
	int pid;
	char socket[IAMIC_SOCKET_PATH_MAX + 1];
};

enum instance_outcome {
	INSTANCE_OURS,  /* *ret_fd holds the lock until it is closed */
	INSTANCE_TAKEN, /* by a daemon of this machine: ret_holder says which */
	INSTANCE_FAILED,
};

/*
 * Waits a second for a holder that is leaving. takes_over: asks it to leave, and waits until it has finished
 * its open calls.
 */
enum instance_outcome instance_claim(const char *socket_path, bool takes_over, int *ret_fd,
				     struct instance_holder *ret_holder, struct error *err);
