#include "ipc/socket_place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool socket_place_note(const char *path, struct socket_place *ret, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0 || strlen(path) > IAMIC_SOCKET_PATH_MAX)
		return error_errno(err, "cannot look at '%s'", path);
	*ret = (struct socket_place){.device = st.st_dev, .inode = st.st_ino};
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	return true;
}

bool socket_place_is_held(const struct socket_place *place)
{
	struct stat st;

	return lstat(place->path, &st) == 0 && st.st_dev == place->device && st.st_ino == place->inode;
}

void socket_place_leave(const struct socket_place *place)
{
	if (socket_place_is_held(place))
		unlink(place->path);
}
