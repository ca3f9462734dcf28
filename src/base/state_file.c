#include "base/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"

static bool find_folder(char **ret, struct error *err)
{
	_cleanup_free_ char *state = NULL;

	if (!fs_xdg("XDG_STATE_HOME", ".local/state", &state, err))
		return false;
	*ret = xasprintf("%s/iamic", state);
	return true;
}

bool state_file_path(const char *name, char **ret, struct error *err)
{
	_cleanup_free_ char *folder = NULL;

	if (!find_folder(&folder, err))
		return false;
	*ret = xasprintf("%s/%s", folder, name);
	return true;
}

bool state_file_read(const char *name, struct buffer *ret, bool *ret_exists, struct error *err)
{
	_cleanup_free_ char *path = NULL;

	return state_file_path(name, &path, err) && fs_read(path, ret, ret_exists, err);
}

/* A short write is that of a full disk. */
static bool fill(int fd, const char *data, size_t len, bool is_durable)
{
	ssize_t n = write(fd, data, len);

	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	return n == (ssize_t)len && (!is_durable || fsync(fd) == 0);
}

bool state_file_write_in(const char *folder, const char *name, const char *data, size_t len, bool is_durable,
			 struct error *err)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", folder, name), *temporary = xasprintf("%s.new", path);
	_cleanup_close_ int fd = -1;

	if (!fs_make_private_dir(folder, err))
		return false;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && fill(fd, data, len, is_durable) && rename(temporary, path) == 0)
		return true;
	error_errno(err, "cannot write '%s'", path);
	if (fd >= 0)
		unlink(temporary);
	return false;
}

bool state_file_write(const char *name, const char *data, size_t len, bool is_durable, struct error *err)
{
	_cleanup_free_ char *folder = NULL;

	return find_folder(&folder, err) && state_file_write_in(folder, name, data, len, is_durable, err);
}

bool state_file_remove(const char *name, struct error *err)
{
	_cleanup_free_ char *folder = NULL, *path = NULL;

	if (!find_folder(&folder, err))
		return false;
	path = xasprintf("%s/%s", folder, name);
	return unlink(path) == 0 || errno == ENOENT || error_errno(err, "cannot remove '%s'", path);
}
