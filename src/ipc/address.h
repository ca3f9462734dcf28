#pragma once
/*
 * Where the daemon's socket is: $IAMIC_SOCKET, else iamic/socket below the first base that is ours and that
 * no one else can write: $XDG_RUNTIME_DIR, /run/user/UID, ~/.cache (there iamic/run-HOSTNAME/socket). libc
 * only.
 */
#include <stdbool.h>

#include "base/error.h"
#include "iamic/protocol.h"

struct address {
	char path[IAMIC_SOCKET_PATH_MAX + 1];
	bool is_explicit; /* from $IAMIC_SOCKET: then nobody starts a daemon for it */
};

/* Looks, makes nothing. A base that is set but not private is skipped; a folder iamic/ that is not private is
 * ERROR_CONFIG. */
bool address_resolve(struct address *ret, struct error *err) MUST_CHECK;
/* The folder of the socket, made 0700 where it lacks; not for an explicit address. */
bool address_make_folder(const struct address *address, struct error *err) MUST_CHECK;
