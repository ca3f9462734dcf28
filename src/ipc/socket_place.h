#pragma once
/* Which socket stands at a path: whoever made it removes that one, and not what has come there since. libc
 * only. */
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "iamic/protocol.h"

struct socket_place {
	char path[IAMIC_SOCKET_PATH_MAX + 1];
	dev_t device;
	ino_t inode; /* of the path: that of a listening descriptor is another */
};

/* That which stands there now. */
bool socket_place_note(const char *path, struct socket_place *ret, struct error *err) MUST_CHECK;
bool socket_place_is_held(const struct socket_place *place);
/* Removes it if it is still that one; may be called in a signal handler. */
void socket_place_leave(const struct socket_place *place);
